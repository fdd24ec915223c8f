//! [`Entry`]: a reading with its number in the log.

use std::fmt;
use std::str::FromStr;

use metertap_decoder::civil::DateTime;
use metertap_decoder::reading::Reading;
use metertap_decoder::time::NotATime;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A reading as the log stores it. Its JSON is that of the reading, with `received` and `seq` added.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Entry {
    /// What the meter sent.
    #[serde(flatten)]
    pub reading: Reading,
    /// When it was received.
    pub received: Moment,
    /// Its number in the meter's log, counted from 1.
    pub seq: u64,
}

impl Entry {
    /// The entry as JSON (docs/reading.md), on one line, without a line end.
    #[must_use]
    pub fn to_json(&self) -> String {
        // This cannot fail: every key is a string, and writing to a string in memory always succeeds.
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// A moment of the computer's clock: milliseconds since 1970-01-01T00:00:00Z. In text such as JSON it is RFC 3339 in
/// UTC; in a binary format it is the number.
#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub struct Moment(pub i64);

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let second = DateTime::from_seconds(self.0.div_euclid(1000));
        let (second, millisecond) =
            second.map_or_else(Default::default, |second| (second, self.0.rem_euclid(1000)));
        write!(f, "{second}.{millisecond:03}Z")
    }
}

impl FromStr for Moment {
    type Err = NotATime;

    /// Parses RFC 3339 with any offset. Fractions of a millisecond are dropped.
    fn from_str(text: &str) -> Result<Self, NotATime> {
        read(text).ok_or(NotATime)
    }
}

fn read(text: &str) -> Option<Moment> {
    let (second, rest) = text.split_at_checked(19)?;
    let second = DateTime::read(second)?.seconds();
    let (fraction, offset) = match rest.strip_prefix(['.', ',']) {
        Some(rest) => rest.split_at(rest.find(|letter: char| !letter.is_ascii_digit())?),
        None => ("000", rest),
    };
    let milliseconds =
        fraction.bytes().chain(*b"00").take(3).fold(0, |sum, digit| sum * 10 + i64::from(digit - b'0'));
    let offset = offset_of(offset).filter(|_| !fraction.is_empty())?;
    Some(Moment((second - offset) * 1000 + milliseconds))
}

/// Reads an offset such as `Z`, `+01:00`, `+0100` or `+01`: the seconds by which local time is ahead of UTC.
fn offset_of(text: &str) -> Option<i64> {
    let pair = |text: &str| {
        let is_pair = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
        if is_pair { text.parse::<i64>().ok() } else { None }
    };
    let (sign, digits) = match text.split_at_checked(1)? {
        ("Z" | "z", "") => return Some(0),
        ("+", digits) => (1, digits),
        ("-", digits) => (-1, digits),
        _ => return None,
    };
    let (hours, minutes) = digits.split_at_checked(2)?;
    let minutes = minutes.strip_prefix(':').unwrap_or(minutes);
    let minutes = if minutes.is_empty() { 0 } else { pair(minutes).filter(|minutes| *minutes < 60)? };
    Some(sign * (pair(hours).filter(|hours| *hours < 24)? * 60 + minutes) * 60)
}

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.collect_str(self)
        } else {
            self.0.serialize(serializer)
        }
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if !deserializer.is_human_readable() {
            return i64::deserialize(deserializer).map(Self);
        }
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;
    use proptest::prelude::*;

    #[test]
    fn reads_a_time_in_every_form_of_rfc_3339() {
        for text in [
            "2026-11-21T02:30:10Z",
            "2026-11-21t02:30:10z",
            "2026-11-21 02:30:10+01:00",
            "2026-11-21T02:30:10-0930",
            "2026-11-21T02:30:10+05",
            "2026-11-21T02:30:10.5Z",
            "2026-11-21T02:30:10,123456789+01:00",
            "1969-12-31T23:59:59.999Z",
        ] {
            let there: Timestamp = text.parse().unwrap();
            assert_eq!(text.parse(), Ok(Moment(there.as_millisecond())), "{text}");
        }
        for text in [
            "",
            "2026-11-21",
            "2026-11-21T02:30:10",
            "2026-11-21T02:30:10.Z",
            "2026-11-21T02:30:10+24:00",
            "2026-11-21T02:30:10+01:60",
            "2026-11-21T02:30:10+1",
            "2026-11-21T02:30:10+é",
            "2026-11-21T02:30:10Zulu",
            "2026-02-29T02:30:10Z",
        ] {
            assert_eq!(text.parse::<Moment>(), Err(NotATime), "{text}");
        }
    }

    proptest! {
        #[test]
        fn writes_any_time_as_another_implementation_does(moment in -62_167_219_200_000_i64..253_402_200_000_000) {
            let there = Timestamp::from_millisecond(moment).unwrap();
            prop_assert_eq!(Moment(moment).to_string(), format!("{there:.3}"));
            prop_assert_eq!(Moment(moment).to_string().parse(), Ok(Moment(moment)));
        }

        #[test]
        fn any_text_is_a_time_or_refused(text in "\\PC{0,30}") {
            let _ = text.parse::<Moment>();
        }
    }
}
