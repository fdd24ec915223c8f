//! Stage 4 of M-Bus: the records of the variable data structure → registers.
//!
//! ```text
//! 8C 10 | 04  | 29 00 00 00     DIF 8C: eight digits, DIFE 10: tariff 1; VIF 04: 10 Wh; 29, so 290 Wh
//! DIB     VIB   data
//! ```
//!
//! EN 13757-3:2018, clause 6. Guarantee for stage 5: every record is a register numbered by its position, from 0, and
//! numbers are in the unit that their header names. If a record is cut short, the whole telegram is refused, because
//! nothing shows where the telegram was cut.

use alloc::vec::Vec;

use super::heads::{Head, Heads};
use super::value::{Data, Field};
use crate::cursor::Cursor;
use crate::error::ParseError;
use crate::register::{RawTime, RawUnit, Register, RegisterId, Value};
use crate::time::Zone;
use crate::vif::{IntegerForm, MakersOwn, Means, RecordHeader};

/// Adds a register for every record. Returns whether the meter has more records, to be requested with another question
/// (6.3.3: DIF 1F). [`Heads::expect`] must have been called with the answer's header.
///
/// # Errors
/// A record that ends too early, has more extensions than the standard allows, or has data of unknown length; also a
/// DIF that begins no record and has no known meaning.
pub(crate) fn parse(
    records: &[u8],
    heads: &mut Heads,
    zone: Zone,
    registers: &mut Vec<Register>,
) -> Result<bool, ParseError> {
    let mut cursor = Cursor::new(records);
    let mut more_follows = false;
    let mut unset = Vec::new();
    let mut counters = Counters::default();
    while let Some(dif) = cursor.u8() {
        match dif {
            FILLER => {}
            MAKERS_OWN | MAKERS_OWN_AND_MORE => {
                more_follows = dif == MAKERS_OWN_AND_MORE;
                let rest = cursor.take(cursor.rest().len()).unwrap_or_default();
                if !rest.is_empty() {
                    push(RecordHeader::PLAIN, Field::of(Value::Octets(rest.into())), registers);
                }
            }
            dif if dif & SPECIAL == SPECIAL => return Err(ParseError::Unsupported(dif)),
            dif => {
                if let Some(storage) = record(dif, &mut cursor, heads, zone, &mut counters, registers)? {
                    unset.push(storage);
                }
            }
        }
    }
    if !unset.is_empty() {
        for register in registers {
            if let RawUnit::Record(header) = &mut register.unit {
                header.invalid |= unset.contains(&header.storage);
            }
        }
    }
    Ok(more_follows)
}

/// The counters seen so far. A meter has one counter of each name, so only its maker knows what a second one counts.
/// BMeters' Hydrocal M3 sends heat and cold this way.
#[derive(Default)]
struct Counters {
    /// A bit for each name. Several names may share a bit, so a set bit is only a hint.
    names: u64,
}

impl Counters {
    /// Takes away the meaning of the last register, a counter, if an earlier one has the same name and another value.
    fn notice(&mut self, registers: &mut [Register]) {
        let Some((last, before)) = registers.split_last_mut() else { return };
        let (RawUnit::Record(own), Value::Number(number)) = (&mut last.unit, &last.value) else { return };
        let name = [own.meaning.unit.map_or(0, |unit| unit as u64), own.tariff.into(), own.subunit.into()];
        let bit =
            1 << (name.iter().fold(own.storage, |sum, part| sum.wrapping_mul(5).wrapping_add(*part)) % 64);
        let is_new = self.names & bit == 0;
        self.names |= bit;
        // The same counter with a coarser resolution is not a second one.
        let differs = |value: &Value| match value {
            Value::Number(other) => other.scaler == number.scaler && other != number,
            _ => false,
        };
        let is_other = |other: &Register| {
            matches!(&other.unit, RawUnit::Record(header) if header.names_same(own)) && differs(&other.value)
        };
        if !is_new && before.iter().any(is_other) {
            own.meaning.means = Means::Nothing;
        }
    }
}

