//! The totals of a quarter of an hour and of a day: counters along lines, roll-ups, and their rows.

pub mod block;
pub(in crate::log) mod counter;
pub(in crate::log) mod decimal;
pub(in crate::log) mod growing;
pub mod rollup;
pub mod stating;
pub mod track;
pub(in crate::log) mod when;
