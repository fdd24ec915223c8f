//! The engine's connection to the window: commands and events as bytes.

use futures_channel::mpsc::{UnboundedReceiver, unbounded};
use wasm_bindgen::JsValue;

use crate::browser::message::Message;
use crate::browser::worker_port::WorkerPort;
use crate::protocol::{Command, Event, bytes};

/// The window's commands, each with the value that came beside it.
type Commands = UnboundedReceiver<(Command, Option<JsValue>)>;

/// Listens to the window from now on; `None` if this program is not a worker. A message that is not a command is
/// ignored: a window of another build cannot read our messages either, and reports that.
/// If the window shows the past, `prepare` is called before its greeting is handled.
pub(super) fn listen(prepare: fn()) -> Option<(WorkerPort, Commands)> {
    let (hear, commands) = unbounded();
    let port = WorkerPort::listen(move |message| {
        let Message { bytes, beside } = Message::of(message);
        if let Some(command) = bytes::read(&bytes) {
            if matches!(command, Command::Hello { looks_back: true, .. }) {
                prepare();
            }
            // The receiver lives as long as the worker.
            let _ = hear.unbounded_send((command, beside));
        }
    })?;
    Some((port, commands))
}

pub(super) fn tell(port: &WorkerPort, event: &Event, beside: Option<&JsValue>) {
    port.say(&Message { bytes: bytes::write(event), beside: beside.cloned() }.to_js());
}
