//! The engine's end of the line to the window: commands and events as bytes.

use futures_channel::mpsc::{UnboundedReceiver, unbounded};
use wasm_bindgen::JsValue;

use crate::browser::message::Message;
use crate::browser::worker_port::WorkerPort;
use crate::protocol::{Command, Event, bytes};

/// What the window wants, each with what was sent beside it.
type Commands = UnboundedReceiver<(Command, Option<JsValue>)>;

/// Hears the window from now on; `None` where this program is no worker. What is no command is passed over: a window of
/// another build can read nothing of ours either, and says so.
pub(super) fn listen() -> Option<(WorkerPort, Commands)> {
    let (hear, commands) = unbounded();
    let port = WorkerPort::listen(move |message| {
        let Message { bytes, beside } = Message::of(message);
        if let Some(command) = bytes::read(&bytes) {
            // Commands end only with the worker.
            let _ = hear.unbounded_send((command, beside));
        }
    })?;
    Some((port, commands))
}

/// Tells the window, and sends something beside it that only browsers can carry.
pub(super) fn tell(port: &WorkerPort, event: &Event, beside: Option<&JsValue>) {
    port.say(&Message { bytes: bytes::write(event), beside: beside.cloned() }.to_js());
}
