//! The programs of the page.

/// The engine's name. Its address changes with each build, and the page lists it.
pub const ENGINE: &str = "engine";
/// The address of the program that stores the page's files.
pub const SERVICE_WORKER: &str = "./sw.js";
