//! [`Plan`]: how a file is to be understood.

use serde::{Deserialize, Serialize};

/// How a file is to be understood. A person may change any of it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Plan {
    /// What kind of file it is.
    pub kind: Kind,
    /// What stands between the cells of a table.
    pub separator: char,
    /// Whether a comma stands before decimal places.
    pub decimal_comma: bool,
    /// How many rows of a table stand before its first row of values.
    pub heads: u32,
    /// The column with the time, and with the time of day where that is another.
    pub time: (usize, Option<usize>),
    /// The column that tells meters apart: rows of others than the first are left out.
    pub meter: Option<usize>,
    /// Whether a row says what was counted from its time on, and not what a counter showed then.
    pub difference: bool,
    /// Whether what a row counted was counted until its time, and not from it on.
    pub until: bool,
    /// What the columns mean; those that are not here are left out.
    pub columns: Vec<Planned>,
}

/// What kind of file.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// The configuration that the amsreader firmware saves, with its hours and days.
    Amsreader,
    /// A reading a line, as in the contract.
    JsonLines,
    /// Rows of a table as SQL, a statement a line.
    Statements,
    /// Cells.
    Table,
}

/// What a column means.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Planned {
    /// Which column, from 0.
    pub column: usize,
    /// The name of a [`Register`](super::Register).
    pub register: String,
    /// The power of ten between the file's unit and the register's: −3 for Wh, 3 for MWh.
    pub scale: i8,
    /// The rows in which it means that; all of them where this is none.
    pub only: Option<Only>,
}

/// Rows with that text in that column: a table may have a row for each register, all of one time.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Only {
    /// Which column, from 0.
    pub column: usize,
    /// What stands in it.
    pub cell: String,
}
