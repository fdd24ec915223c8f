//! Stage 4 of Portugal's EMI meters: a question and its answer → registers by their OBIS codes (DEF-C44-509/N, 5).
//!
//! Registers are as wide as their types, and a zero byte pads an answer of odd length. An answer does not state which
//! registers it contains, so it is refused unless its length is exactly that of the requested registers.

use alloc::vec::Vec;

use smol_str::SmolStr;

use super::question::Read;
use crate::cursor::Cursor;
use crate::emi::{EmiForm, EmiRegister, profile_column, register};
use crate::number::Number;
use crate::register::{Obis, RawTime, RawUnit, Register, RegisterId, Value};
use crate::time::Zone;

/// Reads a COSEM date-time; `None` if it is not specified.
pub(crate) type ReadClock = fn(&[u8], Zone) -> Option<RawTime>;

/// The content of a meter's load profile: the numbers of its columns, without the empty ones.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Columns(Vec<u8>);

#[derive(Debug, Default, PartialEq)]
pub(crate) struct Answer {
    /// The time of the meter's clock, or of the entry.
    pub(crate) time: Option<RawTime>,
    /// The columns of the load profile, if they were asked for.
    pub(crate) columns: Option<Columns>,
}

/// Parses the answer to a question for registers; `None` if its length does not fit.
pub(crate) fn registers(
    (first, count): (u16, u16),
    data: &[u8],
    zone: Zone,
    clock: ReadClock,
    found: &mut Vec<Register>,
) -> Option<Answer> {
    let surplus = surplus((first, count), data.len())?;
    let rows = || rows(first, count);
    let mut cursor = Cursor::new(data);
    let mut answer = Answer::default();
    for row in rows().flatten() {
        let more = if row.form == EmiForm::Measurements { surplus } else { 0 };
        let bytes = cursor.take(usize::from(row.octets) + more)?;
        match row.form {
            EmiForm::Clock => {
                answer.time = clock(bytes, zone);
                found.push(of_clock(row.obis, bytes, answer.time));
            }
            EmiForm::Moment => {
                if let Some(peak) = found.last_mut().filter(|peak| peak.id == RegisterId::Obis(row.obis)) {
                    peak.time = clock(bytes, zone);
                }
            }
            EmiForm::Measurements => {
                let used = bytes.iter().filter(|number| **number != EMPTY).copied().collect();
                answer.columns = Some(Columns(used));
                found.push(plain(row, Value::Octets(bytes.into())));
            }
            EmiForm::Text => found.push(plain(row, text(bytes))),
            EmiForm::Octets => found.push(plain(row, Value::Octets(bytes.into()))),
            EmiForm::Number => found.push(plain(row, Value::Number(number(bytes, row.scaler)))),
        }
    }
    cursor.rest().iter().all(|filler| *filler == 0).then_some(answer)
}

/// Whether an answer of this many bytes can belong to these registers.
pub(crate) fn fits(asked: (u16, u16), bytes: usize) -> bool {
    surplus(asked, bytes).is_some()
}

/// By how many bytes the list of columns is longer than in edition 1; `None` if the length of the answer does not fit.
fn surplus((first, count): (u16, u16), bytes: usize) -> Option<usize> {
    let width = rows(first, count).try_fold(0, |sum, row| Some(sum + usize::from(row?.octets)))?;
    let surplus = bytes.checked_sub(width + width % 2)?;
    let has_list = rows(first, count).flatten().any(|row| row.form == EmiForm::Measurements);
    (surplus == 0 || surplus == EDITION_2 && has_list).then_some(surplus)
}

fn rows(first: u16, count: u16) -> impl Iterator<Item = Option<EmiRegister>> {
    (first..first.saturating_add(count)).map(register)
}

