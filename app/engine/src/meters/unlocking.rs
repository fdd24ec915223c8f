//! Keys that the user has entered for a meter, tried at once on the last telegram that needed a key.

use metertap_decoder::session::{Notice, Output, Session, Setup, Stacks};
use metertap_decoder::time::Instant;
use metertap_protocol::{KeptOctets, Trouble};
use metertap_readings::entry::Moment;
use metertap_readings::fault::Code;

use super::meter::Meter;
use crate::trouble::refused;

/// Tries a meter's keys on its last telegram that needed a key, and sets the meter's error to the result. Leaves the
/// error as it is if there is no such telegram, or if the meter's protocol is not known.
pub fn try_keys(stacks: Stacks, meter: &mut Meter, at: Moment) {
    let locked = meter.bytes.last(Code::is_of_cipher);
    if let (Some(locked), Some(stack)) = (locked, meter.stack()) {
        let session =
            Session::of(stacks, Setup { stack, keys: meter.keys(), ..Setup::default() }, Instant(0));
        meter.state.trouble = tried(session, &locked, at);
    }
}

/// The error that a session with keys finds in a telegram; `None` if it finds none.
fn tried(mut session: Session, telegram: &KeptOctets, at: Moment) -> Option<Trouble> {
    session.handle_bytes(Instant(0), &telegram.octets);
    session.handle_timeout(Instant(u64::MAX));
    loop {
        match session.poll() {
            Output::Notice(Notice::Fault(error, span)) => return Some(refused(&error, span, at)),
            Output::Reading(..) | Output::Remembered(..) | Output::Wait(_) => return None,
            Output::Notice(_) | Output::Transmit(_) | Output::Line(_) => {}
        }
    }
}
