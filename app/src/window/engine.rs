//! The engine as the window sees it: commands go to its worker, events come back and become signals.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use leptos::prelude::*;
use metertap_readings::entry::Moment;
use metertap_readings::store::MeterKey;
use serde::Serialize;
use wasm_bindgen::{JsCast, JsValue};

use super::exports::Exports;
use super::{reduce, upkeep};
use crate::browser::locale;
use crate::browser::worker::Partner;
use crate::parts::live_chart::Picture;
use crate::protocol::{Breakdown, Broker, Command, Event, VERSION};
use crate::screens::shown::{EngineState, Shown};
use crate::screens::wishes::Look;

/// The worker, and the questions that it has not answered.
#[derive(Clone)]
pub struct Engine {
    partner: Option<Partner>,
    shown: Shown,
    questions: Questions,
    last_question: Rc<Cell<u32>>,
}

/// By number: at which meter, from when to when.
type Questions = Rc<RefCell<HashMap<u32, (MeterKey, Moment, Moment)>>>;

impl Engine {
    /// Starts the worker. What it says ends up in `shown`.
    #[must_use]
    pub fn start(shown: Shown, exports: Exports) -> Self {
        let questions = Questions::default();
        let asked = Rc::clone(&questions);
        let heard = move |partner: &Partner, message: JsValue| {
            let (message, beside) = unpack(message);
            match serde_wasm_bindgen::from_value(message) {
                Ok(Event::Awake) => {
                    say(partner, &Command::Hello { version: VERSION, zone: locale::zone() }, None);
                }
                Ok(Event::Series { id, columns }) => {
                    if let Some((meter, from, to)) = asked.borrow_mut().remove(&id)
                        && let Some(meter) = shown.meter(&meter)
                    {
                        meter.picture.set(Some(Picture { from, to, columns }));
                    }
                }
                Ok(event) => {
                    exports.hear(&event, beside);
                    reduce::take(shown, event);
                    upkeep::keep_what_has_grown(shown);
                }
                Err(_) => shown.engine.set(EngineState::Broken(Breakdown::OtherBuild)),
            }
        };
        let failed = move || {
            // An error of a later day is told by the meters' own states.
            shown.engine.update(|engine| {
                if *engine == EngineState::Starting {
                    *engine = EngineState::Missing;
                }
            });
        };
        let partner = Partner::start(LOADER, heard, failed).ok();
        if partner.is_none() {
            shown.engine.set(EngineState::Missing);
        }
        Self { partner, shown, questions, last_question: Rc::default() }
    }

    /// Says something to the engine.
    pub fn send(&self, command: &Command) {
        self.send_beside(command, None);
    }

    /// Says something, with a thing beside it that only the browser can carry: a file's handle.
    pub fn send_beside(&self, command: &Command, beside: Option<JsValue>) {
        if let Command::Forward { broker } = command {
            let known = broker.clone().map(|broker| Broker { password: String::new(), ..broker });
            self.shown.broker.set(known);
        }
        if let Some(partner) = &self.partner {
            say(partner, command, beside);
        }
    }

    /// Asks for a picture; the answer goes to the meter's `picture`.
    pub fn look(&self, look: Look) {
        let id = self.last_question.get().wrapping_add(1);
        self.last_question.set(id);
        let (from, to) = (Moment(look.to - look.span), Moment(look.to));
        let mut questions = self.questions.borrow_mut();
        // Only the newest question about a meter is still of interest.
        questions.retain(|_, (meter, ..)| *meter != look.meter);
        questions.insert(id, (look.meter.clone(), from, to));
        self.send(&Command::Series { id, meter: look.meter, from, to, columns: look.columns });
    }
}

/// A message is an event, or an array of an event and what comes beside it.
fn unpack(message: JsValue) -> (JsValue, Option<JsValue>) {
    match message.dyn_into::<js_sys::Array>() {
        Ok(pair) => (pair.get(0), Some(pair.get(1))),
        Err(message) => (message, None),
    }
}

fn say(partner: &Partner, command: &Command, beside: Option<JsValue>) {
    let form = serde_wasm_bindgen::Serializer::json_compatible().serialize_bytes_as_arrays(false);
    // Commands are plain data and always have a form.
    let Ok(message) = command.serialize(&form) else { return };
    match beside {
        None => partner.send(&message),
        Some(beside) => partner.send(&js_sys::Array::of2(&message, &beside)),
    }
}

/// Trunk writes this module; it loads the engine.
const LOADER: &str = "./engine_loader.js";
