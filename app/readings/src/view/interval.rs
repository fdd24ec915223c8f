//! How often a meter sends: the median time between its last entries.
//!
//! The median is used because a Norwegian meter sends three lists of different lengths at three rates, and because one
//! gap or one repeated telegram must not change the result.

use crate::entry::Moment;

/// The usual time in milliseconds between these moments of reception, oldest first. `None` if there are fewer than
/// [`FEWEST`] moments, or if the usual time is zero.
///
/// An interval in which the clock was set back counts as zero.
#[must_use]
pub fn usual(received: &[Moment]) -> Option<u32> {
    if received.len() < FEWEST {
        return None;
    }
    let pairs = received.iter().zip(received.iter().skip(1));
    let mut intervals: Vec<i64> = pairs.map(|(one, next)| next.0.saturating_sub(one.0).max(0)).collect();
    intervals.sort_unstable();
    let median = intervals.get(intervals.len() / 2).copied()?;
    u32::try_from(median).ok().filter(|median| *median > 0)
}

/// The usual time in milliseconds between the columns of a chart that hold a value. The chart spans `milliseconds`.
///
/// It may be longer than the meter's interval: a Norwegian house reports its export only in every fifth list.
#[must_use]
pub fn between_columns(columns: &[Option<(f64, f64)>], milliseconds: i64) -> Option<u32> {
    let count = i64::try_from(columns.len()).ok()?;
    let filled = (0_i64..).zip(columns).filter(|(_, column)| column.is_some());
    let moments: Vec<Moment> = filled.map(|(at, _)| Moment(at * milliseconds / count)).collect();
    usual(&moments)
}

/// Whether the newest entry is so old that its values are no longer shown as current: three usual intervals.
#[must_use]
pub fn stale(newest: Moment, interval: u32, now: Moment) -> bool {
    now.0.saturating_sub(newest.0) > 3 * i64::from(interval)
}

/// With fewer entries there is at most one interval, which may be a coincidence.
pub const FEWEST: usize = 3;

#[cfg(test)]
mod tests {
    use super::*;

    fn moments(seconds: &[i64]) -> Vec<Moment> {
        seconds.iter().map(|second| Moment(second * 1000)).collect()
    }

    /// NVE: list 1 comes every 2 s with the import only, list 2 every 10 s with both directions.
    #[test]
    fn an_exporting_house_keeps_an_interval_of_ten_seconds() {
        let every_tenth: Vec<_> =
            (0..300).map(|second| (second % 10 == 0).then_some((-500.0, -500.0))).collect();
        assert_eq!(between_columns(&every_tenth, 300_000), Some(10_000));
        assert_eq!(between_columns(&[None, None], 300_000), None);
        assert_eq!(between_columns(&[], 300_000), None);
    }

    #[test]
    fn two_entries_give_no_interval() {
        assert_eq!(usual(&moments(&[])), None);
        assert_eq!(usual(&moments(&[0, 10])), None);
        assert_eq!(usual(&moments(&[0, 10, 20])), Some(10_000));
    }

    #[test]
    fn one_gap_does_not_change_the_interval() {
        assert_eq!(usual(&moments(&[0, 1, 2, 3, 3600, 3601, 3602])), Some(1000));
    }

    /// The rates of NVE's lists: list 1 every 2 s, with list 2 in its place every 10 s.
    #[test]
    fn a_norwegian_meter_has_an_interval_of_two_seconds() {
        assert_eq!(usual(&moments(&[0, 2, 4, 6, 8, 10, 12, 14])), Some(2000));
    }

    #[test]
    fn a_clock_set_back_gives_no_negative_interval() {
        assert_eq!(usual(&moments(&[100, 101, 40, 41, 42])), Some(1000));
        assert_eq!(usual(&moments(&[5, 5, 5])), None);
    }

    #[test]
    fn is_stale_after_three_intervals() {
        assert!(!stale(Moment(0), 10_000, Moment(30_000)));
        assert!(stale(Moment(0), 10_000, Moment(30_001)));
        assert!(!stale(Moment(50_000), 10_000, Moment(0)));
    }
}
