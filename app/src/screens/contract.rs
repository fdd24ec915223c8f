//! What a French meter says of its contract, its breaker and tomorrow, and its true power, worked out.

use leptos::prelude::*;
use metertap_readings::view::figure::grouped;
use metertap_readings::view::tic::{Sentence, WorkedOut, sentences};

use crate::model::{Locale, MeterModel};

/// The sentences of a meter.
#[component]
pub fn Contract(
    /// Which.
    meter: MeterModel,
) -> impl IntoView {
    let (newest, locale) = (meter.newest, Locale::of_context());
    let worked_out = StoredValue::new(WorkedOut::default());
    let watts = Memo::new(move |_| {
        newest.with(|newest| worked_out.try_update_value(|worked_out| worked_out.take(newest)).flatten())
    });
    let said = Memo::new(move |_| newest.with(|newest| sentences(newest, locale.decimal_mark)));
    let power = move || {
        let watts = watts.get()?;
        let (amount, way) = (watts.unsigned_abs(), if watts < 0 { "fed in" } else { "taken" });
        let figure = grouped(&amount.to_string(), locale.decimal_mark);
        Some(view! {
            <p data-sentence="power" data-quantity="active-power" data-value=watts.to_string() data-unit="W">
                {format!("{figure} W are {way}. ")}
                <small>"Worked out from the counter: the meter sends VA, and no watts."</small>
            </p>
        })
    };
    let each = |Sentence { about, text }: Sentence| view! { <p data-sentence=about>{text}</p> };
    view! {
        <section class="contract" data-part="contract" aria-label="Contract">
            {power}
            {move || said.get().into_iter().map(each).collect_view()}
        </section>
    }
}
