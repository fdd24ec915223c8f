//! The Gregorian calendar without time zones: [`Date`], [`Time`] and [`DateTime`].
//!
//! Years range from -9999 to 9999.

use core::fmt;

/// A day, stored as the number of days since 1970-01-01.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Date(i32);

impl Date {
    /// The first day of the calendar, -9999-01-01.
    pub const MIN: Self = Self(days(-9999, 1, 1));
    /// The last day of the calendar, 9999-12-31.
    pub const MAX: Self = Self(days(9999, 12, 31));

    /// The date of this year, month and day; `None` if it does not exist.
    #[must_use]
    pub fn new(year: i16, month: i8, day: i8) -> Option<Self> {
        let is_day = (-9999..=9999).contains(&year) && 1 <= day && day <= days_of(year, month)?;
        is_day.then(|| Self(days(year.into(), month.into(), day.into())))
    }

    /// The date this many days after 1970-01-01; `None` beyond the calendar.
    #[must_use]
    pub fn from_number(number: i64) -> Option<Self> {
        let date = Self(i32::try_from(number).ok()?);
        (Self::MIN..=Self::MAX).contains(&date).then_some(date)
    }

    /// Days since 1970-01-01.
    #[must_use]
    pub const fn number(self) -> i64 {
        self.0 as i64
    }

    /// Year, month and day.
    #[must_use]
    pub fn parts(self) -> (i16, i8, i8) {
        // Years begin in March here, so that a leap day is the last day of its year. 400 years have 146,097 days.
        let day = self.0 + 719_468;
        let (era, of_era) = (day.div_euclid(146_097), day.rem_euclid(146_097));
        let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let from_march = (5 * of_year + 2) / 153;
        let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
        let year = 400 * era + year_of_era + i32::from(month <= 2);
        let small = |number: i32| i8::try_from(number).unwrap_or_default();
        let day = of_year - (153 * from_march + 2) / 5 + 1;
        (i16::try_from(year).unwrap_or_default(), small(month), small(day))
    }

    /// The year.
    #[must_use]
    pub fn year(self) -> i16 {
        self.parts().0
    }

    /// The month, from 1.
    #[must_use]
    pub fn month(self) -> i8 {
        self.parts().1
    }

    /// The day of the month, from 1.
    #[must_use]
    pub fn day(self) -> i8 {
        self.parts().2
    }

    /// The first day of the month.
    #[must_use]
    pub fn first_of_month(self) -> Self {
        Self(self.0 - i32::from(self.day()) + 1)
    }

    /// The date this many days later; `None` beyond the calendar.
    #[must_use]
    pub fn plus_days(self, days: i64) -> Option<Self> {
        Self::from_number(self.number().checked_add(days)?)
    }

    /// The same day of the month this many months later, or the last day of a month that is too short. `None` beyond
    /// the calendar.
    #[must_use]
    pub fn plus_months(self, months: i64) -> Option<Self> {
        let (year, month, day) = self.parts();
        let months = (i64::from(year) * 12 + i64::from(month) - 1).checked_add(months)?;
        let year = i16::try_from(months.div_euclid(12)).ok()?;
        let month = i8::try_from(months.rem_euclid(12) + 1).ok()?;
        Self::new(year, month, day.min(days_of(year, month)?))
    }

    /// This date at a time of day.
    #[must_use]
    pub fn at(self, time: Time) -> DateTime {
        DateTime(self.number() * DAY + i64::from(time.0))
    }
}

/// `2026-11-21`.
impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.parts();
        let sign = if year < 0 { "-" } else { "" };
        write!(f, "{sign}{:04}-{month:02}-{day:02}", year.unsigned_abs())
    }
}

/// A time of day, with a resolution of one second.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Time(i32);

impl Time {
    /// The first second of a day.
    pub const MIDNIGHT: Self = Self(0);

    /// A time from 00:00:00 to 23:59:59; `None` for any other time.
    #[must_use]
    pub fn new(hour: i8, minute: i8, second: i8) -> Option<Self> {
        let is_time = (0..24).contains(&hour) && (0..60).contains(&minute) && (0..60).contains(&second);
        is_time.then(|| Self((i32::from(hour) * 60 + i32::from(minute)) * 60 + i32::from(second)))
    }

    /// Hour, minute and second.
    #[must_use]
    pub fn parts(self) -> (i8, i8, i8) {
        let small = |number: i32| i8::try_from(number).unwrap_or_default();
        (small(self.0 / 3600), small(self.0 / 60 % 60), small(self.0 % 60))
    }

    /// Minutes since midnight.
    #[must_use]
    pub const fn minutes(self) -> i32 {
        self.0 / 60
    }
}

/// A date with a time of day, with a resolution of one second.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct DateTime(i64);

impl DateTime {
    /// The time this many seconds after 1970-01-01T00:00:00; `None` beyond the calendar.
    #[must_use]
    pub fn from_seconds(seconds: i64) -> Option<Self> {
        Date::from_number(seconds.div_euclid(DAY)).map(|_| Self(seconds))
    }

    /// Seconds since 1970-01-01T00:00:00.
    #[must_use]
    pub const fn seconds(self) -> i64 {
        self.0
    }

    /// The date.
    #[must_use]
    pub fn date(self) -> Date {
        Date(i32::try_from(self.0.div_euclid(DAY)).unwrap_or_default())
    }

    /// The time of day.
    #[must_use]
    pub fn time(self) -> Time {
        Time(i32::try_from(self.0.rem_euclid(DAY)).unwrap_or_default())
    }

