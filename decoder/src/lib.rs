//! Decodes the bytes of a smart meter's local port into exact readings.
//!
//! ```
//! use metertap_decoder::session::{Output, Session, Setup};
//! use metertap_decoder::time::Instant;
//!
//! let mut session = Session::new(Setup::default(), Instant(0));
//! session.handle_bytes(Instant(0), b"/MTP5TEST\r\n\r\n1-0:1.7.0(01.193*kW)\r\n!\r\n");
//! let mut readings = Vec::new();
//! loop {
//!     match session.poll() {
//!         Output::Reading(reading, _) => readings.push(reading),
//!         Output::Notice(notice) => println!("{notice:?}"),
//!         Output::Transmit(_) | Output::Line(_) | Output::Remembered(..) => unreachable!("this meter is never asked"),
//!         // Nothing to do until more bytes arrive, or until the instant in `Wait`.
//!         Output::Wait(_) => break,
//!     }
//! }
//! assert_eq!(readings.len(), 1);
//! assert_eq!(readings[0].values[0].value.to_string(), "1193");
//! ```
//!
//! | you want to | see |
//! |---|---|
//! | decode one whole telegram | [`telegram::read`] |
//! | decode what arrives on a port, in pieces | [`session::Session`], and its module's rules |
//! | choose the protocol and the port's speed | [`stack::Stack`], [`line::Line`] |
//! | give the keys of a meter that encrypts | [`session::Setup::keys`], [`hex::key`] |
//! | poll a meter that sends nothing itself | [`session::Setup::ask`], [`question::Question`], [`schedule::Schedule`] |
//! | find protocol, speed and profile by trying | `detection`, with the feature of that name |
//! | know the power of a house | [`reading::Reading::net_power`]; in France `tic::steps::Steps` |
//! | look for a value | [`reading::Reading::total`], or the fields of [`reading::Measurement`] |
//! | know what a quantity is and its unit | [`reading::Quantity`] |
//! | calculate with a value | [`number::Number`] |
//! | know what went wrong | [`error::Error`] |
//!
//! The other modules are the building blocks of these: checksums, dates, and the tables of meters and registers.
//!
//! ```text
//!  bytes ──► 1 frame ─► 2 join ─► 3 cipher ─► 4 parse ─► 5 harmonise ─► Reading
//!            p1 hdlc     segment    cipher     telegram    tables of
//!            mbus        answer                apdu list   meters/ registers/
//!                        block                 record
//! ```
//!
//! To read the sources, begin with `session.rs`, then `p1`, the protocol of the example above. The crate is `no_std`
//! and needs `alloc`: it does no input or output, reads no clock, draws no random numbers, and uses no floats. Input
//! bytes are not trusted: nothing here panics on them, and [`session::Session::MEMORY`] bounds the memory that they can
//! occupy.
//!
//! The public interface uses two other crates. Names and texts are `smol_str::SmolStr`, because most of them are short
//! and then need no allocation. A `SmolStr` dereferences to `str`, and `.into()` converts a `&str` to one. With the
//! feature `json`, serde's traits are implemented.
#![no_std]
#![cfg_attr(
    not(all(feature = "anatomy", feature = "detect", feature = "redact")),
    allow(
        dead_code,
        unused_imports,
        unused_variables,
        reason = "only some features use these items; with all features, nothing is unused"
    )
)]
#![cfg_attr(
    test,
    allow(
        clippy::cast_possible_truncation,
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::panic,
        clippy::unwrap_used,
        reason = "a test that panics has failed, as it should"
    )
)]

/// Compiles the README's examples as tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
pub struct Readme;

extern crate alloc;
#[cfg(test)]
extern crate std;

pub mod address;
#[cfg(feature = "anatomy")]
pub mod anatomy;
pub mod cipher;
pub mod civil;
pub mod crc;
#[cfg(feature = "detect")]
pub mod detection;
pub mod error;
#[cfg(any(test, fuzzing))]
pub mod fuzz;
pub mod hex;
pub mod identity;
pub mod line;
pub mod meter;
pub mod number;
pub mod question;
pub mod rail;
pub mod reading;
#[cfg(feature = "redact")]
pub mod redact;
pub mod register;
pub mod schedule;
pub mod session;
pub mod stack;
pub mod telegram;
#[cfg(feature = "tic")]
pub mod tic;
pub mod time;

mod cursor;
mod dialogue;
mod dlms;
mod emi;
mod frame;
mod harmonise;
#[cfg(feature = "dlms")]
mod hdlc;
#[cfg(feature = "iec62056")]
mod iec62056;
mod join;
#[cfg(feature = "kmp")]
mod kmp;
mod label;
#[cfg(any(feature = "dlms", feature = "mbus"))]
mod mbus;
#[cfg(feature = "modbus")]
mod modbus;
mod notice;
mod output;
#[cfg(feature = "p1")]
mod p1;
mod physics;
mod pipeline;
mod setup;
mod shape;
#[cfg(feature = "sml")]
mod sml;
mod span;
mod stamp;
mod vif;
mod vocabulary;
mod zone;
