//! [`Days`]: consecutive hours as days of 24 hours. [`Known`]: the whole days before a day, to learn from.

use std::collections::BTreeMap;

use metertap_decoder::civil::Date;
use metertap_decoder::time::Zone;

use super::{Band, MOST_DAYS};
use crate::entry::Moment;
use crate::history::calendar::Span;

/// Days with the energy used in each of their hours.
#[derive(Clone, Debug)]
pub struct Days {
    zone: Zone,
    days: BTreeMap<i64, Day>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Day {
    /// By hours of the clock. An hour that clocks show twice has the sum of both.
    hours: [Option<f64>; HOURS],
}

/// The whole days among the 28 days before a day.
#[derive(Clone, Debug)]
pub struct Known {
    days: Vec<(i64, Day)>,
}

impl Days {
    /// Days from hours with the energy used in each.
    #[must_use]
    pub fn of(hours: &[(Span, Option<f64>)], zone: Zone) -> Self {
        let mut days = Self { zone, days: BTreeMap::new() };
        for (span, used) in hours {
            let (Some(day), Some(hour), Some(used)) = (days.number(span.from), days.hour(span.from), used)
            else {
                continue;
            };
            let day = days.days.entry(day).or_default();
            if let Some(known) = day.hours.get_mut(hour) {
                *known = Some(known.unwrap_or_default() + used);
            }
        }
        days
    }

    /// The number of the day that a moment lies in.
    #[must_use]
    pub fn number(&self, moment: Moment) -> Option<i64> {
        Some(self.zone.local(moment.0.div_euclid(1000))?.date().number())
    }

    /// The hour that clocks show at a moment.
    #[must_use]
    pub fn hour(&self, moment: Moment) -> Option<usize> {
        let (hour, _, _) = self.zone.local(moment.0.div_euclid(1000))?.time().parts();
        usize::try_from(hour).ok()
    }

    /// The whole days among the 28 days before this one.
    #[must_use]
    pub fn before(&self, day: i64) -> Known {
        let days = self.days.range(day.saturating_sub(MOST_DAYS)..day);
        let whole = days.filter(|(_, day)| day.is_whole()).map(|(number, day)| (*number, *day));
        Known { days: whole.collect() }
    }

    /// The energy used from one day to another; on the last day, only in the hours before `hour`.
    #[must_use]
    pub fn sum(&self, from: i64, to: i64, hour: usize) -> f64 {
        let days = self.days.range(from..=to);
        let of_day = |(number, day): (&i64, &Day)| {
            if *number < to { day.total() } else { day.hours.iter().take(hour).flatten().sum() }
        };
        days.map(of_day).sum()
    }

    /// The energy used from the beginning of the month until the end of yesterday.
    #[must_use]
    pub fn month_before(&self, now: Moment, zone: Zone) -> Option<f64> {
        let today = zone.local(now.0.div_euclid(1000))?.date();
        Some(self.sum(today.first_of_month().number(), today.number(), 0))
    }

    /// How many days of the month come after today.
    #[must_use]
    pub fn days_left(&self, now: Moment, zone: Zone) -> Option<i64> {
        let today: Date = zone.local(now.0.div_euclid(1000))?.date();
        let next = today.first_of_month().plus_months(1)?;
        Some(next.number().saturating_sub(today.number()).saturating_sub(1))
    }

    /// The energy used in an hour of a whole day; `None` if the day is not whole, or the hour is not known.
    pub(super) fn used(&self, day: i64, hour: usize) -> Option<f64> {
        self.days.get(&day).filter(|day| day.is_whole())?.hours.get(hour).copied()?
    }

    /// The energy used on a whole day; `None` if the day is not whole.
    pub(super) fn total(&self, day: i64) -> Option<f64> {
        self.days.get(&day).filter(|day| day.is_whole()).map(Day::total)
    }
}

impl Day {
    /// Whether at most one hour is unknown: clocks skip an hour when summer time begins.
    fn is_whole(&self) -> bool {
        self.hours.iter().filter(|hour| hour.is_none()).count() <= 1
    }

    fn total(&self) -> f64 {
        self.hours.iter().flatten().sum()
    }

    /// The energy used from an hour on; in that hour, only the part after the share `gone`.
    fn rest(&self, hour: usize, gone: f64) -> f64 {
        let part = self.hours.get(hour).copied().flatten().unwrap_or_default() * (1.0 - gone);
        part + self.hours.iter().skip(hour + 1).flatten().sum::<f64>()
    }
}

impl Known {
    /// The number of days.
    #[must_use]
    pub fn len(&self) -> usize {
        self.days.len()
    }

    /// Whether there are no days.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.days.is_empty()
    }

