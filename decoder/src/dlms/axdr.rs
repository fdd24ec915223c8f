//! A-XDR values (IEC 62056-6-2, 4.1.5 and IEC 61334-6): a tag octet, then the value.
//!
//! Promise: nesting stops at [`DEEPEST`], a list at [`MOST`] values in all, and what was read before the end of a
//! truncated payload is kept.

use alloc::vec::Vec;

use crate::error::ParseError;
use crate::octets::Cursor;

/// One value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Datum<'a> {
    Null,
    /// Any of the integer types, booleans as 0 and 1.
    Integer(i128),
    /// An enumeration: a unit, mostly.
    Enum(u8),
    /// An octet string, bit string, date, time or date-time.
    Octets(&'a [u8]),
    /// A visible or UTF-8 string.
    Text(&'a [u8]),
    /// A structure or an array, with the number of elements that it announced.
    List(Vec<Self>, usize),
}

impl Datum<'_> {
    /// How many elements a list announced, even if fewer came.
    pub(crate) fn announced(&self) -> Option<usize> {
        match self {
            Self::List(_, announced) => Some(*announced),
            _ => None,
        }
    }
}

/// Reads one value and all within it; the fault, if any, that ended the reading early.
pub(crate) fn parse<'a>(cursor: &mut Cursor<'a>) -> (Datum<'a>, Option<ParseError>) {
    let mut reader = Reader { cursor, values: 0 };
    match reader.value(0) {
        Ok(datum) => (datum, None),
        Err((datum, error)) => (datum, Some(error)),
    }
}

struct Reader<'c, 'a> {
    cursor: &'c mut Cursor<'a>,
    values: usize,
}

/// What was read so far, and why no more.
type Partial<'a> = (Datum<'a>, ParseError);

impl<'a> Reader<'_, 'a> {
    fn value(&mut self, depth: u8) -> Result<Datum<'a>, Partial<'a>> {
        let fault = |error| (Datum::Null, error);
        self.values += 1;
        if self.values > MOST {
            return Err(fault(ParseError::TooMany { limit: MOST }));
        }
        let tag = self.cursor.u8().ok_or(fault(ParseError::Truncated))?;
        match tag {
            ARRAY | STRUCTURE => self.list(depth),
            _ => self.scalar(tag).map_err(fault),
        }
    }

    fn list(&mut self, depth: u8) -> Result<Datum<'a>, Partial<'a>> {
        if depth >= DEEPEST {
            return Err((Datum::Null, ParseError::TooDeep { limit: DEEPEST }));
        }
        let announced = self.length().ok_or((Datum::Null, ParseError::Truncated))?;
        let mut values = Vec::new();
        for _ in 0..announced {
            match self.value(depth + 1) {
                Ok(value) => values.push(value),
                Err((value, error)) => {
                    if value != Datum::Null {
                        values.push(value);
                    }
                    return Err((Datum::List(values, announced), error));
                }
            }
        }
        Ok(Datum::List(values, announced))
    }

    fn scalar(&mut self, tag: u8) -> Result<Datum<'a>, ParseError> {
        let cursor = &mut *self.cursor;
        let value = match tag {
            0x00 => Some(Datum::Null),
            0x03 | 0x11 => cursor.u8().map(|octet| Datum::Integer(octet.into())),
            0x05 => cursor.array().map(|octets| Datum::Integer(i32::from_be_bytes(octets).into())),
            0x06 => cursor.array().map(|octets| Datum::Integer(u32::from_be_bytes(octets).into())),
            0x0F => cursor.array().map(|octets| Datum::Integer(i8::from_be_bytes(octets).into())),
            0x10 => cursor.array().map(|octets| Datum::Integer(i16::from_be_bytes(octets).into())),
            0x12 => cursor.array().map(|octets| Datum::Integer(u16::from_be_bytes(octets).into())),
            0x14 => cursor.array().map(|octets| Datum::Integer(i64::from_be_bytes(octets).into())),
            0x15 => cursor.array().map(|octets| Datum::Integer(u64::from_be_bytes(octets).into())),
            0x16 => cursor.u8().map(Datum::Enum),
            0x09 => self.sized().map(Datum::Octets),
            0x0A | 0x0C => self.sized().map(Datum::Text),
            0x04 => self.length().and_then(|bits| self.cursor.take(bits.div_ceil(8))).map(Datum::Octets),
            0x19 => cursor.take(12).map(Datum::Octets),
            0x1A => cursor.take(5).map(Datum::Octets),
            0x1B => cursor.take(4).map(Datum::Octets),
            other => return Err(ParseError::Unsupported(other)),
        };
        value.ok_or(ParseError::Truncated)
    }

    fn sized(&mut self) -> Option<&'a [u8]> {
        let length = self.length()?;
        self.cursor.take(length)
    }

    fn length(&mut self) -> Option<usize> {
        length(self.cursor)
    }
}

/// A length: one octet below 0x80, else 0x80 plus the number of octets that hold it.
pub(crate) fn length(cursor: &mut Cursor<'_>) -> Option<usize> {
    match cursor.u8()? {
        short @ 0..=0x7F => Some(short.into()),
        0x81 => cursor.u8().map(usize::from),
        0x82 => cursor.array().map(u16::from_be_bytes).map(usize::from),
        // Longer than any payload that is kept.
        _ => None,
    }
}

const ARRAY: u8 = 0x01;
const STRUCTURE: u8 = 0x02;

/// The deepest nesting followed; meters nest three deep.
pub(crate) const DEEPEST: u8 = 8;
/// The most values read from one payload; the longest list met has under two hundred.
pub(crate) const MOST: usize = 1024;

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    fn read(octets: &[u8]) -> (Datum<'_>, Option<ParseError>) {
        parse(&mut Cursor::new(octets))
    }

    #[test]
    fn reads_the_types_that_meters_push() {
        let octets = [2, 5, 6, 0, 0, 1, 2, 0x10, 0xFF, 0xFE, 0x0F, 0xFF, 0x16, 0x1B, 9, 2, 7, 8];
        let values = vec![
            Datum::Integer(258),
            Datum::Integer(-2),
            Datum::Integer(-1),
            Datum::Enum(27),
            Datum::Octets(&[7, 8]),
        ];
        assert_eq!(read(&octets), (Datum::List(values, 5), None));
    }

    #[test]
    fn keeps_what_came_before_the_end() {
        let kept = Datum::List(vec![Datum::Integer(1)], 3);
        assert_eq!(read(&[2, 3, 0x11, 1, 6, 0]), (kept, Some(ParseError::Truncated)));
    }

    #[test]
    fn nesting_and_number_have_a_limit() {
        let (_, error) = read(&[2, 1].repeat(40));
        assert_eq!(error, Some(ParseError::TooDeep { limit: DEEPEST }));
        let many = [&[1, 0x82, 0xFF, 0xFF][..], &[0; 4000]].concat();
        assert_eq!(read(&many).1, Some(ParseError::TooMany { limit: MOST }));
        assert_eq!(read(&[9, 0x84, 0xFF, 0xFF, 0xFF, 0xFF]).1, Some(ParseError::Truncated));
    }
}
