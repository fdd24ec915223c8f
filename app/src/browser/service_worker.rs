//! Registers the service worker, and lets a newer build take over.

use std::pin::pin;

use futures_util::future::{Either, select};
use js_sys::Promise;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{ServiceWorker, ServiceWorkerContainer, ServiceWorkerRegistration, ServiceWorkerState};

use super::clock::sleep;

/// Registers the service worker at `url`, and calls `waiting` whenever a newer one has been fetched and waits.
///
/// If the browser has no service workers, or the page may not use one, this does nothing.
pub fn register(url: &'static str, waiting: impl Fn(Update) + Clone + 'static) {
    let Some(container) = container() else { return };
    spawn_local(async move {
        let Ok(registration) = JsFuture::from(container.register(url)).await else { return };
        let registration: ServiceWorkerRegistration = registration.unchecked_into();
        if let Some(update) = registration.waiting()
            && container.controller().is_some()
        {
            waiting(Update(update));
        }
        watch(&registration, waiting);
    });
}

/// Whether loading the page again would put it under a service worker from `url`. `false` if one controls the page
/// already, if the browser allows none, if the host does not deliver it within half a minute, or if it is not installed
/// within five minutes. Installing fetches all files of the page again, which takes minutes on a slow line.
pub async fn is_to_be_had(url: &str) -> bool {
    let Some(container) = container().filter(|container| container.controller().is_none()) else {
        return false;
    };
    let registered = JsFuture::from(container.register(url));
    let Either::Left((Ok(registration), _)) = select(pin!(registered), pin!(sleep(PATIENCE))).await else {
        return false;
    };
    let registration: ServiceWorkerRegistration = registration.unchecked_into();
    match registration.installing().or_else(|| registration.waiting()) {
        Some(worker) => {
            let (installed, late) = (is_installed(&worker), sleep(INSTALLING));
            matches!(select(pin!(installed), pin!(late)).await, Either::Left((true, _)))
        }
        None => registration.active().is_some(),
    }
}

/// Waits until the service worker is installed or has failed; `true` if it is installed.
async fn is_installed(worker: &ServiceWorker) -> bool {
    loop {
        match worker.state() {
            ServiceWorkerState::Installing => {}
            ServiceWorkerState::Redundant => return false,
            _ => return true,
        }
        let changed = Promise::new(&mut |resolve, _| {
            // Once resolved, resolving again does nothing.
            drop(worker.add_event_listener_with_callback("statechange", &resolve));
        });
        if JsFuture::from(changed).await.is_err() {
            return false;
        }
    }
}

/// Tells the service worker to store those parts of the page that were not fetched yet.
pub fn keep_parts() {
    let Some(ready) = container().and_then(|container| container.ready().ok()) else { return };
    spawn_local(async move {
        let Ok(registration) = JsFuture::from(ready).await else { return };
        let registration: ServiceWorkerRegistration = registration.unchecked_into();
        if let Some(active) = registration.active() {
            drop(active.post_message(&KEEP_PARTS.into()));
        }
    });
}

/// A newer build that waits for the user's confirmation.
#[derive(Clone, Debug)]
pub struct Update(ServiceWorker);

impl Update {
    /// Lets the newer build take over, and reloads the page as soon as it has.
    pub fn take_over(&self) {
        if let Some(container) = container() {
            let reload = Closure::once_into_js(|| {
                if let Some(window) = web_sys::window() {
                    drop(window.location().reload());
                }
            });
            container.set_oncontrollerchange(Some(reload.unchecked_ref()));
        }
        drop(self.0.post_message(&SKIP_WAITING.into()));
    }
}

/// Calls `waiting` for every build that is fetched while another one controls this page.
fn watch(registration: &ServiceWorkerRegistration, waiting: impl Fn(Update) + Clone + 'static) {
    let watched = registration.clone();
    let found = Closure::<dyn FnMut()>::new(move || {
        let Some(fetched) = watched.installing() else { return };
        let (update, waiting) = (Update(fetched.clone()), waiting.clone());
        let changed = Closure::<dyn FnMut()>::new(move || {
            let replaces = container().is_some_and(|container| container.controller().is_some());
            if update.0.state() == ServiceWorkerState::Installed && replaces {
                waiting(update.clone());
            }
        });
        fetched.set_onstatechange(Some(changed.as_ref().unchecked_ref()));
        changed.forget();
    });
    registration.set_onupdatefound(Some(found.as_ref().unchecked_ref()));
    found.forget();
}

fn container() -> Option<ServiceWorkerContainer> {
    let navigator = web_sys::window()?.navigator();
    let there = js_sys::Reflect::has(&navigator, &"serviceWorker".into()).unwrap_or(false);
    there.then(|| navigator.service_worker())
}

/// How long the host may take to answer, in milliseconds.
const PATIENCE: u64 = 30_000;
/// How long fetching all files of the page may take on a slow line, in milliseconds.
const INSTALLING: u64 = 300_000;
const SKIP_WAITING: &str = "skip-waiting";
const KEEP_PARTS: &str = "keep-parts";
