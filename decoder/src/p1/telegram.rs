//! Stage 4 of P1: a telegram → its registers, as printed.
//!
//! A data line is an OBIS code and values in parentheses; a line that begins with `(` continues the one before it (gas
//! in DSMR 2.2 and 3). Values with a unit become exact numbers, all others stay text; lines with more values than one
//! and a time stamp (power failures, monthly peaks) are kept as sent.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;

use crate::error::ParseError;
use crate::number::Number;
use crate::register::{Obis, RawTime, RawUnit, Register, RegisterId, Value};
use crate::time::{MeterTime, Zone};

/// What a telegram says, besides its registers.
#[derive(Debug, PartialEq)]
pub(crate) struct Telegram<'a> {
    /// The line behind `/`: three letters of the maker, a baud rate letter, the model.
    pub(crate) identification: &'a str,
    /// Lines that are none.
    pub(crate) faults: Vec<ParseError>,
}

/// Parses what lies between `/` and `!`, both included; one register for each data line, in order.
pub(crate) fn parse<'a>(octets: &'a [u8], zone: Zone, registers: &mut Vec<Register>) -> Telegram<'a> {
    let body = octets.strip_prefix(b"/").unwrap_or(octets);
    let body = body.strip_suffix(b"!").unwrap_or(body);
    let (identification, body) = match body.iter().position(|octet| is_line_end(*octet)) {
        Some(end) => body.split_at_checked(end).unwrap_or((body, &[])),
        None => (body, &[][..]),
    };
    let mut faults = Vec::new();
    let Ok(identification) = core::str::from_utf8(identification) else {
        return Telegram { identification: "", faults: Vec::from([ParseError::Line]) };
    };
    for line in data_lines(body) {
        match core::str::from_utf8(line).ok().and_then(|line| register(line, zone)) {
            Some(register) => registers.push(register),
            None => faults.push(ParseError::Line),
        }
    }
    Telegram { identification: identification.trim(), faults }
}

/// The data lines: split at line ends, except where the next line continues with `(`.
fn data_lines(body: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = body;
    core::iter::from_fn(move || {
        let start = rest.iter().position(|octet| !is_line_end(*octet))?;
        let text = rest.get(start..)?;
        let mut end = 0;
        loop {
            end += text.get(end..)?.iter().position(|octet| is_line_end(*octet)).unwrap_or(text.len() - end);
            let next = text.get(end..)?.iter().position(|octet| !is_line_end(*octet));
            match next.and_then(|gap| text.get(end + gap)) {
                Some(b'(') => end += next.unwrap_or_default(),
                _ => break,
            }
        }
        let (line, behind) = text.split_at_checked(end)?;
        rest = behind;
        Some(line)
    })
}

fn register(line: &str, zone: Zone) -> Option<Register> {
    let (id, printed) = line.split_at_checked(line.find('(')?)?;
    let id: RegisterId = id.parse().ok()?;
    let inside = printed.strip_prefix('(')?.trim_end().strip_suffix(')')?;
    let mut places = [""; MOST_VALUES];
    let mut count = 0;
    for value in inside.split(')') {
        let value = if count == 0 { value } else { value.trim_start() };
        let value = if count == 0 { value } else { value.strip_prefix('(').unwrap_or(value) };
        if let Some(place) = places.get_mut(count) {
            *place = value;
        }
        count += 1;
    }
    let plain = |value, unit, time| Register { id, value, unit, time };
    Some(match places.get(..count).unwrap_or_default() {
        [value] if is_clock(id) => match time_stamp(value, zone) {
            Some(time) => plain(Value::Text((*value).to_owned()), RawUnit::None, Some(time)),
            None => plain(Value::Text((*value).to_owned()), RawUnit::None, None),
        },
        // A text may hold parentheses of its own.
        [value] => {
            let (value, unit) = quantity(value);
            plain(value, unit, None)
        }
        [stamp, value] if time_stamp(stamp, zone).is_some() => {
            let (value, unit) = quantity(value);
            plain(value, unit, time_stamp(stamp, zone))
        }
        // DSMR 2.2, 6.10: time, status, interval, count, register, unit, then the value on a line of its own.
        [stamp, _status, _interval, _count, _register, unit, value] if value.parse::<Number>().is_ok() => {
            let number = value.parse().map_or_else(|_| Value::Text((*value).to_owned()), Value::Number);
            plain(number, RawUnit::printed(unit), time_stamp(stamp, zone))
        }
        _ => plain(Value::Text(as_sent(printed)), RawUnit::None, None),
    })
}

/// `01.193*kW`, or, as some Belgian meters print it, `01.193kW`; anything else is text.
fn quantity(printed: &str) -> (Value, RawUnit) {
    let digits =
        printed.find(|letter: char| !matches!(letter, '0'..='9' | '.' | '-')).unwrap_or(printed.len());
    if let Some((number, unit)) = printed.split_at_checked(digits) {
        let unit = unit.strip_prefix('*').unwrap_or(unit);
        let is_unit =
            unit.starts_with(|letter: char| letter.is_ascii_alphabetic()) && unit.len() <= LONGEST_UNIT;
        if let (true, Ok(number)) = (is_unit, number.parse()) {
            return (Value::Number(number), RawUnit::printed(unit));
        }
    }
    (Value::Text(printed.to_owned()), RawUnit::None)
}

