//! Stage 4 of P1: a telegram → its registers, as printed.
//!
//! A data line is an OBIS code and values in parentheses. A line that begins with `(` continues the line before it (gas
//! in DSMR 2.2 and 3). Values with a unit become exact numbers; all others stay text. A time stamp may come before its
//! value or after it. Lines with other values (power failures, monthly peaks) are kept as sent.

use alloc::vec::Vec;

use memchr::{memchr, memchr2};
use smol_str::{SmolStr, StrExt};

use super::codes::Codes;
use crate::error::ParseError;
use crate::meter;
use crate::number::Number;
use crate::register::{Obis, Printed, RawTime, RawUnit, Register, RegisterId, Value};
use crate::stamp::{Clock, moment, stamped, together, with_point, without_star};
use crate::time::{MeterTime, Zone};

/// The content of a telegram, besides its registers.
#[derive(Debug, PartialEq)]
pub(crate) struct Telegram<'a> {
    /// The line after `/`: three letters of the maker, a baud rate letter, the model.
    pub(crate) identification: &'a str,
    /// The meter's clock, if date and time of day are separate registers.
    pub(crate) time: Option<RawTime>,
    /// Lines that are not data lines.
    pub(crate) faults: Vec<ParseError>,
}

/// Parses the bytes from `/` to `!`, both included, into one register per data line, in order. A profile of past
/// periods also becomes a register for each period.
pub(crate) fn parse<'a>(
    bytes: &'a [u8],
    zone: Zone,
    codes: &mut Codes,
    registers: &mut Vec<Register>,
) -> Telegram<'a> {
    let body = bytes.strip_prefix(b"/").unwrap_or(bytes);
    let body = body.strip_suffix(b"!").unwrap_or(body);
    let (identification, mut rest) = line(body);
    let mut faults = Vec::new();
    let mut clock = Clock::default();
    loop {
        rest = without_line_ends(rest);
        if rest.is_empty() {
            break;
        }
        if registers.len() >= MOST_REGISTERS {
            faults.push(ParseError::TooMany { limit: MOST_REGISTERS });
            break;
        }
        if let Some(behind) = usual(rest, zone, codes, &mut clock, registers) {
            rest = behind;
            continue;
        }
        let (line, behind) = line(rest);
        rest = behind;
        let place = registers.len();
        if any(line, zone, registers).is_none() && faults.len() < MOST_FAULTS {
            faults.push(ParseError::Line);
        }
        past(line, zone, registers);
        if let Some([register]) = registers.get(place..)
            && let Some(parenthesis) = memchr(b'(', line)
        {
            codes.remember(place, line.get(parenthesis..).unwrap_or_default(), register);
        }
    }
    let identification = str::from_utf8(identification).unwrap_or_default().trim();
    Telegram { identification, time: clock.moment(zone), faults }
}

/// The first line with its continuation lines, which begin with `(`, and the rest of the text.
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
    let count = text.iter().take_while(|byte| is_line_end(**byte)).count();
    text.get(count..).unwrap_or_default()
}

