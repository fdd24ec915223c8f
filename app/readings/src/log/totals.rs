//! The totals of a quarter of an hour and of a day: counters, roll-ups, and the blocks in which roll-ups are stored.

pub mod block;
pub(in crate::log) mod counter;
pub(in crate::log) mod decimal;
pub(in crate::log) mod growing;
pub mod rollup;
pub mod stating;
pub mod track;
pub(in crate::log) mod when;
