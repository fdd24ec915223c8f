//! The browser's offer to install the page as an app.

use std::cell::RefCell;
use std::rc::Rc;

use gloo::events::{EventListener, EventListenerOptions};
use js_sys::{Function, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::Event;

/// The browser's offer, kept until the user accepts it.
#[derive(Clone, Debug, Default)]
pub struct Offer(Rc<RefCell<Option<Event>>>);

impl Offer {
    /// Listens for the browser's offer. Calls `open` with `true` when the browser makes one, and with `false` when the
    /// app is installed.
    #[must_use]
    pub fn wait(open: impl Fn(bool) + Clone + 'static) -> Self {
        let offer = Self::default();
        let Some(window) = web_sys::window() else { return offer };
        let (kept, made) = (Rc::clone(&offer.0), open.clone());
        let options = EventListenerOptions::enable_prevent_default();
        EventListener::new_with_options(&window, "beforeinstallprompt", options, move |event| {
            // The browser's own prompt would appear at an arbitrary moment.
            event.prevent_default();
            kept.replace(Some(event.clone()));
            made(true);
        })
        .forget();
        let taken = Rc::clone(&offer.0);
        EventListener::new(&window, "appinstalled", move |_| {
            taken.take();
            open(false);
        })
        .forget();
        offer
    }

    /// Opens the browser's prompt; only from a click.
    pub fn take_up(&self) {
        let Some(event) = self.0.borrow_mut().take() else { return };
        let prompt = Reflect::get(&event, &JsValue::from_str("prompt")).ok();
        if let Some(prompt) = prompt.and_then(|prompt| prompt.dyn_into::<Function>().ok()) {
            drop(prompt.call0(&event));
        }
    }
}
