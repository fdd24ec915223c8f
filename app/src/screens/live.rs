//! The meters' current values.

use leptos::either::EitherOf3;
use leptos::prelude::*;

use super::meter_card::MeterCard;
use super::welcome::Welcome;
use crate::model::{EngineState, PageModel};
use crate::parts::skeleton::Skeleton;
use crate::texts;

/// A card for each meter, or a welcome.
#[component]
pub fn Live() -> impl IntoView {
    let model = expect_context::<PageModel>();
    let any = Memo::new(move |_| !model.meters.with(Vec::is_empty));
    move || match (any.get(), model.engine.get()) {
        (true, _) => EitherOf3::A(view! {
            <h1 class="unseen">{texts::frame::live()}</h1>
            <For each=move || model.meters.get() key=|meter| meter.key.clone() let:meter>
                <MeterCard meter />
            </For>
        }),
        (false, EngineState::Starting) => EitherOf3::B(view! { <Skeleton /> }),
        (false, _) => EitherOf3::C(view! { <Welcome /> }),
    }
}
