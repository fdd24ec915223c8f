//! The window's side of the engine: sends commands to its worker, and turns its events into signals.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use leptos::prelude::*;
use metertap_readings::entry::Moment;
use metertap_readings::fault::Code;
use metertap_readings::store::MeterKey;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;

use super::paths::{ENGINE, SERVICE_WORKER};
use crate::browser::message::Message;
use crate::browser::program::Way;
use crate::browser::worker::{NoWorker, Partner};
use crate::browser::{page, service_worker, storage};
use crate::model::{EngineState, Notice, PageModel, Picture, PictureRequest, Screen, TypedRequest};
use crate::protocol::{Breakdown, Broker, Command, Event, Trouble, VERSION, bytes};

/// The worker, and the questions that it has not answered.
#[derive(Clone)]
pub struct Engine {
    worker: Rc<RefCell<Option<Partner>>>,
    stage: Rc<Cell<Stage>>,
    model: PageModel,
    heard: Listener,
    questions: Questions,
    lookups: LookUps,
    last_question: Rc<Cell<u32>>,
}

/// Receives an event, and the value that came beside it.
type Listener = Rc<dyn Fn(Event, Option<JsValue>)>;

#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
enum Stage {
    #[default]
    Loading,
    /// It is listening, and waits for our greeting.
    Awake,
    Greeted,
}

/// For each question's number, the signal for the answer.
type LookUps = Rc<RefCell<HashMap<u32, RwSignal<Option<Vec<u8>>>>>>;

/// For each question's number, the meter and the span.
type Questions = Rc<RefCell<HashMap<u32, (MeterKey, Moment, Moment)>>>;

impl Engine {
    /// Starts the worker. Its events go to `heard`.
    #[must_use]
    pub fn start(model: PageModel, heard: impl Fn(Event, Option<JsValue>) + 'static) -> Self {
        let engine = Self {
            worker: Rc::default(),
            stage: Rc::default(),
            model,
            heard: Rc::new(heard),
            questions: Questions::default(),
            lookups: LookUps::default(),
            last_question: Rc::default(),
        };
        engine.begin(Way::Inheriting);
        engine
    }

    fn begin(&self, way: Way) {
        self.end();
        let (listening, failing) = (self.clone(), self.clone());
        let heard = move |partner: &Partner, message| listening.hear(way, partner, message);
        match Partner::start(ENGINE, way, heard, move |crashed| failing.fail(way, crashed)) {
            Ok(partner) => drop(self.worker.replace(Some(partner))),
            Err(NoWorker) => self.fail(way, false),
        }
    }

    fn hear(&self, way: Way, partner: &Partner, message: JsValue) {
        let Message { bytes, beside } = Message::of(message);
        match bytes::read(&bytes) {
            Some(Event::Awake { covered }) => {
                self.stage.set(Stage::Awake);
                if covered {
                    self.greet(partner);
                } else {
                    self.hear_of_no_policy(way, partner.clone());
                }
            }
            Some(Event::Series { id, columns }) => {
                if let Some((meter, from, to)) = self.questions.borrow_mut().remove(&id)
                    && let Some(meter) = self.model.meter(&meter)
                {
                    meter.picture.set(Some(Picture { from, to, columns: columns.into() }));
                }
            }
            Some(Event::Answer { id, answer } | Event::Typed { id, answer }) => {
                if let Some(hears) = self.lookups.borrow_mut().remove(&id) {
                    // The screen that asked may be gone by now.
                    hears.try_set(Some(answer));
                }
            }
            Some(event) => (self.heard)(event, beside),
            None => self.model.engine.set(EngineState::Broken(Breakdown::OtherBuild)),
        }
    }

    /// Handles a worker in which the page's policy is not in force. It has done nothing yet and waits for our greeting.
    fn hear_of_no_policy(&self, way: Way, partner: Partner) {
        if way == Way::Inheriting {
            return self.begin(Way::Directly);
        }
        let engine = self.clone();
        spawn_local(async move {
            // Once the service worker answers for this page, its responses bring the policy.
            if service_worker::is_to_be_had(SERVICE_WORKER).await {
                engine.end();
                engine.model.engine.set(EngineState::Broken(Breakdown::Uncovered));
            } else {
                let (code, at) = (Code::EngineUncovered, engine.model.now.get_untracked());
                let trouble =
                    Trouble { code, detail: "no policy came with the engine's script".to_owned(), at };
                engine.model.notices.update(|notices| notices.push(Notice { meter: None, trouble }));
                engine.greet(&partner);
            }
        });
    }

