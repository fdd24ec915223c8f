//! What a meter literally said: [`RegisterId`], the register's own name, and [`Register`], the name with its value.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::str::FromStr;

use crate::number::Number;
use crate::time::MeterTime;

/// The name of a register as the meter gives it.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum RegisterId {
    /// An OBIS code (IEC 62056-61).
    Obis(Obis),
    /// A place in a list without names that no table describes, counted from 1; written `list:7`.
    Position(u16),
    /// A code as an IEC 62056-21 meter prints it, where that is no whole OBIS code: `1.8.0`, `F.F`.
    Printed(Printed),
    /// A record of an M-Bus telegram, counted from 0; written `mbus:3`.
    Record(u16),
    /// A register of a Kamstrup heat or water meter; written `kmp:60`.
    Kmp(u16),
}

/// An OBIS code: medium, channel, physical quantity, kind of processing, tariff, and billing period.
///
/// Written `A-B:C.D.E`, with `*F` only where F is not 255.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Obis(pub [u8; 6]);

impl Obis {
    /// A code without a billing period.
    #[must_use]
    pub const fn new(a: u8, b: u8, c: u8, d: u8, e: u8) -> Self {
        Self([a, b, c, d, e, 255])
    }

    /// From the code as written, with all of its separators; group F may be left out.
    #[must_use]
    pub fn from_ascii(text: &[u8]) -> Option<Self> {
        let mut code = [0, 0, 0, 0, 0, 255];
        let (mut group, mut number, mut digits) = (0, 0_u16, 0);
        for octet in text {
            match octet {
                b'0'..=b'9' => {
                    number = number * 10 + u16::from(octet - b'0');
                    digits += 1;
                    if number > 255 {
                        return None;
                    }
                }
                separator if digits > 0 && SEPARATORS.get(group) == Some(separator) => {
                    *code.get_mut(group)? = u8::try_from(number).ok()?;
                    (group, number, digits) = (group + 1, 0, 0);
                }
                _ => return None,
            }
        }
        if digits == 0 || group < 4 {
            return None;
        }
        *code.get_mut(group)? = u8::try_from(number).ok()?;
        Some(Self(code))
    }
}

/// What stands behind groups A to E.
const SEPARATORS: &[u8; 5] = b"-:..*";

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
        match text.parse() {
            Ok(obis) => Ok(Self::Obis(obis)),
            Err(NotARegister) => Printed::new(text).map(Self::Printed).ok_or(NotARegister),
        }
    }
}

/// A name or a unit as a meter prints it: up to sixteen octets of ASCII without parentheses and white space (IEC
/// 62056-21, 6.5).
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub struct Printed {
    octets: [u8; 16],
    length: u8,
}

impl Printed {
    /// `None` for a text that is empty, too long, or holds what no name may.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        Self::from_ascii(text.as_bytes())
    }

    /// The same, from octets.
    #[must_use]
    pub fn from_ascii(text: &[u8]) -> Option<Self> {
        let mut printed = Self { octets: [0; 16], length: u8::try_from(text.len()).ok()? };
        if text.is_empty() || text.len() > printed.octets.len() {
            return None;
        }
        for (place, octet) in printed.octets.iter_mut().zip(text) {
            if !octet.is_ascii_graphic() || matches!(octet, b'(' | b')') {
                return None;
            }
            *place = *octet;
        }
        Some(printed)
    }

    /// Up to eight octets as one number, the first in its low octet: what tables are asked with.
    pub(crate) fn key(&self) -> Option<u64> {
        let (key, rest) = self.octets.split_first_chunk::<8>()?;
        (rest.first() == Some(&0)).then_some(u64::from_le_bytes(*key))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        let octets = self.octets.get(..self.length.into()).unwrap_or_default();
        core::str::from_utf8(octets).unwrap_or_default()
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

/// A register with its value, before anybody asks what it means.
#[derive(Clone, Debug, PartialEq)]
pub struct Register {
    /// Its name.
    pub id: RegisterId,
    /// What stands in it.
    pub value: Value,
    /// The unit beside it, as the meter writes or numbers it; empty where it sends none.
    pub unit: RawUnit,
    /// The value's own time stamp, where it has one.
    pub time: Option<RawTime>,
}

/// The value of a register or of a measurement.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// An exact number.
    Number(Number),
    /// Text as sent.
    Text(String),
    /// Octets that are not text; written as lower-case hex.
    Octets(Vec<u8>),
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => number.fmt(f),
            Self::Text(text) => f.write_str(text),
            Self::Octets(octets) => octets.iter().try_for_each(|octet| write!(f, "{octet:02x}")),
        }
    }
}

/// A unit as it came, before it is looked up.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum RawUnit {
    /// None was sent.
    #[default]
    None,
    /// Printed, as in a P1 telegram.
    Printed(Printed),
    /// The number of a unit in the table of IEC 62056-6-2.
    Dlms(u8),
}

impl RawUnit {
    /// A unit as printed; none for a text that is no name.
    #[must_use]
    pub fn printed(text: &str) -> Self {
        Printed::new(text).map_or(Self::None, Self::Printed)
    }
}

/// A time stamp as it came.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum RawTime {
    /// A moment that exists.
    Valid(MeterTime),
    /// The meter marks it invalid, or no calendar has it.
    Invalid,
}

/// The text is no register's name.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct NotARegister;

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn reads_what_it_writes() {
        let codes = ["1-0:1.8.0", "0-1:24.2.1", "1-0:1.6.0*12", "list:7", "1.8.0", "F.F", "mbus:3", "kmp:60"];
        for text in codes {
            assert_eq!(text.parse::<RegisterId>().unwrap().to_string(), text);
        }
        assert_eq!("1-0:1.8.0*255".parse::<Obis>().unwrap().to_string(), "1-0:1.8.0");
        for wrong in ["1-0:1.8", "1-0:1.8.256", "+1-0:1.8.0", "1-0:1.8.0*", "1-0:C.1.0"] {
            assert_eq!(wrong.parse::<Obis>(), Err(NotARegister), "{wrong}");
        }
        for wrong in ["", "list:x", "mbus:", "kmp:70000", "1.8.0(", "a b", "12345678901234567"] {
            assert_eq!(wrong.parse::<RegisterId>(), Err(NotARegister), "{wrong}");
        }
    }
}
