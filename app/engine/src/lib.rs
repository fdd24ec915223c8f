//! The engine: it owns the ports, the decoder's sessions, the log and the connections to the broker.
//!
//! Commands of [`metertap_protocol`] come in, events go out. The engine promises the window: the reading in an
//! [`Event::Reading`] is already in the log and would survive a crash.
//!
//! Everything that only a browser has (ports, sockets, files, locks, clocks, the disk) is behind
//! [`platform::Platform`]. So the same code runs in a worker, and in tests that take milliseconds.
//!
//! [`Event::Reading`]: metertap_protocol::Event::Reading
#![allow(async_fn_in_trait, reason = "browsers have one thread, so `Send` is not needed")]

pub mod broker;
mod claim;
pub mod clock;
mod fact;
pub mod jobs;
pub mod log;
pub mod meters;
pub mod notices;
pub mod part;
pub mod platform;
pub mod protocols;
pub mod readers;
mod role;
mod router;
mod screen;
pub mod task;
mod trials;
pub mod trouble;
mod turn;

pub use router::{Errand, Parts, run};
