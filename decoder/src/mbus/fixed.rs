//! Stage 4 of M-Bus: the fixed data structure of first-generation meters → two registers.
//!
//! ```text
//! 78 56 34 12 | 0A | 00 | E9 7E | 01 00 00 00 | 35 01 00 00
//!  │             │    │    │       │             second counter
//!  │             │    │    │       first counter: decimal digits or two's complement, the low byte first
//!  │             │    │    units of both counters, six bits each; the two high bits of both bytes are the medium
//!  │             │    status
//!  │             access number
//!  identification
//! ```
//!
//! EN 1434-3:1997 and EN 13757-3:2004, 5 and annex A (type E).

use alloc::vec::Vec;

use super::record;
use super::value::{Data, Field};
use super::vib::Vib;
use crate::cursor::Cursor;
use crate::error::ParseError;
use crate::register::Register;
use crate::time::Zone;
use crate::vif::{self, RecordHeader, Table};

/// The content of the fixed structure, besides its counters.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Fixed {
    pub(crate) identification: [u8; 4],
    /// The medium, as a device type of the current standard.
    pub(crate) medium: u8,
    /// Error flags of the meter, in the same bits as in the status of the variable structure.
    pub(crate) status: u8,
}

/// Adds a register for each counter.
///
/// # Errors
/// [`ParseError::Truncated`] if the structure is too short, [`ParseError::TooMany`] if it is too long.
pub(crate) fn parse(user: &[u8], registers: &mut Vec<Register>) -> Result<Fixed, ParseError> {
    let mut cursor = Cursor::new(user);
    let fixed = structure(&mut cursor, registers).ok_or(ParseError::Truncated)?;
    if cursor.rest().is_empty() { Ok(fixed) } else { Err(ParseError::TooMany { limit: COUNTERS }) }
}

fn structure(cursor: &mut Cursor<'_>, registers: &mut Vec<Register>) -> Option<Fixed> {
    let identification = cursor.array()?;
    let [_access, status, first, second] = cursor.array()?;
    let counters: [[u8; 4]; COUNTERS] = [cursor.array()?, cursor.array()?];
    let of_a_set_date = status & AT_A_SET_DATE != 0;
    for (counter, unit) in counters.iter().zip([first, second]) {
        let unit = unit & UNIT;
        let (code, historic) =
            if unit == AS_THE_FIRST { (first & UNIT, true) } else { (unit, of_a_set_date) };
        let data = if status & BINARY != 0 {
            Data::Binary(counter)
        } else {
            Data::Digits { bytes: counter, negative: false }
        };
        let Vib { meaning, scale, form, .. } = Vib::of(vif::vif(Table::Fixed, code));
        let header = RecordHeader { storage: historic.into(), meaning, ..RecordHeader::PLAIN };
        record::push(header, Field::read(data, form, scale, Zone::default()), registers);
    }
    let medium = (first >> 6) | (second >> 6 << 2);
    Some(Fixed { identification, medium: medium_today(medium), status: status & ERRORS })
}

/// The device type for a medium. Codes from 10 on belong to meters that send the high bytes first.
const fn medium_today(medium: u8) -> u8 {
    match medium {
        10 => 3,
        11 => 4,
        12 => 6,
        13 => 7,
        14 => 8,
        medium => medium,
    }
}

const COUNTERS: usize = 2;
/// Bits of the status.
const BINARY: u8 = 0x01;
const AT_A_SET_DATE: u8 = 0x02;
const ERRORS: u8 = 0xFC;
/// The bits of a unit byte that hold the unit.
const UNIT: u8 = 0x3F;
/// The unit code of a second counter that stores the first counter's value at a set date.
const AS_THE_FIRST: u8 = 0x3E;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::register::RawUnit;
    use alloc::string::String;

    fn read(user: &[u8]) -> (Fixed, Vec<String>) {
        let mut registers = Vec::new();
        let fixed = parse(user, &mut registers).unwrap();
        let shown = |register: &Register| {
            let RawUnit::Record(header) = register.unit else { panic!("{register:?}") };
            let unit = header.meaning.unit.map_or("-", crate::reading::Unit::as_str);
            alloc::format!("{} {} {unit} s{}", register.id, register.value, header.storage)
        };
        (fixed, registers.iter().map(shown).collect())
    }

    /// The example of the M-Bus documentation 4.8, 6.3.2: a water meter with 1 l now, and 135 l at the set date.
    #[test]
    fn reads_the_example_of_the_documentation() {
        let (fixed, values) =
            read(&[0x78, 0x56, 0x34, 0x12, 0x0A, 0x00, 0xE9, 0x7E, 1, 0, 0, 0, 0x35, 1, 0, 0]);
        assert_eq!((fixed.identification, fixed.medium), ([0x78, 0x56, 0x34, 0x12], 7));
        assert_eq!(values, ["mbus:0 0.001 m3 s0", "mbus:1 0.135 m3 s1"]);
    }

    #[test]
    fn counters_may_be_binary_and_of_a_set_date() {
        let user = [1, 0, 0, 0, 0, 0x07, 0x05, 0x69, 0x10, 0x27, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF];
        let (fixed, values) = read(&user);
        assert_eq!((fixed.medium, fixed.status), (4, 4));
        assert_eq!(values, ["mbus:0 10000 kWh s1", "mbus:1 -0.001 m3 s1"]);
    }

    #[test]
    fn another_length_is_refused() {
        assert_eq!(parse(&[0; 15], &mut Vec::new()), Err(ParseError::Truncated));
        assert_eq!(parse(&[0; 17], &mut Vec::new()), Err(ParseError::TooMany { limit: 2 }));
    }
}
