//! What keeps the page and its log in good order: newer builds, installing, and the browser's word to keep the log.

use std::cell::{Cell, RefCell};
use std::time::Duration;

use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::engine::Engine;
use super::paths::SERVICE_WORKER;
use crate::browser::install::Offer;
use crate::browser::service_worker::{self, Update};
use crate::browser::storage;
use crate::model::{PageModel, Space};

/// What the browser has offered and the person has not taken up yet.
#[derive(Clone)]
pub struct Installation {
    engine: Engine,
    offer: Offer,
    waiting: StoredValue<Option<Update>, LocalStorage>,
}

impl Installation {
    /// Waits for offers, and has the service worker keep the page's files, though not beside the start: it fetches all of
    /// them, and would make a first visit wait.
    #[must_use]
    pub fn begin(model: PageModel, engine: Engine) -> Self {
        let waiting = StoredValue::new_local(None);
        KEEPING.set(Some(Box::new(move || {
            service_worker::register(SERVICE_WORKER, move |update| {
                waiting.set_value(Some(update));
                model.update.set(true);
            });
        })));
        set_timeout(keep_files, LONGEST_START);
        let offer = Offer::wait(move |open| {
            model.install.set(open);
            if !open {
                spawn_local(persist(model));
            }
        });
        Self { engine, offer, waiting }
    }

    /// Opens the browser's question whether to install.
    pub fn install(&self) {
        self.offer.take_up();
    }

    /// Lets go of the ports, so that the next build can open them, and lets it take over.
    pub fn update(&self) {
        self.engine.leave();
        self.waiting.with_value(|update| {
            if let Some(update) = update {
                update.take_over();
            }
        });
    }
}

/// Finds out how much room there is.
pub async fn measure(model: PageModel) {
    let space = storage::space().await;
    model.space.set(space.map(|space| Space {
        used: space.used,
        quota: space.quota,
        persistent: space.persistent,
    }));
}

/// Asks the browser to keep the log.
pub async fn persist(model: PageModel) {
    // Whatever the answer, the next line shows it.
    let _ = storage::persist().await;
    measure(model).await;
}

/// Asks the browser, once, to keep a log that has become worth keeping.
pub fn keep_what_has_grown(model: PageModel) {
    let grown = model.meters.with_untracked(|meters| {
        meters.iter().any(|meter| {
            let first = meter.state.with_untracked(|state| state.first);
            let last = meter.newest.with_untracked(|newest| newest.received);
            first.zip(last).is_some_and(|(first, last)| last.0 - first.0 > WORTH_KEEPING)
        })
    });
    if grown && !ASKED.replace(true) {
        spawn_local(async move {
            let _ = storage::persist_once().await;
        });
    }
}

/// From the first reading on, nobody waits for the network: all files of the page are kept, and all its parts fetched, so
/// that they are there without it.
pub fn keep_all() {
    keep_files();
    if !PARTS.replace(true) {
        service_worker::keep_parts();
    }
}

/// Has the service worker keep the page's files, the first time that this is called.
fn keep_files() {
    if let Some(begin) = KEEPING.take() {
        begin();
    }
}

thread_local! {
    /// Whether this page has asked the browser to keep the log.
    static ASKED: Cell<bool> = const { Cell::new(false) };
    /// What registers the service worker, until it has.
    static KEEPING: RefCell<Option<Box<dyn FnOnce()>>> = const { RefCell::new(None) };
    /// Whether this page has asked for all its parts.
    static PARTS: Cell<bool> = const { Cell::new(false) };
}

/// How long the first reading may take before the page's files are kept all the same.
const LONGEST_START: Duration = Duration::from_secs(10);
/// Milliseconds of readings: an hour.
const WORTH_KEEPING: i64 = 3_600_000;
