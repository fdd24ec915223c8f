//! Messages between the tabs of this site. Each is a JavaScript array: a word for its kind, then its contents.
//!
//! Events and commands are sent as bytes, on a channel that only tabs of one build use. Claims are sent as plain
//! numbers, because tabs of all builds must understand them.

use std::rc::Rc;

use futures_channel::mpsc::unbounded;
use futures_util::StreamExt;
use js_sys::Array;
use metertap_engine::platform::{Channel, Claims, Incoming, Outgoing};
use serde_wasm_bindgen::from_value;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;

use crate::browser::broadcast::Broadcast;
use crate::browser::clock::sleep;
use crate::browser::message::Message;
use crate::fetching::{Fetched, NotFetched};
use crate::protocol::Event;
use crate::protocol::bytes::{read, write};

/// Decodes what another tab sends to all windows, once the code for it is there; `None` if it is not an event.
pub(super) type ReadTold = fn(Vec<u8>) -> Fetched<Option<Event>>;

/// Listens to the other tabs from now on. Does nothing if the browser has no broadcast channels.
pub(super) fn listen(name: &str, read_told: ReadTold) -> Channel<JsValue> {
    let (hear, mut messages) = unbounded();
    let channel = Broadcast::listen(name, move |message| {
        // Messages are received as long as the worker lives.
        let _ = hear.unbounded_send(message);
    });
    let (say, heard) = unbounded();
    spawn_local(async move {
        while let Some(message) = messages.next().await {
            // An unknown message is ignored.
            if let Some(word) = word(&Array::from(&message), read_told).await {
                let _ = say.unbounded_send(word);
            }
        }
    });
    let say = move |message: Outgoing<'_, JsValue>| {
        let (kind, what) = match message {
            Outgoing::Event(event) => (TOLD, Message { bytes: write(event), beside: None }.to_js()),
            Outgoing::Command(command, beside) => {
                (WISH, Message { bytes: write(command), beside: beside.cloned() }.to_js())
            }
            Outgoing::Claims(Claims::Wants(number)) => (WANTS, number.into()),
            Outgoing::Claims(Claims::Writes(number)) => (WRITES, number.into()),
            Outgoing::Claims(Claims::Left) => (LEFT, JsValue::UNDEFINED),
        };
        if let Some(channel) = &channel {
            channel.say(&Array::of2(&kind.into(), &what));
        }
    };
    Channel { say: Rc::new(say), heard }
}

async fn word(message: &Array, read_told: ReadTold) -> Option<Incoming<JsValue>> {
    let (kind, what) = (message.get(0).as_string()?, message.get(1));
    match kind.as_str() {
        TOLD => {
            let Message { bytes, .. } = Message::of(what);
            let event = loop {
                match read_told(bytes.clone()).await {
                    Ok(event) => break event?,
                    Err(NotFetched) => sleep(FETCHED_AGAIN).await,
                }
            };
            Some(Incoming::Event(Box::new(event)))
        }
        WISH => {
            let Message { bytes, beside } = Message::of(what);
            read(&bytes).map(|command| Incoming::Command(command, beside))
        }
        WANTS => from_value(what).ok().map(|number| Incoming::Claims(Claims::Wants(number))),
        WRITES => from_value(what).ok().map(|number| Incoming::Claims(Claims::Writes(number))),
        LEFT => Some(Incoming::Claims(Claims::Left)),
        _ => None,
    }
}

const TOLD: &str = "told";
const WISH: &str = "wish";
const WANTS: &str = "wants";
const WRITES: &str = "writes";
const LEFT: &str = "left";
/// Milliseconds until another attempt to fetch the decoding code.
const FETCHED_AGAIN: u64 = 1000;