/// `YYMMDDhhmmss` with `S` in summer time and `W` in winter time (DSMR 5.0.2, 6.4), or without either before DSMR 4;
/// `None` for a text of another form.
fn time_stamp(text: &str, zone: Zone) -> Option<RawTime> {
    let (digits, letter) = text.split_at_checked(12)?;
    let summer = match letter {
        "S" => Some(true),
        "W" => Some(false),
        "" => None,
        _ => return None,
    };
    let pair = |at: usize| digits.get(at..at + 2)?.parse::<i8>().ok();
    if !digits.bytes().all(|octet| octet.is_ascii_digit()) {
        return None;
    }
    let date = (2000 + i16::from(pair(0)?), pair(2)?, pair(4)?);
    let time = MeterTime::in_zone(date, (pair(6)?, pair(8)?, pair(10)?), summer, zone);
    Some(time.map_or(RawTime::Invalid, RawTime::Valid))
}

fn is_clock(id: RegisterId) -> bool {
    id == RegisterId::Obis(Obis::new(0, 0, 1, 0, 0))
}

/// Several values, with the line end between them left out.
fn as_sent(printed: &str) -> String {
    printed.chars().filter(|letter| !matches!(letter, '\r' | '\n')).collect()
}

fn is_line_end(octet: u8) -> bool {
    matches!(octet, b'\r' | b'\n')
}

/// The gas line of DSMR 2.2 has seven; a line with more is a log.
const MOST_VALUES: usize = 8;

/// `kVArh` is the longest that is met.
const LONGEST_UNIT: usize = 5;

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    fn one(line: &str) -> Register {
        let telegram = alloc::format!("/MTP5TEST\r\n\r\n{line}\r\n!");
        let mut registers = Vec::new();
        let parsed = parse(telegram.as_bytes(), Zone::default(), &mut registers);
        assert_eq!((parsed.identification, parsed.faults.as_slice()), ("MTP5TEST", &[][..]));
        assert_eq!(registers.len(), 1);
        registers.remove(0)
    }

    fn moment(register: &Register) -> String {
        match register.time {
            Some(RawTime::Valid(time)) => time.to_string(),
            other => alloc::format!("{other:?}"),
        }
    }

    /// The line forms of DSMR 5.0.2, 6.12.
    #[test]
    fn reads_numbers_with_units_and_time_stamps() {
        let power = one("1-0:1.7.0(01.193*kW)");
        assert_eq!(power.value, Value::Number(Number::new(1193, -3)));
        assert_eq!(power.unit, RawUnit::printed("kW"));
        let gas = one("0-1:24.2.1(101209112500W)(12785.123*m3)");
        assert_eq!(gas.value, Value::Number(Number::new(12_785_123, -3)));
        assert_eq!(moment(&gas), "2010-12-09T11:25:00+01:00");
        let clock = one("0-0:1.0.0(101209113020S)");
        assert_eq!(moment(&clock), "2010-12-09T11:30:20+02:00");
    }

    /// The gas line of DSMR 2.2 and 3.
    #[test]
    fn joins_a_value_on_the_next_line() {
        let gas = one("0-1:24.3.0(090212160000)(00)(60)(1)(0-1:24.2.1)(m3)\r\n(00123.456)");
        assert_eq!(gas.value, Value::Number(Number::new(123_456, -3)));
        assert_eq!(gas.unit, RawUnit::printed("m3"));
        assert_eq!(moment(&gas), "2009-02-12T16:00:00+01:00");
    }

    #[test]
    fn keeps_what_is_more_than_one_value_as_sent() {
        let log = one("1-0:99.97.0(1)(0-0:96.7.19)(101208152415W)(0000000240*s)");
        assert_eq!(log.value, Value::Text("(1)(0-0:96.7.19)(101208152415W)(0000000240*s)".into()));
        assert_eq!(one("0-0:96.13.0()").value, Value::Text(String::new()));
        assert_eq!(one("0-0:96.1.1(4B384547)").value, Value::Text("4B384547".into()));
    }

    /// A Belgian meter whose gas meter was never linked sends both of these.
    #[test]
    fn reads_a_unit_without_its_star_and_marks_an_impossible_moment() {
        let energy = one("1-0:1.8.1(000123.456kWh)");
        assert_eq!(energy.unit, RawUnit::printed("kWh"));
        let gas = one("0-1:24.2.3(632525252525W)(00000.000)");
        assert_eq!(gas.time, Some(RawTime::Invalid));
    }

    #[test]
    fn a_line_that_is_none_leaves_the_others_alone() {
        let text = b"/MTP5TEST\r\n\r\n1-0:1.7.0(01.193*kW)\r\nrubbish\r\n1-0:2.7.0(00.000*kW)\r\n!";
        let mut registers = Vec::new();
        let parsed = parse(text, Zone::default(), &mut registers);
        assert_eq!((registers.len(), parsed.faults), (2, Vec::from([ParseError::Line])));
    }
}
