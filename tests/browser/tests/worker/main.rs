//! Tests of code that runs in a worker. All of them are in one program, so that it is linked and loaded only once.
#![cfg(target_arch = "wasm32")]
#![allow(clippy::unwrap_used, reason = "a test may fail")]

mod earlier;
mod golden;
mod log;
mod stores;
mod taken_away;

wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_dedicated_worker);
