//! The same for a JavaScript host.

use metertap_decoder::stack::Stack;
use wasm_bindgen::prelude::wasm_bindgen;

/// Reads the octets as that protocol, and answers how many values the readings have; 0 for a protocol that is none.
#[wasm_bindgen]
#[must_use]
pub fn values(protocol: &str, octets: &[u8]) -> usize {
    let stack = protocol.parse().ok().and_then(Stack::of_protocol);
    stack.map_or(0, |stack| super::values(stack, octets))
}
