//! The engine's end of the line to the window: commands and events as the browser's messages.

use futures_channel::mpsc::{UnboundedReceiver, unbounded};
use js_sys::Array;
use serde::Serialize;
use serde_wasm_bindgen::{Serializer, from_value};
use wasm_bindgen::JsValue;

use crate::browser::worker_port::WorkerPort;
use crate::protocol::{Command, Event};

/// What the window wants, each with what was sent beside it.
type Commands = UnboundedReceiver<(Command, Option<JsValue>)>;

/// Hears the window from now on; `None` where this program is no worker. What is no command is passed over: a window of
/// another build says hello with its version first, and hears of that.
pub(super) fn listen() -> Option<(WorkerPort, Commands)> {
    let (hear, commands) = unbounded();
    let port = WorkerPort::listen(move |message| {
        let (command, beside) = match Array::is_array(&message) {
            true => {
                let pair = Array::from(&message);
                (pair.get(0), given(pair.get(1)))
            }
            false => (message, None),
        };
        if let Ok(command) = from_value(command) {
            // Commands end only with the worker.
            let _ = hear.unbounded_send((command, beside));
        }
    })?;
    Some((port, commands))
}

/// Tells the window, and sends something beside it that only browsers can carry.
pub(super) fn tell(port: &WorkerPort, event: &Event, beside: Option<&JsValue>) {
    // Nothing in an event is without a form in JavaScript.
    let Ok(message) = js(event) else { return };
    match beside {
        Some(beside) => port.say(&Array::of2(&message, beside)),
        None => port.say(&message),
    }
}

/// What was sent beside a message, if anything was.
pub(super) fn given(beside: JsValue) -> Option<JsValue> {
    Some(beside).filter(|beside| !beside.is_undefined())
}

/// Structs that hold others become plain objects, octets a `Uint8Array`. A number of more than 53 bits, which no meter
/// says but a file may, makes all large ones `BigInt`s: what is not told at all would leave the window without its meters.
pub(super) fn js(message: &impl Serialize) -> Result<JsValue, serde_wasm_bindgen::Error> {
    let form = Serializer::json_compatible().serialize_bytes_as_arrays(false);
    message
        .serialize(&form)
        .or_else(|_| message.serialize(&form.serialize_large_number_types_as_bigints(true)))
}
