//! Metertap in the browser: the window with its screens, and the engine in its worker.

pub mod after_paint;
pub mod browser;
pub mod fetching;
pub mod model;
pub mod parts;
pub mod screens;
pub mod texts;
pub mod window;
pub mod worker;
pub mod zone;

pub use metertap_protocol as protocol;
