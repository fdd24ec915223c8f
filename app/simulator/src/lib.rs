//! Simulated meters: for a demo without hardware, as the test partner on a pseudo-terminal, and as the test oracle.
//!
//! The input is a [`Model`], a seed and a start. The output is [`Telegram`]s. Each holds the bytes that such a meter
//! sends, the moment at which they are due, and the [`Truth`] about them in the terms of a reading (docs/reading.md).
//!
//! ```
//! use metertap_simulator::{Meter, Model};
//!
//! let start = 1_795_226_390; // 2026-11-21T02:59:50+01:00
//! let telegram = Meter::new(Model::Dsmr5, 1, start).next().unwrap();
//! assert!(telegram.bytes.starts_with(b"/"));
//! assert_eq!(telegram.truth.time.as_deref(), Some("2026-11-21T02:59:50+01:00"));
//! ```
//!
//! The example `play` writes such telegrams to standard output. [`Model::keys`] has the keys of the models that
//! encrypt.
//!
//! ```text
//! seed, time ──► load ──► household ──► kaifa aidon kamstrup am550 ──► list, axdr ──► hdlc ──► bytes
//!                               │       ma309m e450 xt211 ──► list, axdr ──► carrier ────────► bytes
//!                 (what flows)  │       dsmr emucs swedish smarty ──► p1 ────────────────────► bytes
//!                               │       multical flowiq ──► kmp ─────────────────────────────► bytes
//!                               │       ehz ──► sml ─────────────────────────────────────────► bytes
//!                               │       cyble oms ultraheat ──► mbus ────────────────────────► bytes
//!                               │       optical ──► readout ─────────────────────────────────► bytes
//!                               │       linky ──► tic ───────────────────────────────────────► bytes
//!                               └──────► truth
//! ```
//!
//! Some meters send only on request: [`Asked`] takes the bytes that a computer sends, and answers them.
//!
//! The simulator shares only two things with the decoder: the basic vocabulary (line settings, protocols, checksums,
//! hex digits, OBIS codes) and the calendar without time zones. If both used the same code for more, an error in that
//! code would go unnoticed. Identifications are invented. The names of the meters say whose lists they imitate.

mod aidon;
mod am550;
mod asked;
mod axdr;
mod carrier;
mod clock;
mod cyble;
mod dsmr;
mod e450;
mod ehz;
mod emucs;
mod flowiq;
mod hdlc;
mod house;
mod household;
mod kaifa;
mod kamstrup;
mod keys;
mod kmp;
mod linky;
mod list;
mod load;
mod ma309m;
mod mbus;
mod meter;
mod model;
mod multical;
mod noise;
mod oms;
mod optical;
mod p1;
mod rail;
mod readout;
mod register_value;
mod seal;
mod smarty;
mod sml;
mod swedish;
mod tic;
mod truth;
mod uart;
mod ultraheat;
mod xt211;

pub use asked::{Asked, EmiModel, Rate, Said};
pub use house::House;
pub use keys::Keys;
pub use meter::Meter;
pub use model::Model;
pub use rail::RailModel;
pub use truth::{Telegram, TrueValue, Truth};
pub use uart::heard;
