//! Times in SML (SML 1.04, clause 5.1.5).

use super::field::{Field, Fields, signed, unsigned};
use crate::error::ParseError;
use crate::register::RawTime;
use crate::time::MeterTime;

/// Reads a time: seconds since 1970, alone or with the offset of local time. `None` without a time, and for seconds
/// since a moment that the meter does not state; Holley sends these without their type.
pub(super) fn time(fields: &mut Fields<'_>) -> Result<Option<RawTime>, ParseError> {
    if !matches!(fields.next()?, Field::List(2)) {
        return Ok(None);
    }
    let kind = fields.unsigned()?;
    match (kind, fields.next()?) {
        (TIMESTAMP, Field::Unsigned(seconds)) => Ok(Some(moment(unsigned(seconds), 0))),
        (LOCAL_TIMESTAMP, Field::List(3)) => {
            let seconds = fields.unsigned()?;
            let mut minutes = 0_i64;
            for _ in 0..2 {
                if let Field::Signed(bytes) = fields.next()? {
                    minutes = minutes.saturating_add(signed(bytes));
                }
            }
            Ok(Some(moment(seconds, minutes)))
        }
        (_, Field::List(length)) => fields.skip(length).map(|()| None),
        _ => Ok(None),
    }
}

/// The time of a clock, from seconds since 1970 and its offset. Zero seconds are invalid: the clock was never set.
fn moment(seconds: u64, offset_minutes: i64) -> RawTime {
    let seconds = i64::try_from(seconds).ok().filter(|seconds| *seconds > 0);
    let offset = i16::try_from(offset_minutes).ok();
    let time = seconds.zip(offset).and_then(|(seconds, offset)| MeterTime::from_unix(seconds, offset));
    time.map_or(RawTime::Invalid, RawTime::Valid)
}

const TIMESTAMP: u64 = 2;
const LOCAL_TIMESTAMP: u64 = 3;