/// Fast path: adds the register of a usual line, and returns the rest. Such a line is an OBIS code, and after it either
/// one value up to the end of the line, or the same text as in the last telegram. `None` for any other line.
fn usual<'a>(
    rest: &'a [u8],
    zone: Zone,
    codes: &mut Codes,
    clock: &mut Clock,
    registers: &mut Vec<Register>,
) -> Option<&'a [u8]> {
    let place = registers.len();
    let (obis, length) = codes.read(place, rest)?;
    let printed = rest.get(length..)?;
    if let Some((register, behind)) = codes.same(place, obis, printed)
        && let Some(next) = next_line(behind)
    {
        registers.push(register.clone());
        return Some(next);
    }
    let inside = printed.strip_prefix(b"(")?;
    if let Some((number, unit, behind)) = measured(inside) {
        let next = next_line(behind.strip_prefix(b")")?)?;
        let (value, unit) = (Value::Number(number), RawUnit::Printed(unit));
        registers.push(Register { id: obis.into(), value, unit, time: None });
        return Some(next);
    }
    let end = inside.iter().position(|byte| matches!(byte, b')' | b'*'))?;
    let (value, behind) = inside.split_at_checked(end)?;
    let next = next_line(behind.strip_prefix(b")")?)?;
    if obis == Obis::CLOCK {
        single(obis.into(), value, zone, registers);
        return Some(next);
    }
    if let Obis([_, _, 0, 9, ..]) = obis {
        clock.hear(rest.get(..length)?, value, zone);
    }
    match number(inside, value) {
        Some((number, unit)) => {
            let (value, unit) = (Value::Number(number), RawUnit::Printed(unit));
            registers.push(Register { id: obis.into(), value, unit, time: None });
        }
        None => {
            let register = Register { id: obis.into(), value: text(value), unit: RawUnit::None, time: None };
            codes.remember(place, printed.get(..end + 2)?, &register);
            registers.push(register);
        }
    }
    Some(next)
}

/// The text after the line end; `None` if a value continues there, or if there is no CR LF.
fn next_line(behind: &[u8]) -> Option<&[u8]> {
    match behind {
        [b'\r', b'\n', next @ ..] if next.first() != Some(&b'(') => Some(next),
        _ => None,
    }
}

/// A number with its unit as nearly all meters print it, `01.193*kW)`, and the rest from the parenthesis on.
#[inline(always)]
#[allow(clippy::inline_always, reason = "otherwise most of the time goes into moving the results")]
fn measured(inside: &[u8]) -> Option<(Number, Printed, &[u8])> {
    let (number, length) = Number::in_window(*inside.first_chunk()?)?;
    let unit = inside.get(length..)?.strip_prefix(b"*")?;
    let mut key = 0;
    for (place, byte) in unit.iter().take(LONGEST_UNIT + 1).enumerate() {
        match byte {
            b')' if place > 0 => return Some((number, Printed::from_key(key), unit.get(place..)?)),
            b'3' if place > 0 => {}
            b'A'..=b'Z' | b'a'..=b'z' => {}
            _ => return None,
        }
        key |= u64::from(*byte) << (8 * place);
    }
    None
}

/// Adds the registers of any data line; `None` if the line is not a data line.
fn any(line: &[u8], zone: Zone, registers: &mut Vec<Register>) -> Option<()> {
    let (code, printed) = line.split_at_checked(memchr(b'(', line)?)?;
    let id = RegisterId::from_ascii(code)?;
    let inside = printed.trim_ascii_end().strip_prefix(b"(")?.strip_suffix(b")")?;
    let (places, count) = values(inside);
    let mut push = |value, unit, time| registers.push(Register { id, value, unit, time });
    match places.get(..count).unwrap_or_default() {
        // A text may contain parentheses.
        [value] => single(id, value, zone, registers),
        [first, second] if let Some((value, time)) = stamped(code, [first, second], zone) => {
            let (value, unit) = quantity(value);
            push(value, unit, time);
        }
        // DSMR 2.2, 6.10: time, status, interval, count, register, unit, then the value on its own line.
        [stamp, _status, _interval, _count, _register, unit, value]
            if let Some(number) = Number::from_ascii(value) =>
        {
            let unit = Printed::from_ascii(unit).map_or(RawUnit::None, RawUnit::Printed);
            push(Value::Number(number), unit, moment(stamp, zone));
        }
        _ => push(joined(printed), RawUnit::None, None),
    }
    Some(())
}

fn single(id: RegisterId, value: &[u8], zone: Zone, registers: &mut Vec<Register>) {
    let time = if id == RegisterId::Obis(Obis::CLOCK) { moment(value, zone) } else { None };
    if let Some((value, time)) = together(value, zone)
        && let (Value::Number(number), unit) = quantity(value)
    {
        return registers.push(Register { id, value: Value::Number(number), unit, time: Some(time) });
    }
    let (value, unit) = if time.is_none() { quantity(value) } else { (text(value), RawUnit::None) };
    registers.push(Register { id, value, unit, time });
}

