//! [`Prediction`]: how much will have been used by the end of the day and of the month, and tomorrow's curve.
//!
//! The input is hourly statistics, not values from a meter, so floats are fine. The expectation for an hour is the
//! median of that hour on similar days of the last four weeks. Workdays, Saturdays and Sundays are separate classes of
//! days. The expectation for the rest of a day is the median of the rests of similar days, not the sum of the medians
//! of its hours. The expectation for later days is a sum of means, because means add up and medians do not. Bands are
//! computed from the errors of the same method on those four weeks.

pub mod errors;
pub mod hours;

use metertap_decoder::time::Zone;
use serde::{Deserialize, Serialize};

use self::errors::Errors;
use self::hours::Days;
use crate::entry::Moment;
use crate::history::calendar::{Period, Span};

/// How much will have been used, in kilowatt hours.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Prediction {
    /// Until the end of today.
    pub today: Expected,
    /// Until the end of the month.
    pub month: Expected,
    /// Each hour of tomorrow.
    pub tomorrow: Vec<(Span, Band)>,
    /// How large the method's errors were lately; `None` until there are enough days to compute them, or if repeating
    /// last week makes no error.
    pub errors: Option<Errors>,
    /// The number of days that the prediction is based on.
    pub days: u32,
}

/// The total that a period will have at its end.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
pub struct Expected {
    /// What has been used so far.
    pub so_far: f64,
    /// What will have been used.
    pub band: Band,
}

/// The expected value, and the band in which the actual value lies on eight of ten days.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Serialize)]
pub struct Band {
    /// On one of ten days the actual value is lower.
    pub low: f64,
    /// The actual value is as likely to be above this as below.
    pub middle: f64,
    /// On one of ten days the actual value is higher.
    pub high: f64,
}

impl Band {
    fn plus(self, so_far: f64) -> Self {
        Self { low: self.low + so_far, middle: self.middle + so_far, high: self.high + so_far }
    }
}

impl Prediction {
    /// Predicts from the kilowatt hours used in each hour, in chronological order and as far as they are known.
    /// `under_way` is what was used since the current hour began. Returns `None` if fewer than 14 of the last 28 days
    /// are known.
    #[must_use]
    pub fn of(hours: &[(Span, Option<f64>)], under_way: f64, now: Moment, zone: Zone) -> Option<Self> {
        let days = Days::of(hours, zone);
        let today = days.number(now)?;
        let known = days.before(today);
        if known.len() < LEAST_DAYS {
            return None;
        }
        let hour = days.hour(now)?;
        let span = Period::Hour.around(now, zone)?;
        let gone = now.0.saturating_sub(span.from.0) as f64 / span.length().max(1) as f64;
        let rest = known.rest_of_day(today, hour, gone);
        let (of_today, of_month) = (days.sum(today, today, hour), days.month_before(now, zone)?);
        let today_so_far = of_today + under_way;
        let more = known.sum_of_days(today + 1, days.days_left(now, zone)?);
        let month_so_far = of_month + today_so_far;
        let month = Band {
            // The rest of today and the days after it vary independently.
            low: rest.middle + more.middle - hypot(rest.middle - rest.low, more.middle - more.low),
            middle: rest.middle + more.middle,
            high: rest.middle + more.middle + hypot(rest.high - rest.middle, more.high - more.middle),
        };
        let tomorrow = Period::Day.around(Moment(Period::Day.around(now, zone)?.to.0), zone)?;
        let curve = Period::Hour.within(tomorrow, zone).into_iter().filter_map(|hour| {
            let band = known.hour(today + 1, days.hour(hour.from)?)?;
            Some((hour, band))
        });
        Some(Self {
            today: Expected { so_far: today_so_far, band: rest.plus(today_so_far) },
            month: Expected { so_far: month_so_far, band: month.plus(month_so_far) },
            tomorrow: curve.collect(),
            errors: Errors::of(&days, today),
            days: u32::try_from(known.len()).unwrap_or(u32::MAX),
        })
    }
}

