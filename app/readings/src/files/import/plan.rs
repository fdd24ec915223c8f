//! [`Plan`]: how to understand a file.

use serde::{Deserialize, Serialize};

use super::moment::{Dates, Times};
use super::step::Step;
use crate::entry::Moment;
use crate::log::calendar::Quarter;

/// How to understand a file. The user may change any of it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Plan {
    /// The kind of the file.
    pub kind: FileKind,
    /// What separates the cells of a table.
    pub separator: char,
    /// Whether numbers have a decimal comma.
    pub decimal_comma: bool,
    /// How many rows come before the first row of values.
    pub heads: u32,
    /// The column with the time, and the column with the time of day if there is a separate one.
    pub time: (usize, Option<usize>),
    /// How times are written.
    pub times: Times,
    /// The zone of times without an offset, by its IANA name; `None` for this computer's zone.
    #[serde(default)]
    pub zone: Option<String>,
    /// Columns whose titles are times, or times of day, with those titles: each cell below is a value at that time.
    pub across: Vec<(usize, String)>,
    /// The column that distinguishes meters: rows of other meters than the first are left out.
    pub meter: Option<usize>,
    /// The column with the row's unit.
    pub unit: Option<usize>,
    /// Whether a row holds what was counted in a span, not the counter's position at its time.
    pub difference: bool,
    /// Whether a row's time is the end of the row's span, not the beginning.
    pub until: bool,
    /// The length of a row's span, if it is known.
    pub step: Option<Step>,
    /// Whether the rows must be sorted: the newest may come first, or all rows of one register before those of another.
    pub sorted: bool,
    /// What the columns mean. Other columns are left out.
    pub columns: Vec<Planned>,
}

impl Plan {
    /// The moment at which the log keeps a reading that the file dates `at`.
    ///
    /// In a table, a position at midnight is the end of the day before. So it is kept at the last moment of that day,
    /// as in a table of differences. The same holds at the beginning of each quarter-hour. Readings from other kinds of
    /// files keep their time.
    #[must_use]
    pub fn kept_at(&self, at: Moment) -> Moment {
        match self.kind {
            FileKind::Table | FileKind::Statements if at == Quarter::of(at).start() => {
                Moment(at.0.saturating_sub(1))
            }
            _ => at,
        }
    }

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

/// The kinds of files.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum FileKind {
    /// The configuration that the amsreader firmware saves, with its hours and days.
    Amsreader,
    /// One reading per line, as docs/reading.md describes it.
    JsonLines,
    /// Rows of a table as SQL, one statement per line.
    Statements,
    /// A table of cells.
    Table,
}

/// What a column means.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Planned {
    /// The index of the column, from 0; for columns whose titles are times, the first of them.
    pub column: usize,
    /// The name of a [`Register`](super::Register).
    pub register: String,
    /// The power of ten between the file's unit and the register's: −3 for Wh, 3 for MWh. For a power that becomes
    /// energy: between its unit and watts.
    pub scale: i8,
    /// The rows in which the column has this meaning; `None` for all rows.
    pub only: Option<Only>,
    /// Whether it is the mean power of a span. Multiplied by the span's length, it becomes energy.
    pub power: bool,
    /// Whether amounts are written as negative numbers.
    pub negated: bool,
}

impl Planned {
    /// Makes the column a mean power, which becomes energy. Numbers that were taken as kWh are then taken as kW.
    pub fn as_power(&mut self) {
        if !self.power {
            self.power = true;
            self.scale = self.scale.saturating_add(3);
        }
    }
}

/// The rows with this text in this column. A table may have several rows with the same time, one for each register.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Only {
    /// The index of the column, from 0.
    pub column: usize,
    /// The text in it; a star stands for anything.
    pub cell: String,
}

impl Only {
    pub(super) fn holds(&self, row: &[String]) -> bool {
        row.get(self.column).is_some_and(|cell| is_named(cell, &self.cell))
    }
}

/// Whether a text equals this name, ignoring case; a star stands for anything.
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
    fn a_position_at_the_end_of_a_quarter_is_kept_in_it() {
        let at = |text: &str| text.parse::<Moment>().unwrap();
        let kept = |kind, text| Plan::of(kind).kept_at(at(text));
        let midnight = "2026-01-01T00:00:00Z";
        for kind in [FileKind::Table, FileKind::Statements] {
            assert_eq!(kept(kind, midnight), at("2025-12-31T23:59:59.999Z"));
            assert_eq!(kept(kind, "2026-01-01T00:00:10Z"), at("2026-01-01T00:00:10Z"));
        }
        for kind in [FileKind::JsonLines, FileKind::Amsreader] {
            assert_eq!(kept(kind, midnight), at(midnight));
        }
    }

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
