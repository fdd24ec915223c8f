//! [`Profile`]: how a flow is distributed over hours, weekdays and the year.
//!
//! A profile is computed from what flowed in each hour. Its values are for charts, so they are floats: kilowatts for
//! energies in kilowatt hours, cubic metres an hour for volumes.

use metertap_decoder::time::Zone;
use serde::{Deserialize, Serialize};

use super::calendar::{Period, Span};
use crate::entry::Moment;
use crate::log::calendar::{Day, Quarter};

/// How a flow is distributed.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
pub struct Profile {
    /// A row for each day: its span, and the mean of each hour of the clock.
    pub days: Vec<(Span, Vec<Option<f64>>)>,
    /// From Monday to Sunday, for each hour of the clock, the values that 90, 50 and 10 % of such hours exceed.
    pub week: Vec<Vec<Option<Spread>>>,
    /// The means of all hours, the highest first, thinned to the width of a chart.
    pub duration: Vec<f64>,
}

/// How values are distributed.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
pub struct Spread {
    /// A tenth lies below.
    pub low: f64,
    /// Half lies below.
    pub median: f64,
    /// A tenth lies above.
    pub high: f64,
}

impl Profile {
    /// Computes the profile from hours in chronological order, each with the amount that flowed in it. `hours` leaves
    /// out hours whose amount is unknown.
    #[must_use]
    pub fn of(hours: &[(Span, f64)], zone: Zone) -> Self {
        let mut days: Vec<(Span, Vec<Option<f64>>)> = Vec::new();
        let mut week = vec![vec![Vec::new(); HOURS]; 7];
        let mut all = Vec::with_capacity(hours.len());
        for (span, amount) in hours {
            let hour = span.length() as f64 / 3_600_000.0;
            let Some((day, clock)) = placed(span.from, zone).filter(|_| hour > 0.0) else { continue };
            let mean = amount / hour;
            all.push(mean);
            let of_week = (day.0 + 3).rem_euclid(7);
            let of_week = usize::try_from(of_week).ok().and_then(|day| week.get_mut(day));
            of_week.and_then(|day| day.get_mut(clock)).into_iter().for_each(|hour| hour.push(mean));
            let Some(whole) = Period::Day.around(span.from, zone) else { continue };
            if days.last().is_none_or(|(day, _)| *day != whole) {
                days.push((whole, vec![None; HOURS]));
            }
            let known = days.last_mut().and_then(|(_, hours)| hours.get_mut(clock));
            if let Some(known) = known {
                // When clocks are put back, they show an hour twice.
                *known = Some(known.map_or(mean, |before| f64::midpoint(before, mean)));
            }
        }
        all.sort_by(|one, other| other.total_cmp(one));
        let week = week.into_iter().map(|day| day.into_iter().map(spread).collect()).collect();
        Self { days, week, duration: thinned(&all) }
    }
}

fn placed(moment: Moment, zone: Zone) -> Option<(Day, usize)> {
    let local = zone.local(moment.0.div_euclid(1000))?;
    let (hour, _, _) = local.time().parts();
    Some((Day::of(Quarter::of(moment), zone), usize::try_from(hour).ok()?))
}

/// The spread by nearest ranks: always one of the values, never one in between.
fn spread(mut values: Vec<f64>) -> Option<Spread> {
    values.sort_by(f64::total_cmp);
    let last = values.len().checked_sub(1)?;
    let at = |percent: usize| values.get((last * percent + 50) / 100).copied();
    Some(Spread { low: at(10)?, median: at(50)?, high: at(90)? })
}

/// At most [`WIDEST`] values; the first and the last stay.
fn thinned(sorted: &[f64]) -> Vec<f64> {
    match sorted.len().checked_sub(1) {
        Some(last) if last >= WIDEST => {
            (0..WIDEST).filter_map(|at| sorted.get(at * last / (WIDEST - 1)).copied()).collect()
        }
        _ => sorted.to_vec(),
    }
}

const HOURS: usize = 24;
const WIDEST: usize = 1000;

#[cfg(test)]
mod tests {
    use super::*;

    fn oslo() -> Zone {
        Zone::named("Europe/Oslo").unwrap()
    }

    fn hours(from: &str, to: &str, amount: impl Fn(usize) -> f64) -> Vec<(Span, f64)> {
        let span = Span { from: from.parse().unwrap(), to: to.parse().unwrap() };
        let hours = Period::Hour.within(span, oslo());
        hours.into_iter().enumerate().map(|(at, hour)| (hour, amount(at))).collect()
    }

    /// Directive 2000/84/EC: the hour from two to three is missing on 29 March, and occurs twice on 25 October.
    #[test]
    fn hours_are_those_of_the_local_clock() {
        let spring =
            Profile::of(&hours("2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z", |at| at as f64), oslo());
        let (_, row) = &spring.days[0];
        assert_eq!((row[1], row[2], row[3], row[23]), (Some(1.0), None, Some(2.0), Some(22.0)));
        let autumn =
            Profile::of(&hours("2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z", |at| at as f64), oslo());
        let (_, row) = &autumn.days[0];
        assert_eq!((row[1], row[2], row[3], row[23]), (Some(1.0), Some(2.5), Some(4.0), Some(24.0)));
        assert_eq!((spring.days.len(), autumn.days.len()), (1, 1));
        assert_eq!((spring.duration[0], spring.duration.len()), (22.0, 23));
    }

    /// Eleven Mondays on which the hour from eight on took 0 to 10 kWh: nearest ranks are 1, 5 and 9.
    #[test]
    fn a_typical_day_is_a_median_with_deciles() {
        let mut all = Vec::new();
        for monday in 0..11 {
            let from = Moment("2026-01-05T07:00:00Z".parse::<Moment>().unwrap().0 + monday * 7 * 86_400_000);
            all.push((Period::Hour.around(from, oslo()).unwrap(), monday as f64));
        }
        let profile = Profile::of(&all, oslo());
        // The clocks in Oslo change on 29 March, after the last of these Mondays, so all hours are at eight.
        let spread = profile.week[0][8].unwrap();
        assert_eq!((spread.low, spread.median, spread.high), (1.0, 5.0, 9.0));
        assert!(profile.week[1].iter().all(Option::is_none) && profile.week[0][9].is_none());
    }

    #[test]
    fn a_duration_curve_falls_and_keeps_both_ends() {
        let year: Vec<_> =
            hours("2026-01-01T00:00:00Z", "2026-12-01T00:00:00Z", |at| (at * 7919 % 8000) as f64);
        let profile = Profile::of(&year, oslo());
        let highest = year.iter().map(|(_, amount)| *amount).fold(0.0, f64::max);
        assert_eq!((profile.duration.len(), profile.duration[0]), (1000, highest));
        assert!(profile.duration.windows(2).all(|pair| pair[0] >= pair[1]));
        assert_eq!(*profile.duration.last().unwrap(), 0.0);
        assert_eq!(Profile::of(&[], oslo()).duration, Vec::<f64>::new());
    }
}
