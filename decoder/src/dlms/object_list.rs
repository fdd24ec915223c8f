//! The push object list: a first element that states the object of each of the other elements.
//!
//! ```text
//! 02 04 | 12 00 03 | 09 06 01 00 01 07 00 FF | 0F 02 | 12 00 00      one of its rows
//!            │                   │                │        │
//!            │                   │                │        index of the data, 0 for all
//!            │                   │                attribute
//!            │                   name
//!            class
//! ```
//!
//! IEC 62056-6-2, 5.3.8 (push setup, attribute 2).

use super::axdr::{Datum, List, Reader};
use super::tag::{ARRAY, STRUCTURE};
use crate::register::Obis;

/// The rows of a push object list: class, name, attribute and index of each object.
pub(crate) struct Objects<'a> {
    reader: Reader<'a>,
    pub(crate) rows: usize,
    read: usize,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Object {
    class: i64,
    pub(crate) name: Obis,
    attribute: i64,
}

impl<'a> Objects<'a> {
    /// The rows in the first element of the list whose head was just read; `None` if that element does not begin with a
    /// row.
    #[inline]
    pub(crate) fn at(reader: &Reader<'a>, list: List<'a>) -> Option<Self> {
        match reader.ahead() {
            [ARRAY | STRUCTURE, ..] => Self::in_list(*reader, list),
            _ => None,
        }
    }

    /// The next row; `None` after the last one, and after an element that is not a row.
    pub(crate) fn next(&mut self) -> Option<Object> {
        if self.read == self.rows {
            return None;
        }
        self.read += 1;
        let row = self.row();
        if row.is_none() {
            self.read = self.rows;
        }
        row
    }

    fn in_list(mut reader: Reader<'a>, list: List<'a>) -> Option<Self> {
        match reader.next() {
            Some(Datum::List(rows)) if list.elements > 1 && rows.elements > 0 => {
                let objects = Self { reader, rows: rows.elements, read: 0 };
                Self { ..objects }.row().map(|_| objects)
            }
            _ => None,
        }
    }

    fn row(&mut self) -> Option<Object> {
        let Some(Datum::List(row)) = self.reader.next() else { return None };
        let (class, name) = (self.reader.next()?, self.reader.next()?);
        let (attribute, index) = (self.reader.next()?, self.reader.next()?);
        for _ in 4..row.elements {
            self.reader.pass()?;
        }
        match (class, name, attribute, index) {
            (Datum::Integer(class), Datum::Octets(name), Datum::Integer(attribute), Datum::Integer(_)) => {
                Some(Object { class, name: obis(name)?, attribute })
            }
            _ => None,
        }
    }
}

impl Object {
    /// Whether the value is the status of an extended register or a demand register (IEC 62056-6-2, 4.3.3 and 4.3.4).
    pub(crate) fn is_status(self) -> bool {
        matches!((self.class, self.attribute), (4, 4) | (5, 5))
    }

    /// Whether the value is the capture time of an extended register or a demand register.
    pub(crate) fn is_capture_time(self) -> bool {
        matches!((self.class, self.attribute), (4, 5) | (5, 6))
    }
}

/// The OBIS code in six bytes, if groups A and B are possible (IEC 62056-61, table 1).
pub(crate) fn obis(bytes: &[u8]) -> Option<Obis> {
    match <[u8; 6]>::try_from(bytes).ok()? {
        code @ [0..=15, 0..=64 | 128..=199, ..] => Some(Obis(code)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::{String, ToString};
    use alloc::vec::Vec;

    const ROW: [u8; 18] = [2, 4, 0x12, 0, 3, 9, 6, 1, 0, 1, 7, 0, 255, 0x0F, 2, 0x12, 0, 0];

    /// The objects of a list with this many elements, the first of them an array of rows.
    fn objects(elements: u8, rows: &[&[u8]]) -> Option<Vec<String>> {
        let bytes = [&[2, elements, 1, u8::try_from(rows.len()).unwrap()][..], &rows.concat()].concat();
        let mut reader = Reader::new(&bytes);
        let Some(Datum::List(list)) = reader.next() else { return None };
        let mut objects = Objects::at(&reader, list)?;
        let next = || objects.next().map(|object| object.name.to_string());
        Some(core::iter::from_fn(next).collect())
    }

    #[test]
    fn rows_name_the_elements_that_follow() {
        assert_eq!(objects(3, &[&ROW, &ROW]).unwrap(), ["1-0:1.7.0", "1-0:1.7.0"]);
        assert_eq!(objects(1, &[&ROW]), None, "nothing follows");
        assert_eq!(objects(2, &[&[0x11, 1]]), None, "no row");
    }

    #[test]
    fn ends_at_the_first_element_that_is_not_a_row() {
        assert_eq!(objects(4, &[&ROW, &[0x11, 1], &ROW]).unwrap(), ["1-0:1.7.0"]);
    }

    #[test]
    fn a_code_has_a_medium_and_a_channel() {
        assert_eq!(obis(&[1, 0, 1, 7, 0, 255]), Some(Obis::new(1, 0, 1, 7, 0)));
        for other in [&b"123456"[..], &[0, 100, 1, 7, 0, 255], &[1, 0, 1, 7, 0]] {
            assert_eq!(obis(other), None, "{other:x?}");
        }
    }
}
