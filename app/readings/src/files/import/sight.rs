//! [`Sight`]: what a file looks like from its beginning, and how it would be understood.

use metertap_decoder::time::Zone;
use serde::{Deserialize, Serialize};

use super::amsreader::Plots;
use super::format::{Column, FORMATS, Format, REGISTERS};
use super::moment::moment;
use super::number::number;
use super::plan::{Kind, Only, Plan, Planned};
use super::statement::Statement;
use super::table::Rows;

/// What a file looks like.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Sight {
    /// The program whose table it is, where that is known.
    pub format: Option<String>,
    /// The names of a table's columns.
    pub titles: Vec<String>,
    /// The first rows of a table.
    pub rows: Vec<Vec<String>>,
    /// How it would be understood.
    pub plan: Plan,
}

impl Sight {
    /// A file that begins with these octets; `None` where it is none of the kinds.
    #[must_use]
    pub fn of(beginning: &[u8]) -> Option<Self> {
        let beginning = beginning.get(..BEGINNING).unwrap_or(beginning);
        let beginning = beginning.strip_prefix("\u{FEFF}".as_bytes()).unwrap_or(beginning);
        if beginning.trim_ascii_start().starts_with(b"{") {
            return Some(Self::without_rows(Kind::JsonLines, Vec::new()));
        }
        if Plots::begin(beginning) {
            // Its settings are nobody's to see, in no preview either.
            let plot = |(column, register): (usize, &str)| Planned {
                column,
                register: register.into(),
                scale: -3,
                only: None,
            };
            let columns = ["import", "export"].into_iter().enumerate().map(plot).collect();
            return Some(Self::without_rows(Kind::Amsreader, columns));
        }
        if Statement::begins(beginning) {
            return Self::statements(beginning);
        }
        if beginning.contains(&0) {
            return None;
        }
        SEPARATORS.iter().filter_map(|separator| Self::table(beginning, *separator)).max_by_key(|sight| {
            // The separator that makes the most columns, and of a known table whichever it is.
            (sight.format.is_some(), sight.titles.len())
        })
    }

    fn without_rows(kind: Kind, columns: Vec<Planned>) -> Self {
        let plan = Plan {
            kind,
            separator: ',',
            decimal_comma: false,
            heads: 0,
            time: (0, None),
            meter: None,
            difference: false,
            until: false,
            columns,
        };
        Self { format: None, titles: Vec::new(), rows: Vec::new(), plan }
    }

    /// Of the table that the first statement is of: the others have the same hours and days once more.
    fn statements(beginning: &[u8]) -> Option<Self> {
        let mut statements = beginning.split(|octet| *octet == b'\n').map_while(Statement::read).peekable();
        let titles = statements.peek()?.titles.clone();
        let format = known(&titles)?;
        let table = Only { column: 0, cell: titles.first()?.clone() };
        let of_table = |planned: Planned| Planned { only: Some(table.clone()), ..planned };
        let plan = Plan {
            time: named_time(format, &titles)?,
            difference: format.difference,
            ..Self::without_rows(
                Kind::Statements,
                of_format(format, &titles).into_iter().map(of_table).collect(),
            )
            .plan
        };
        let rows = statements.take(FIRST_ROWS).map(|statement| statement.cells).collect();
        Some(Self { format: Some(format.name.to_owned()), titles, rows, plan })
    }

    /// The heads are all rows up to the names of a known table, or before the first row with a time.
    fn table(beginning: &[u8], separator: char) -> Option<Self> {
        let mut table = Rows::new(separator);
        table.octets.push(beginning);
        if beginning.len() < BEGINNING {
            table.octets.end();
        }
        let mut rows: Vec<Vec<String>> = Vec::new();
        while rows.len() < MOST_HEADS + FIRST_ROWS
            && let Some(row) = table.next()
        {
            rows.push(row.ok()?);
        }
        let format =
            rows.iter().take(MOST_HEADS).enumerate().find_map(|(place, row)| Some((place, known(row)?)));
        let has_time = |row: &Vec<String>| row.len() > 1 && time(row).is_some();
        let heads = match format {
            Some((place, _)) => place + 1,
            None => rows.iter().take(MOST_HEADS).position(has_time)?,
        };
        let titles = heads.checked_sub(1).and_then(|place| rows.get(place)).cloned().unwrap_or_default();
        let rows: Vec<Vec<String>> = rows.split_off(heads).into_iter().take(FIRST_ROWS).collect();
        let format = format.map(|(_, format)| format);
        let plan = Plan {
            kind: Kind::Table,
            separator,
            decimal_comma: false,
            heads: u32::try_from(heads).ok()?,
            time: match format.and_then(|format| named_time(format, &titles)) {
                Some(time) => time,
                None => time(rows.first()?)?,
            },
            meter: format.and_then(|format| place(&titles, format.meter?)),
            difference: format.is_some_and(|format| format.difference),
            until: format.is_some_and(|format| format.until),
            columns: match format {
                Some(format) => of_format(format, &titles),
                None => guessed(&titles),
            },
        };
        let decimal_comma = decimal_comma(&rows, &plan, format.is_some());
        let plan = Plan { decimal_comma, ..plan };
        Some(Self { format: format.map(|format| format.name.to_owned()), titles, rows, plan })
    }
}

