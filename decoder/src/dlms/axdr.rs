//! A-XDR values (IEC 62056-6-2, 4.1.5 and IEC 61334-6): a tag byte, then the value.
//!
//! ```text
//! 02 03 | 09 06 01 00 01 07 00 FF | 06 00 00 05 64 | 02 02 | 0F 00 | 16 1B
//!   │             │                       │            │       │       enum 27
//!   │             │                       │            │       integer 0
//!   │             │                       │            structure of 2
//!   │             │                       double-long-unsigned 1380
//!   │             octet string of 6
//!   structure of 3
//! ```
//!
//! [`Reader`] reads values one after the other, in one pass and without building a tree. It returns the head of a list,
//! and [`Reader::elements`] reads the elements. Reading ends with a fault at lists nested deeper than [`DEEPEST`], and
//! after [`MOST`] values. After a fault, the values read before it remain valid.

pub(crate) use super::datum::{Datum, List, length};
use super::name::{Ahead, SWAPPED_NAME, UNTAGGED_NAME, name_with_swapped_tag, untagged_name};
use super::scalar::scalar;
use super::tag::{ARRAY, COMPACT_ARRAY, DOUBLE_LONG_UNSIGNED, ENUM, INTEGER, STRUCTURE};
use crate::cursor::Cursor;
use crate::error::ParseError;

/// A position in a sequence of values.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reader<'a> {
    cursor: Cursor<'a>,
    /// Type descriptions of the next values, which then have no tags of their own.
    types: Option<&'a [u8]>,
    values: usize,
    depth: usize,
    /// Whether the next value is the first in a structure of two.
    first_of_two: bool,
    /// Whether more bytes may follow.
    goes_on: bool,
    fault: Option<ParseError>,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self {
            cursor: Cursor::new(bytes),
            types: None,
            values: 0,
            depth: 0,
            first_of_two: false,
            goes_on: false,
            fault: None,
        }
    }

    /// The same reader, for bytes that are not complete yet. It decides nothing that the next bytes could change.
    pub(crate) fn going_on(self) -> Self {
        Self { goes_on: true, ..self }
    }

    /// The number of bytes read so far.
    pub(crate) fn position(&self) -> usize {
        self.cursor.position()
    }

    /// Why reading stopped: [`ParseError::Truncated`] at the end of the bytes, [`ParseError::Unsupported`] for an
    /// unknown type tag, [`ParseError::TooDeep`] and [`ParseError::TooMany`] at the limits.
    pub(crate) fn fault(&self) -> Option<ParseError> {
        self.fault
    }

    /// The next value, or the head of the next list; `None` after a fault.
    #[inline(always)]
    #[allow(clippy::inline_always, reason = "otherwise, copying the value takes a third of the time")]
    pub(crate) fn next(&mut self) -> Option<Datum<'a>> {
        self.values += 1;
        if self.values > MOST {
            return self.fails(ParseError::TooMany { limit: MOST });
        }
        if core::mem::take(&mut self.first_of_two) {
            match untagged_name(self.cursor.rest()) {
                Ahead::Name(name) => {
                    self.cursor.take(UNTAGGED_NAME)?;
                    return Some(Datum::Octets(name));
                }
                Ahead::Cut if self.goes_on => return self.fails(ParseError::Truncated),
                Ahead::Cut | Ahead::Other => {}
            }
        }
        let tag = match &mut self.types {
            None => self.cursor.u8(),
            Some(types) => types.split_off_first().copied(),
        };
        let value = match tag {
            Some(tag @ (ARRAY | STRUCTURE)) => match self.types {
                None => length(&mut self.cursor).map(|elements| {
                    self.first_of_two = tag == STRUCTURE && elements == 2;
                    Datum::List(List { elements, each: None })
                }),
                Some(types) => self.described_list(tag, types).map(Datum::List),
            },
            Some(COMPACT_ARRAY) => self.compact_array().map(Datum::List),
            Some(DOUBLE_LONG_UNSIGNED) if self.types.is_none() => {
                match name_with_swapped_tag(self.cursor.rest()) {
                    Ahead::Name(name) => self.cursor.take(SWAPPED_NAME).map(|_| Datum::Octets(name)),
                    Ahead::Cut if self.goes_on => None,
                    Ahead::Cut | Ahead::Other => scalar(DOUBLE_LONG_UNSIGNED, &mut self.cursor),
                }
            }
            Some(tag) if is_tag(tag) => scalar(tag, &mut self.cursor),
            Some(tag) => self.fails(ParseError::Unsupported(tag)),
            None => None,
        };
        if value.is_none() { self.fails(ParseError::Truncated) } else { value }
    }

    /// Keeps the first fault, and returns `None`.
    fn fails<T>(&mut self, error: ParseError) -> Option<T> {
        self.fault.get_or_insert(error);
        None
    }

    /// The next bytes, if each value has its own tag; otherwise empty.
    pub(crate) fn ahead(&self) -> &'a [u8] {
        if self.types.is_none() { self.cursor.rest() } else { &[] }
    }

    /// Skips bytes in which the caller has recognised `values` complete values by looking [`ahead`](Self::ahead). They
    /// may include a list. Skips nothing and returns `None` if the limits do not allow it.
    pub(crate) fn pass_seen(&mut self, bytes: usize, values: usize) -> Option<()> {
        if self.depth >= usize::from(DEEPEST) || self.values + values > MOST {
            return None;
        }
        self.cursor.take(bytes)?;
        self.values += values;
        self.first_of_two = false;
        Some(())
    }

    /// Reads the two elements of a list whose head was just read, if they are scaler and unit (IEC 62056-6-2, 4.3.2).
    /// Otherwise reads nothing.
    pub(crate) fn scaler_unit(&mut self, list: List<'a>) -> Option<(i8, u8)> {
        match self.ahead() {
            &[INTEGER, scaler, ENUM, unit, ..] if list.elements == 2 => {
                self.cursor.take(4)?;
                self.values += 2;
                self.first_of_two = false;
                Some((i8::from_be_bytes([scaler]), unit))
            }
            _ => None,
        }
    }

    /// Calls `of` for each element of a list whose head was just read, with the element's index from 0. `of` must read
    /// the whole element, including any nested list. Reading ends if `of` returns `None`, or if the nesting is too
    /// deep.
    pub(crate) fn elements(
        &mut self,
        list: List<'a>,
        mut of: impl FnMut(&mut Self, usize) -> Option<()>,
    ) -> Option<()> {
        if self.depth >= usize::from(DEEPEST) {
            return self.fails(ParseError::TooDeep { limit: DEEPEST });
        }
        self.depth += 1;
        let behind = self.types;
        for at in 0..list.elements {
            if list.each.is_some() {
                self.types = list.each;
            }
            of(self, at)?;
        }
        if list.each.is_some() {
            self.types = behind;
        }
        self.depth -= 1;
        Some(())
    }

    /// Reads a value with all nested values, and discards it.
    pub(crate) fn pass(&mut self) -> Option<()> {
        match self.next()? {
            Datum::List(list) => self.elements(list, |reader, _| reader.pass()),
            _ => Some(()),
        }
    }

    fn described_list(&mut self, tag: u8, types: &'a [u8]) -> Option<List<'a>> {
        let mut types = Cursor::new(types);
        let list = if tag == STRUCTURE {
            List { elements: length(&mut types)?, each: None }
        } else {
            let elements = types.array().map(u16::from_be_bytes)?;
            let each = types.rest();
            description(&mut types, 0)?;
            List { elements: elements.into(), each: Some(each) }
        };
        self.types = Some(types.rest());
        Some(list)
    }

    /// Reads the head of a compact array and counts the elements. A compact array consists of a type description, the
    /// length of the contents, and the contents: values without tags.
    fn compact_array(&mut self) -> Option<List<'a>> {
        if self.types.is_some() {
            return self.fails(ParseError::Unsupported(COMPACT_ARRAY));
        }
        let each = self.cursor.rest();
        if description(&mut self.cursor, 0).is_none() && !self.cursor.rest().is_empty() {
            return self.fails(ParseError::TooDeep { limit: DEEPEST });
        }
        let length = length(&mut self.cursor)?;
        let contents = self.cursor.rest().get(..length)?;
        let mut elements = 0;
        let mut within = Self { cursor: Cursor::new(contents), ..*self };
        while within.position() < contents.len() {
            within.types = Some(each);
            if within.pass().is_none() {
                return self.fails(within.fault.unwrap_or(ParseError::Truncated));
            }
            elements += 1;
        }
        Some(List { elements, each: Some(each) })
    }
}

