//! [`Question`] and [`Answer`]: what a screen wants to know of a meter's log, as a message.

use metertap_decoder::reading::{Phase, Quantity, Unit};
use metertap_decoder::register::RegisterId;
use serde::{Deserialize, Serialize};

use super::as_text;
use super::calendar::Span;
use super::completeness::Completeness;
use super::flow::Flow;
use super::profile::Profile;
use super::records::Records;
use super::totals::Total;
use crate::log::totals::track::Track;
use crate::typed::TypedPosition;

/// What a screen wants to know of a meter.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Question {
    /// What its log holds.
    Contents,
    /// A curve.
    Curve {
        /// The curve.
        curve: Curve,
        /// Over which time.
        span: Span,
        /// In how many columns.
        columns: u32,
    },
    /// What spans of time came to.
    Totals {
        /// Which; none of them begins or ends within a quarter of an hour.
        spans: Vec<Span>,
    },
    /// What one span came to, whenever it begins and ends.
    Selection {
        /// The time.
        span: Span,
    },
    /// How a flow is spread over hours.
    Profile {
        /// The flow.
        flow: Flow,
        /// Over which time.
        span: Span,
    },
    /// How much of each day was heard.
    Completeness {
        /// From which day to which.
        span: Span,
    },
    /// Records.
    Records,
    /// Positions that were typed.
    Typed,
}

/// What the log says to it.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    /// What it holds.
    Contents(Contents),
    /// Lowest and highest value of each column; none where nothing was heard.
    Curve(Vec<Option<(f64, f64)>>),
    /// What each span came to.
    Totals(Vec<Total>),
    /// What the span came to. It may have been widened to quarters of an hour: the answer says what it is of.
    Selection(Box<Total>),
    /// How a flow is spread.
    Profile(Profile),
    /// How much of each day was heard.
    Completeness(Vec<Completeness>),
    /// Records.
    Records(Records),
    /// Positions that were typed, in the order of time.
    Typed(Vec<TypedPosition>),
    /// The log could not be read.
    Unreadable,
}

/// What a meter's log holds.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
pub struct Contents {
    /// From the first to the last quarter of an hour with a reading; none of an empty log.
    pub span: Option<Span>,
    /// What is counted.
    pub flows: Vec<Flow>,
    /// What can be drawn as a curve.
    pub curves: Vec<Curve>,
}

/// A curve of a meter.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Curve {
    /// The net power of the house.
    NetPower,
    /// What a register says.
    Register {
        /// The register's name.
        #[serde(with = "as_text")]
        register: RegisterId,
        /// What it measures.
        quantity: Quantity,
        /// The phase.
        phase: Option<Phase>,
        /// The tariff.
        tariff: Option<u32>,
        /// The sub-meter's channel.
        channel: Option<u8>,
        /// The unit.
        unit: Option<Unit>,
    },
}

impl Curve {
    /// What it measures; none of the net power.
    #[must_use]
    pub const fn quantity(self) -> Option<Quantity> {
        match self {
            Self::NetPower => None,
            Self::Register { quantity, .. } => Some(quantity),
        }
    }

    /// Its unit.
    #[must_use]
    pub const fn unit(self) -> Option<Unit> {
        match self {
            Self::NetPower => Some(Unit::Watt),
            Self::Register { unit, .. } => unit,
        }
    }
}

impl From<Track> for Curve {
    fn from(track: Track) -> Self {
        match track {
            Track::NetPower => Self::NetPower,
            Track::Register { register, quantity, phase, tariff, channel, unit } => {
                Self::Register { register, quantity, phase, tariff, channel, unit }
            }
        }
    }
}

impl From<Curve> for Track {
    fn from(curve: Curve) -> Self {
        match curve {
            Curve::NetPower => Self::NetPower,
            Curve::Register { register, quantity, phase, tariff, channel, unit } => {
                Self::Register { register, quantity, phase, tariff, channel, unit }
            }
        }
    }
}
