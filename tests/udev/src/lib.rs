//! A stand-in for libudev: it shows Chromium whatever terminals a test lists as USB serial adapters.
//!
//! Chromium on Linux finds serial ports by asking libudev, and nothing else. Loaded with `LD_PRELOAD`, this library
//! answers instead: the list of adapters is a small text file, plugging and unplugging are lines written to a FIFO.
//! Opening, reading and setting the port stay the browser's own, on a real tty.
//!
//! - [`DEVICES`] names the file: one [`Adapter`] a line.
//! - [`EVENTS`] names the FIFO: `add` or `remove`, a tab, and the adapter's line.
//!
//! [`mod@interface`] is the C face, [`adapter`] the line.

pub mod adapter;
pub mod interface;

pub use adapter::Adapter;

/// The environment variable with the path of the list of adapters.
pub const DEVICES: &str = "METERTAP_UDEV_DEVICES";
/// The environment variable with the path of the FIFO on which plugging and unplugging are told.
pub const EVENTS: &str = "METERTAP_UDEV_EVENTS";
