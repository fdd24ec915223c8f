//! What screens show of readings.

pub mod arrange;
pub mod chart;
pub mod figure;
pub mod fuse;
pub mod interval;
pub mod newest;
pub mod phases;
pub mod power_failures;
pub mod recent;
pub mod series;
pub mod tic;
