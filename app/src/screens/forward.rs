//! The broker that readings go to.

use leptos::ev::SubmitEvent;
use leptos::html::Input;
use leptos::prelude::*;
use metertap_readings::broker::address::{host, objection};
use metertap_readings::view::figure::grouped;

use crate::model::{Actions, EngineState, Locale, PageModel};
use crate::parts::age::Age;
use crate::parts::fault_card::FaultCard;
use crate::protocol::{Broker, Command};
use crate::texts::{self, fault_words};

/// The broker and the state of forwarding. Forwarding is off until the user switches it on.
#[component]
pub fn Forward() -> impl IntoView {
    let model = expect_context::<PageModel>();
    // Until the engine is ready, it is unknown which broker the form should start with.
    let ready = Memo::new(move |_| model.engine.get() == EngineState::Ready);
    view! {
        <h1>{texts::forward::title()}</h1>
        <ForwardStatus />
        <Show when=move || ready.get()>
            <BrokerForm />
        </Show>
    }
}

#[component]
fn ForwardStatus() -> impl IntoView {
    let model = expect_context::<PageModel>();
    let locale = Locale::of_context();
    let state = Memo::new(move |_| {
        let is_on = model.broker.with(|broker| broker.as_ref().is_some_and(|broker| broker.on));
        match (is_on, model.forward.with(|forward| forward.connected)) {
            (false, _) => "off",
            (true, true) => "connected",
            (true, false) => "connecting",
        }
    });
    let words = move || {
        let url = model.broker.with(|broker| broker.as_ref().map(|b| b.url.clone()).unwrap_or_default());
        match (state.get(), model.forward.with(|forward| forward.version)) {
            ("connected", Some(5)) => texts::forward::connected_5(&url),
            ("connected", Some(4)) => texts::forward::connected_4(&url),
            ("connected", _) => texts::forward::connected(&url),
            ("connecting", _) => texts::forward::connecting(&url),
            _ => texts::forward::nowhere().to_owned(),
        }
    };
    let waiting = Memo::new(move |_| model.forward.with(|forward| forward.waiting));
    let acknowledged = Memo::new(move |_| model.forward.with(|forward| forward.acknowledged));
    let trouble = Memo::new(move |_| model.forward.with(|forward| forward.trouble.clone()));
    view! {
        <section class="card" data-forward=state>
            <p role="status">
                <span class="lamp" aria-hidden="true"></span>
                {words}
            </p>
            <Show when=move || state.get() != "off">
                <dl class="counts">
                    <div>
                        <dt>{texts::forward::waiting()}</dt>
                        <dd data-count="waiting" data-value=move || waiting.get().to_string()>
                            {move || grouped(&waiting.get().to_string(), locale.decimal_mark)}
                        </dd>
                    </div>
                    <div>
                        <dt>{texts::forward::acknowledged()}</dt>
                        <dd>
                            <Show when=move || acknowledged.get().is_some() fallback=|| texts::forward::not_yet()>
                                <Age at=acknowledged now=model.now />
                            </Show>
                        </dd>
                    </div>
                </dl>
                <FaultCard trouble />
            </Show>
            <Waiting />
        </section>
    }
}

/// A broker that waits for the user to switch it on: its address came from a file, or the page ended twice in a row
/// while it forwarded to the broker.
#[component]
fn Waiting() -> impl IntoView {
    let model = expect_context::<PageModel>();
    let actions = expect_context::<Actions>();
    let waiting = Memo::new(move |_| model.broker.get().filter(|broker| !broker.on));
    let card = move |broker: Broker| {
        let from = broker.from.clone().unwrap_or_default();
        let words = match &broker.from {
            Some(from) => texts::forward::from_file(from, &broker.url, &host(&broker.url)),
            None => texts::forward::ended_twice(&broker.url, &host(&broker.url)),
        };
        // Switches on the broker that is shown here, even if the engine has another one by now.
        let on = move |_| {
            let broker = Broker { on: true, from: None, ..broker.clone() };
            actions.send(Command::Forward { broker: Some(broker) });
        };
        view! {
            <section class="notice" data-broker-from=from>
                <p>{words}</p>
                <p class="actions">
                    <button class="main" data-action="forward-on" on:click=on>
                        {texts::forward::switch_on()}
                    </button>
                </p>
            </section>
        }
    };
    view! { {move || waiting.get().map(card)} }
}

#[component]
fn BrokerForm() -> impl IntoView {
    let model = expect_context::<PageModel>();
    let actions = expect_context::<Actions>();
    let fields: [NodeRef<Input>; 4] = std::array::from_fn(|_| NodeRef::new());
    let [url, user, password, base] = fields;
    let known = model.broker.get_untracked().unwrap_or_default();
    let typed = RwSignal::new(known.url.clone());
    let warning = move || typed.with(|url| objection(url, model.page.https));
    let warned = move || {
        let words = fault_words(warning().as_ref()?);
        Some(format!("{} {}", words.means, words.todo))
    };
    let save = move |event: SubmitEvent| {
        event.prevent_default();
        let [url, user, password, base] =
            [url, user, password, base].map(|field| field.get().map(|f| f.value()).unwrap_or_default());
        let base = if base.trim().is_empty() { BASE.to_owned() } else { base.trim().to_owned() };
        let broker = Broker { url: url.trim().to_owned(), user, password, base, on: true, from: None };
        actions.send(Command::Forward { broker: Some(broker) });
    };
    let is_on = move || model.broker.with(|broker| broker.as_ref().is_some_and(|broker| broker.on));
    let stop = move |_| actions.send(Command::Forward { broker: None });
    let start = if known.base.is_empty() { BASE.to_owned() } else { known.base };
    view! {
        <form class="card fields" on:submit=save>
            <h2>{texts::forward::broker()}</h2>
            <label>
                {texts::forward::address()}
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
            <p class="notice" data-trouble=move || warning().map(|code| code.to_string()) hidden=move || warning().is_none()>
                {warned}
            </p>
            <label>
                {texts::forward::user()} <input type="text" name="broker-user" autocomplete="off" node_ref=user value=known.user />
            </label>
            <label>
                {texts::forward::password()}
                <input type="password" name="broker-password" autocomplete="off" node_ref=password />
            </label>
            <p class="small">
                {texts::forward::password_kept()}
            </p>
            <label>
                {texts::forward::topics()} <input type="text" name="broker-base" node_ref=base value=start />
            </label>
            <p class="actions">
                <button type="submit" class="main" data-action="forward-save">
                    {texts::forward::begin()}
                </button>
                <Show when=move || model.broker.with(Option::is_some)>
                    <button type="button" data-action="forward-stop" on:click=stop>
                        {move || if is_on() { texts::forward::stop() } else { texts::forward::forget() }}
                    </button>
                </Show>
            </p>
        </form>
    }
}

const BASE: &str = "meters";
