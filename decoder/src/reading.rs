//! [`Reading`]: one shape for every meter, and its JSON, version 1.
//!
//! The JSON form is a contract with other programs: fields may be added by a new version only. Numbers are written as
//! decimal strings, so that no reader passes them through a float unasked.

#[cfg(feature = "json")]
mod json;

use alloc::vec::Vec;

#[cfg(feature = "json")]
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use crate::register::{RegisterId, Value};
use crate::time::MeterTime;
pub use crate::vocabulary::{NotAWord, Phase, Protocol, Quantity, Unit};

#[cfg(feature = "json")]
use self::json::Wire;

/// All that one complete telegram said.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "json", derive(Deserialize, Serialize), serde(into = "Wire", try_from = "Wire"))]
pub struct Reading {
    /// The identification that the meter itself sends; `None` until one was heard on this line.
    pub meter: Option<SmolStr>,
    /// The maker's three letters (FLAG code), as sent or looked up.
    pub maker: Option<SmolStr>,
    /// The model, as sent or looked up.
    pub model: Option<SmolStr>,
    /// How the telegram came.
    pub protocol: Protocol,
    /// The moment that the reading is of; `None` where the telegram has no clock.
    pub time: Option<MeterTime>,
    /// Whose clock `time` is.
    pub time_source: TimeSource,
    /// How sure it is that these are the meter's octets.
    pub integrity: Integrity,
    /// Every register that the meter sent, in its order; those nobody knows have no quantity.
    pub values: Vec<Measurement>,
}

impl Reading {
    /// Whether it is of a telegram that was heard from its beginning. A readout without an identification line and without
    /// a block check began before somebody listened: it proves neither its protocol nor who sent it.
    #[must_use]
    pub fn has_beginning(&self) -> bool {
        self.protocol != Protocol::Iec62056 || self.integrity != Integrity::Unchecked || self.maker.is_some()
    }
}

/// One value of a reading.
#[derive(Clone, Debug, PartialEq)]
pub struct Measurement {
    /// The meter's own name of the register.
    pub register: RegisterId,
    /// What it measures; `None` where no table says.
    pub quantity: Option<Quantity>,
    /// The phase, where it is of one.
    pub phase: Option<Phase>,
    /// The tariff, from 1.
    pub tariff: Option<u32>,
    /// The sub-meter's channel, from 1.
    pub channel: Option<u8>,
    /// Which of the values that the meter keeps from earlier, from 1; the present one has none.
    pub storage: Option<u64>,
    /// The moment of the value itself, where it has one.
    pub time: Option<MeterTime>,
    /// The value, in `unit`.
    pub value: Value,
    /// The quantity's own unit, or the one sent where the conversion is no power of ten.
    pub unit: Option<Unit>,
    /// Set where the value must not be charted or summed.
    pub error: Option<ValueError>,
    /// Who says how large the value is.
    pub scaling: Scaling,
}

/// A reading is mostly values, and its time goes into writing them: each should lie within two cache lines.
const _: () = assert!(size_of::<Value>() <= 24 && size_of::<Measurement>() <= 88);

/// Who says what power of ten and what unit belong to the digits of a value. The JSON tells where it was not the telegram;
/// a value that was read back without a word of it says [`Scaling::Unstated`].
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Scaling {
    /// Nobody: text, a plain count, or a number whose size nobody knows.
    #[default]
    Unstated,
    /// The telegram itself.
    Wire,
    /// A row of `meters/`, because this meter's telegrams do not say.
    Table,
    /// Several rows were possible, and physics left this one.
    Inferred,
    /// A person.
    Stated,
}

/// Whose clock a reading's time is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "json", derive(Deserialize, Serialize), serde(rename_all = "lowercase"))]
pub enum TimeSource {
    /// The meter's.
    Meter,
    /// That of the computer which heard the telegram.
    Received,
}

/// How sure it is that a reading is what the meter sent.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "json", derive(Deserialize, Serialize), serde(rename_all = "lowercase"))]
pub enum Integrity {
    /// A GCM tag was verified.
    Authenticated,
    /// A checksum held.
    Checked,
    /// The protocol version has neither, or the tag could not be verified for want of an authentication key.
    Unchecked,
}

/// Why a value must not be used.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "json", derive(Deserialize, Serialize), serde(rename_all = "kebab-case"))]
pub enum ValueError {
    /// The meter marks the value, or its time stamp, as invalid.
    Invalid,
    /// No home has such a value, or no scale that the tables know of agrees with physics. See `registers/plausible.toml`
    /// and `harmonise/proof.rs`.
    Implausible,
}
