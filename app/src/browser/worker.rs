//! A dedicated worker as seen from the window: messages to it, and messages from it.

use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;
use web_sys::{ErrorEvent, Event, MessageEvent, Worker};

use super::program::{self, Begun, Way};

/// A worker that has been started. It runs until [`Partner::end`], or as long as the page.
#[derive(Clone, Debug)]
pub struct Partner(Worker);

impl Partner {
    /// Starts the program with this name in this [`Way`], or takes it over if the page has already started it in the
    /// same way. Calls `heard` with each message and the worker, to which an answer can be sent. Calls `failed` if the
    /// program does not load or fails later; the argument is whether it has crashed.
    ///
    /// # Errors
    ///
    /// [`NoWorker`] if the browser refuses to start one at all.
    pub fn start(
        program: &str,
        way: Way,
        heard: impl FnMut(&Self, JsValue) + 'static,
        mut failed: impl FnMut(bool) + 'static,
    ) -> Result<Self, NoWorker> {
        let begun = (way == Way::Inheriting).then(program::take_begun).flatten();
        let begun = begun.map(|Begun { worker, heard }| (worker, Some(heard)));
        let begin = || program::start(program, way).map(|worker| (worker, None));
        let (worker, already) = begun.map_or_else(begin, Ok).map_err(|_| NoWorker)?;
        let (partner, mut heard) = (Self(worker.clone()), heard);
        let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            heard(&partner, event.data());
        });
        let on_error = Closure::<dyn FnMut(Event)>::new(move |event: Event| failed(is_crash(&event)));
        worker.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        // The callbacks must live as long as the worker.
        on_message.forget();
        on_error.forget();
        if let Some(already) = already {
            let worker = worker.clone();
            // The events are delivered only after the caller has received the worker.
            spawn_local(async move {
                for event in already.iter() {
                    drop(worker.dispatch_event(event.unchecked_ref::<Event>()));
                }
            });
        }
        Ok(Self(worker))
    }

    /// Sends a message. A message that cannot be cloned is not sent.
    pub fn send(&self, message: &JsValue) {
        drop(self.0.post_message(message));
    }

    /// Ends the worker; nothing more is received from it.
    pub fn end(&self) {
        self.0.set_onmessage(None);
        self.0.set_onerror(None);
        self.0.terminate();
    }
}

/// Whether the program has panicked or has no memory left, so that nothing in it runs correctly any more. Either is a
/// trap of WebAssembly, a `RuntimeError` in all browsers (WebAssembly JavaScript Interface, 5.10).
fn is_crash(event: &Event) -> bool {
    event.dyn_ref::<ErrorEvent>().is_some_and(|error| error.message().contains("RuntimeError"))
}

/// The browser did not start a worker.
#[derive(Clone, Copy, Debug)]
pub struct NoWorker;
