//! [`Applied`]: what a user has stated about a counter, as it applies to the counter's numbers.

use metertap_decoder::number::Number;

use super::{Counter, Pace, Position};

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in crate::log) struct Applied {
    /// How many statements had come into force at the start of the numbers' period.
    pub(in crate::log) era: u32,
    /// How many times faster than the meter itself the counter may count, rounded up.
    times: u32,
}

impl Default for Applied {
    fn default() -> Self {
        Self { era: 0, times: 1 }
    }
}

impl Counter {
    /// Multiplies all numbers by this factor; the caller keeps track of the factor's power of ten. `None` if the
    /// numbers get too large.
    pub(in crate::log) fn multiplied(mut self, by: Number) -> Option<Self> {
        let factor = by.mantissa;
        for mantissa in self.mantissas() {
            *mantissa = mantissa.checked_mul(factor)?;
        }
        let digits = i8::try_from(factor.unsigned_abs().checked_ilog10()?).ok()?;
        for position in self.positions() {
            // One step of the meter becomes several, so the resolution gets coarser with the factor.
            let resolution = position.resolution.saturating_add(by.scaler).saturating_add(digits + 1);
            position.resolution = resolution;
        }
        let whole = 10_i128.checked_pow(by.scaler.unsigned_abs().into())?;
        let times = if by.scaler > 0 { factor.saturating_mul(whole) } else { factor / whole + 1 };
        self.stated.times = u32::try_from(times).unwrap_or(u32::MAX);
        Some(self)
    }

    /// Makes this another kind of counter, whose pace no stated factor changes.
    pub(in crate::log) fn become_of(&mut self, pace: Pace) {
        (self.pace, self.stated.times) = (pace, 1);
    }

    /// Continues with a later counter, to which other statements apply: nothing was counted between the two.
    pub(super) fn restart(&mut self, later: &Self) {
        let (first, settled) = (self.first, self.counted().saturating_add(later.settled));
        *self = Self { first, settled, ..*later };
    }

    pub(super) fn most(&self, from: &Position, to: &Position, scaler: i8) -> i128 {
        self.pace.most(from, to, scaler).saturating_mul(self.stated.times.into())
    }

    pub(super) fn most_of_a_house(&self, from: &Position, to: &Position, scaler: i8) -> i128 {
        self.pace.most_of_a_house(from, to, scaler).saturating_mul(self.stated.times.into())
    }

    pub(super) fn notable(&self, from: &Position, to: &Position, scaler: i8) -> i128 {
        self.pace.notable(from, to, scaler).saturating_mul(self.stated.times.into())
    }

    fn positions(&mut self) -> impl Iterator<Item = &mut Position> {
        let lines = [Some(&mut self.now), self.held.as_mut(), self.before.as_mut()];
        let of_lines = lines.into_iter().flatten().flat_map(|line| [&mut line.first, &mut line.last]);
        [&mut self.first].into_iter().chain(of_lines)
    }
}
