//! [`Message`]: bytes that programs of this page send each other, with a value that only a browser can carry.

use js_sys::{Array, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};

/// A message between programs: in JavaScript a `Uint8Array`, or an array of a `Uint8Array` and the value beside it.
#[derive(Clone, Debug)]
pub struct Message {
    /// The bytes.
    pub bytes: Vec<u8>,
    /// A value that cannot be encoded in bytes, such as a file's handle.
    pub beside: Option<JsValue>,
}

impl Message {
    /// Decodes a received message. A value that is not a message gives no bytes.
    #[must_use]
    pub fn of(value: JsValue) -> Self {
        let (said, beside) = match value.dyn_into::<Array>() {
            Ok(pair) => (pair.get(0), Some(pair.get(1)).filter(|beside| !beside.is_undefined())),
            Err(said) => (said, None),
        };
        Self { bytes: octets(&said), beside }
    }

    /// Encodes the message for sending.
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
