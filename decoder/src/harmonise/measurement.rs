//! One register → one measurement: its value in the form that the meaning requires, and whether it is plausible in a
//! home.

use core::mem::swap;

use smol_str::{SmolStr, ToSmolStr, format_smolstr};

use crate::harmonise::meaning::Meant;
use crate::number::Number;
use crate::reading::{Measurement, Quantity, Scaling, ValueError};
use crate::register::{Obis, RawTime, RawUnit, Register, RegisterId, Value};
use crate::time::MeterTime;

/// A measurement before it is [`fill`]ed in.
pub(super) const BLANK: Measurement = Measurement {
    register: RegisterId::Position(0),
    quantity: None,
    phase: None,
    tariff: None,
    channel: None,
    storage: None,
    time: None,
    value: Value::Number(Number::whole(0)),
    unit: None,
    error: None,
    scaling: Scaling::Unstated,
};

/// Fills in a blank measurement, and moves the register's value into it. Building a new measurement and moving it would
/// take twice as long.
pub(super) fn fill(measurement: &mut Measurement, register: &mut Register, scaling: Scaling, meant: &Meant) {
    measurement.register = register.id;
    measurement.quantity = meant.quantity;
    measurement.phase = meant.phase;
    measurement.tariff = meant.tariff;
    measurement.channel = meant.channel;
    measurement.storage = meant.storage;
    measurement.scaling = scaling;
    swap(&mut measurement.value, &mut register.value);
    if let Some(time) = register.time {
        if time == RawTime::Invalid {
            measurement.error = Some(ValueError::Invalid);
        }
        if let Some(moment) = clock(register, meant) {
            measurement.value = Value::Text(moment.to_text());
            return;
        }
        measurement.time = time.valid();
    }
    match counted(&mut measurement.value, meant) {
        Some(number) => {
            measurement.unit = meant.unit;
            if meant.assumed {
                measurement.scaling = Scaling::Table;
            }
            let is_plausible = meant.bounds.is_none_or(|bounds| bounds.hold(number));
            measurement.error = measurement.error.or((!is_plausible).then_some(ValueError::Implausible));
        }
        None => {
            if let Some(text) = written(&measurement.value, register) {
                measurement.value = Value::Text(text);
            }
            drop_quantity_of_text(measurement);
        }
    }
}

/// A value that is not a number is not a measurement, whatever the register's name says.
pub(super) fn drop_quantity_of_text(measurement: &mut Measurement) {
    let is_measured = measurement.quantity.is_some_and(|quantity| quantity.unit().is_some());
    if is_measured && matches!(&measurement.value, Value::Text(text) if !text.is_empty()) {
        measurement.quantity = None;
    }
}

pub(super) fn is_assumed(value: &Measurement) -> bool {
    value.scaling == Scaling::Table
}

/// The time in a register of the meter's clock.
pub(super) fn clock(register: &Register, meant: &Meant) -> Option<MeterTime> {
    register.time.and_then(RawTime::valid).filter(|_| meant.quantity == Some(Quantity::Clock))
}

/// Converts the value to a number in the unit of readings; `None` if the value stays text or bytes.
fn counted(value: &mut Value, meant: &Meant) -> Option<Number> {
    match value {
        Value::Number(number) if meant.counts => {
            number.shift(meant.shift);
            Some(*number)
        }
        Value::Text(text) if meant.spells => {
            let mut number: Number = text.parse().ok()?;
            number.shift(meant.shift);
            *value = Value::Number(number);
            Some(number)
        }
        _ => None,
    }
}

/// The text that replaces a value that did not become a number; `None` if the value stays as it is.
fn written(value: &Value, register: &Register) -> Option<SmolStr> {
    match (value, &register.unit) {
        (Value::Text(_), _) => None,
        (Value::Octets(bytes), _) => calendar(register.id, bytes),
        (Value::Number(number), RawUnit::Printed(unit)) => Some(format_smolstr!("{number}*{unit}")),
        // Digits that form a name, such as the number of an M-Bus or KMP meter.
        (Value::Number(number), _) => Some(number.to_smolstr()),
    }
}

/// Date and time of day in separate registers: IEC 62056-61, 1-0:0.9.1 and 0.9.2, as COSEM time and date.
fn calendar(register: RegisterId, bytes: &[u8]) -> Option<SmolStr> {
    let text = match (register, bytes) {
        (RegisterId::Obis(Obis([_, _, 0, 9, 1, _])), [hour, minute, second, _hundredths]) => {
            format_smolstr!("{hour:02}:{minute:02}:{second:02}")
        }
        (RegisterId::Obis(Obis([_, _, 0, 9, 2, _])), [high, low, month, day, _weekday]) => {
            format_smolstr!("{:04}-{month:02}-{day:02}", u16::from_be_bytes([*high, *low]))
        }
        _ => return None,
    };
    Some(text)
}
