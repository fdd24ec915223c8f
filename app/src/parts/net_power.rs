//! The current power: the one large thing on the screen.

use crate::model::Locale;
use crate::texts;
use leptos::prelude::*;
use metertap_decoder::number::Number;
use metertap_decoder::reading::{Quantity, Scaling, Unit};
use metertap_readings::entry::Moment;
use metertap_readings::store::MeterKey;
use metertap_readings::view::figure::Figure;
use metertap_readings::view::newest::Newest;

/// Net power as large as fits, signed, with the word import or export.
#[component]
pub fn NetPower(
    /// The meter's key in the log.
    meter: MeterKey,
    /// Its power, which is painted before everything else.
    net: Signal<Option<Number>>,
    /// All its values.
    newest: Signal<Newest>,
    /// The computer's clock.
    now: Signal<Moment>,
) -> impl IntoView {
    let locale = Locale::of_context();
    let net = Memo::new(move |_| net.get());
    let figure =
        Memo::new(move |_| net.get().map(|net| Figure::new(net, Some(Unit::Watt), locale.decimal_mark)));
    let flow = Memo::new(move |_| Flow::of(net.get()));
    let width = Memo::new(move |_| figure.with(|figure| width(figure.as_ref())));
    let spoken = spoken(figure.into(), flow.into(), now);
    view! {
        <div>
            <p
                class="net"
                class:export=move || flow.get() == Flow::Export
                class:import=move || flow.get() == Flow::Import
                style=("--characters", move || width.get().to_string())
                data-meter=meter.0
                data-register="net"
                data-quantity="active-power"
                data-value=move || net.get().map(|net| net.to_string())
                data-unit="W"
            >
                <span class="digits">{move || figure.get().map_or_else(|| "–".to_owned(), |f| f.digits)}</span>
                <span class="unit">{move || figure.get().map_or("W", |figure| figure.unit)}</span>
                <span class="flow">{move || flow.get().word()}</span>
            </p>
            <Show when=move || newest.with(is_stated)>
                <p class="small" data-scaling="stated">
                    {texts::card::with_factor()}
                </p>
            </Show>
            <p class="unseen" aria-live="polite">{spoken}</p>
        </div>
    }
}

/// Whether the power includes a factor that the user has stated.
fn is_stated(newest: &Newest) -> bool {
    newest.values.iter().map(|known| &known.measurement).any(|value| {
        let is_power = matches!(
            value.quantity,
            Some(Quantity::ActivePower | Quantity::ActivePowerImport | Quantity::ActivePowerExport)
        );
        is_power && value.phase.is_none() && value.scaling == Scaling::Stated
    })
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Flow {
    Unknown,
    Neither,
    Import,
    Export,
}

impl Flow {
    fn of(net: Option<Number>) -> Self {
        match net.map(|net| net.mantissa) {
            None => Self::Unknown,
            Some(0) => Self::Neither,
            Some(1..) => Self::Import,
            Some(_) => Self::Export,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Unknown => texts::card::no_power(),
            Self::Neither => texts::card::neither(),
            Self::Import => texts::card::import(),
            Self::Export => texts::card::export(),
        }
    }
}

/// The width of the number in characters, from which the style sheet computes the largest size that fits. It is at
/// least four, so that the size does not change with every digit.
fn width(figure: Option<&Figure>) -> usize {
    figure.map_or(0, |figure| figure.digits.chars().count()).max(LEAST_CHARACTERS)
}

/// The power as text for screen readers, which changes at most every ten seconds.
fn spoken(figure: Signal<Option<Figure>>, flow: Signal<Flow>, now: Signal<Moment>) -> Memo<String> {
    let told = StoredValue::new(Moment(0));
    Memo::new(move |before: Option<&String>| {
        let now = now.get();
        match before {
            Some(before) if now.0 - told.get_value().0 < LEAST_MILLISECONDS_BETWEEN_WORDS => before.clone(),
            _ => {
                told.set_value(now);
                let figure = figure.get_untracked();
                figure.map_or_else(String::new, |figure| {
                    format!("{} {} {}", figure.digits, figure.unit, flow.get_untracked().word())
                })
            }
        }
    })
}

const LEAST_CHARACTERS: usize = 4;
const LEAST_MILLISECONDS_BETWEEN_WORDS: i64 = 10_000;
