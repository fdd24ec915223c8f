//! [`PositionalList`]: a list without names, and the checks that a telegram is one.
//!
//! Only the grid operator's document says which value is at which position, and operators differ, even for the same
//! meter. A count proves nothing, so everything that can be checked must hold: the type and width of each position, the
//! beginnings of its texts, a clock that is a valid time, voltages that a grid has, totals that are the sums of their
//! tariffs and phases, and powers that their currents can carry. A telegram that matches two lists, or none, is
//! unknown.

use super::{Meaning, Meter, Scale, is_written, meaning, unit};
use crate::number::Number;
use crate::physics::{Flow, Verdict};
use crate::register::{Obis, RawTime, RawUnit, Register, Value};
use crate::shape::{Shape, Type};

#[derive(Debug)]
pub(crate) struct PositionalList {
    /// The number of elements that it announces.
    pub(super) length: usize,
    /// The values without names, in order.
    pub(crate) places: &'static [Place],
}

#[derive(Debug)]
pub(crate) struct Place {
    pub(super) form: ElementType,
    /// Whether it stands alone in a nested list.
    pub(super) nested: bool,
    /// The beginning of its text, or of its bytes in hex.
    pub(super) begins: &'static str,
    /// Whether an empty string may take its place.
    pub(super) or_empty: bool,
    /// Its register, with unit and scaler; `None` if unknown.
    pub(crate) scale: Option<Scale>,
}

/// The type of a value, and what its bytes contain.
#[derive(Clone, Copy, Debug)]
pub(super) enum ElementType {
    Any,
    Text,
    Octets,
    Moment,
    Date,
    Time,
    Tag(u8),
}

impl PositionalList {
    /// The only list that these values can be, with its meter. A list that was `proven` on this line needs no further
    /// proof: its numbers may fail the checks when a fuse has blown.
    pub(crate) fn of(
        length: usize,
        shape: &Shape,
        registers: &[Register],
        proven: Option<&'static Self>,
    ) -> Option<(&'static Meter, &'static Self)> {
        let lists = Meter::all().iter().flat_map(|meter| meter.lists.iter().map(move |list| (meter, list)));
        let mut alike = lists.filter(|(_, list)| list.length == length && list.is_alike(shape, registers));
        let is_proven = |list: &'static Self| proven.is_some_and(|proven| core::ptr::eq(proven, list));
        if let Some(same) = alike.clone().find(|(_, list)| is_proven(list)) {
            return Some(same);
        }
        let mut holding = alike.by_ref().filter(|(_, list)| list.holds(registers));
        holding.next().filter(|_| holding.next().is_none())
    }

    /// Whether the values have the list's types, and its texts.
    fn is_alike(&self, shape: &Shape, registers: &[Register]) -> bool {
        let types = shape.types();
        let unnamed = registers.iter().filter(|register| register.id.is_position());
        // If a payload breaks off, half of the values suffice.
        let is_cut = registers.len() < self.length && types.len() < self.places.len();
        let fewest = if is_cut { self.places.len() / 2 } else { self.places.len() };
        (fewest..=self.places.len()).contains(&types.len())
            && self
                .places
                .iter()
                .zip(types)
                .zip(unnamed)
                .all(|((place, of), register)| place.fits(*of, register))
    }

    fn holds(&self, registers: &[Register]) -> bool {
        let unnamed = registers.iter().filter(|register| register.id.is_position());
        let numbers = || {
            self.places.iter().zip(unnamed.clone()).filter_map(|(place, register)| match register.value {
                Value::Number(number) => Some((place.scale.as_ref()?, number)),
                _ => None,
            })
        };
        let mut flow = Flow::default();
        for (scale, number) in numbers() {
            scale.flows(number, &mut flow);
        }
        flow.are_voltages_of_a_household()
            && flow.verdict() != Verdict::Refuted
            && flow.phases_agree() != Some(false)
            && numbers().all(|(scale, total)| is_total(scale.obis, total, numbers()))
    }
}

