//! [`Position`] and [`Line`]: a counter's position, and how it continued from there.

use crate::entry::Moment;

#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::log) struct Position {
    pub(in crate::log) number: i128,
    /// Since when the counter has been at this position; `None` in roll-ups that version 1 wrote.
    pub(in crate::log) at: Option<Moment>,
    /// The checksum of the meter's identification.
    pub(in crate::log) meter: Option<u32>,
    /// The power of ten with which the meter sent the number.
    pub(in crate::log) resolution: i8,
    /// The meter's own power at that time in kilowatts, rounded up; 0 if it sent none.
    pub(in crate::log) kilowatts: u32,
    pub(in crate::log) confirmed: bool,
}

/// A series of positions, where each can follow the previous one.
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
    /// This line, continued by `later` after a step between them.
    pub(super) fn and(self, step: i128, later: Self) -> Self {
        let counted = self.counted.saturating_add(step).saturating_add(later.counted);
        let mut last = later.last;
        if last.number == self.last.number {
            // The time is when the counter reached the position: a gas meter sends a position every second, but changes
            // it once an hour.
            last.at = self.last.at;
        }
        last.meter = last.meter.or(self.last.meter);
        Self { first: self.first, last, counted }
    }
}
