//! Stage 4 of DLMS: a payload → its notification, and the times stated in it.
//!
//! ```text
//! 0F | 40 00 00 00 | 0C 07 E6 …  | 02 0D …          data-notification (IEC 62056-5-3, 8.3)
//!  │        │            │             the list: a structure or an array of values
//!  │        │            date-time, an octet string that may be empty; Kaifa puts its tag 09 before the length
//!  │        long invoke id and priority
//!
//! C2 | 01 0C 07 E6 …  | 00 03 | 01 00 01 07 00 FF | 02 | 06 …     event-notification (IEC 62056-5-3, 8.4)
//!  │         │            class, name and attribute of the object, and the value
//!  │         date-time, or 00 for none
//!
//! 02 0D …                                           the list alone, as some meters send it
//! ```

use crate::cursor::Cursor;
use crate::error::ParseError;
use crate::register::{Obis, RawTime};
use crate::time::{MeterTime, Zone};

use super::axdr::{self, Reader};
use super::tag::{ARRAY, OCTET_STRING, STRUCTURE};

#[derive(Debug)]
pub(crate) struct Notification<'a> {
    /// The time of sending, as the meter states it.
    pub(crate) time: Option<RawTime>,
    /// The name of the only object in the body, if the service states it.
    pub(crate) object: Option<Obis>,
    pub(crate) body: Reader<'a>,
    /// The number of bytes before the list.
    pub(crate) header: usize,
}

/// Parses a payload up to the start of its list.
///
/// # Errors
/// [`ParseError::Unsupported`] for another service, [`ParseError::Truncated`] if the payload ends inside its header.
pub(crate) fn parse(payload: &[u8], zone: Zone) -> Result<Notification<'_>, ParseError> {
    let mut cursor = Cursor::new(payload);
    let (time, object) = match cursor.u8().ok_or(ParseError::Truncated)? {
        DATA_NOTIFICATION => {
            cursor.array::<4>().ok_or(ParseError::Truncated)?;
            if cursor.rest().starts_with(&[OCTET_STRING, DATE_TIME]) {
                cursor.u8();
            }
            (stamp(&mut cursor, zone)?, None)
        }
        EVENT_NOTIFICATION => {
            let time = match cursor.u8().ok_or(ParseError::Truncated)? {
                0 => None,
                _ => stamp(&mut cursor, zone)?,
            };
            let _class = cursor.array::<2>().ok_or(ParseError::Truncated)?;
            let name = cursor.array::<6>().ok_or(ParseError::Truncated)?;
            let _attribute = cursor.u8().ok_or(ParseError::Truncated)?;
            (time, Some(Obis(name)))
        }
        ARRAY | STRUCTURE => {
            cursor = Cursor::new(payload);
            (None, None)
        }
        other => return Err(ParseError::Unsupported(other)),
    };
    Ok(Notification { time, object, body: Reader::new(cursor.rest()), header: cursor.position() })
}

/// Whether a payload may be a notification, judged by its first bytes. Bytes deciphered with a wrong key hardly ever
/// look like one.
pub(crate) fn could_be(payload: &[u8]) -> bool {
    match payload {
        [DATA_NOTIFICATION, _, _, _, _, rest @ ..] => could_be_stamped(rest, axdr::is_tag),
        [EVENT_NOTIFICATION, 0, rest @ ..] => could_be_of_object(rest),
        [EVENT_NOTIFICATION, 1, rest @ ..] => could_be_stamped(rest, |class| class == 0),
        [ARRAY | STRUCTURE, 1..=0xFF, tag, ..] => axdr::is_tag(*tag),
        _ => false,
    }
}

/// Whether the bytes may begin a data notification of a list, or an event notification.
pub(crate) fn could_begin(bytes: &[u8]) -> bool {
    match bytes {
        [DATA_NOTIFICATION, _, _, _, _, rest @ ..] => could_be_stamped(rest, is_list),
        [EVENT_NOTIFICATION, 0, rest @ ..] => could_be_of_object(rest),
        [EVENT_NOTIFICATION, 1, rest @ ..] => could_be_stamped(rest, |class| class == 0),
        [DATA_NOTIFICATION, ..] | [EVENT_NOTIFICATION] => true,
        _ => false,
    }
}

/// Whether bytes may be a date-time, empty or of twelve bytes, followed by a byte that `is_next` accepts.
fn could_be_stamped(rest: &[u8], is_next: impl Fn(u8) -> bool) -> bool {
    let behind = match rest {
        [] => return true,
        [0, behind @ ..] => behind,
        [OCTET_STRING, DATE_TIME, moment @ ..] | [DATE_TIME, moment @ ..] => {
            let is_year = moment.first().is_none_or(|century| matches!(century, 0x07 | 0x08 | 0xFF));
            match moment.get(usize::from(DATE_TIME)..) {
                Some(behind) if is_year => behind,
                None if is_year => return true,
                _ => return false,
            }
        }
        [OCTET_STRING] => return true,
        _ => return false,
    };
    behind.first().is_none_or(|tag| is_next(*tag))
}

/// Whether bytes may be class, name and attribute: a class below 256, and a code without billing period.
fn could_be_of_object(rest: &[u8]) -> bool {
    let fits = |(at, byte): (usize, &u8)| match at {
        0 => *byte == 0,
        7 => *byte == 0xFF,
        _ => true,
    };
    rest.iter().take(9).enumerate().all(fits)
}

