//! [`Meter`]: an endless run of telegrams at the pace of one [`Model`].

use crate::hdlc;
use crate::household::Household;
use crate::model::{Model, Row, Speech};
use crate::truth::{Telegram, Truth};

/// One simulated meter.
///
/// An endless iterator of what it sends, a pure function of model, seed and start: the same three give the same
/// octets, and with a later start the counters stand where they would have got to.
#[derive(Clone, Debug)]
pub struct Meter {
    row: Row,
    household: Household,
    longest_information: usize,
    start: i64,
    /// Milliseconds since 1970 of the telegram sent last.
    last: i64,
    meter: Option<String>,
}

impl Meter {
    /// A meter that is listened to from so many seconds after 1970-01-01T00:00:00Z on.
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

    /// The same meter behind a link whose frames hold at most so many octets of information: longer lists come in
    /// several HDLC frames. P1 has no frames, and stays as it is.
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
        let (octets, truth) = match self.row.speech {
            Speech::Hdlc(header, push) => {
                let (information, truth) = push(&self.household, now);
                (hdlc::frames(&header, &information, self.longest_information), truth)
            }
            Speech::Line(_, push) => push(&self.household, now),
        };
        self.meter = truth.meter.or(self.meter.take());
        let due = now.abs_diff(self.start);
        Some(Telegram { due, octets, truth: Truth { meter: self.meter.clone(), ..truth } })
    }
}
