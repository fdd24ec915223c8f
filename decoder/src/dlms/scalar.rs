//! Values that contain no other values: the bytes after a tag (IEC 62056-6-2, 4.1.5).

use super::datum::{Datum, length};
use super::tag::{DOUBLE_LONG, DOUBLE_LONG_UNSIGNED, ENUM, INTEGER, LONG, LONG_UNSIGNED, OCTET_STRING};
use crate::cursor::Cursor;

/// Reads the value after this tag; `None` if bytes are missing.
#[inline(always)]
#[allow(clippy::inline_always, reason = "the same as for axdr::Reader::next")]
pub(super) fn scalar<'a>(tag: u8, cursor: &mut Cursor<'a>) -> Option<Datum<'a>> {
    Some(match tag {
        0x03 | 0x11 => Datum::Integer(cursor.u8()?.into()),
        DOUBLE_LONG => Datum::Integer(i32::from_be_bytes(cursor.array()?).into()),
        DOUBLE_LONG_UNSIGNED => Datum::Integer(u32::from_be_bytes(cursor.array()?).into()),
        0x0D => bcd(cursor.take(1)?),
        INTEGER => Datum::Integer(i8::from_be_bytes(cursor.array()?).into()),
        LONG => Datum::Integer(i16::from_be_bytes(cursor.array()?).into()),
        LONG_UNSIGNED => Datum::Integer(u16::from_be_bytes(cursor.array()?).into()),
        0x14 => Datum::Integer(i64::from_be_bytes(cursor.array()?)),
        0x15 => Datum::Unsigned(u64::from_be_bytes(cursor.array()?)),
        ENUM => Datum::Enum(cursor.u8()?.into()),
        0x17 => Datum::Float(cursor.take(4)?),
        0x18 => Datum::Float(cursor.take(8)?),
        0x1C => Datum::Delta(i8::from_be_bytes(cursor.array()?).into()),
        0x1D => Datum::Delta(i16::from_be_bytes(cursor.array()?).into()),
        0x1E => Datum::Delta(i32::from_be_bytes(cursor.array()?).into()),
        0x1F => Datum::Delta(cursor.u8()?.into()),
        0x20 => Datum::Delta(u16::from_be_bytes(cursor.array()?).into()),
        0x21 => Datum::Delta(u32::from_be_bytes(cursor.array()?).into()),
        OCTET_STRING => Datum::Octets(sized(cursor)?),
        0x0A | 0x0C => Datum::Text(sized(cursor)?),
        0x04 => {
            let bits = length(cursor)?;
            Datum::Octets(cursor.take(bits.div_ceil(8))?)
        }
        0x19 => Datum::Octets(cursor.take(12)?),
        0x1A => Datum::Octets(cursor.take(5)?),
        0x1B => Datum::Octets(cursor.take(4)?),
        _ => Datum::Null,
    })
}

/// Two decimal digits in one byte.
fn bcd(bytes: &[u8]) -> Datum<'_> {
    match bytes {
        [digits] if digits >> 4 < 10 && digits & 0x0F < 10 => {
            Datum::Integer((10 * (digits >> 4) + (digits & 0x0F)).into())
        }
        _ => Datum::Octets(bytes),
    }
}

fn sized<'a>(cursor: &mut Cursor<'a>) -> Option<&'a [u8]> {
    let length = length(cursor)?;
    cursor.take(length)
}
