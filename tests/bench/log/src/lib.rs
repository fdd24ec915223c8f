//! The parts of the log's benchmark: a house that sends for years, and the log for a JavaScript host.
//!
//! `cargo xtask bench log` measures the log in a browser and compares it with rows in Dexie. The examples measure parts
//! of it natively, on a disk in memory.

mod house;
#[cfg(target_arch = "wasm32")]
mod wasm;

pub use house::{House, START};
