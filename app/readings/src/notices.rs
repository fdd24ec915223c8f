//! What is worth telling a person who does not look: a meter that is silent, a voltage that is too low, water that never
//! stops at night.
//!
//! ```text
//! readings ─► MeterWatch ─┐
//!                         ├─► Watch, one for each rule and place ─► List
//! disk, broker ─► PageWatch ┘
//! ```
//!
//! Time is an argument everywhere. Rules are rows of `notices.toml`.

pub mod limits;
pub mod list;
pub mod meter;
pub mod night;
pub mod page;
pub mod rule;
pub mod watch;
pub mod watcher;
