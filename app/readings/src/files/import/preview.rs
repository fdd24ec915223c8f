//! [`Preview`]: what the beginning of a file contains, and how the file would be understood.

use metertap_decoder::reading::Unit;
use serde::{Deserialize, Serialize};

use super::amsreader::Plots;
use super::format::Register;
use super::guess::{ColumnFacts, planned};
use super::plan::{FileKind, Only, Plan, Planned};
use super::recognise::{known, named_time, of_format};
use super::sample::MOST_HEADS;
use super::statement::Statement;
use super::survey::{Places, Survey};
use super::word::{Meaning, Said};
use crate::entry::Entry;
use crate::fault::Code;
use crate::files::is_utf_16;

/// A file's preview.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Preview {
    /// The program that wrote the table, if it is recognised.
    pub format: Option<String>,
    /// The titles of a table's columns.
    pub titles: Vec<String>,
    /// The first rows of a table.
    pub rows: Vec<Vec<String>>,
    /// Columns with few different texts, with those texts: each text may stand for a register.
    pub texts: Vec<(usize, Vec<String>)>,
    /// How the file would be understood.
    pub plan: Plan,
    columns: Vec<ColumnFacts>,
    /// Whether the rows of one register may follow all rows of another.
    anew: bool,
}

/// Why a file is of no known kind.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Unseen {
    /// It is neither text of this program nor a table with times.
    Unknown,
    /// It is JSON of another program.
    OtherJson,
    /// It is UTF-16 text.
    Utf16,
}

impl Unseen {
    /// The fault code that users see.
    #[must_use]
    pub const fn code(self) -> Code {
        match self {
            Self::Unknown => Code::ImportUnknown,
            Self::OtherJson => Code::ImportOtherJson,
            Self::Utf16 => Code::FileUtf16,
        }
    }
}

impl Preview {
    /// The most bytes of a file that are looked at.
    pub const BEGINNING: usize = 1 << 22;

    /// The preview of a file that begins with these bytes.
    ///
    /// # Errors
    /// If the file is of no known kind.
    pub fn of(beginning: &[u8]) -> Result<Self, Unseen> {
        let is_all = beginning.len() < Self::BEGINNING;
        let beginning = beginning.get(..Self::BEGINNING).unwrap_or(beginning);
        let beginning = beginning.strip_prefix("\u{FEFF}".as_bytes()).unwrap_or(beginning);
        if beginning.trim_ascii_start().starts_with(b"{") || beginning.trim_ascii_start().starts_with(b"[") {
            return Self::json(beginning);
        }
        if Plots::begin(beginning) {
            // Its settings are private, so the preview has no rows.
            let plot = |(column, register): (usize, &str)| Planned {
                column,
                register: register.into(),
                scale: -3,
                ..Planned::default()
            };
            let columns = ["import", "export"].into_iter().enumerate().map(plot).collect();
            return Ok(Self::without_rows(Plan { columns, ..Plan::of(FileKind::Amsreader) }));
        }
        if Statement::begins(beginning) {
            return Self::statements(beginning).ok_or(Unseen::Unknown);
        }
        if is_utf_16(beginning) {
            return Err(Unseen::Utf16);
        }
        if beginning.contains(&0) {
            return Err(Unseen::Unknown);
        }
        // The separator that gives a recognised table, or else the one that gives the most columns.
        let short = beginning.get(..SHORT).unwrap_or(beginning);
        let is_short = is_all && short.len() == beginning.len();
        let seen = SEPARATORS.iter().filter_map(|separator| {
            let survey = Survey::find(short, *separator, is_short)?;
            Some(((survey.format.is_some(), survey.columns.len()), *separator))
        });
        let separator = seen.max().map(|(_, separator)| separator);
        let survey = separator.and_then(|separator| Survey::find(beginning, separator, is_all));
        survey.map(Self::of_survey).ok_or(Unseen::Unknown)
    }

    /// Returns the preview of the file under the user's plan. If the user has changed the separator, the column with
    /// the time or the first row of values, the table is looked at again. The plan then gets new guesses of how times
    /// are written and how long spans are, except where the user has changed them.
    ///
    /// # Errors
    /// If the file is of no known kind.
    pub fn as_planned(beginning: &[u8], plan: Plan) -> Result<Self, Unseen> {
        let seen = Self::of(beginning)?;
        let form = |plan: &Plan| (plan.separator, plan.time, plan.heads);
        if plan.kind != FileKind::Table || form(&plan) == form(&seen.plan) {
            return Ok(Self { plan, ..seen });
        }
        let is_all = beginning.len() < Self::BEGINNING;
        let beginning = beginning.get(..Self::BEGINNING).unwrap_or(beginning);
        let places = Places {
            separator: plan.separator,
            time: plan.time,
            heads: usize::try_from(plan.heads).unwrap_or(usize::MAX),
            across: plan.across.clone(),
        };
        let anew = Survey::at(beginning, is_all, places).map(Self::of_survey).ok_or(Unseen::Unknown)?;
        let plan = Plan {
            times: if plan.times == seen.plan.times { anew.plan.times } else { plan.times },
            step: if plan.step == seen.plan.step { anew.plan.step } else { plan.step },
            sorted: anew.plan.sorted || plan.sorted,
            ..plan
        };
        Ok(Self { plan, ..anew })
    }

