//! Stage 4 of SML: the messages of a file → registers, in one pass and without a tree.
//!
//! Only a GetList.Res has registers; open and close responses, and whatever else a file may hold, are passed over.
//! Each message's checksum must hold (the parent module tells the kinds).
//!
//! The status word beside the energy has no register of its own. It is used for what it says about the power: where a
//! meter's coding leaves its sign open, the status word has the direction.

use alloc::vec::Vec;

use super::field::{Field, Fields, signed, unsigned};
use super::frame::Check;
use super::moment::time;
use smol_str::SmolStr;

use crate::error::{Error, ParseError};
use crate::number::Number;
use crate::register::{Obis, RawTime, RawUnit, Register, RegisterId, Value};

/// What a file says, besides its registers.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct File {
    /// The moment of the list. Most meters have no clock, and count seconds since a moment that only they know.
    pub(crate) time: Option<RawTime>,
    /// Whether energy flows out, by the status word.
    pub(crate) exports: Option<bool>,
    /// Whose list it is, where the server id may be that of DIN 43863-5.
    pub(crate) server: Option<[u8; 10]>,
    /// What the registers lack.
    pub(crate) fault: Option<ParseError>,
}

/// Adds the registers of all messages, in their order.
///
/// `drops_octets` tells of a server id whether that meter leaves out the first octet of a power, as [`ListReader::power`]
/// describes.
pub(crate) fn parse(
    messages: &[u8],
    check: Check,
    drops_octets: impl Fn(&[u8]) -> bool,
    registers: &mut Vec<Register>,
) -> Result<File, Error> {
    let mut list =
        ListReader { drops_octets, told: File::default(), status: None, short_powers: false, registers };
    let mut agreed = (check == Check::Kermit).then_some(check);
    let mut fields = Fields::new(messages);
    let mut fault = None;
    // Fill octets stand behind the last message.
    while fault.is_none() && fields.rest().iter().any(|octet| *octet != 0) {
        let begin = fields.rest();
        fault = list.message(&mut fields).err();
        if fault.is_none() {
            let (message, _) = begin.split_at(begin.len() - fields.rest().len());
            verify(message, &mut fields, &mut agreed)?;
        }
    }
    let told = File { exports: list.exports(), ..list.told };
    match fault {
        // Kermit's checksum was not confirmed by all messages: one of two kinds fits by chance twice as often.
        Some(error) if registers.is_empty() || agreed == Some(Check::Kermit) => Err(error.into()),
        None if registers.is_empty() => Err(ParseError::Unsupported(NO_LIST).into()),
        fault => Ok(File { fault: fault.or(is_locked(registers).then_some(ParseError::Locked)), ..told }),
    }
}

/// The end of a message: its checksum, and the end mark.
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

/// The list of a meter while it is read.
struct ListReader<'r, F> {
    drops_octets: F,
    told: File,
    status: Option<u64>,
    /// This meter drops octets.
    short_powers: bool,
    registers: &'r mut Vec<Register>,
}

impl<F: Fn(&[u8]) -> bool> ListReader<'_, F> {
    /// SML 1.04, clause 5.1.1: transaction id, group, what to do after an error, body, checksum, end.
    fn message(&mut self, fields: &mut Fields<'_>) -> Result<(), ParseError> {
        fields.list(6)?;
        fields.skip(3)?;
        fields.list(2)?;
        match fields.unsigned()? {
            GET_LIST_RESPONSE => self.get_list_response(fields),
            _ => fields.skip(1),
        }
    }

    /// Clause 5.1.15: client, server, name of the list, time, values, signature, time of the gateway.
    fn get_list_response(&mut self, fields: &mut Fields<'_>) -> Result<(), ParseError> {
        fields.list(7)?;
        fields.skip(1)?;
        if let Field::Octets(server) = fields.next()? {
            self.short_powers = (self.drops_octets)(server);
            self.told.server = server.try_into().ok();
        }
        fields.skip(1)?;
        self.told.time = time(fields)?;
        if let Field::List(length) = fields.next()? {
            for _ in 0..length {
                self.entry(fields)?;
            }
        }
        fields.skip(2)
    }

    /// Clause 5.1.15.1: name, status, time, unit, scaler, value, signature.
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
            Field::Signed(octets) if unit == WATTS && self.short_powers => {
                Value::Number(Number::new(self.power(name, octets), scaler))
            }
            Field::Signed(octets) => Value::Number(Number::new(signed(octets).into(), scaler)),
            Field::Unsigned(octets) => Value::Number(Number::new(unsigned(octets).into(), scaler)),
            Field::Boolean(is_set) => Value::Number(Number::whole(is_set.into())),
            Field::Octets(octets) => text(octets),
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

    /// Bit 11 of the newer status word, which has the number 4 in its low octet, and bit 5 of the older one (FNN
    /// Lastenheft Basiszähler; Lastenheft EDL 1.0, status word).
    fn exports(&self) -> Option<bool> {
        let status = self.status?;
        let bit = if status & 0xFF == 4 { 11 } else { 5 };
        Some(status >> bit & 1 == 1)
    }

    /// Older DZG meters send a power with as few octets as its magnitude takes, and so `8B 28` for 356.24 W as well as
    /// for -299.12 W. Which of them flows, their status word knows: bit 11 is set while the sum is exported, bits 12 to
    /// 14 while a phase is (FNN Lastenheft Basiszähler, status word).
    fn power(&self, name: Option<Obis>, octets: &[u8]) -> i128 {
        let direction = match name {
            Some(Obis([_, _, 36, ..])) => 12,
            Some(Obis([_, _, 56, ..])) => 13,
            Some(Obis([_, _, 76, ..])) => 14,
            _ => 11,
        };
        match self.status {
            Some(status) if status >> direction & 1 == 0 && octets.len() < 4 => unsigned(octets).into(),
            _ => signed(octets).into(),
        }
    }
}