impl Columns {
    /// The entries of the load profile in an answer, each as a slice of bytes; `None` if the length of the answer does
    /// not fit.
    pub(crate) fn entries<'a>(
        &self,
        data: &'a [u8],
        count: u8,
    ) -> Option<impl Iterator<Item = &'a [u8]> + use<'a>> {
        let columns = self.rows()?;
        let width = CLOCK + STATUS + columns.iter().map(|row| usize::from(row.octets)).sum::<usize>();
        let whole = width.checked_mul(count.into())?;
        let (entries, filler) = data.split_at_checked(whole)?;
        let fits = filler.len() == whole % 2 && filler.iter().all(|byte| *byte == 0) && !self.0.is_empty();
        fits.then(|| entries.chunks(width))
    }

    /// Adds the registers of one entry. The time of the answer is the end of the entry's period.
    pub(crate) fn entry(
        &self,
        bytes: &[u8],
        zone: Zone,
        clock: ReadClock,
        found: &mut Vec<Register>,
    ) -> Option<Answer> {
        let mut cursor = Cursor::new(bytes);
        let time = clock(cursor.take(CLOCK)?, zone);
        cursor.take(STATUS)?;
        for row in self.rows()? {
            let bytes = cursor.take(row.octets.into())?;
            found.push(plain(row, Value::Number(number(bytes, row.scaler))));
        }
        Some(Answer { time, columns: None })
    }

    /// The registers of the columns, except columns 1 and 2, which are clock and status; `None` if a column is unknown.
    fn rows(&self) -> Option<Vec<EmiRegister>> {
        let numbers = self.0.iter().filter(|number| !matches!(**number, 1 | 2));
        numbers.map(|number| profile_column(*number)).collect()
    }
}

/// How many entries of the load profile a question reads; `None` if it reads none.
pub(crate) fn entries_of(read: Read) -> Option<u8> {
    match read {
        Read::LastEntries { count, .. } | Read::Entries { count, .. } => Some(count),
        _ => None,
    }
}

fn of_clock(obis: Obis, bytes: &[u8], time: Option<RawTime>) -> Register {
    let value = Value::Octets(bytes.into());
    Register { id: obis.into(), value, unit: RawUnit::None, time }
}

fn plain(row: EmiRegister, value: Value) -> Register {
    Register { id: row.obis.into(), value, unit: RawUnit::printed(row.unit), time: None }
}

fn number(bytes: &[u8], scaler: i8) -> Number {
    let digits = bytes.iter().fold(0_i128, |digits, byte| (digits << 8) | i128::from(*byte));
    Number::new(digits, scaler)
}

fn text(bytes: &[u8]) -> Value {
    match str::from_utf8(bytes) {
        Ok(text) if text.bytes().all(|byte| matches!(byte, 0 | b' '..=b'~')) => {
            Value::Text(SmolStr::new(text.trim_matches(['\0', ' '])))
        }
        _ => Value::Octets(bytes.into()),
    }
}

/// The number of an empty column.
const EMPTY: u8 = 0xFF;
/// The additional columns that a meter may list since edition 2.
const EDITION_2: usize = 6;
/// Lengths in bytes of the clock and the status of an entry.
const CLOCK: usize = 12;
const STATUS: usize = 1;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hex;
    use alloc::string::{String, ToString};

    fn no_clock(_: &[u8], _: Zone) -> Option<RawTime> {
        None
    }

    fn read(asked: (u16, u16), data: &str) -> Option<Vec<String>> {
        let mut found = Vec::new();
        registers(asked, &hex::read(data).unwrap(), Zone::default(), no_clock, &mut found)?;
        Some(found.iter().map(|register| alloc::format!("{} {}", register.id, register.value)).collect())
    }

    /// DEF-C44-509/N, 5.4: one byte and four, followed by a filler.
    #[test]
    fn registers_follow_each_other_without_gaps() {
        let values = read((0x0B, 2), "0200001AF400").unwrap();
        assert_eq!(values, ["0-0:96.14.1 2", "0-1:94.35.1 6900"]);
    }

    #[test]
    fn a_length_that_does_not_fit_is_refused() {
        assert_eq!(read((0x79, 2), "000001B300000000").unwrap().len(), 2);
        for wrong in ["000001B3", "000001B3000000000000", "000001B30000000001"] {
            assert_eq!(read((0x79, 2), wrong), None, "{wrong}");
        }
        assert_eq!(read((0x0B, 2), "0200001AF401"), None);
        // The content of this register is unknown.
        assert_eq!(read((0x93, 1), "0000"), None);
    }

    #[test]
    fn entries_of_the_profile_are_as_wide_as_its_columns() {
        let columns = Columns(alloc::vec![1, 2, 9, 10]);
        let entry = hex::read("07ea010e0312000000000000 00 000000c6 0000000c").unwrap();
        let two = [&entry[..], &entry].concat();
        assert_eq!(columns.entries(&two, 2).unwrap().count(), 2);
        assert!(columns.entries(&two, 1).is_none() && columns.entries(&entry, 2).is_none());
        let mut found = Vec::new();
        columns.entry(&entry, Zone::default(), no_clock, &mut found).unwrap();
        let names: Vec<String> = found.iter().map(|register| register.id.to_string()).collect();
        assert_eq!(names, ["1-0:1.29.0", "1-0:2.29.0"]);
    }
}
