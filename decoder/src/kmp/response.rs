//! Stage 4 of KMP: an answer → its registers, with Kamstrup's numbers.
//!
//! GetRegister states the number, unit and size of each register. The answers of GetSerialNo and GetType are stored
//! under the registers with the same content. Numbers are a mantissa of any length and a power of ten, and stay exact.
//! Dates and times of day are numbers with the digits of the calendar: 261121 is 2026-11-21.

use alloc::format;
use alloc::vec::Vec;

use smol_str::ToSmolStr;

use crate::cursor::Cursor;
use crate::error::ParseError;
use crate::number::Number;
use crate::register::{RawTime, RawUnit, Register, RegisterId, Value};
use crate::time::{MeterTime, Zone};

/// The content of an answer, besides its registers.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Response {
    /// The meter's clock, if the registers so far have both its date and its time of day.
    pub(crate) time: Option<RawTime>,
    /// Why registers may be missing.
    pub(crate) fault: Option<ParseError>,
}

/// Parses the answer to a command, and adds its registers in their order. A meter omits registers that it does not
/// have.
pub(crate) fn parse(command: u8, answer: &[u8], zone: Zone, registers: &mut Vec<Register>) -> Response {
    let mut cursor = Cursor::new(answer);
    let mut response = Response::default();
    let whole = match command {
        GET_TYPE => kind(&mut cursor, registers),
        GET_SERIAL_NUMBER => serial_number(&mut cursor, registers),
        GET_REGISTER => {
            let whole = records(&mut cursor, zone, registers);
            response.time = clock(registers, zone);
            whole
        }
        other => return Response { fault: Some(ParseError::Unsupported(other)), ..response },
    };
    response.fault = whole.is_none().then_some(ParseError::Truncated);
    response
}

/// Reads the type, and the software revision as a letter and a number (protocol description, 6.2.1). Without a
/// revision, both are zero.
fn kind(cursor: &mut Cursor<'_>, registers: &mut Vec<Register>) -> Option<()> {
    let number = u16::from_be_bytes(cursor.array()?);
    registers.push(plain(METER_TYPE, Value::Number(Number::whole(number.into()))));
    let [letter, number] = cursor.array()?;
    if let Some(letter) = letter.checked_sub(1).filter(|letter| *letter < 26) {
        let revision = format!("{}{number}", char::from(b'A' + letter));
        registers.push(plain(SOFTWARE_REVISION, Value::Text(revision.into())));
    }
    Some(())
}

/// Reads the serial number (protocol description, 6.2.2).
fn serial_number(cursor: &mut Cursor<'_>, registers: &mut Vec<Register>) -> Option<()> {
    let number = u32::from_be_bytes(cursor.array()?);
    registers.push(plain(SERIAL_NUMBER, Value::Number(Number::whole(number.into()))));
    Some(())
}

/// Reads registers up to the end of the answer (protocol description, 6.2.4).
fn records(cursor: &mut Cursor<'_>, zone: Zone, registers: &mut Vec<Register>) -> Option<()> {
    while !cursor.rest().is_empty() {
        let id = u16::from_be_bytes(cursor.array()?);
        let [unit, length, exponent] = cursor.array()?;
        let mantissa = cursor.take(length.into())?;
        let (value, time) = value(unit, exponent, mantissa, zone);
        registers.push(Register { id: RegisterId::Kmp(id), value, unit: RawUnit::Kmp(unit), time });
    }
    Some(())
}

/// The numbers of the registers in an answer to GetRegister, as far as the answer is complete.
pub(super) fn names(answer: &[u8]) -> impl Iterator<Item = u16> {
    let mut cursor = Cursor::new(answer);
    core::iter::from_fn(move || {
        let id = u16::from_be_bytes(cursor.array()?);
        let [_unit, length, _exponent] = cursor.array()?;
        cursor.take(length.into())?;
        Some(id)
    })
}

