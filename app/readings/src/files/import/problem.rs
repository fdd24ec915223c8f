//! [`Wrong`]: what is wrong with a line of a file.

use serde::{Deserialize, Serialize};

use crate::fault::Code;

/// A line that makes no reading.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Wrong {
    /// Its number, from 1.
    pub line: u64,
    /// What is wrong with it.
    pub problem: Problem,
    /// The text that was not understood; empty where it is not one cell.
    pub text: String,
}

/// What is wrong with a line.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Problem {
    /// Its time cannot be read.
    Time,
    /// Whether its date begins with the day or the month was not said.
    Dates,
    /// A number cannot be read.
    Number,
    /// Its unit is not one of what the column measures.
    Unit,
    /// It is a power, and how long it lasted is not known.
    Step,
    /// Its time is not behind the one of the row before, or what it says was said of that time already.
    Order,
    /// No column that is wanted has a value in it.
    Empty,
    /// It is of a register that no column means.
    Register,
    /// It is no reading as in the contract.
    Json,
    /// It is longer than any.
    TooLong,
    /// There are more lines than can be put in order.
    TooMany,
    /// It is of another meter than the lines before.
    OtherMeter,
    /// It is in a form that another version of its program writes.
    Version,
}

impl Problem {
    /// All of them.
    pub const ALL: [Self; 13] = [
        Self::Time,
        Self::Dates,
        Self::Number,
        Self::Unit,
        Self::Step,
        Self::Order,
        Self::Empty,
        Self::Register,
        Self::Json,
        Self::TooLong,
        Self::TooMany,
        Self::OtherMeter,
        Self::Version,
    ];

    /// What a person is told of it.
    #[must_use]
    pub const fn code(self) -> Code {
        match self {
            Self::Time => Code::ImportTime,
            Self::Dates => Code::ImportDates,
            Self::Number => Code::ImportNumber,
            Self::Unit => Code::ImportUnit,
            Self::Step => Code::ImportStep,
            Self::Order => Code::ImportOrder,
            Self::Empty => Code::ImportEmpty,
            Self::Register => Code::ImportRegister,
            Self::Json => Code::ImportJson,
            Self::TooLong => Code::ImportTooLong,
            Self::TooMany => Code::ImportTooMany,
            Self::OtherMeter => Code::ImportOtherMeter,
            Self::Version => Code::ImportVersion,
        }
    }

    /// It of a line, with the text that was not understood.
    pub(super) fn of(self, line: u64, text: &str) -> Wrong {
        Wrong { line, problem: self, text: text.chars().take(LONGEST).collect() }
    }
}

/// Letters of a text that are told.
const LONGEST: usize = 80;
