//! Programs of the page.

/// The engine, by its name: its address changes with each build, and the page says it.
pub const ENGINE: &str = "engine";
/// The program that keeps the page's files, by its address.
pub const SERVICE_WORKER: &str = "./sw.js";
