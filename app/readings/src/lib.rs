//! Everything done with readings that needs no browser.
#![cfg_attr(
    test,
    allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::panic,
        clippy::unwrap_used,
        reason = "a test that panics has failed, as it should"
    )
)]
#![allow(async_fn_in_trait, reason = "browsers have one thread, so `Send` is not needed")]

pub mod archive;
mod as_text;
pub mod broker;
mod crc32;
pub mod entry;
pub mod fault;
pub mod files;
pub mod history;
pub mod log;
mod meter_key;
pub mod names;
pub mod notices;
pub mod outlook;
mod plain;
pub mod power;
pub mod stated;
pub mod store;
pub mod typed;
pub mod view;

#[cfg(test)]
mod samples;
