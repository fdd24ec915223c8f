//! One register → one measurement: its quantity, its canonical unit, and whether a home can have such a value.

use core::mem::take;

use smol_str::{SmolStr, ToSmolStr, format_smolstr};

use crate::harmonise::survey::Devices;
use crate::meter::{self, Meaning};
use crate::number::Number;
use crate::reading::{Measurement, Protocol, Quantity, Scaling, Unit, ValueError};
use crate::register::{Obis, RawTime, RawUnit, Register, RegisterId, Value};
use crate::vif::RecordHeader;

/// What a register's meaning may hang on, besides its name.
pub(super) struct Context<'a> {
    pub(super) protocol: Protocol,
    pub(super) medium: Option<&'a str>,
    pub(super) exports: Option<bool>,
    pub(super) devices: &'a Devices,
}

/// Takes the text or the octets out of the register.
pub(super) fn measurement(register: &mut Register, scaling: Scaling, context: &Context<'_>) -> Measurement {
    let &Context { protocol, medium, exports, devices } = context;
    if let RawUnit::Record(header) = register.unit {
        return recorded(register, header, devices);
    }
    let sent = meter::unit(&register.unit);
    let meaning = match register.id {
        RegisterId::Obis(obis) => meter::meaning(obis),
        RegisterId::Kmp(id) => meter::kmp_meaning(id),
        RegisterId::Printed(code) => meter::printed_meaning(code.as_str(), sent.map(|(unit, _)| unit)),
        RegisterId::Position(_) | RegisterId::Record(_) => None,
    };
    let channel = meaning.and_then(|meaning| meaning.channel);
    let quantity = match meaning.map(|meaning| meaning.meaning) {
        Some(Meaning::Quantity(quantity)) => Some(quantity),
        Some(Meaning::ByDevice) => meter::of_device(devices.of_channel(channel), sent.map(|(unit, _)| unit)),
        Some(Meaning::Volume) => meter::volume_of_medium(medium),
        Some(Meaning::ByDirection) => exports.map(|exports| match exports {
            true => Quantity::ActivePowerExport,
            false => Quantity::ActivePowerImport,
        }),
        None => None,
    };
    let moment = register.time.and_then(RawTime::valid);
    let clock = moment.filter(|_| quantity == Some(Quantity::Clock));
    let is_number = quantity.is_none_or(Quantity::is_number);
    let number = match (&register.value, sent) {
        _ if clock.is_some() => None,
        (Value::Number(number), Some((_, shift))) => Some(number.shifted(shift).unwrap_or(*number)),
        (Value::Number(_), None) if matches!(register.unit, RawUnit::Printed(_)) => None,
        (Value::Number(number), None) if is_number => Some(*number),
        (Value::Text(text), _) if is_number && quantity.is_some() => text.parse().ok(),
        _ => None,
    };
    let invalid = (register.time == Some(RawTime::Invalid)).then_some(ValueError::Invalid);
    let measured = |value, unit, error| Measurement {
        register: register.id,
        quantity,
        phase: meaning.and_then(|meaning| meaning.phase),
        tariff: meaning.and_then(|meaning| meaning.tariff),
        channel,
        storage: meaning.and(storage(register.id)),
        time: moment.filter(|_| clock.is_none()),
        value,
        unit,
        error: invalid.or(error),
        scaling,
    };
    if let Some(number) = number {
        let unspoken = || unspoken_unit(quantity?, channel, protocol);
        let unit = sent.map(|(unit, _)| unit).or_else(unspoken);
        let error = quantity.zip(unit).and_then(|(quantity, unit)| implausible(quantity, number, unit));
        return measured(Value::Number(number), unit, error);
    }
    let value = match (&mut register.value, register.unit) {
        _ if let Some(moment) = clock => Value::Text(moment.to_text()),
        (Value::Number(number), RawUnit::Printed(unit)) => Value::Text(format_smolstr!("{number}*{unit}")),
        // Digits that are a name: of an M-Bus or KMP meter, say.
        (Value::Number(number), _) => Value::Text(number.to_smolstr()),
        (Value::Text(text), _) => Value::Text(take(text)),
        (Value::Octets(octets), _) => {
            calendar(register.id, octets).map_or_else(|| Value::Octets(take(octets)), Value::Text)
        }
    };
    measured(value, None, None)
}

fn implausible(quantity: Quantity, value: Number, unit: Unit) -> Option<ValueError> {
    (!meter::is_plausible(quantity, value, unit)).then_some(ValueError::Implausible)
}

/// A record of an M-Bus telegram, whose header names the unit that its number is in.
fn recorded(register: &mut Register, header: RecordHeader, devices: &Devices) -> Measurement {
    let channel = u8::try_from(header.subunit).ok();
    let quantity = channel.and_then(|channel| header.quantity(devices.of_channel(Some(channel))));
    let is_number = quantity.is_none_or(Quantity::is_number);
    let measured = |value, unit: Option<Unit>, error| Measurement {
        register: register.id,
        quantity,
        phase: header.meaning.phase,
        tariff: Some(header.tariff).filter(|tariff| *tariff > 0),
        channel: channel.filter(|channel| *channel > 0),
        storage: Some(header.storage).filter(|storage| *storage > 0),
        time: None,
        value,
        unit,
        error: if header.invalid { Some(ValueError::Invalid) } else { error },
        scaling: if unit.is_some() { Scaling::Wire } else { Scaling::Unstated },
    };
    if let Value::Number(number) = register.value
        && is_number
    {
        let unit = header.meaning.unit;
        let error = quantity.zip(unit).and_then(|(quantity, unit)| implausible(quantity, number, unit));
        return measured(Value::Number(number), unit, error);
    }
    let value = match &mut register.value {
        Value::Number(number) => Value::Text(number.to_smolstr()),
        Value::Text(text) => Value::Text(take(text)),
        Value::Octets(octets) => Value::Octets(take(octets)),
    };
    measured(value, None, None)
}

/// Group F counts the values of earlier billing periods (IEC 62056-61, 5.5); the present one has 255.
fn storage(register: RegisterId) -> Option<u64> {
    let period: Option<u64> = match register {
        RegisterId::Obis(Obis([.., period])) => Some(period.into()),
        RegisterId::Printed(code) => code.as_str().split_once(['*', '&'])?.1.parse().ok(),
        _ => None,
    };
    period.filter(|period| (1..255).contains(period))
}

/// Ratios have no unit to send, a gas meter that was never linked leaves its cubic metres out, and Kamstrup's water
/// meters call the hours of their hour counter a plain number. Anything else without a unit stays without one: nobody
/// knows its scale.
fn unspoken_unit(quantity: Quantity, channel: Option<u8>, protocol: Protocol) -> Option<Unit> {
    let hours = |unit: &Unit| protocol == Protocol::Kmp && *unit == Unit::Hour;
    quantity.unit().filter(|unit| *unit == Unit::One || channel.is_some() || hours(unit))
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
