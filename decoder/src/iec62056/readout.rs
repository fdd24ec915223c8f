//! Stage 4 of IEC 62056-21: the data sets of a readout → registers, as printed.
//!
//! A data set is a code and one or more values in parentheses, with or without line ends between them. Values with a
//! unit become exact numbers. A number without a unit gets the unit that its register has in another period. All other
//! values stay text. The time at which a value occurred may come after it or before it. Two values of one register,
//! such as a heat meter's two temperatures, become two registers with the same name.

use alloc::vec::Vec;

use memchr::{memchr, memchr2};

use super::character::ACK;
use crate::error::ParseError;
use crate::meter;
use crate::number::Number;
use crate::register::{Obis, Printed, RawTime, RawUnit, Register, RegisterId, Value};
use crate::stamp::{Clock, joined, stamped, together, with_point, without_star};
use crate::time::Zone;

/// The content of a readout, besides its registers.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Readout {
    pub(crate) time: Option<RawTime>,
    /// Data sets that are invalid, and refusals.
    pub(crate) faults: Vec<ParseError>,
}

/// Adds a register for each data set, in order. The first data set of a headless readout is used only if a missing
/// beginning cannot have changed its meaning.
pub(crate) fn parse(data: &[u8], headless: bool, zone: Zone, registers: &mut Vec<Register>) -> Readout {
    let mut readout = Readout::default();
    let mut clock = Clock::default();
    let mut sets = DataSets { rest: data };
    if headless
        && let [Some(first), second] = [(); 2].map({
            let mut ahead = DataSets { rest: data };
            move |()| ahead.next().and_then(Result::ok)
        })
        && !first.is_whole(second.as_ref())
    {
        sets.next();
        readout.faults.push(ParseError::Line);
    }
    for set in sets {
        if registers.len() >= MOST_REGISTERS {
            readout.faults.push(ParseError::TooMany { limit: MOST_REGISTERS });
            break;
        }
        let fault = match set {
            Ok(DataSet { code: [], .. }) => ParseError::Refused(UNSPECIFIED),
            Ok(set) if set.registers(zone, &mut clock, registers).is_some() => continue,
            _ => ParseError::Line,
        };
        if readout.faults.len() < MOST_FAULTS {
            readout.faults.push(fault);
        }
    }
    lend_units(registers);
    readout.time = clock.moment(zone);
    readout
}

/// Gives numbers without a unit the unit of the same register in another period.
fn lend_units(registers: &mut [Register]) {
    let is_bare = |register: &Register| {
        let digits = |text: &str| Number::from_ascii(text.as_bytes()).is_some();
        register.unit == RawUnit::None && matches!(&register.value, Value::Text(text) if digits(text))
    };
    for at in 0..registers.len() {
        let Some(register) = registers.get(at).filter(|register| is_bare(register)) else { continue };
        let of_code = |other: &&Register| is_same_code(register.id, other.id) && other.unit != RawUnit::None;
        let Some(unit) = registers.iter().find(of_code).map(|other| other.unit) else { continue };
        if let Some(Register { value, unit: own, .. }) = registers.get_mut(at)
            && let Value::Text(text) = value
            && let Some(number) = Number::from_ascii(text.as_bytes())
        {
            (*value, *own) = (Value::Number(number), unit);
        }
    }
}

fn is_same_code(one: RegisterId, other: RegisterId) -> bool {
    match (one, other) {
        (RegisterId::Obis(Obis([one @ .., _])), RegisterId::Obis(Obis([other @ .., _]))) => one == other,
        (RegisterId::Printed(one), RegisterId::Printed(other)) => {
            let code = |printed: &str| printed.find(['*', '&']).unwrap_or(printed.len());
            let (one, other) = (one.as_str(), other.as_str());
            one.get(..code(one)) == other.get(..code(other))
        }
        _ => false,
    }
}

/// A code, and the text from the first parenthesis to the last.
struct DataSet<'a> {
    code: &'a [u8],
    printed: &'a [u8],
}

/// A line that is not a data set: it is skipped, and reported as an error.
struct NoDataSet;

struct DataSets<'a> {
    rest: &'a [u8],
}

impl<'a> Iterator for DataSets<'a> {
    type Item = Result<DataSet<'a>, NoDataSet>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut rest = self.rest.trim_ascii_start();
        // The computer's acknowledgement, echoed by the optical head.
        while rest.first() == Some(&ACK) {
            rest = behind_line(rest).trim_ascii_start();
        }
        if rest.is_empty() {
            return None;
        }
        let (set, behind) = match data_set(rest) {
            Some((set, behind)) => (Ok(set), behind),
            None => (Err(NoDataSet), behind_line(rest)),
        };
        self.rest = behind;
        Some(set)
    }
}

fn data_set(text: &[u8]) -> Option<(DataSet<'_>, &[u8])> {
    let (code, values) = text.split_at_checked(memchr(b'(', text)?)?;
    if memchr2(b'\r', b'\n', code).is_some() {
        return None;
    }
    let mut end = 0;
    let mut next = values;
    while next.first() == Some(&b'(') {
        end = values.len() - next.len() + memchr(b')', next)? + 1;
        next = values.get(end..)?.trim_ascii_start();
    }
    let (printed, behind) = values.split_at_checked(end)?;
    Some((DataSet { code, printed }, behind))
}

fn behind_line(text: &[u8]) -> &[u8] {
    let end = memchr2(b'\r', b'\n', text).unwrap_or(text.len());
    text.get(end..).unwrap_or_default()
}