/// Adds the register of a record, numbered by its position.
pub(super) fn push(header: RecordHeader, field: Field, registers: &mut Vec<Register>) {
    let place = u16::try_from(registers.len()).unwrap_or(u16::MAX);
    let unit = RawUnit::Record(RecordHeader { invalid: header.invalid || field.invalid, ..header });
    let time = field.time.map(RawTime::Valid);
    registers.push(Register { id: RegisterId::Record(place), value: field.value, unit, time });
}

/// Adds the register of a record. If the record is the date of a storage and was never set, returns the number of that
/// storage: its values are invalid.
fn record(
    dif: u8,
    cursor: &mut Cursor<'_>,
    heads: &mut Heads,
    zone: Zone,
    counters: &mut Counters,
    registers: &mut Vec<Register>,
) -> Result<Option<u64>, ParseError> {
    let Head { mut header, mut vib, is_counted } = heads.read(registers.len(), dif, cursor)?;
    let data = Data::read(dif, cursor)?;
    if data.suits(vib.form) {
        header.meaning = vib.meaning;
    }
    // Some makers send energies as reals in the unit of readings, whatever power of ten the VIF states.
    if matches!(data, Data::Real(_))
        && vib.meaning.means.is_energy()
        && heads.maker().is_some_and(MakersOwn::has_whole_reals)
    {
        (vib.scale, header.assumed) = (0, true);
    }
    header.invalid =
        vib.error || vib.form == IntegerForm::Number && data.is_lowest() || is_counted && data.is_all_ones();
    let of_storage = Some(header.storage).filter(|storage| *storage > 0);
    let unset = of_storage.filter(|_| vib.is_date && data.is_unset());
    push(header, Field::read(data, vib.form, vib.scale, zone), registers);
    if is_counted {
        counters.notice(registers);
    }
    Ok(unset)
}