    /// A file is this program's if one of its first lines is a reading. A broken line says nothing about the others.
    fn json(beginning: &[u8]) -> Result<Self, Unseen> {
        let mut lines = beginning.split(|octet| *octet == b'\n').take(MOST_HEADS);
        let is_reading = |line: &[u8]| serde_json::from_slice::<Entry>(line.trim_ascii()).is_ok();
        if lines.any(is_reading) {
            return Ok(Self::without_rows(Plan::of(FileKind::JsonLines)));
        }
        Err(Unseen::OtherJson)
    }

    fn without_rows(plan: Plan) -> Self {
        let (titles, rows, texts, columns) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Self { format: None, titles, rows, texts, plan, columns, anew: false }
    }

    /// A preview of the first statement's table. Other tables in the file repeat its readings as hours, days, months
    /// and years.
    fn statements(beginning: &[u8]) -> Option<Self> {
        let mut statements = beginning.split(|octet| *octet == b'\n').map_while(Statement::read).peekable();
        let titles = statements.peek()?.titles.clone();
        let format = known(&titles, &[])?;
        let table = Only { column: 0, cell: titles.first()?.clone() };
        let of_table = |planned: Planned| Planned { only: Some(table.clone()), ..planned };
        let plan = Plan {
            time: named_time(format, &titles)?,
            difference: format.difference,
            columns: of_format(format, &titles).into_iter().map(of_table).collect(),
            ..Plan::of(FileKind::Statements)
        };
        let rows = statements.take(FIRST_ROWS).map(|statement| statement.cells).collect();
        Some(Self { format: Some(format.name.to_owned()), titles, rows, ..Self::without_rows(plan) })
    }

    fn of_survey(survey: Survey) -> Self {
        let Survey { format, titles, rows, texts, plan, columns, anew } = survey;
        Self { format: format.map(|format| format.name.to_owned()), titles, rows, texts, plan, columns, anew }
    }

    /// The only column of numbers that is neither the time nor a contract's or meter's number; `None` if there is none,
    /// or more than one.
    #[must_use]
    pub fn value(&self) -> Option<usize> {
        let mut values = self.columns.iter().enumerate().filter(|(_, facts)| facts.has_numbers);
        values.next().filter(|_| values.next().is_none()).map(|(column, _)| column)
    }

    /// Returns the plan in which a column stands for the register that the user chose: in all rows, or only in those
    /// with a text in another column. Without a register, the column has no meaning. Whether the column holds amounts
    /// or positions is decided by its title and its numbers, unless another column, times in the titles or a recognised
    /// format have already decided it.
    #[must_use]
    pub fn choose(
        &self,
        plan: &Plan,
        column: usize,
        only: Option<Only>,
        register: Option<&Register>,
    ) -> Plan {
        let mut plan = plan.clone();
        plan.columns.retain(|planned| (planned.column, &planned.only) != (column, &only));
        let Some(register) = register else { return plan };
        let facts = self.columns.get(column).copied().unwrap_or_default();
        let planned = planned(column, register, facts.unit, facts.is_negative).unwrap_or_else(|| Planned {
            column,
            register: register.name.to_owned(),
            ..Planned::default()
        });
        if plan.columns.is_empty() && plan.across.is_empty() && self.format.is_none() {
            let title = Said::of(self.titles.get(column).map(String::as_str).unwrap_or_default());
            let is_position = title.says(Meaning::Position) || facts.is_position;
            let is_counter = register.unit() != Some(Unit::Watt);
            plan.difference = is_counter && (planned.power || title.says(Meaning::Counted) || !is_position);
        }
        plan.sorted |= only.is_some() && self.anew;
        // If a column has several meanings, the first one whose condition a row meets is used.
        let place = if only.is_some() { 0 } else { plan.columns.len() };
        plan.columns.insert(place, Planned { only, ..planned });
        plan
    }
}

const SEPARATORS: [char; 4] = [',', ';', '\t', '|'];
/// How many bytes are used to find the separator.
const SHORT: usize = 1 << 16;
/// How many rows are shown.
const FIRST_ROWS: usize = 5;