/// What is printable is text: makers' letters, numbers that an owner gave.
fn text(octets: &[u8]) -> Value {
    let printable = octets.iter().all(|octet| octet.is_ascii_graphic() || *octet == b' ');
    match core::str::from_utf8(octets) {
        Ok(text) if printable => Value::Text(text.into()),
        _ => Value::Octets(octets.into()),
    }
}

/// Until its PIN is entered, a meter cuts its energies to whole kilowatt hours and leaves the power out (FNN Lastenheft
/// Basiszähler, INFO interface).
fn is_locked(registers: &[Register]) -> bool {
    let of = |unit: RawUnit| registers.iter().filter(move |register| register.unit == unit);
    let is_whole =
        |register: &Register| matches!(&register.value, Value::Number(number) if number.scaler >= 3);
    of(WATTS).next().is_none() && of(WATT_HOURS).next().is_some() && of(WATT_HOURS).all(is_whole)
}

/// The register beside which the status word stands.
const IMPORT: Obis = Obis::new(1, 0, 1, 8, 0);
pub(crate) const GET_LIST_RESPONSE: u64 = 0x0701;
/// The first octet of that tag, as the service that a file without a list lacks.
pub(crate) const NO_LIST: u8 = 0x07;
const WATTS: RawUnit = RawUnit::Dlms(27);
const WATT_HOURS: RawUnit = RawUnit::Dlms(30);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::testing::{kermit, x25};
    use alloc::string::{String, ToString};
    use alloc::vec;

    /// SML 1.04, clause 5.1: a message around a body, with its checksum.
    fn message(body: &[u8], checksum: fn(&[u8]) -> [u8; 2]) -> Vec<u8> {
        let head = [0x76, 0x03, 0x12, 0x34, 0x62, 0x00, 0x62, 0x00, 0x72];
        let mut octets = [&head[..], body].concat();
        let [first, second] = checksum(&octets);
        octets.extend([0x63, first, second, 0x00]);
        octets
    }

    /// A GetList.Res with those entries, between an open and a close response.
    fn file(time: &[u8], entries: &[&[u8]], checksum: fn(&[u8]) -> [u8; 2]) -> Vec<u8> {
        let server = [0x0B, 0x0A, 0x01, b'D', b'Z', b'G', 0x00, 0x02, 0x82, 0x22, 0x5E];
        let count = 0x70 | u8::try_from(entries.len()).unwrap();
        let head = [&[0x63, 0x07, 0x01, 0x77, 0x01][..], &server, &[0x01], time, &[count]].concat();
        let list = [&head[..], &entries.concat(), &[0x01, 0x01]].concat();
        let open = [&[0x63, 0x01, 0x01, 0x76, 0x01, 0x01, 0x02, 0x31][..], &server, &[0x01, 0x01]].concat();
        let close = [0x63, 0x02, 0x01, 0x71, 0x01];
        [&message(&open, checksum)[..], &message(&list, checksum), &message(&close, checksum), &[0]].concat()
    }

    /// Clause 5.1.15.1: an entry with what follows its name.
    fn entry(obis: [u8; 6], rest: &[u8]) -> Vec<u8> {
        [&[0x77, 0x07][..], &obis, rest].concat()
    }

    fn read(octets: &[u8]) -> (Result<File, Error>, Vec<String>) {
        let mut registers = Vec::new();
        let is_dzg = |server: &[u8]| server.get(2..5) == Some(b"DZG");
        let file = parse(octets, Check::X25, is_dzg, &mut registers);
        let line = |register: &Register| {
            let unit = if let RawUnit::Dlms(unit) = register.unit { unit } else { 0 };
            alloc::format!("{} {} {unit}", register.id, register.value)
        };
        (file, registers.iter().map(line).collect())
    }

    const MAKER: [u8; 6] = [129, 129, 199, 130, 3, 255];
    const ENERGY: [u8; 6] = [1, 0, 1, 8, 0, 255];
    const POWER: [u8; 6] = [1, 0, 16, 7, 0, 255];

    /// Every optional field given and left out.
    #[test]
    fn reads_entries_of_every_kind() {
        let octets = file(
            &[0x01],
            &[
                &entry(MAKER, &[1, 1, 1, 1, 0x04, b'E', b'M', b'H', 1]),
                &entry(
                    ENERGY,
                    &[0x63, 1, 0x82, 0x72, 0x62, 1, 0x62, 9, 0x62, 30, 0x52, 0xFF, 0x56, 0, 0, 0, 1, 2, 1],
                ),
                &entry(
                    [1, 0, 2, 8, 0, 255],
                    &[1, 0x65, 0, 0, 0, 9, 0x62, 30, 1, 0x69, 255, 255, 255, 255, 255, 255, 255, 255, 1],
                ),
                &entry([1, 0, 36, 7, 0, 255], &[1, 1, 0x62, 27, 0x52, 0xFE, 0x55, 0xFF, 0xFF, 0xFF, 0x9C, 1]),
                &entry([1, 0, 96, 5, 0, 255], &[1, 1, 1, 1, 0x42, 1, 1]),
                &entry([1, 0, 96, 50, 2, 6], &[1, 1, 1, 1, 1, 1]),
                &entry([1, 0, 96, 50, 2, 7], &[1, 1, 1, 1, 0x72, 0x62, 1, 0x62, 5, 1]),
            ],
            x25,
        );
        let (file, registers) = read(&octets);
        let server = Some([10, 1, b'D', b'Z', b'G', 0, 2, 130, 34, 94]);
        assert_eq!(file, Ok(File { exports: Some(false), server, ..File::default() }));
        assert_eq!(
            registers,
            [
                "129-129:199.130.3 EMH 0",
                "1-0:1.8.0 25.8 30",
                "1-0:2.8.0 18446744073709551615 30",
                "1-0:36.7.0 -1.00 27",
                "1-0:96.5.0 1 0",
                "1-0:96.50.2*6  0",
                "1-0:96.50.2*7 7262016205 0",
            ]
        );
    }

    /// Clause 5.1.5; the last is what Holley sends.
    #[test]
    fn only_a_clock_is_a_time() {
        let power = entry(POWER, &[1, 1, 0x62, 27, 0x52, 0, 0x52, 5, 1]);
        let time = |octets: &[u8]| match read(&file(octets, &[&power], x25)).0.unwrap().time {
            Some(RawTime::Valid(time)) => time.to_string(),
            other => alloc::format!("{other:?}"),
        };
        let seconds = [0x65, 0x6B, 0x00, 0xF4, 0x22];
        assert_eq!(time(&[&[0x72, 0x62, 2][..], &seconds].concat()), "2026-11-21T01:30:10+00:00");
        let local = [&[0x72, 0x62, 3, 0x73][..], &seconds, &[0x53, 0, 60, 0x52, 0]].concat();
        assert_eq!(time(&local), "2026-11-21T02:30:10+01:00");
        assert_eq!(time(&[0x72, 0x62, 2, 0x62, 0]), "Some(Invalid)");
        assert_eq!(time(&[&[0x72, 0x62, 1][..], &seconds].concat()), "None");
        assert_eq!(time(&seconds), "None");
    }

    /// The power of libsml-testing's DVS74, whose display showed 356.24 W; and one of a meter that exports.
    #[test]
    fn the_status_word_tells_which_way_a_short_power_flows() {
        let import = |status: [u8; 3]| {
            entry(ENERGY, &[&[0x64][..], &status, &[1, 0x62, 30, 0x52, 0xFF, 0x62, 9, 1]].concat())
        };
        let power = entry(POWER, &[1, 1, 0x62, 27, 0x52, 0xFE, 0x53, 0x8B, 0x28, 1]);
        let long = entry(POWER, &[1, 1, 0x62, 27, 0x52, 0xFE, 0x55, 0xFF, 0xFF, 0x8B, 0x28, 1]);
        let second = |status, power: &[u8]| read(&file(&[1], &[&import(status), power], x25)).1[1].clone();
        assert_eq!(second([0x1C, 0x01, 0x04], &power), "1-0:16.7.0 356.24 27");
        assert_eq!(second([0x1C, 0x79, 0x04], &power), "1-0:16.7.0 -299.12 27");
        assert_eq!(second([0x1C, 0x01, 0x04], &long), "1-0:16.7.0 -299.12 27");
    }

    /// Status words of an EMH ED300L, an Iskra MT175 and a DZG DVS7420, importing and exporting (libsml-testing).
    #[test]
    fn the_status_word_has_the_direction() {
        let energy = |status: &[u8]| {
            let status = [&[0x61 + u8::try_from(status.len()).unwrap()][..], status].concat();
            entry(ENERGY, &[&status[..], &[1, 0x62, 30, 0x52, 0xFF, 0x62, 9, 1]].concat())
        };
        let exports = |status: &[u8]| read(&file(&[1], &[&energy(status)], x25)).0.unwrap().exports;
        for import in [&[0x01, 0x82][..], &[0x00, 0x01, 0x01, 0x82], &[0x1C, 0x00, 0x04]] {
            assert_eq!(exports(import), Some(false), "{import:x?}");
        }
        for export in [&[0x01, 0xB0][..], &[0x00, 0x01, 0x01, 0xA2], &[0x1C, 0x69, 0x04]] {
            assert_eq!(exports(export), Some(true), "{export:x?}");
        }
    }

    #[test]
    fn whole_kilowatt_hours_without_power_are_a_locked_meters() {
        let energy = |scaler| entry(ENERGY, &[1, 1, 0x62, 30, 0x52, scaler, 0x62, 9, 1]);
        let power = entry(POWER, &[1, 1, 0x62, 27, 0x52, 0, 0x52, 5, 1]);
        let fault = |entries: &[&[u8]]| read(&file(&[1], entries, x25)).0.unwrap().fault;
        assert_eq!(fault(&[&energy(3)]), Some(ParseError::Locked));
        assert_eq!(fault(&[&energy(3), &power]), None);
        assert_eq!(fault(&[&energy(0xFF)]), None);
    }

    #[test]
    fn all_messages_must_have_checksums_of_one_kind() {
        let power = entry(POWER, &[1, 1, 0x62, 27, 0x52, 0, 0x52, 5, 1]);
        let (holley, standard) = (file(&[1], &[&power], kermit), file(&[1], &[&power], x25));
        assert_eq!(read(&holley).1, ["1-0:16.7.0 5 27"]);
        let mixed = [&holley[..holley.len() / 2], &standard[standard.len() / 2..]].concat();
        assert!(matches!(read(&mixed).0, Err(Error::Frame(_))));
        let registers = &mut vec![];
        assert!(parse(&holley, Check::Kermit, |_| false, registers).is_ok());
        assert!(parse(&standard, Check::Kermit, |_| false, registers).is_err());
    }

    #[test]
    fn what_was_read_before_a_fault_stays() {
        let power = entry(POWER, &[1, 1, 0x62, 27, 0x52, 0, 0x52, 5, 1]);
        let (file, registers) = read(&file(&[1], &[&power, &[0x73, 1, 1, 1]], x25));
        let error = ParseError::TypeUnexpected { wanted: 0x77, found: 0x73 };
        assert_eq!((file.map(|file| file.fault), registers.len()), (Ok(Some(error)), 1));
        // Two flipped bits of a Holley's file, whose other checksum then fits: its broken message was checked by nothing.
        let other = [0x63, 0x02, 0x01, 0x71, 0x01];
        for (kind, is_refused) in [(kermit as fn(&[u8]) -> [u8; 2], true), (x25, false)] {
            let broken = super::tests::file(&[1], &[&power, &[0x73, 1, 1, 1]], kind);
            let octets = [message(&other, kind), broken].concat();
            let parsed = parse(&octets, Check::X25, |_| false, &mut vec![]);
            assert_eq!(parsed.is_err(), is_refused);
        }
        assert_eq!(read(&[0x76, 0x01]).0, Err(ParseError::Truncated.into()));
        assert_eq!(
            read(&message(&[0x63, 0x02, 0x01, 0x71, 0x01], x25)).0,
            Err(ParseError::Unsupported(0x07).into())
        );
    }
}
