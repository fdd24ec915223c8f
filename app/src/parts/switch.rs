//! [`Switch`]: something that is wanted, or is not.

use leptos::prelude::*;

/// A checkbox with its words behind it.
#[component]
pub fn Switch(
    /// What it is called in the page.
    name: &'static str,
    /// Whether it is wanted.
    #[prop(into)]
    on: Signal<bool>,
    /// What becomes of the wish.
    #[prop(into)]
    turn: UnsyncCallback<bool>,
    /// Whether there is no choice.
    #[prop(optional)]
    disabled: bool,
    children: Children,
) -> impl IntoView {
    view! {
        <label class="switch">
            <input
                type="checkbox"
                name=name
                disabled=disabled
                prop:checked=on
                on:change=move |event| turn.run(event_target_checked(&event))
            />
            {children()}
        </label>
    }
}
