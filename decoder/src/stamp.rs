//! Times as meters print them: a clock in one register or two, and time stamps beside values.
//!
//! ```text
//! 101209113020W        DSMR 5.0.2, 6.4: the letter is the season; some print it in lower case
//! 1703100930           VDEW-Lastenheft 2.1: to the minute; an extra digit before it is the season
//! 20240111 09:35:00    NES: with the century and separators
//! 16-03-14,18:45       Elster
//! 2017-07-18&01:36:47  Siemens
//! ```
//!
//! Year, month and day come in this order in all formats seen. Digits in the form of a time that does not exist, such
//! as zeros or `632525252525`, mean that the meter has no time.

use alloc::vec::Vec;

use memchr::memchr;

use crate::number::Number;
use crate::register::RawTime;
use crate::time::{MeterTime, Zone};

/// A clock: date and time of day arrive in separate registers, or together in one.
#[derive(Debug, Default)]
pub(crate) struct Clock {
    date: Option<Digits>,
    time: Option<Digits>,
    both: Option<RawTime>,
}

impl Clock {
    /// Takes what a register says about the clock; returns the time if the register contains date and time of day.
    pub(crate) fn hear(&mut self, code: &[u8], value: &[u8], zone: Zone) -> Option<RawTime> {
        let code = code.strip_suffix(b"*255").unwrap_or(code);
        let code = code.get(memchr(b':', code).map_or(0, |at| at + 1)..).unwrap_or_default();
        match code {
            b"0.9.1" => self.time = self.time.or(Digits::of(value)),
            b"0.9.2" => self.date = self.date.or(Digits::of(value)),
            b"0.9.4" | b"1.0.0" | b"9.36" => {
                let moment = moment(value, zone)?;
                self.both = self.both.or(Some(moment));
                return Some(moment);
            }
            _ => {}
        }
        None
    }

    /// The time that the clock shows, if all parts arrived.
    pub(crate) fn moment(self, zone: Zone) -> Option<RawTime> {
        self.both.or_else(|| self.date?.then(self.time?)?.moment(zone))
    }
}

/// Parses a printed time; `None` for any other text.
pub(crate) fn moment(printed: &[u8], zone: Zone) -> Option<RawTime> {
    Digits::of(printed)?.moment(zone)
}

/// Parses a date and a time of day that are printed in separate parentheses.
pub(crate) fn joined(date: &[u8], time: &[u8], zone: Zone) -> Option<RawTime> {
    Digits::of(date)?.then(Digits::of(time)?)?.moment(zone)
}

/// Finds out which of two values is the number and which is its time stamp.
///
/// Bare digits may be a time, a number or a name. Beside a time they are a number only in a register that has time
/// stamps ([`has_moments`]). If what stands beside a number with a unit has only digits and separators, but is not a
/// time, the number has no time stamp.
pub(crate) fn stamped<'a>(
    code: &[u8],
    [first, second]: [&'a [u8]; 2],
    zone: Zone,
) -> Option<(&'a [u8], Option<RawTime>)> {
    let groups = groups(code);
    // A gas meter's time stamp comes before its value (DSMR 5.0.2, 6.12), that of a maximum after it (IEC 62056-21,
    // 6.5).
    let is_sub_meter = matches!(groups, Some((24, _)));
    let orders =
        if is_sub_meter { [(second, first), (first, second)] } else { [(first, second), (second, first)] };
    let counts = |value| match form(value) {
        PrintedValue::Measured => true,
        PrintedValue::Bare => has_moments(groups),
        PrintedValue::Other => false,
    };
    let read = || orders.into_iter().filter(|(value, _)| counts(value));
    let stamps = || read().filter_map(|(value, stamp)| Some((value, moment(stamp, zone)?)));
    let is_valid = |(_, time): &(_, RawTime)| matches!(time, RawTime::Valid(_));
    if let Some((value, time)) = stamps().find(is_valid).or_else(|| stamps().next()) {
        // A gas meter that was never linked has an invalid time (e-MUCS P1 1.7), and so has a maximum that never
        // occurred. Beside any other number, an invalid time is dropped.
        let says_none = is_sub_meter || is_zero(value);
        return Some((value, Some(time).filter(|time| says_none || *time != RawTime::Invalid)));
    }
    let may_be_one = |byte: &u8| byte.is_ascii_digit() || is_separator(*byte) || is_season(*byte);
    let alone = |(value, stamp): &(&[u8], &[u8])| {
        form(value) == PrintedValue::Measured
            && form(stamp) != PrintedValue::Measured
            && stamp.iter().all(may_be_one)
    };
    orders.into_iter().find(alone).map(|(value, _)| (value, None))
}

