//! [`Quarter`] and [`Day`]: the periods of roll-ups.
//!
//! Quarters of an hour are numbered from 1970 in UTC: the zones of all supported meters differ from UTC by whole
//! quarters. Days begin at midnight in the house's zone. Where clocks change by an hour, the day on which summer time
//! begins has 92 quarters, and the day on which it ends has 100.

use std::ops::Range;

use metertap_decoder::civil::{Date, DateTime, Time};
use metertap_decoder::time::Zone;

use crate::entry::Moment;

/// A quarter of an hour, by its number since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Quarter(pub i64);

/// A day in the house's zone, by its number since 1970-01-01.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Day(pub i64);

impl Quarter {
    /// The quarter that a moment lies in.
    #[must_use]
    pub fn of(moment: Moment) -> Self {
        Self(moment.0.div_euclid(Self::MILLISECONDS))
    }

    /// Its first moment.
    #[must_use]
    pub fn start(self) -> Moment {
        Moment(self.0.saturating_mul(Self::MILLISECONDS))
    }

    /// Its last moment.
    #[must_use]
    pub fn end(self) -> Moment {
        Moment(self.start().0.saturating_add(Self::MILLISECONDS - 1))
    }

    /// The first quarter of its hour by the clocks of this zone. In Kolkata, hours begin at half past by UTC. Where
    /// clocks are changed by half an hour, one of the hours is half an hour long.
    #[must_use]
    pub fn start_of_hour(self, zone: Zone) -> Self {
        let ahead = |quarter: i64| i64::from(zone.offset(quarter.saturating_mul(SECONDS)));
        let is_full = |quarter: i64| {
            quarter.saturating_mul(SECONDS).saturating_add(ahead(quarter)).rem_euclid(4 * SECONDS) < SECONDS
        };
        let mut start = self.0;
        while !is_full(start) && ahead(start.saturating_sub(1)) == ahead(start) {
            start = start.saturating_sub(1);
        }
        Self(start)
    }

    /// The length of a quarter of an hour in milliseconds.
    pub const MILLISECONDS: i64 = 900_000;
}

impl Day {
    /// The day that a quarter lies in. A quarter beyond the calendar lies in the calendar's first or last day.
    #[must_use]
    pub fn of(quarter: Quarter, zone: Zone) -> Self {
        let last = if quarter.0 < 0 { Date::MIN } else { Date::MAX };
        let local = zone.local(quarter.0.saturating_mul(SECONDS));
        Self(local.map_or(last, DateTime::date).number())
    }

    /// The first day of its month; `None` beyond the calendar.
    #[must_use]
    pub fn month(self) -> Option<Self> {
        Some(Self(Date::from_number(self.0)?.first_of_month().number()))
    }

    /// Its first moment in this zone; `None` beyond the calendar.
    #[must_use]
    pub fn start(self, zone: Zone) -> Option<Moment> {
        midnight(self.0, zone).map(|midnight| Moment(midnight * 1000))
    }

    /// The numbers of its quarters; an empty range beyond the calendar.
    #[must_use]
    pub fn quarters(self, zone: Zone) -> Range<i64> {
        let midnight = |day: i64| Some(midnight(day, zone)?.div_euclid(SECONDS));
        match (midnight(self.0), midnight(self.0.saturating_add(1))) {
            (Some(start), Some(end)) => start..end,
            _ => 0..0,
        }
    }
}

/// The moment at which a day begins in this zone, in seconds since 1970.
fn midnight(day: i64, zone: Zone) -> Option<i64> {
    // The calendar's first day stands for everything before it.
    let date = Date::from_number(day).filter(|date| *date > Date::MIN)?;
    Some(zone.unix(date.at(Time::MIDNIGHT)))
}

