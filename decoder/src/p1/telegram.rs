//! Stage 4 of P1: a telegram → its registers, as printed.
//!
//! A data line is an OBIS code and values in parentheses; a line that begins with `(` continues the one before it (gas
//! in DSMR 2.2 and 3). Values with a unit become exact numbers, all others stay text; lines with more values than one
//! and a time stamp (power failures, monthly peaks) are kept as sent.

use alloc::borrow::ToOwned;
use alloc::vec::Vec;

use memchr::{memchr, memchr2};
use smol_str::{SmolStr, StrExt};

use crate::error::ParseError;
use crate::number::Number;
use crate::register::{Obis, Printed, RawTime, RawUnit, Register, RegisterId, Value};
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
    let (identification, mut rest) = line(body);
    let mut faults = Vec::new();
    loop {
        rest = without_line_ends(rest);
        if rest.is_empty() {
            break;
        }
        if registers.len() >= MOST_REGISTERS {
            faults.push(ParseError::TooMany { limit: MOST_REGISTERS });
            break;
        }
        if let Some(behind) = usual(rest, zone, registers) {
            rest = behind;
            continue;
        }
        let (line, behind) = line(rest);
        rest = behind;
        if any(line, zone, registers).is_none() && faults.len() < MOST_FAULTS {
            faults.push(ParseError::Line);
        }
        past(line, zone, registers);
    }
    let identification = str::from_utf8(identification).unwrap_or_default().trim();
    Telegram { identification, faults }
}

/// The first line, with those behind it that begin with `(`, and what follows.
fn line(text: &[u8]) -> (&[u8], &[u8]) {
    let mut end = 0;
    loop {
        let line = text.get(end..).unwrap_or_default();
        end += memchr2(b'\r', b'\n', line).unwrap_or(line.len());
        let behind = text.get(end..).unwrap_or_default();
        let next = without_line_ends(behind);
        if next.first() != Some(&b'(') {
            return text.split_at_checked(end).unwrap_or((text, &[]));
        }
        end += behind.len() - next.len();
    }
}

fn without_line_ends(text: &[u8]) -> &[u8] {
    let count = text.iter().take_while(|octet| is_line_end(**octet)).count();
    text.get(count..).unwrap_or_default()
}

/// Adds the usual line in one go, an OBIS code with one value to the end of the line, and tells what follows; `None`
/// for any other.
fn usual<'a>(rest: &'a [u8], zone: Zone, registers: &mut Vec<Register>) -> Option<&'a [u8]> {
    let (obis, length) = Obis::at_start(rest)?;
    let inside = rest.get(length..)?.strip_prefix(b"(")?;
    let (value, behind) = inside.split_at_checked(memchr(b')', inside)?)?;
    let next = match behind {
        [b')', b'\r', b'\n', next @ ..] if next.first() != Some(&b'(') => next,
        _ => return None,
    };
    if obis == Obis::CLOCK {
        single(obis.into(), value, zone, registers);
        return Some(next);
    }
    registers.push(Register::BLANK);
    let register = registers.last_mut()?;
    register.id = obis.into();
    match number(inside, value) {
        Some((number, unit)) => {
            register.value = Value::Number(number);
            register.unit = RawUnit::Printed(unit);
        }
        None => register.value = text(value),
    }
    Some(next)
}

/// Adds what any data line says; `None` for a line that is none.
fn any(line: &[u8], zone: Zone, registers: &mut Vec<Register>) -> Option<()> {
    let (id, printed) = line.split_at_checked(memchr(b'(', line)?)?;
    let id = RegisterId::from_ascii(id)?;
    let inside = printed.trim_ascii_end().strip_prefix(b"(")?.strip_suffix(b")")?;
    let (places, count) = values(inside);
    let mut push = |value, unit, time| registers.push(Register { id, value, unit, time });
    match places.get(..count).unwrap_or_default() {
        // A text may hold parentheses of its own.
        [value] => single(id, value, zone, registers),
        [stamp, value] if let Some(stamp) = time_stamp(stamp, zone) => {
            let (value, unit) = quantity(value);
            push(value, unit, Some(stamp));
        }
        // DSMR 2.2, 6.10: time, status, interval, count, register, unit, then the value on a line of its own.
        [stamp, _status, _interval, _count, _register, unit, value]
            if let Some(number) = Number::from_ascii(value) =>
        {
            let unit = Printed::from_ascii(unit).map_or(RawUnit::None, RawUnit::Printed);
            push(Value::Number(number), unit, time_stamp(stamp, zone));
        }
        _ => push(joined(printed), RawUnit::None, None),
    }
    Some(())
}