/// Adds the registers of a profile of past periods, one per entry, in the order sent; `*1` is the period that ended
/// last. Belgium's monthly peaks (e-MUCS P1 1.7, 98.1.0) are a count and two names, then for each entry the end of the
/// period, the time stamp and the value. The specification's example begins with the newest entry, but meters send the
/// oldest first. Therefore the ends of the periods decide the numbers.
fn past(line: &[u8], zone: Zone, registers: &mut Vec<Register>) {
    let Some(inside) = line.strip_prefix(MONTHLY_PEAKS).and_then(|rest| rest.strip_suffix(b")")) else {
        return;
    };
    let mut values =
        inside.split(|byte| *byte == b')').map(|value| value.strip_prefix(b"(").unwrap_or(value));
    let (Some(_count), Some(name), Some(_)) = (values.next(), values.next(), values.next()) else { return };
    let Some(Obis([a, b, c, d, e, _])) = Obis::from_ascii(name) else { return };
    let next = move || Some([values.next()?, values.next()?, values.next()?]);
    let entries = core::iter::from_fn(next).take(MOST_PERIODS);
    let end = |end: &[u8]| moment(end, zone).and_then(RawTime::valid).map(MeterTime::unix_seconds);
    // Unused places sort after all entries.
    let mut ends = [i64::MIN; MOST_PERIODS];
    let mut have_ends = true;
    for (place, [of_period, ..]) in ends.iter_mut().zip(entries.clone()) {
        let end = end(of_period);
        have_ends &= end.is_some();
        *place = end.unwrap_or(i64::MIN);
    }
    for (place, [_, stamp, value]) in entries.enumerate() {
        let own = ends.get(place).copied().unwrap_or(i64::MIN);
        let is_newer = |(at, end): &(usize, &i64)| **end > own || **end == own && *at < place;
        // If the end of any period is missing, the entries are numbered in the order sent.
        let newer = if have_ends { ends.iter().enumerate().filter(is_newer).count() } else { place };
        let (value, unit) = quantity(value);
        let period = u8::try_from(newer + 1).unwrap_or(u8::MAX);
        let id = RegisterId::Obis(Obis([a, b, c, d, e, period]));
        registers.push(Register { id, value, unit, time: moment(stamp, zone) });
    }
}

/// The values between the first and the last parenthesis, and their count. Values beyond [`MOST_VALUES`] are counted
/// but not returned.
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

/// A number with a unit, possibly with a leading plus or a decimal comma; anything else is text. A star without a unit
/// after it is dropped: the text may be a number without a unit.
fn quantity(printed: &[u8]) -> (Value, RawUnit) {
    let unsigned = printed.strip_prefix(b"+").unwrap_or(printed);
    let pointed = || {
        let pointed = with_point(unsigned)?;
        number(&pointed, &pointed)
    };
    match number(unsigned, unsigned).or_else(pointed) {
        Some((number, unit)) => (Value::Number(number), RawUnit::Printed(unit)),
        None => (text(without_star(printed)), RawUnit::None),
    }
}