impl DataSet<'_> {
    /// Whether the code is complete although nothing was received before it: `1.8.0` may be the rest of `21.8.0` or of
    /// `1-0:1.8.0`. A complete code begins with a letter, with the medium, or with a group C of 0. All codes of a
    /// readout have the same form.
    fn is_whole(&self, next: Option<&Self>) -> bool {
        let has_medium = |set: &Self| set.code.contains(&b':');
        let begins = match self.code {
            [letter, ..] if letter.is_ascii_uppercase() => true,
            [b'0', b'.', ..] => true,
            code => Obis::from_ascii(code).is_some(),
        };
        begins && next.is_none_or(|next| has_medium(next) == has_medium(self))
    }

    /// Adds the registers of the data set; `None` if its code cannot name a register.
    fn registers(&self, zone: Zone, clock: &mut Clock, registers: &mut Vec<Register>) -> Option<()> {
        let id = RegisterId::from_ascii(self.code)?;
        let (values, count) = self.values();
        let mut push = |value, unit, time| registers.push(Register { id, value, unit, time });
        match values.get(..count).unwrap_or_default() {
            [value] => {
                if let Some(moment) = clock.hear(self.code, value, zone) {
                    push(text(value), RawUnit::None, Some(moment));
                } else if let Some([first, second]) = pair(value) {
                    for (number, unit) in [first, second] {
                        push(Value::Number(number), RawUnit::Printed(unit), None);
                    }
                } else if let Some((value, time)) = together(value, zone)
                    && let Some((number, unit)) = measured(value)
                {
                    push(Value::Number(number), RawUnit::Printed(unit), Some(time));
                } else {
                    let (value, unit) = quantity(value);
                    push(value, unit, None);
                }
            }
            [first, second] if let Some((value, time)) = stamped(self.code, [first, second], zone) => {
                let (value, unit) = quantity(value);
                push(value, unit, time);
            }
            [value, date, time]
                if let (Some((number, unit)), Some(moment)) = (measured(value), joined(date, time, zone)) =>
            {
                push(Value::Number(number), RawUnit::Printed(unit), Some(moment));
            }
            _ => push(text(self.printed), RawUnit::None, None),
        }
        Some(())
    }

    /// The text in each pair of parentheses, and the number of pairs. Pairs beyond [`MOST_VALUES`] are counted but not
    /// returned.
    fn values(&self) -> ([&[u8]; MOST_VALUES], usize) {
        let mut values = [&[][..]; MOST_VALUES];
        let mut count = 0;
        let mut rest = self.printed;
        while let Some((value, behind)) =
            rest.strip_prefix(b"(").and_then(|rest| rest.split_at_checked(memchr(b')', rest)?))
        {
            if let Some(place) = values.get_mut(count) {
                *place = value;
            }
            count += 1;
            rest = behind.get(1..).unwrap_or_default().trim_ascii_start();
        }
        (values, count)
    }
}

/// `088*C&082*C`: two numbers with their units.
fn pair(printed: &[u8]) -> Option<[(Number, Printed); 2]> {
    let (first, second) = printed.split_at_checked(memchr(b'&', printed)?)?;
    Some([measured(first)?, measured(second.get(1..)?)?])
}

/// `01.193*kW` is a number with its unit, and so is `01,193*kW`; anything else is text.
fn quantity(printed: &[u8]) -> (Value, RawUnit) {
    match measured(printed).or_else(|| measured(&with_point(printed)?)) {
        Some((number, unit)) => (Value::Number(number), RawUnit::Printed(unit)),
        None => (text(without_star(printed)), RawUnit::None),
    }
}

/// A number with its unit. Some meters pad with blanks, also around the star, and some print a plus. Without a star,
/// the text after the number is a unit only if it is known and has at least two letters: a single letter may be the
/// end of a name.
fn measured(printed: &[u8]) -> Option<(Number, Printed)> {
    let printed = printed.trim_ascii();
    let (number, length) = Number::at_start(printed.strip_prefix(b"+").unwrap_or(printed))?;
    let sign = usize::from(printed.first() == Some(&b'+'));
    let behind = printed.get(sign + length..)?.trim_ascii_start();
    match behind.strip_prefix(b"*") {
        Some(unit) => Some((number, Printed::from_ascii(unit.trim_ascii())?)),
        None => {
            let unit = Printed::from_ascii(behind).filter(|_| behind.len() > 1)?;
            meter::unit(&RawUnit::Printed(unit)).map(|_| (number, unit))
        }
    }
}

/// Bytes that are not text stay bytes; line ends between values are removed.
fn text(printed: &[u8]) -> Value {
    let is_line_end = |byte: &u8| matches!(byte, b'\r' | b'\n');
    match str::from_utf8(printed) {
        Ok(text) if !printed.iter().any(is_line_end) => Value::Text(text.into()),
        Ok(text) => Value::Text(text.split(['\r', '\n']).collect()),
        Err(_) => Value::Octets(printed.iter().copied().filter(|byte| !is_line_end(byte)).collect()),
    }
}

/// The code of every refusal: a meter's error messages are in the maker's own words (IEC 62056-21, 6.6).
const UNSPECIFIED: u8 = 0;

/// Two or three values are usual; a data set with more is a log.
const MOST_VALUES: usize = 4;
/// The maximum number of registers read from one readout. A readout with fifteen months of each register has fewer than
/// four hundred.
const MOST_REGISTERS: usize = 1024;
const MOST_FAULTS: usize = 8;

#[cfg(test)]
mod tests;
