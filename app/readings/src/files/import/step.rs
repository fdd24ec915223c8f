//! [`Step`]: the length of a table's spans.

use metertap_decoder::civil::DateTime;
use metertap_decoder::time::Zone;
use serde::{Deserialize, Serialize};

use super::moment::Times;
use crate::entry::Moment;

/// The length of a span. A day on which clocks are changed has 23 or 25 hours, and is still one day.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// This many minutes.
    Minutes(u16),
    /// This many calendar days.
    Days(u16),
    /// This many calendar months.
    Months(u16),
}

impl Step {
    /// The step between rows: the most common one, or the shortest of several equally common ones. Some rows may be
    /// further apart: rows between them are missing, or clocks skip an hour.
    pub(super) fn between(walls: &[DateTime]) -> Option<Self> {
        let mut walls = walls.to_vec();
        walls.sort_unstable();
        walls.dedup();
        let first = *walls.first()?;
        let pairs = walls.iter().zip(walls.get(1..)?);
        let is_daily = walls.iter().all(|wall| wall.time() == first.time());
        let is_monthly = walls.iter().all(|wall| wall.date().day() == first.date().day());
        if is_daily && is_monthly && walls.len() > 1 {
            let months = |wall: &DateTime| {
                let (year, month, _) = wall.date().parts();
                i64::from(year) * 12 + i64::from(month)
            };
            return most(pairs.map(|(one, other)| months(other) - months(one))).map(Self::Months);
        }
        let minutes = |(one, other): (&DateTime, &DateTime)| (other.seconds() - one.seconds()) / 60;
        if is_daily {
            return most(pairs.map(|pair| minutes(pair) / DAY)).map(Self::Days);
        }
        most(pairs.map(minutes)).map(Self::Minutes)
    }

    /// The most hours that a span can have, apart from clock changes.
    pub(super) fn hours(self) -> u32 {
        match self {
            Self::Minutes(minutes) => u32::from(minutes).div_ceil(60),
            Self::Days(days) => u32::from(days) * 24,
            Self::Months(months) => u32::from(months) * 744,
        }
    }

    /// The end of a span that begins at this moment.
    pub(super) fn after(self, moment: Moment, zone: Zone, times: Times) -> Moment {
        self.moved(moment, zone, times, 1)
    }

    /// The beginning of a span that ends at this moment.
    pub(super) fn before(self, moment: Moment, zone: Zone, times: Times) -> Moment {
        self.moved(moment, zone, times, -1)
    }

    fn moved(self, moment: Moment, zone: Zone, times: Times, by: i64) -> Moment {
        let zone = if times.utc { Zone::UTC } else { zone };
        let (length, days, months) = match self {
            Self::Minutes(minutes) => {
                return Moment(moment.0.saturating_add(by * i64::from(minutes) * MINUTE));
            }
            Self::Days(days) => (i64::from(days) * DAY * MINUTE, by * i64::from(days), 0),
            Self::Months(months) => (i64::from(months) * 30 * DAY * MINUTE, 0, by * i64::from(months)),
        };
        let in_calendar = || {
            let wall = zone.local(moment.0.div_euclid(1000))?;
            let date = wall.date().plus_months(months)?.plus_days(days)?;
            Some(Moment(zone.unix(date.at(wall.time())) * 1000 + moment.0.rem_euclid(1000)))
        };
        in_calendar().unwrap_or(Moment(moment.0.saturating_add(by * length)))
    }
}

/// The most common number, or the smallest of several equally common ones.
fn most(numbers: impl Iterator<Item = i64>) -> Option<u16> {
    let mut counts = std::collections::BTreeMap::<i64, usize>::new();
    numbers.filter(|number| *number > 0).for_each(|number| *counts.entry(number).or_default() += 1);
    let (number, _) = counts.into_iter().rev().max_by_key(|(_, count)| *count)?;
    u16::try_from(number).ok()
}

const MINUTE: i64 = 60_000;
const DAY: i64 = 1440;

#[cfg(test)]
mod tests {
    use super::super::moment::Dates;
    use super::*;

    fn between(texts: &[&str]) -> Option<Step> {
        let walls: Vec<_> = texts.iter().map(|text| DateTime::read(&format!("{text}:00")).unwrap()).collect();
        Step::between(&walls)
    }

    #[test]
    fn the_most_common_distance_between_rows_is_the_step() {
        let quarters = ["2026-03-01T00:00", "2026-03-01T00:15", "2026-03-01T00:30", "2026-03-01T02:00"];
        assert_eq!(between(&quarters), Some(Step::Minutes(15)));
        let newest_first = ["2026-03-03T00:00", "2026-03-02T00:00", "2026-03-01T00:00"];
        assert_eq!(between(&newest_first), Some(Step::Days(1)));
        assert_eq!(
            between(&["2026-01-01T00:00", "2026-02-01T00:00", "2026-03-01T00:00"]),
            Some(Step::Months(1))
        );
        assert_eq!(between(&["2024-01-01T00:00", "2025-01-01T00:00"]), Some(Step::Months(12)));
        assert_eq!(between(&["2026-03-01T00:00", "2026-03-01T00:00"]), None, "a single moment gives no step");
    }

    /// Clocks are changed on 29 March and 25 October 2026.
    #[test]
    fn a_day_ends_when_the_next_one_begins() {
        let times = Times { dates: Some(Dates::DayFirst), parts: None, utc: false };
        let moved = |step: Step, moment: &str| {
            let moment = moment.parse().unwrap();
            let zone = Zone::default();
            (step.after(moment, zone, times).to_string(), step.before(moment, zone, times).to_string())
        };
        let day = moved(Step::Days(1), "2026-03-29T00:00:00+01:00");
        assert_eq!(day, ("2026-03-29T22:00:00.000Z".into(), "2026-03-27T23:00:00.000Z".into()));
        assert_eq!(moved(Step::Days(1), "2026-10-25T00:00:00+02:00").0, "2026-10-25T23:00:00.000Z");
        assert_eq!(moved(Step::Months(1), "2026-03-01T00:00:00+01:00").0, "2026-03-31T22:00:00.000Z");
        assert_eq!(moved(Step::Minutes(60), "2026-10-25T02:00:00+02:00").0, "2026-10-25T01:00:00.000Z");
    }
}
