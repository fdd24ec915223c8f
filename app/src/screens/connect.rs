//! Connects another meter: through a port or a bridge, simulated, or from a recording.

use leptos::either::EitherOf4;
use leptos::ev::SubmitEvent;
use leptos::html::Input;
use leptos::html::Textarea;
use leptos::prelude::*;
use metertap_readings::fault::Code;
use metertap_readings::store::LineSettings;
use metertap_simulator::Model;

use crate::model::port_kinds::{PORT_KINDS, PortKind};
use crate::model::{Action, Actions, PageModel, PortSearch, Serial};
use crate::parts::fault_card::Notice;
use crate::parts::line_form::LineForm;
use crate::parts::switch::Switch;
use crate::texts;

/// The ways to connect a meter.
#[component]
pub fn Connect() -> impl IntoView {
    view! {
        <h1>{texts::connect::title()}</h1>
        <Ports />
        <Bridge />
        <Simulated />
        <File />
    }
}

#[component]
fn Ports() -> impl IntoView {
    let model = expect_context::<PageModel>();
    let actions = expect_context::<Actions>();
    let (every, set_every) = signal(false);
    let able = model.page.serial == Serial::Yes;
    let by_hand = UnsyncCallback::new(move |spoken| {
        actions.run(Action::ChoosePort { spoken, search: None, any_vendor: every.get_untracked() });
    });
    view! {
        <section class="card">
            <h2>{texts::connect::on_this_computer()}</h2>
            <SerialSupport serial=model.page.serial />
            <ul class="choices">
                {PORT_KINDS
                    .iter()
                    .filter(|kind| kind.setting.is_none())
                    .map(|kind| view! { <Port kind every able /> })
                    .collect_view()}
            </ul>
            <details class="kinds">
                <summary>{texts::connect::say_what()}</summary>
                <ul class="choices">
                    {PORT_KINDS
                        .iter()
                        .filter(|kind| kind.setting.is_some())
                        .map(|kind| view! { <Port kind every able /> })
                        .collect_view()}
                </ul>
            </details>
            <details class="kinds">
                <summary>{texts::connect::by_hand()}</summary>
                <LineForm spoken=LineSettings::default() keep=by_hand label=texts::connect::choose_port() disabled=!able />
            </details>
            <Switch name="every-port" on=every turn=move |wanted| set_every.set(wanted) disabled=!able>
                {texts::connect::every_port()}
            </Switch>
            <Outcome />
        </section>
    }
}

#[component]
fn Port(kind: &'static PortKind, every: ReadSignal<bool>, able: bool) -> impl IntoView {
    let actions = expect_context::<Actions>();
    view! {
        <li class="choice">
            <div>
                <h3>{(kind.title)()}</h3>
                <p>{(kind.whose)()}</p>
                <p class="small">
                    {(kind.adapter)()} " "
                    {kind.setting.map(|setting| view! { <span class="obis">{setting.line.to_string()}</span> })}
                </p>
            </div>
            <button
                class:main=kind.setting.is_none()
                data-action="connect"
                data-kind=kind.name
                disabled=!able
                aria-label=texts::connect::choose_port_of(&(kind.title)())
                on:click=move |_| {
                    let (spoken, search) = (kind.spoken(), kind.search);
                    actions.run(Action::ChoosePort { spoken, search, any_vendor: every.get() });
                }
            >
                {texts::connect::choose_port()}
            </button>
        </li>
    }
}

/// Why this page cannot use serial ports; nothing if it can.
#[component]
fn SerialSupport(serial: Serial) -> impl IntoView {
    let code = match serial {
        Serial::Yes => return None,
        Serial::Missing => Code::SerialMissing,
        Serial::Insecure => Code::SerialInsecure,
    };
    Some(view! { <Notice code /> })
}

/// The result of the last attempt to choose a port. Closing the chooser is not an error: it leads to help.
#[component]
fn Outcome() -> impl IntoView {
    let model = expect_context::<PageModel>();
    let outcome = move || match model.port.get() {
        PortSearch::Quiet => EitherOf4::A(()),
        PortSearch::Open => EitherOf4::B(view! { <p>{texts::connect::pick()}</p> }),
        PortSearch::Cancelled => EitherOf4::C(view! {
            <Notice code=Code::SerialNotChosen>
                <Drivers />
            </Notice>
        }),
        PortSearch::Forbidden => EitherOf4::D(view! { <Notice code=Code::SerialForbidden /> }),
        PortSearch::Failed => EitherOf4::D(view! { <Notice code=Code::SerialFailed /> }),
    };
    view! { <div role="status">{outcome}</div> }
}

