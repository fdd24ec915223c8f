//! Jumps that are not counted, and recomputing totals.

use leptos::prelude::*;
use metertap_readings::view::figure::grouped;

use crate::model::{Actions, Locale, PageModel};
use crate::protocol::{Command, HeldStep};

/// The jumps at which counters are held back, and the button that recomputes totals.
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
            0 => "Done. Nothing has changed.".to_owned(),
            1 => "Done. One quarter of an hour counts differently now.".to_owned(),
            _ => format!("Done. {count} quarters of an hour count differently now."),
        };
        Some(view! { <p role="status" data-recomputed=changed.to_string()>{text}</p> })
    };
    view! {
        <section class="card" data-part="totals">
            <h2>"Totals"</h2>
            <p class="small">
                "A counter that jumps further than your meter can count is not counted until the meter counts on from
                there."
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
                {move || if works() { "Computing …" } else { "Compute totals again" }}
            </button>
            <p class="small">
                "From the readings that are kept. Totals of readings that are gone stay as they are."
            </p>
            {ended}
        </section>
    }
}

/// A jump that is not counted, and a button for the user who has checked the meter.
#[component]
fn Step(step: HeldStep) -> impl IntoView {
    let model = expect_context::<PageModel>();
    let actions = expect_context::<Actions>();
    let locale = Locale::of_context();
    let HeldStep { meter, register, from, to, unit, at } = step;
    let title = model.meter(&meter).map(|meter| meter.title()).unwrap_or_default();
    let number = |text: &str| grouped(text, locale.decimal_mark);
    let text = format!(
        "{title}, {register}: from {} to {} {} on {}. Not counted yet.",
        number(&from),
        number(&to),
        unit.unwrap_or_default(),
        (locale.date_time)(at),
    );
    let marked = meter.0.clone();
    view! {
        <div class="fields" data-held=register data-meter=marked>
            <p>{text}</p>
            <button
                data-action="confirm-step"
                on:click=move |_| actions.send(Command::Confirm { meter: meter.clone(), at })
            >
                "The meter shows this: count it"
            </button>
        </div>
    }
}