/// DIF: only the maker knows the meaning of the following bytes.
pub(crate) const MAKERS_OWN: u8 = 0x0F;
/// DIF: like [`MAKERS_OWN`], and the meter has more telegrams.
pub(crate) const MAKERS_OWN_AND_MORE: u8 = 0x1F;
/// DIF: a filler without any data.
pub(crate) const FILLER: u8 = 0x2F;
/// The low bits of every DIF that begins no record.
pub(crate) const SPECIAL: u8 = 0x0F;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mbus::answer::{Address, Header};
    use crate::reading::Unit;
    use alloc::format;
    use alloc::string::String;
    use alloc::vec;

    fn registers(records: &[u8]) -> Result<Vec<Register>, ParseError> {
        let mut registers = Vec::new();
        parse(records, &mut Heads::default(), Zone::default(), &mut registers).map(|_| registers)
    }

    fn read(records: &[u8]) -> Vec<String> {
        let shown = |register: &Register| {
            let RawUnit::Record(header) = register.unit else { panic!("{register:?}") };
            let RecordHeader { function, storage, tariff, subunit, .. } = header;
            let unit = header.meaning.unit.map_or("-", Unit::as_str);
            format!("{} {function:?} s{storage} t{tariff} u{subunit} {} {unit}", register.id, register.value)
        };
        registers(records).unwrap().iter().map(shown).collect()
    }

    /// The example of the M-Bus documentation 4.8, 6.5, with the values that it states.
    #[test]
    fn reads_the_example_of_the_documentation() {
        let records = [
            &[0x03, 0x13, 0x15, 0x31, 0x00][..],
            &[0xDA, 0x02, 0x3B, 0x13, 0x01],
            &[0x8B, 0x60, 0x04, 0x37, 0x18, 0x02],
        ]
        .concat();
        let wanted = [
            "mbus:0 Instantaneous s0 t0 u0 12.565 m3",
            "mbus:1 Maximum s5 t0 u0 0.113 m3/h",
            "mbus:2 Instantaneous s0 t2 u1 218.37 kWh",
        ];
        assert_eq!(read(&records), wanted);
    }

    #[test]
    fn ten_difes_extend_the_storage_number_to_41_bits() {
        let difes: Vec<u8> = [vec![0xFF; 9], vec![0x7F]].concat();
        let records = [&[0xF1][..], &difes, &[0x13, 1]].concat();
        let storage = (1_u64 << 41) - 1;
        assert_eq!(read(&records), [format!("mbus:0 Error s{storage} t{} u1023 0.001 m3", (1 << 20) - 1)]);
        let too_many = [&[0xF1][..], &[0xFF; 10], &[0x7F, 0x13, 1]].concat();
        assert_eq!(registers(&too_many), Err(ParseError::TooMany { limit: 10 }));
    }

    #[test]
    fn manufacturer_data_stay_unchanged() {
        let of = |dif| [&[0x2F, 0x2F, 0x01, 0x13, 5, 0x2F][..], &[dif, 0x2F, 0x04, 0x13]].concat();
        let wanted = ["mbus:0 Instantaneous s0 t0 u0 0.005 m3", "mbus:1 Instantaneous s0 t0 u0 2f0413 -"];
        assert_eq!(read(&of(0x0F)), wanted);
        assert_eq!(read(&of(0x1F)), wanted);
        assert_eq!(read(&[0x01, 0x13, 5, 0x1F]).len(), 1);
        assert_eq!(registers(&of(0x3F)), Err(ParseError::Unsupported(0x3F)));
    }

    #[test]
    fn a_telegram_with_a_cut_record_is_refused() {
        let records = [0x01, 0x13, 5, 0x8B, 0x60, 0x84, 0x70, 0x37, 0x18, 0x02];
        for length in 4..10 {
            assert_eq!(registers(&records[..length]), Err(ParseError::Truncated), "{length}");
        }
        assert_eq!(read(&records).len(), 2);
    }

    /// Zenner's meters fill a storage that was never written, and its date, with ones.
    #[test]
    fn values_are_invalid_if_their_storage_was_never_set() {
        let invalid = |records: &[u8]| -> Vec<bool> {
            let of = |register: &Register| matches!(register.unit, RawUnit::Record(header) if header.invalid);
            registers(records).unwrap().iter().map(of).collect()
        };
        let unset = [0x04, 0x13, 0, 0, 0, 0, 0x44, 0x13, 5, 0, 0, 0, 0x42, 0x6C, 0xFF, 0xFF];
        assert_eq!(invalid(&unset), [false, true, true]);
        let unset = [0x44, 0x13, 5, 0, 0, 0, 0x4B, 0x6C, 0xFF, 0xFF, 0xFF];
        assert_eq!(invalid(&unset), [true, true]);
        let set = [0x44, 0x13, 5, 0, 0, 0, 0x42, 0x6C, 0xBF, 0x1C];
        assert_eq!(invalid(&set), [false, false]);
        // The date of a first limit violation is not the date of the storage.
        assert_eq!(invalid(&[0x44, 0x13, 5, 0, 0, 0, 0x44, 0xED, 0x4A, 0, 0, 0, 0]), [false, true]);
        // A counter with all bits set is invalid; a temperature may be a tenth of a degree below zero.
        assert_eq!(invalid(&[0x04, 0x13, 0xFF, 0xFF, 0xFF, 0xFF, 0x02, 0x66, 0xFF, 0xFF]), [true, false]);
        // The lowest integer of any size means no value; flags and counts have no sign.
        assert_eq!(invalid(&[0x02, 0x59, 0, 0x80, 0x01, 0x5B, 0x80, 0x04, 0x13, 0, 0, 0, 0x80]), [true; 3]);
        assert_eq!(invalid(&[0x02, 0x59, 1, 0x80, 0x02, 0xFD, 0x17, 0, 0x80]), [false; 2]);
        // A value from the error state is still a value.
        assert_eq!(invalid(&[0x34, 0x22, 5, 0, 0, 0]), [false]);
    }

    /// The codes of Schneider's iEM3135 and IME's Conto D4, as listed in `registers/makers.toml`.
    #[test]
    fn makers_have_their_own_subunits_and_units_of_reals() {
        let of = |letters: [u8; 3], records: &[u8]| {
            let maker = letters.iter().fold(0, |number, letter| number << 5 | u16::from(letter - b'@'));
            let mut registers = Vec::new();
            let address =
                Address { identification: [1; 4], maker: maker.to_le_bytes(), version: 0x66, device_type: 2 };
            let mut heads = Heads::default();
            heads.expect(&Header { address: Some(address), ..Header::default() });
            parse(records, &mut heads, Zone::default(), &mut registers).unwrap();
            let shown = |register: &Register| {
                let RawUnit::Record(header) = register.unit else { panic!("{register:?}") };
                let unit = header.meaning.unit.map_or("-", Unit::as_str);
                let phase = header.meaning.phase.map_or("-", |phase| phase.as_str());
                let kind = if header.assumed { "assumed" } else { "sent" };
                format!("u{} t{} {} {unit} {phase} {kind}", header.subunit, header.tariff, register.value)
            };
            registers.iter().map(shown).collect::<Vec<_>>()
        };
        let real = 12.5_f32.to_bits().to_le_bytes();
        let records = [
            &[0x05, 0x03][..],
            &real,
            &[0x05, 0x06],
            &real,
            &[0x85, 0x40, 0x03],
            &real,
            &[0x85, 0x80, 0x40, 0x2E],
            &real,
            &[0x04, 0x03, 0xD4, 0x30, 0, 0],
            &[0x84, 0x40, 0x83, 0xFF, 0x0D, 0xD4, 0x30, 0, 0],
        ];
        let wanted = [
            "u0 t0 12.5 kWh - assumed",
            "u0 t0 12.5 kWh - assumed",
            "u0 t0 12.5 kvarh - assumed",
            "u0 t0 12500 VA - sent",
            "u0 t0 12.500 kWh - sent",
            "u0 t0 12.500 kvarh - sent",
        ];
        assert_eq!(of(*b"SEC", &records.concat()), wanted);
        assert_eq!(of(*b"XYZ", &records[..2].concat()), ["u0 t0 0.0125 kWh - sent"]);
        let line = [0x84, 0x90, 0x20, 0xFF, 0x88, 0x48, 0x46, 0x0F, 0, 0];
        assert_eq!(of(*b"IME", &line), ["u0 t0 391.0 V l23 sent"]);
    }

    /// BMeters' Hydrocal M3: heat, then cold.
    #[test]
    fn a_second_counter_with_the_same_name_has_no_meaning() {
        let means = |records: &[u8]| -> Vec<bool> {
            let of = |register: &Register| matches!(register.unit, RawUnit::Record(header) if header.meaning.means != Means::Nothing);
            registers(records).unwrap().iter().map(of).collect()
        };
        assert_eq!(means(&[0x01, 0x06, 5, 0x01, 0x06, 6, 0x01, 0x06, 5]), [true, false, true]);
        // Counters of another storage or resolution, and values that are not counters.
        assert_eq!(means(&[0x01, 0x06, 5, 0x41, 0x06, 6, 0x01, 0x07, 1]), [true; 3]);
        assert_eq!(means(&[0x01, 0x66, 5, 0x01, 0x66, 6]), [true; 2]);
    }

    /// ABB's A43 packs a time into decimal digits; the VIF says that they are a time.
    #[test]
    fn a_moment_may_be_packed_into_digits() {
        let records = [
            0x8E, 0x01, 0xED, 0x6B, 0, 0, 0, 1, 6, 6, 0x0B, 0x6C, 0x01, 0x06, 0x06, 0x0B, 0x6C, 0x99, 0x99,
            0x06,
        ];
        let wanted = [
            "mbus:0 Instantaneous s2 t0 u0 2006-06-01T00:00:00+02:00 -",
            "mbus:1 Instantaneous s0 t0 u0 2006-06-01 -",
            "mbus:2 Instantaneous s0 t0 u0 069999 -",
        ];
        assert_eq!(read(&records), wanted);
    }

    #[test]
    fn a_record_without_data_has_an_empty_value() {
        assert_eq!(
            read(&[0x00, 0x13, 0x08, 0x06]),
            ["mbus:0 Instantaneous s0 t0 u0  -", "mbus:1 Instantaneous s0 t0 u0  -",]
        );
    }
}