    /// The expected use in the rest of a day, after the share `gone` of the hour `hour`.
    #[must_use]
    pub fn rest_of_day(&self, day: i64, hour: usize, gone: f64) -> Band {
        self.band(day, |day| Some(day.rest(hour, gone))).unwrap_or_default()
    }

    /// The expected use in an hour of a day.
    #[must_use]
    pub fn hour(&self, day: i64, hour: usize) -> Option<Band> {
        self.band(day, |day| day.hours.get(hour).copied().flatten())
    }

    /// The expected use on `count` days from `first` on.
    #[must_use]
    pub fn sum_of_days(&self, first: i64, count: i64) -> Band {
        let total = |day: &Day| Some(day.total());
        let of_day = |day: i64| mean(&self.like(day, None, total));
        let middle: f64 = (first..first.saturating_add(count)).map(of_day).sum();
        let off = |number: i64, day: &Day| day.total() - mean(&self.like(number, Some(number), total));
        let squares: Vec<f64> = self.days.iter().map(|(number, day)| off(*number, day).powi(2)).collect();
        let (days, known) = (count as f64, self.len().max(1) as f64);
        // Each day varies independently, and the error of the mean of the known days is common to all.
        let spread = TENTH * (mean(&squares) * (days + days * days / known)).sqrt();
        Band { low: (middle - spread).max(0.0), middle, high: middle + spread }
    }

    /// The median of similar days, and a band from the errors of the same method on all known days.
    fn band(&self, day: i64, of: impl Fn(&Day) -> Option<f64>) -> Option<Band> {
        let middle = median(self.like(day, None, &of))?;
        let off = self.days.iter().filter_map(|(number, day)| {
            let expected = median(self.like(*number, Some(*number), &of))?;
            Some(of(day)? - expected)
        });
        let mut off: Vec<f64> = off.collect();
        off.sort_by(f64::total_cmp);
        let low = middle + quantile(&off, 0.1)?;
        let high = middle + quantile(&off, 0.9)?;
        Some(Band { low: low.clamp(0.0, middle), middle, high: high.max(middle) })
    }

    /// The values of days similar to a day, leaving out the day `without`; of all days if there are too few similar
    /// ones.
    fn like(&self, day: i64, without: Option<i64>, of: impl Fn(&Day) -> Option<f64>) -> Vec<f64> {
        let others = || self.days.iter().filter(|(number, _)| Some(*number) != without);
        let alike = others().filter(|(number, _)| class(*number) == class(day));
        let alike: Vec<f64> = alike.filter_map(|(_, day)| of(day)).collect();
        if alike.len() >= FEWEST { alike } else { others().filter_map(|(_, day)| of(day)).collect() }
    }
}

/// The class of a day: workday, Saturday or Sunday. 1970-01-01 was a Thursday.
const fn class(day: i64) -> u8 {
    match (day + 3).rem_euclid(7) {
        5 => 1,
        6 => 2,
        _ => 0,
    }
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}

fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    quantile(&values, 0.5)
}

/// The quantile of n values at rank `share` · (n + 1), interpolated between the values beside it; beyond the ends, the
/// outermost value.
fn quantile(sorted: &[f64], share: f64) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    let place = (share * (last as f64 + 2.0) - 1.0).clamp(0.0, last as f64);
    let at = |place: f64| {
        (0..=last).take_while(|rank| *rank as f64 <= place).last().and_then(|rank| sorted.get(rank))
    };
    let (below, above) = (at(place)?, at(place.ceil())?);
    Some(below + (above - below) * place.fract())
}

/// The hours of a day.
pub const HOURS: usize = 24;
/// With fewer similar days, all days are used instead.
const FEWEST: usize = 3;
/// A tenth of a normal distribution lies this many standard deviations or more above its mean.
const TENTH: f64 = 1.2816;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_lie_between_ranks() {
        let values: Vec<f64> = (1..=9).map(f64::from).collect();
        let found = [0.1, 0.5, 0.9, 0.0, 1.0].map(|share| quantile(&values, share).unwrap());
        assert_eq!(found, [1.0, 5.0, 9.0, 1.0, 9.0]);
        assert_eq!(quantile(&[1.0, 2.0], 0.5), Some(1.5));
        assert_eq!(quantile(&[], 0.5), None);
    }

    #[test]
    fn days_are_workdays_saturdays_or_sundays() {
        // 2026-11-23 was a Monday.
        let monday = Date::new(2026, 11, 23).unwrap().number();
        let classes: Vec<u8> = (monday..monday + 7).map(class).collect();
        assert_eq!(classes, [0, 0, 0, 0, 0, 1, 2]);
    }
}
