//! Octets of a smart meter's local port in, exact readings out.
#![no_std]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, clippy::expect_used))]
extern crate alloc;
#[cfg(test)]
extern crate std;

pub mod cipher;
pub mod crc;
pub mod error;
pub mod line;
pub mod number;
mod octets;
pub mod reading;
pub mod register;
pub mod session;
pub mod stack;
pub mod time;