fn is_list(tag: u8) -> bool {
    matches!(tag, ARRAY | STRUCTURE)
}

fn stamp(cursor: &mut Cursor<'_>, zone: Zone) -> Result<Option<RawTime>, ParseError> {
    let length = axdr::length(cursor).ok_or(ParseError::Truncated)?;
    let stamp = cursor.take(length).ok_or(ParseError::Truncated)?;
    Ok(date_time(stamp, zone))
}

/// A COSEM date-time (IEC 62056-6-2, 4.1.6.1): year, month, day, weekday, hour, minute, second, hundredths, deviation
/// from local time to UTC in minutes, clock status. `None` if the bytes have another length, or if the date or the hour
/// is not specified.
///
/// The deviation is UTC minus local time. If it is 0x8000 (not stated) or impossible, `zone` and the summer time bit of
/// the status decide. The time of a clock that was never set cannot be recognised, and is kept like any other.
pub(crate) fn date_time(bytes: &[u8], zone: Zone) -> Option<RawTime> {
    let [year_high, year_low, month, day, _weekday, hour, minute, second, _hundredths, high, low, status] =
        *<&[u8; 12]>::try_from(bytes).ok()?;
    if [year_high & year_low, month, day, hour].contains(&NOT_SPECIFIED) {
        return None;
    }
    let year = i16::from_be_bytes([year_high, year_low]);
    let deviation = i16::from_be_bytes([high, low]);
    let calendar = || {
        let date = (year, i8::try_from(month).ok()?, i8::try_from(day).ok()?);
        // Seconds may be unspecified.
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

pub(crate) const DATA_NOTIFICATION: u8 = 0x0F;
pub(crate) const EVENT_NOTIFICATION: u8 = 0xC2;
/// Length of a date-time in bytes.
pub(crate) const DATE_TIME: u8 = 12;
const NOT_SPECIFIED: u8 = 0xFF;
/// Clock status bits.
const INVALID: u8 = 0x01;
const SUMMER: u8 = 0x80;

#[cfg(test)]
mod tests {
    use super::axdr::Datum;
    use super::*;
    use alloc::string::{String, ToString};

    fn moment(bytes: &[u8]) -> String {
        match date_time(bytes, Zone::default()) {
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
    fn an_impossible_date_is_invalid() {
        assert_eq!(moment(&[0x07, 0xEA, 13, 1, 3, 12, 0, 5, 0, 0x80, 0, 0]), "Some(Invalid)");
        assert_eq!(moment(&[0x07, 0xEA, 7, 1, 3, 12, 0, 5, 0, 0x80, 0, 0x01]), "Some(Invalid)");
        assert_eq!(moment(&[0xFF; 12]), "None");
        assert_eq!(moment(&[0; 4]), "None");
    }

    /// A clock that lost its power starts again at the epoch that its maker chose.
    #[test]
    fn the_time_of_a_clock_that_was_never_set_is_kept() {
        assert_eq!(moment(&[0x07, 0xD0, 1, 1, 6, 0, 0, 9, 0, 0x80, 0, 0]), "2000-01-01T00:00:09+01:00");
        assert_eq!(moment(&[0x07, 0xB2, 1, 1, 4, 0, 0, 0, 0, 0, 0, 0]), "1970-01-01T00:00:00+00:00");
    }

    #[test]
    fn reads_the_date_time_with_and_without_its_tag() {
        let clock = [0x07, 0xEA, 1, 1, 4, 12, 0, 5, 0xFF, 0x80, 0, 0];
        for before in [&[0x0F, 0x40, 0, 0, 0, 0x09, 0x0C][..], &[0x0F, 0x40, 0, 0, 0, 0x0C], &[0xC2, 1, 0x0C]]
        {
            let event = if before[0] == 0xC2 { &[0, 3, 1, 0, 1, 7, 0, 255, 2][..] } else { &[] };
            let payload = [before, &clock, event, &[6, 0, 0, 0, 1]].concat();
            let mut notification = parse(&payload, Zone::default()).unwrap();
            assert_eq!(notification.object, (before[0] == 0xC2).then_some(Obis::new(1, 0, 1, 7, 0)));
            assert_eq!(notification.body.next(), Some(Datum::Integer(1)));
            assert!(matches!(notification.time, Some(RawTime::Valid(_))));
            assert!(could_be(&payload));
        }
    }

    #[test]
    fn reads_headers_without_a_time_and_refuses_other_services() {
        let without = parse(&[0x0F, 0, 0, 0, 0, 0, 0], Zone::default()).unwrap();
        assert_eq!((without.time, without.header), (None, 6));
        let alone = parse(&[2, 1, 6, 0, 0, 0, 1], Zone::default()).unwrap();
        assert_eq!(alone.header, 0);
        assert_eq!(parse(&[0xC0], Zone::default()).unwrap_err(), ParseError::Unsupported(0xC0));
        assert_eq!(parse(&[0x0F, 0, 0], Zone::default()).unwrap_err(), ParseError::Truncated);
        for wrong in [&[0x0F, 0, 0, 0, 0, 0x5A][..], &[0xC2, 7], &[0x31, 2], &[2, 3, 0x88], &[]] {
            assert!(!could_be(wrong), "{wrong:x?}");
        }
    }
}
