//! What runs in a worker. All of it is one program, which is linked and loaded once.
#![cfg(target_arch = "wasm32")]
#![allow(clippy::unwrap_used, reason = "a test may fail")]

mod earlier;
mod golden;
mod log;
mod stores;
mod taken_away;

wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_dedicated_worker);
