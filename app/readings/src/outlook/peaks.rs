//! Peaks as grid companies bill them, without prices. Rules are rows of `peaks.toml`.

pub mod blocks;
pub mod month;
pub mod own;
pub mod rule;
pub mod running;
