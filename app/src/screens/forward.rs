//! The broker that readings go to.

use leptos::ev::SubmitEvent;
use leptos::html::Input;
use leptos::prelude::*;

use super::shown::{EngineState, Shown};
use super::wishes::Wishes;
use crate::parts::age::Age;
use crate::parts::fault_card::FaultCard;
use crate::parts::place::Place;
use crate::protocol::{Broker, Command};
use metertap_readings::figure::grouped;

/// Where to, and how it goes. Off until the person says otherwise.
#[component]
pub fn Forward() -> impl IntoView {
    let shown = expect_context::<Shown>();
    // Before that nobody knows which broker the form should begin with.
    let ready = Memo::new(move |_| shown.engine.get() == EngineState::Ready);
    view! {
        <h1>"Forward"</h1>
        <ForwardStatus />
        <Show when=move || ready.get()>
            <BrokerForm />
        </Show>
    }
}

/// How forwarding goes.
#[component]
fn ForwardStatus() -> impl IntoView {
    let shown = expect_context::<Shown>();
    let place = Place::here();
    let state = Memo::new(move |_| {
        match (shown.broker.with(Option::is_some), shown.forward.with(|forward| forward.connected)) {
            (false, _) => "off",
            (true, true) => "connected",
            (true, false) => "connecting",
        }
    });
    let words = move || {
        let url = shown.broker.with(|broker| broker.as_ref().map(|b| b.url.clone()).unwrap_or_default());
        match (state.get(), shown.forward.with(|forward| forward.version)) {
            ("connected", Some(5)) => format!("Connected to {url}, MQTT 5."),
            ("connected", Some(4)) => format!("Connected to {url}, MQTT 3.1.1."),
            ("connected", _) => format!("Connected to {url}."),
            ("connecting", _) => format!("Connecting to {url}. Readings wait in the log until it answers."),
            _ => "Readings go nowhere. Give the address of an MQTT broker to change that.".to_owned(),
        }
    };
    let waiting = Memo::new(move |_| shown.forward.with(|forward| forward.waiting));
    let acknowledged = Memo::new(move |_| shown.forward.with(|forward| forward.acknowledged));
    let trouble = Memo::new(move |_| shown.forward.with(|forward| forward.trouble.clone()));
    view! {
        <section class="card" data-forward=state>
            <p role="status">
                <span class="lamp" aria-hidden="true"></span>
                {words}
            </p>
            <Show when=move || state.get() != "off">
                <dl class="counts">
                    <div>
                        <dt>"Readings waiting"</dt>
                        <dd data-count="waiting" data-value=move || waiting.get().to_string()>
                            {move || grouped(&waiting.get().to_string(), place.decimal_mark)}
                        </dd>
                    </div>
                    <div>
                        <dt>"Last acknowledged"</dt>
                        <dd>
                            <Show when=move || acknowledged.get().is_some() fallback=|| "not yet">
                                <Age at=acknowledged now=shown.now />
                            </Show>
                        </dd>
                    </div>
                </dl>
                <FaultCard trouble />
            </Show>
        </section>
    }
}

/// The broker's address and what it wants to know.
#[component]
fn BrokerForm() -> impl IntoView {
    let shown = expect_context::<Shown>();
    let wishes = expect_context::<Wishes>();
    let fields: [NodeRef<Input>; 4] = std::array::from_fn(|_| NodeRef::new());
    let [url, user, password, base] = fields;
    let known = shown.broker.get_untracked().unwrap_or_default();
    let typed = RwSignal::new(known.url.clone());
    let warning = move || typed.with(|url| warning(url, shown.page.https));
    let save = move |event: SubmitEvent| {
        event.prevent_default();
        let [url, user, password, base] =
            [url, user, password, base].map(|field| field.get().map(|f| f.value()).unwrap_or_default());
        let base = if base.trim().is_empty() { BASE.to_owned() } else { base.trim().to_owned() };
        let broker = Broker { url: url.trim().to_owned(), user, password, base };
        wishes.command.run(Command::Forward { broker: Some(broker) });
    };
    let stop = move |_| wishes.command.run(Command::Forward { broker: None });
    let start = if known.base.is_empty() { BASE.to_owned() } else { known.base };
    view! {
        <form class="card fields" on:submit=save>
            <h2>"Broker"</h2>
            <label>
                "Address"
                <input
                    type="url"
                    name="broker-url"
                    required
                    pattern="wss?://.+"
                    placeholder="ws://192.168.1.5:9001"
                    node_ref=url
                    value=known.url
                    on:input=move |event| typed.set(event_target_value(&event))
                />
            </label>
            <p class="notice" hidden=move || warning().is_none()>
                {warning}
            </p>
            <label>
                "User" <input type="text" name="broker-user" autocomplete="off" node_ref=user value=known.user />
            </label>
            <label>
                "Password"
                <input type="password" name="broker-password" autocomplete="off" node_ref=password />
            </label>
            <p class="small">
                "The password is kept in this browser's storage, readable to whoever can use this browser, so that
                forwarding goes on after a restart. It is sent to the broker and nowhere else, and no file has it. Type it
                again whenever you change something here."
            </p>
            <label>
                "Topics begin with" <input type="text" name="broker-base" node_ref=base value=start />
            </label>
            <p class="actions">
                <button type="submit" class="main" data-action="forward-save">
                    "Forward readings"
                </button>
                <Show when=move || shown.broker.with(Option::is_some)>
                    <button type="button" data-action="forward-stop" on:click=stop>
                        "Stop forwarding"
                    </button>
                </Show>
            </p>
        </form>
    }
}

/// What a browser will make of this address, said before it is tried.
fn warning(url: &str, https: bool) -> Option<&'static str> {
    let url = url.trim();
    let begun = |scheme: &str| scheme.starts_with(url) || url.starts_with(scheme);
    let Some(rest) = url.strip_prefix("ws://") else {
        return (!begun("ws://") && !begun("wss://")).then_some(NO_WEB_SOCKET);
    };
    let host = if rest.starts_with('[') { "[" } else { rest.split(['/', ':']).next().unwrap_or_default() };
    let own = matches!(host, "" | "localhost" | "127.0.0.1") || rest.starts_with("[::1]");
    if !https || own {
        return None;
    }
    let literal = host == "[" || host.split('.').all(|part| part.parse::<u8>().is_ok());
    Some(if literal || host.ends_with(".local") { OWN_NETWORK } else { MIXED_CONTENT })
}

const NO_WEB_SOCKET: &str = "Browsers speak MQTT only through a WebSocket, at an address that begins with ws:// or \
    wss://. Ask your broker for a websockets listener.";
const OWN_NETWORK: &str = "This page came over https, and ws:// is not. Chrome and Edge from version 147 ask you once for \
    permission to reach your own network; other browsers refuse. With wss://, or this page opened as http://localhost, \
    all of them connect.";
const MIXED_CONTENT: &str = "This page came over https, and browsers do not let such a page connect to ws:// at a name. \
    Give the broker's address in numbers, use wss://, or open this page as http://localhost.";
const BASE: &str = "meters";