/// Seconds in a quarter of an hour.
const SECONDS: i64 = 900;

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        let midnight = DateTime::read(&format!("{text}T00:00:00")).unwrap();
        Day(midnight.date().number())
    }

    fn quarter(text: &str) -> Quarter {
        Quarter::of(text.parse().unwrap())
    }

    /// Directive 2000/84/EC: summer time of 2026 begins on 29 March and ends on 25 October, each at 01:00 UTC.
    #[test]
    fn days_have_92_96_or_100_quarters() {
        let count = |text, zone: &str| day(text).quarters(Zone::named(zone).unwrap()).count();
        for zone in ["Europe/Oslo", "Europe/Lisbon", "Europe/Helsinki"] {
            assert_eq!(count("2026-03-28", zone), 96, "{zone}");
            assert_eq!(count("2026-03-29", zone), 92, "{zone}");
            assert_eq!(count("2026-10-25", zone), 100, "{zone}");
            assert_eq!(count("2026-10-26", zone), 96, "{zone}");
        }
    }

    /// For each zone, the days of 2026 on which clocks are changed (New York: 15 U.S.C. 260a; Lord Howe changes by half
    /// an hour; Beirut at midnight), and one ordinary day. Kolkata and UTC never change their clocks.
    #[test]
    fn days_are_as_long_as_the_zones_rules_say() {
        for (zone, spring, short, autumn, long) in [
            ("America/New_York", "2026-03-08", 92, "2026-11-01", 100),
            ("Asia/Kolkata", "2026-03-29", 96, "2026-10-25", 96),
            ("Australia/Lord_Howe", "2026-10-04", 94, "2026-04-05", 98),
            ("Europe/Kyiv", "2026-03-29", 92, "2026-10-25", 100),
            ("UTC", "2026-03-29", 96, "2026-10-25", 96),
            ("Atlantic/Canary", "2026-03-29", 92, "2026-10-25", 100),
            ("Asia/Beirut", "2026-03-29", 92, "2026-10-24", 100),
        ] {
            for (text, expected) in [(spring, short), (autumn, long), ("2026-07-01", 96)] {
                let (day, zone) = (day(text), Zone::named(zone).unwrap());
                let quarters = day.quarters(zone);
                assert_eq!(quarters.clone().count(), expected, "{zone:?} {text}");
                assert!(quarters.clone().all(|quarter| Day::of(Quarter(quarter), zone) == day));
                assert_eq!(Day::of(Quarter(quarters.end), zone), Day(day.0 + 1));
                assert_eq!(Day::of(Quarter(quarters.start - 1), zone), Day(day.0 - 1));
            }
        }
    }

    #[test]
    fn each_quarter_belongs_to_the_day_that_lists_it() {
        let zone = Zone::default();
        for text in ["2026-03-29", "2026-10-25", "1969-12-31", "2026-11-21"] {
            let day = day(text);
            let quarters = day.quarters(zone);
            assert!(quarters.clone().all(|quarter| Day::of(Quarter(quarter), zone) == day), "{text}");
            assert_eq!(Day::of(Quarter(quarters.end), zone), Day(day.0 + 1));
            assert_eq!(Day::of(Quarter(quarters.start - 1), zone), Day(day.0 - 1));
        }
        // 23:59 UTC is 00:59 of the next day in Central Europe.
        assert_eq!(Day::of(quarter("2026-11-20T23:59:00Z"), zone), day("2026-11-21"));
        assert_eq!(day("2026-11-21").quarters(zone).start, quarter("2026-11-20T23:00:00Z").0);
    }

    #[test]
    fn a_day_knows_its_month_and_its_first_moment() {
        assert_eq!(day("2028-02-29").month(), Some(day("2028-02-01")));
        assert_eq!(day("1969-12-31").month(), Some(day("1969-12-01")));
        assert_eq!(day("2026-07-01").start(Zone::default()), "2026-06-30T22:00:00Z".parse().ok());
        assert_eq!((Day(i64::MAX).month(), Day(i64::MAX).start(Zone::default())), (None, None));
    }

    #[test]
    fn a_quarter_holds_its_first_and_its_last_moment() {
        let quarter = quarter("2026-11-21T02:44:59.999Z");
        assert_eq!(quarter.start(), "2026-11-21T02:30:00Z".parse().unwrap());
        assert_eq!(quarter.end(), "2026-11-21T02:44:59.999Z".parse().unwrap());
        assert_eq!(Quarter::of(Moment(-1)), Quarter(-1));
    }

    #[test]
    fn times_beyond_the_calendar_do_not_panic() {
        for moment in [i64::MIN, i64::MAX] {
            let day = Day::of(Quarter::of(Moment(moment)), Zone::default());
            assert!(day.quarters(Zone::default()).count() <= 100);
        }
        assert!(Day(i64::MAX).quarters(Zone::default()).is_empty());
    }
}
