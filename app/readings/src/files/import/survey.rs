//! [`Survey`]: a table's contents, column by column, and how it would be understood.

use super::format::Format;
use super::guess::{ColumnFacts, Surroundings, has_code, is_unit_title};
use super::moment::Written;
use super::number::measured;
use super::plan::{FileKind, Plan, Planned};
use super::recognise::{known, named_time, of_format, place};
use super::sample::{MOST_HEADS, Sample};
use super::step::Step;
use super::timing::{Known, Timing};
use super::unit::Measured;
use super::word::{Meaning, Said};

pub(super) struct Survey {
    pub(super) format: Option<&'static Format>,
    pub(super) titles: Vec<String>,
    pub(super) rows: Vec<Vec<String>>,
    /// Columns with few different texts, with those texts.
    pub(super) texts: Vec<(usize, Vec<String>)>,
    pub(super) plan: Plan,
    pub(super) columns: Vec<ColumnFacts>,
    /// Whether the rows of one register may follow all rows of another.
    pub(super) anew: bool,
}

/// Where the time, the titles and the values of a table are.
pub(super) struct Places {
    pub(super) separator: char,
    pub(super) time: (usize, Option<usize>),
    pub(super) heads: usize,
    /// Columns whose titles are times, with those titles.
    pub(super) across: Vec<(usize, String)>,
}

impl Survey {
    /// Surveys a table. Its heads are all rows up to the titles of a recognised table, or else those before the first
    /// row of values.
    pub(super) fn find(beginning: &[u8], separator: char, is_all: bool) -> Option<Self> {
        let sample = Sample::read(beginning, separator, is_all, MOST_ROWS)?;
        let mut named = sample.rows.iter().take(MOST_HEADS).enumerate();
        let named = named.find_map(|(place, row)| {
            let values = sample.rows.get(place + 1..).unwrap_or_default();
            Some((place, known(row, values)?))
        });
        let across = sample.across().filter(|(place, _)| named.is_none_or(|(other, _)| other == *place));
        let (time, heads, across) = match (named, across) {
            (Some((_, format)), Some((place, across))) => {
                let titles = sample.rows.get(place)?;
                (named_time(format, titles).unwrap_or((across.first()?.0, None)), place + 1, across)
            }
            (Some((place, format)), None) => {
                (named_time(format, sample.rows.get(place)?)?, place + 1, Vec::new())
            }
            (None, Some((place, across))) => (day_of(&sample, place, &across)?, place + 1, across),
            (None, None) => {
                let time = sample.time()?;
                (time, sample.heads(time, 0)?, Vec::new())
            }
        };
        let places = Places { separator, time, heads, across };
        Some(Self::of(&sample, named.map(|(_, format)| format), places))
    }

    /// The survey of a table in which the user says where things are.
    pub(super) fn at(beginning: &[u8], is_all: bool, places: Places) -> Option<Self> {
        let sample = Sample::read(beginning, places.separator, is_all, MOST_ROWS)?;
        let heads = places.heads.min(sample.rows.len());
        Some(Self::of(&sample, None, Places { heads, ..places }))
    }

    fn of(sample: &Sample, format: Option<&'static Format>, places: Places) -> Self {
        let Places { separator, time, heads, across } = places;
        let titles = sample.rows.iter().take(heads).rfind(|row| row.iter().any(|cell| !cell.is_empty()));
        let titles = titles.cloned().unwrap_or_default();
        let of_format = format.map(|format| of_format(format, &titles)).unwrap_or_default();
        let decimal_comma = decimal_comma(sample, heads, separator, &of_format);
        let of_times: Vec<&str> = [Some(time.0), time.1]
            .into_iter()
            .flatten()
            .filter_map(|column| Some(titles.get(column)?.as_str()))
            .collect();
        let known = Known {
            dates: format.and_then(|format| format.dates),
            utc: of_times.iter().any(|title| is_utc(title)),
        };
        let timing = Timing::of(sample, heads, time, known).across(&across);
        let around = Surroundings {
            sample,
            titles: &titles,
            heads,
            decimal_comma,
            time,
            across: across.first().map(|(column, _)| *column),
            unit: match format {
                Some(format) => format.unit.and_then(|unit| place(&titles, unit)),
                None => unit_of_rows(sample, heads, &titles),
            },
            hours: timing.step.map(Step::hours),
        };
        let columns = around.columns();
        let (planned, counts) = match format {
            Some(format) => (of_format, format.difference),
            None => guessed(&around, &columns),
        };
        let is_negative =
            |planned: &Planned| columns.get(planned.column).is_some_and(|facts| facts.is_negative);
        let negated = |planned: Planned| Planned {
            negated: planned.register.starts_with("export") && is_negative(&planned),
            ..planned
        };
        let planned: Vec<Planned> = planned.into_iter().map(negated).collect();
        let plan = Plan {
            separator,
            decimal_comma,
            heads: u32::try_from(heads).unwrap_or(u32::MAX),
            time,
            times: timing.times,
            meter: format.and_then(|format| place(&titles, format.meter?)),
            unit: around.unit,
            difference: counts,
            until: match format {
                Some(format) if across.is_empty() => format.until,
                _ => says_end(&of_times).or(timing.until).unwrap_or_default(),
            },
            step: timing.step_of(&planned),
            sorted: timing.sorted || timing.anew && planned.iter().any(|planned| planned.only.is_some()),
            across,
            columns: planned,
            ..Plan::of(FileKind::Table)
        };
        let rows = sample.rows.iter().skip(heads).take(FIRST_ROWS).cloned().collect();
        let texts = sample.texts(heads).into_iter().filter(|(_, texts)| texts.len() > 1).collect();
        Self { format, rows, texts, plan, columns, anew: timing.anew, titles }
    }
}

