//! Everything that happens to a reading and needs no browser.
#![allow(async_fn_in_trait, reason = "browsers have one thread; nobody asks for Send")]

pub mod archive;
pub mod broker;
pub mod entry;
pub mod fault;
pub mod files;
pub mod log;
pub mod names;
pub mod power;
pub mod store;
pub mod view;

#[cfg(test)]
mod samples;