/// Separates a number with its unit from the time stamp in the same parentheses, in either order. AUX prints maxima as
/// `1.124*kW 1250625171500`.
pub(crate) fn together(printed: &[u8], zone: Zone) -> Option<(&[u8], RawTime)> {
    let printed = printed.trim_ascii();
    let star = memchr(b'*', printed)?;
    let unit = printed.get(star + 1..)?;
    let blanks = unit.len() - unit.trim_ascii_start().len();
    let gap = |byte: &u8| matches!(byte, b' ' | b',' | b';');
    if let Some(end) = unit.iter().skip(blanks).position(gap) {
        let (value, stamp) = printed.split_at_checked(star + 1 + blanks + end)?;
        return Some((value, moment(stamp.get(1..)?, zone)?));
    }
    let before = printed.get(..star)?.trim_ascii_end();
    let (stamp, value) = printed.split_at_checked(before.iter().rposition(gap)? + 1)?;
    Some((value, moment(stamp.split_last()?.1, zone)?))
}

/// Replaces the decimal comma by a point in a number with a unit; `None` for any other value, and for more than one
/// comma.
pub(crate) fn with_point(printed: &[u8]) -> Option<Vec<u8>> {
    let number = printed.get(..memchr(b'*', printed)?)?;
    let comma = memchr(b',', number)?;
    let are_digits = |digits: &[u8]| {
        let digits = digits.trim_ascii();
        !digits.is_empty() && digits.iter().all(u8::is_ascii_digit)
    };
    let whole = number.get(..comma)?;
    let is_number =
        are_digits(whole.strip_prefix(b"-").unwrap_or(whole)) && are_digits(number.get(comma + 1..)?);
    let mut pointed = printed.to_vec();
    *pointed.get_mut(comma)? = b'.';
    is_number.then_some(pointed)
}

/// Removes the star from a number that has no unit after the star. Returns any other value unchanged.
pub(crate) fn without_star(printed: &[u8]) -> &[u8] {
    let bare = printed.trim_ascii().strip_suffix(b"*").map(<[u8]>::trim_ascii);
    bare.filter(|bare| Number::from_ascii(bare).is_some()).unwrap_or(printed)
}

/// Whether values of the register have time stamps: minima and maxima according to group D (IEC 62056-61, table 10),
/// and sub-meters.
fn has_moments(groups: Option<(u8, u8)>) -> bool {
    matches!(groups, Some((24, _) | (_, 3 | 6 | 13 | 16 | 23 | 26)))
}