/// What an operating system may need before it shows an adapter.
#[component]
fn Drivers() -> impl IntoView {
    let [before, command, after] = texts::connect::linux();
    view! {
        <ul>
            <li>
                {texts::connect::windows()} " "
                {DRIVERS
                    .iter()
                    .map(|(chip, address)| {
                        view! {
                            <a href=*address target="_blank" rel="noreferrer">
                                {*chip}
                            </a>
                            " "
                        }
                    })
                    .collect_view()}
            </li>
            <li>
                {before} <code>{command}</code> {after}
            </li>
        </ul>
    }
}

/// A bridge to a serial line elsewhere in the house.
#[component]
fn Bridge() -> impl IntoView {
    let actions = expect_context::<Actions>();
    let address = NodeRef::<Input>::new();
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        if let Some(address) = address.get() {
            actions.run(Action::AddBridge(address.value().trim().to_owned()));
        }
    };
    view! {
        <section class="card">
            <h2>{texts::connect::bridge()}</h2>
            <p>{texts::connect::bridge_what()}</p>
            <form class="settings" on:submit=submit>
                <label>
                    {texts::connect::address()}
                    <input
                        type="text"
                        name="bridge-url"
                        required
                        pattern="wss?://.+"
                        placeholder="ws://192.168.1.20:8080/"
                        autocapitalize="off"
                        autocomplete="off"
                        spellcheck="false"
                        node_ref=address
                    />
                </label>
                <p class="actions">
                    <button type="submit" data-action="bridge">
                        {texts::connect::read_it()}
                    </button>
                </p>
            </form>
            <p class="small">{texts::connect::bridge_line()}</p>
        </section>
    }
}

#[component]
fn Simulated() -> impl IntoView {
    let actions = expect_context::<Actions>();
    view! {
        <section class="card">
            <h2>{texts::connect::simulated()}</h2>
            <p>{texts::connect::simulated_what()}</p>
            <ul class="chips">
                {Model::ALL
                    .iter()
                    .map(|model| {
                        let name = model.name();
                        view! {
                            <li>
                                <button
                                    data-action="simulate"
                                    data-model=name
                                    on:click=move |_| actions.run(Action::Simulate(name))
                                >
                                    {model.title()}
                                </button>
                            </li>
                        }
                    })
                    .collect_view()}
            </ul>
        </section>
    }
}

/// Bytes that were recorded earlier: in a file, or as text.
#[component]
fn File() -> impl IntoView {
    let actions = expect_context::<Actions>();
    let replay = expect_context::<PageModel>().replay;
    let text = NodeRef::<Textarea>::new();
    let read = move |event: SubmitEvent| {
        event.prevent_default();
        let text = text.get().map(|text| text.value()).unwrap_or_default();
        if !text.trim().is_empty() {
            actions.run(Action::OpenText(text));
        }
    };
    view! {
        <section class="card">
            <h2>{texts::connect::recording()}</h2>
            <p>
                {texts::connect::recording_what()}
            </p>
            <label class="button">
                {texts::connect::open_file()}
                <input
                    class="unseen"
                    type="file"
                    multiple
                    data-action="open-file"
                    on:change=move |event| actions.run(Action::OpenFiles(event))
                />
            </label>
            <p class="small">{texts::connect::or_drop()}</p>
            <Switch
                name="paced"
                on=Signal::derive(move || replay.with(|replay| replay.paced))
                turn=move |wanted| replay.update(|replay| replay.paced = wanted)
            >
                {texts::connect::paced()}
            </Switch>
            <Switch
                name="kept"
                on=Signal::derive(move || replay.with(|replay| replay.kept))
                turn=move |wanted| replay.update(|replay| replay.kept = wanted)
            >
                {texts::connect::kept()}
            </Switch>
            <details class="kinds">
                <summary>{texts::connect::paste_hex()}</summary>
                <form class="keys" on:submit=read>
                    <label>
                        {texts::connect::octets()}
                        <textarea
                            name="octets"
                            rows="4"
                            spellcheck="false"
                            autocomplete="off"
                            placeholder="7E A0 …"
                            node_ref=text
                        ></textarea>
                    </label>
                    <button type="submit" data-action="read-text">
                        {texts::connect::read_it()}
                    </button>
                </form>
            </details>
        </section>
    }
}

/// Chips of adapters, and the makers' pages with the drivers.
const DRIVERS: &[(&str, &str)] = &[
    ("CP210x", "https://www.silabs.com/developer-tools/usb-to-uart-bridge-vcp-drivers"),
    ("CH340", "https://www.wch-ic.com/downloads/CH341SER_EXE.html"),
    ("FTDI", "https://ftdichip.com/drivers/vcp-drivers/"),
];
