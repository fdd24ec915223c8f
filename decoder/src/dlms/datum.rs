//! [`Datum`]: one A-XDR value, and the [`length`] that stands before most of them.

use crate::octets::Cursor;

/// One value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Datum<'a> {
    /// Null, or "don't care".
    Null,
    /// Any of the integer types, booleans as 0 and 1.
    Integer(i64),
    /// An integer of 64 bits without sign.
    Unsigned(u64),
    /// A float of 32 or 64 bits, as sent.
    Float(&'a [u8]),
    /// What is to be added to the value before it, in buffers of profiles.
    Delta(i64),
    /// An enumeration: a unit, mostly.
    Enum(u64),
    /// An octet string, bit string, date, time or date-time.
    Octets(&'a [u8]),
    /// A visible or UTF-8 string.
    Text(&'a [u8]),
    /// The head of an array or a structure: its elements come next.
    List(List<'a>),
}

/// The head of a list.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct List<'a> {
    /// How many elements it announces.
    pub(crate) elements: usize,
    /// The type of each, where a compact array says it once for all.
    pub(super) each: Option<&'a [u8]>,
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