/// Whether a total is the sum of its tariffs, each of them rounded. Also true for a value that is not a total or has no
/// tariffs.
fn is_total<'s>(of: Obis, total: Number, all: impl Iterator<Item = (&'s Scale, Number)>) -> bool {
    let Obis([a, b, c, COUNTER, 0, _]) = of else { return true };
    let is_tariff =
        |obis: Obis| matches!(obis, Obis([x, y, z, COUNTER, e, _]) if e > 0 && [x, y, z] == [a, b, c]);
    let (mut sum, mut count) = (0_i128, 0_i128);
    for (_, tariff) in all.filter(|(scale, _)| is_tariff(scale.obis)) {
        sum = sum.saturating_add(tariff.mantissa);
        count += 1;
    }
    count == 0 || sum.abs_diff(total.mantissa) <= count.unsigned_abs()
}

impl Place {
    fn fits(&self, of: Type, register: &Register) -> bool {
        let (Some(tag), true) = (of.tag, of.nested == self.nested) else { return false };
        let value = &register.value;
        if self.or_empty && STRINGS.contains(&tag) && is_empty(value) {
            return true;
        }
        let begins = || self.begins.is_empty() || is_written(value, self.begins);
        match self.form {
            ElementType::Any => true,
            ElementType::Tag(wanted) => tag == wanted,
            ElementType::Text => {
                STRINGS.contains(&tag) && matches!(value, Value::Text(text) if !text.is_empty()) && begins()
            }
            ElementType::Octets => tag == OCTET_STRING && begins(),
            ElementType::Moment => {
                matches!((tag, register.time), (OCTET_STRING | DATE_TIME, Some(RawTime::Valid(_))))
            }
            ElementType::Date => matches!(tag, OCTET_STRING | DATE) && is_date(bytes(value)),
            ElementType::Time => matches!(tag, OCTET_STRING | TIME) && is_time(bytes(value)),
        }
    }
}

impl Scale {
    /// Adds a number with this name and scale to `flow`.
    fn flows(&self, number: Number, flow: &mut Flow) {
        let shift = unit(&RawUnit::printed(self.unit)).map_or(0, |(_, shift)| shift);
        let number = number.shifted(self.scaler).and_then(|number| number.shifted(shift));
        if let (Some(row), Some(number)) = (meaning(self.obis), number)
            && let Meaning::Quantity(quantity) = row.meaning
            && row.tariff.is_none()
        {
            flow.notice(quantity, row.phase, number);
        }
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Number(_) => false,
        Value::Text(text) => text.is_empty(),
        Value::Octets(bytes) => bytes.is_empty(),
    }
}

fn bytes(value: &Value) -> &[u8] {
    match value {
        Value::Number(_) => &[],
        Value::Text(text) => text.as_bytes(),
        Value::Octets(bytes) => bytes,
    }
}

/// COSEM date: year, month, day, day of the week (IEC 62056-6-2, 4.1.6.1).
fn is_date(bytes: &[u8]) -> bool {
    matches!(
        bytes,
        [0x07, 0xB2..=0xFF, 1..=12, 1..=31, 1..=7 | 0xFF] | [0x08, _, 1..=12, 1..=31, 1..=7 | 0xFF]
    )
}

/// COSEM time: hour, minute, second, hundredths.
fn is_time(bytes: &[u8]) -> bool {
    matches!(bytes, [0..=23, 0..=59, 0..=59, 0..=99 | 0xFF])
}

const OCTET_STRING: u8 = 0x09;
const DATE_TIME: u8 = 0x19;
const DATE: u8 = 0x1A;
const TIME: u8 = 0x1B;
/// Null, octet string, visible string and UTF-8 string.
const STRINGS: [u8; 4] = [0x00, OCTET_STRING, 0x0A, 0x0C];
/// Group D of counters (time integrals).
const COUNTER: u8 = 8;
