//! A dedicated worker as seen from the window: messages to it, messages from it.

use wasm_bindgen::prelude::*;
use web_sys::{MessageEvent, Worker};

use super::program::{self, Way};

/// A worker that has been started; it runs for as long as the page.
#[derive(Clone, Debug)]
pub struct Partner(Worker);

impl Partner {
    /// Starts the module at `url` in that way. Each message goes to `heard`, with the worker to answer; a module that does
    /// not load goes to `failed`.
    ///
    /// # Errors
    ///
    /// [`NoWorker`] where the browser refuses to start one at all.
    pub fn start(
        url: &str,
        way: Way,
        heard: impl FnMut(&Self, JsValue) + 'static,
        failed: impl FnMut() + 'static,
    ) -> Result<Self, NoWorker> {
        let worker = program::start(url, way).map_err(|_| NoWorker)?;
        let (partner, mut heard) = (Self(worker.clone()), heard);
        let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            heard(&partner, event.data());
        });
        let on_error = Closure::<dyn FnMut()>::new(failed);
        worker.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        // Both live as long as the worker, and the worker as long as the page.
        on_message.forget();
        on_error.forget();
        Ok(Self(worker))
    }

    /// Sends a message. One that cannot be cloned is dropped: nothing of ours is such a thing.
    pub fn send(&self, message: &JsValue) {
        drop(self.0.post_message(message));
    }

    /// Ends it; nothing more is heard of it.
    pub fn end(&self) {
        self.0.set_onmessage(None);
        self.0.set_onerror(None);
        self.0.terminate();
    }
}

/// The browser starts no worker.
#[derive(Clone, Copy, Debug)]
pub struct NoWorker;
