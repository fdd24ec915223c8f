//! A meter's load profile: how far it has been fetched, and a button that stops or restarts that.

use leptos::prelude::*;

use crate::protocol::{Fetching, MeterState};

/// Progress while it is being fetched; a button to fetch it again afterwards.
#[component]
pub fn LoadProfile(
    /// The meter.
    state: RwSignal<MeterState>,
    /// Called with whether to fetch.
    fetch: UnsyncCallback<bool>,
) -> impl IntoView {
    let fetching = Memo::new(move |_| state.with(|state| state.fetching));
    let was_fetched = Memo::new(move |_| state.with(|state| state.record.fetched.is_some()));
    view! {
        <Show when=move || fetching.get().is_some()>
            <p class="actions">
                <progress
                    aria-label="Entries fetched"
                    max=move || fetching.get().map(|fetching| fetching.of.max(1).to_string())
                    value=move || fetching.get().map(|fetching| fetching.done.to_string())
                ></progress>
                <button data-action="fetch-stop" on:click=move |_| fetch.run(false)>
                    "Stop and keep"
                </button>
            </p>
        </Show>
        <Show when=move || fetching.get().is_none() && was_fetched.get()>
            <p class="actions">
                <button class="quiet" data-action="fetch" on:click=move |_| fetch.run(true)>
                    "Fetch it again"
                </button>
            </p>
        </Show>
        <p class="small" role="status" data-fetched=move || was_fetched.get().to_string()>
            {move || words(fetching.get(), was_fetched.get())}
        </p>
    }
}

fn words(fetching: Option<Fetching>, was_fetched: bool) -> String {
    match fetching {
        Some(Fetching { done, of }) => {
            format!(
                "Fetching what your meter remembers: {done} of {of} entries. Leave this page open until then."
            )
        }
        None if was_fetched => "What was fetched of your meter's memory is in its history.".to_owned(),
        None => "What your meter remembers is fetched while it is read.".to_owned(),
    }
}
