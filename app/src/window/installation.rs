//! What keeps the page and its log in good order: newer builds, installing, and the browser's word to keep the log.

use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::engine::Engine;
use super::paths::SERVICE_WORKER;
use crate::browser::install::Offer;
use crate::browser::service_worker::{self, Update};
use crate::browser::storage;
use crate::model::{PageModel, Space};
use crate::protocol::Command;

/// What the browser has offered and the person has not taken up yet.
#[derive(Clone)]
pub struct Installation {
    engine: Engine,
    offer: Offer,
    waiting: StoredValue<Option<Update>, LocalStorage>,
}

impl Installation {
    /// Registers the service worker and waits for offers.
    #[must_use]
    pub fn begin(model: PageModel, engine: Engine) -> Self {
        let waiting = StoredValue::new_local(None);
        service_worker::register(SERVICE_WORKER, move |update| {
            waiting.set_value(Some(update));
            model.update.set(true);
        });
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
        self.engine.send(&Command::Goodbye);
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

/// From the first reading on, nobody waits for the network: all parts of the page are fetched, so that they are there
/// without it.
pub fn keep_parts() {
    if !PARTS.replace(true) {
        service_worker::keep_parts();
    }
}

thread_local! {
    /// Whether this page has asked the browser to keep the log.
    static ASKED: std::cell::Cell<bool> = const { std::cell::Cell::new(false) };
    /// Whether this page has asked for all its parts.
    static PARTS: std::cell::Cell<bool> = const { std::cell::Cell::new(false) };
}

/// Milliseconds of readings: an hour.
const WORTH_KEEPING: i64 = 3_600_000;
