//! [`Quarter`] and [`Day`]: the times that roll-ups are of.
//!
//! Quarters of an hour are counted from 1970 on, by UTC: the zones of all meters that are read here are whole quarters
//! away from it. Days are those of the house: the one on which summer time begins has 92 quarters, the one on which it
//! ends has 100.

use std::ops::Range;

use jiff::civil::{Date, date};
use jiff::{Span, Timestamp};
use metertap_decoder::time::Zone;

use crate::entry::Moment;

/// A quarter of an hour, by its number since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Quarter(pub i64);

/// A day of the house, by its number since 1970-01-01.
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

    /// How long it is.
    pub const MILLISECONDS: i64 = 900_000;
}

impl Day {
    /// The day that a quarter lies in; a moment beyond the calendar is of its last day.
    #[must_use]
    pub fn of(quarter: Quarter, zone: Zone) -> Self {
        let moment = Timestamp::from_millisecond(quarter.start().0).unwrap_or(if quarter.0 < 0 {
            Timestamp::MIN
        } else {
            Timestamp::MAX
        });
        let local = zone.rules().to_datetime(moment).date();
        Self(i64::from((local - START).get_days()))
    }

    /// The first day of its month; none beyond the calendar.
    #[must_use]
    pub fn month(self) -> Option<Self> {
        let date = date_of(self.0)?;
        Some(Self(i64::from((date.first_of_month() - START).get_days())))
    }

    /// Its first moment in that zone; none beyond the calendar.
    #[must_use]
    pub fn start(self, zone: Zone) -> Option<Moment> {
        midnight(self.0, zone).map(|midnight| Moment(midnight.as_millisecond()))
    }

    /// Its quarters; none beyond the calendar.
    #[must_use]
    pub fn quarters(self, zone: Zone) -> Range<i64> {
        let midnight = |day: i64| Some(midnight(day, zone)?.as_second().div_euclid(900));
        match (midnight(self.0), midnight(self.0.saturating_add(1))) {
            (Some(start), Some(end)) => start..end,
            _ => 0..0,
        }
    }
}

/// When a day begins in that zone.
fn midnight(day: i64, zone: Zone) -> Option<Timestamp> {
    zone.rules().to_ambiguous_timestamp(date_of(day)?.at(0, 0, 0, 0)).compatible().ok()
}

fn date_of(day: i64) -> Option<Date> {
    START.checked_add(Span::new().try_days(day).ok()?).ok()
}

const START: Date = date(1970, 1, 1);

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        Day(i64::from((text.parse::<Date>().unwrap() - START).get_days()))
    }

    fn quarter(text: &str) -> Quarter {
        Quarter::of(text.parse().unwrap())
    }

    /// Directive 2000/84/EC: summer time of 2026 begins on 29 March and ends on 25 October, each at 01:00 UTC.
    #[test]
    fn days_have_as_many_quarters_as_summer_time_says() {
        let count = |text, zone: &str| day(text).quarters(Zone::named(zone).unwrap()).count();
        for zone in ["Europe/Oslo", "Europe/Lisbon", "Europe/Helsinki"] {
            assert_eq!(count("2026-03-28", zone), 96, "{zone}");
            assert_eq!(count("2026-03-29", zone), 92, "{zone}");
            assert_eq!(count("2026-10-25", zone), 100, "{zone}");
            assert_eq!(count("2026-10-26", zone), 96, "{zone}");
        }
    }

    #[test]
    fn each_quarter_is_of_the_day_whose_quarters_it_is_among() {
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
    fn what_lies_beyond_the_calendar_does_no_harm() {
        for moment in [i64::MIN, i64::MAX] {
            let day = Day::of(Quarter::of(Moment(moment)), Zone::default());
            assert!(day.quarters(Zone::default()).count() <= 100);
        }
        assert!(Day(i64::MAX).quarters(Zone::default()).is_empty());
    }
}
