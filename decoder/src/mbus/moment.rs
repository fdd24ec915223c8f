//! Dates and times of M-Bus records: EN 13757-3:2018, annex A, types F, G, I and J.
//!
//! ```text
//! type F, 4 bytes    IV.mmmmmm  SyyHHHHH → S summer time, yy century, H hour; then as type G
//! type G, 2 bytes    yyyddddd   YYYYmmmm → YYYYyyy year, d day, m month
//! type I, 6 bytes    LSssssss   IV.mmmmmm  wwwHHHHH  as type G  week → L leap year, S summer time, w day of the week
//! type J, 3 bytes    ..ssssss   ..mmmmmm  ...HHHHH
//! ```
//!
//! IV says that the meter does not trust its clock. A recurring date (such as each year's due date) has all bits set in
//! the year or the month, or day 0; each of these is written `*`. All bits set means a date that was never set. Some
//! makers pack a time into decimal digits: `060601000000` is 1 June 2006.

use smol_str::{SmolStr, SmolStrBuilder, format_smolstr};

use crate::register::RawTime;
use crate::stamp;
use crate::time::{MeterTime, Zone};

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Moment {
    /// RFC 3339 for a date with a time of day; otherwise the parts that the record has.
    pub(super) text: SmolStr,
    /// The time that `text` states, if it is a date with a time of day.
    pub(super) time: Option<MeterTime>,
    /// The date or time does not exist or was never set, or the meter marks it as invalid.
    pub(super) invalid: bool,
}

/// Parses decimal digits, the year first; `None` if they are not a date.
pub(super) fn read_digits(digits: &str, zone: Zone) -> Option<Moment> {
    if let Some(RawTime::Valid(time)) = stamp::moment(digits.as_bytes(), zone) {
        return Some(Moment { text: time.to_text(), time: Some(time), invalid: false });
    }
    let [y1, y2, m1, m2, d1, d2] = *<&[u8; 6]>::try_from(digits.as_bytes()).ok()?;
    let pair =
        |tens: u8, ones: u8| Some(char::from(tens).to_digit(10)? * 10 + char::from(ones).to_digit(10)?);
    let (year, month, day) = (pair(y1, y2)?, pair(m1, m2)?, pair(d1, d2)?);
    let date = Date {
        year: 2000 + u16::try_from(year).ok()?,
        month: u8::try_from(month).ok()?,
        day: u8::try_from(day).ok()?,
    };
    let moment = date.alone();
    (!moment.invalid && (1..=12).contains(&date.month) && date.day > 0).then_some(moment)
}

/// Parses the bytes of a date or a time; `None` for a length that no type has.
pub(super) fn read(bytes: &[u8], zone: Zone) -> Option<Moment> {
    let unset = bytes.iter().all(|byte| *byte == u8::MAX);
    let moment = read_bytes(bytes, zone)?;
    Some(Moment { invalid: moment.invalid || unset, ..moment })
}

fn read_bytes(bytes: &[u8], zone: Zone) -> Option<Moment> {
    Some(match *bytes {
        [day, month] => Date::new(day, month, 0).alone(),
        [second, minute, hour] => {
            let clock = (hour & 0x1F, minute & 0x3F, second & 0x3F);
            Moment { text: time_of_day(clock), time: None, invalid: !exists(clock) }
        }
        [minute, hour, day, month] => {
            let (date, summer) = (Date::new(day, month, hour >> 5 & 3), hour & 0x80 != 0);
            date.at((hour & 0x1F, minute & 0x3F, 0), minute & INVALID != 0, summer, zone)
        }
        [second, minute, hour, day, month, _week] => {
            let (date, summer) = (Date::new(day, month, 0), second & 0x40 != 0);
            date.at((hour & 0x1F, minute & 0x3F, second & 0x3F), minute & INVALID != 0, summer, zone)
        }
        _ => return None,
    })
}

/// Year 0 stands for every year. Month and day are as sent.
struct Date {
    year: u16,
    month: u8,
    day: u8,
}

impl Date {
    /// Meters without the two century bits mean 1981 to 2080.
    fn new(day: u8, month: u8, century: u8) -> Self {
        let of_century = (day >> 5) | (month >> 4 << 3);
        let from = match (century, of_century) {
            (0, ..=80) => 2000,
            (century, _) => 1900 + 100 * u16::from(century),
        };
        let year = if of_century == EVERY_YEAR { 0 } else { from + u16::from(of_century) };
        Self { year, month: month & 0x0F, day: day & 0x1F }
    }

    fn alone(&self) -> Moment {
        let civil = self
            .civil()
            .is_some_and(|(year, month, day)| MeterTime::new(year, month, day, (0, 0, 0), 0).is_some());
        let recurs = self.year == 0 || self.month == EVERY_MONTH || self.day == 0;
        let valid = civil || recurs && matches!(self.month, 1..=12 | EVERY_MONTH);
        Moment { text: self.text(), time: None, invalid: !valid }
    }

