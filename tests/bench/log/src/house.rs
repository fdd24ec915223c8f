//! [`House`]: the readings of a simulated meter, as a computer receives them.

use metertap_decoder::reading::Reading;
use metertap_decoder::session::{Output, Session, Setup};
use metertap_decoder::stack::Stack;
use metertap_decoder::time::Instant;
use metertap_readings::entry::Moment;
use metertap_simulator::{Meter, Model};

/// An endless sequence of a meter's readings, one every ten seconds. The first is at [`START`].
#[derive(Debug)]
pub struct House {
    meter: Meter,
    session: Session,
    /// The time before which telegrams are skipped, in milliseconds after the start.
    next: u64,
}

impl House {
    /// The house with a meter of that model.
    #[must_use]
    pub fn new(model: Model) -> Self {
        let stack = Stack::of_protocol(model.protocol()).unwrap_or_default();
        let session = Session::new(Setup { stack, ..Setup::default() }, Instant(0));
        Self { meter: Meter::new(model, 1, START.0 / 1000), session, next: 0 }
    }

    /// Decodes a telegram that arrived that many milliseconds after the start.
    fn hear(&mut self, due: u64, bytes: &[u8]) -> Option<Reading> {
        self.session.handle_bytes(Instant(due), bytes);
        loop {
            match self.session.poll() {
                Output::Reading(reading, _) => return Some(reading),
                Output::Wait(_) => return None,
                _ => {}
            }
        }
    }
}

impl Iterator for House {
    type Item = (Moment, Reading);

    fn next(&mut self) -> Option<(Moment, Reading)> {
        loop {
            let telegram = self.meter.next()?;
            if telegram.due < self.next {
                continue;
            }
            self.next = telegram.due - telegram.due % APART + APART;
            // A computer receives telegrams up to a few milliseconds late.
            let late = (telegram.due / 1000).wrapping_mul(2_654_435_761) % 7;
            let received = Moment(START.0 + (telegram.due + late).cast_signed());
            if let Some(reading) = self.hear(telegram.due, &telegram.bytes) {
                return Some((received, reading));
            }
        }
    }
}

/// 2026-11-21T00:00:00Z.
pub const START: Moment = Moment(1_795_219_200_000);
/// Milliseconds between two readings.
const APART: u64 = 10_000;