/// Adds a register that has one value.
fn single(id: RegisterId, value: &[u8], zone: Zone, registers: &mut Vec<Register>) {
    let time = if id == RegisterId::Obis(Obis::CLOCK) { time_stamp(value, zone) } else { None };
    let (value, unit) = if time.is_none() { quantity(value) } else { (text(value), RawUnit::None) };
    registers.push(Register { id, value, unit, time });
}

/// Adds what a profile of past periods says, one register an entry, the newest being `*1`. Belgium's monthly peaks
/// (e-MUCS P1 1.7, 98.1.0): how many, two names, then end of the period, moment and value of each.
fn past(line: &[u8], zone: Zone, registers: &mut Vec<Register>) {
    let Some(inside) = line.strip_prefix(MONTHLY_PEAKS).and_then(|rest| rest.strip_suffix(b")")) else {
        return;
    };
    let mut values =
        inside.split(|octet| *octet == b')').map(|value| value.strip_prefix(b"(").unwrap_or(value));
    let (Some(_count), Some(name), Some(_)) = (values.next(), values.next(), values.next()) else { return };
    let Some(Obis([a, b, c, d, e, _])) = Obis::from_ascii(name) else { return };
    for period in 1..=MOST_PERIODS {
        let (Some(_end), Some(moment), Some(value)) = (values.next(), values.next(), values.next()) else {
            return;
        };
        let (value, unit) = quantity(value);
        let id = RegisterId::Obis(Obis([a, b, c, d, e, period]));
        registers.push(Register { id, value, unit, time: time_stamp(moment, zone) });
    }
}

/// The values between the first and the last parenthesis, and how many there are: those that have no place count too.
fn values(inside: &[u8]) -> ([&[u8]; MOST_VALUES], usize) {
    let mut places = [&[][..]; MOST_VALUES];
    let (mut rest, mut count) = (inside, 0);
    loop {
        let end = memchr(b')', rest);
        let (value, behind) = rest.split_at_checked(end.unwrap_or(rest.len())).unwrap_or_default();
        if let Some(place) = places.get_mut(count) {
            *place = value;
        }
        count += 1;
        if end.is_none() {
            return (places, count);
        }
        let next = behind.get(1..).unwrap_or_default().trim_ascii_start();
        rest = next.strip_prefix(b"(").unwrap_or(next);
    }
}

/// A number with a unit; anything else is text.
fn quantity(printed: &[u8]) -> (Value, RawUnit) {
    match number(printed, printed) {
        Some((number, unit)) => (Value::Number(number), RawUnit::Printed(unit)),
        None => (text(printed), RawUnit::None),
    }
}

/// `01.193*kW`, or, as some Belgian meters print it, `01.193kW`, with which `text` begins: digits are sooner read where
/// something stands behind them. Many pairs of hex digits are a text, though it may look like a number of a unit B; a few
/// may be `005A`.
#[inline(always)]
#[allow(clippy::inline_always, reason = "most of the time goes into moving the two about otherwise")]
fn number(text: &[u8], printed: &[u8]) -> Option<(Number, Printed)> {
    // Units end in a letter, or in the 3 of m3; long identifications need not be tried as numbers.
    let _ = printed.last().filter(|last| last.is_ascii_alphabetic() || **last == b'3')?;
    let (number, length) = Number::at_start(text)?;
    let unit = printed.get(length..)?;
    let unit = match unit.strip_prefix(b"*") {
        Some(unit) => unit,
        None if printed.len() >= SHORTEST_TEXT && are_hex_pairs(printed) => return None,
        None => unit,
    };
    let is_unit = unit.first().is_some_and(u8::is_ascii_alphabetic) && unit.len() <= LONGEST_UNIT;
    Some((number, Printed::from_ascii(unit).filter(|_| is_unit)?))
}

fn are_hex_pairs(printed: &[u8]) -> bool {
    printed.len().is_multiple_of(2) && printed.iter().all(u8::is_ascii_hexdigit)
}

/// Text, or the hex digits of one (DSMR 5.0.2, 6.4), whose case makers do not agree on. What is neither stays octets.
fn text(printed: &[u8]) -> Value {
    if are_hex_pairs(printed) {
        return Value::Text(lower_case(printed));
    }
    match str::from_utf8(printed) {
        Ok(text) => Value::Text(text.into()),
        Err(_) => Value::Octets(printed.to_owned()),
    }
}

