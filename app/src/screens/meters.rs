//! All meters: name, place, kind, connection, last reading, condition; and their settings.

use leptos::ev::SubmitEvent;
use leptos::html::Input;
use leptos::prelude::*;
use metertap_decoder::meter::usual_schedule;
use metertap_decoder::reading::Protocol;
use metertap_decoder::stack::Stack;
use metertap_readings::entry::Moment;
use metertap_readings::store::{LineSettings, SourceRecord};

use crate::model::{Action, Actions, Condition, MeterModel, PageModel, Screen};
use crate::parts::age::Age;
use crate::parts::ask_form::{AskForm, applies};
use crate::parts::bus_search::BusSearch;
use crate::parts::fuse_form::FuseForm;
use crate::parts::key_form::KeyForm;
use crate::parts::label::protocol as name_of;
use crate::parts::line_form::LineForm;
use crate::parts::load_profile::LoadProfile;
use crate::parts::rail_form::RailForm;
use crate::parts::schedule_form::ScheduleForm;
use crate::parts::statements::Statements;
use crate::protocol::{Command, MeterState};
use crate::texts::{self, fault_words};

/// A line for each meter, with its settings in a collapsed section.
#[component]
pub fn Meters() -> impl IntoView {
    let none = texts::meters::none();
    let model = expect_context::<PageModel>();
    view! {
        <h1>{texts::meters::title()}</h1>
        <Show
            when=move || !model.meters.with(Vec::is_empty)
            fallback=move || {
                view! {
                    <p class="lead">
                        {none[0]} <a href=Screen::Connect.hash()>{none[1]}</a> {none[2]}
                    </p>
                }
            }
        >
            <ul class="meters">
                <For each=move || model.meters.get() key=|meter| meter.key.clone() let:meter>
                    <MeterLine meter />
                </For>
            </ul>
        </Show>
    }
}

#[component]
fn MeterLine(meter: MeterModel) -> impl IntoView {
    let model = expect_context::<PageModel>();
    let now: Signal<Moment> = model.now.into();
    let (state, newest) = (meter.state, meter.newest);
    let (titled, judged) = (meter.clone(), meter.clone());
    let title = Memo::new(move |_| titled.title());
    let condition = Memo::new(move |_| judged.condition(now.get()));
    let place = Memo::new(move |_| state.with(|state| state.record.place.clone()));
    let kind = Memo::new(move |_| {
        let known = state.with(|state| state.record.source.spoken().and_then(|spoken| spoken.protocol));
        let protocol = newest.with(|newest| newest.protocol).or(known);
        protocol.map(name_of).unwrap_or_default().to_owned()
    });
    let way = Memo::new(move |_| state.with(|state| way(&state.record.source)));
    let health = Memo::new(move |_| state.with(|state| health(state, condition.get())));
    let received = Memo::new(move |_| newest.with(|newest| newest.received));
    let key = meter.key.0.clone();
    view! {
        <li class="card meter-line" data-meter=key data-state=move || condition.get().as_str()>
            <h2>{title}</h2>
            <dl class="facts">
                <Fact name="place" title=texts::meters::place() value=place />
                <Fact name="kind" title=texts::meters::kind() value=kind />
                <Fact name="way" title=texts::meters::way() value=way />
                <div>
                    <dt>{texts::meters::last_reading()}</dt>
                    <dd>
                        <Show when=move || received.get().is_some() fallback=|| texts::meters::none_yet()>
                            <Age at=received now />
                        </Show>
                    </dd>
                </div>
                <Fact name="health" title=texts::meters::health() value=health />
            </dl>
            <details>
                <summary>{texts::meters::settings()}</summary>
                <Settings meter />
            </details>
        </li>
    }
}

#[component]
fn Fact(name: &'static str, title: &'static str, value: Memo<String>) -> impl IntoView {
    view! {
        <div>
            <dt>{title}</dt>
            <dd data-fact=name>{move || value.with(|value| if value.is_empty() { "–".to_owned() } else { value.clone() })}</dd>
        </div>
    }
}

