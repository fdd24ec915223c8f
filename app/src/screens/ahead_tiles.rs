//! What is expected, at a glance: the interval in progress, and the use of today and of this month.

use leptos::prelude::*;
use metertap_decoder::number::Number;
use metertap_readings::outlook::peaks::rule::PeakRule;
use metertap_readings::outlook::peaks::running::Running;
use metertap_readings::outlook::prediction::{Expected, Prediction};
use metertap_readings::outlook::question::{Answer, Question};
use metertap_readings::store::Role;
use metertap_readings::view::figure::grouped;

use crate::model::{Locale, MeterModel};
use crate::parts::ahead::{answers, peak_rule};
use crate::parts::span_words::rounded;
use crate::texts;

/// The tiles of a meter. A tile is missing until enough is known for it.
#[component]
pub fn AheadTiles(
    /// The meter.
    meter: MeterModel,
) -> impl IntoView {
    let state = meter.state;
    // Peaks and use are those of the whole house, which only the meter at the grid connection measures.
    let is_grid = Memo::new(move |_| {
        state.with(|state| state.record.role.as_ref().is_none_or(|role| *role == Role::Grid))
    });
    let rule = peak_rule();
    let asked = move || {
        let rule = rule.get().filter(|_| is_grid.get())?;
        Some(Question::Running { rule: rule.to_owned() })
    };
    let running = answers(meter.key.clone(), asked, RUNNING);
    let expected = answers(meter.key, move || is_grid.get().then_some(Question::Prediction), EXPECTED);
    let locale = Locale::of_context();
    let running = move || match (running.get(), rule.get().and_then(PeakRule::named)) {
        (Some(Answer::Running { running: Some(running), .. }), Some(rule)) => {
            Some(running_tile(&running, rule, locale))
        }
        _ => None,
    };
    let expected = move || match expected.get() {
        Some(Answer::Prediction(Some(prediction))) => Some(expected_tiles(&prediction, locale)),
        _ => None,
    };
    view! {
        <div class="tiles" data-part="ahead">
            {running}
            {expected}
        </div>
    }
}

fn running_tile(running: &Running, rule: &PeakRule, locale: Locale) -> AnyView {
    let title = match rule.minutes() {
        15 => texts::tiles::quarter_expected(),
        _ => texts::tiles::hour_expected(),
    };
    let least = running.room.iter().min_by(|one, other| one.left.compare(other.left)).copied();
    let words = match least {
        Some(room) if room.left.mantissa > 0 => {
            let watt_hours = Number { scaler: room.left.scaler.saturating_add(3), ..room.left };
            texts::tiles::room(&digits(watt_hours, 0, locale))
        }
        Some(_) => texts::tiles::raises().to_owned(),
        None => texts::tiles::counts().to_owned(),
    };
    let left = least.map(|room| room.left.to_string());
    view! {
        <div class="tile" data-tile="running" data-value=running.expected.to_string() data-left=left>
            <h3>{title}</h3>
            <p class="figure">
                {digits(running.expected, -2, locale)} " " <small>"kW"</small>
            </p>
            <p class="small">{words}</p>
        </div>
    }
    .into_any()
}

fn expected_tiles(prediction: &Prediction, locale: Locale) -> AnyView {
    let tile = |title: &'static str, mark: &'static str, expected: Expected| {
        let band = expected.band;
        let (low, high) = (kilowatt_hours(band.low, locale), kilowatt_hours(band.high, locale));
        view! {
            <div class="tile" data-tile=mark data-value=format!("{:.3}", band.middle)>
                <h3>{title}</h3>
                <p class="figure">
                    {kilowatt_hours(band.middle, locale)} " " <small>"kWh"</small>
                </p>
                <p class="small">{texts::tiles::band(&low, &high)}</p>
            </div>
        }
    };
    view! {
        {tile(texts::tiles::today_expected(), "expected-today", prediction.today)}
        {tile(texts::tiles::month_expected(), "expected-month", prediction.month)}
    }
    .into_any()
}

/// The digits of a number, rounded to a multiple of 10^`exponent`.
fn digits(number: Number, exponent: i8, locale: Locale) -> String {
    grouped(&rounded(number, exponent).to_string(), locale.decimal_mark)
}

/// A number of kilowatt-hours: one decimal place below 100, none from 100 on.
fn kilowatt_hours(value: f64, locale: Locale) -> String {
    let text = if value.abs() < 100.0 { format!("{value:.1}") } else { format!("{value:.0}") };
    grouped(&text, locale.decimal_mark)
}

/// Milliseconds after which each question is asked again.
const RUNNING: i64 = 15_000;
const EXPECTED: i64 = 900_000;
