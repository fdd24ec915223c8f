//! The list in a notification → registers, for every layout that meters use.
//!
//! Three rules cover the layouts:
//!
//! 1. A first element that describes the others (push object list of IEC 62056-6-2, 5.3.8) names them.
//! 2. In any other list, an OBIS code names the value after it, and a structure of scaler and unit scales the value
//!    before it. Name, value and scaler may form a structure of their own (Aidon, Iskraemeco, Salzburg), stand side by
//!    side (Netz Niederösterreich), or come without scaler (Kamstrup, Landis+Gyr). The same applies to lists inside a
//!    list.
//! 3. Values without names (Kaifa) are numbered: a table in `meters/` turns the numbers into OBIS codes.

#[cfg(test)]
mod tests;

use alloc::vec::Vec;

use smol_str::{SmolStr, format_smolstr};

use super::apdu::{Notification, date_time};
use super::axdr::{Datum, List, Reader};
use super::object_list::{Objects, obis};
use super::tag::{
    DOUBLE_LONG, DOUBLE_LONG_UNSIGNED, ENUM, INTEGER, LONG, LONG_UNSIGNED, OCTET_STRING, STRUCTURE,
};
use crate::error::ParseError;
use crate::number::Number;
use crate::register::{Obis, RawTime, RawUnit, Register, RegisterId, Value};
use crate::shape::{Shape, Type};
use crate::time::Zone;

/// The properties of a list, besides its registers.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Found {
    /// How many elements the list announced, even if fewer arrived.
    pub(crate) announced: Option<usize>,
    /// Why reading ended early.
    pub(crate) fault: Option<ParseError>,
    /// The types of the values without names.
    pub(crate) shape: Shape,
}

/// Adds the registers of a notification, in the order of its values.
pub(crate) fn registers(notification: Notification<'_>, zone: Zone, registers: &mut Vec<Register>) -> Found {
    let Notification { object, mut body, .. } = notification;
    let mut reading = Reading { zone, registers, unnamed: 0, shape: Shape::default() };
    let mut announced = None;
    let of = Type { tag: body.ahead().first().copied(), nested: false };
    match (body.next(), object) {
        (None | Some(Datum::Null), _) => {}
        (Some(Datum::List(list)), _) => {
            announced = Some(list.elements);
            // The reader keeps the reason why a list ended early.
            let _ = reading.list(&mut body, list, true);
        }
        (Some(single), Some(name)) => reading.named(name, single),
        (Some(single), None) => reading.unnamed(single, of),
    }
    Found { announced, fault: body.fault(), shape: reading.shape }
}

/// The registers found so far.
struct Reading<'r> {
    zone: Zone,
    registers: &'r mut Vec<Register>,
    /// The number of values without names.
    unnamed: u16,
    shape: Shape,
}

