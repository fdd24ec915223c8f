//! [`Switch`]: a setting that is on or off.

use leptos::prelude::*;

/// A checkbox with its label.
#[component]
pub fn Switch(
    /// Its name in the DOM.
    name: &'static str,
    /// Whether it is on.
    #[prop(into)]
    on: Signal<bool>,
    /// Called when the user switches it.
    #[prop(into)]
    turn: UnsyncCallback<bool>,
    /// Whether it is disabled.
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
