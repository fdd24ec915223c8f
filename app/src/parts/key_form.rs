//! The keys of a meter that encrypts: entered once, tried at once, kept on this device.

use leptos::ev::SubmitEvent;
use leptos::html::Input;
use leptos::prelude::*;

use super::key_sources::KeySources;
use crate::texts;

/// Two fields, for the encryption key and the authentication key, and a button.
#[component]
pub fn KeyForm(
    /// Called with both keys as they were typed.
    unlock: UnsyncCallback<(String, String)>,
) -> impl IntoView {
    let (encryption, authentication) = (NodeRef::<Input>::new(), NodeRef::<Input>::new());
    let typed = |field: NodeRef<Input>| field.get().map(|field| field.value()).unwrap_or_default();
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        unlock.run((typed(encryption), typed(authentication)));
    };
    let field = |name: &'static str, label: &'static str, node: NodeRef<Input>, required: bool| {
        view! {
            <label>
                {label}
                <input
                    type="text"
                    name=name
                    required=required
                    autocomplete="off"
                    autocapitalize="characters"
                    spellcheck="false"
                    placeholder=texts::ask::key_digits()
                    node_ref=node
                />
            </label>
        }
    };
    view! {
        <form class="keys" on:submit=submit>
            {field("encryption-key", texts::ask::encryption_key(), encryption, true)}
            {field(
                "authentication-key",
                texts::ask::authentication_key(),
                authentication,
                false,
            )}
            <button type="submit" data-action="unlock">
                {texts::ask::try_key()}
            </button>
        </form>
        <KeySources />
    }
}
