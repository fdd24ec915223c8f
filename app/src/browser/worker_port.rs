//! A dedicated worker's port to its window.

use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{DedicatedWorkerGlobalScope, MessageEvent};

/// The port to the window. Each worker has one, which lives as long as the worker.
#[derive(Clone, Debug)]
pub struct WorkerPort {
    scope: DedicatedWorkerGlobalScope,
}

impl WorkerPort {
    /// Listens to the window from now on; `None` if this is not a dedicated worker.
    pub fn listen(mut heard: impl FnMut(JsValue) + 'static) -> Option<Self> {
        let scope: DedicatedWorkerGlobalScope = js_sys::global().dyn_into().ok()?;
        let callback =
            Closure::<dyn FnMut(MessageEvent)>::new(move |message: MessageEvent| heard(message.data()));
        scope.set_onmessage(Some(callback.as_ref().unchecked_ref()));
        callback.forget();
        Some(Self { scope })
    }

    /// Sends a message to the window. A message that cannot be cloned is not sent, and the browser logs that on its
    /// console.
    pub fn say(&self, message: &JsValue) {
        if let Err(error) = self.scope.post_message(message) {
            wasm_bindgen::throw_val(error);
        }
    }
}
