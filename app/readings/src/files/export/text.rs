//! Appends numbers and times as text.

use metertap_decoder::hex;
use metertap_decoder::number::Number;
use metertap_decoder::time::{MeterTime, Zone};

use crate::entry::Moment;
use crate::log::calendar::Quarter;

/// Appends a number in plain decimal digits, with `mark` before its decimal places.
pub(super) fn number(number: Number, mark: u8, out: &mut Vec<u8>) {
    let Ok(mantissa) = u64::try_from(number.mantissa.unsigned_abs()) else {
        // No meter sends such a number, so speed does not matter.
        let text = number.to_string();
        return out.extend(text.bytes().map(|octet| if octet == b'.' { mark } else { octet }));
    };
    if number.mantissa < 0 {
        out.push(b'-');
    }
    let mut digits = itoa::Buffer::new();
    let digits = digits.format(mantissa).as_bytes();
    let places = usize::from(number.scaler.unsigned_abs());
    if number.scaler >= 0 {
        out.extend_from_slice(digits);
        let zeros = if mantissa == 0 { 0 } else { places };
        out.resize(out.len() + zeros, b'0');
    } else if let Some((whole, behind)) = digits.split_at_checked(digits.len().wrapping_sub(places))
        && !whole.is_empty()
    {
        out.extend_from_slice(whole);
        out.push(mark);
        out.extend_from_slice(behind);
    } else {
        out.extend_from_slice(&[b'0', mark]);
        out.resize(out.len() + places - digits.len(), b'0');
        out.extend_from_slice(digits);
    }
}

/// Appends a meter's time with its own offset: `2026-11-21T02:30:10+01:00`.
pub(super) fn meter_time(time: MeterTime, out: &mut Vec<u8>) {
    out.extend_from_slice(&time.written());
}

/// Appends bytes as lower-case hex.
pub(super) fn hex(octets: &[u8], out: &mut Vec<u8>) {
    out.extend(octets.iter().copied().flat_map(hex::digits));
}

/// Writes moments as ISO 8601 with the offset of a zone. Offsets change only at whole quarters of an hour, and most
/// moments are in the same quarter as the previous one, so the quarter's text is kept.
#[derive(Clone, Debug)]
pub(super) struct Clock {
    zone: Zone,
    quarter: Option<Quarter>,
    /// The beginning of the current quarter: `2026-11-21T02:30:00+01:00`.
    start: [u8; 25],
}

impl Clock {
    pub(super) fn new(zone: Zone) -> Self {
        Self { zone, quarter: None, start: [0; 25] }
    }

    /// Appends `2026-11-21T02:30:10.345+01:00`, or nothing for a moment outside the calendar.
    pub(super) fn milliseconds(&mut self, moment: Moment, out: &mut Vec<u8>) {
        let into = moment.0.rem_euclid(Quarter::MILLISECONDS);
        if let Some(text) = self.seconds_of(moment) {
            let (seconds, offset) = text.split_at(19);
            out.extend_from_slice(seconds);
            let digit = |unit: i64| digit(into / unit % 10);
            out.extend([b'.', digit(100), digit(10), digit(1)]);
            out.extend_from_slice(offset);
        }
    }

    /// Appends `2026-11-21T02:30:10+01:00`, or nothing for a moment outside the calendar.
    pub(super) fn seconds(&mut self, moment: Moment, out: &mut Vec<u8>) {
        out.extend(self.seconds_of(moment).into_iter().flatten());
    }

    fn seconds_of(&mut self, moment: Moment) -> Option<[u8; 25]> {
        let quarter = Quarter::of(moment);
        if self.quarter != Some(quarter) {
            let start = quarter.start().0.div_euclid(1000);
            let offset = self.zone.offset(start) / 60;
            let start = MeterTime::from_unix(start, i16::try_from(offset).ok()?)?;
            self.start = start.written();
            self.quarter = Some(quarter);
        }
        let into = moment.0.rem_euclid(Quarter::MILLISECONDS) / 1000;
        let mut text = self.start;
        let [.., m1, m2, _, s1, s2, _, _, _, _, _, _] = &mut text;
        let minute = i64::from(*m1 - b'0') * 10 + i64::from(*m2 - b'0') + into / 60;
        (*m1, *m2) = (digit(minute / 10), digit(minute));
        (*s1, *s2) = (digit(into % 60 / 10), digit(into));
        Some(text)
    }
}

