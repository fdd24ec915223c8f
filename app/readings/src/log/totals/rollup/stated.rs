//! Applies a user's factor to the numbers of sums.

use metertap_decoder::number::Number;

use super::{Sum, SumKind};
use crate::log::totals::counter::Pace;

impl Sum {
    /// Multiplies all numbers by this factor; `None` if they get too large.
    pub(in crate::log) fn multiplied(mut self, by: Number) -> Option<Self> {
        let scaler = self.scaler.checked_add(by.scaler)?;
        self.kind = match self.kind {
            SumKind::Measured(sum) => SumKind::Measured(sum.checked_mul(by.mantissa)?),
            SumKind::Counted(counter) => SumKind::Counted(counter.multiplied(by)?),
        };
        let (least, most) = (self.least.checked_mul(by.mantissa)?, self.most.checked_mul(by.mantissa)?);
        Some(Self { scaler, least, most, ..self })
    }

    /// Marks the sum as one of a period in which this many statements were in force. `pace` is the kind of counter, if
    /// a different one was stated.
    pub(in crate::log) fn in_era(mut self, era: u32, pace: Option<Pace>) -> Self {
        if let SumKind::Counted(counter) = &mut self.kind {
            counter.stated.era = era;
            pace.into_iter().for_each(|pace| counter.become_of(pace));
        }
        self
    }
}
