//! What a meter sends: [`RegisterId`], the name of a register, and its [`Value`].

use alloc::boxed::Box;
use core::fmt::{self, Write};
use core::str::FromStr;

use smol_str::SmolStr;

use crate::hex;
use crate::number::Number;
use crate::time::MeterTime;
use crate::vif::{Means, RecordHeader};
use crate::vocabulary::Quantity;

/// The name of a register as the meter gives it.
///
/// Exhaustive: version 1 of the JSON form has these names.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum RegisterId {
    /// An OBIS code (IEC 62056-61).
    Obis(Obis),
    /// A position, counted from 1, in a list without names, if no table names the value there; written `list:7`.
    Position(u16),
    /// A code as an IEC 62056-21 meter prints it, if it is not a complete OBIS code: `1.8.0`, `F.F`.
    Printed(Printed),
    /// A record of an M-Bus telegram, counted from 0; written `mbus:3`.
    Record(u16),
    /// A register of a Kamstrup heat or water meter; written `kmp:60`.
    Kmp(u16),
    /// A label of France's TIC; written `tic:EAST`.
    Tic(Printed),
    /// A register of a Modbus meter; written `modbus:4:0034`.
    Modbus {
        /// The function that reads it.
        function: u8,
        /// Its address, as sent in a request.
        address: u16,
    },
}

impl RegisterId {
    pub(crate) const fn is_position(self) -> bool {
        matches!(self, Self::Position(_))
    }

    /// Group F, the billing period, if the code has one; 255 means none.
    pub(crate) fn period(self) -> Option<u64> {
        match self {
            Self::Obis(Obis([.., period])) => Some(period.into()),
            Self::Printed(code) => code.as_str().split_once(['*', '&'])?.1.parse().ok(),
            _ => None,
        }
    }

    /// Parses a code as a meter prints it: a complete OBIS code, or another name. Returns `None` for text that is not a
    /// name, and for names that only this type writes, such as `list:7`: a meter that prints one must not pass for
    /// another kind of meter.
    #[must_use]
    pub fn from_ascii(code: &[u8]) -> Option<Self> {
        if let Some(obis) = Obis::from_ascii(code) {
            return Some(Self::Obis(obis));
        }
        let letters = code.iter().take_while(|byte| byte.is_ascii_lowercase()).count();
        let is_ours = letters > 0 && code.get(letters) == Some(&b':');
        if is_ours { None } else { Printed::from_ascii(code).map(Self::Printed) }
    }
}

/// An OBIS code: medium, channel, physical quantity, kind of processing, tariff, and billing period.
///
/// Written `A-B:C.D.E`, with `*F` only where F is not 255.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Obis(pub [u8; 6]);

impl Obis {
    pub(crate) const CLOCK: Self = Self::new(0, 0, 1, 0, 0);
    /// The version of a list. NVE's lists give it this code; Kamstrup's lists do not name it.
    pub(crate) const LIST_VERSION: Self = Self::new(1, 1, 0, 2, 129);

    /// A code without a billing period.
    #[must_use]
    pub const fn new(a: u8, b: u8, c: u8, d: u8, e: u8) -> Self {
        Self([a, b, c, d, e, 255])
    }

    /// Parses the written form with all of its separators; group F may be left out. `None` for any other text.
    #[must_use]
    pub fn from_ascii(text: &[u8]) -> Option<Self> {
        let (obis, length) = Self::at_start(text)?;
        (length == text.len()).then_some(obis)
    }

    /// The code that the text begins with, and its length.
    pub(crate) fn at_start(text: &[u8]) -> Option<(Self, usize)> {
        // All groups are collected in one word, A in the low byte: storing each one separately would make the next load
        // wait.
        let (a, rest) = group(text, b'-')?;
        let (b, rest) = group(rest, b':')?;
        let (c, rest) = group(rest, b'.')?;
        let (d, rest) = group(rest, b'.')?;
        let (e, rest) = small_number(rest)?;
        let (f, rest) = match rest {
            [b'*', rest @ ..] => small_number(rest)?,
            _ => (255, rest),
        };
        let word = a | b << 8 | c << 16 | d << 24 | e << 32 | f << 40;
        let [a, b, c, d, e, f, ..] = word.to_le_bytes();
        Some((Self([a, b, c, d, e, f]), text.len() - rest.len()))
    }
}

