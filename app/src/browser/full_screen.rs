//! Shows an element in full screen, and keeps the screen on meanwhile.

use std::cell::RefCell;

use gloo::events::EventListener;
use js_sys::Reflect;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Document, Element, VisibilityState, WakeLockSentinel, WakeLockType};

/// Shows an element in full screen; only from a click. If an element is in full screen already, ends full screen
/// instead.
pub fn fill(element: &Element) {
    let Some(document) = document() else { return };
    if document.fullscreen_element().is_some() {
        return document.exit_fullscreen();
    }
    // If the browser refuses, the page stays as it is.
    if element.request_fullscreen().is_ok() {
        keep_on(&document);
    }
}

/// Keeps the screen on until full screen ends. The browser releases the wake lock when the page is hidden, so the
/// lock is requested again when the page comes back.
fn keep_on(document: &Document) {
    if WATCHED.with_borrow(Option::is_some) {
        return;
    }
    let watch = |what: &'static str| {
        EventListener::new(document, what, |_| {
            let Some(document) = self::document() else { return };
            if document.fullscreen_element().is_none() {
                let_go();
            } else if document.visibility_state() == VisibilityState::Visible {
                spawn_local(hold());
            }
        })
    };
    WATCHED.replace(Some([watch("fullscreenchange"), watch("visibilitychange")]));
}

/// Requests the lock that keeps the screen on. A browser without wake locks, or one that saves battery, lets the screen
/// go dark.
async fn hold() {
    let Some(navigator) = web_sys::window().map(|window| window.navigator()) else { return };
    if !Reflect::has(&navigator, &"wakeLock".into()).unwrap_or(false) {
        return;
    }
    let Ok(lock) = JsFuture::from(navigator.wake_lock().request(WakeLockType::Screen)).await else { return };
    if document().is_some_and(|document| document.fullscreen_element().is_some()) {
        release(HELD.replace(Some(lock.unchecked_into())));
    } else {
        release(Some(lock.unchecked_into()));
    }
}

fn let_go() {
    release(HELD.take());
}

fn release(lock: Option<WakeLockSentinel>) {
    if let Some(lock) = lock {
        drop(lock.release());
    }
}

fn document() -> Option<Document> {
    web_sys::window()?.document()
}

thread_local! {
    static HELD: RefCell<Option<WakeLockSentinel>> = const { RefCell::new(None) };
    /// The listeners for changes of full screen and of the page's visibility, set up on first use.
    static WATCHED: RefCell<Option<[EventListener; 2]>> = const { RefCell::new(None) };
}