/// The last decimal digit of a number, in ASCII.
fn digit(number: i64) -> u8 {
    b'0' + u8::try_from(number.rem_euclid(10)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn written(mantissa: i128, scaler: i8, mark: u8) -> String {
        let mut out = Vec::new();
        number(Number::new(mantissa, scaler), mark, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn numbers_have_the_decimal_places_of_the_meter() {
        assert_eq!(written(2302, -1, b'.'), "230.2");
        assert_eq!(written(10_329_481, -3, b','), "10329,481");
        assert_eq!(written(-7, -3, b','), "-0,007");
        assert_eq!(written(138, 1, b'.'), "1380");
        assert_eq!(written(0, 3, b'.'), "0");
        assert_eq!(written(0, -2, b'.'), "0.00");
        assert_eq!(written(123, -3, b'.'), "0.123");
        assert_eq!(written(i128::from(u64::MAX) + 1, -1, b','), "1844674407370955161,6");
    }

    fn stamped(text: &str, zone: &str) -> (String, String) {
        let mut clock = Clock::new(Zone::named(zone).unwrap());
        let (mut long, mut short) = (Vec::new(), Vec::new());
        // Moments in two other quarters are written first, and must leave no trace.
        let moment: Moment = text.parse().unwrap();
        clock.seconds(Moment(moment.0 - 7_000_000), &mut Vec::new());
        clock.seconds(Quarter::of(moment).end(), &mut Vec::new());
        clock.milliseconds(moment, &mut long);
        clock.seconds(moment, &mut short);
        (String::from_utf8(long).unwrap(), String::from_utf8(short).unwrap())
    }

    /// Directive 2000/84/EC: summer time of 2026 begins on 29 March and ends on 25 October, each at 01:00 UTC.
    #[test]
    fn times_have_the_offset_of_their_moment() {
        for (utc, zone, local) in [
            ("2026-03-29T00:59:59.999Z", "Europe/Oslo", "2026-03-29T01:59:59+01:00"),
            ("2026-03-29T01:00:00Z", "Europe/Oslo", "2026-03-29T03:00:00+02:00"),
            ("2026-10-25T00:44:05Z", "Europe/Oslo", "2026-10-25T02:44:05+02:00"),
            ("2026-10-25T01:44:05Z", "Europe/Oslo", "2026-10-25T02:44:05+01:00"),
            ("2026-01-01T00:14:59Z", "Europe/Lisbon", "2026-01-01T00:14:59+00:00"),
            ("1969-12-31T23:59:59Z", "Europe/Oslo", "1970-01-01T00:59:59+01:00"),
            ("2026-03-08T06:59:59Z", "America/New_York", "2026-03-08T01:59:59-05:00"),
            ("2026-03-08T07:00:00Z", "America/New_York", "2026-03-08T03:00:00-04:00"),
            ("2026-11-01T05:59:59Z", "America/New_York", "2026-11-01T01:59:59-04:00"),
            ("2026-11-01T06:00:00Z", "America/New_York", "2026-11-01T01:00:00-05:00"),
            ("2026-11-01T06:00:00Z", "Asia/Kolkata", "2026-11-01T11:30:00+05:30"),
            ("2026-04-04T14:59:59Z", "Australia/Lord_Howe", "2026-04-05T01:59:59+11:00"),
            ("2026-04-04T15:00:00Z", "Australia/Lord_Howe", "2026-04-05T01:30:00+10:30"),
            ("2026-10-03T15:30:00Z", "Australia/Lord_Howe", "2026-10-04T02:30:00+11:00"),
            ("2026-10-25T00:59:59Z", "Europe/Kyiv", "2026-10-25T03:59:59+03:00"),
            ("2026-10-25T01:00:00Z", "Europe/Kyiv", "2026-10-25T03:00:00+02:00"),
            ("2026-10-25T01:00:00Z", "UTC", "2026-10-25T01:00:00+00:00"),
            ("2026-10-25T00:59:59Z", "Atlantic/Canary", "2026-10-25T01:59:59+01:00"),
            ("2026-10-25T01:00:00Z", "Atlantic/Canary", "2026-10-25T01:00:00+00:00"),
        ] {
            assert_eq!(stamped(utc, zone).1, local);
        }
        assert_eq!(stamped("2026-11-21T01:30:12.345Z", "Europe/Oslo").0, "2026-11-21T02:30:12.345+01:00");
        let mut out = Vec::new();
        Clock::new(Zone::default()).seconds(Moment(i64::MAX), &mut out);
        assert!(out.is_empty());
    }

    proptest! {
        #[test]
        fn any_number_is_written_as_display_writes_it(mantissa in any::<i128>(), small in any::<i32>(), scaler in any::<i8>()) {
            for mantissa in [mantissa, small.into()] {
                prop_assert_eq!(written(mantissa, scaler, b'.'), Number::new(mantissa, scaler).to_string());
            }
        }

        #[test]
        fn any_moment_is_read_back_unchanged(millisecond in -2_000_000_000_000_i64..8_000_000_000_000) {
            let mut out = Vec::new();
            Clock::new(Zone::default()).milliseconds(Moment(millisecond), &mut out);
            prop_assert_eq!(String::from_utf8(out).unwrap().parse::<Moment>().unwrap(), Moment(millisecond));
        }
    }
}
