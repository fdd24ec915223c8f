//! [`Read`]: every question that a meter can be asked. There are no other functions, and none of these changes
//! anything.

use alloc::vec::Vec;

use crate::crc::crc16_modbus;
use crate::rail::Block;

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Question {
    pub(crate) address: u8,
    pub(crate) read: Read,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Read {
    /// Holding registers (function 3).
    Holding { first: u16, count: u16 },
    /// Input registers (function 4).
    Input { first: u16, count: u16 },
    /// The identification (function 43, MEI type 14).
    Identification,
    /// The newest entries of an EMI meter's load profile (function 44h).
    LastEntries { index: u8, count: u8 },
    /// Entries of the load profile from `first` on, counted from the oldest (function 45h).
    Entries { index: u8, first: u32, count: u8 },
}

impl Read {
    pub(crate) const fn of(block: Block) -> Self {
        let Block { function, first, count } = block;
        match function {
            IDENTIFICATION => Self::Identification,
            INPUT => Self::Input { first, count },
            _ => Self::Holding { first, count },
        }
    }

    pub(crate) const fn function(self) -> u8 {
        match self {
            Self::Holding { .. } => HOLDING,
            Self::Input { .. } => INPUT,
            Self::Identification => IDENTIFICATION,
            Self::LastEntries { .. } => LAST_ENTRIES,
            Self::Entries { .. } => ENTRIES,
        }
    }
}

impl Question {
    /// Parses bytes without their CRC as a question; `None` for writes and for other functions.
    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        let (address, read) = match *bytes {
            [address, function @ (HOLDING | INPUT), a, b, c, d] => {
                let (first, count) = (u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d]));
                let is_input = function == INPUT;
                let read =
                    if is_input { Read::Input { first, count } } else { Read::Holding { first, count } };
                (address, read)
            }
            [address, IDENTIFICATION, ..] => (address, Read::Identification),
            [address, LAST_ENTRIES, index, count] => (address, Read::LastEntries { index, count }),
            [address, ENTRIES, index, a, b, c, d, count] => {
                (address, Read::Entries { index, first: u32::from_be_bytes([a, b, c, d]), count })
            }
            _ => return None,
        };
        Some(Self { address, read })
    }

    /// The bytes to send, with their CRC.
    pub(crate) fn bytes(self) -> Vec<u8> {
        let mut bytes = Vec::from([self.address, self.read.function()]);
        match self.read {
            Read::Holding { first, count } | Read::Input { first, count } => {
                bytes.extend(first.to_be_bytes());
                bytes.extend(count.to_be_bytes());
            }
            Read::Identification => bytes.extend([MEI_IDENTIFICATION, BASIC, 0]),
            Read::LastEntries { index, count } => bytes.extend([index, count]),
            Read::Entries { index, first, count } => {
                bytes.push(index);
                bytes.extend(first.to_be_bytes());
                bytes.push(count);
            }
        }
        let check = crc16_modbus(&bytes);
        bytes.extend(check.to_le_bytes());
        bytes
    }
}

pub(crate) const HOLDING: u8 = 3;
pub(crate) const INPUT: u8 = 4;
pub(crate) const IDENTIFICATION: u8 = 43;
pub(crate) const LAST_ENTRIES: u8 = 0x44;
pub(crate) const ENTRIES: u8 = 0x45;
const MEI_IDENTIFICATION: u8 = 14;
/// Vendor, product and version.
const BASIC: u8 = 1;

#[cfg(test)]
mod tests {
    use super::*;

    /// Questions from published captures.
    #[test]
    fn a_question_that_is_written_can_be_read_back() {
        let voltage = Question { address: 1, read: Read::Input { first: 0, count: 2 } };
        assert_eq!(voltage.bytes(), [0x01, 0x04, 0x00, 0x00, 0x00, 0x02, 0x71, 0xCB]);
        let entries = Question { address: 1, read: Read::Entries { index: 0, first: 6000, count: 2 } };
        assert_eq!(entries.bytes(), [0x01, 0x45, 0, 0, 0, 0x17, 0x70, 0x02, 0x81, 0x06]);
        for question in [voltage, entries] {
            let bytes = question.bytes();
            assert_eq!(Question::read(&bytes[..bytes.len() - 2]), Some(question));
        }
    }

    #[test]
    fn a_write_is_not_a_question() {
        for function in [5, 6, 15, 16, 22, 23, 42] {
            assert_eq!(Question::read(&[1, function, 0, 0x12, 0, 3]), None, "{function}");
        }
    }
}