#[component]
fn Settings(meter: MeterModel) -> impl IntoView {
    let actions = expect_context::<Actions>();
    let state = meter.state;
    let key = StoredValue::new(meter.key.clone());
    let spoken = Memo::new(move |_| state.with(|state| state.record.source.spoken().cloned()));
    let asked = Memo::new(move |_| {
        let stack = spoken.get().filter(|spoken| spoken.asked)?.protocol.and_then(Stack::of_protocol)?;
        Some(state.with(|state| state.record.schedule).unwrap_or_else(|| usual_schedule(stack)))
    });
    let keep = UnsyncCallback::new(move |schedule| {
        actions.send(Command::Schedule { meter: key.get_value(), schedule });
    });
    let ask = UnsyncCallback::new(move |spoken| {
        actions.send(Command::Ask { meter: key.get_value(), spoken });
    });
    let remembers = Memo::new(move |_| {
        spoken
            .with(|spoken| spoken.as_ref().is_some_and(|spoken| spoken.protocol == Some(Protocol::ModbusEmi)))
    });
    let fetch = UnsyncCallback::new(move |on| {
        actions.send(Command::Fetch { meter: key.get_value(), on });
    });
    let fuse = Memo::new(move |_| state.with(|state| state.record.fuse));
    let keep_fuse = UnsyncCallback::new(move |amperes| {
        actions.send(Command::Fuse { meter: key.get_value(), amperes });
    });
    view! {
        <Words meter=meter.clone() />
        <Show when=move || asked.get().is_some()>
            <h3>{texts::meters::how_often()}</h3>
            {move || asked.get().map(|schedule| view! { <ScheduleForm schedule keep /> })}
        </Show>
        {move || spoken.get().filter(applies).map(|spoken| view! { <AskForm spoken keep=ask /> })}
        <Bus meter=meter.clone() spoken keep=ask />
        <Show when=move || remembers.get()>
            <h3>{texts::meters::load_profile()}</h3>
            <LoadProfile state fetch />
        </Show>
        <KeySettings meter=meter.clone() spoken />
        {move || view! { <FuseForm fuse=fuse.get() keep=keep_fuse /> }}
        <Statements meter=meter.clone() />
        {move || {
            spoken
                .get()
                .filter(|spoken| spoken.line.is_some())
                .map(|spoken| {
                    view! {
                        <details>
                            <summary>{texts::meters::line()}</summary>
                            <LineForm spoken keep=ask label=texts::meters::keep() />
                        </details>
                    }
                })
        }}
        <p class="actions">
            <Show when=move || spoken.get().is_some()>
                <button
                    class="quiet"
                    data-action="detect"
                    on:click=move |_| actions.send(Command::Detect { meter: key.get_value() })
                >
                    {texts::meters::find_anew()}
                </button>
            </Show>
            <button class="quiet" data-action="remove" on:click=move |_| actions.run(Action::Remove(key.get_value()))>
                {texts::meters::remove()}
            </button>
        </p>
    }
}

/// The settings of a meter that may share its bus: which meter it is, and a search for the others.
#[component]
fn Bus(
    meter: MeterModel,
    spoken: Memo<Option<LineSettings>>,
    keep: UnsyncCallback<LineSettings>,
) -> impl IntoView {
    let actions = expect_context::<Actions>();
    let (key, state) = (StoredValue::new(meter.key), meter.state);
    // Nothing connects to an address from a file before the user switches on reading.
    let known = Memo::new(move |_| state.with(|state| state.record.address_from.is_none()));
    let rail = Memo::new(move |_| spoken.get().filter(|spoken| spoken.protocol == Some(Protocol::Modbus)));
    let is_modbus = Signal::derive(move || rail.with(Option::is_some));
    let on_bus = Memo::new(move |_| {
        let is_mbus = |spoken: &LineSettings| spoken.asked && spoken.protocol == Some(Protocol::Mbus);
        let is_bus = spoken.with(|spoken| spoken.as_ref().is_some_and(is_mbus)) || is_modbus.get();
        is_bus && known.get()
    });
    let searching = Memo::new(move |_| state.with(|state| state.searching));
    let search = UnsyncCallback::new(move |by| {
        actions.send(Command::Search { meter: key.get_value(), by });
    });
    view! {
        {move || {
            rail.get()
                .map(|spoken| {
                    view! {
                        <h3>{texts::meters::which()}</h3>
                        <RailForm spoken like=None keep />
                    }
                })
        }}
        <Show when=move || on_bus.get()>
            <h3>{texts::meters::others()}</h3>
            <BusSearch searching is_modbus search />
        </Show>
    }
}

