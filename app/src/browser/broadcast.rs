//! A channel to all other windows and workers of this site in this browser profile.

use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{BroadcastChannel, MessageEvent};

/// The channel. It stays open until the worker ends.
#[derive(Clone, Debug)]
pub struct Broadcast {
    channel: BroadcastChannel,
}

impl Broadcast {
    /// Listens to the channel with this name from now on; `None` if the browser has no such channels.
    pub fn listen(name: &str, mut heard: impl FnMut(JsValue) + 'static) -> Option<Self> {
        let channel = BroadcastChannel::new(name).ok()?;
        let callback =
            Closure::<dyn FnMut(MessageEvent)>::new(move |message: MessageEvent| heard(message.data()));
        channel.set_onmessage(Some(callback.as_ref().unchecked_ref()));
        callback.forget();
        Some(Self { channel })
    }

    /// Sends a message to all others. A message that cannot be cloned is not sent.
    pub fn say(&self, message: &JsValue) {
        drop(self.channel.post_message(message));
    }
}
