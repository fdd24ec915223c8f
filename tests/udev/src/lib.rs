//! A stand-in for libudev: it presents the terminals that a test lists to Chromium as USB serial adapters.
//!
//! Chromium on Linux finds serial ports only by asking libudev. Loaded with `LD_PRELOAD`, this library answers instead.
//! The list of adapters is a small text file. Lines written to a FIFO plug adapters in and unplug them. The browser
//! opens, reads and sets the port itself, on a real tty.
//!
//! - [`DEVICES`] names the file: one [`Adapter`] per line.
//! - [`EVENTS`] names the FIFO: `add` or `remove`, a tab, and the adapter's line.
//!
//! [`mod@interface`] is the C interface, [`adapter`] the line.

pub mod adapter;
pub mod interface;

pub use adapter::Adapter;

/// The environment variable with the path of the list of adapters.
pub const DEVICES: &str = "METERTAP_UDEV_DEVICES";
/// The environment variable with the path of the FIFO for plugging and unplugging.
pub const EVENTS: &str = "METERTAP_UDEV_EVENTS";
