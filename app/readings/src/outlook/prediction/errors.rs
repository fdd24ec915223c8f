//! [`Errors`]: how far the method was off lately, beside what last week would have said.

use serde::{Deserialize, Serialize};

use super::hours::{Days, HOURS};
use super::{LEAST_DAYS, MOST_DAYS};

/// How far the method was off on the last 28 days, each predicted from what was known before it.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
pub struct Errors {
    /// The mean error of an hour, as a share of the error of saying the same as a week before (Hyndman and Koehler 2006):
    /// below 1 is better than that.
    pub mase: f64,
    /// The errors of the days' sums, as a share of these sums.
    pub wape: f64,
    /// Of so many days.
    pub days: u32,
}

impl Errors {
    /// Of the days before that one; none where none of them could be predicted.
    #[must_use]
    pub fn of(days: &Days, today: i64) -> Option<Self> {
        let (mut off, mut naive, mut sums, mut all, mut count) = (0.0, 0.0, 0.0, 0.0, 0);
        for day in today.saturating_sub(MOST_DAYS)..today {
            let known = days.before(day);
            let (Some(total), true) = (days.total(day), known.len() >= LEAST_DAYS) else { continue };
            if days.total(day - WEEK).is_none() {
                continue;
            }
            for hour in 0..HOURS {
                let last_week = days.used(day - WEEK, hour);
                if let (Some(used), Some(before), Some(band)) =
                    (days.used(day, hour), last_week, known.hour(day, hour))
                {
                    off += (used - band.middle).abs();
                    naive += (used - before).abs();
                }
            }
            sums += (total - known.rest_of_day(day, 0, 0.0).middle).abs();
            all += total;
            count += 1;
        }
        let is_known = count > 0 && naive > 0.0 && all > 0.0;
        is_known.then(|| Self { mase: off / naive, wape: sums / all, days: count })
    }
}

const WEEK: i64 = 7;
