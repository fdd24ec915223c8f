//! The welcome page, shown before the first meter.

use std::time::Duration;

use leptos::leptos_dom::helpers::set_timeout_with_handle;
use leptos::prelude::*;

use crate::model::{Action, Actions, PageServices, Screen};
use crate::parts::fetched::Fetched;
use crate::parts::icon::{Icon, MARK};
use crate::texts;

/// What Metertap is, and the two ways to start.
#[component]
pub fn Welcome() -> impl IntoView {
    let actions = expect_context::<Actions>();
    let services = PageServices::of_context();
    let is_time = RwSignal::new(false);
    let wait = set_timeout_with_handle(move || is_time.set(true), ALL_IS_SEEN);
    on_cleanup(move || wait.into_iter().for_each(|wait| wait.clear()));
    view! {
        <section class="welcome">
            <Icon path=MARK />
            <h1>{texts::welcome::title()}</h1>
            <p class="lead">
                {texts::welcome::lead()}
            </p>
            <p class="actions">
                <button
                    class="main"
                    data-action="simulate"
                    data-model=FIRST_MODEL
                    on:click=move |_| actions.run(Action::Simulate(FIRST_MODEL))
                >
                    {texts::welcome::simulate()}
                </button>
                <a class="button" data-screen="connect" href=Screen::Connect.hash()>
                    {texts::welcome::connect()}
                </a>
            </p>
            <p class="small">
                {texts::welcome::stays()}
            </p>
        </section>
        <Show when=move || is_time.get()>
            <Fetched fetch=move || (services.welcome)() />
        </Show>
    }
}

/// The meter that is simulated first: it sends every second, and shows phases, export and gas.
const FIRST_MODEL: &str = "dsmr-5";
/// After this time the user looks further down, and the network is no longer busy with what the first meter needs.
const ALL_IS_SEEN: Duration = Duration::from_secs(2);
