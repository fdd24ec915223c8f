//! A meter's load profile: how far it has been fetched, and a button that stops or restarts that.

use leptos::prelude::*;

use crate::protocol::{Fetching, MeterState};
use crate::texts;

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
                    aria-label=texts::ask::entries_fetched()
                    max=move || fetching.get().map(|fetching| fetching.of.max(1).to_string())
                    value=move || fetching.get().map(|fetching| fetching.done.to_string())
                ></progress>
                <button data-action="fetch-stop" on:click=move |_| fetch.run(false)>
                    {texts::ask::stop_and_keep()}
                </button>
            </p>
        </Show>
        <Show when=move || fetching.get().is_none() && was_fetched.get()>
            <p class="actions">
                <button class="quiet" data-action="fetch" on:click=move |_| fetch.run(true)>
                    {texts::ask::fetch_again()}
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
        Some(Fetching { done, of }) => texts::ask::fetching(&done, &of),
        None if was_fetched => texts::ask::was_fetched().to_owned(),
        None => texts::ask::is_fetched().to_owned(),
    }
}
