//! Properties of a list without names that is accepted as a known one.

use alloc::vec::Vec;

use crate::number::Number;
use crate::reading::{Measurement, Quantity, Unit};
use crate::register::Value;

/// Checks a value without a name that got its meaning from a list: voltages are those of a household, and totals are
/// the sum of their tariffs.
pub(super) fn means_what_it_can(value: &Measurement, all: &[Measurement]) {
    let Value::Number(number) = value.value else { return };
    if value.quantity == Some(Quantity::Voltage) {
        assert!(number.mantissa == 0 || number.is_within(150, 300), "{value:?}");
    }
    let is_counter =
        value.unit == Some(Unit::KilowattHour) && value.tariff.is_none() && value.phase.is_none();
    let tariffs = all.iter().filter(|other| other.quantity == value.quantity && other.tariff.is_some());
    let tariffs: Vec<Number> = tariffs
        .filter_map(|tariff| match tariff.value {
            Value::Number(number) => Some(number),
            _ => None,
        })
        .collect();
    if is_counter && tariffs.len() == 2 && tariffs.iter().all(|tariff| tariff.scaler == number.scaler) {
        let sum: i128 = tariffs.iter().map(|tariff| tariff.mantissa).sum();
        assert!(number.mantissa.abs_diff(sum) <= 2, "{value:?} beside {tariffs:?}");
    }
}
