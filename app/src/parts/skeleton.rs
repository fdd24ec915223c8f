//! What stands in the place of a card while nobody knows yet which meters there are.

use leptos::prelude::*;

/// A card without anything on it. `index.html` shows the same before the program runs.
#[component]
pub fn Skeleton() -> impl IntoView {
    view! {
        <p class="unseen" role="status">
            "Opening the log…"
        </p>
        <div class="card skeleton" aria-hidden="true">
            <span></span>
            <span></span>
            <span></span>
        </div>
    }
}