    fn greet(&self, partner: &Partner) {
        self.stage.set(Stage::Greeted);
        if storage::remembered(LEFT).is_some() {
            storage::forget(LEFT);
            say(partner, &Command::LeftWell, None);
        }
        let looks_back = matches!(Screen::of_hash(&page::hash()), Screen::History(_));
        say(partner, &Command::Hello { version: VERSION, looks_back }, None);
    }

    fn end(&self) {
        self.stage.set(Stage::Loading);
        if let Some(partner) = self.worker.take() {
            partner.end();
        }
    }

    fn fail(&self, way: Way, crashed: bool) {
        if way == Way::Inheriting && self.stage.get() == Stage::Loading {
            return self.begin(Way::Directly);
        }
        if crashed {
            // A crashed engine reads no meters, but its write lock would keep all other tabs from reading them.
            self.end();
            return self.model.engine.set(EngineState::Missing);
        }
        // If the engine fails later, the cards show that the meters send nothing more.
        self.model.engine.update(|engine| {
            if *engine == EngineState::Starting {
                *engine = EngineState::Missing;
            }
        });
    }

    /// Called when the page is being closed. The stored entry outlives the page; a message to the engine may no longer
    /// arrive.
    pub fn leave(&self) {
        storage::remember(LEFT, "yes");
        self.send(&Command::Goodbye);
    }

    /// Sends a command to the engine.
    pub fn send(&self, command: &Command) {
        self.send_beside(command, None);
    }

    /// Sends a command, with a value beside it that only the browser can carry: a file's handle.
    pub fn send_beside(&self, command: &Command, beside: Option<JsValue>) {
        if let Command::Forward { broker } = command {
            let known = broker.clone().map(|broker| Broker { password: String::new(), ..broker });
            self.model.broker.set(known);
        }
        // Nothing may start the engine before the greeting, so earlier commands are dropped.
        if let Some(partner) = &*self.worker.borrow()
            && self.stage.get() == Stage::Greeted
        {
            say(partner, command, beside);
        }
    }

    /// Looks something up in a meter's history. The signal receives the answer.
    pub fn look_up(&self, meter: MeterKey, question: Vec<u8>, answer: RwSignal<Option<Vec<u8>>>) {
        let id = self.next_question();
        self.lookups.borrow_mut().insert(id, answer);
        self.send(&Command::Question { id, meter, question });
    }

    /// Looks up a meter's predictions. The signal receives the answer.
    pub fn look_ahead(&self, meter: MeterKey, question: Vec<u8>, answer: RwSignal<Option<Vec<u8>>>) {
        let id = self.next_question();
        self.lookups.borrow_mut().insert(id, answer);
        self.send(&Command::Ahead { id, meter, question });
    }

    /// Stores a counter reading that the user typed, or removes one. The signal receives the answer.
    pub fn keep_position(&self, position: TypedRequest, answer: RwSignal<Option<Vec<u8>>>) {
        let id = self.next_question();
        self.lookups.borrow_mut().insert(id, answer);
        let TypedRequest { meter, name, typing } = position;
        self.send(&Command::Type { id, meter, name, typing });
    }

    fn next_question(&self) -> u32 {
        let id = self.last_question.get().wrapping_add(1);
        self.last_question.set(id);
        id
    }

    /// Asks for a curve. The answer goes to the meter's `picture`.
    pub fn draw(&self, wanted: PictureRequest) {
        let id = self.next_question();
        let (from, to) = (Moment(wanted.to - wanted.span), Moment(wanted.to));
        let mut questions = self.questions.borrow_mut();
        // Only the newest curve of a meter is still wanted.
        questions.retain(|_, (meter, ..)| *meter != wanted.meter);
        questions.insert(id, (wanted.meter.clone(), from, to));
        self.send(&Command::Series { id, meter: wanted.meter, from, to, columns: wanted.columns });
    }
}

/// The name of the stored entry that records that the page was closed properly.
const LEFT: &str = "left";

fn say(partner: &Partner, command: &Command, beside: Option<JsValue>) {
    partner.send(&Message { bytes: bytes::write(command), beside }.to_js());
}