/// Parses a number below 256 that this separator follows; returns it with the rest of the text.
#[inline]
fn group(text: &[u8], separator: u8) -> Option<(u64, &[u8])> {
    // Nearly all groups have one or two digits.
    match text {
        [ones @ b'0'..=b'9', behind, rest @ ..] if *behind == separator => Some(((ones - b'0').into(), rest)),
        [tens @ b'0'..=b'9', ones @ b'0'..=b'9', behind, rest @ ..] if *behind == separator => {
            Some((u64::from(tens - b'0') * 10 + u64::from(ones - b'0'), rest))
        }
        _ => {
            let (number, rest) = small_number(text)?;
            Some((number, rest.split_first().filter(|(byte, _)| **byte == separator)?.1))
        }
    }
}

/// Parses the number below 256 at the start of the text; returns it with the rest.
fn small_number(text: &[u8]) -> Option<(u64, &[u8])> {
    let digit = |byte: &u8| Some(u64::from(byte.wrapping_sub(b'0'))).filter(|digit| *digit < 10);
    let (byte, mut rest) = text.split_first()?;
    let mut number = digit(byte)?;
    while let Some((byte, behind)) = rest.split_first()
        && let Some(digit) = digit(byte)
    {
        number = number * 10 + digit;
        if number > 255 {
            return None;
        }
        rest = behind;
    }
    Some((number, rest))
}

impl fmt::Display for Obis {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self([a, b, c, d, e, f]) = self;
        write!(out, "{a}-{b}:{c}.{d}.{e}")?;
        if *f == 255 { Ok(()) } else { write!(out, "*{f}") }
    }
}

impl FromStr for Obis {
    type Err = NotARegister;

    fn from_str(text: &str) -> Result<Self, NotARegister> {
        Self::from_ascii(text.as_bytes()).ok_or(NotARegister)
    }
}

impl fmt::Display for RegisterId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Obis(obis) => obis.fmt(f),
            Self::Position(position) => write!(f, "list:{position}"),
            Self::Printed(code) => code.fmt(f),
            Self::Record(number) => write!(f, "mbus:{number}"),
            Self::Kmp(id) => write!(f, "kmp:{id}"),
            Self::Tic(label) => write!(f, "tic:{label}"),
            Self::Modbus { function, address } => write!(f, "modbus:{function:X}:{address:04X}"),
        }
    }
}

impl FromStr for RegisterId {
    type Err = NotARegister;

    fn from_str(text: &str) -> Result<Self, NotARegister> {
        let numbered = |number: &str| number.parse().map_err(|_| NotARegister);
        if let Some(position) = text.strip_prefix("list:") {
            return numbered(position).map(Self::Position);
        }
        if let Some(number) = text.strip_prefix("mbus:") {
            return numbered(number).map(Self::Record);
        }
        if let Some(id) = text.strip_prefix("kmp:") {
            return numbered(id).map(Self::Kmp);
        }
        if let Some(label) = text.strip_prefix("tic:") {
            return Printed::new(label).map(Self::Tic).ok_or(NotARegister);
        }
        if let Some(rest) = text.strip_prefix("modbus:") {
            return modbus(rest).ok_or(NotARegister);
        }
        match text.parse() {
            Ok(obis) => Ok(Self::Obis(obis)),
            Err(NotARegister) => Printed::new(text).map(Self::Printed).ok_or(NotARegister),
        }
    }
}

fn modbus(text: &str) -> Option<RegisterId> {
    let number = |digits: &str| hex::number(digits.as_bytes()).filter(|_| digits.len() <= 4);
    let (function, address) = text.split_once(':')?;
    let (function, address) = (number(function)?, number(address)?);
    Some(RegisterId::Modbus { function: u8::try_from(function).ok()?, address: u16::try_from(address).ok()? })
}

/// A name or a unit as a meter prints it: up to 16 bytes of ASCII without parentheses and white space (IEC 62056-21,
/// 6.5).
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub struct Printed([u8; 16]);

