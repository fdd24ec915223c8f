//! What the tabs of this site tell each other, as the browser's messages: an array of a word, what it is about, and what
//! only browsers can carry.

use std::rc::Rc;

use futures_channel::mpsc::unbounded;
use js_sys::Array;
use metertap_engine::platform::{Channel, Claims, Saying, Word};
use serde::de::DeserializeOwned;
use serde_wasm_bindgen::from_value;
use wasm_bindgen::JsValue;

use super::window::{given, js};
use crate::browser::broadcast::Broadcast;

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
        let (kind, what, beside) = match saying {
            Saying::Told(event) => (TOLD, js(event), None),
            Saying::Wish(command, beside) => (WISH, js(command), beside),
            Saying::Claims(Claims::Wants(number)) => (WANTS, Ok(number.into()), None),
            Saying::Claims(Claims::Writes(number)) => (WRITES, Ok(number.into()), None),
            Saying::Claims(Claims::Left) => (LEFT, Ok(JsValue::UNDEFINED), None),
        };
        // Nothing in commands and events is without a form in JavaScript.
        if let (Some(channel), Ok(what)) = (&channel, what) {
            channel.say(&Array::of3(&kind.into(), &what, beside.unwrap_or(&JsValue::UNDEFINED)));
        }
    };
    Channel { say: Rc::new(say), heard }
}

fn word(message: &Array) -> Option<Word<JsValue>> {
    match message.get(0).as_string().as_deref() {
        Some(TOLD) => parsed(message.get(1)).map(|event| Word::Told(Box::new(event))),
        Some(WISH) => parsed(message.get(1)).map(|command| Word::Wish(command, given(message.get(2)))),
        Some(WANTS) => parsed(message.get(1)).map(|number| Word::Claims(Claims::Wants(number))),
        Some(WRITES) => parsed(message.get(1)).map(|number| Word::Claims(Claims::Writes(number))),
        Some(LEFT) => Some(Word::Claims(Claims::Left)),
        _ => None,
    }
}

fn parsed<T: DeserializeOwned>(value: JsValue) -> Option<T> {
    from_value(value).ok()
}

const TOLD: &str = "told";
const WISH: &str = "wish";
const WANTS: &str = "wants";
const WRITES: &str = "writes";
const LEFT: &str = "left";