pub(crate) fn is_tag(byte: u8) -> bool {
    matches!(byte, 0..=6 | 9 | 0x0A | 0x0C | 0x0D | 0x0F..=0x21 | 0xFF)
}

/// Skips the description of one type: a tag, and for lists the types in them (IEC 62056-6-2, 4.1.5). `None` if the
/// description is cut short or nested too deep.
fn description(types: &mut Cursor<'_>, depth: u8) -> Option<()> {
    if depth >= DEEPEST {
        return None;
    }
    match types.u8()? {
        ARRAY => {
            types.array::<2>()?;
            description(types, depth + 1)
        }
        STRUCTURE => {
            let elements = length(types)?;
            (0..elements).try_for_each(|_| description(types, depth + 1))
        }
        _ => Some(()),
    }
}

/// The deepest nesting that is followed; meters nest lists three deep.
pub(crate) const DEEPEST: u8 = 8;
/// The maximum number of values read from one payload. The longest list seen has fewer than three hundred.
pub(crate) const MOST: usize = 1024;

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;
    use alloc::string::String;

    /// All values in the bytes, with lists in brackets.
    fn read(bytes: &[u8]) -> String {
        fn show(reader: &mut Reader<'_>, shown: &mut String) -> Option<()> {
            match reader.next()? {
                Datum::List(list) => {
                    *shown += &format!("{}[", list.elements);
                    reader.elements(list, |reader, _| show(reader, shown))?;
                    *shown += "]";
                }
                Datum::Octets(bytes) => *shown += &format!("{bytes:x?} "),
                other => *shown += &format!("{other:?} "),
            }
            Some(())
        }
        let mut shown = String::new();
        let mut reader = Reader::new(bytes);
        match (show(&mut reader, &mut shown), reader.fault()) {
            (Some(()), None) if reader.position() == bytes.len() => shown,
            (None, Some(error)) => format!("{shown}{error:?}"),
            other => panic!("{other:?} at {}", reader.position()),
        }
    }

    /// IEC 62056-6-2, 4.1.5, table 2.
    #[test]
    fn reads_every_type() {
        for (bytes, value) in [
            (&[0][..], "Null "),
            (&[0xFF], "Null "),
            (&[3, 1], "Integer(1) "),
            (&[4, 10, 0xAB, 0xC0], "[ab, c0] "),
            (&[5, 0xFF, 0xFF, 0xFF, 0xFE], "Integer(-2) "),
            (&[6, 0xFF, 0xFF, 0xFF, 0xFE], "Integer(4294967294) "),
            (&[9, 2, 7, 8], "[7, 8] "),
            (&[0x0A, 1, b'x'], "Text([120]) "),
            (&[0x0C, 0], "Text([]) "),
            (&[0x0D, 0x42], "Integer(42) "),
            (&[0x0D, 0x4A], "[4a] "),
            (&[0x0F, 0xFF], "Integer(-1) "),
            (&[0x10, 0xFF, 0xFE], "Integer(-2) "),
            (&[0x11, 0xFF], "Integer(255) "),
            (&[0x12, 1, 0], "Integer(256) "),
            (&[0x14, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], "Integer(-1) "),
            (&[0x15, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], "Unsigned(18446744073709551615) "),
            (&[0x16, 27], "Enum(27) "),
            (&[0x17, 1, 2, 3, 4], "Float([1, 2, 3, 4]) "),
            (&[0x18, 1, 2, 3, 4, 5, 6, 7, 8], "Float([1, 2, 3, 4, 5, 6, 7, 8]) "),
            (&[0x1A, 7, 0xEA, 1, 2, 3], "[7, ea, 1, 2, 3] "),
            (&[0x1B, 1, 2, 3, 4], "[1, 2, 3, 4] "),
            (&[0x1C, 0xFF], "Delta(-1) "),
            (&[0x1D, 0xFF, 0xFE], "Delta(-2) "),
            (&[0x1E, 0, 0, 1, 0], "Delta(256) "),
            (&[0x1F, 0xFF], "Delta(255) "),
            (&[0x20, 0, 1], "Delta(1) "),
            (&[0x21, 0, 0, 0, 1], "Delta(1) "),
            (&[2, 2, 0x11, 1, 1, 0], "2[Integer(1) 0[]]"),
            (&[7], "Unsupported(7)"),
        ] {
            assert_eq!(read(bytes), value, "{bytes:x?}");
        }
        assert_eq!(read(&[&[0x19][..], &[1; 12]].concat()), format!("{:x?} ", [1; 12]));
    }

    /// A compact array of two structures, each of a long-unsigned and an array of two integers (IEC 62056-6-2, 4.1.5).
    #[test]
    fn reads_a_compact_array() {
        let bytes = [0x13, 2, 2, 0x12, 1, 0, 2, 0x0F, 8, 1, 0, 1, 2, 2, 0, 3, 4];
        let value = "2[2[Integer(256) 2[Integer(1) Integer(2) ]]2[Integer(512) 2[Integer(3) Integer(4) ]]]";
        assert_eq!(read(&bytes), value);
        let between = [&[2, 3, 0x11, 7][..], &bytes, &[0x16, 1]].concat();
        assert_eq!(read(&between), format!("3[Integer(7) {value}Enum(1) ]"));
        assert_eq!(read(&bytes[..16]), "Truncated");
        assert_eq!(read(&[0x13, 0x12, 3, 0, 1, 2]), "Truncated");
        // Values of zero bytes: the payload's length does not bound their number.
        assert_eq!(read(&[0x13, 1, 0xFF, 0xFF, 0, 1, 7]), "TooMany { limit: 1024 }");
    }

    #[test]
    fn elements_before_a_fault_are_returned() {
        assert_eq!(read(&[2, 3, 0x11, 1, 6, 0]), "3[Integer(1) Truncated");
        assert_eq!(read(&[2, 2, 0x11, 1, 0x55]), "2[Integer(1) Unsupported(85)");
    }

    #[test]
    fn nesting_and_number_of_values_have_a_limit() {
        assert!(read(&[2, 1].repeat(40)).ends_with("TooDeep { limit: 8 }"));
        let many = [&[1, 0x82, 0xFF, 0xFF][..], &[0; 4000]].concat();
        assert!(read(&many).ends_with("TooMany { limit: 1024 }"));
        assert_eq!(read(&[9, 0x84, 0xFF, 0xFF, 0xFF, 0xFF]), "Truncated");
        assert_eq!(read(&[&[0x13][..], &[2, 1].repeat(40)].concat()), "TooDeep { limit: 8 }");
    }
}
