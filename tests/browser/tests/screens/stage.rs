//! A screen in a real page, with events as input, and sample data of meters.

use leptos::mount::mount_to;
use leptos::prelude::*;
use metertap_app::browser::clock;
use metertap_app::model::{Action, Actions, CardParts, Effect, Page, PageModel, Serial, apply, tell};
use metertap_app::protocol::{Command, Event, Row};
use metertap_app::screens::contract::Contract;
use metertap_app::screens::meter_details::MeterDetails;
use metertap_app::screens::meter_help::MeterHelp;
use metertap_app::texts;
use metertap_app::window::services::{draw, services};
use metertap_readings::entry::{Entry, Moment};
use serde_json::{Value, json};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

/// A screen in its own element.
pub(crate) struct Stage {
    pub(crate) model: PageModel,
    pub(crate) commands: RwSignal<Vec<Command>>,
    pub(crate) element: HtmlElement,
}

impl Stage {
    pub(crate) fn mount<V: IntoView + 'static>(https: bool, screen: impl FnOnce() -> V + 'static) -> Self {
        let document = web_sys::window().unwrap().document().unwrap();
        let element: HtmlElement = document.create_element("div").unwrap().unchecked_into();
        document.body().unwrap().append_child(&element).unwrap();
        // There is no server that texts could be fetched from.
        texts::put_english();
        let made = std::rc::Rc::new(std::cell::RefCell::new(None));
        let keep = std::rc::Rc::clone(&made);
        mount_to(element.clone(), move || {
            let model = PageModel::new(Page { https, serial: Serial::Yes, folders: true }, Moment(NOW));
            let commands = RwSignal::new(Vec::new());
            provide_context(model);
            provide_context(actions(commands));
            let card = CardParts {
                tiles: |_| Box::pin(async { Ok(().into_any()) }),
                ahead: |_| Box::pin(async { Ok(().into_any()) }),
                outlook: |_| Box::pin(async { Ok(().into_any()) }),
                details: |meter| Box::pin(async { Ok(view! { <MeterDetails meter /> }.into_any()) }),
                contract: |meter| Box::pin(async { Ok(view! { <Contract meter /> }.into_any()) }),
                help: |meter| Box::pin(async { Ok(view! { <MeterHelp meter /> }.into_any()) }),
            };
            provide_context(services(
                |surface, drawing| draw(surface, &drawing),
                card,
                || Box::pin(async { Ok(().into_any()) }),
            ));
            keep.replace(Some((model, commands)));
            screen()
        })
        .forget();
        let (model, commands) = made.take().unwrap();
        Self { model, commands, element }
    }

    pub(crate) fn hear(&self, event: Value) {
        if let Effect::Reading(meter) = apply(self.model, serde_json::from_value::<Event>(event).unwrap()) {
            // The tests do not wait for the next frame.
            tell(&meter);
        }
    }

    pub(crate) fn find(&self, selector: &str) -> Option<Element> {
        self.element.query_selector(selector).unwrap()
    }

    /// Waits until an attribute of the element that the selector finds has this value. The page applies changes of
    /// signals with a delay.
    pub(crate) async fn wait(&self, selector: &str, attribute: &str, value: &str) {
        let seen = || self.find(selector).and_then(|element| element.get_attribute(attribute));
        for _ in 0..200 {
            if seen().as_deref() == Some(value) {
                return;
            }
            clock::sleep(10).await;
        }
        panic!("{selector} has {attribute} {:?}, not {value:?}", seen());
    }
}

fn actions(commands: RwSignal<Vec<Command>>) -> Actions {
    Actions::new(move |action| {
        if let Action::Send(command) = action {
            commands.update(|all| all.push(command));
        }
    })
}

pub(crate) fn meter(source: &str, newest: Value) -> Value {
    json!({
        "record": {
            "key": "kaifa-1", "name": "", "identification": null, "topic": null, "reading": true,
            "source": {"from": "simulated", "model": "kaifa-ma304h3e", "seed": 7},
        },
        "source": source, "interval": 2000, "first": null, "trouble": null, "trying": null, "keyed": false, "newest": newest,
        "counts": {
            "octets": 512, "telegrams": 3, "checksum_failures": 1, "other_faults": 0, "noise": 17, "line_errors": 0,
        },
    })
}

pub(crate) fn entry(seq: u64, received: i64, values: Value) -> Value {
    json!({
        "v": 1, "meter": null, "protocol": "dlms-hdlc", "time": null, "integrity": "checked",
        "values": values, "received": Moment(received).to_string(), "seq": seq,
    })
}

/// An entry as it is sent to the window.
pub(crate) fn row(entry: &Value) -> Row {
    Row::of(&serde_json::from_value::<Entry>(entry.clone()).unwrap())
}

/// The event with all meters and the newest entries of each.
pub(crate) fn ready(meters: Value) -> Value {
    let newest = |meter: &Value| {
        let rows: Vec<Row> = meter["newest"].as_array().unwrap().iter().map(row).collect();
        json!([meter["record"]["key"], rows])
    };
    let newest: Vec<Value> = meters.as_array().unwrap().iter().map(newest).collect();
    let version = metertap_app::protocol::VERSION;
    json!({"ready": {
        "version": version, "meters": meters, "newest": newest, "broker": null, "watching": false,
    }})
}

/// A moment in November 2026.
pub(crate) const NOW: i64 = 1_795_224_610_000;
