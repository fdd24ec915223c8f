//! Tests of code that runs in a worker. They are one program, which is linked and loaded once.
#![cfg(target_arch = "wasm32")]
#![allow(clippy::unwrap_used, reason = "a test may fail")]

mod earlier;
mod golden;
mod log;
mod stores;
mod taken_away;

wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_dedicated_worker);
