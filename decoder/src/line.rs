//! The settings of a serial line: speed, data bits, parity, stop bits.

use core::fmt;
use core::str::FromStr;

#[cfg(feature = "json")]
use serde::{Deserialize, Serialize};

/// A line setting, written `2400 8E1`.
///
/// The ranges are those of Web Serial: 7 or 8 data bits, parity none, even or odd, 1 or 2 stop bits.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "json", derive(Deserialize, Serialize))]
pub struct Line {
    /// Bits per second.
    pub baud: u32,
    /// 7 or 8.
    pub data_bits: u8,
    /// The parity bit that follows the data bits.
    pub parity: Parity,
    /// 1 or 2.
    pub stop_bits: u8,
}

impl Line {
    /// The HAN port of Norway and Sweden and the customer interface of Austria and Switzerland, behind an M-Bus
    /// adapter: 2400 8E1. A wired M-Bus has the same setting.
    pub const HAN: Self = Self { baud: 2400, data_bits: 8, parity: Parity::Even, stop_bits: 1 };
    /// The P1 port since DSMR 4: 115200 8N1.
    pub const P1: Self = Self { baud: 115_200, data_bits: 8, parity: Parity::None, stop_bits: 1 };
    /// The P1 port of DSMR 2.2 and 3: 9600 7E1.
    pub const P1_OLD: Self = Self { baud: 9600, data_bits: 7, parity: Parity::Even, stop_bits: 1 };

    /// The infrared port of German electricity meters, for SML: 9600 8N1.
    pub const INFRARED: Self = Self { baud: 9600, data_bits: 8, parity: Parity::None, stop_bits: 1 };

    /// The TIC port of French meters in standard mode: 9600 8N1. They send seven bits and even parity; with eight bits
    /// and no parity, the session checks the parity bits itself.
    pub const TIC_STANDARD: Self = Self { baud: 9600, data_bits: 8, parity: Parity::None, stop_bits: 1 };
    /// The same port in historic mode, in which meters are delivered: 1200 8N1.
    pub const TIC_HISTORIC: Self = Self { baud: 1200, ..Self::TIC_STANDARD };

    /// The optical port of IEC 62056-21 before another speed is agreed: 300 7E1.
    pub const SIGN_ON: Self = Self { baud: 300, data_bits: 7, parity: Parity::Even, stop_bits: 1 };
    /// The same port in mode D, in which the meter sends by itself: 2400 7E1.
    pub const MODE_D: Self = Self { baud: 2400, ..Self::SIGN_ON };
    /// The optical port of Kamstrup's heat and water meters: 1200 8N2.
    pub const KMP: Self = Self { baud: 1200, data_bits: 8, parity: Parity::None, stop_bits: 2 };

    /// Bits that one byte takes on the line, start bit included.
    #[must_use]
    pub fn bits_per_byte(self) -> u32 {
        let parity = u32::from(self.parity != Parity::None);
        1 + u32::from(self.data_bits) + parity + u32::from(self.stop_bits)
    }

    /// Milliseconds that this many bytes take on the line, rounded up.
    #[must_use]
    pub fn milliseconds(self, bytes: usize) -> u64 {
        let bits = (bytes as u64).saturating_mul(u64::from(self.bits_per_byte()));
        bits.saturating_mul(1000).div_ceil(u64::from(self.baud.max(1)))
    }
}

/// The parity bit of a character.
///
/// Exhaustive: no meter uses another parity.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "json", derive(Deserialize, Serialize))]
pub enum Parity {
    /// No parity bit.
    None,
    /// The number of ones is even.
    Even,
    /// The number of ones is odd.
    Odd,
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parity = match self.parity {
            Parity::None => 'N',
            Parity::Even => 'E',
            Parity::Odd => 'O',
        };
        write!(f, "{} {}{parity}{}", self.baud, self.data_bits, self.stop_bits)
    }
}

impl FromStr for Line {
    type Err = NotALine;

    fn from_str(text: &str) -> Result<Self, NotALine> {
        let (baud, frame) = text.split_once(' ').ok_or(NotALine)?;
        let mut letters = frame.chars();
        let data_bits = match letters.next() {
            Some('7') => 7,
            Some('8') => 8,
            _ => return Err(NotALine),
        };
        let parity = match letters.next() {
            Some('N') => Parity::None,
            Some('E') => Parity::Even,
            Some('O') => Parity::Odd,
            _ => return Err(NotALine),
        };
        let stop_bits = match letters.next() {
            Some('1') => 1,
            Some('2') => 2,
            _ => return Err(NotALine),
        };
        if letters.next().is_some() {
            return Err(NotALine);
        }
        let baud = baud.parse().ok().filter(|baud| *baud > 0).ok_or(NotALine)?;
        Ok(Self { baud, data_bits, parity, stop_bits })
    }
}

/// The text is not a line setting of the form `2400 8E1`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct NotALine;

impl fmt::Display for NotALine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a line setting such as 9600 7E1")
    }
}

impl core::error::Error for NotALine {}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn a_written_line_is_read_back() {
        for line in [Line::HAN, Line::P1, Line::P1_OLD] {
            assert_eq!(line.to_string().parse(), Ok(line));
        }
        assert_eq!(Line::HAN.to_string(), "2400 8E1");
        assert_eq!("300 9N1".parse::<Line>(), Err(NotALine));
        assert_eq!("0 8N1".parse::<Line>(), Err(NotALine));
    }

    #[test]
    fn counts_the_bits_per_byte() {
        assert_eq!(Line::HAN.bits_per_byte(), 11);
        assert_eq!(Line::P1.bits_per_byte(), 10);
        assert_eq!(Line::P1_OLD.bits_per_byte(), 10);
    }
}
