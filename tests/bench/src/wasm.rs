//! The benchmark for a JavaScript host.

use metertap_decoder::stack::Stack;
use wasm_bindgen::prelude::wasm_bindgen;

/// Decodes the bytes with that protocol, and returns the number of values in the readings. 0 if there is no such
/// protocol.
#[wasm_bindgen]
#[must_use]
pub fn values(protocol: &str, bytes: &[u8]) -> usize {
    let stack = protocol.parse().ok().and_then(Stack::of_protocol);
    stack.map_or(0, |stack| super::values(stack, bytes))
}
