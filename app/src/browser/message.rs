//! [`Message`]: bytes that programs of this page tell each other, and what only a browser can carry.

use js_sys::{Array, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};

/// What one program tells another: to JavaScript a `Uint8Array`, or an array of one and of what is beside it.
#[derive(Clone, Debug)]
pub struct Message {
    /// What is said.
    pub bytes: Vec<u8>,
    /// A file's handle, say.
    pub beside: Option<JsValue>,
}

impl Message {
    /// The message that has come. What is no message has no bytes.
    #[must_use]
    pub fn of(value: JsValue) -> Self {
        let (said, beside) = match value.dyn_into::<Array>() {
            Ok(pair) => (pair.get(0), Some(pair.get(1)).filter(|beside| !beside.is_undefined())),
            Err(said) => (said, None),
        };
        Self { bytes: octets(&said), beside }
    }

    /// The message as it goes.
    #[must_use]
    pub fn to_js(&self) -> JsValue {
        let said = Uint8Array::from(self.bytes.as_slice());
        match &self.beside {
            Some(beside) => Array::of2(&said, beside).into(),
            None => said.into(),
        }
    }
}

fn octets(said: &JsValue) -> Vec<u8> {
    said.dyn_ref::<Uint8Array>().map(Uint8Array::to_vec).unwrap_or_default()
}
