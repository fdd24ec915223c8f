//! Everything that happens to a reading and needs no browser.
#![allow(async_fn_in_trait, reason = "browsers have one thread; nobody asks for Send")]

pub mod entry;
pub mod figure;
pub mod newest;
pub mod store;
