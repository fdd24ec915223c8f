//! Programs of the page, by their addresses.

/// Trunk writes this module; it loads the engine.
pub const ENGINE: &str = "./engine_loader.js";
/// The program that keeps the page's files.
pub const SERVICE_WORKER: &str = "./sw.js";
