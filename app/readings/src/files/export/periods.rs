//! [`Periods`]: turns quarters and days into the rows of a table: quarters, hours, days or months in the house's zone.
//!
//! Quarters or days go in, in chronological order. A period is complete when the first quarter or day after it goes in.
//! A counter is counted from its last position before the period, so the time between two readings always belongs to a
//! period, and all periods together add up to what the counter shows.

use std::collections::HashMap;

use metertap_decoder::number::Number;
use metertap_decoder::time::Zone;

use super::Resolution;
use crate::entry::Moment;
use crate::log::calendar::{Day, Quarter};
use crate::log::totals::rollup::{RollUp, Sum};
use crate::log::totals::track::Track;

#[derive(Clone, Debug)]
pub(super) struct Periods {
    resolution: Resolution,
    zone: Zone,
    /// The number of the current period, and its roll-up so far.
    now: Option<(i64, RollUp)>,
    /// The earlier roll-ups of each track, joined. A counter is counted from the last position in them.
    before: HashMap<Track, Sum>,
}

#[derive(Debug)]
pub(super) struct Period<'a> {
    pub(super) start: Moment,
    pub(super) sum: &'a RollUp,
    before: &'a HashMap<Track, Sum>,
}

impl Period<'_> {
    /// What a counter has counted since its last position before the period, or else since its first position in the
    /// period.
    pub(super) fn counted(&self, track: Track) -> Option<Number> {
        let sum = self.sum.tracks.get(&track)?;
        self.before.get(&track).and_then(|before| sum.counted_since(before)).or_else(|| sum.counted())
    }
}

impl Periods {
    /// Quarters and hours are combined from quarters, days and months from days.
    pub(super) fn new(resolution: Resolution, zone: Zone) -> Self {
        Self { resolution, zone, now: None, before: HashMap::new() }
    }

    /// Takes earlier positions, from which counters are counted.
    pub(super) fn earlier(&mut self, rolled: &RollUp) {
        for (track, sum) in &rolled.tracks {
            self.before.entry(*track).and_modify(|before| before.join(sum)).or_insert(*sum);
        }
    }

    /// Takes the next quarter or day, and passes the period that it completes to `row`.
    pub(super) fn take(&mut self, number: i64, rolled: &RollUp, row: impl FnOnce(&Period<'_>)) {
        let number = match self.resolution {
            Resolution::Raw | Resolution::Quarter | Resolution::Day => number,
            Resolution::Hour => Quarter(number).start_of_hour(self.zone).0,
            Resolution::Month => Day(number).month().map_or(number, |Day(first)| first),
        };
        match &mut self.now {
            Some((now, sum)) if *now == number => sum.join(rolled),
            _ => {
                self.hand_over(row);
                self.now = Some((number, rolled.clone()));
            }
        }
    }

    /// Passes the last period of a meter to `row`, and forgets the meter's counters.
    pub(super) fn end(&mut self, row: impl FnOnce(&Period<'_>)) {
        self.hand_over(row);
        self.before.clear();
    }

    fn hand_over(&mut self, row: impl FnOnce(&Period<'_>)) {
        let Some((number, sum)) = self.now.take() else { return };
        let start = match self.resolution {
            Resolution::Raw | Resolution::Quarter | Resolution::Hour => Some(Quarter(number).start()),
            Resolution::Day | Resolution::Month => Day(number).start(self.zone),
        };
        // A day outside the calendar cannot be written.
        if let Some(start) = start {
            row(&Period { start, sum: &sum, before: &self.before });
        }
        self.earlier(&sum);
    }
}
