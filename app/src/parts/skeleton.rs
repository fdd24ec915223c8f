//! What takes the place of a card while it is unknown which meters there are.

use crate::texts;
use leptos::prelude::*;

/// An empty card. `index.html` shows the same before the program runs.
#[component]
pub fn Skeleton() -> impl IntoView {
    view! {
        <p class="unseen" role="status">
            {texts::shell::opening_log()}
        </p>
        <div class="card skeleton" aria-hidden="true">
            <span></span>
            <span></span>
            <span></span>
        </div>
    }
}
