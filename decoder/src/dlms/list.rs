//! The list in a notification → registers, in all the ways that meters lay it out.
//!
//! - structures of OBIS code, value and, with numbers, scaler and unit (Aidon);
//! - OBIS codes and values in turn (Kamstrup);
//! - a first element that describes the others (push object list of IEC 62056-6-2, 5.3.8);
//! - bare values (Kaifa): their names are positions, which a table of `meters/` turns into OBIS codes.

use alloc::vec::Vec;

use super::apdu::date_time;
use super::axdr::Datum;
use smol_str::{SmolStr, format_smolstr};

use crate::number::Number;
use crate::register::{Obis, RawUnit, Register, RegisterId, Value};
use crate::time::Zone;

/// Adds the registers of a list, in its order.
pub(crate) fn registers(body: &Datum<'_>, zone: Zone, registers: &mut Vec<Register>) {
    let Datum::List(items, _) = body else {
        return match body {
            Datum::Null => {}
            single => registers.push(positioned(0, single, zone)),
        };
    };
    if let Some(objects) = items.first().and_then(object_list) {
        return registers.extend(described(&objects, items, zone));
    }
    if in_turn(items) {
        return registers.extend(alternating(items, zone));
    }
    let named = |(at, item)| structured(item, zone).unwrap_or_else(|| positioned(at, item, zone));
    registers.extend(items.iter().enumerate().map(named));
}

/// `{ OBIS, value }` or `{ OBIS, value, { scaler, unit } }`.
fn structured(item: &Datum<'_>, zone: Zone) -> Option<Register> {
    let Datum::List(parts, _) = item else { return None };
    let [name, value, rest @ ..] = parts.as_slice() else { return None };
    let mut register = register(obis(name)?.into(), value, zone);
    if let Some((scaler, unit)) = rest.first().and_then(scaler_unit) {
        scale(&mut register, scaler, unit);
    }
    Some(register)
}

