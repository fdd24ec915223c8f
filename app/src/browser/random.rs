//! Random numbers from the browser's own source, as far as it has one.

use js_sys::Reflect;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::Crypto;

/// Draws random bytes. They are not fit for secrets: a browser may have no `crypto`.
#[must_use]
pub fn octets<const N: usize>() -> [u8; N] {
    let mut drawn = [0; N];
    let crypto = Reflect::get(&js_sys::global(), &JsValue::from_str("crypto"))
        .ok()
        .and_then(|crypto| crypto.dyn_into::<Crypto>().ok());
    let filled = crypto.is_some_and(|crypto| crypto.get_random_values_with_u8_array(&mut drawn).is_ok());
    if !filled {
        drawn.fill_with(|| (js_sys::Math::random() * 256.0) as u8);
    }
    drawn
}