fn hypot(one: f64, other: f64) -> f64 {
    (one * one + other * other).sqrt()
}

/// With fewer days, nothing is predicted.
pub const LEAST_DAYS: usize = 14;
/// The most days that a prediction is made from.
pub(crate) const MOST_DAYS: i64 = 28;

#[cfg(test)]
mod tests {
    use super::*;

    fn oslo() -> Zone {
        Zone::named("Europe/Oslo").unwrap()
    }

    /// The hours of this many days until that moment, with the use that `used` gives for a day and an hour.
    fn hours(days: i64, until: &str, used: impl Fn(i64, usize) -> f64) -> (Vec<(Span, Option<f64>)>, Moment) {
        let now: Moment = until.parse().unwrap();
        let span = Span { from: Moment(now.0 - days * 86_400_000), to: now };
        let empty = Days::of(&[], oslo());
        let all = Period::Hour.within(span, oslo()).into_iter().filter(|hour| hour.to <= now);
        let of = |hour: Span| used(empty.number(hour.from).unwrap(), empty.hour(hour.from).unwrap());
        (all.map(|hour| (hour, Some(of(hour)))).collect(), now)
    }

    fn is_near(one: f64, other: f64) -> bool {
        (one - other).abs() < 1e-9
    }

    #[test]
    fn below_fourteen_days_nothing_is_predicted() {
        let (short, now) = hours(14, "2026-11-20T12:00:00Z", |_, _| 1.0);
        assert_eq!(Prediction::of(&short, 0.0, now, oslo()), None, "thirteen whole days");
        let (long, now) = hours(15, "2026-11-20T12:00:00Z", |_, _| 1.0);
        let found = Prediction::of(&long, 0.0, now, oslo()).unwrap();
        assert_eq!((found.days, found.errors), (14, None));
    }

    /// 0.5 kWh an hour, and 1 kWh an hour from 18:00 on. Until 13:00 in Oslo, 6.5 kWh are used; 2.5 and 6 kWh are to
    /// come.
    #[test]
    fn identical_days_are_predicted_exactly() {
        let (all, now) = hours(40, "2026-11-27T12:30:00Z", |_, hour| if hour < 18 { 0.5 } else { 1.0 });
        let found = Prediction::of(&all, 0.25, now, oslo()).unwrap();
        assert!(is_near(found.today.so_far, 6.75) && is_near(found.today.band.middle, 15.0), "{found:?}");
        assert!(is_near(found.today.band.low, 15.0) && is_near(found.today.band.high, 15.0));
        // Thirty days of 15 kWh.
        assert!(is_near(found.month.band.middle, 450.0) && is_near(found.month.so_far, 26.0 * 15.0 + 6.75));
        assert_eq!((found.tomorrow.len(), found.tomorrow[20].1.middle), (24, 1.0));
    }

    #[test]
    fn days_with_clock_changes_are_predicted() {
        let (all, now) = hours(40, "2026-10-25T20:30:00Z", |_, _| 0.5);
        let found = Prediction::of(&all, 0.25, now, oslo()).unwrap();
        // 25 hours.
        assert!(is_near(found.today.band.middle, 12.5), "{found:?}");
        let (all, now) = hours(40, "2026-03-28T20:30:00Z", |_, _| 0.5);
        assert_eq!(Prediction::of(&all, 0.25, now, oslo()).unwrap().tomorrow.len(), 23);
    }

    #[test]
    fn weekends_are_predicted_from_weekends() {
        let (all, now) =
            hours(40, "2026-09-18T12:00:00Z", |day, _| if (day + 3).rem_euclid(7) >= 5 { 2.0 } else { 1.0 });
        let found = Prediction::of(&all, 0.0, now, oslo()).unwrap();
        assert_eq!(found.tomorrow[10].1.middle, 2.0, "Saturday");
        // Last week's values predict these days exactly, so there is no error to compare the method's with.
        assert_eq!(found.errors, None);
    }
}