/// More than a third of the elements are OBIS codes; nulls, which some Kamstrup meters send for absent phases, do not
/// count.
fn in_turn(items: &[Datum<'_>]) -> bool {
    let codes = items.iter().filter(|item| obis(item).is_some()).count();
    let values = items.iter().filter(|item| **item != Datum::Null).count();
    codes > 1 && codes * 3 > values
}

fn alternating(items: &[Datum<'_>], zone: Zone) -> Vec<Register> {
    let mut registers = Vec::new();
    let mut rest = items.iter().enumerate().filter(|(_, item)| **item != Datum::Null);
    while let Some((at, item)) = rest.next() {
        match obis(item) {
            Some(name) => {
                if let Some((_, value)) = rest.next() {
                    registers.push(register(name.into(), value, zone));
                }
            }
            None if at == 0 => registers.push(register(LIST_VERSION.into(), item, zone)),
            None => registers.push(positioned(at, item, zone)),
        }
    }
    registers
}

/// What one row of a push object list names.
struct Object {
    obis: Obis,
    attribute: i128,
}

fn object_list(first: &Datum<'_>) -> Option<Vec<Object>> {
    let Datum::List(rows, _) = first else { return None };
    let object = |row: &Datum<'_>| {
        let Datum::List(parts, _) = row else { return None };
        let [Datum::Integer(_class), name, Datum::Integer(attribute), Datum::Integer(_index), ..] =
            parts.as_slice()
        else {
            return None;
        };
        Some(Object { obis: obis(name)?, attribute: *attribute })
    };
    let objects: Vec<Object> = rows.iter().map(object).collect::<Option<_>>()?;
    (!objects.is_empty()).then_some(objects)
}

/// The first element either describes itself as well, or only those behind it.
fn described(objects: &[Object], items: &[Datum<'_>], zone: Zone) -> Vec<Register> {
    let skip = if objects.len() == items.len() { 0 } else { 1 };
    let mut registers: Vec<Register> = Vec::new();
    for (at, (object, item)) in objects.iter().zip(items.iter().skip(skip)).enumerate() {
        if at + skip == 0 {
            continue;
        }
        let own = registers.iter_mut().rfind(|register| register.id == object.obis.into());
        match (scaler_unit(item), own) {
            (Some((scaler, unit)), Some(register)) if object.attribute == SCALER_UNIT => {
                scale(register, scaler, unit)
            }
            _ => registers.push(register(object.obis.into(), item, zone)),
        }
    }
    registers
}

fn positioned(at: usize, item: &Datum<'_>, zone: Zone) -> Register {
    let position = u16::try_from(at + 1).unwrap_or(u16::MAX);
    register(RegisterId::Position(position), item, zone)
}

fn register(id: RegisterId, item: &Datum<'_>, zone: Zone) -> Register {
    let (value, time) = match item {
        Datum::Null => (Value::Text(SmolStr::default()), None),
        Datum::Integer(number) => (Value::Number(Number::whole(*number)), None),
        Datum::Enum(number) => (Value::Number(Number::whole((*number).into())), None),
        Datum::Octets(octets) => (text(octets), date_time(octets, zone).filter(|_| is_recent(octets))),
        Datum::Text(octets) => (text(octets), None),
        Datum::List(items, _) => (Value::Text(format_smolstr!("{} values", items.len())), None),
    };
    Register { id, value, unit: RawUnit::None, time }
}

/// Makers send names as octet strings and as visible strings; what is printable is text.
fn text(octets: &[u8]) -> Value {
    let printable = !octets.is_empty() && octets.iter().all(|octet| matches!(octet, 0x20..=0x7E));
    match core::str::from_utf8(octets) {
        Ok(text) if printable => Value::Text(text.into()),
        _ => Value::Octets(octets.to_vec()),
    }
}

/// Twelve octets are a date-time if their year is one of a smart meter's, or not specified.
fn is_recent(octets: &[u8]) -> bool {
    matches!(octets, [0x07, 0xC6..=0xFF, ..] | [0x08, ..] | [0xFF, 0xFF, ..])
}

fn obis(item: &Datum<'_>) -> Option<Obis> {
    match item {
        Datum::Octets(octets) => <[u8; 6]>::try_from(*octets).ok().map(Obis),
        _ => None,
    }
}

fn scaler_unit(item: &Datum<'_>) -> Option<(i8, u8)> {
    let Datum::List(parts, _) = item else { return None };
    match parts.as_slice() {
        [Datum::Integer(scaler), Datum::Enum(unit)] => Some((i8::try_from(*scaler).ok()?, *unit)),
        _ => None,
    }
}

fn scale(register: &mut Register, scaler: i8, unit: u8) {
    if let Value::Number(number) = &mut register.value {
        number.scaler = scaler;
        register.unit = RawUnit::Dlms(unit);
    }
}

/// Kamstrup's lists begin with their version and give it no name; NVE's list calls it so.
const LIST_VERSION: Obis = Obis::new(1, 1, 0, 2, 129);
/// The attribute of a register that holds scaler and unit (IEC 62056-6-2, 4.3.2).
const SCALER_UNIT: i128 = 3;

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::{String, ToString};
    use alloc::vec;

    const POWER: Datum<'_> = Datum::Octets(&[1, 0, 1, 7, 0, 255]);
    const VOLTAGE: Datum<'_> = Datum::Octets(&[1, 0, 32, 7, 0, 255]);

    fn list(items: Vec<Datum<'_>>) -> Datum<'_> {
        let announced = items.len();
        Datum::List(items, announced)
    }

    fn read(body: &Datum<'_>) -> Vec<(String, String)> {
        registers_of(body)
            .iter()
            .map(|register| (register.id.to_string(), register.value.to_string()))
            .collect()
    }

    fn registers_of(body: &Datum<'_>) -> Vec<Register> {
        let mut found = Vec::new();
        registers(body, Zone::default(), &mut found);
        found
    }

    fn pair(id: &str, value: &str) -> (String, String) {
        (id.into(), value.into())
    }

    #[test]
    fn reads_structures_with_scaler_and_unit() {
        let scaler_unit = list(vec![Datum::Integer(-1), Datum::Enum(35)]);
        let body = list(vec![
            list(vec![POWER, Datum::Integer(1122)]),
            list(vec![VOLTAGE, Datum::Integer(2307), scaler_unit]),
        ]);
        assert_eq!(read(&body), [pair("1-0:1.7.0", "1122"), pair("1-0:32.7.0", "230.7")]);
        assert_eq!(registers_of(&body)[1].unit, RawUnit::Dlms(35));
    }

    #[test]
    fn reads_codes_and_values_in_turn_past_absent_phases() {
        let body = list(vec![
            Datum::Text(b"Kamstrup_V0001"),
            POWER,
            Datum::Integer(1896),
            Datum::Null,
            Datum::Null,
            VOLTAGE,
            Datum::Integer(225),
        ]);
        let wanted =
            [pair("1-1:0.2.129", "Kamstrup_V0001"), pair("1-0:1.7.0", "1896"), pair("1-0:32.7.0", "225")];
        assert_eq!(read(&body), wanted);
    }

    #[test]
    fn reads_a_list_that_describes_itself() {
        let row = |name: Datum<'static>, attribute| {
            list(vec![Datum::Integer(3), name, Datum::Integer(attribute), Datum::Integer(0)])
        };
        let rows = list(vec![row(POWER, 2), row(VOLTAGE, 2), row(VOLTAGE, 3)]);
        let scaler_unit = list(vec![Datum::Integer(-1), Datum::Enum(35)]);
        let body = list(vec![rows, Datum::Integer(7), Datum::Integer(2301), scaler_unit]);
        assert_eq!(read(&body), [pair("1-0:1.7.0", "7"), pair("1-0:32.7.0", "230.1")]);
    }

    #[test]
    fn bare_values_are_named_by_position() {
        let body = list(vec![Datum::Octets(b"KFM_001"), Datum::Integer(5), Datum::Octets(&[1, 2])]);
        assert_eq!(read(&body), [pair("list:1", "KFM_001"), pair("list:2", "5"), pair("list:3", "0102")]);
        assert_eq!(read(&Datum::Integer(5)), [pair("list:1", "5")]);
    }
}