/// The known table with these titles: the first of those that know the most of them. Whoever has no gas has no column for
/// it.
fn known(titles: &[String]) -> Option<&'static Format> {
    let of_time = FORMATS.iter().rev().filter(|format| named_time(format, titles).is_some());
    let counted = of_time.map(|format| (of_format(format, titles).len(), format));
    counted.filter(|(columns, _)| *columns > 0).max_by_key(|(columns, _)| *columns).map(|(_, format)| format)
}

fn named_time(format: &Format, titles: &[String]) -> Option<(usize, Option<usize>)> {
    let (day, clock) = format.time;
    let clock = clock.map(|clock| place(titles, clock));
    Some((place(titles, day)?, if let Some(clock) = clock { Some(clock?) } else { None }))
}

fn of_format(format: &Format, titles: &[String]) -> Vec<Planned> {
    let planned = format.columns.iter().filter_map(|column| {
        let Column { name, register, scale, only } = column;
        let only = match only {
            Some((column, cell)) => Some(Only { column: place(titles, column)?, cell: (*cell).to_owned() }),
            None => None,
        };
        let register = REGISTERS.get(*register)?.name.to_owned();
        Some(Planned { column: place(titles, name)?, register, scale: *scale, only })
    });
    planned.collect()
}

/// The column of that name, whichever letters of it are capitals, or with a star before it, of that end of a name.
fn place(titles: &[String], name: &str) -> Option<usize> {
    titles.iter().position(|title| match name.strip_prefix('*') {
        Some(end) => title.ends_with(end),
        None => title.eq_ignore_ascii_case(name),
    })
}

/// Whether numbers have a comma before their places. `1,234` between commas may as well be a thousand, unless it is of a
/// known table: those do not part thousands.
fn decimal_comma(rows: &[Vec<String>], plan: &Plan, is_known: bool) -> bool {
    let is_planned = |column: usize| plan.columns.iter().any(|planned| planned.column == column);
    let cells = rows.iter().flat_map(|row| row.iter().enumerate());
    let cells =
        cells.filter(|(column, _)| plan.columns.is_empty() || is_planned(*column)).map(|(_, cell)| cell);
    let has_comma = |cell: &&String| cell.contains(',') && number(cell, true).is_some();
    let is_clear = |cell: &&String| has_comma(cell) && number(cell, false).is_none();
    cells.clone().any(|cell| is_clear(&cell))
        || (plan.separator != ',' || is_known) && cells.clone().any(|cell| has_comma(&cell))
}

/// Columns whose title has an OBIS code in it, and the unit where it says one.
fn guessed(titles: &[String]) -> Vec<Planned> {
    let planned = titles.iter().enumerate().filter_map(|(column, title)| {
        let register = REGISTERS.iter().find(|register| {
            let code = register.obis.split(':').next_back().unwrap_or_default();
            says(title, register.obis) || (register.obis.starts_with('1') && says(title, code))
        })?;
        let scale = match title {
            title if title.contains("MWh") => 3,
            title if title.contains("kWh") => 0,
            title if title.contains("Wh") => -3,
            title if title.contains("kW") => 3,
            _ => 0,
        };
        Some(Planned { column, register: register.name.to_owned(), scale, only: None })
    });
    planned.collect()
}

/// The column with the time, and with the time of day if that is the next one. Ten digits may be a moment, and the number
/// of a contract as well: they are one where nothing else is.
fn time(row: &[String]) -> Option<(usize, Option<usize>)> {
    let is_time = |text: &str| moment(text, Zone::default(), None, false).is_some();
    let is_number = |text: &str| text.bytes().all(|octet| octet.is_ascii_digit());
    let mut times = row.iter().enumerate().filter(|(_, cell)| cell.len() >= SHORTEST_TIME && is_time(cell));
    let (column, day) = times.clone().find(|(_, cell)| !is_number(cell)).or_else(|| times.next())?;
    let clock = row.get(column + 1).filter(|clock| clock.contains(':') && is_time(&format!("{day} {clock}")));
    Some((column, clock.map(|_| column + 1)))
}

/// Whether a title has that code in it, and not one that ends or begins with it: 21.8.0 is of a phase.
fn says(title: &str, code: &str) -> bool {
    let is_part = |letter: char| letter.is_ascii_digit() || letter == '.';
    title.match_indices(code).any(|(start, _)| {
        let (before, behind) = (title.get(..start), title.get(start + code.len()..));
        !before.is_some_and(|before| before.ends_with(is_part))
            && !behind.is_some_and(|behind| behind.starts_with(is_part))
    })
}

const SEPARATORS: [char; 4] = [',', ';', '\t', '|'];
/// Octets that are looked at.
const BEGINNING: usize = 1 << 16;
/// Rows that may stand before the values: grid operators put addresses there.
const MOST_HEADS: usize = 30;
/// Rows that are shown.
const FIRST_ROWS: usize = 5;
/// `1.1.2026`.
const SHORTEST_TIME: usize = 8;
