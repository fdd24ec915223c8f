//! [`Datum`]: one A-XDR value.

use crate::cursor::Cursor;

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Datum<'a> {
    /// Null, or "don't care".
    Null,
    /// An integer of any type but `long64-unsigned`; booleans are 0 and 1.
    Integer(i64),
    /// An integer of the type `long64-unsigned`.
    Unsigned(u64),
    /// A float of 32 or 64 bits, as bytes.
    Float(&'a [u8]),
    /// A difference from the value before it, in profile buffers.
    Delta(i64),
    /// An enumeration, mostly a unit.
    Enum(u64),
    /// An octet string, bit string, date, time or date-time.
    Octets(&'a [u8]),
    /// A visible or UTF-8 string.
    Text(&'a [u8]),
    /// The head of an array or a structure. Its elements come next.
    List(List<'a>),
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct List<'a> {
    pub(crate) elements: usize,
    /// The type of every element, if a compact array states one type for all of them.
    pub(super) each: Option<&'a [u8]>,
}

/// Reads a length: one byte below 0x80, or 0x80 plus the number of length bytes that follow. `None` if bytes are
/// missing, and for more than two length bytes.
pub(crate) fn length(cursor: &mut Cursor<'_>) -> Option<usize> {
    match cursor.u8()? {
        short @ 0..=0x7F => Some(short.into()),
        0x81 => cursor.u8().map(usize::from),
        0x82 => cursor.array().map(u16::from_be_bytes).map(usize::from),
        // Longer than any payload that is accepted.
        _ => None,
    }
}
