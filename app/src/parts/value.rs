//! A register's newest value, with the marks that programs read the page by.

use crate::model::Locale;
use leptos::prelude::*;
use metertap_decoder::reading::Scaling;
use metertap_decoder::register::{RegisterId, Value as RegisterValue};
use metertap_readings::entry::Moment;
use metertap_readings::store::MeterKey;
use metertap_readings::view::figure::{Figure, symbol};
use metertap_readings::view::newest::{Known, Newest};

use super::age::Age;

/// The newest value of one register: digits, unit, and its age where it is older than its fellows.
#[component]
pub fn Value(
    /// The meter's name in the log.
    meter: MeterKey,
    /// All its values.
    newest: Signal<Newest>,
    /// Which of them.
    register: RegisterId,
    /// The computer's clock.
    now: Signal<Moment>,
) -> impl IntoView {
    let locale = Locale::of_context();
    let known = Memo::new(move |_| newest.with(|newest| find(newest, register).cloned()));
    let figure = Memo::new(move |_| known.with(|known| known.as_ref().map(|known| figure(known, locale))));
    let of =
        move |field: fn(&Known) -> Option<String>| move || known.with(|known| known.as_ref().and_then(field));
    let aged = Memo::new(move |_| {
        let newer = newest.with(|newest| newest.received)?;
        let received = known.with(|known| known.as_ref().map(|known| known.received))?;
        (newer.0 - received.0 > FRESH).then_some(received)
    });
    view! {
        <span
            class="value"
            data-meter=meter.0
            data-register=register.to_string()
            data-quantity=of(|known| known.measurement.quantity.map(|quantity| quantity.to_string()))
            data-phase=of(|known| known.measurement.phase.map(|phase| phase.to_string()))
            data-tariff=of(|known| known.measurement.tariff.map(|tariff| tariff.to_string()))
            data-channel=of(|known| known.measurement.channel.map(|channel| channel.to_string()))
            data-value=of(|known| Some(known.measurement.value.to_string()))
            data-unit=of(|known| known.measurement.unit.map(|unit| unit.to_string()))
            data-scaling=of(|known| (known.measurement.scaling == Scaling::Stated).then(|| "stated".to_owned()))
            data-error=of(|known| known.measurement.error.map(|_| "invalid".to_owned()))
        >
            <span class="digits">{move || figure.get().map(|figure| figure.digits)}</span>
            <span class="unit">{move || figure.get().map(|figure| figure.unit)}</span>
        </span>
        <Show when=move || known.with(|known| known.as_ref().is_some_and(|k| k.measurement.error.is_some()))>
            <span class="small">"marked invalid by the meter"</span>
        </Show>
        <Show when=move || known.with(|known| known.as_ref().is_some_and(|k| is_stated(k)))>
            <span class="small">"with your factor"</span>
        </Show>
        <Show when=move || aged.get().is_some()>
            <span class="small"><Age at=aged now=now /></span>
        </Show>
    }
}

/// The value of that register.
#[must_use]
pub fn find(newest: &Newest, register: RegisterId) -> Option<&Known> {
    newest.values.iter().find(|known| known.measurement.register == register)
}

/// Whether a person's factor is in it.
#[must_use]
pub fn is_stated(known: &Known) -> bool {
    known.measurement.scaling == Scaling::Stated
}

fn figure(known: &Known, locale: Locale) -> Figure {
    let measurement = &known.measurement;
    match (&measurement.value, measurement.unit) {
        (RegisterValue::Number(number), Some(unit)) => Figure::new(*number, Some(unit), locale.decimal_mark),
        // Digits without a unit are a name, a code or a small count: they stay as they are.
        (text, unit) => Figure { digits: text.to_string(), unit: symbol(unit) },
    }
}

/// Milliseconds that a value lags behind the newest reading until its own age is worth saying.
const FRESH: i64 = 60_000;