/// The value in the bytes of a register. A time that does not exist is kept and marked as invalid.
fn value(unit: u8, exponent: u8, mantissa: &[u8], zone: Zone) -> (Value, Option<RawTime>) {
    let text = core::str::from_utf8(mantissa).ok().map(|text| text.trim_matches(['\0', ' ']));
    match (unit, text) {
        (MOMENT, _) => moment(mantissa, zone),
        (ASCII, Some(text)) if text.bytes().all(is_printable) => (Value::Text(text.into()), None),
        _ => match number(exponent, mantissa) {
            Some(number) => calendar(unit, number).unwrap_or((Value::Number(number), None)),
            None => (Value::Octets(mantissa.into()), None),
        },
    }
}

/// The number with this mantissa. `exponent` has the sign of the mantissa, the sign of the exponent, and six bits of
/// exponent (protocol description, 4.2). [`Number`] holds any mantissa of fifteen bytes; meters send at most eight.
fn number(exponent: u8, mantissa: &[u8]) -> Option<Number> {
    if mantissa.is_empty() || mantissa.len() > 15 {
        return None;
    }
    let digits = mantissa.iter().fold(0_i128, |digits, byte| (digits << 8) | i128::from(*byte));
    let power = i8::try_from(exponent & 0x3F).ok()?;
    let scaler = if exponent & 0x40 == 0 { power } else { -power };
    Some(Number::new(if exponent & 0x80 == 0 { digits } else { -digits }, scaler))
}

/// Interprets the digits as a date or a time of day, if the unit says so.
fn calendar(unit: u8, number: Number) -> Option<(Value, Option<RawTime>)> {
    let digits = u32::try_from(number.mantissa_at(0)?).ok()?;
    let high = i16::try_from(digits / 10_000).ok()?;
    let (middle, low) = (i8::try_from(digits / 100 % 100).ok()?, i8::try_from(digits % 100).ok()?);
    let day = |year| MeterTime::new(year, middle, low, (0, 0, 0), 0);
    let (text, exists) = match unit {
        TIME_OF_DAY if high < 100 => {
            let moment = MeterTime::new(2000, 1, 1, (i8::try_from(high).ok()?, middle, low), 0);
            (format!("{high:02}:{middle:02}:{low:02}"), moment.is_some())
        }
        DATE if high < 100 => (format!("20{high:02}-{middle:02}-{low:02}"), day(2000 + high).is_some()),
        LONG_DATE if high < 10_000 => (format!("{high:04}-{middle:02}-{low:02}"), day(high).is_some()),
        // A day of every year: 2000 had a 29 February.
        DAY_OF_YEAR if high == 0 => (format!("{middle:02}-{low:02}"), day(2000).is_some()),
        _ => return None,
    };
    Some((Value::Text(text.into()), (!exists).then_some(RawTime::Invalid)))
}

/// Reads a time: a flag for summer time, then year, month, day, hour, minute and second, one byte each, as in register
/// 348 of MULTICAL 403 and 603.
fn moment(bytes: &[u8], zone: Zone) -> (Value, Option<RawTime>) {
    // A byte that does not fit `i8` becomes a value that no calendar field can have.
    let part = |byte: u8| i8::try_from(byte).unwrap_or(i8::MAX);
    let moment =
        <[u8; 7]>::try_from(bytes).ok().and_then(|[summer, year, month, day, hour, minute, second]| {
            let date = (2000 + i16::from(year), part(month), part(day));
            MeterTime::in_zone(date, (part(hour), part(minute), part(second)), Some(summer != 0), zone)
        });
    match moment {
        Some(moment) => (Value::Text(moment.to_smolstr()), None),
        None => (Value::Octets(bytes.into()), Some(RawTime::Invalid)),
    }
}