/// What the columns of an unknown table mean, and whether they hold amounts. A table cannot give both positions and
/// amounts; if it seems to have both, only the positions are used.
fn guessed(around: &Surroundings<'_>, columns: &[ColumnFacts]) -> (Vec<Planned>, bool) {
    let title = |column: usize| around.titles.get(column).map(String::as_str).unwrap_or_default();
    let is_counted = |planned: &Planned| {
        let text = planned.only.as_ref().map(|only| only.cell.as_str()).unwrap_or_default();
        let said = Said::of(title(planned.column)).and(&Said::of(text));
        let is_position = columns.get(planned.column).is_some_and(|facts| facts.is_position);
        planned.power || !said.says(Meaning::Position) && (said.says(Meaning::Counted) || !is_position)
    };
    let mut planned = around.planned();
    // A column named by its code holds the register's own numbers, not amounts.
    let by_code = planned.iter().any(|planned| has_code(planned, title(planned.column)));
    let counts = !by_code && !planned.is_empty() && planned.iter().all(is_counted);
    if !counts && !by_code {
        planned.retain(|planned| !is_counted(planned));
    }
    (planned, counts || around.across.is_some())
}

/// Whether the titles of the time say that it is the end of a span, or that it is not; `None` if they say neither.
fn says_end(titles: &[&str]) -> Option<bool> {
    let said = titles.iter().fold(Said::default(), |said, title| said.and(&Said::of(title)));
    match (said.says(Meaning::Begin), said.says(Meaning::End)) {
        (true, false) => Some(false),
        (false, true) => Some(true),
        _ => None,
    }
}

/// The column with the days, if titles are times of day. If titles are complete times, no column with days is needed,
/// and the first column with such a title is returned.
fn day_of(sample: &Sample, head: usize, across: &[(usize, String)]) -> Option<(usize, Option<usize>)> {
    let is_across = |column: &usize| across.iter().any(|(other, _)| other == column);
    if across.iter().all(|(_, begin)| Written::is_in(begin)) {
        return Some((across.first()?.0, None));
    }
    let days = (0..sample.columns()).filter(|column| !is_across(column));
    let mut days = days.filter(|column| sample.cells(*column, head + 1).all(Written::is_in));
    let has_any = |column: &usize| sample.cells(*column, head + 1).next().is_some();
    days.find(has_any).map(|day| (day, None))
}

/// The column with each row's unit. A single letter is a unit only under a title that says so: `W` may be a state.
fn unit_of_rows(sample: &Sample, heads: usize, titles: &[String]) -> Option<usize> {
    let is_unit = |column: usize, text: &String| {
        let says_unit = titles.get(column).is_some_and(|title| is_unit_title(title));
        Measured::exactly(text).is_some() && (says_unit || text.chars().count() > 1)
    };
    let mut texts = sample.texts(heads).into_iter();
    texts.find(|(column, texts)| texts.iter().all(|text| is_unit(*column, text))).map(|(column, _)| column)
}

fn is_utc(title: &str) -> bool {
    title.split(|letter: char| !letter.is_alphanumeric()).any(|word| word.eq_ignore_ascii_case("utc"))
}

/// Whether numbers have a decimal comma. `1,234` may be more than a thousand, except in a recognised table, because the
/// known programs do not separate thousands.
fn decimal_comma(sample: &Sample, heads: usize, separator: char, planned: &[Planned]) -> bool {
    let is_planned = |column: usize| planned.iter().any(|planned| planned.column == column);
    let columns = (0..sample.columns()).filter(|column| planned.is_empty() || is_planned(*column));
    let cells = columns.flat_map(|column| sample.cells(column, heads));
    let has_comma = |cell: &&str| cell.contains(',') && measured(cell, true).is_some();
    let is_clear = |cell: &&str| measured(cell, false).is_none();
    let cells: Vec<&str> = cells.filter(has_comma).collect();
    cells.iter().any(is_clear) || (separator != ',' || !planned.is_empty()) && !cells.is_empty()
}

/// How many rows are looked at closely.
const MOST_ROWS: usize = 3000;
/// How many rows are shown.
const FIRST_ROWS: usize = 5;