impl Printed {
    /// The name with this text; `None` if the text is empty, longer than 16 bytes, or contains a character that no name
    /// may have.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        Self::from_ascii(text.as_bytes())
    }

    /// Like [`new`](Self::new), from bytes.
    #[must_use]
    pub fn from_ascii(text: &[u8]) -> Option<Self> {
        if text.is_empty() || text.len() > 16 {
            return None;
        }
        let add = |word: u64, byte: &u8| {
            let allowed = byte.is_ascii_graphic() && !matches!(byte, b'(' | b')');
            allowed.then_some(word << 8 | u64::from(*byte))
        };
        let word = |bytes: &[u8]| bytes.iter().rev().try_fold(0_u64, add);
        let (low, high) = text.split_at_checked(8).unwrap_or((text, &[]));
        let words = u128::from(word(low)?) | u128::from(word(high)?) << 64;
        Some(Self(words.to_le_bytes()))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        let length = self.0.iter().position(|byte| *byte == 0).unwrap_or(self.0.len());
        str::from_utf8(self.0.get(..length).unwrap_or_default()).unwrap_or_default()
    }

    /// From the [`key`](Self::key) of bytes that [`from_ascii`](Self::from_ascii) accepts.
    pub(crate) const fn from_key(key: u64) -> Self {
        let [a, b, c, d, e, f, g, h] = key.to_le_bytes();
        Self([a, b, c, d, e, f, g, h, 0, 0, 0, 0, 0, 0, 0, 0])
    }

    /// Up to eight bytes as one number, the first in its low byte: the key for table lookups. `None` for longer names.
    pub(crate) fn key(&self) -> Option<u64> {
        let words = u128::from_le_bytes(self.0);
        u64::try_from(words).ok()
    }
}

impl fmt::Display for Printed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl From<Obis> for RegisterId {
    fn from(obis: Obis) -> Self {
        Self::Obis(obis)
    }
}

/// A register with its value, before its meaning is looked up.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Register {
    pub(crate) id: RegisterId,
    pub(crate) value: Value,
    /// The unit as the meter writes or numbers it; [`RawUnit::None`] if it sends none.
    pub(crate) unit: RawUnit,
    /// The value's own time stamp, if it has one. In an M-Bus record, the time that the value states.
    pub(crate) time: Option<RawTime>,
}

/// The value of a register or of a measurement.
///
/// Exhaustive: version 1 of the JSON form has these values.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// An exact number.
    Number(Number),
    /// Text as sent. Up to 23 bytes of it need no allocation.
    Text(SmolStr),
    /// Bytes that are not text; written as lower-case hex.
    Octets(Box<[u8]>),
}

impl Value {
    /// The number; `None` if the value is text or bytes.
    #[must_use]
    pub const fn number(&self) -> Option<Number> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Text(_) | Self::Octets(_) => None,
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => number.fmt(f),
            Self::Text(text) => f.write_str(text),
            Self::Octets(bytes) => {
                bytes.iter().copied().flat_map(hex::digits).try_for_each(|digit| f.write_char(digit.into()))
            }
        }
    }
}

/// A unit as received, before it is looked up.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) enum RawUnit {
    /// No unit was sent.
    #[default]
    None,
    /// Printed, as in a P1 telegram.
    Printed(Printed),
    /// The number of a unit in the table of IEC 62056-6-2.
    Dlms(u8),
    /// The number of a unit in Kamstrup's table for KMP.
    Kmp(u8),
    /// Everything that the header of an M-Bus record states; the value is in the unit that the header names.
    Record(RecordHeader),
}

impl RawUnit {
    /// A unit as printed; [`RawUnit::None`] for text that is not a name.
    #[must_use]
    pub(crate) fn printed(text: &str) -> Self {
        Printed::new(text).map_or(Self::None, Self::Printed)
    }

    /// The subunit whose device type this M-Bus record states.
    pub(crate) fn names_a_device_type(&self) -> Option<u8> {
        match self {
            Self::Record(header) if header.meaning.means == Means::Quantity(Quantity::DeviceType) => {
                u8::try_from(header.subunit).ok()
            }
            _ => None,
        }
    }
}

/// A time stamp as received.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum RawTime {
    /// A time that exists.
    Valid(MeterTime),
    /// The meter marks it invalid, or it is not a date of the calendar.
    Invalid,
}

impl RawTime {
    pub(crate) fn valid(self) -> Option<MeterTime> {
        match self {
            Self::Valid(time) => Some(time),
            Self::Invalid => None,
        }
    }
}

/// The text is not a name of a register.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct NotARegister;

impl fmt::Display for NotARegister {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not the name of a register")
    }
}

impl core::error::Error for NotARegister {}

#[cfg(test)]
mod tests;