/// Groups C and D of a code.
fn groups(code: &[u8]) -> Option<(u8, u8)> {
    let code = code.get(memchr(b':', code).map_or(0, |at| at + 1)..)?;
    let mut groups = code.split(|byte| matches!(byte, b'.' | b'*' | b'&'));
    let mut group = || str::from_utf8(groups.next()?).ok()?.parse().ok();
    Some((group()?, group()?))
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum PrintedValue {
    /// A number with a unit after it.
    Measured,
    /// A bare number.
    Bare,
    Other,
}

fn form(printed: &[u8]) -> PrintedValue {
    let printed = printed.trim_ascii();
    let printed = printed.strip_prefix(b"+").unwrap_or(printed);
    match Number::at_start(printed).and_then(|(_, length)| printed.get(length..)) {
        Some([]) => PrintedValue::Bare,
        Some(unit) if matches!(unit.trim_ascii_start(), [b'*', ..]) => PrintedValue::Measured,
        Some([letter, ..]) if letter.is_ascii_alphabetic() && !is_stamp(printed) => PrintedValue::Measured,
        _ => PrintedValue::Other,
    }
}

fn is_zero(printed: &[u8]) -> bool {
    Number::at_start(printed.trim_ascii()).is_some_and(|(number, _)| number.mantissa == 0)
}

/// Whether the text consists of digits and the letter of a season.
fn is_stamp(printed: &[u8]) -> bool {
    printed.split_last().is_some_and(|(letter, digits)| {
        is_season(*letter) && digits.len() >= SHORTEST_STAMP && digits.iter().all(u8::is_ascii_digit)
    })
}

/// The digits of a date, a time of day, or both, without separators, and the season if a letter gives it.
#[derive(Clone, Copy, Debug)]
struct Digits {
    digits: [u8; 15],
    count: usize,
    summer: Option<bool>,
}

impl Digits {
    fn of(text: &[u8]) -> Option<Self> {
        let mut text = text.trim_ascii();
        let mut all = Self { digits: [0; 15], count: 0, summer: None };
        if let Some((season, rest)) = text.split_last()
            && is_season(*season)
        {
            all.summer = Some(season.eq_ignore_ascii_case(&b'S'));
            text = rest.trim_ascii_end();
        }
        let (mut points, mut others) = (0, 0);
        for byte in text {
            match byte {
                b'0'..=b'9' => all.push(byte - b'0')?,
                b'.' => points += 1,
                byte if is_separator(*byte) => others += 1,
                _ => return None,
            }
        }
        // A single point belongs to a number.
        let is_number = points == 1 && others == 0;
        (!is_number).then_some(all)
    }

    fn push(&mut self, digit: u8) -> Option<()> {
        *self.digits.get_mut(self.count)? = digit;
        self.count += 1;
        Some(())
    }

    /// Appends a time of day to this date. Either may begin with the digit of the season, or end with its letter.
    fn then(mut self, time: Self) -> Option<Self> {
        self.summer = self.summer.or(time.summer);
        let skipped = usize::from(time.count % 2 == 1);
        time.digits.get(skipped..time.count)?.iter().try_for_each(|digit| self.push(*digit))?;
        Some(self)
    }

    /// Interprets `YYMMDDhhmm`, with two more digits for the seconds, for the century, or for each. An extra digit
    /// before them is 0 in winter, 1 in summer, and 2 if the clock keeps UTC (VDEW-Lastenheft 2.1, time stamps).
    fn moment(self, zone: Zone) -> Option<RawTime> {
        let digits = self.digits.get(..self.count)?;
        let (season, digits) = match digits {
            [season @ 0..=2, rest @ ..] if self.count % 2 == 1 => (Some(*season), rest),
            _ if self.count % 2 == 1 => return None,
            _ => (None, digits),
        };
        let (pairs, _) = digits.as_chunks::<2>();
        let pair = |at: usize| pairs.get(at).and_then(|[tens, ones]| i8::try_from(tens * 10 + ones).ok());
        // If the first pair is 20 and the second is not a month, the first is the century: no meter's clock shows
        // another century.
        let from = usize::from(
            pairs.len() == 7 || (pairs.len() == 6 && pairs.first() == Some(&[2, 0]) && pair(1)? > 12),
        );
        if !(5..=6).contains(&(pairs.len() - from)) {
            return None;
        }
        let date = (2000 + i16::from(pair(from)?), pair(from + 1)?, pair(from + 2)?);
        let time = (pair(from + 3)?, pair(from + 4)?, pair(from + 5).unwrap_or(0));
        let moment = match season {
            Some(2) => MeterTime::new(date.0, date.1, date.2, time, 0),
            Some(season) => MeterTime::in_zone(date, time, Some(season == 1), zone),
            None => MeterTime::in_zone(date, time, self.summer, zone),
        };
        Some(moment.map_or(RawTime::Invalid, RawTime::Valid))
    }
}

fn is_separator(byte: u8) -> bool {
    matches!(byte, b'-' | b':' | b'.' | b'/' | b'&' | b',' | b' ' | b'T')
}

fn is_season(byte: u8) -> bool {
    matches!(byte, b'S' | b's' | b'W' | b'w')
}

/// The number of digits in a time without seconds.
const SHORTEST_STAMP: usize = 10;

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::{String, ToString};

    fn said(time: Option<RawTime>) -> String {
        match time {
            Some(RawTime::Valid(time)) => time.to_string(),
            Some(RawTime::Invalid) => "invalid".into(),
            None => "none".into(),
        }
    }

    /// Times as Iskra, Siemens, Elster, NES, EMH and Sagemcom print them, with their meanings.
    #[test]
    fn a_time_has_many_notations() {
        for (printed, time) in [
            ("240321211029", "2024-03-21T21:10:29+01:00"),
            ("240721211029S", "2024-07-21T21:10:29+02:00"),
            ("240721211029s", "2024-07-21T21:10:29+02:00"),
            ("241027023000w", "2024-10-27T02:30:00+01:00"),
            ("241027023000 S", "2024-10-27T02:30:00+02:00"),
            ("20240111 09:35:00", "2024-01-11T09:35:00+01:00"),
            ("20240111093500W", "2024-01-11T09:35:00+01:00"),
            ("16-03-14,18:45", "2016-03-14T18:45:00+01:00"),
            ("21-01-01 00:00", "2021-01-01T00:00:00+01:00"),
            (" 21/01/01 00:00:30 ", "2021-01-01T00:00:30+01:00"),
            ("2017-07-18&01:36:47", "2017-07-18T01:36:47+02:00"),
            ("2017-07-18T01:36:47", "2017-07-18T01:36:47+02:00"),
            ("17.07.18 01:36", "2017-07-18T01:36:00+02:00"),
            ("1190417001500", "2019-04-17T00:15:00+02:00"),
            ("2240321211029", "2024-03-21T21:10:29+00:00"),
            ("000000000000", "invalid"),
            ("632525252525W", "invalid"),
        ] {
            assert_eq!(said(moment(printed.as_bytes(), Zone::default())), time, "{printed}");
        }
        let both = joined(b"16-03-14", b"18:45", Zone::default());
        assert_eq!(said(both), "2016-03-14T18:45:00+01:00");
        for printed in ["", "12:30", "24032121", "1234567890.12", "24032121102x", "9190417001500", "S"] {
            assert_eq!(said(moment(printed.as_bytes(), Zone::default())), "none", "{printed}");
        }
    }

    #[test]
    fn a_comma_is_decimal_only_in_a_number_with_a_unit() {
        let of =
            |printed: &str| with_point(printed.as_bytes()).map(|pointed| String::from_utf8(pointed).unwrap());
        assert_eq!(of("231,5*V").as_deref(), Some("231.5*V"));
        assert_eq!(of("-00,356*kW").as_deref(), Some("-00.356*kW"));
        for printed in ["231,5", "231.5*V", "1,2,3*V", "16-03-14,18:45*x", ",5*V", "5,*V", "9.48*kW,16-03-14"]
        {
            assert_eq!(of(printed), None, "{printed}");
        }
        let bare = |printed: &'static str| core::str::from_utf8(without_star(printed.as_bytes())).unwrap();
        assert_eq!((bare("1.00*"), bare("1.00 * "), bare("EVU*"), bare("*")), ("1.00", "1.00", "EVU*", "*"));
    }

    #[test]
    fn value_and_time_may_be_in_one_group() {
        let of = |printed: &'static str| {
            let (value, time) = together(printed.as_bytes(), Zone::default())?;
            Some((core::str::from_utf8(value).unwrap(), said(Some(time))))
        };
        let peak = Some(("1.124*kW", String::from("2025-06-25T17:15:00+02:00")));
        for printed in ["1.124*kW 1250625171500", "1.124*kW,25-06-25 17:15", "1250625171500 1.124*kW"] {
            assert_eq!(of(printed), peak, "{printed}");
        }
        assert_eq!(of("9.48 * kW 16-03-14,18:45").map(|(value, _)| value), Some("9.48 * kW"));
        for printed in ["1.124*kW", " 9.48 * kW", "1.124*kW EVU", "1.124 1250625171500", "*", ""] {
            assert_eq!(of(printed), None, "{printed}");
        }
    }

    #[test]
    fn value_and_time_come_in_either_order() {
        let of = |code: &str, first: &'static str, second: &'static str| {
            let values = [first.as_bytes(), second.as_bytes()];
            let (value, time) = stamped(code.as_bytes(), values, Zone::default())?;
            Some((core::str::from_utf8(value).unwrap(), said(time)))
        };
        let some = |value, time: &str| Some((value, String::from(time)));
        let peak = some("08.796*kW", "2026-01-02T01:00:00+01:00");
        assert_eq!(of("1-0:1.6.0", "08.796*kW", "260102010000"), peak);
        assert_eq!(of("1-0:1.6.0", "260102010000W", "08.796*kW"), peak);
        assert_eq!(of("1.6.0*01", "09.48", "21-01-01 00:00"), some("09.48", "2021-01-01T00:00:00+01:00"));
        let gas = some("00000.000", "2026-01-02T01:00:00+01:00");
        assert_eq!(of("0-1:24.2.1", "260102010000W", "00000.000"), gas);
        assert_eq!(of("1.6.0", "00.000*kW", "0000000000"), some("00.000*kW", "invalid"));
        assert_eq!(of("1.6.0", "08.796*kW", "0000000000"), some("08.796*kW", "none"));
        assert_eq!(of("0-1:24.2.1", "632525252525W", "00001.000"), some("00001.000", "invalid"));
        // If a time is unreadable, only the time is lost.
        assert_eq!(of("1.6.0", "08.796*kW", "--:--"), some("08.796*kW", "none"));
        assert_eq!(of("0-1:24.2.1", "", "12.5*m3"), some("12.5*m3", "none"));
        // Digits beside a text, or in a register without time stamps, are not a time.
        assert_eq!(of("C.1.0", "1603141845", "EVU"), None);
        assert_eq!(of("C.2.1", "1603141845", "12"), None);
        assert_eq!(of("1.6.0", "08.796*kW", "EVU"), None);
        assert_eq!(of("1.6.0", "08.796*kW", "08.796*kW"), None);
    }
}
