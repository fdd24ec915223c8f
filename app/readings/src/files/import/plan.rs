//! [`Plan`]: how a file is to be understood.

use serde::{Deserialize, Serialize};

use super::moment::{Dates, Times};
use super::step::Step;

/// How a file is to be understood. A person may change any of it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Plan {
    /// What kind of file it is.
    pub kind: FileKind,
    /// What stands between the cells of a table.
    pub separator: char,
    /// Whether a comma stands before decimal places.
    pub decimal_comma: bool,
    /// How many rows of a table stand before its first row of values.
    pub heads: u32,
    /// The column with the time, and with the time of day where that is another.
    pub time: (usize, Option<usize>),
    /// How times are written.
    pub times: Times,
    /// The zone of times that say none, by its IANA name; that of this computer if none.
    #[serde(default)]
    pub zone: Option<String>,
    /// Columns whose titles are times, or times of day, and those titles: each is a value of its own.
    pub across: Vec<(usize, String)>,
    /// The column that tells meters apart: rows of others than the first are left out.
    pub meter: Option<usize>,
    /// The column with the unit of a row.
    pub unit: Option<usize>,
    /// Whether a row says what was counted from its time on, and not what a counter showed then.
    pub difference: bool,
    /// Whether what a row counted was counted until its time, and not from it on.
    pub until: bool,
    /// How long that was, as far as it is known.
    pub step: Option<Step>,
    /// Whether the rows are not simply in the order of time: the newest may come first, or the registers one after another.
    pub sorted: bool,
    /// What the columns mean; those that are not here are left out.
    pub columns: Vec<Planned>,
}

impl Plan {
    /// One of that kind, of which nothing else is known.
    pub(super) fn of(kind: FileKind) -> Self {
        Self {
            kind,
            separator: ',',
            decimal_comma: false,
            heads: 0,
            time: (0, None),
            times: Times { dates: Some(Dates::DayFirst), parts: None, utc: false },
            zone: None,
            across: Vec::new(),
            meter: None,
            unit: None,
            difference: false,
            until: false,
            step: None,
            sorted: false,
            columns: Vec::new(),
        }
    }
}

/// What kind of file.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum FileKind {
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
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Planned {
    /// Which column, from 0; of those whose titles are times, the first.
    pub column: usize,
    /// The name of a [`Register`](super::Register).
    pub register: String,
    /// The power of ten between the file's unit and the register's: −3 for Wh, 3 for MWh. Of a power of which energy is
    /// made, between its unit and watts.
    pub scale: i8,
    /// The rows in which it means that; all of them where this is none.
    pub only: Option<Only>,
    /// Whether it is the mean power of a span, which becomes energy by the span's length.
    pub power: bool,
    /// Whether amounts stand there as numbers below zero.
    pub negated: bool,
}

impl Planned {
    /// Makes it a mean power, of which energy is made: in kilowatts, where no unit says otherwise.
    pub fn as_power(&mut self) {
        if !self.power {
            self.power = true;
            self.scale = self.scale.saturating_add(3);
        }
    }
}

/// Rows with that text in that column: a table may have a row for each register, all of one time.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Only {
    /// Which column, from 0.
    pub column: usize,
    /// What stands in it; a star stands for anything.
    pub cell: String,
}

impl Only {
    pub(super) fn holds(&self, row: &[String]) -> bool {
        row.get(self.column).is_some_and(|cell| is_named(cell, &self.cell))
    }
}

/// Whether a text is that name, whichever letters are capitals; a star stands for anything.
pub(super) fn is_named(text: &str, name: &str) -> bool {
    let (text, name) = (text.to_lowercase(), name.to_lowercase());
    let Some((begin, rest)) = name.split_once('*') else { return text == name };
    let Some(mut text) = text.strip_prefix(begin) else { return false };
    let mut parts = rest.split('*');
    let end = parts.next_back().unwrap_or_default();
    for part in parts {
        let Some((_, behind)) = text.split_once(part) else { return false };
        text = behind;
    }
    text.ends_with(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_anything() {
        for (text, name) in [
            ("Volume", "volume"),
            ("AT001 - Verbrauch [kWh]", "*Verbrauch [kWh]"),
            ("Active energy Wh (A)", "Active energy Wh*"),
            ("Consumo registado, Ativa (kW)", "Consumo registado*(kW)"),
            ("a-b-c", "a*b*c"),
            ("WARTOŚĆ", "wartość"),
        ] {
            assert!(is_named(text, name), "{text}");
        }
        for (text, name) in [("Volumes", "Volume"), ("a-b-c", "a*c*b"), ("ab", "ab*b"), ("", "a*")] {
            assert!(!is_named(text, name), "{text} {name}");
        }
    }
}
