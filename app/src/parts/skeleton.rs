//! What is shown in place of cards until the meters are known.

use std::time::Duration;

use leptos::leptos_dom::helpers::set_timeout_with_handle;
use leptos::prelude::*;

use crate::texts;

/// An empty card. `index.html` shows the same before the program runs. If it stays for long, it says what to do: some
/// browsers do not answer a page that asks for its storage.
#[component]
pub fn Skeleton() -> impl IntoView {
    let is_slow = RwSignal::new(false);
    let wait = set_timeout_with_handle(move || is_slow.set(true), UNUSUAL);
    on_cleanup(move || wait.into_iter().for_each(|wait| wait.clear()));
    let slow = move || {
        is_slow.get().then(|| {
            view! { <p data-part="opening-is-slow">{texts::shell::opening_is_slow()}</p> }
        })
    };
    view! {
        <p class="unseen" role="status">
            {texts::shell::opening_log()}
        </p>
        <div class="card skeleton" aria-hidden="true">
            <span></span>
            <span></span>
            <span></span>
        </div>
        <div role="status">{slow}</div>
    }
}

/// Even on a slow phone, the log opens in a few seconds.
const UNUSUAL: Duration = Duration::from_secs(15);
