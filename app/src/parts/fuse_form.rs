//! The form for the size of a house's main fuse.

use crate::texts;
use leptos::ev::SubmitEvent;
use leptos::html::Input;
use leptos::prelude::*;
use metertap_readings::store::LARGEST_FUSE;

/// The size of the main fuse; empty if unknown.
#[component]
pub fn FuseForm(
    /// Amperes.
    fuse: Option<u16>,
    /// Called with what the user enters.
    keep: UnsyncCallback<Option<u16>>,
) -> impl IntoView {
    let field = NodeRef::<Input>::new();
    let (problem, tell) = signal("");
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let typed = field.get().map(|field| field.value()).unwrap_or_default();
        match amperes(&typed) {
            Ok(fuse) => {
                tell.set("");
                keep.run(fuse);
            }
            Err(words) => tell.set(words),
        }
    };
    view! {
        <form class="settings" data-form="fuse" on:submit=submit>
            <label>
                {texts::ask::fuse()}
                <input
                    type="text"
                    name="fuse"
                    inputmode="numeric"
                    autocomplete="off"
                    maxlength="4"
                    node_ref=field
                    prop:value=fuse.map(|fuse| fuse.to_string()).unwrap_or_default()
                />
            </label>
            <p role="status" class="small">{problem}</p>
            <p class="actions">
                <button type="submit" data-action="keep-fuse">
                    {texts::ask::keep()}
                </button>
            </p>
        </form>
    }
}

fn amperes(typed: &str) -> Result<Option<u16>, &'static str> {
    let typed = typed.trim();
    if typed.is_empty() {
        return Ok(None);
    }
    let amperes = typed.parse().ok().filter(|amperes| (1..=LARGEST_FUSE).contains(amperes));
    amperes.map(Some).ok_or(texts::ask::whole_amperes())
}
