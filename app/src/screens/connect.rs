//! Connects another meter: through a port, simulated, or from a file.

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

/// The ways to connect a meter.
#[component]
pub fn Connect() -> impl IntoView {
    view! {
        <h1>"Connect"</h1>
        <Ports />
        <Bridge />
        <Simulated />
        <File />
    }
}

/// A button for each kind of port, and the result of the last attempt.
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
            <h2>"A meter on this computer"</h2>
            <SerialSupport serial=model.page.serial />
            <ul class="choices">
                {PORT_KINDS
                    .iter()
                    .filter(|kind| kind.setting.is_none())
                    .map(|kind| view! { <Port kind every able /> })
                    .collect_view()}
            </ul>
            <details class="kinds">
                <summary>"Or say what it is"</summary>
                <ul class="choices">
                    {PORT_KINDS
                        .iter()
                        .filter(|kind| kind.setting.is_some())
                        .map(|kind| view! { <Port kind every able /> })
                        .collect_view()}
                </ul>
            </details>
            <details class="kinds">
                <summary>"Or set the line by hand"</summary>
                <LineForm spoken=LineSettings::default() keep=by_hand label="Choose port" disabled=!able />
            </details>
            <Switch name="every-port" on=every turn=move |wanted| set_every.set(wanted) disabled=!able>
                "Show every port, not only USB adapters of the usual makers"
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
                <h4>{kind.title}</h4>
                <p>{kind.whose} "."</p>
                <p class="small">
                    {kind.adapter} ". "
                    {kind.setting.map(|setting| view! { <span class="obis">{setting.line.to_string()}</span> })}
                </p>
            </div>
            <button
                class:main=kind.setting.is_none()
                data-action="connect"
                data-kind=kind.name
                disabled=!able
                aria-label=format!("Choose the port: {}", kind.title)
                on:click=move |_| {
                    let (spoken, search) = (kind.spoken(), kind.search);
                    actions.run(Action::ChoosePort { spoken, search, any_vendor: every.get() });
                }
            >
                "Choose port"
            </button>
        </li>
    }
}

/// Why there are no ports at all, if there are none.
#[component]
fn SerialSupport(serial: Serial) -> impl IntoView {
    let code = match serial {
        Serial::Yes => return None,
        Serial::Missing => Code::SerialMissing,
        Serial::Insecure => Code::SerialInsecure,
    };
    Some(view! { <Notice code /> })
}

/// The result of the last time that a port was to be chosen. Closing the chooser is not an error: it leads to help.
#[component]
fn Outcome() -> impl IntoView {
    let model = expect_context::<PageModel>();
    let outcome = move || match model.port.get() {
        PortSearch::Quiet => EitherOf4::A(()),
        PortSearch::Open => EitherOf4::B(view! { <p>"Pick the adapter in the browser's list."</p> }),
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
    view! {
        <ul>
            <li>
                "Windows: drivers for "
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
                "Linux: be in the group that owns the port, " <code>"sudo usermod -aG dialout $USER"</code>
                " (" <code>"uucp"</code> " on Arch), then log in anew. A browser from Snap or Flatpak also needs the "
                "permission for serial devices."
            </li>
        </ul>
    }
}

/// A serial line elsewhere in the house.
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
            <h2>"A bridge in the house"</h2>
            <p>"A Wi-Fi or Ethernet adapter that hands the meter's octets over through a WebSocket, in both directions."</p>
            <form class="settings" on:submit=submit>
                <label>
                    "Its address"
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
                        "Read it"
                    </button>
                </p>
            </form>
            <p class="small">"Speed and parity are set in the bridge. What speaks there is found out."</p>
        </section>
    }
}

/// A button for each simulated meter.
#[component]
fn Simulated() -> impl IntoView {
    let actions = expect_context::<Actions>();
    view! {
        <section class="card">
            <h2>"A simulated meter"</h2>
            <p>"A household that never existed, sent and decoded octet by octet as from a real port."</p>
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
            <h2>"A recording"</h2>
            <p>
                "What went over a meter's line, in a file: recorded here, raw, or as hex text. The protocol is found out by \
                 decoding."
            </p>
            <label class="button">
                "Open a file"
                <input
                    class="unseen"
                    type="file"
                    multiple
                    data-action="open-file"
                    on:change=move |event| actions.run(Action::OpenFiles(event))
                />
            </label>
            <p class="small">"Or drop it anywhere on this page."</p>
            <Switch
                name="paced"
                on=Signal::derive(move || replay.with(|replay| replay.paced))
                turn=move |wanted| replay.update(|replay| replay.paced = wanted)
            >
                "Play it as slowly as it was recorded"
            </Switch>
            <Switch
                name="kept"
                on=Signal::derive(move || replay.with(|replay| replay.kept))
                turn=move |wanted| replay.update(|replay| replay.kept = wanted)
            >
                "Keep its readings when the page is closed"
            </Switch>
            <details class="kinds">
                <summary>"Or paste hex text"</summary>
                <form class="keys" on:submit=read>
                    <label>
                        "Octets of a telegram"
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
                        "Read it"
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
