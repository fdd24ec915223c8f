//! What a meter without electrical power shows at a glance: the sum of its import tariffs if it sends no total, or else
//! its first counter.

use leptos::prelude::*;
use metertap_decoder::number::Number;
use metertap_decoder::reading::{Measurement, Quantity};
use metertap_decoder::register::{RegisterId, Value};
use metertap_readings::view::figure::Figure;
use metertap_readings::view::newest::Newest;

use super::label::{label, quantity};
use super::registers::Group;
use super::value::is_stated;
use crate::model::Locale;
use crate::texts;

/// The counter with its quantity, in the largest type that fits.
#[component]
pub fn MainCounter(
    /// All values of the meter.
    newest: Signal<Newest>,
) -> impl IntoView {
    let locale = Locale::of_context();
    let register = Memo::new(move |_| newest.with(main));
    let shown = Memo::new(move |_| {
        newest.with(|newest| {
            if let Some(total) = newest.total_of_tariffs(Quantity::ActiveEnergyImport) {
                let unit = Quantity::ActiveEnergyImport.unit();
                let label = texts::quantities::all_tariffs(&quantity(Quantity::ActiveEnergyImport));
                return Some((Figure::new(total, unit, locale.decimal_mark), label));
            }
            let wanted = register.get()?;
            let known = newest.values.iter().find(|known| known.measurement.register == wanted)?;
            let figure =
                Figure::new(number(&known.measurement)?, known.measurement.unit, locale.decimal_mark);
            let label = label(&known.measurement);
            Some((figure, if is_stated(known) { texts::quantities::with_factor(&label) } else { label }))
        })
    });
    // The style sheet leaves room for a unit of one letter.
    let width = move || {
        let of =
            |figure: &Figure| figure.digits.chars().count() + figure.unit.chars().count().saturating_sub(1);
        shown.with(|shown| shown.as_ref().map_or(0, |(figure, _)| of(figure)).to_string())
    };
    view! {
        <p class="net" style=("--characters", width)>
            <span class="digits">
                {move || shown.with(|shown| shown.as_ref().map(|(figure, _)| figure.digits.clone()))}
            </span>
            <span class="unit">{move || shown.with(|shown| shown.as_ref().map(|(figure, _)| figure.unit))}</span>
            <span class="flow">{move || shown.with(|shown| shown.as_ref().map(|(_, label)| label.clone()))}</span>
        </p>
    }
}

/// The first counter of the meter itself that has a number and is not a stored value.
fn main(newest: &Newest) -> Option<RegisterId> {
    let measurements = newest.values.iter().map(|known| &known.measurement);
    let mut counters = measurements.filter(|measurement| Group::of(measurement) == Group::Counters);
    let counter = counters.find(|counter| counter.storage.is_none() && number(counter).is_some())?;
    Some(counter.register)
}

fn number(measurement: &Measurement) -> Option<Number> {
    match measurement.value {
        Value::Number(number) => Some(number),
        Value::Text(_) | Value::Octets(_) => None,
    }
}
