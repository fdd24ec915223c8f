//! The page before its first meter.

use leptos::prelude::*;

use crate::model::{Action, Actions, Screen};
use crate::parts::icon::{Icon, MARK};

/// What this is, and the two ways on.
#[component]
pub fn Welcome() -> impl IntoView {
    let actions = expect_context::<Actions>();
    view! {
        <section class="welcome">
            <Icon path=MARK />
            <h1>"Read your smart meter here"</h1>
            <p class="lead">
                "A cable from the meter's customer port to this computer, and its power, counters and phases are on
                this page as the meter sends them."
            </p>
            <p class="actions">
                <button
                    class="main"
                    data-action="simulate"
                    data-model=FIRST_MODEL
                    on:click=move |_| actions.run(Action::Simulate(FIRST_MODEL))
                >
                    "Start a simulated meter"
                </button>
                <a class="button" data-screen="connect" href=Screen::Connect.hash()>
                    "Connect a real one"
                </a>
            </p>
            <p class="small">
                "What your meter says stays in this browser, on this computer. It goes nowhere else unless you give it the
                address of your own broker."
            </p>
        </section>
    }
}

/// The simulated meter that shows the most: phases, export, gas and water.
const FIRST_MODEL: &str = "dsmr-5";
