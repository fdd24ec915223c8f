//! [`Held`]: how much space a meter's raw readings take on the disk, and which of them are deleted first.
//!
//! Quarters and days are kept forever: they are small, and they hold the totals that users come back for. Only the raw
//! readings are thinned, the oldest first.

use serde::{Deserialize, Serialize};

use crate::entry::{Entry, Moment};
use crate::log::format::directory::Span;

/// How many raw readings of a meter are held.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Held {
    /// The number of readings.
    pub readings: u64,
    /// How many bytes they take on the disk. The newest readings, which are not in a chunk yet, are not counted.
    pub octets: u64,
    /// How many bytes a day's readings take; `None` until the chunks span an hour.
    pub octets_a_day: Option<u64>,
    /// When the oldest reading was received.
    pub since: Option<Moment>,
    /// How many older readings were deleted.
    pub gone: u64,
}

impl Held {
    /// Computes this from a meter's chunks and its newest entries.
    #[must_use]
    pub fn of(spans: &[Span], newest: &[Entry]) -> Self {
        let chunks = spans.iter().map(|span| span.from).min();
        let first = spans.iter().map(|span| span.first).chain(newest.iter().map(|entry| entry.seq)).min();
        Self {
            readings: spans.iter().map(|span| span.entries).sum::<u64>() + newest.len() as u64,
            octets: spans.iter().map(|span| span.bytes).sum(),
            octets_a_day: octets_a_day(spans),
            since: chunks.or_else(|| newest.iter().map(|entry| entry.received).min()),
            // Entries are numbered from 1, with gaps only after damage.
            gone: first.map_or(0, |first| first.saturating_sub(1)),
        }
    }

    /// Combines two logs of a meter: imported readings (`self`), to which no more are added, and its own readings
    /// (`later`).
    #[must_use]
    pub fn and(&self, later: &Self) -> Self {
        Self {
            readings: self.readings + later.readings,
            octets: self.octets + later.octets,
            octets_a_day: later.octets_a_day,
            since: self.since.into_iter().chain(later.since).min(),
            gone: self.gone + later.gone,
        }
    }
}

/// How many bytes a meter's chunks take per day, measured on the chunks of its last month; `None` until these span an
/// hour.
#[must_use]
pub fn octets_a_day(spans: &[Span]) -> Option<u64> {
    let newest = spans.iter().map(|span| span.to).max()?;
    let since = Moment(newest.0.saturating_sub(31 * DAY));
    let month = || spans.iter().filter(|span| span.from >= since);
    let bytes: u128 = month().map(|span| u128::from(span.bytes)).sum();
    let oldest = month().map(|span| span.from).min()?;
    let time = u128::try_from(i128::from(newest.0) - i128::from(oldest.0)).ok()?;
    if time < HOUR {
        return None;
    }
    u64::try_from(bytes * DAY.unsigned_abs() as u128 / time).ok()
}

/// When each of these chunks ended, going by their order in the log: no chunk ends before one that precedes it,
/// whatever the clock said. An end more than a day after certain time, or before 2000, is ignored. Such a chunk is
/// taken to be as old as the next one, which is known to have come later.
#[must_use]
pub fn ends(spans: &[Span], certain: Moment) -> Vec<Moment> {
    let believed = EARLIEST..=Moment(certain.0.saturating_add(DAY));
    let latest = spans.iter().scan(EARLIEST, |latest, span| {
        let is_believed = believed.contains(&span.to);
        if is_believed {
            *latest = span.to.max(*latest);
        }
        Some(is_believed.then_some(*latest))
    });
    let latest: Vec<_> = latest.collect();
    let mut next = latest.iter().flatten().last().map_or(certain, |end| certain.max(*end));
    let mut ends: Vec<_> = latest
        .into_iter()
        .rev()
        .map(|end| {
            next = end.unwrap_or(next);
            next
        })
        .collect();
    ends.reverse();
    ends
}

