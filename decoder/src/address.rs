//! [`Address`]: the address of a meter on a wired M-Bus, and its written form.
//!
//! A primary address is written as a number, such as `5`. A secondary address is written as 16 hexadecimal digits: the
//! meter's number as printed on it, then maker, version and device type in the order in which they are sent. `F`
//! matches any digit (EN 13757-7, 8.4).

use core::fmt;
use core::str::FromStr;

use crate::hex;

/// A meter's address on a wired M-Bus.
///
/// Exhaustive: EN 13757-7 defines only these two kinds.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Address {
    /// 0 to 250, or 254 ([`Address::ANY`]).
    Primary(u8),
    /// The identity of the meter.
    Secondary(Secondary),
}

/// The identity of a meter, each part with or without wildcards (EN 13757-7, 8.4).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Secondary {
    /// Eight decimal digits in BCD: meter 12345678 is `0x12345678`. A digit F matches every digit.
    pub identification: u32,
    /// The maker's letters, five bits each; `0xFFFF` matches all makers.
    pub maker: u16,
    /// `0xFF` matches all versions.
    pub version: u8,
    /// What the meter measures; `0xFF` matches all types.
    pub device_type: u8,
}

/// The text is neither a primary nor a secondary address.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct NotAnAddress;

impl fmt::Display for NotAnAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("neither a primary nor a secondary M-Bus address")
    }
}

impl core::error::Error for NotAnAddress {}

impl Address {
    /// Address 254: the only meter on a bus answers to it, whatever its own address (EN 13757-2, 5.7.5).
    pub const ANY: Self = Self::Primary(254);
}

impl Secondary {
    /// Matches every meter.
    pub const ANY: Self =
        Self { identification: 0xFFFF_FFFF, maker: 0xFFFF, version: 0xFF, device_type: 0xFF };
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Primary(number) => write!(f, "{number}"),
            Self::Secondary(Secondary { identification, maker, version, device_type }) => {
                write!(f, "{identification:08X}{:04X}{version:02X}{device_type:02X}", maker.swap_bytes())
            }
        }
    }
}

impl FromStr for Address {
    type Err = NotAnAddress;

    fn from_str(text: &str) -> Result<Self, NotAnAddress> {
        if text.len() == SECONDARY_DIGITS && text.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            let digits = hex::number(text.as_bytes()).ok_or(NotAnAddress)?;
            let [n0, n1, n2, n3, low, high, version, device_type] = digits.to_be_bytes();
            return Ok(Self::Secondary(Secondary {
                identification: u32::from_be_bytes([n0, n1, n2, n3]),
                maker: u16::from_le_bytes([low, high]),
                version,
                device_type,
            }));
        }
        match text.parse() {
            Ok(number @ (0..=250 | 254)) => Ok(Self::Primary(number)),
            _ => Err(NotAnAddress),
        }
    }
}

#[cfg(feature = "json")]
mod json {
    use alloc::string::String;

    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::{Address, NotAnAddress};

    impl Serialize for Address {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.collect_str(self)
        }
    }

    impl<'de> Deserialize<'de> for Address {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            let text = String::deserialize(deserializer)?;
            text.parse().map_err(|NotAnAddress| D::Error::custom("not an M-Bus address"))
        }
    }
}

const SECONDARY_DIGITS: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    /// The water meter of the M-Bus documentation 4.8, 6.3.1: bytes 78 56 34 12 24 40 01 07.
    #[test]
    fn addresses_are_written_as_digits_and_read_back() {
        let meter =
            Secondary { identification: 0x1234_5678, maker: 0x4024, version: 0x01, device_type: 0x07 };
        for (address, text) in [
            (Address::Primary(0), "0"),
            (Address::ANY, "254"),
            (Address::Secondary(meter), "1234567824400107"),
            (Address::Secondary(Secondary::ANY), "FFFFFFFFFFFFFFFF"),
        ] {
            assert_eq!(address.to_string(), text);
            assert_eq!(text.parse(), Ok(address));
        }
    }

    #[test]
    fn other_texts_are_not_addresses() {
        for text in
            ["", "251", "253", "-1", "1234567", "123456782440010", "12345678244001077", "+234567824400107"]
        {
            assert_eq!(text.parse::<Address>(), Err(NotAnAddress), "{text}");
        }
    }
}
