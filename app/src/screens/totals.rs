//! Counter steps that are held back, and recomputing totals.

use leptos::prelude::*;
use metertap_readings::view::figure::grouped;

use crate::model::{Actions, Locale, PageModel};
use crate::protocol::{Command, HeldStep};
use crate::texts;

/// The counter steps that are held back, and the button that recomputes totals.
#[component]
pub fn Totals() -> impl IntoView {
    let model = expect_context::<PageModel>();
    let actions = expect_context::<Actions>();
    let locale = Locale::of_context();
    let works = move || model.recomputed.get() == Some(None);
    let ended = move || {
        let changed = model.recomputed.get().flatten()?;
        let count = grouped(&changed.to_string(), locale.decimal_mark);
        let text = match changed {
            0 => texts::storage::unchanged().to_owned(),
            _ => texts::storage::changed(changed, &count),
        };
        Some(view! { <p role="status" data-recomputed=changed.to_string()>{text}</p> })
    };
    view! {
        <section class="card" data-part="totals">
            <h2>{texts::storage::totals()}</h2>
            <p class="small">
                {texts::storage::held_back()}
            </p>
            <For
                each=move || model.steps.get()
                key=|step| (step.meter.clone(), step.register.clone(), step.at.0)
                let:step
            >
                <Step step />
            </For>
            <button
                data-action="recompute"
                disabled=works
                on:click=move |_| actions.send(Command::Recompute)
            >
                {move || if works() { texts::storage::computing() } else { texts::storage::compute() }}
            </button>
            <p class="small">
                {texts::storage::compute_from()}
            </p>
            {ended}
        </section>
    }
}

/// A counter step that is held back, and a button that counts it after the user has checked the meter.
#[component]
fn Step(step: HeldStep) -> impl IntoView {
    let model = expect_context::<PageModel>();
    let actions = expect_context::<Actions>();
    let locale = Locale::of_context();
    let HeldStep { meter, register, from, to, unit, at } = step;
    let title = model.meter(&meter).map(|meter| meter.title()).unwrap_or_default();
    let number = |text: &str| grouped(text, locale.decimal_mark);
    let text = texts::storage::step(
        &title,
        &register,
        &number(&from),
        &number(&to),
        &unit.unwrap_or_default(),
        &(locale.date_time)(at),
    );
    let marked = meter.0.clone();
    view! {
        <div class="fields" data-held=register data-meter=marked>
            <p>{text}</p>
            <button
                data-action="confirm-step"
                on:click=move |_| actions.send(Command::Confirm { meter: meter.clone(), at })
            >
                {texts::storage::count_it()}
            </button>
        </div>
    }
}
