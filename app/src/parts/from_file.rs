//! The settings of a meter that came from a file and that the user has not confirmed yet.

use leptos::prelude::*;
use metertap_readings::broker::address::host;
use metertap_readings::store::SourceRecord;

use crate::protocol::MeterState;
use crate::texts;

/// Shows the address, and the files that the address and the key came from. Nothing connects to the address until the
/// user confirms it.
#[component]
pub fn FromFile(
    /// The meter.
    state: RwSignal<MeterState>,
) -> impl IntoView {
    let address = Memo::new(move |_| {
        state.with(|state| match (&state.record.address_from, &state.record.source) {
            (Some(file), SourceRecord::Bridge { url, .. }) => Some((file.clone(), url.clone())),
            _ => None,
        })
    });
    let key = Memo::new(move |_| state.with(|state| state.key_from.clone()));
    let told = |file: &str, url: &str| texts::card::address_from(&url, &file, &host(url));
    view! {
        {move || {
            address.get().map(|(file, url)| {
                let words = told(&file, &url);
                view! { <p class="notice" data-address-from=file>{words}</p> }
            })
        }}
        {move || {
            key.get().map(|file| {
                let words = texts::card::key_from(&file);
                view! { <p class="small" data-key-from=file>{words}</p> }
            })
        }}
    }
}
