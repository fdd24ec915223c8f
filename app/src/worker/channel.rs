//! What the tabs of this site tell each other, as the browser's messages: an array of a word and what it is about.
//!
//! Of events and commands the bytes are told, and only tabs of one build listen under one name. Who writes is told with a
//! number, since there tabs of all builds must understand each other.

use std::rc::Rc;

use futures_channel::mpsc::unbounded;
use js_sys::Array;
use metertap_engine::platform::{Channel, Claims, Saying, Word};
use serde_wasm_bindgen::from_value;
use wasm_bindgen::JsValue;

use crate::browser::broadcast::Broadcast;
use crate::browser::message::Message;
use crate::protocol::bytes::{read, write};

/// Hears the other tabs from now on; nothing where the browser has no such channels.
pub(super) fn listen(name: &str) -> Channel<JsValue> {
    let (hear, heard) = unbounded();
    let channel = Broadcast::listen(name, move |message| {
        // What is no word is passed over. Words are heard as long as the worker lives.
        if let Some(word) = word(&Array::from(&message)) {
            let _ = hear.unbounded_send(word);
        }
    });
    let say = move |saying: Saying<'_, JsValue>| {
        let (kind, what) = match saying {
            Saying::Told(event) => (TOLD, Message { bytes: write(event), beside: None }.to_js()),
            Saying::Wish(command, beside) => {
                (WISH, Message { bytes: write(command), beside: beside.cloned() }.to_js())
            }
            Saying::Claims(Claims::Wants(number)) => (WANTS, number.into()),
            Saying::Claims(Claims::Writes(number)) => (WRITES, number.into()),
            Saying::Claims(Claims::Left) => (LEFT, JsValue::UNDEFINED),
        };
        if let Some(channel) = &channel {
            channel.say(&Array::of2(&kind.into(), &what));
        }
    };
    Channel { say: Rc::new(say), heard }
}

fn word(message: &Array) -> Option<Word<JsValue>> {
    let (kind, what) = (message.get(0).as_string()?, message.get(1));
    match kind.as_str() {
        TOLD => read(&Message::of(what).bytes).map(|event| Word::Told(Box::new(event))),
        WISH => {
            let Message { bytes, beside } = Message::of(what);
            read(&bytes).map(|command| Word::Wish(command, beside))
        }
        WANTS => from_value(what).ok().map(|number| Word::Claims(Claims::Wants(number))),
        WRITES => from_value(what).ok().map(|number| Word::Claims(Claims::Writes(number))),
        LEFT => Some(Word::Claims(Claims::Left)),
        _ => None,
    }
}

const TOLD: &str = "told";
const WISH: &str = "wish";
const WANTS: &str = "wants";
const WRITES: &str = "writes";
const LEFT: &str = "left";
