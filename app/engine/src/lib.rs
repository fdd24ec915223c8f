//! The engine: it owns the ports, the decoder's sessions, the log and the way to the broker.
//!
//! Commands of [`metertap_protocol`] come in, events go out. Promised to the window: an [`Event::Reading`] is of a reading
//! that is in the log and would survive a crash.
//!
//! Everything that only a browser has (ports, sockets, files, locks, clocks, the disk) is behind [`platform::Platform`], so
//! that the same code runs in a worker and in tests of milliseconds.
//!
//! [`Event::Reading`]: metertap_protocol::Event::Reading
#![allow(async_fn_in_trait, reason = "browsers have one thread; nobody asks for Send")]

mod backup;
pub mod bell;
mod broker;
mod bus;
pub mod capture;
mod certainty;
mod claim;
pub mod clock;
mod daily;
mod desk;
mod export;
pub mod extract;
pub mod extract_error;
mod fact;
mod finding;
mod forward;
mod import;
pub mod inspect;
pub mod jobs;
pub mod kept;
mod keys;
pub mod meter;
mod meter_loop;
mod meters;
mod open_file;
pub mod opening;
pub mod platform;
mod reading;
mod recording;
mod renewal;
mod restore;
mod series;
mod shared_line;
pub mod source;
mod tabs;
pub mod tape;
pub mod task;
mod telling;
mod totals;
pub mod trouble;
pub mod unlocking;
mod upkeep;
pub mod watch;
mod watcher;

pub use desk::run;
