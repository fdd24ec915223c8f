//! [`Question`] and [`Answer`]: messages by which a screen asks about a meter's log.

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
use crate::entry::Moment;
use crate::log::calendar::Quarter;
use crate::log::totals::track::Track;
use crate::typed::TypedPosition;

/// A question of a screen about a meter.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Question {
    /// What its log holds.
    Contents,
    /// A curve.
    Curve {
        /// The curve.
        curve: Curve,
        /// The period.
        span: Span,
        /// The number of columns.
        columns: u32,
    },
    /// The totals of spans of time.
    Totals {
        /// The spans; none of them begins or ends within a quarter of an hour.
        spans: Vec<Span>,
    },
    /// The total of one span with any start and end.
    Selection {
        /// The period.
        span: Span,
    },
    /// How a flow is distributed over hours.
    Profile {
        /// The flow.
        flow: Flow,
        /// The period.
        span: Span,
    },
    /// How much of each day was received.
    Completeness {
        /// The span of these days.
        span: Span,
    },
    /// The highest and the lowest values ever, and the base load.
    Records,
    /// The positions that were typed.
    Typed,
}

impl Question {
    /// The totals of these spans until the end of the quarter of an hour that `now` lies in. A later reading has the
    /// time of a clock that was ahead. Its counters stand below the current ones, so a total that ended with it would
    /// be too small, or even negative.
    #[must_use]
    pub fn totals_so_far(mut spans: Vec<Span>, now: Moment) -> Self {
        let end = Quarter(Quarter::of(now).0.saturating_add(1)).start();
        for span in &mut spans {
            span.to = span.to.min(end).max(span.from);
        }
        Self::Totals { spans }
    }
}

/// The log's answer.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    /// What the log holds.
    Contents(Contents),
    /// The lowest and the highest value of each column; `None` where nothing was received.
    Curve(Vec<Option<(f64, f64)>>),
    /// The total of each span.
    Totals(Vec<Total>),
    /// The total of the span. The span may have been widened to quarters of an hour; the answer contains the actual
    /// one.
    Selection(Box<Total>),
    /// How a flow is distributed.
    Profile(Profile),
    /// How much of each day was received.
    Completeness(Vec<Completeness>),
    /// The highest and the lowest values ever, and the base load.
    Records(Records),
    /// The positions that were typed, in chronological order.
    Typed(Vec<TypedPosition>),
    /// The log could not be read.
    Unreadable,
}

/// What a meter's log holds.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
pub struct Contents {
    /// From the first to the last quarter of an hour with a reading; `None` for an empty log.
    pub span: Option<Span>,
    /// The flows that are counted.
    pub flows: Vec<Flow>,
    /// The curves that can be drawn.
    pub curves: Vec<Curve>,
}

/// A curve of a meter.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Curve {
    /// The net power of the house.
    NetPower,
    /// The values of a register.
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
    /// The quantity; `None` for the net power.
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
