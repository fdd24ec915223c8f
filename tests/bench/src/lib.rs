//! The benchmark of our decoder: from bytes, as a browser delivers them, to finished readings, natively and in wasm.

use std::hint::black_box;

use metertap_decoder::session::{Output, Session, Setup};
use metertap_decoder::stack::Stack;
use metertap_decoder::time::Instant;

#[cfg(target_arch = "wasm32")]
pub mod wasm;

/// Decodes the bytes, piece by piece, and returns the number of values in the readings.
#[must_use]
pub fn values(stack: Stack, bytes: &[u8]) -> usize {
    let mut session = Session::new(Setup { stack, ..Setup::default() }, Instant(0));
    let mut values = 0;
    for piece in bytes.chunks(PIECE) {
        session.handle_bytes(Instant(0), piece);
        values += drain(&mut session);
    }
    session.handle_timeout(Instant(u64::MAX));
    values + drain(&mut session)
}

fn drain(session: &mut Session) -> usize {
    let mut values = 0;
    loop {
        match session.poll() {
            Output::Wait(_) => return values,
            Output::Reading(reading, _) => values += black_box(reading).values.len(),
            _ => {}
        }
    }
}

/// The number of bytes in one piece. A browser's stream delivers what has arrived, up to the size of its buffer.
const PIECE: usize = 4096;