#[component]
fn KeySettings(meter: MeterModel, spoken: Memo<Option<LineSettings>>) -> impl IntoView {
    let actions = expect_context::<Actions>();
    let (key, state) = (meter.key, meter.state);
    let encrypts = Memo::new(move |_| {
        let may = |spoken: &LineSettings| {
            matches!(
                spoken.protocol,
                Some(Protocol::P1Encrypted | Protocol::DlmsHdlc | Protocol::DlmsMbus | Protocol::Mbus)
            )
        };
        spoken.with(|spoken| spoken.as_ref().is_some_and(may))
    });
    let keyed = move || state.with(|state| state.keyed);
    let unlock = UnsyncCallback::new(move |(encryption, authentication)| {
        actions.send(Command::Unlock { meter: key.clone(), encryption, authentication });
    });
    view! {
        <Show when=move || encrypts.get()>
            <details>
                <summary>{move || if keyed() { texts::meters::key_kept() } else { texts::meters::key_none() }}</summary>
                <KeyForm unlock />
                <Show when=keyed>
                    <button
                        class="quiet"
                        data-action="forget-key"
                        on:click=move |_| unlock.run((String::new(), String::new()))
                    >
                        {texts::meters::forget_key()}
                    </button>
                </Show>
            </details>
        </Show>
    }
}

/// Name and place.
#[component]
fn Words(meter: MeterModel) -> impl IntoView {
    let actions = expect_context::<Actions>();
    let (name, place) = (NodeRef::<Input>::new(), NodeRef::<Input>::new());
    let (old_name, old_place) =
        meter.state.with_untracked(|state| (state.record.name.clone(), state.record.place.clone()));
    let key = meter.key;
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let text = |field: NodeRef<Input>| {
            field.get().map(|field| field.value().trim().to_owned()).unwrap_or_default()
        };
        actions.send(Command::Rename { meter: key.clone(), name: text(name) });
        actions.send(Command::Place { meter: key.clone(), place: text(place) });
    };
    view! {
        <form class="settings" on:submit=submit>
            <label>
                {texts::meters::name()}
                <input type="text" name="meter-name" maxlength="60" node_ref=name value=old_name />
            </label>
            <label>
                {texts::meters::place()}
                <input
                    type="text"
                    name="meter-place"
                    maxlength="60"
                    placeholder=texts::meters::example_place()
                    node_ref=place
                    value=old_place
                />
            </label>
            <p class="actions">
                <button type="submit" data-action="describe">
                    {texts::meters::keep()}
                </button>
            </p>
        </form>
    }
}

/// How the meter's bytes arrive.
fn way(source: &SourceRecord) -> String {
    let with_line = |way: String, spoken: &LineSettings| {
        let way = spoken.line.map(|line| format!("{way}, {line}")).unwrap_or(way);
        spoken.address.map(|address| texts::meters::with_address(&way, &address)).unwrap_or(way)
    };
    match source {
        SourceRecord::Serial { vendor: Some(vendor), product: Some(product), spoken } => {
            with_line(format!("USB {vendor:04x}:{product:04x}"), spoken)
        }
        SourceRecord::Serial { spoken, .. } => with_line(texts::meters::serial_port().to_owned(), spoken),
        SourceRecord::Bridge { url, spoken } => match spoken.address {
            Some(address) => texts::meters::with_address(url, &address),
            None => url.clone(),
        },
        SourceRecord::Simulated { .. } => texts::meters::simulated().to_owned(),
        SourceRecord::File { name, .. } => texts::meters::file(name),
    }
}

fn health(state: &MeterState, condition: Condition) -> String {
    if let Some(trouble) = &state.trouble {
        return fault_words(&trouble.code).title.to_owned();
    }
    let failed = state.counts.checksum_failures + state.counts.other_faults;
    match condition {
        Condition::Off => texts::meters::not_read().to_owned(),
        Condition::Done => texts::meters::to_its_end().to_owned(),
        Condition::Stale => texts::meters::silent().to_owned(),
        Condition::Live if failed > 0 => texts::meters::failed(&failed, &(state.counts.telegrams + failed)),
        Condition::Live => texts::meters::no_fault().to_owned(),
        Condition::Opening | Condition::Listening | Condition::Unplugged | Condition::Blocked => {
            texts::meters::waiting().to_owned()
        }
    }
}
