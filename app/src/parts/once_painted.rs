//! [`OncePainted`]: a place for content that may appear later than the newest number.

use leptos::prelude::*;

use crate::after_paint::after_paint;

/// Creates its children once the browser has painted everything that has changed so far.
#[component]
pub fn OncePainted(children: ChildrenFn) -> impl IntoView {
    let is_painted = RwSignal::new(false);
    after_paint(move || {
        // This place may be gone by now.
        let _ = is_painted.try_set(true);
    });
    view! { <Show when=move || is_painted.get()>{children()}</Show> }
}
