//! The page itself: its address, its content, and its end.

use std::cell::RefCell;

use gloo::events::EventListener;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

/// Whether the page was loaded over https, so that plain `ws://` would be mixed content.
#[must_use]
pub fn is_https() -> bool {
    web_sys::window()
        .and_then(|window| window.location().protocol().ok())
        .is_some_and(|protocol| protocol == "https:")
}

/// The part of the address from `#` on.
#[must_use]
pub fn hash() -> String {
    web_sys::window().and_then(|window| window.location().hash().ok()).unwrap_or_default()
}

/// Navigates to another part of the page.
pub fn set_hash(hash: &str) {
    if let Some(window) = web_sys::window() {
        drop(window.location().set_hash(hash));
    }
}

/// Replaces the part of the address from `#` on without a `hashchange` event and without a history entry. Does nothing
/// if the user has gone to another address and [`on_hash`] has not reported it yet: the browser reports it later.
pub fn replace_hash(new: &str) {
    if REPORTED.with_borrow(|reported| *reported != hash()) {
        return;
    }
    if let Some(history) = web_sys::window().and_then(|window| window.history().ok()) {
        drop(history.replace_state_with_url(&wasm_bindgen::JsValue::NULL, "", Some(new)));
        REPORTED.set(hash());
    }
}

/// Calls `changed` with every new hash.
pub fn on_hash(changed: impl Fn(String) + 'static) {
    let Some(window) = web_sys::window() else { return };
    REPORTED.set(hash());
    let report = move |_: &_| {
        REPORTED.set(hash());
        changed(hash());
    };
    EventListener::new(&window, "hashchange", report).forget();
}

/// Calls `leaving` when the page is closed, reloaded or put into the back/forward cache.
pub fn on_leave(leaving: impl Fn() + 'static) {
    let Some(window) = web_sys::window() else { return };
    EventListener::new(&window, "pagehide", move |_| leaving()).forget();
}

/// Reloads the page when the browser restores it from the back/forward cache, because the page released everything when
/// it was left.
pub fn reload_when_brought_back() {
    let Some(window) = web_sys::window() else { return };
    EventListener::new(&window.clone(), "pageshow", move |event| {
        if js_sys::Reflect::get(event, &"persisted".into()).is_ok_and(|persisted| persisted.is_truthy()) {
            drop(window.location().reload());
        }
    })
    .forget();
}

/// Sets the title.
pub fn set_title(title: &str) {
    if let Some(document) = web_sys::window().and_then(|window| window.document()) {
        document.set_title(title);
    }
}

/// Removes everything from the page.
pub fn clear() {
    let body = web_sys::window().and_then(|window| window.document()).and_then(|document| document.body());
    if let Some(body) = body {
        body.replace_children_with_node_0();
    }
}

/// Sets an attribute of the body, for programs that read the page.
pub fn mark_body(name: &str, value: &str) {
    let body = web_sys::window().and_then(|window| window.document()).and_then(|document| document.body());
    if let Some(body) = body {
        drop(body.set_attribute(name, value));
    }
}

/// Asks the user a yes-or-no question. Returns `false` if the browser does not ask.
#[must_use]
pub fn confirm(question: &str) -> bool {
    web_sys::window().is_some_and(|window| window.confirm_with_message(question).unwrap_or(false))
}

/// Moves the keyboard focus to the element with this id, so that a screen reader continues there.
pub fn focus(id: &str) {
    let element = web_sys::window()
        .and_then(|window| window.document())
        .and_then(|document| document.get_element_by_id(id));
    if let Some(element) = element.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
        drop(element.focus());
    }
}

/// Whether the page is hidden: another tab is in front, or the window is minimised.
#[must_use]
pub fn is_hidden() -> bool {
    web_sys::window().and_then(|window| window.document()).is_some_and(|document| document.hidden())
}

thread_local! {
    /// The hash that was reported or replaced last.
    static REPORTED: RefCell<String> = const { RefCell::new(String::new()) };
}
