//! A channel that all windows and workers of this site hear, in this browser profile, the speaker excepted.

use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{BroadcastChannel, MessageEvent};

/// The channel. One that is open lives as long as the worker.
#[derive(Clone, Debug)]
pub struct Broadcast {
    channel: BroadcastChannel,
}

impl Broadcast {
    /// Hears the channel of that name from now on; `None` where the browser has none.
    pub fn listen(name: &str, mut heard: impl FnMut(JsValue) + 'static) -> Option<Self> {
        let channel = BroadcastChannel::new(name).ok()?;
        let callback =
            Closure::<dyn FnMut(MessageEvent)>::new(move |message: MessageEvent| heard(message.data()));
        channel.set_onmessage(Some(callback.as_ref().unchecked_ref()));
        callback.forget();
        Some(Self { channel })
    }

    /// Says something to all others. What cannot be cloned is not said.
    pub fn say(&self, message: &JsValue) {
        drop(self.channel.post_message(message));
    }
}
