//! The phases compared with the main fuse.

use leptos::prelude::*;
use metertap_readings::view::fuse::{Load, loads};

use crate::model::{Locale, MeterModel, Screen};
use crate::parts::span_words::amount;
use crate::texts;

/// The load of each phase on the main fuse, if the meter sends its currents.
#[component]
pub fn Phases(
    /// The meter.
    meter: MeterModel,
) -> impl IntoView {
    let locale = Locale::of_context();
    let (state, newest) = (meter.state, meter.newest);
    let fuse = Memo::new(move |_| state.with(|state| state.record.fuse));
    let loads = Memo::new(move |_| newest.with(|newest| loads(newest, fuse.get())));
    let is_told = Memo::new(move |_| !loads.with(Vec::is_empty));
    let rows = move || loads.get().into_iter().map(|load| row(load, locale)).collect_view();
    let of_fuse = move || match fuse.get() {
        Some(amperes) => texts::tiles::main_fuse(&amperes).into_any(),
        None => view! { <a href=Screen::Meters.hash()>{texts::tiles::set_fuse()}</a> }.into_any(),
    };
    view! {
        <Show when=move || is_told.get()>
            <div class="tile phases" data-tile="phases">
                <h3>{texts::tiles::phases()}</h3>
                {rows}
                <p class="small">{of_fuse}</p>
            </div>
        </Show>
    }
}

fn row(load: Load, locale: Locale) -> impl IntoView {
    let figure =
        amount(load.current, metertap_decoder::reading::Quantity::Current.unit(), locale.decimal_mark);
    let bar = load.hundredths.map(|hundredths| {
        let level = match hundredths {
            ..80 => "low",
            80..100 => "high",
            _ => "over",
        };
        view! {
            <span class="load" aria-hidden="true">
                <span data-level=level style:width=format!("{}%", hundredths.min(100))></span>
            </span>
            <span class="small">{hundredths.to_string()} " %"</span>
        }
    });
    view! {
        <p class="phase" data-phase=load.phase.as_str() data-load=load.hundredths.map(|hundredths| hundredths.to_string())>
            <span>{load.phase.as_str().to_uppercase()}</span>
            <span>{figure.digits} " " <small>{figure.unit}</small></span>
            {bar}
        </p>
    }
}