impl Reading<'_> {
    fn list<'a>(&mut self, reader: &mut Reader<'a>, list: List<'a>, is_whole: bool) -> Option<()> {
        if let Some(objects) = Objects::at(reader, list) {
            return self.described(reader, list, objects, is_whole);
        }
        let mut name = leading_name(reader, list);
        let by_names = name.is_some() || has_names(reader, list);
        let mut own = None;
        let behind_name = List { elements: list.elements - usize::from(name.is_some()), ..list };
        reader.elements(behind_name, |reader, at| {
            if let Some(register) = usual(reader) {
                self.registers.push(register);
                return Some(());
            }
            let of = Type { tag: reader.ahead().first().copied(), nested: !is_whole };
            let value = reader.next()?;
            match value {
                Datum::List(inner) => match reader.scaler_unit(inner) {
                    Some(scale) => self.scale(name.take(), own, scale),
                    None => self.list(reader, inner, false)?,
                },
                Datum::Octets(bytes)
                    if by_names
                        && name.is_none()
                        && let Some(code) = obis(bytes) =>
                {
                    name = Some(code);
                    return Some(());
                }
                // Kamstrup sends nulls for name and value of absent phases.
                Datum::Null if by_names && name.is_none() => {}
                value => match name.take() {
                    Some(name) => {
                        self.named(name, value);
                        own = Some(self.registers.len() - 1);
                    }
                    None if by_names && is_whole && at == 0 => self.headed(value, of),
                    None if by_names && !is_whole && self.stamp(own, value) => {}
                    None => self.unnamed(value, of),
                },
            }
            Some(())
        })?;
        if let Some(name) = name {
            self.named(name, Datum::Null);
        }
        Some(())
    }

    /// Reads a list whose first element describes the others. Some meters describe the first element too.
    fn described<'a>(
        &mut self,
        reader: &mut Reader<'a>,
        list: List<'a>,
        mut objects: Objects<'a>,
        is_whole: bool,
    ) -> Option<()> {
        if objects.rows == list.elements {
            objects.next();
        }
        reader.elements(list, |reader, at| {
            if at == 0 {
                return reader.pass();
            }
            let of = Type { tag: reader.ahead().first().copied(), nested: !is_whole };
            match (reader.next()?, objects.next()) {
                (Datum::List(inner), object) => match reader.scaler_unit(inner) {
                    Some(scale) => self.scale(object.map(|object| object.name), None, scale),
                    None => self.list(reader, inner, false)?,
                },
                (value, Some(object)) if object.is_capture_time() => {
                    let own = self.registers.iter().rposition(|register| register.id == object.name.into());
                    if !self.stamp(own, value) {
                        self.named(object.name, value);
                    }
                }
                (value, Some(object)) if !object.is_status() => self.named(object.name, value),
                (value, _) => self.unnamed(value, of),
            }
            Some(())
        })
    }

    fn named(&mut self, name: Obis, value: Datum<'_>) {
        self.push(name, value);
    }

    fn unnamed(&mut self, value: Datum<'_>, of: Type) {
        self.shape.push(of);
        self.unnamed = self.unnamed.saturating_add(1);
        self.push(RegisterId::Position(self.unnamed), value);
    }

    /// Adds the first value of a list with names: the list's version (Kamstrup) or its time (Landis+Gyr).
    fn headed(&mut self, value: Datum<'_>, of: Type) {
        match value {
            Datum::Text(_) => self.named(Obis::LIST_VERSION, value),
            Datum::Octets(bytes) if self.moment(bytes).is_some() => self.push(Obis::CLOCK, value),
            _ => self.unnamed(value, of),
        }
    }

    /// Sets the capture time of a register if the value is a date-time; returns whether it was set.
    fn stamp(&mut self, register: Option<usize>, value: Datum<'_>) -> bool {
        let Datum::Octets(bytes) = value else { return false };
        match (self.moment(bytes), register.and_then(|at| self.registers.get_mut(at))) {
            (Some(time), Some(register)) => {
                register.time = Some(time);
                true
            }
            _ => false,
        }
    }

    /// Scales the register of this name, or else the one at index `own`.
    fn scale(&mut self, name: Option<Obis>, own: Option<usize>, (scaler, unit): (i8, u8)) {
        let named = |name: Obis| self.registers.iter().rposition(|register| register.id == name.into());
        let register = name.and_then(named).or(own).and_then(|at| self.registers.get_mut(at));
        if let Some(register) = register
            && let Value::Number(number) = &mut register.value
        {
            *number = number.shifted(scaler).unwrap_or(*number);
            register.unit = RawUnit::Dlms(unit);
        }
    }

    fn push(&mut self, id: impl Into<RegisterId>, value: Datum<'_>) {
        match value {
            Datum::Integer(number) => self.push_number(id, Number::whole(number.into())),
            Datum::Unsigned(number) => self.push_number(id, Number::whole(number.into())),
            Datum::Enum(number) => self.push_number(id, Number::whole(number.into())),
            Datum::Null | Datum::List(_) => self.push_other(id.into(), Value::Text(SmolStr::default()), None),
            Datum::Float(bytes) => {
                let value = float(bytes).map_or_else(|| text(bytes), Value::Number);
                self.push_other(id.into(), value, None);
            }
            Datum::Delta(number) => {
                self.push_other(id.into(), Value::Text(format_smolstr!("{number:+}")), None);
            }
            Datum::Octets(bytes) => match (id.into(), self.moment(bytes)) {
                // The bytes of a clock need no memory: they contain no more than the time.
                (RegisterId::Obis(Obis::CLOCK), time @ Some(RawTime::Valid(_))) => {
                    self.push_other(Obis::CLOCK.into(), Value::Text(SmolStr::default()), time);
                }
                (id, time) => self.push_other(id, text(bytes), time),
            },
            Datum::Text(bytes) => self.push_other(id.into(), text(bytes), None),
        }
    }

    fn push_other(&mut self, id: RegisterId, value: Value, time: Option<RawTime>) {
        self.registers.push(Register { id, value, unit: RawUnit::None, time });
    }

    /// A fast path: most values are numbers, and moving less data takes less time.
    fn push_number(&mut self, id: impl Into<RegisterId>, number: Number) {
        let value = Value::Number(number);
        self.registers.push(Register { id: id.into(), value, unit: RawUnit::None, time: None });
    }

    /// The date-time in twelve bytes, if the year is possible for a smart meter.
    fn moment(&self, bytes: &[u8]) -> Option<RawTime> {
        match bytes {
            [0x07, 0xB2..=0xFF, ..] | [0x08, ..] => date_time(bytes, self.zone),
            _ => None,
        }
    }
}