/// Date and time of day are separate registers, which may come in two answers. There is a time only if both registers
/// were received.
fn clock(registers: &[Register], zone: Zone) -> Option<RawTime> {
    let text =
        |id| registers.iter().find(|register| register.id == RegisterId::Kmp(id)).map(|found| &found.value);
    match (text(CURRENT_DATE), text(CURRENT_TIME)) {
        (Some(Value::Text(date)), Some(Value::Text(time))) => {
            let moment = MeterTime::without_offset(&format!("{date}T{time}"), zone);
            Some(moment.map_or(RawTime::Invalid, RawTime::Valid))
        }
        _ => None,
    }
}

fn plain(id: u16, value: Value) -> Register {
    Register { id: RegisterId::Kmp(id), value, unit: RawUnit::None, time: None }
}

fn is_printable(byte: u8) -> bool {
    byte == b' ' || byte.is_ascii_graphic()
}

pub(crate) const GET_TYPE: u8 = 0x01;
pub(crate) const GET_SERIAL_NUMBER: u8 = 0x02;
pub(crate) const GET_REGISTER: u8 = 0x10;

pub(crate) const METER_TYPE: u16 = 404;
pub(crate) const SERIAL_NUMBER: u16 = 1001;
const CURRENT_TIME: u16 = 1002;
const CURRENT_DATE: u16 = 1003;
pub(crate) const SOFTWARE_REVISION: u16 = 1005;

