//! [`Position`] and [`Line`]: where a counter stood, and how it went on from there.

use crate::entry::Moment;

/// Where a counter stood.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::log) struct Position {
    pub(in crate::log) number: i128,
    /// Since when it stands there; none in roll-ups that version 1 wrote.
    pub(in crate::log) at: Option<Moment>,
    /// Checksum of the meter's identification.
    pub(in crate::log) meter: Option<u32>,
    /// The power of ten that it was stated with.
    pub(in crate::log) resolution: i8,
    /// The meter's own power at that time, rounded up; 0 where it said none.
    pub(in crate::log) kilowatts: u32,
    /// Whether a person says that it is right.
    pub(in crate::log) confirmed: bool,
}

/// Positions of which each can follow the one before.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::log) struct Line {
    pub(in crate::log) first: Position,
    pub(in crate::log) last: Position,
    pub(in crate::log) counted: i128,
}

impl Position {
    pub(super) fn is_of_another_meter(&self, other: &Self) -> bool {
        self.meter.is_some() && other.meter.is_some() && self.meter != other.meter
    }

    pub(super) fn to(&self, other: &Self) -> i128 {
        other.number.saturating_sub(self.number)
    }
}

impl Line {
    /// This line, and after that step another one.
    pub(super) fn and(self, step: i128, later: Self) -> Self {
        let counted = self.counted.saturating_add(step).saturating_add(later.counted);
        let mut last = later.last;
        if last.number == self.last.number {
            // It stands there since it came there: a gas meter counts in an hour what it tells every second.
            last.at = self.last.at;
        }
        last.meter = last.meter.or(self.last.meter);
        Self { first: self.first, last, counted }
    }
}