/// Reads the OBIS code at the start of a short list, where nearly all objects have it.
fn leading_name(reader: &mut Reader<'_>, list: List<'_>) -> Option<Obis> {
    let [OCTET_STRING, 6, code @ ..] = reader.ahead() else { return None };
    let name = obis(code.get(..6)?).filter(|_| (1..=LONGEST_OBJECT).contains(&list.elements))?;
    reader.pass_seen(8, 1)?;
    Some(name)
}

/// Reads a register in the most common form (IEC 62056-6-2, 4.3.2): a structure of name, integer, scaler and unit.
/// Reading it value by value gives the same result, but takes four times as long.
#[inline]
fn usual(reader: &mut Reader<'_>) -> Option<Register> {
    let ahead = reader.ahead();
    let [STRUCTURE, 3, OCTET_STRING, 6, a, b, c, d, e, f, tag, rest @ ..] = ahead else { return None };
    let name = obis(&[*a, *b, *c, *d, *e, *f])?;
    let (number, rest): (i64, _) = match (*tag, rest) {
        // A name with a swapped tag begins with these bytes.
        (DOUBLE_LONG_UNSIGNED, [OCTET_STRING, ..]) => return None,
        (DOUBLE_LONG_UNSIGNED, [a, b, c, d, rest @ ..]) => {
            (u32::from_be_bytes([*a, *b, *c, *d]).into(), rest)
        }
        (DOUBLE_LONG, [a, b, c, d, rest @ ..]) => (i32::from_be_bytes([*a, *b, *c, *d]).into(), rest),
        (LONG_UNSIGNED, [a, b, rest @ ..]) => (u16::from_be_bytes([*a, *b]).into(), rest),
        (LONG, [a, b, rest @ ..]) => (i16::from_be_bytes([*a, *b]).into(), rest),
        _ => return None,
    };
    let [STRUCTURE, 2, INTEGER, scaler, ENUM, unit, behind @ ..] = rest else { return None };
    // The structure, its three elements, and the two inside the last one.
    reader.pass_seen(ahead.len() - behind.len(), 1 + 3 + 2)?;
    let value = Value::Number(Number::new(number.into(), i8::from_be_bytes([*scaler])));
    Some(Register { id: name.into(), value, unit: RawUnit::Dlms(*unit), time: None })
}

/// Whether OBIS codes name the values of the list whose head was just read, although it has no [`leading_name`]. At
/// least half of the first four elements must be codes. Nulls, scalers, and all elements after a nested list do not
/// count. If the list has at most [`LONGEST_OBJECT`] elements, a code as the first element suffices.
fn has_names(reader: &Reader<'_>, list: List<'_>) -> bool {
    if matches!(reader.ahead(), [OCTET_STRING, 6, ..]) && list.elements <= LONGEST_OBJECT {
        return false;
    }
    let mut reader = *reader;
    let (mut seen, mut codes) = (0, 0);
    for _ in 0..list.elements {
        match reader.next() {
            Some(Datum::Null) => continue,
            Some(Datum::Octets(bytes)) if obis(bytes).is_some() => codes += 1,
            Some(Datum::List(inner)) if reader.scaler_unit(inner).is_some() => continue,
            Some(Datum::List(_)) | None => break,
            Some(_) => {}
        }
        seen += 1;
        if seen == 1 && codes == 1 && list.elements <= LONGEST_OBJECT {
            return true;
        }
        if codes == 2 || seen == 4 {
            break;
        }
    }
    codes > 0 && codes * 2 >= seen
}

/// The number in a float, exactly or with its shortest digits; `None` for infinities and NaN.
fn float(bytes: &[u8]) -> Option<Number> {
    match *bytes {
        [a, b, c, d] => Number::from_real32(u32::from_be_bytes([a, b, c, d])),
        [a, b, c, d, e, f, g, h] => Number::from_real64(u64::from_be_bytes([a, b, c, d, e, f, g, h])),
        _ => None,
    }
}

/// Printable bytes as text, because makers send text as octet strings too; other bytes as they are.
fn text(bytes: &[u8]) -> Value {
    let printable = !bytes.is_empty() && bytes.iter().all(|byte| matches!(byte, 0x20..=0x7E));
    match core::str::from_utf8(bytes) {
        Ok(text) if printable => Value::Text(text.into()),
        _ => Value::Octets(bytes.into()),
    }
}

/// The maximum number of elements in a structure that is one object: name, value, scaler and unit, status, capture
/// time.
const LONGEST_OBJECT: usize = 6;