/// The ends from [`ends`], each with the latest moment that the clock had shown up to that chunk. If several chunks end
/// at the same moment because their clock is not believed, the latest moment shown still tells which of them is older.
#[must_use]
pub fn ages(spans: &[Span], certain: Moment) -> Vec<(Moment, Moment)> {
    let said = spans.iter().scan(Moment(i64::MIN), |said, span| {
        *said = span.to.max(*said);
        Some(*said)
    });
    ends(spans, certain).into_iter().zip(said).collect()
}

/// How many chunks must be deleted to free this many bytes. `sizes` are the chunks' sizes in bytes, in the order of
/// deletion. `None` if all of them together are smaller.
#[must_use]
pub fn count_for_room(sizes: &[u64], bytes: u64) -> Option<usize> {
    let mut freed: u64 = 0;
    let last = sizes.iter().position(|size| {
        freed = freed.saturating_add(*size);
        freed >= bytes
    });
    last.map(|last| last + 1)
}

/// 2000-01-01: a clock that shows an earlier time has never been set.
pub(in crate::log) const EARLIEST: Moment = Moment(946_684_800_000);
const DAY: i64 = 86_400_000;
const HOUR: u128 = 3_599_000;

#[cfg(test)]
mod tests {
    use super::*;

    /// An hour of readings, one every ten seconds, ten bytes each.
    fn hour(place: i64) -> Span {
        let from = place * 3_600_000;
        let first = place.unsigned_abs() * 360 + 1;
        Span {
            first,
            last: first + 359,
            entries: 360,
            from: Moment(from),
            to: Moment(from + 3_590_000),
            bytes: 3600,
        }
    }

    #[test]
    fn sizes_are_estimated_from_the_last_month() {
        let days: Vec<Span> = (0..24 * 60).map(hour).collect();
        let a_day = octets_a_day(&days).unwrap();
        assert!((86_400..86_500).contains(&a_day), "{a_day}");
        assert_eq!(octets_a_day(&[]), None);
        assert_eq!(octets_a_day(&days[..1]), None, "a chunk spans less than an hour");
        assert!(octets_a_day(&days[..2]).is_some());
    }

    #[test]
    fn the_oldest_chunks_are_freed_first() {
        let hours: Vec<_> = (0..10).map(|place| hour(place).bytes).collect();
        assert_eq!(count_for_room(&hours, 3600), Some(1));
        assert_eq!(count_for_room(&hours, 3601), Some(2));
        assert_eq!(count_for_room(&hours, 36_001), None);
    }

    /// The hours of a log by what the clock showed in them: whole hours since a start in 2026.
    #[test]
    fn a_chunks_age_follows_from_its_place_in_the_log() {
        const BEGAN: i64 = 493_608;
        const NEVER_SET: i64 = -BEGAN + 7;
        let years = 3 * 8766;
        for (said, expected) in [
            (&[0, 1, 2, 3][..], &[0, 1, 2, 3][..]),
            // The clock is ahead for an hour, then right again: the chunk is no younger than the one after it.
            (&[0, 1, years, 3, 4], &[0, 1, 3, 3, 4]),
            (&[0, years, years + 1, 3, years, 5], &[0, 3, 3, 3, 5, 5]),
            // The clock is behind: the chunk is no older than the one before it.
            (&[0, 1, -years, 3], &[0, 1, 1, 3]),
            (&[0, 1, NEVER_SET, NEVER_SET, 4], &[0, 1, 4, 4, 4]),
            // No chunk comes before: the chunk is as old as the one after it.
            (&[NEVER_SET, NEVER_SET, 2, 3], &[2, 2, 2, 3]),
            // No chunk comes after: the chunk may have just ended.
            (&[0, 1, years], &[0, 1, 9]),
            (&[NEVER_SET, years], &[9, 9]),
            (&[], &[]),
        ] {
            let spans: Vec<_> = said.iter().map(|place| hour(BEGAN + place)).collect();
            let ends = ends(&spans, hour(BEGAN + 9).to);
            let expected: Vec<_> = expected.iter().map(|place| hour(BEGAN + place).to).collect();
            assert_eq!(ends, expected, "{said:?}");
        }
    }
}
