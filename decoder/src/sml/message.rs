//! Stage 4 of SML: the messages of a file → registers, in one pass and without building a tree.
//!
//! Only a GetList.Res has registers; open and close responses, and any other messages, are skipped. The checksum of
//! each message must be correct (the parent module describes the kinds).
//!
//! The status word beside the energy has no register of its own. It is used for the direction of the power: some meters
//! encode a power so that its sign is ambiguous.

#[cfg(test)]
mod tests;

use alloc::vec::Vec;

use super::field::{ABSENT, Field, Fields, LENGTH, SIGNED, UNSIGNED, signed, unsigned};
use super::frame::Check;
use super::moment::time;
use smol_str::SmolStr;

use crate::error::{Error, ParseError};
use crate::number::Number;
use crate::register::{Obis, RawTime, RawUnit, Register, RegisterId, Value};

/// The content of a file, besides its registers.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct File {
    /// The time of the list. Most meters have no clock: they count seconds from a moment that only they know.
    pub(crate) time: Option<RawTime>,
    /// Whether energy is exported, according to the status word.
    pub(crate) exports: Option<bool>,
    /// The server id, if it has ten bytes, as DIN 43863-5 specifies.
    pub(crate) server: Option<[u8; 10]>,
    /// Why registers may be missing.
    pub(crate) fault: Option<ParseError>,
}

/// Adds the registers of all messages, in their order.
///
/// `drops_bytes` tells from a server id whether that meter omits the first bytes of a power; see [`ListReader::power`].
pub(crate) fn parse(
    messages: &[u8],
    check: Check,
    drops_bytes: impl Fn(&[u8]) -> bool,
    registers: &mut Vec<Register>,
) -> Result<File, Error> {
    let mut list =
        ListReader { drops_bytes, told: File::default(), status: None, short_powers: false, registers };
    let mut agreed = (check == Check::Kermit).then_some(check);
    let mut fields = Fields::new(messages);
    let mut fault = None;
    // Fill bytes follow the last message.
    while fault.is_none() && fields.rest().iter().any(|byte| *byte != 0) {
        let begin = fields.rest();
        fault = list.message(&mut fields).err();
        if fault.is_none() {
            let (message, _) = begin.split_at(begin.len() - fields.rest().len());
            verify(message, &mut fields, &mut agreed)?;
        }
    }
    let told = File { exports: list.exports(), ..list.told };
    match fault {
        // With two accepted kinds of checksum, a chance match is twice as likely. So a file with Kermit's checksums is
        // kept only as a whole.
        Some(error) if registers.is_empty() || agreed == Some(Check::Kermit) => Err(error.into()),
        None if registers.is_empty() => Err(ParseError::Unsupported(NO_LIST).into()),
        fault => Ok(File { fault: fault.or(is_locked(registers).then_some(ParseError::Locked)), ..told }),
    }
}

/// Reads the end of a message, and checks its checksum and its end mark.
fn verify(message: &[u8], fields: &mut Fields<'_>, agreed: &mut Option<Check>) -> Result<(), Error> {
    let sent = u16::try_from(fields.unsigned()?).map_err(|_| ParseError::Truncated)?.to_be_bytes();
    let check = match *agreed {
        Some(check) => check.verify(message, sent)?,
        None => Check::of(message, sent)?,
    };
    *agreed = Some(check);
    match fields.next()? {
        Field::End => Ok(()),
        _ => Err(ParseError::Truncated.into()),
    }
}

struct ListReader<'r, F> {
    drops_bytes: F,
    told: File,
    status: Option<u64>,
    /// Whether this meter omits bytes of powers.
    short_powers: bool,
    registers: &'r mut Vec<Register>,
}

