//! [`Reading`]: one type for every meter, and its JSON form, version 1.
//!
//! The JSON form is a contract with other programs (`docs/reading.md`): version 1 may gain quantities and optional
//! keys, and only a new version may change or remove one. Numbers are decimal strings, so that no JSON parser turns
//! them into floats.

#[cfg(feature = "json")]
mod json;
mod total;

use alloc::vec::Vec;
use core::fmt;

#[cfg(feature = "json")]
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use crate::register::{RegisterId, Value};
use crate::time::MeterTime;
pub use crate::vocabulary::{NotAWord, Phase, Protocol, Quantity, Unit};

#[cfg(feature = "json")]
use self::json::Wire;

/// Everything that one complete telegram contained.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "json", derive(Deserialize, Serialize), serde(into = "Wire", try_from = "Wire"))]
pub struct Reading {
    /// The identification that the meter itself sends; `None` until this line has carried one.
    pub meter: Option<SmolStr>,
    /// The maker's three letters (FLAG code), as sent or looked up.
    pub maker: Option<SmolStr>,
    /// The model, as sent or looked up.
    pub model: Option<SmolStr>,
    /// The protocol that carried the telegram.
    pub protocol: Protocol,
    /// The time of the reading; `None` if the telegram states no valid time.
    pub time: Option<MeterTime>,
    /// The clock that gave `time`.
    pub time_source: TimeSource,
    /// How certain it is that these are the bytes that the meter sent.
    pub integrity: Integrity,
    /// Every register that the meter sent, in the meter's order. A register that no table describes has no quantity.
    pub values: Vec<Measurement>,
}

impl Reading {
    /// Whether the telegram was received from its beginning. A readout without an identification line and without a
    /// block check began before the session listened: it proves neither its protocol nor its sender.
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
    /// What the register measures; `None` if no table describes it.
    pub quantity: Option<Quantity>,
    /// The phase, if the value belongs to one.
    pub phase: Option<Phase>,
    /// The tariff, from 1; `None` if the value covers all tariffs.
    pub tariff: Option<u32>,
    /// The channel of the sub-meter, or the subunit of M-Bus, from 1; `None` for the meter itself.
    pub channel: Option<u8>,
    /// For a value that the meter kept from an earlier time: the storage number of M-Bus, or the billing period of an
    /// OBIS code, from 1. `None` for the present value.
    pub storage: Option<u64>,
    /// The time of the value itself, if it has one.
    pub time: Option<MeterTime>,
    /// The value, in `unit`.
    pub value: Value,
    /// The unit of `value`: the quantity's own unit, or the unit that was sent if conversion takes more than a power of
    /// ten. `None` if the value has no unit, or if its unit is unknown.
    pub unit: Option<Unit>,
    /// Set if the value must not be charted or summed.
    pub error: Option<ValueError>,
    /// Where the power of ten and the unit come from.
    pub scaling: Scaling,
}

/// The value and its unit, `1193 W`, or the value alone if it has none: `0.987`.
impl fmt::Display for Measurement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value.fmt(f)?;
        match self.unit {
            None | Some(Unit::One) => Ok(()),
            Some(unit) => write!(f, " {unit}"),
        }
    }
}

/// A reading consists mostly of values, and most of the time to make a reading goes into writing them. Each value
/// should fit into two cache lines.
const _: () = assert!(size_of::<Value>() <= 24 && size_of::<Measurement>() <= 88);

/// Where the power of ten and the unit of a value come from. The JSON form omits [`Scaling::Unstated`] and
/// [`Scaling::Wire`]; a value read from JSON without a scaling is [`Scaling::Unstated`].
///
/// Exhaustive: version 1 of the JSON form has these words.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Scaling {
    /// Nowhere: text, a plain count, or a number whose unit and size are unknown.
    #[default]
    Unstated,
    /// The telegram itself.
    Wire,
    /// A table in `meters/` or `registers/`, because this meter's telegrams do not state them, or state them wrongly.
    Table,
    /// Physics: of several scales or profiles in the tables, this one agrees with the values.
    Inferred,
    /// The user.
    Stated,
}

/// The clock that a reading's time comes from.
///
/// Exhaustive: version 1 of the JSON form has these words.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "json", derive(Deserialize, Serialize), serde(rename_all = "lowercase"))]
pub enum TimeSource {
    /// The meter's clock.
    Meter,
    /// The clock of the computer that received the telegram.
    Received,
}

/// How certain it is that a reading is what the meter sent.
///
/// Exhaustive: version 1 of the JSON form has these words.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "json", derive(Deserialize, Serialize), serde(rename_all = "lowercase"))]
pub enum Integrity {
    /// A GCM tag was verified.
    Authenticated,
    /// A checksum was correct.
    Checked,
    /// The protocol version has neither tag nor checksum, or the tag could not be verified without an authentication
    /// key.
    Unchecked,
}

/// Why a value must not be used.
///
/// Exhaustive: version 1 of the JSON form has these words.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "json", derive(Deserialize, Serialize), serde(rename_all = "kebab-case"))]
pub enum ValueError {
    /// The meter marks the value, or its time stamp, as invalid.
    Invalid,
    /// No home has such a value, or no scale in the tables agrees with physics. See `registers/plausible.toml` and
    /// `harmonise/proof.rs`.
    Implausible,
}
