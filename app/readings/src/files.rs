//! Files out of the log and into it.

pub mod backup;
pub mod capture;
pub mod export;
pub mod import;
