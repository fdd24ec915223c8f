//! Marks apparent powers that no home can have, by comparison with U·I and with the breaker's limit. A correct checksum
//! does not exclude such values.
//!
//! U·I and the limit must both contradict the value: a current is sent in whole amperes and may be of an earlier moment
//! than the power, and a breaker allows more for a while. The powers of phases are not compared with their total: a
//! phase that exports states 0, and the total is the magnitude of the signed sum (Enedis-NOI-CPT_54E, 6.2).

use crate::number::Number;
use crate::reading::{Measurement, Phase, Quantity, ValueError};
use crate::register::Value;

/// Marks impossible values, except the total of several phases.
pub(super) fn hold(values: &mut [Measurement]) {
    let whole = |quantity, phase| {
        let of_it = |value: &&Measurement| value.quantity == Some(quantity) && value.phase == phase;
        values.iter().find(of_it).and_then(amount)
    };
    let has_phases =
        values.iter().any(|value| value.quantity == Some(Quantity::Current) && value.phase.is_some());
    let limit = whole(Quantity::LimiterThreshold, None).unwrap_or(HIGHEST_LIMIT);
    let phases = [None, Some(Phase::L1), Some(Phase::L2), Some(Phase::L3)];
    let can_be = phases.map(|phase| {
        let volts = whole(Quantity::Voltage, phase)?;
        let amperes = whole(Quantity::Current, phase)?;
        let product = volts.checked_mul(amperes.checked_add(1)?)?;
        Some(product.checked_add(product / 4)?.max(limit))
    });
    for value in values.iter_mut().filter(|value| value.quantity == Some(Quantity::ApparentPowerImport)) {
        let place = phases.iter().position(|phase| *phase == value.phase);
        let most = place.and_then(|place| can_be.get(place).copied().flatten());
        let is_more = amount(value).zip(most).is_some_and(|(amount, most)| amount > most);
        let is_total_of_phases = has_phases && value.phase.is_none();
        if is_more && !is_total_of_phases {
            value.error = value.error.or(Some(ValueError::Implausible));
        }
    }
}

/// The value as a whole number, in the unit of readings.
fn amount(value: &Measurement) -> Option<i128> {
    match value.value {
        Value::Number(number) => Number::mantissa_at(number, 0),
        _ => None,
    }
}

/// VA: the largest subscription for a meter with this port.
const HIGHEST_LIMIT: i128 = 36_000;