    fn at(&self, clock: (u8, u8, u8), invalid: bool, summer: bool, zone: Zone) -> Moment {
        let (hour, minute, second) = clock;
        let time = self.civil().and_then(|date| {
            let clock = (hour.cast_signed(), minute.cast_signed(), second.cast_signed());
            MeterTime::in_zone(date, clock, Some(summer), zone)
        });
        match time {
            Some(time) if !invalid => Moment { text: time.to_text(), time: Some(time), invalid: false },
            _ => {
                let text = format_smolstr!("{}T{}", self.text(), time_of_day(clock));
                Moment { text, time: None, invalid: true }
            }
        }
    }

    fn civil(&self) -> Option<(i16, i8, i8)> {
        Some((i16::try_from(self.year).ok()?, self.month.cast_signed(), self.day.cast_signed()))
    }

    fn text(&self) -> SmolStr {
        let mut text = SmolStrBuilder::new();
        match self.year {
            0 => text.push('*'),
            year => [year / 100, year % 100].into_iter().for_each(|half| push_two(&mut text, half)),
        }
        for (part, every) in [(self.month, EVERY_MONTH), (self.day, 0)] {
            text.push('-');
            match part {
                part if part == every && self.month != 0 => text.push('*'),
                part => push_two(&mut text, part.into()),
            }
        }
        text.finish()
    }
}

fn exists((hour, minute, second): (u8, u8, u8)) -> bool {
    hour < 24 && minute < 60 && second < 60
}

fn time_of_day((hour, minute, second): (u8, u8, u8)) -> SmolStr {
    format_smolstr!("{hour:02}:{minute:02}:{second:02}")
}

/// Appends the last two decimal digits of a number.
fn push_two(text: &mut SmolStrBuilder, number: u16) {
    for digit in [number / 10 % 10, number % 10] {
        text.push(char::from_digit(digit.into(), 10).unwrap_or_default());
    }
}

/// The possible lengths of a date or a time, in bytes.
pub(super) const LENGTHS: [usize; 4] = [2, 3, 4, 6];
/// Types F and I: the meter's clock is not set, or has stopped.
const INVALID: u8 = 0x80;
const EVERY_YEAR: u8 = 0x7F;
const EVERY_MONTH: u8 = 0x0F;

#[cfg(test)]
mod tests {
    use super::*;

    fn said(bytes: &[u8]) -> (SmolStr, bool) {
        let moment = read(bytes, Zone::default()).unwrap();
        (moment.text, moment.invalid)
    }

    fn valid(text: &str) -> (SmolStr, bool) {
        (text.into(), false)
    }

    fn invalid(text: &str) -> (SmolStr, bool) {
        (text.into(), true)
    }

    /// The times that libmbus gives for these bytes.
    #[test]
    fn reads_dates_and_times_of_real_meters() {
        assert_eq!(said(&[0x0B, 0x0B, 0xCD, 0x13]), valid("2014-03-13T11:11:00+01:00"));
        assert_eq!(said(&[0x1D, 0x0D, 0x98, 0x11]), valid("2012-01-24T13:29:00+01:00"));
        assert_eq!(said(&[0xBF, 0x1C]), valid("2013-12-31"));
        assert_eq!(said(&[0x00, 0x00]), invalid("2000-00-00"));
    }

    #[test]
    fn the_summer_bit_alone_decides_the_offset() {
        assert_eq!(said(&[0x1E, 0x02, 0x59, 0x3A]), valid("2026-10-25T02:30:00+01:00"));
        assert_eq!(said(&[0x1E, 0x82, 0x59, 0x3A]), valid("2026-10-25T02:30:00+02:00"));
        assert_eq!(said(&[0x00, 0x0C, 0x41, 0x37]), valid("2026-07-01T12:00:00+01:00"));
        assert_eq!(said(&[0x0A, 0x1E, 0x42, 0x59, 0x3A, 0x2B]), valid("2026-10-25T02:30:10+01:00"));
        assert_eq!(said(&[0x4A, 0x1E, 0x02, 0x59, 0x3A, 0x2B]), valid("2026-10-25T02:30:10+02:00"));
    }

    #[test]
    fn two_bits_may_hold_the_century() {
        assert_eq!(said(&[0x00, 0x20, 0x41, 0x37]), valid("2026-07-01T00:00:00+01:00"));
        assert_eq!(said(&[0x61, 0xC1]), valid("1999-01-01"));
    }

    #[test]
    fn an_invalid_time_is_kept_and_marked() {
        assert_eq!(said(&[0xA1, 0x15, 0xE9, 0x17]), invalid("2015-07-09T21:33:00"));
        assert_eq!(said(&[0x1E, 0x19, 0x41, 0x37]), invalid("2026-07-01T25:30:00"));
        assert_eq!(said(&[0x5F, 0x32]), invalid("2026-02-31"));
        assert_eq!(read(&[0x1E], Zone::default()), None);
    }

    #[test]
    fn dates_may_recur_and_times_may_stand_alone() {
        assert_eq!(said(&[0xFF, 0xFC]), valid("*-12-31"));
        assert_eq!(said(&[0xE1, 0xFF]), valid("*-*-01"));
        // Never set.
        assert_eq!(said(&[0xFF, 0xFF]), invalid("*-*-31"));
        assert_eq!(said(&[0x0A, 0x1E, 0x02]), valid("02:30:10"));
        assert_eq!(said(&[0x0A, 0x3C, 0x02]), invalid("02:60:10"));
    }
}