impl<F: Fn(&[u8]) -> bool> ListReader<'_, F> {
    /// Reads a message up to its checksum (SML 1.04, clause 5.1.1): transaction id, group, what to do after an error,
    /// body.
    fn message(&mut self, fields: &mut Fields<'_>) -> Result<(), ParseError> {
        fields.list(6)?;
        fields.skip(3)?;
        fields.list(2)?;
        match fields.unsigned()? {
            GET_LIST_RESPONSE => self.get_list_response(fields),
            _ => fields.skip(1),
        }
    }

    /// Reads a list (clause 5.1.15): client, server, name of the list, time, values, signature, time of the gateway.
    fn get_list_response(&mut self, fields: &mut Fields<'_>) -> Result<(), ParseError> {
        fields.list(7)?;
        fields.skip(1)?;
        if let Field::Octets(server) = fields.next()? {
            self.short_powers = (self.drops_bytes)(server);
            self.told.server = server.try_into().ok();
        }
        fields.skip(1)?;
        self.told.time = time(fields)?;
        if let Field::List(length) = fields.next()? {
            for _ in 0..length {
                match self.usual(fields) {
                    Some(register) => self.registers.push(register),
                    None => self.entry(fields)?,
                }
            }
        }
        fields.skip(2)
    }

    /// Reads an entry in the most common form: a name, a unit, a scaler and an integer, and no other field. Reading it
    /// field by field gives the same result, but takes four times as long.
    fn usual(&self, fields: &mut Fields<'_>) -> Option<Register> {
        let entry = fields.rest();
        let [
            0x77,
            0x07,
            a,
            b,
            c,
            d,
            e,
            f,
            ABSENT,
            ABSENT,
            0x62,
            unit @ 1..=0xFF,
            0x52,
            scaler,
            head,
            rest @ ..,
        ] = entry
        else {
            return None;
        };
        let (bytes, rest) = rest.split_at_checked(usize::from(head & LENGTH).checked_sub(1)?)?;
        let number = match head & !LENGTH {
            SIGNED if (1..=8).contains(&bytes.len()) => i128::from(signed(bytes)),
            UNSIGNED if (1..=8).contains(&bytes.len()) => unsigned(bytes).into(),
            _ => return None,
        };
        let unit = RawUnit::Dlms(*unit);
        let [ABSENT, behind @ ..] = rest else { return None };
        if unit == WATTS && self.short_powers {
            return None;
        }
        fields.pass(entry.len() - behind.len());
        let value = Value::Number(Number::new(number, i8::from_be_bytes([*scaler])));
        Some(Register { id: Obis([*a, *b, *c, *d, *e, *f]).into(), value, unit, time: None })
    }

    /// Reads an entry (clause 5.1.15.1): name, status, time, unit, scaler, value, signature.
    fn entry(&mut self, fields: &mut Fields<'_>) -> Result<(), ParseError> {
        fields.list(7)?;
        let name = match fields.next()? {
            Field::Octets(name) => name.try_into().ok().map(Obis),
            _ => None,
        };
        if let (Field::Unsigned(status), Some(IMPORT)) = (fields.next()?, name) {
            self.status = Some(unsigned(status));
        }
        let time = time(fields)?;
        let unit = match fields.next()? {
            Field::Unsigned(&[unit]) if unit > 0 => RawUnit::Dlms(unit),
            _ => RawUnit::None,
        };
        let scaler = match fields.next()? {
            Field::Signed(&[scaler]) => i8::from_be_bytes([scaler]),
            _ => 0,
        };
        let before = fields.rest();
        let value = match fields.next()? {
            Field::Signed(bytes) if unit == WATTS && self.short_powers => {
                Value::Number(Number::new(self.power(name, bytes), scaler))
            }
            Field::Signed(bytes) => Value::Number(Number::new(signed(bytes).into(), scaler)),
            Field::Unsigned(bytes) => Value::Number(Number::new(unsigned(bytes).into(), scaler)),
            Field::Boolean(is_set) => Value::Number(Number::whole(is_set.into())),
            Field::Octets(bytes) => text(bytes),
            Field::Absent | Field::End => Value::Text(SmolStr::default()),
            Field::List(length) => {
                fields.skip(length)?;
                let (list, _) = before.split_at(before.len() - fields.rest().len());
                Value::Octets(list.into())
            }
        };
        fields.skip(1)?;
        let place = u16::try_from(self.registers.len() + 1).unwrap_or(u16::MAX);
        let id = name.map_or(RegisterId::Position(place), RegisterId::Obis);
        self.registers.push(Register { id, value, unit, time });
        Ok(())
    }

    /// Whether energy is exported: bit 11 of the newer status word, which has the number 4 in its low byte, or bit 5 of
    /// the older status word (FNN Lastenheft Basiszähler; Lastenheft EDL 1.0, status word).
    fn exports(&self) -> Option<bool> {
        let status = self.status?;
        let bit = if status & 0xFF == 4 { 11 } else { 5 };
        Some(status >> bit & 1 == 1)
    }

    /// The digits of a power. Older DZG meters send it in as few bytes as its magnitude needs: `8B 28` means 356.24 W
    /// as well as -299.12 W. Their status word shows which: bit 11 is set while the total is exported, bits 12 to 14
    /// while a phase is (FNN Lastenheft Basiszähler, status word).
    fn power(&self, name: Option<Obis>, bytes: &[u8]) -> i128 {
        let direction = match name {
            Some(Obis([_, _, 36, ..])) => 12,
            Some(Obis([_, _, 56, ..])) => 13,
            Some(Obis([_, _, 76, ..])) => 14,
            _ => 11,
        };
        match self.status {
            Some(status) if status >> direction & 1 == 0 && bytes.len() < 4 => unsigned(bytes).into(),
            _ => signed(bytes).into(),
        }
    }
}

/// Printable bytes become text, such as a maker's letters or a number that an owner assigned. Others stay bytes.
fn text(bytes: &[u8]) -> Value {
    let printable = bytes.iter().all(|byte| byte.is_ascii_graphic() || *byte == b' ');
    match core::str::from_utf8(bytes) {
        Ok(text) if printable => Value::Text(text.into()),
        _ => Value::Octets(bytes.into()),
    }
}

/// Until the user enters the PIN, a meter rounds its energies down to kilowatt hours and omits the power (FNN
/// Lastenheft Basiszähler, INFO interface).
fn is_locked(registers: &[Register]) -> bool {
    let of = |unit: RawUnit| registers.iter().filter(move |register| register.unit == unit);
    let is_whole =
        |register: &Register| matches!(&register.value, Value::Number(number) if number.scaler >= 3);
    of(WATTS).next().is_none() && of(WATT_HOURS).next().is_some() && of(WATT_HOURS).all(is_whole)
}

/// The register that carries the status word.
const IMPORT: Obis = Obis::new(1, 0, 1, 8, 0);
pub(crate) const GET_LIST_RESPONSE: u64 = 0x0701;
/// The first byte of [`GET_LIST_RESPONSE`]. The fault of a file without a list names it as what is missing.
pub(crate) const NO_LIST: u8 = 0x07;
const WATTS: RawUnit = RawUnit::Dlms(27);
const WATT_HOURS: RawUnit = RawUnit::Dlms(30);
