//! What the meters say now.

use leptos::either::EitherOf3;
use leptos::prelude::*;

use super::meter_card::MeterCard;
use super::shown::{EngineState, Shown};
use super::welcome::Welcome;

/// A card for each meter, or a welcome.
#[component]
pub fn Live() -> impl IntoView {
    let shown = expect_context::<Shown>();
    let any = Memo::new(move |_| !shown.meters.with(Vec::is_empty));
    move || match (any.get(), shown.engine.get()) {
        (true, _) => EitherOf3::A(view! {
            <h1 class="unseen">"Live"</h1>
            <For each=move || shown.meters.get() key=|meter| meter.key.clone() let:meter>
                <MeterCard meter />
            </For>
        }),
        (false, EngineState::Starting) => EitherOf3::B(view! { <p class="quiet">"Opening the log…"</p> }),
        (false, _) => EitherOf3::C(view! { <Welcome /> }),
    }
}
