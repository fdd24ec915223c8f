//! A register's newest value, with attributes for programs that read the page.

use crate::model::Locale;
use crate::texts;
use leptos::prelude::*;
use metertap_decoder::identity::identification;
use metertap_decoder::reading::{Measurement, Phase, Protocol, Quantity, Scaling, Unit, ValueError};
use metertap_decoder::register::{RegisterId, Value as RegisterValue};
use metertap_readings::entry::Moment;
use metertap_readings::store::MeterKey;
use metertap_readings::view::figure::{Figure, symbol};
use metertap_readings::view::newest::{Known, Newest};

use super::age::Age;

/// The newest value of one register: digits, unit, and its age if it is older than the others.
#[component]
pub fn Value(
    /// The meter's key in the log.
    meter: MeterKey,
    /// All its values.
    newest: Signal<Newest>,
    /// The register.
    register: RegisterId,
    /// The computer's clock.
    now: Signal<Moment>,
) -> impl IntoView {
    let locale = Locale::of_context();
    // A meter repeats the same value of most registers: only a value that has changed is written again.
    let said = Memo::new(move |_| newest.with(|newest| find(newest, register).map(Said::of)));
    let protocol = Memo::new(move |_| newest.with(|newest| newest.protocol));
    let figure =
        Memo::new(move |_| said.with(|said| said.as_ref().map(|said| said.figure(protocol.get(), locale))));
    let marks = Memo::new(move |_| said.with(|said| said.as_ref().map(|said| said.marks)));
    let unit = Memo::new(move |_| figure.with(|figure| figure.as_ref().map(|figure| figure.unit)));
    let error = Memo::new(move |_| marks.get().and_then(|marks| marks.error));
    let mark = move |of: fn(&Marks) -> Option<String>| move || marks.get().as_ref().and_then(of);
    let aged = Memo::new(move |_| {
        newest.with(|newest| {
            let (newer, known) = (newest.received?, find(newest, register)?);
            (newer.0 - known.received.0 > FRESH).then_some(known.received)
        })
    });
    view! {
        <span
            class="value"
            data-meter=meter.0
            data-register=register.to_string()
            data-quantity=mark(|marks| marks.quantity.map(|quantity| quantity.to_string()))
            data-phase=mark(|marks| marks.phase.map(|phase| phase.to_string()))
            data-tariff=mark(|marks| marks.tariff.map(|tariff| tariff.to_string()))
            data-channel=mark(|marks| marks.channel.map(|channel| channel.to_string()))
            data-value=move || said.with(|said| said.as_ref().map(|said| said.value.to_string()))
            data-unit=mark(|marks| marks.unit.map(|unit| unit.to_string()))
            data-scaling=mark(|marks| marks.is_stated.then(|| "stated".to_owned()))
            data-error=mark(|marks| marks.error.map(|error| mark_of(error).to_owned()))
        >
            <span class="digits">
                {move || figure.with(|figure| figure.as_ref().map(|figure| figure.digits.clone()))}
            </span>
            <span class="unit">{unit}</span>
        </span>
        <Show when=move || error.get().is_some()>
            <span class="small">{move || error.get().map(words_of)}</span>
        </Show>
        <Show when=move || marks.get().is_some_and(|marks| marks.is_stated)>
            <span class="small">{texts::details::with_factor()}</span>
        </Show>
        <Show when=move || aged.get().is_some()>
            <span class="small"><Age at=aged now=now /></span>
        </Show>
    }
}

/// Finds the newest value of this register.
#[must_use]
pub fn find(newest: &Newest, register: RegisterId) -> Option<&Known> {
    newest.values.iter().find(|known| known.measurement.register == register)
}

/// Whether a value includes a factor that the user has stated.
#[must_use]
pub fn is_stated(known: &Known) -> bool {
    known.measurement.scaling == Scaling::Stated
}

/// Why a value is not used, for programs: the word that `docs/reading.md` defines.
const fn mark_of(error: ValueError) -> &'static str {
    match error {
        ValueError::Invalid => "invalid",
        ValueError::Implausible => "implausible",
    }
}

/// Why a value is not used, for users: whether the meter or Metertap has marked it.
fn words_of(error: ValueError) -> &'static str {
    match error {
        ValueError::Invalid => texts::details::invalid(),
        ValueError::Implausible => texts::details::implausible(),
    }
}

/// The contents of a register, without the time.
#[derive(Clone, Debug, PartialEq)]
struct Said {
    value: RegisterValue,
    marks: Marks,
}

/// The attributes by which programs recognise a value. They hardly ever change.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Marks {
    quantity: Option<Quantity>,
    phase: Option<Phase>,
    tariff: Option<u32>,
    channel: Option<u8>,
    unit: Option<Unit>,
    error: Option<ValueError>,
    is_stated: bool,
}

impl Said {
    fn of(known: &Known) -> Self {
        let Measurement { value, quantity, phase, tariff, channel, unit, error, scaling, .. } =
            &known.measurement;
        let (phase, tariff, channel) = (*phase, *tariff, *channel);
        let (error, is_stated) = (*error, *scaling == Scaling::Stated);
        let marks = Marks { quantity: *quantity, phase, tariff, channel, unit: *unit, error, is_stated };
        Self { value: value.clone(), marks }
    }

    fn figure(&self, protocol: Option<Protocol>, locale: Locale) -> Figure {
        match (&self.value, self.marks.unit) {
            (RegisterValue::Number(number), Some(unit)) => {
                Figure::new(*number, Some(unit), locale.decimal_mark)
            }
            // Digits without a unit are a name, a code or a small count: they are not grouped.
            (value, unit) => {
                let number = protocol.filter(|_| self.marks.quantity == Some(Quantity::MeterId));
                let number = number.and_then(|protocol| identification(value, protocol));
                let digits = number.map_or_else(|| value.to_string(), |number| number.to_string());
                Figure { digits, unit: symbol(unit) }
            }
        }
    }
}

/// How many milliseconds a value may be older than the newest reading before its age is shown.
const FRESH: i64 = 60_000;
