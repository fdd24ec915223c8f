//! [`PeakRule`]: a row of `peaks.toml`.

use metertap_decoder::civil::DateTime;
use metertap_decoder::number::Number;
use metertap_decoder::time::Zone;

use super::blocks::{Blocks, Holidays, weekday};
use crate::entry::Moment;
use crate::history::calendar::Period;

/// How a grid company bills peaks.
#[derive(Debug)]
pub struct PeakRule {
    /// Its name in settings.
    pub name: &'static str,
    /// Its name for users.
    pub title: &'static str,
    /// The time zones of browsers in its area.
    pub zones: &'static [&'static str],
    /// The period over which power is averaged: a quarter of an hour or an hour.
    pub interval: Period,
    /// The first day on which it holds, and the first on which it no longer holds, by their numbers since 1970-01-01.
    pub days: (i64, i64),
    /// When its source was last read.
    pub read: &'static str,
    /// The mean over this many months is billed.
    pub months: usize,
    /// The minimum of a month's value before that mean, in kilowatts.
    pub floor: Option<Number>,
    /// The blocks that hours belong to.
    pub blocks: Option<Blocks>,
    /// The peaks. All of them are billed.
    pub peaks: &'static [Peak],
}

/// One of the peaks of a rule: the mean of the highest intervals of a month.
#[derive(Debug)]
pub struct Peak {
    /// Its name for users.
    pub title: &'static str,
    /// How many intervals the mean is taken over.
    pub count: usize,
    /// Whether each interval must be on a different day.
    pub distinct_days: bool,
    /// The months in which it is billed: one bit for each, the lowest for January.
    pub months: u16,
    /// Only intervals of this block count; `None` if all do.
    pub block: Option<u8>,
    /// The first window that contains the interval's start gives the weight.
    pub windows: &'static [Window],
    /// The weight outside the windows; zero for intervals that do not count.
    pub otherwise: Number,
}

/// A time of the day with a weight of its own.
#[derive(Debug)]
pub struct Window {
    /// The days on which it applies.
    pub days: Days,
    /// Two minutes of the day: the window begins with the first and ends before the second, past midnight if the second
    /// is not later.
    pub minutes: (i32, i32),
    /// The factor for powers.
    pub weight: Number,
}

/// Days of the week.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Days {
    /// All days.
    All,
    /// Monday to Friday, holidays included.
    Weekdays,
    /// Monday to Friday without holidays.
    Working,
}

impl PeakRule {
    /// The rule with this name.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        PEAK_RULES.iter().find(|rule| rule.name == name)
    }

    /// The rules that hold on a day in a zone, in the order of `peaks.toml`.
    pub fn of_zone(zone: &str, day: i64) -> impl Iterator<Item = &'static Self> {
        PEAK_RULES.iter().filter(move |rule| rule.holds(day) && rule.zones.contains(&zone))
    }

    /// The rules that hold on a day anywhere.
    pub fn all(day: i64) -> impl Iterator<Item = &'static Self> {
        PEAK_RULES.iter().filter(move |rule| rule.holds(day))
    }

    /// Whether it holds on a day.
    #[must_use]
    pub fn holds(&self, day: i64) -> bool {
        (self.days.0..self.days.1).contains(&day)
    }

    /// The rule that the user has chosen, or else the only rule of the zone.
    #[must_use]
    pub fn chosen(name: Option<&str>, zone: Zone, day: i64) -> Option<&'static Self> {
        if let Some(name) = name {
            return Self::named(name).filter(|rule| rule.holds(day));
        }
        let mut all = Self::of_zone(zone.name(), day);
        all.next().filter(|_| all.next().is_none())
    }

    /// Whether it bills what meters report themselves: the highest quarter of an hour of the month.
    #[must_use]
    pub fn is_meters_own(&self) -> bool {
        let [peak] = self.peaks else { return false };
        self.interval == Period::Quarter && peak.count == 1 && peak.block.is_none() && peak.windows.is_empty()
    }

    /// The minutes of its interval.
    #[must_use]
    pub const fn minutes(&self) -> i64 {
        match self.interval {
            Period::Quarter => 15,
            _ => 60,
        }
    }

    /// The factor for the power of an interval that begins at this moment, for one of the rule's peaks; `None` if the
    /// interval does not count.
    #[must_use]
    pub fn weight(&self, peak: &Peak, start: Moment, zone: Zone) -> Option<Number> {
        let local = zone.local(start.0.div_euclid(1000))?;
        let month = u32::try_from(local.date().month()).ok()?.checked_sub(1)?;
        if peak.months >> month & 1 == 0 {
            return None;
        }
        if let Some(block) = peak.block
            && self.blocks.as_ref()?.block(local) != Some(block)
        {
            return None;
        }
        let holidays = self.blocks.as_ref().map(|blocks| &blocks.holidays);
        let window = peak.windows.iter().find(|window| window.contains(local, holidays));
        let weight = window.map_or(peak.otherwise, |window| window.weight);
        (weight.mantissa > 0).then_some(weight)
    }
}

