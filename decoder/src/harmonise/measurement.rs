//! One register → one measurement: its value, as what it means demands, and whether a home can have it.

use core::mem::take;

use smol_str::{SmolStr, ToSmolStr, format_smolstr};

use crate::harmonise::meaning::Meant;
use crate::number::Number;
use crate::reading::{Measurement, Quantity, Scaling, ValueError};
use crate::register::{Obis, RawTime, RawUnit, Register, RegisterId, Value};
use crate::time::MeterTime;

/// Takes the text or the octets out of the register.
pub(super) fn measurement(register: &mut Register, scaling: Scaling, meant: &Meant) -> Measurement {
    let clock = clock(register, meant);
    let number = match &register.value {
        _ if clock.is_some() => None,
        Value::Number(number) if meant.counts => Some(number.shifted(meant.shift).unwrap_or(*number)),
        Value::Text(text) if meant.spells => text.parse().ok(),
        _ => None,
    };
    let is_invalid = meant.invalid || register.time == Some(RawTime::Invalid);
    let (value, unit, error) = match number {
        Some(number) => (Value::Number(number), meant.unit, implausible(number, meant)),
        None => (text(register, clock), None, None),
    };
    Measurement {
        register: register.id,
        quantity: meant.quantity,
        phase: meant.phase,
        tariff: meant.tariff,
        channel: meant.channel,
        storage: meant.storage,
        time: register.time.and_then(RawTime::valid).filter(|_| clock.is_none()),
        value,
        unit,
        error: if is_invalid { Some(ValueError::Invalid) } else { error },
        scaling,
    }
}

/// The moment that a register of the meter's clock says.
pub(super) fn clock(register: &Register, meant: &Meant) -> Option<MeterTime> {
    register.time.and_then(RawTime::valid).filter(|_| meant.quantity == Some(Quantity::Clock))
}

fn implausible(number: Number, meant: &Meant) -> Option<ValueError> {
    (!meant.bounds?.hold(number)).then_some(ValueError::Implausible)
}

/// The value of what is no number, or no number that anybody could use.
fn text(register: &mut Register, clock: Option<MeterTime>) -> Value {
    match (&mut register.value, register.unit) {
        _ if let Some(moment) = clock => Value::Text(moment.to_text()),
        (Value::Number(number), RawUnit::Printed(unit)) => Value::Text(format_smolstr!("{number}*{unit}")),
        // Digits that are a name: of an M-Bus or KMP meter, say.
        (Value::Number(number), _) => Value::Text(number.to_smolstr()),
        (Value::Text(text), _) => Value::Text(take(text)),
        (Value::Octets(octets), _) => {
            calendar(register.id, octets).map_or_else(|| Value::Octets(take(octets)), Value::Text)
        }
    }
}

/// Date and time of day in registers of their own: IEC 62056-61, 1-0:0.9.1 and 0.9.2, as COSEM time and date.
fn calendar(register: RegisterId, octets: &[u8]) -> Option<SmolStr> {
    let text = match (register, octets) {
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
