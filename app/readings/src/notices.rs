//! Notices for users who are not looking: a silent meter, a low voltage, water that never stops at night.
//!
//! ```text
//! readings ─► MeterWatch ─┐
//!                         ├─► Watch, one for each rule and place ─► List
//! disk, broker ─► PageWatch ┘
//! ```
//!
//! Time is always passed in. Rules are rows of `notices.toml`.

pub mod limits;
pub mod list;
pub mod meter;
pub mod night;
pub mod page;
pub mod rule;
pub mod watch;
pub mod watcher;
