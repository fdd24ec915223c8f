//! [`Wrong`]: what is wrong with a line of a file.

use serde::{Deserialize, Serialize};

use crate::fault::Code;

/// A line from which no reading can be made.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Wrong {
    /// Its number, from 1.
    pub line: u64,
    /// The problem.
    pub problem: Problem,
    /// The text that was not understood; empty if the problem is not in particular cells.
    pub text: String,
}

/// A problem with a line.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Problem {
    /// Its time cannot be read, or is one that clocks skip.
    Time,
    /// It is unknown what its date begins with: the day, the month or the year.
    Dates,
    /// A number cannot be read, or an amount is negative.
    Number,
    /// Its unit does not fit the column's quantity.
    Unit,
    /// It is a power, and the length of its span is unknown.
    Step,
    /// Its time is not after that of the previous row, or its register already has a value at that time.
    Order,
    /// It has no value in any of the wanted columns, or is an SQL statement of another form.
    Empty,
    /// It belongs to a register that no column stands for.
    Register,
    /// It is neither a reading (docs/reading.md) nor a possible correction (docs/exports.md).
    Json,
    /// It is longer than the limit.
    TooLong,
    /// There are more lines than can be sorted.
    TooMany,
    /// It belongs to another meter than the lines before.
    OtherMeter,
    /// The version of the program that wrote it is not supported.
    Version,
    /// It is a correction, and its meter has no room for more.
    Corrections,
}

impl Problem {
    /// All of them.
    pub const ALL: [Self; 14] = [
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
        Self::Corrections,
    ];

    /// The fault code that users see.
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
            Self::Corrections => Code::MeterCorrections,
        }
    }

    pub(super) fn of(self, line: u64, text: &str) -> Wrong {
        Wrong { line, problem: self, text: text.chars().take(LONGEST).collect() }
    }
}

/// The most letters of a text that are reported.
const LONGEST: usize = 80;
