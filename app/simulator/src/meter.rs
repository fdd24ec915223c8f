//! [`Meter`]: the endless sequence of telegrams of one [`Model`].

use crate::hdlc;
use crate::household::Household;
use crate::model::{Model, Row, Speech};
use crate::truth::{Telegram, Truth};

/// One simulated meter.
///
/// It is an endless iterator of telegrams and a pure function of model, seed and start. The same three give the same
/// bytes. A later start gives the counters that an earlier one would have reached by then.
#[derive(Clone, Debug)]
pub struct Meter {
    row: Row,
    household: Household,
    longest_information: usize,
    start: i64,
    /// When the last telegram was sent, in milliseconds since 1970.
    last: i64,
    meter: Option<String>,
}

impl Meter {
    /// A meter that a reader listens to from `start_unix_seconds` on, counted from 1970-01-01T00:00:00Z.
    #[must_use]
    pub fn new(model: Model, seed: u64, start_unix_seconds: i64) -> Self {
        let row = model.row();
        let start = start_unix_seconds.saturating_mul(1000);
        Self {
            row,
            household: Household::new(seed, row.phases),
            longest_information: hdlc::LONGEST_INFORMATION,
            start,
            last: start.saturating_sub(1),
            meter: None,
        }
    }

    /// The same meter behind a link whose HDLC frames hold at most `longest_information` bytes of information. Longer
    /// lists come in several frames. Meters that send no HDLC frames are unchanged, and so are the Swiss ones, whose
    /// frames have a size of their own.
    #[must_use]
    pub fn segmented(self, longest_information: usize) -> Self {
        Self { longest_information, ..self }
    }
}

impl Iterator for Meter {
    type Item = Telegram;

    fn next(&mut self) -> Option<Telegram> {
        let now = self.row.pace.after(self.last);
        self.last = now;
        let (bytes, truth) = match self.row.speech {
            Speech::Hdlc(header, push) => {
                let (information, truth) = push(&self.household, now);
                (hdlc::frames(&header, &information, self.longest_information), truth)
            }
            Speech::Line(_, push) => push(&self.household, now),
        };
        self.meter = truth.meter.or(self.meter.take());
        let due = now.abs_diff(self.start);
        Some(Telegram { due, bytes, truth: Truth { meter: self.meter.clone(), ..truth } })
    }
}
