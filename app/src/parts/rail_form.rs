//! The form in which the user states which Modbus meter this is: its name in the list, and its address on the bus.

use crate::texts;
use leptos::ev::SubmitEvent;
use leptos::html::{Input, Select};
use leptos::prelude::*;
use metertap_decoder::address::Address;
use metertap_decoder::rail::{By, titles};
use metertap_readings::store::LineSettings;

use super::whole_number::whole_number;

/// The form; calls `keep` with what the user has chosen.
#[component]
pub fn RailForm(
    /// The current settings, or those that were found.
    spoken: LineSettings,
    /// The name of the profile that the meter resembles.
    like: Option<String>,
    /// Called to keep the settings.
    keep: UnsyncCallback<LineSettings>,
) -> impl IntoView {
    let (address, meter) = (NodeRef::<Input>::new(), NodeRef::<Select>::new());
    let chosen = like.unwrap_or_else(|| spoken.profile.clone());
    let written = match spoken.address {
        Some(Address::Primary(address)) => address,
        _ => 1,
    };
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let number = whole_number(address).and_then(|number| u8::try_from(number).ok());
        let name = meter.get().map(|field| field.value()).unwrap_or_default();
        let Some(number) = number.filter(|number| (1..=247).contains(number)) else { return };
        let by = if name == spoken.profile { spoken.profile_by } else { By::Person };
        keep.run(LineSettings {
            address: Some(Address::Primary(number)),
            by_hand: spoken.by_hand || by == By::Person,
            profile: name,
            profile_by: by,
            ..spoken.clone()
        });
    };
    let options = titles()
        .iter()
        .map(|(name, title)| view! { <option value=*name selected=*name == chosen>{*title}</option> });
    view! {
        <form class="settings" data-form="rail" on:submit=submit>
            <label>
                {texts::ask::meter()}
                <select name="profile" node_ref=meter>
                    <option value="">{texts::ask::find_out()}</option>
                    {options.collect_view()}
                </select>
            </label>
            <label>
                {texts::ask::rail_address()}
                <input
                    type="number"
                    name="address"
                    min="1"
                    max="247"
                    required
                    inputmode="numeric"
                    node_ref=address
                    value=written.to_string()
                />
            </label>
            <p class="actions">
                <button type="submit" data-action="rail">
                    {texts::ask::keep()}
                </button>
            </p>
        </form>
    }
}
