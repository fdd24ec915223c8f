//! Moments as meters print them: a clock in one register or two, and time stamps behind values.

use memchr::memchr;

use crate::register::RawTime;
use crate::time::{MeterTime, Zone};

/// Date and time of day come in registers of their own, or together in one.
#[derive(Debug, Default)]
pub(super) struct Clock {
    date: Option<Digits>,
    time: Option<Digits>,
    both: Option<RawTime>,
}

impl Clock {
    /// Takes what a register says about the clock; the moment, where it is whole.
    pub(super) fn hear(&mut self, code: &[u8], value: &[u8], zone: Zone) -> Option<RawTime> {
        let code = code.strip_suffix(b"*255").unwrap_or(code);
        let code = code.get(memchr(b':', code).map_or(0, |at| at + 1)..).unwrap_or_default();
        match code {
            b"0.9.1" => self.time = self.time.or(Digits::of(value)),
            b"0.9.2" => self.date = self.date.or(Digits::of(value)),
            b"0.9.4" | b"1.0.0" | b"9.36" => {
                let moment = Digits::of(value)?.moment(zone)?;
                self.both = self.both.or(Some(moment));
                return Some(moment);
            }
            _ => {}
        }
        None
    }

    /// What it shows, where all of it was heard.
    pub(super) fn moment(self, zone: Zone) -> Option<RawTime> {
        self.both.or_else(|| self.date?.then(self.time?)?.moment(zone))
    }
}

/// The digits of a date, a time of day, or both, whatever stands between them.
#[derive(Clone, Copy, Debug)]
struct Digits {
    digits: [u8; 15],
    count: usize,
}

impl Digits {
    fn of(text: &[u8]) -> Option<Self> {
        let mut all = Self { digits: [0; 15], count: 0 };
        for octet in text {
            match octet {
                b'0'..=b'9' => all = all.with(octet - b'0')?,
                b'-' | b':' | b'.' | b'/' | b'&' | b' ' => {}
                _ => return None,
            }
        }
        Some(all)
    }

    fn with(mut self, digit: u8) -> Option<Self> {
        *self.digits.get_mut(self.count)? = digit;
        self.count += 1;
        Some(self)
    }

    /// A date with this time of day behind it. Either may begin with the digit that tells the season.
    fn then(self, time: Self) -> Option<Self> {
        let skipped = usize::from(time.count % 2 == 1);
        time.digits.get(skipped..time.count)?.iter().try_fold(self, |all, digit| all.with(*digit))
    }

    /// `YYMMDDhhmm`, with two digits more for the seconds or for the century or for both. An odd digit before them is 0
    /// in winter, 1 in summer, and 2 where the clock keeps UTC (VDEW-Lastenheft 2.1, time stamps).
    fn moment(self, zone: Zone) -> Option<RawTime> {
        let digits = self.digits.get(..self.count)?;
        let (season, digits) = if self.count % 2 == 1 {
            let (season, digits) = digits.split_first()?;
            (Some(*season), digits)
        } else {
            (None, digits)
        };
        let (pairs, _) = digits.as_chunks::<2>();
        let pair = |at: usize| pairs.get(at).and_then(|[tens, ones]| i8::try_from(tens * 10 + ones).ok());
        // No meter's clock shows another century, and twenty is no month.
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
            None => MeterTime::in_zone(date, time, None, zone),
        };
        Some(moment.map_or(RawTime::Invalid, RawTime::Valid))
    }
}

/// A time stamp behind a value is nothing but digits.
pub(super) fn moment(printed: &[u8], zone: Zone) -> Option<RawTime> {
    let is_stamp = (10..=13).contains(&printed.len()) && printed.iter().all(u8::is_ascii_digit);
    Digits::of(printed).filter(|_| is_stamp)?.moment(zone)
}