/// hh:mm:ss
const TIME_OF_DAY: u8 = 47;
/// yy:mm:dd
const DATE: u8 = 48;
/// yyyy:mm:dd
const LONG_DATE: u8 = 49;
/// mm:dd
const DAY_OF_YEAR: u8 = 50;
const ASCII: u8 = 54;
const MOMENT: u8 = 79;

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::{String, ToString};

    fn parsed(command: u8, answer: &[u8]) -> (Vec<Register>, Response) {
        let mut registers = Vec::new();
        let response = parse(command, answer, Zone::default(), &mut registers);
        (registers, response)
    }

    fn shown(unit: u8, bytes: &[u8]) -> String {
        let [length, exponent, mantissa @ ..] = bytes else { panic!("{bytes:?}") };
        assert_eq!(usize::from(*length), mantissa.len());
        let (value, time) = value(unit, *exponent, mantissa, Zone::default());
        format!("{value}{}", if time.is_some() { " invalid" } else { "" })
    }

    /// Kamstrup's protocol description, 4.2, and the display of a MULTICAL 403.
    #[test]
    fn numbers_are_exact() {
        for (bytes, number) in [
            (&[4, 0xC2, 0x00, 0x00, 0x30, 0x39][..], "-123.45"),
            (&[1, 0x03, 0xFF], "255000"),
            (&[2, 0x42, 0x18, 0xC8], "63.44"),
            (&[4, 0x43, 0x00, 0x00, 0x00, 0xFB], "0.251"),
            (&[2, 0x80, 0x12, 0x34], "-4660"),
            (&[8, 0x00, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], "18446744073709551615"),
            (&[1, 0x80, 0x00], "0"),
        ] {
            assert_eq!(shown(0, bytes), number);
        }
        assert_eq!(shown(0, &[1, 0x3F, 0x01]).len(), 64);
        assert_eq!(shown(0, &[1, 0x7F, 0x01]).len(), 65);
    }

    #[test]
    fn too_large_numbers_are_kept_as_bytes() {
        assert_eq!(shown(0, &[0, 0]), "");
        assert_eq!(shown(0, &[&[16, 0][..], &[0xAB; 16]].concat()), "ab".repeat(16));
    }

    #[test]
    fn dates_and_times_are_digits_of_the_calendar() {
        assert_eq!(shown(DATE, &[4, 0, 0x00, 0x03, 0xFC, 0x01]), "2026-11-21");
        assert_eq!(shown(TIME_OF_DAY, &[4, 0, 0x00, 0x00, 0x5D, 0xCA]), "02:40:10");
        assert_eq!(shown(LONG_DATE, &[4, 0, 0x01, 0x35, 0x29, 0x01]), "2026-11-21");
        assert_eq!(shown(DAY_OF_YEAR, &[2, 0, 0x02, 0x0D]), "05-25");
        assert_eq!(shown(DATE, &[4, 0, 0, 0, 0, 0]), "2000-00-00 invalid");
        assert_eq!(shown(TIME_OF_DAY, &[4, 0, 0x00, 0x03, 0xA9, 0x80]), "24:00:00 invalid");
        assert_eq!(shown(DATE, &[4, 0x41, 0, 0, 0, 7]), "0.7");
    }

    /// A MULTICAL 603 in January 2026. Its owner published the number that other programs decode from these bytes.
    #[test]
    fn a_time_has_one_byte_per_part() {
        let bytes = 28_591_984_415_535_u64.to_be_bytes();
        assert_eq!(shown(MOMENT, &[&[7, 0], &bytes[1..]].concat()), "2026-01-23T19:19:47+01:00");
        assert_eq!(shown(MOMENT, &[7, 0, 1, 26, 7, 1, 0, 0, 0]), "2026-07-01T00:00:00+02:00");
        assert_eq!(shown(MOMENT, &[7, 0, 0, 26, 13, 1, 0, 0, 0]), "001a0d01000000 invalid");
        assert_eq!(shown(MOMENT, &[1, 0, 0xFF]), "ff invalid");
    }

    #[test]
    fn printable_bytes_become_text() {
        assert_eq!(shown(ASCII, b"\x04\0MC21"), "MC21");
        assert_eq!(shown(ASCII, b"\x02\0A\n"), "16650");
    }

    /// Kamstrup's protocol description, 6.2.1 and 6.2.2.
    #[test]
    fn type_and_serial_number_become_registers() {
        let (registers, response) = parsed(GET_TYPE, &[0x00, 0x04, 0x06, 0x01]);
        assert_eq!(response, Response::default());
        assert_eq!(
            registers,
            [plain(404, Value::Number(Number::whole(4))), plain(1005, Value::Text("F1".into()))]
        );
        assert_eq!(parsed(GET_TYPE, &[0x00, 0x04, 0x00, 0x00]).0.len(), 1);
        let (registers, _) = parsed(GET_SERIAL_NUMBER, &[0x01, 0x23, 0x45, 0x67]);
        assert_eq!(registers, [plain(1001, Value::Number(Number::whole(19_088_743)))]);
    }

    #[test]
    fn reads_several_registers_and_the_clock_from_two_of_them() {
        let answer = [
            &[0x03, 0xEB, DATE, 4, 0, 0x00, 0x03, 0xFC, 0x01][..],
            &[0x00, 0x3C, 3, 4, 0x43, 0x00, 0x00, 0xD6, 0xDE],
            &[0x03, 0xEA, TIME_OF_DAY, 4, 0, 0x00, 0x00, 0x5D, 0xCA],
        ]
        .concat();
        let (registers, response) = parsed(GET_REGISTER, &answer);
        assert_eq!(registers.len(), 3);
        assert_eq!((registers[1].id, registers[1].unit), (RegisterId::Kmp(60), RawUnit::Kmp(3)));
        assert_eq!(registers[1].value, Value::Number(Number::new(55_006, -3)));
        let Some(RawTime::Valid(time)) = response.time else { panic!("{response:?}") };
        assert_eq!(time.to_string(), "2026-11-21T02:40:10+01:00");
        let (registers, cut) = parsed(GET_REGISTER, &answer[..answer.len() - 1]);
        assert_eq!((registers.len(), cut.fault, cut.time), (2, Some(ParseError::Truncated), None));
    }

    #[test]
    fn an_unknown_command_and_a_short_answer_are_faults() {
        assert_eq!(parsed(0xA0, &[1, 2]).1.fault, Some(ParseError::Unsupported(0xA0)));
        assert_eq!(parsed(GET_SERIAL_NUMBER, &[1]).1.fault, Some(ParseError::Truncated));
        assert_eq!(parsed(GET_REGISTER, &[]), (Vec::new(), Response::default()));
    }
}
