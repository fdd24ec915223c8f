//! Checks whether values read over Modbus can be those of an electricity meter at all.
//!
//! Inverters and weather sensors answer questions that are meant for meters, and meters of one maker answer questions
//! that are meant for meters of another. So the numbers must agree with physics: if a voltage, frequency or power
//! factor is impossible in a grid, the profile is wrong, and nothing in the answer may be charted.

use crate::reading::{Measurement, Quantity, ValueError};
use crate::register::Value;

/// Marks all measured values if one of them is impossible in a grid.
pub(super) fn hold(values: &mut [Measurement]) {
    if !values.iter().any(is_of_no_grid) {
        return;
    }
    for value in values.iter_mut().filter(|value| value.quantity.is_some() && value.unit.is_some()) {
        value.error = value.error.or(Some(ValueError::Implausible));
    }
}

/// Whether the value is impossible in a grid. 0 is possible: a phase that is not connected has 0 V.
fn is_of_no_grid(value: &Measurement) -> bool {
    let (Some(quantity), Value::Number(number)) = (value.quantity, &value.value) else { return false };
    let (least, most) = match quantity {
        Quantity::Voltage => (80, 300),
        Quantity::VoltageLine => (140, 520),
        Quantity::Frequency => (45, 65),
        Quantity::PowerFactor => return !number.is_within(-1, 1),
        _ => return false,
    };
    number.mantissa != 0 && !number.is_within(least, most)
}
