//! A dedicated worker's end of the line to its window.

use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{DedicatedWorkerGlobalScope, MessageEvent};

/// The line to the window. One per worker; it lives as long as the worker.
#[derive(Clone, Debug)]
pub struct WorkerPort {
    scope: DedicatedWorkerGlobalScope,
}

impl WorkerPort {
    /// Hears the window from now on; `None` where this is no dedicated worker.
    pub fn listen(mut heard: impl FnMut(JsValue) + 'static) -> Option<Self> {
        let scope: DedicatedWorkerGlobalScope = js_sys::global().dyn_into().ok()?;
        let callback =
            Closure::<dyn FnMut(MessageEvent)>::new(move |message: MessageEvent| heard(message.data()));
        scope.set_onmessage(Some(callback.as_ref().unchecked_ref()));
        callback.forget();
        Some(Self { scope })
    }

    /// Says something to the window. What cannot be cloned is not said, and the browser's console tells so.
    pub fn say(&self, message: &JsValue) {
        if let Err(error) = self.scope.post_message(message) {
            wasm_bindgen::throw_val(error);
        }
    }
}
