//! What a person can do about a meter that cannot be read: give its key, search the bus.

use leptos::prelude::*;
use metertap_readings::fault::Code;

use crate::model::{Actions, MeterModel};
use crate::parts::bus_search::BusSearch;
use crate::parts::key_form::KeyForm;
use crate::protocol::{Command, MeterState};

/// The forms that help now.
#[component]
pub fn MeterHelp(
    /// Which meter.
    meter: MeterModel,
) -> impl IntoView {
    let actions = expect_context::<Actions>();
    let state = meter.state;
    let key = StoredValue::new(meter.key);
    // The form stays while the user types, whatever trouble comes meanwhile.
    let wants_key = Memo::new(move |_| state.with(wants_key));
    let is_searched = Memo::new(move |_| state.with(is_searched));
    let unlock = UnsyncCallback::new(move |(encryption, authentication)| {
        actions.send(Command::Unlock { meter: key.get_value(), encryption, authentication });
    });
    let searching = Memo::new(move |_| state.with(|state| state.searching));
    let search = UnsyncCallback::new(move |by| {
        actions.send(Command::Search { meter: key.get_value(), by });
    });
    view! {
        <Show when=move || is_searched.get()>
            <BusSearch searching search />
        </Show>
        <Show when=move || wants_key.get()>
            <KeyForm unlock=unlock />
        </Show>
    }
}

/// Whether the meter cannot be read without a key.
pub(super) fn wants_key(state: &MeterState) -> bool {
    state.trouble.as_ref().is_some_and(|trouble| trouble.code.is_of_cipher() || trouble.code == Code::KeyForm)
}

/// Whether the bus is being searched for the meter.
pub(super) fn is_searched(state: &MeterState) -> bool {
    state.searching.is_some_and(|searching| !searching.over)
}
