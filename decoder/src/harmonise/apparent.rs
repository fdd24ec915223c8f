//! Apparent powers that no home has, sent with good checks: held against U·I and the power at which the breaker acts.
//!
//! Both must contradict: a current is told in whole amperes and may be of a moment before the power's, and a breaker lets
//! more through for a while. The powers of phases are not held against their total: a phase that feeds in says 0, and the
//! total is the size of the signed sum (Enedis-NOI-CPT_54E, 6.2).

use crate::number::Number;
use crate::reading::{Measurement, Phase, Quantity, ValueError};
use crate::register::Value;

/// Marks those of single phases that cannot be.
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

/// A whole number, in the unit of readings.
fn amount(value: &Measurement) -> Option<i128> {
    match value.value {
        Value::Number(number) => Number::mantissa_at(number, 0),
        _ => None,
    }
}

/// VA: the most that a meter of this port is subscribed to.
const HIGHEST_LIMIT: i128 = 36_000;
