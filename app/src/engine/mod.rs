//! The engine: in its worker it owns the ports, the decoder's sessions, the log and the way to the broker.
//!
//! Commands of [`crate::protocol`] come in, events go out. Promised to the window: an [`Event::Reading`] is of a reading
//! that is in the log and would survive a crash of the browser.
//!
//! [`Event::Reading`]: crate::protocol::Event::Reading

mod backup;
mod bell;
mod bus;
mod certainty;
mod daily;
mod desk;
pub mod disk;
mod export;
pub mod extract;
pub mod extract_error;
mod finding;
mod forwarder;
mod import;
mod inspect;
mod kept;
mod keys;
pub mod log;
mod meter;
mod meter_loop;
mod meters;
mod open_file;
mod reading;
mod recording;
mod renewal;
mod restore;
mod series;
mod shared_line;
mod source;
mod tabs;
mod task;
mod telling;
mod time;
mod totals;
mod trouble;
mod upkeep;
mod watch;
mod watcher;
mod window;
pub mod workbook;

pub use desk::run;
