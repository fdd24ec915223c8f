//! Maintains the page and its log: newer builds, installing, and the browser's promise to keep the log.

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

/// The browser's offers that the user has not accepted yet.
#[derive(Clone)]
pub struct Installation {
    engine: Engine,
    offer: Offer,
    waiting: StoredValue<Option<Update>, LocalStorage>,
}

impl Installation {
    /// Listens for offers, and lets the service worker store the page's files. The files are stored only after the
    /// start, because fetching all of them would slow down a first visit.
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

    /// Opens the browser's install prompt.
    pub fn install(&self) {
        self.offer.take_up();
    }

    /// Releases the ports, so that the next build can open them, and lets that build take over.
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
    // `measure` reads the answer and shows it.
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

/// Stores the page's files and fetches all its parts, so that they work without a network. Called after each reading,
/// when nothing more urgent waits for the network. Only the first call has an effect.
pub fn keep_all() {
    keep_files();
    if !PARTS.replace(true) {
        service_worker::keep_parts();
    }
}

fn keep_files() {
    if let Some(begin) = KEEPING.take() {
        begin();
    }
}

thread_local! {
    static ASKED: Cell<bool> = const { Cell::new(false) };
    /// Registers the service worker; empty once that has happened.
    static KEEPING: RefCell<Option<Box<dyn FnOnce()>>> = const { RefCell::new(None) };
    static PARTS: Cell<bool> = const { Cell::new(false) };
}

/// How long the first reading may take before the page's files are stored anyway.
const LONGEST_START: Duration = Duration::from_secs(10);
/// Milliseconds of readings that are worth keeping: an hour.
const WORTH_KEEPING: i64 = 3_600_000;
