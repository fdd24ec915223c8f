//! [`Sight`]: what a file looks like from its beginning, and how it would be understood.

use metertap_decoder::time::Zone;
use serde::{Deserialize, Serialize};

use super::amsreader::Plots;
use super::format::{FORMATS, Format, REGISTERS};
use super::moment::moment;
use super::plan::{Kind, Plan, Planned};
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
            let plot =
                |(column, register): (usize, &str)| Planned { column, register: register.into(), scale: -3 };
            let columns = ["import", "export"].into_iter().enumerate().map(plot).collect();
            return Some(Self::without_rows(Kind::Amsreader, columns));
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
            difference: false,
            columns,
        };
        Self { format: None, titles: Vec::new(), rows: Vec::new(), plan }
    }

    /// The heads are all rows before the first one with a time.
    fn table(beginning: &[u8], separator: char) -> Option<Self> {
        let mut table = Rows::new(separator);
        table.push(beginning);
        if beginning.len() < BEGINNING {
            table.end();
        }
        let mut rows: Vec<Vec<String>> = Vec::new();
        while rows.len() < MOST_HEADS + FIRST_ROWS
            && let Some(row) = table.next()
        {
            rows.push(row.ok()?);
        }
        let heads = rows.iter().take(MOST_HEADS).position(|row| row.len() > 1 && time(row).is_some())?;
        let titles = heads.checked_sub(1).and_then(|place| rows.get(place)).cloned().unwrap_or_default();
        let rows: Vec<Vec<String>> = rows.split_off(heads).into_iter().take(FIRST_ROWS).collect();
        let format = FORMATS.iter().find(|format| is_of(format, &titles));
        let time = match format.and_then(|format| place(&titles, format.time)) {
            Some(place) => (place, None),
            None => time(rows.first()?)?,
        };
        let plan = Plan {
            kind: Kind::Table,
            separator,
            decimal_comma: separator != ',' && rows.iter().flatten().any(|cell| has_decimal_comma(cell)),
            heads: u32::try_from(heads).ok()?,
            time,
            difference: format.is_some_and(|format| format.difference),
            columns: match format {
                Some(format) => of_format(format, &titles),
                None => guessed(&titles),
            },
        };
        Some(Self { format: format.map(|format| format.name.to_owned()), titles, rows, plan })
    }
}

fn is_of(format: &Format, titles: &[String]) -> bool {
    // Whoever has no gas has no column for it.
    place(titles, format.time).is_some() && !of_format(format, titles).is_empty()
}

fn of_format(format: &Format, titles: &[String]) -> Vec<Planned> {
    let planned = format.columns.iter().filter_map(|(name, register)| {
        let register = REGISTERS.get(*register)?.name.to_owned();
        Some(Planned { column: place(titles, name)?, register, scale: 0 })
    });
    planned.collect()
}

fn place(titles: &[String], name: &str) -> Option<usize> {
    titles.iter().position(|title| title == name)
}

/// Columns whose title has an OBIS code in it, and the unit where it says one.
fn guessed(titles: &[String]) -> Vec<Planned> {
    let planned = titles.iter().enumerate().filter_map(|(column, title)| {
        let register = REGISTERS.iter().find(|register| {
            let code = register.obis.split(':').next_back().unwrap_or_default();
            title.contains(register.obis) || (register.obis.starts_with('1') && title.contains(code))
        })?;
        let scale = match title {
            title if title.contains("MWh") => 3,
            title if title.contains("kWh") => 0,
            title if title.contains("Wh") => -3,
            title if title.contains("kW") => 3,
            _ => 0,
        };
        Some(Planned { column, register: register.name.to_owned(), scale })
    });
    planned.collect()
}

/// The column with the time, and with the time of day if that is the next one.
fn time(row: &[String]) -> Option<(usize, Option<usize>)> {
    let is_time = |text: &str| moment(text, Zone::default(), None).is_some();
    let column = row.iter().position(|cell| cell.len() >= SHORTEST_TIME && is_time(cell))?;
    let day = row.get(column)?;
    let clock = row.get(column + 1).filter(|clock| clock.contains(':') && is_time(&format!("{day} {clock}")));
    Some((column, clock.map(|_| column + 1)))
}

fn has_decimal_comma(cell: &str) -> bool {
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|octet| octet.is_ascii_digit());
    cell.split_once(',')
        .is_some_and(|(whole, places)| is_digits(whole.trim_start_matches('-')) && is_digits(places))
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
