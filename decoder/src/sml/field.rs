//! The encoding of SML: bytes → fields, one after the other (SML 1.04, clause 6).
//!
//! ```text
//! 1 type length …   bit 7: another length byte follows, bits 6–4: type, bits 3–0: length, length bytes included
//! 0b_0110_0011 = 63: unsigned, two more bytes
//! 0b_0111_0110 = 76: a list of six fields
//! ```

use crate::cursor::Cursor;
use crate::error::ParseError;

/// One field. The meter chooses how many bytes an integer has.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Field<'a> {
    /// An optional field that is omitted, or an empty octet string.
    Absent,
    Octets(&'a [u8]),
    Boolean(bool),
    Signed(&'a [u8]),
    Unsigned(&'a [u8]),
    /// The head of a list: this many of the next fields belong to it.
    List(usize),
    /// The end of a message.
    End,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Fields<'a> {
    cursor: Cursor<'a>,
}

impl<'a> Fields<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { cursor: Cursor::new(bytes) }
    }

    pub(crate) fn rest(&self) -> &'a [u8] {
        self.cursor.rest()
    }

    /// Reads the next field, or the head of the next list.
    #[inline(always)]
    #[allow(clippy::inline_always, reason = "otherwise, copying the field takes a fifth of the time")]
    pub(crate) fn next(&mut self) -> Result<Field<'a>, ParseError> {
        let head = self.cursor.u8().ok_or(ParseError::Truncated)?;
        let (length, heads) = match head {
            0 => return Ok(Field::End),
            ABSENT => return Ok(Field::Absent),
            ANOTHER.. => self.long(head)?,
            _ => (usize::from(head & LENGTH), 1),
        };
        let kind = head & KIND;
        if kind == LIST {
            return Ok(Field::List(length));
        }
        let length = length.checked_sub(heads).ok_or(ParseError::Truncated)?;
        let bytes = self.cursor.take(length).ok_or(ParseError::Truncated)?;
        match (kind, bytes) {
            (OCTETS, []) => Ok(Field::Absent),
            (OCTETS, _) => Ok(Field::Octets(bytes)),
            (BOOLEAN, [byte]) => Ok(Field::Boolean(*byte != 0)),
            (SIGNED, [_, ..]) if length <= 8 => Ok(Field::Signed(bytes)),
            (UNSIGNED, [_, ..]) if length <= 8 => Ok(Field::Unsigned(bytes)),
            _ => Err(ParseError::Unsupported(head)),
        }
    }

    /// Reads a length of several bytes, four bits in each. Returns the length, and the number of its bytes.
    fn long(&mut self, head: u8) -> Result<(usize, usize), ParseError> {
        let mut length = usize::from(head & LENGTH);
        for heads in 2..=MOST_HEADS {
            let next = self.cursor.u8().ok_or(ParseError::Truncated)?;
            length = length << 4 | usize::from(next & LENGTH);
            if next & ANOTHER == 0 {
                return Ok((length, heads));
            }
        }
        Err(ParseError::Unsupported(head))
    }

    /// Reads the head of a list with this many fields.
    pub(crate) fn list(&mut self, length: u8) -> Result<(), ParseError> {
        let found = self.cursor.rest().first().copied().unwrap_or_default();
        // A short list has a head of one byte, but a meter may use two.
        if found == LIST | length {
            self.cursor.u8();
            return Ok(());
        }
        match self.next()? {
            Field::List(count) if count == usize::from(length) => Ok(()),
            _ => Err(ParseError::TypeUnexpected { wanted: LIST | length, found }),
        }
    }

    /// Reads an unsigned number that must be present.
    pub(crate) fn unsigned(&mut self) -> Result<u64, ParseError> {
        let found = self.cursor.rest().first().copied().unwrap_or_default();
        match self.next()? {
            Field::Unsigned(bytes) => Ok(unsigned(bytes)),
            _ => Err(ParseError::TypeUnexpected { wanted: UNSIGNED, found }),
        }
    }

    /// Skips bytes that the caller has seen in the [`rest`](Self::rest).
    pub(super) fn pass(&mut self, bytes: usize) {
        self.cursor.take(bytes);
    }

    /// Skips this many fields, including everything in their lists.
    #[inline]
    pub(crate) fn skip(&mut self, count: usize) -> Result<(), ParseError> {
        // Nearly always the omitted signature of a value.
        if count == 1 && self.cursor.rest().first() == Some(&ABSENT) {
            self.cursor.u8();
            return Ok(());
        }
        self.skip_all(count)
    }

    fn skip_all(&mut self, count: usize) -> Result<(), ParseError> {
        let mut left = count;
        while left > 0 {
            left -= 1;
            if let Field::List(length) = self.next()? {
                left = left.saturating_add(length);
            }
        }
        Ok(())
    }
}

