//! Stage 4 of DLMS: a payload → the notification in it, and the moments that it states.

use crate::error::ParseError;
use crate::octets::Cursor;
use crate::register::RawTime;
use crate::time::{MeterTime, Zone};

use super::axdr::{self, Datum};

/// A data notification.
#[derive(Debug, PartialEq)]
pub(crate) struct Notification<'a> {
    /// When the meter says that it was sent.
    pub(crate) time: Option<RawTime>,
    /// The list.
    pub(crate) body: Datum<'a>,
    /// Why the list is shorter than it announced.
    pub(crate) fault: Option<ParseError>,
}

/// Parses a payload.
///
/// # Errors
/// [`ParseError::Unsupported`] for another service, [`ParseError::Truncated`] if not even the list begins.
pub(crate) fn parse(payload: &[u8], zone: Zone) -> Result<Notification<'_>, ParseError> {
    let mut cursor = Cursor::new(payload);
    match cursor.u8().ok_or(ParseError::Truncated)? {
        DATA_NOTIFICATION => {}
        other => return Err(ParseError::Unsupported(other)),
    }
    cursor.array::<4>().ok_or(ParseError::Truncated)?;
    if cursor.rest().starts_with(&[OCTET_STRING, DATE_TIME]) {
        cursor.u8();
    }
    let length = axdr::length(&mut cursor).ok_or(ParseError::Truncated)?;
    let stamp = cursor.take(length).ok_or(ParseError::Truncated)?;
    let time = date_time(stamp, zone);
    let (body, fault) = axdr::parse(&mut cursor);
    Ok(Notification { time, body, fault })
}

/// A COSEM date-time (IEC 62056-6-2, 4.1.6.1): year, month, day, weekday, hour, minute, second, hundredths, deviation
/// from local time to UTC in minutes, clock status. `None` for octets of another length.
///
/// The deviation is UTC minus local time; 0x8000 says that it is not stated, and then the site's zone and the status's
/// summer time bit decide.
pub(crate) fn date_time(octets: &[u8], zone: Zone) -> Option<RawTime> {
    let [year_high, year_low, month, day, _weekday, hour, minute, second, _hundredths, high, low, status] =
        *<&[u8; 12]>::try_from(octets).ok()?;
    let year = i16::from_be_bytes([year_high, year_low]);
    let deviation = i16::from_be_bytes([high, low]);
    let calendar = || {
        let date = (year, i8::try_from(month).ok()?, i8::try_from(day).ok()?);
        // Seconds may be left unspecified.
        let second = if second == NOT_SPECIFIED { 0 } else { i8::try_from(second).ok()? };
        Some((date, (i8::try_from(hour).ok()?, i8::try_from(minute).ok()?, second)))
    };
    let moment = calendar().and_then(|(date, clock)| {
        if (-720..=840).contains(&deviation) {
            MeterTime::new(date.0, date.1, date.2, clock, -deviation)
        } else {
            let summer = (status != NOT_SPECIFIED && status & SUMMER != 0).then_some(true);
            MeterTime::in_zone(date, clock, summer, zone)
        }
    });
    Some(match moment {
        Some(time) if status == NOT_SPECIFIED || status & INVALID == 0 => RawTime::Valid(time),
        _ => RawTime::Invalid,
    })
}

const DATA_NOTIFICATION: u8 = 0x0F;
const OCTET_STRING: u8 = 0x09;
const DATE_TIME: u8 = 12;
const NOT_SPECIFIED: u8 = 0xFF;
/// Clock status bits.
const INVALID: u8 = 0x01;
const SUMMER: u8 = 0x80;

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::{String, ToString};

    fn moment(octets: &[u8]) -> String {
        match date_time(octets, Zone::default()) {
            Some(RawTime::Valid(time)) => time.to_string(),
            other => alloc::format!("{other:?}"),
        }
    }

    /// IEC 62056-6-2, 4.1.6.1.
    #[test]
    fn a_stated_deviation_is_utc_minus_local_time() {
        let stated = [0x07, 0xEA, 7, 1, 3, 12, 0, 5, 0, 0xFF, 0x88, 0x80];
        assert_eq!(moment(&stated), "2026-07-01T12:00:05+02:00");
        let zone_decides = [0x07, 0xEA, 7, 1, 3, 12, 0, 5, 0xFF, 0x80, 0, 0];
        assert_eq!(moment(&zone_decides), "2026-07-01T12:00:05+02:00");
        let ambiguous = [0x07, 0xEA, 10, 25, 7, 2, 30, 0, 0xFF, 0x80, 0, 0x80];
        assert_eq!(moment(&ambiguous), "2026-10-25T02:30:00+02:00");
    }

    #[test]
    fn a_moment_that_no_calendar_has_is_invalid() {
        assert_eq!(moment(&[0xFF; 12]), "Some(Invalid)");
        assert_eq!(moment(&[0x07, 0xEA, 7, 1, 3, 12, 0, 5, 0, 0x80, 0, 0x01]), "Some(Invalid)");
        assert_eq!(moment(&[0; 4]), "None");
    }

    #[test]
    fn reads_the_date_time_with_and_without_its_tag() {
        let clock = [0x07, 0xEA, 1, 1, 4, 12, 0, 5, 0xFF, 0x80, 0, 0];
        for before in [&[0x0F, 0x40, 0, 0, 0, 0x09, 0x0C][..], &[0x0F, 0x40, 0, 0, 0, 0x0C]] {
            let payload = [before, &clock, &[6, 0, 0, 0, 1]].concat();
            let notification = parse(&payload, Zone::default()).unwrap();
            assert_eq!(notification.body, Datum::Integer(1));
            assert!(matches!(notification.time, Some(RawTime::Valid(_))));
        }
        let without = parse(&[0x0F, 0, 0, 0, 0, 0, 0], Zone::default()).unwrap();
        assert_eq!((without.time, without.body, without.fault), (None, Datum::Null, None));
        assert_eq!(parse(&[0xC0], Zone::default()), Err(ParseError::Unsupported(0xC0)));
    }
}
