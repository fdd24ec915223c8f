//! [`Question`] and [`Answer`]: messages by which a screen asks about a meter's future.

use metertap_decoder::number::Number;
use serde::{Deserialize, Serialize};

use super::peaks::month::MonthPeak;
use super::peaks::own::OwnPeaks;
use super::peaks::running::Running;
use super::prediction::Prediction;

/// A question of a screen about a meter.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Question {
    /// The interval in progress, by the rule with this name.
    Running {
        /// The name of the rule.
        rule: String,
    },
    /// The peaks of this month and of the twelve before it.
    Peaks {
        /// The name of the rule.
        rule: String,
    },
    /// How much will have been used by the end of the day and of the month.
    Prediction,
}

/// The log's answer.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    /// The interval in progress; `None` if not enough is known of it.
    Running {
        /// As computed from positions of the counter.
        running: Option<Running>,
        /// What the meter itself reports.
        own: Option<OwnPeaks>,
    },
    /// The peaks of months.
    Peaks(Peaks),
    /// How much will have been used; `None` if fewer than 14 of the last 28 days are known.
    Prediction(Option<Box<Prediction>>),
    /// The log could not be read, or there is no such rule.
    Unreadable,
}

/// The peaks of months.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
pub struct Peaks {
    /// For each peak of the rule, its months, the earliest first; the last is this month.
    pub months: Vec<Vec<MonthPeak>>,
    /// For each peak of the rule, the billed kilowatts: the mean over the rule's number of months.
    pub billed: Vec<Option<Kilowatts>>,
    /// What the meter itself reports.
    pub own: Option<OwnPeaks>,
}

/// A power in a message.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
pub struct Kilowatts(#[serde(with = "crate::as_text")] pub Number);