/// The unsigned number in up to eight bytes, the highest first.
pub(crate) fn unsigned(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte))
}

/// The signed number in up to eight bytes, the highest first, in two's complement.
pub(crate) fn signed(bytes: &[u8]) -> i64 {
    let negative = bytes.first().is_some_and(|first| first & 0x80 != 0);
    bytes.iter().fold(if negative { -1 } else { 0 }, |number, byte| number << 8 | i64::from(*byte))
}

pub(super) const ABSENT: u8 = 0x01;
const ANOTHER: u8 = 0x80;
pub(super) const LENGTH: u8 = 0x0F;
const KIND: u8 = 0x70;
const OCTETS: u8 = 0x00;
const BOOLEAN: u8 = 0x40;
pub(super) const SIGNED: u8 = 0x50;
pub(super) const UNSIGNED: u8 = 0x60;
pub(crate) const LIST: u8 = 0x70;

/// Four length bytes can state 65535, and no file is that long.
const MOST_HEADS: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    fn fields(bytes: &[u8]) -> Vec<Result<Field<'_>, ParseError>> {
        let mut fields = Fields::new(bytes);
        core::iter::from_fn(|| (!fields.rest().is_empty()).then(|| fields.next())).take(9).collect()
    }

    /// The examples of SML 1.04, clause 6.
    #[test]
    fn reads_every_type_in_every_width() {
        let bytes = [0x01, 0x42, 0xFF, 0x52, 0xFE, 0x63, 0x01, 0x00, 0x72, 0x03, b'a', b'b', 0x00];
        let wanted = [
            Field::Absent,
            Field::Boolean(true),
            Field::Signed(&[0xFE]),
            Field::Unsigned(&[1, 0]),
            Field::List(2),
            Field::Octets(b"ab"),
            Field::End,
        ];
        assert_eq!(fields(&bytes), wanted.map(Ok));
        assert_eq!((unsigned(&[1, 0, 2]), unsigned(&[0xFF; 8])), (0x1_0002, u64::MAX));
        assert_eq!(
            (signed(&[0xFE]), signed(&[0x80, 0, 0]), signed(&[0x7F; 8])),
            (-2, -0x80_0000, 0x7F7F_7F7F_7F7F_7F7F)
        );
    }

    /// A public key of 48 bytes, and the list of twenty entries that Holley sends.
    #[test]
    fn lengths_may_take_several_bytes() {
        let bytes = [&[0x83, 0x02][..], &[7; 48]].concat();
        assert_eq!(fields(&bytes), [Ok(Field::Octets(&[7; 48]))]);
        assert_eq!(fields(&[0xF1, 0x04]), [Ok(Field::List(20))]);
    }

    #[test]
    fn an_invalid_field_is_refused() {
        for (bytes, error) in [
            (&[0x63, 1][..], ParseError::Truncated),
            (&[0x83], ParseError::Truncated),
            (&[0x80, 0x01], ParseError::Truncated),
            (&[0x80, 0x80, 0x80, 0x80, 0x09], ParseError::Unsupported(0x80)),
            (&[0x22, 1], ParseError::Unsupported(0x22)),
            (&[0x6A, 1, 2, 3, 4, 5, 6, 7, 8, 9], ParseError::Unsupported(0x6A)),
        ] {
            assert_eq!(fields(bytes).first(), Some(&Err(error)), "{bytes:x?}");
        }
        let endless = [0x7F; 60];
        assert_eq!(Fields::new(&endless).skip(1), Err(ParseError::Truncated));
    }
}
