//! [`Window`]: the engine's end of the line to the window, in the words of [`crate::protocol`].

use futures_channel::mpsc::{UnboundedReceiver, unbounded};
use futures_util::StreamExt;
use js_sys::Array;
use serde::Serialize;
use serde_wasm_bindgen::{Serializer, from_value};
use wasm_bindgen::JsValue;

use crate::browser::worker_port::WorkerPort;
use crate::protocol::{Command, Event};

/// Where events go.
#[derive(Clone, Debug)]
pub(crate) struct Window {
    port: WorkerPort,
}

/// Where commands come from, in the order in which they were given.
#[derive(Debug)]
pub(crate) struct Commands {
    messages: UnboundedReceiver<JsValue>,
    /// The first one, while nobody has taken it.
    first: Option<JsValue>,
}

impl Window {
    /// Hears the window from now on; `None` where this program is no worker.
    pub(crate) fn listen() -> Option<(Self, Commands)> {
        let (hear, messages) = unbounded();
        let port = WorkerPort::listen(move |message| {
            // Commands end only with the worker.
            let _ = hear.unbounded_send(message);
        })?;
        Some((Self { port }, Commands { messages, first: None }))
    }

    /// Tells the window.
    pub(crate) fn tell(&self, event: &Event) {
        // Nothing in an event is without a form in JavaScript.
        if let Ok(message) = js(event) {
            self.port.say(&message);
        }
    }

    /// Tells the window and sends something beside it that only browsers can carry.
    pub(crate) fn tell_with(&self, event: &Event, beside: &JsValue) {
        if let Ok(message) = js(event) {
            self.port.say(&Array::of2(&message, beside));
        }
    }
}

impl Commands {
    /// Waits until there is one.
    pub(crate) async fn wait(&mut self) {
        self.first = self.messages.next().await;
    }

    /// The next command, and what was sent beside it. What is no command is passed over: a window of another build
    /// says hello with its version first, and hears of that.
    pub(crate) async fn next(&mut self) -> Option<(Command, JsValue)> {
        loop {
            let message = match self.first.take() {
                Some(first) => first,
                None => self.messages.next().await?,
            };
            let (command, beside) = match Array::is_array(&message) {
                true => {
                    let pair = Array::from(&message);
                    (pair.get(0), pair.get(1))
                }
                false => (message, JsValue::UNDEFINED),
            };
            if let Ok(command) = from_value(command) {
                return Some((command, beside));
            }
        }
    }
}

/// Structs that hold others become plain objects, octets a `Uint8Array`. A number of more than 53 bits, which no meter
/// says but a file may, makes all large ones `BigInt`s: what is not told at all would leave the window without its meters.
pub(super) fn js(message: &impl Serialize) -> Result<JsValue, serde_wasm_bindgen::Error> {
    let form = Serializer::json_compatible().serialize_bytes_as_arrays(false);
    message
        .serialize(&form)
        .or_else(|_| message.serialize(&form.serialize_large_number_types_as_bigints(true)))
}
