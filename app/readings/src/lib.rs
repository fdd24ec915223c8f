//! Everything that happens to a reading and needs no browser.
#![allow(async_fn_in_trait, reason = "browsers have one thread; nobody asks for Send")]

pub mod address;
pub mod backup;
pub mod capture;
pub mod chart;
pub mod entry;
pub mod export;
pub mod fault;
pub mod figure;
pub mod forward;
pub mod identities;
pub mod import;
pub mod interval;
pub mod leaving;
pub mod log;
pub mod mqtt;
pub mod newest;
pub mod profile;
pub mod recent;
pub mod series;
pub mod settings;
pub mod store;

#[cfg(test)]
mod broker;
#[cfg(test)]
mod samples;
