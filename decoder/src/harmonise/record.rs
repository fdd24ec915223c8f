//! One M-Bus record → one measurement. The record's header states everything except the device type, so no meaning is
//! looked up by name or remembered.

use core::mem::swap;

use smol_str::ToSmolStr;

use crate::harmonise::measurement::drop_quantity_of_text;
use crate::harmonise::survey::Devices;
use crate::meter;
use crate::reading::{Measurement, Quantity, Scaling, ValueError};
use crate::register::{Register, Value};
use crate::vif::RecordHeader;

/// Fills in a blank measurement, and moves the record's value into it.
pub(super) fn fill_record(
    measurement: &mut Measurement,
    register: &mut Register,
    header: &RecordHeader,
    devices: &Devices,
) {
    let channel = u8::try_from(header.subunit).ok();
    let quantity = channel.and_then(|_| header.quantity(devices.of_channel(channel)));
    measurement.register = register.id;
    measurement.quantity = quantity;
    measurement.phase = header.meaning.phase;
    measurement.tariff = Some(header.tariff).filter(|tariff| *tariff > 0);
    measurement.channel = channel.filter(|channel| *channel > 0);
    measurement.storage = Some(header.storage).filter(|storage| *storage > 0);
    measurement.error = header.invalid.then_some(ValueError::Invalid);
    swap(&mut measurement.value, &mut register.value);
    let Value::Number(number) = measurement.value else { return drop_quantity_of_text(measurement) };
    let unit = header.meaning.unit;
    if unit.is_some() {
        measurement.scaling = Scaling::Wire;
    }
    if !quantity.is_none_or(Quantity::is_number) {
        // Digits that form a name, such as that of the meter.
        measurement.value = Value::Text(number.to_smolstr());
        return drop_quantity_of_text(measurement);
    }
    measurement.unit = unit;
    if header.assumed {
        measurement.scaling = Scaling::Table;
    }
    let bounds = quantity.zip(unit).and_then(|(quantity, unit)| meter::plausible(quantity, unit));
    if measurement.error.is_none() && bounds.is_some_and(|bounds| !bounds.hold(number)) {
        measurement.error = Some(ValueError::Implausible);
    }
}