    /// Parses `2026-11-21T02:30:10`; `None` for anything else. A space or a `t` may replace the `T`. A leap second
    /// becomes the second before it.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let [
            y1,
            y2,
            y3,
            y4,
            b'-',
            m1,
            m2,
            b'-',
            d1,
            d2,
            b'T' | b't' | b' ',
            h1,
            h2,
            b':',
            n1,
            n2,
            b':',
            s1,
            s2,
        ] = text.as_bytes()
        else {
            return None;
        };
        let year = i16::from(pair(*y1, *y2)?) * 100 + i16::from(pair(*y3, *y4)?);
        let date = Date::new(year, pair(*m1, *m2)?, pair(*d1, *d2)?)?;
        let second = match pair(*s1, *s2)? {
            60 => 59,
            second => second,
        };
        Some(date.at(Time::new(pair(*h1, *h2)?, pair(*n1, *n2)?, second)?))
    }
}

/// `2026-11-21T02:30:10`.
impl fmt::Display for DateTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (hour, minute, second) = self.time().parts();
        write!(f, "{}T{hour:02}:{minute:02}:{second:02}", self.date())
    }
}

fn pair(tens: u8, ones: u8) -> Option<i8> {
    let digit = |byte: u8| i8::try_from(byte.checked_sub(b'0')?).ok().filter(|digit| *digit < 10);
    Some(digit(tens)? * 10 + digit(ones)?)
}

/// The number of days in a month; `None` if there is no such month.
const fn days_of(year: i16, month: i8) -> Option<i8> {
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => Some(31),
        4 | 6 | 9 | 11 => Some(30),
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => Some(29),
        2 => Some(28),
        _ => None,
    }
}

/// Days since 1970-01-01.
pub(crate) const fn days(year: i32, month: i32, day: i32) -> i32 {
    // Years begin in March, as in `Date::parts`.
    let year = if month <= 2 { year - 1 } else { year };
    let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let from_march = if month > 2 { month - 3 } else { month + 9 };
    let of_year = (153 * from_march + 2) / 5 + day - 1;
    let of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + of_year;
    era * 146_097 + of_era - 719_468
}

/// Seconds.
const DAY: i64 = 86_400;

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;
    use jiff::ToSpan;
    use jiff::civil;

    fn same(date: Date, other: civil::Date) {
        assert_eq!(date.parts(), (other.year(), other.month(), other.day()));
        assert_eq!(Date::new(other.year(), other.month(), other.day()), Some(date));
        let start = civil::date(1970, 1, 1);
        assert_eq!(date.number(), i64::from((other - start).get_days()));
    }

    #[test]
    fn every_day_is_the_same_in_jiffs_calendar() {
        let mut other = civil::Date::MIN;
        for number in Date::MIN.number()..=Date::MAX.number() {
            same(Date::from_number(number).unwrap(), other);
            other = other.tomorrow().unwrap_or(other);
        }
        assert_eq!(Date::from_number(Date::MIN.number() - 1), None);
        assert_eq!(Date::from_number(Date::MAX.number() + 1), None);
        assert_eq!((Date::from_number(i64::MIN), Date::from_number(i64::MAX)), (None, None));
    }

    #[test]
    fn an_impossible_day_is_refused() {
        for year in [-10_000, -9999, -1, 0, 1900, 2000, 2026, 2028, 9999, 10_000] {
            for month in -1..=14 {
                for day in -1..=33 {
                    let other = civil::Date::new(year, month, day).is_ok();
                    assert_eq!(Date::new(year, month, day).is_some(), other, "{year}-{month}-{day}");
                }
            }
        }
        for (hour, minute, second) in [(24, 0, 0), (0, 60, 0), (0, 0, 60), (-1, 0, 0)] {
            assert_eq!(Time::new(hour, minute, second), None);
        }
    }

    #[test]
    fn months_later_is_the_same_day_or_the_last_of_the_month() {
        for day in [civil::date(2027, 12, 31), civil::date(2028, 2, 29), civil::date(2026, 5, 1)] {
            let date = Date::new(day.year(), day.month(), day.day()).unwrap();
            for months in -40..40 {
                same(date.plus_months(months).unwrap(), day + months.months());
                same(date.plus_days(months).unwrap(), day + months.days());
            }
            same(date.first_of_month(), day.first_of_month());
        }
        assert_eq!((Date::MAX.plus_months(1), Date::MIN.plus_days(-1)), (None, None));
        assert_eq!((Date::MAX.plus_months(i64::MAX), Date::MAX.plus_days(i64::MAX)), (None, None));
    }

    #[test]
    fn reads_what_it_writes_and_refuses_invalid_text() {
        for text in ["2026-11-21T02:30:10", "0000-02-29T23:59:59", "9999-12-31T00:00:00"] {
            assert_eq!(DateTime::read(text).unwrap().to_string(), text);
            let other: civil::DateTime = text.parse().unwrap();
            let start = civil::date(1970, 1, 1).at(0, 0, 0, 0);
            assert_eq!(DateTime::read(text).unwrap().seconds(), other.duration_since(start).as_secs());
        }
        assert_eq!(DateTime::read("2016-12-31 23:59:60"), DateTime::read("2016-12-31T23:59:59"));
        for text in
            ["", "2026-02-29T00:00:00", "2026-11-21T24:00:00", "2026-11-21T02:30:1x", "2026-11-21T02:30:10Z"]
        {
            assert_eq!(DateTime::read(text), None, "{text}");
        }
        assert_eq!((DateTime::from_seconds(i64::MIN), DateTime::from_seconds(i64::MAX)), (None, None));
        assert_eq!(Date::new(-9999, 1, 1).unwrap().to_string(), "-9999-01-01");
    }
}
