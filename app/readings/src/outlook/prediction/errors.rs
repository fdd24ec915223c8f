//! [`Errors`]: how large the method's errors were lately, compared with repeating last week.

use serde::{Deserialize, Serialize};

use super::hours::{Days, HOURS};
use super::{LEAST_DAYS, MOST_DAYS};

/// The method's errors on the last 28 days. Each day is predicted from what was known before it.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
pub struct Errors {
    /// The mean error of an hour, divided by the error of repeating the value of a week before (Hyndman and Koehler
    /// 2006). Below 1, the method is better.
    pub mase: f64,
    /// The sum of the errors of daily totals, divided by the sum of these totals.
    pub wape: f64,
    /// The number of days compared.
    pub days: u32,
}

impl Errors {
    /// The errors on the days before `today`; `None` if none of them could be predicted, if nothing was used on them,
    /// or if repeating last week makes no error.
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
