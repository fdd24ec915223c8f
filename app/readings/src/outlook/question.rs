//! [`Question`] and [`Answer`]: what a screen wants to know of what will come, as a message.

use metertap_decoder::number::Number;
use serde::{Deserialize, Serialize};

use super::peaks::month::MonthPeak;
use super::peaks::own::OwnPeaks;
use super::peaks::running::Running;
use super::prediction::Prediction;

/// What a screen wants to know of a meter.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Question {
    /// The interval that is under way, by the rule of that name.
    Running {
        /// Which rule.
        rule: String,
    },
    /// The peaks of this month and of the twelve before it.
    Peaks {
        /// By which rule.
        rule: String,
    },
    /// How much will have been used.
    Prediction,
}

/// What the log says to it.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    /// The interval that is under way; none where not enough is known of it.
    Running {
        /// As worked out from positions of the counter.
        running: Option<Running>,
        /// What the meter says itself.
        own: Option<OwnPeaks>,
    },
    /// The peaks of months.
    Peaks(Peaks),
    /// How much will have been used; none where fewer than 14 days are known.
    Prediction(Option<Box<Prediction>>),
    /// The log could not be read, or there is no such rule.
    Unreadable,
}

/// The peaks of months.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
pub struct Peaks {
    /// For each peak of the rule its months, the earliest first; the last is this month.
    pub months: Vec<Vec<MonthPeak>>,
    /// For each peak of the rule, kilowatts that are billed: the mean of as many months as the rule says.
    pub billed: Vec<Option<Kilowatts>>,
    /// What the meter says itself.
    pub own: Option<OwnPeaks>,
}

/// A power in a message.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
pub struct Kilowatts(#[serde(with = "crate::as_text")] pub Number);