impl Window {
    fn contains(&self, local: DateTime, holidays: Option<&Holidays>) -> bool {
        let (from, to) = self.minutes;
        let minute = local.time().minutes();
        let is_in = if from < to { (from..to).contains(&minute) } else { minute >= from || minute < to };
        let is_weekday = || weekday(local.date().number()) < 5;
        let is_free = || holidays.is_some_and(|holidays| holidays.contains(local.date()));
        is_in
            && match self.days {
                Days::All => true,
                Days::Weekdays => is_weekday(),
                Days::Working => is_weekday() && !is_free(),
            }
    }
}

include!(concat!(env!("OUT_DIR"), "/peaks.rs"));

#[cfg(test)]
mod tests {
    use super::*;
    use metertap_decoder::civil::Date;

    fn day(year: i16, month: i8, day: i8) -> i64 {
        Date::new(year, month, day).unwrap().number()
    }

    fn chosen(name: Option<&str>, zone: &str, day: i64) -> Option<&'static str> {
        PeakRule::chosen(name, Zone::named(zone).unwrap(), day).map(|rule| rule.name)
    }

    #[test]
    fn a_zone_with_one_rule_selects_it_and_one_with_several_does_not() {
        let today = day(2026, 11, 28);
        assert_eq!(chosen(None, "Europe/Brussels", today), Some("be-flanders"));
        assert_eq!(chosen(None, "Europe/Oslo", today), Some("no-three-days"));
        assert_eq!(chosen(None, "Europe/Stockholm", today), None);
        assert_eq!(chosen(Some("se-goteborg"), "Europe/Stockholm", today), Some("se-goteborg"));
        assert_eq!(chosen(None, "Europe/Berlin", today), None);
        assert_eq!(chosen(Some("se-ellevio"), "Europe/Stockholm", today), None, "no longer in force");
        assert_eq!(chosen(Some("se-ellevio"), "Europe/Stockholm", day(2026, 5, 31)), Some("se-ellevio"));
    }

    #[test]
    fn windows_weight_nights_and_exclude_uncounted_hours() {
        let zone = Zone::named("Europe/Stockholm").unwrap();
        let weight = |rule: &str, place: usize, at: &str| {
            let rule = PeakRule::named(rule).unwrap();
            let weight = rule.weight(&rule.peaks[place], at.parse().unwrap(), zone);
            weight.map(|weight| weight.to_string())
        };
        // Winter time is an hour ahead of UTC.
        assert_eq!(weight("se-ellevio", 0, "2026-01-14T20:59:00Z").as_deref(), Some("1"));
        assert_eq!(weight("se-ellevio", 0, "2026-01-14T21:00:00Z").as_deref(), Some("0.5"));
        assert_eq!(weight("se-ellevio", 0, "2026-01-14T04:59:00Z").as_deref(), Some("0.5"));
        assert_eq!(weight("se-ellevio", 0, "2026-01-14T05:00:00Z").as_deref(), Some("1"));
        // 2026-01-14 is a Wednesday, the 17th a Saturday.
        assert_eq!(weight("se-jonkoping", 1, "2026-01-14T06:00:00Z").as_deref(), Some("1"));
        assert_eq!(weight("se-jonkoping", 1, "2026-01-14T19:00:00Z"), None);
        assert_eq!(weight("se-jonkoping", 1, "2026-01-17T12:00:00Z"), None);
        assert_eq!(weight("se-jonkoping", 1, "2026-06-17T12:00:00Z"), None);
        assert_eq!(weight("se-jonkoping", 0, "2026-06-17T12:00:00Z").as_deref(), Some("1"));
    }
}
