//! [`Problem`]: what is wrong with a line of a file.

use serde::{Deserialize, Serialize};

use crate::fault::Code;

/// What is wrong with a line.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Problem {
    /// Its time cannot be read.
    Time,
    /// A number cannot be read.
    Number,
    /// Its time is not behind the one of the row before, or what it says was said of that time already.
    Order,
    /// No column that is wanted has a value in it.
    Empty,
    /// It is no reading as in the contract.
    Json,
    /// It is longer than any.
    TooLong,
    /// It is of another meter than the lines before.
    OtherMeter,
    /// It is in a form that another version of its program writes.
    Version,
}

impl Problem {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Time,
        Self::Number,
        Self::Order,
        Self::Empty,
        Self::Json,
        Self::TooLong,
        Self::OtherMeter,
        Self::Version,
    ];

    /// What a person is told of it.
    #[must_use]
    pub const fn code(self) -> Code {
        match self {
            Self::Time => Code::ImportTime,
            Self::Number => Code::ImportNumber,
            Self::Order => Code::ImportOrder,
            Self::Empty => Code::ImportEmpty,
            Self::Json => Code::ImportJson,
            Self::TooLong => Code::ImportTooLong,
            Self::OtherMeter => Code::ImportOtherMeter,
            Self::Version => Code::ImportVersion,
        }
    }
}
