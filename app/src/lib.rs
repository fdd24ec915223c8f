//! Metertap in the browser: the window with its screens, and the engine in its worker.

pub mod protocol;
