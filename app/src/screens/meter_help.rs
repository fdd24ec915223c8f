//! What a user can do about a meter that cannot be read: give its key, search the bus, say which meter it is. Also the
//! progress of fetching a load profile.

use leptos::prelude::*;
use metertap_decoder::address::Address;
use metertap_decoder::reading::Protocol;
use metertap_readings::fault::Code;
use metertap_readings::store::LineSettings;

use crate::model::{Actions, MeterModel};
use crate::parts::bus_search::BusSearch;
use crate::parts::key_form::KeyForm;
use crate::parts::load_profile::LoadProfile;
use crate::parts::rail_form::RailForm;
use crate::protocol::{Command, MeterState, Unrecognised};

/// The forms that can help at the moment.
#[component]
pub fn MeterHelp(
    /// The meter.
    meter: MeterModel,
) -> impl IntoView {
    let actions = expect_context::<Actions>();
    let state = meter.state;
    let key = StoredValue::new(meter.key);
    // A memo, so that the form stays while the user types, even if another cipher fault arrives.
    let wants_key = Memo::new(move |_| state.with(wants_key));
    let is_searched = Memo::new(move |_| state.with(is_searched));
    let unlock = UnsyncCallback::new(move |(encryption, authentication)| {
        actions.send(Command::Unlock { meter: key.get_value(), encryption, authentication });
    });
    let searching = Memo::new(move |_| state.with(|state| state.searching));
    let is_modbus = Signal::derive(move || {
        state.with(|state| {
            state.record.source.spoken().is_some_and(|spoken| spoken.protocol == Some(Protocol::Modbus))
        })
    });
    let search = UnsyncCallback::new(move |by| {
        actions.send(Command::Search { meter: key.get_value(), by });
    });
    let unrecognised = Memo::new(move |_| state.with(|state| state.unrecognised.clone()));
    let ask = UnsyncCallback::new(move |spoken| {
        actions.send(Command::Ask { meter: key.get_value(), spoken });
    });
    let is_fetched = Memo::new(move |_| state.with(is_fetched));
    let fetch = UnsyncCallback::new(move |on| {
        actions.send(Command::Fetch { meter: key.get_value(), on });
    });
    view! {
        {move || {
            unrecognised
                .get()
                .map(|meter| {
                    let like = meter.like.as_ref().map(|(name, _)| name.clone());
                    view! { <RailForm spoken=answering(&meter) like keep=ask /> }
                })
        }}
        <Show when=move || is_searched.get()>
            <BusSearch searching is_modbus search />
        </Show>
        <Show when=move || is_fetched.get()>
            <LoadProfile state fetch />
        </Show>
        <Show when=move || wants_key.get()>
            <KeyForm unlock=unlock />
        </Show>
    }
}

/// How to talk to a Modbus meter that answers but is unknown.
fn answering(meter: &Unrecognised) -> LineSettings {
    LineSettings {
        line: Some(meter.line),
        protocol: Some(Protocol::Modbus),
        asked: true,
        address: Some(Address::Primary(meter.address)),
        by_hand: true,
        ..LineSettings::default()
    }
}

pub(super) fn is_unrecognised(state: &MeterState) -> bool {
    state.unrecognised.is_some()
}

/// Whether the meter's error is about its key.
pub(super) fn wants_key(state: &MeterState) -> bool {
    state.trouble.as_ref().is_some_and(|trouble| trouble.code.is_of_cipher() || trouble.code == Code::KeyForm)
}

/// Whether the meter's load profile is being fetched.
pub(super) fn is_fetched(state: &MeterState) -> bool {
    state.fetching.is_some()
}

/// Whether the meter's bus is being searched for meters.
pub(super) fn is_searched(state: &MeterState) -> bool {
    state.searching.is_some_and(|searching| !searching.over)
}