/// A number with its unit: `01.193*kW`, or `01.193kW` as some Belgian meters print it. Some print blanks around the
/// unit. `text` begins with `printed`; the bytes after it only make parsing faster.
///
/// Without a star, a short run such as `005A` is a number. A long run of hex digits is text, and so are many digits
/// before a single letter.
#[inline(always)]
#[allow(clippy::inline_always, reason = "otherwise most of the time goes into moving the results")]
fn number(text: &[u8], printed: &[u8]) -> Option<(Number, Printed)> {
    let printed = if printed.last() == Some(&b' ') { printed.trim_ascii_end() } else { printed };
    // Units end in a letter, or in the 3 of m3. This test avoids parsing long identifications.
    let _ = printed.last().filter(|last| last.is_ascii_alphabetic() || **last == b'3')?;
    let (number, length) = Number::at_start(text)?;
    let unit = match printed.get(length..)? {
        [b'*', unit @ ..] if unit.first() != Some(&b' ') => unit,
        unit => loose(unit, printed)?,
    };
    let is_unit = unit.first().is_some_and(u8::is_ascii_alphabetic) && unit.len() <= LONGEST_UNIT;
    Some((number, Printed::from_ascii(unit).filter(|_| is_unit)?))
}

/// A unit that does not directly follow the star. Without a star, only known units are accepted.
#[cold]
fn loose<'a>(unit: &'a [u8], printed: &[u8]) -> Option<&'a [u8]> {
    let unit = unit.trim_ascii_start();
    if let Some(unit) = unit.strip_prefix(b"*") {
        return Some(unit.trim_ascii_start());
    }
    let is_name = unit.len() == 1 && !printed.contains(&b'.');
    let is_text = printed.len() >= SHORTEST_TEXT && (is_name || are_hex_pairs(printed));
    let is_known = || meter::unit(&RawUnit::Printed(Printed::from_ascii(unit)?));
    is_known().filter(|_| !is_text).map(|_| unit)
}

fn are_hex_pairs(printed: &[u8]) -> bool {
    printed.len().is_multiple_of(2) && printed.iter().all(u8::is_ascii_hexdigit)
}

/// Text as printed. Hex digits, which makers print in either case (DSMR 5.0.2, 6.4), become lower case. Bytes that are
/// not text stay bytes.
fn text(printed: &[u8]) -> Value {
    // Most digit strings need no change, and many texts have an odd length.
    let may_change = printed.len().is_multiple_of(2) && printed.iter().any(u8::is_ascii_uppercase);
    if may_change && are_hex_pairs(printed) {
        return Value::Text(lower_case(printed));
    }
    match str::from_utf8(printed) {
        Ok(text) => Value::Text(text.into()),
        Err(_) => Value::Octets(printed.into()),
    }
}

/// The digits in lower case, without a temporary allocation if they fit into 64 bytes.
fn lower_case(digits: &[u8]) -> SmolStr {
    let mut buffer = [0; 64];
    match buffer.get_mut(..digits.len()) {
        Some(bytes) => {
            bytes.copy_from_slice(digits);
            bytes.make_ascii_lowercase();
            SmolStr::new(str::from_utf8(bytes).unwrap_or_default())
        }
        None => str::from_utf8(digits).unwrap_or_default().to_ascii_lowercase_smolstr(),
    }
}

/// Text of several lines, joined without the line ends.
fn joined(printed: &[u8]) -> Value {
    if !printed.iter().any(|byte| is_line_end(*byte)) {
        return text(printed);
    }
    let bytes: Vec<u8> = printed.iter().copied().filter(|byte| !is_line_end(*byte)).collect();
    text(&bytes)
}

fn is_line_end(byte: u8) -> bool {
    matches!(byte, b'\r' | b'\n')
}

/// The maximum number of registers read from one telegram. The longest telegram seen has fewer than one hundred.
const MOST_REGISTERS: usize = 512;
const MOST_FAULTS: usize = 8;

const MONTHLY_PEAKS: &[u8] = b"0-0:98.1.0(";
/// Meters keep thirteen months.
const MOST_PERIODS: usize = 15;

/// The gas line of DSMR 2.2 has seven values; a line with more is a log.
const MOST_VALUES: usize = 8;

/// `kVArh` is the longest unit seen.
const LONGEST_UNIT: usize = 5;
/// Hex digits of four bytes, the shortest identification. No current has eight digits.
const SHORTEST_TEXT: usize = 8;

#[cfg(test)]
mod tests;
