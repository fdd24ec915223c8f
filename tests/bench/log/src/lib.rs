//! What the log is measured with: a house that speaks for years, and the log for a JavaScript host.
//!
//! `cargo xtask bench log` measures it in a browser, beside rows in Dexie; the examples measure parts of it natively, on a
//! disk in memory.

mod house;
#[cfg(target_arch = "wasm32")]
mod wasm;

pub use house::{House, START};
