//! [`Problem`]: what is wrong with a line of a file.

use serde::{Deserialize, Serialize};

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

    /// A stable word for `fault::words`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Time => "import.time",
            Self::Number => "import.number",
            Self::Order => "import.order",
            Self::Empty => "import.empty",
            Self::Json => "import.json",
            Self::TooLong => "import.too-long",
            Self::OtherMeter => "import.other-meter",
            Self::Version => "import.version",
        }
    }
}