/// Without a detour over memory where the text is no longer than an identification.
fn lower_case(digits: &[u8]) -> SmolStr {
    let mut buffer = [0; 64];
    match buffer.get_mut(..digits.len()) {
        Some(octets) => {
            octets.copy_from_slice(digits);
            octets.make_ascii_lowercase();
            SmolStr::new(str::from_utf8(octets).unwrap_or_default())
        }
        None => str::from_utf8(digits).unwrap_or_default().to_ascii_lowercase_smolstr(),
    }
}

/// Text of several lines, with the line ends left out.
fn joined(printed: &[u8]) -> Value {
    if !printed.iter().any(|octet| is_line_end(*octet)) {
        return text(printed);
    }
    let octets: Vec<u8> = printed.iter().copied().filter(|octet| !is_line_end(*octet)).collect();
    text(&octets)
}

/// `YYMMDDhhmmss` with `S` in summer time and `W` in winter time (DSMR 5.0.2, 6.4), or without either before DSMR 4;
/// `None` for a text of another form.
fn time_stamp(text: &[u8], zone: Zone) -> Option<RawTime> {
    let (digits, letter) = text.split_at_checked(12)?;
    let summer = match letter {
        b"S" => Some(true),
        b"W" => Some(false),
        b"" => None,
        _ => return None,
    };
    let mut pairs = [0_i8; 6];
    for (pair, place) in digits.chunks_exact(2).zip(&mut pairs) {
        *place = match *pair {
            [tens @ b'0'..=b'9', ones @ b'0'..=b'9'] => {
                i8::try_from((tens - b'0') * 10 + ones - b'0').ok()?
            }
            _ => return None,
        };
    }
    let [year, month, day, hour, minute, second] = pairs;
    let date = (2000 + i16::from(year), month, day);
    let time = MeterTime::in_zone(date, (hour, minute, second), summer, zone);
    Some(time.map_or(RawTime::Invalid, RawTime::Valid))
}

fn is_line_end(octet: u8) -> bool {
    matches!(octet, b'\r' | b'\n')
}

/// The most registers read from one telegram; the longest met has under one hundred.
const MOST_REGISTERS: usize = 512;
/// The most faults told of one telegram.
const MOST_FAULTS: usize = 8;

const MONTHLY_PEAKS: &[u8] = b"0-0:98.1.0(";
/// Thirteen months are kept.
const MOST_PERIODS: u8 = 15;

/// The gas line of DSMR 2.2 has seven; a line with more is a log.
const MOST_VALUES: usize = 8;

/// `kVArh` is the longest that is met.
const LONGEST_UNIT: usize = 5;
/// Hex digits of four octets, the shortest identification: no current has as many digits.
const SHORTEST_TEXT: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::{String, ToString};

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
        assert_eq!(one("0-0:96.13.0()").value, Value::Text("".into()));
        assert_eq!(one("0-0:96.1.1(4B384547)").value, Value::Text("4b384547".into()));
    }

    /// e-MUCS P1 1.7 with the values of its example. Hungary's line of that name has another layout.
    #[test]
    fn monthly_peaks_are_registers_of_past_periods() {
        let peaks = "0-0:98.1.0(2)(1-0:1.6.0)(1-0:1.6.0)(200501000000S)(200423192538S)(03.695*kW)\
                     (200401000000S)(200305122139S)(05.980*kW)";
        let read = |line: &str| {
            let mut registers = Vec::new();
            parse(alloc::format!("/MTP5TEST\r\n\r\n{line}\r\n!").as_bytes(), Zone::default(), &mut registers);
            registers
        };
        let registers = read(peaks);
        assert_eq!(registers.len(), 3);
        assert_eq!(registers[0].value.to_string(), peaks.strip_prefix("0-0:98.1.0").unwrap());
        assert_eq!(
            (registers[1].id.to_string(), registers[1].value.to_string()),
            ("1-0:1.6.0*1".into(), "3.695".into())
        );
        assert_eq!(moment(&registers[2]), "2020-03-05T12:21:39+02:00");
        assert_eq!(read("0-0:98.1.0(230701000000S)(000040.777*kWh)(000008.950*kWh)(3.5*kW)").len(), 1);
    }

    /// A Belgian meter whose gas meter was never linked sends both of these.
    #[test]
    fn reads_a_unit_without_its_star_and_marks_an_impossible_moment() {
        let energy = one("1-0:1.8.1(000123.456kWh)");
        assert_eq!(energy.unit, RawUnit::printed("kWh"));
        let current = one("1-0:31.7.0(005A)");
        assert_eq!((current.value.to_string().as_str(), current.unit), ("5", RawUnit::printed("A")));
        let text = one("0-0:96.1.1(45303034333030353937383531314B)");
        assert_eq!(
            text.value.to_string(),
            "45303034333030353937383531314b",
            "the hex digits of E0043005978511K"
        );
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
