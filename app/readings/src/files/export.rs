//! Writes a range of the log as a file in the form that another program reads.
//!
//! ```text
//! entries ──────────► json_lines · csv · influx          what the meter sent, a line for each reading
//! quarters, days ───► table · home_assistant             the totals of each period, by way of `periods`
//! corrections ──────► json_lines · corrections           what users have corrected, after everything else
//! ```
//!
//! Entries or roll-ups go in, in the order of the log. Bytes are appended to the caller's buffer, so the caller decides
//! how much of a file is in memory. Tables need their columns before their first row: pass everything to
//! [`Exporter::see_shapes`] or [`Exporter::see_track`] first. No number passes through a float, and nothing that a
//! meter sends becomes a formula in a spreadsheet. docs/exports.md explains each form to its users.

mod cells;
mod column;
mod corrections;
mod csv;
mod home_assistant;
mod influx;
mod periods;
pub mod sheet;
mod table;
mod text;
mod tracks;

use metertap_decoder::time::Zone;
use serde::{Deserialize, Serialize};

pub use self::corrections::CorrectionRow;
use self::corrections::CorrectionTable;
use self::csv::Csv;
use self::home_assistant::Statistics;
use self::influx::Influx;
use self::table::Table;
use crate::entry::Entry;
use crate::log::format::chunk::Shape;
use crate::log::journal::Grain;
use crate::log::totals::rollup::RollUp;
use crate::log::totals::track::Track;

/// What to write, and how.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Options {
    /// The form of the file.
    pub form: ExportForm,
    /// What a row of a table or a workbook stands for; other forms ignore it.
    pub resolution: Resolution,
    /// What separates the cells of a table.
    pub separator: Separator,
    /// Whether a table has a decimal comma instead of a decimal point.
    pub decimal_comma: bool,
    /// Whether a table begins with the byte order mark by which Excel recognises UTF-8 (U+FEFF).
    pub marked: bool,
    /// Whether JSON Lines and workbooks have the user's corrections as well.
    pub corrections: bool,
}

/// The forms that a range of the log can be saved in.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ExportForm {
    /// One reading per line, as docs/reading.md describes it.
    #[default]
    JsonLines,
    /// A row for each reading and a column for each value, with units in the header.
    Csv,
    /// The same rows for a workbook (Office Open XML, ECMA-376). Another program makes the workbook from them: see
    /// [`sheet`].
    Workbook,
    /// `InfluxDB`'s line protocol.
    Influx,
    /// Home Assistant's statistics of counters.
    HomeAssistantCounters,
    /// Home Assistant's statistics of measured quantities.
    HomeAssistantMeasurements,
    /// No readings: a row for each of the user's corrections.
    Corrections,
}

/// What a row of a table stands for.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Resolution {
    /// A reading.
    #[default]
    Raw,
    /// A quarter of an hour.
    Quarter,
    /// An hour.
    Hour,
    /// A day in the house's zone.
    Day,
    /// A month in the house's zone.
    Month,
}

/// What separates the cells of a table.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Separator {
    /// The comma of RFC 4180.
    #[default]
    Comma,
    /// The semicolon, which spreadsheets expect where the decimal sign is a comma.
    Semicolon,
    /// A tab.
    Tab,
}

impl Options {
    /// Which roll-ups the file is made from; `None` if it is made from entries.
    #[must_use]
    pub const fn grain(&self) -> Option<Grain> {
        match (self.form, self.resolution) {
            (ExportForm::JsonLines | ExportForm::Influx | ExportForm::Corrections, _)
            | (ExportForm::Csv | ExportForm::Workbook, Resolution::Raw) => None,
            (ExportForm::Csv | ExportForm::Workbook, Resolution::Day | Resolution::Month) => {
                Some(Grain::Days)
            }
            (ExportForm::Csv | ExportForm::Workbook, _)
            | (ExportForm::HomeAssistantCounters | ExportForm::HomeAssistantMeasurements, _) => {
                Some(Grain::Quarters)
            }
        }
    }
}

impl ExportForm {
    /// All of them.
    pub const ALL: &'static [Self] = &[
        Self::Csv,
        Self::Workbook,
        Self::JsonLines,
        Self::HomeAssistantCounters,
        Self::HomeAssistantMeasurements,
        Self::Influx,
        Self::Corrections,
    ];

    /// Its name in the DOM.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::JsonLines => "json-lines",
            Self::Csv => "csv",
            Self::Workbook => "workbook",
            Self::Influx => "influx",
            Self::HomeAssistantCounters => "home-assistant-counters",
            Self::HomeAssistantMeasurements => "home-assistant-measurements",
            Self::Corrections => "corrections",
        }
    }

    /// The file's extension, without the dot.
    #[must_use]
    pub const fn extension(self) -> &'static str {
        match self {
            Self::JsonLines => "jsonl",
            Self::Csv | Self::Corrections => "csv",
            Self::Workbook => "xlsx",
            Self::Influx => "lp",
            Self::HomeAssistantCounters | Self::HomeAssistantMeasurements => "tsv",
        }
    }

    /// The file's media type.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::JsonLines => "application/x-ndjson",
            Self::Csv | Self::Corrections => "text/csv; charset=utf-8",
            Self::Workbook => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Influx => "text/plain; charset=utf-8",
            Self::HomeAssistantCounters | Self::HomeAssistantMeasurements => {
                "text/tab-separated-values; charset=utf-8"
            }
        }
    }
}

impl Resolution {
    /// All of them.
    pub const ALL: &'static [Self] = &[Self::Raw, Self::Quarter, Self::Hour, Self::Day, Self::Month];

    /// Its name in the DOM.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Raw => "raw",
            Self::Quarter => "quarter",
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Month => "month",
        }
    }
}

impl Separator {
    /// All of them.
    pub const ALL: &'static [Self] = &[Self::Comma, Self::Semicolon, Self::Tab];

    /// The character.
    #[must_use]
    pub const fn character(self) -> char {
        match self {
            Self::Comma => ',',
            Self::Semicolon => ';',
            Self::Tab => '\t',
        }
    }
}

/// Writes a file. Call in this order: [`see_shapes`](Self::see_shapes) or [`see_track`](Self::see_track),
/// [`head`](Self::head), then for each meter [`meter`](Self::meter) and its entries or roll-ups, [`end`](Self::end),
/// and [`corrections`](Self::corrections).
#[derive(Clone, Debug)]
pub struct Exporter {
    options: Options,
    writer: Writer,
    corrections: CorrectionTable,
}

#[derive(Clone, Debug)]
enum Writer {
    JsonLines,
    Csv(Csv),
    Table(Table),
    Influx(Influx),
    Statistics(Statistics),
    /// Writes no readings, only corrections.
    Nothing,
}

impl Exporter {
    /// Creates an exporter for these options; times are written in this zone.
    #[must_use]
    pub fn new(options: &Options, zone: Zone) -> Self {
        let writer = match (options.form, options.resolution) {
            (ExportForm::JsonLines, _) => Writer::JsonLines,
            (ExportForm::Influx, _) => Writer::Influx(Influx::default()),
            (ExportForm::Csv | ExportForm::Workbook, Resolution::Raw) => Writer::Csv(Csv::new(options, zone)),
            (ExportForm::Csv | ExportForm::Workbook, _) => Writer::Table(Table::new(options, zone)),
            (ExportForm::HomeAssistantCounters, _) => Writer::Statistics(Statistics::new(true)),
            (ExportForm::HomeAssistantMeasurements, _) => Writer::Statistics(Statistics::new(false)),
            (ExportForm::Corrections, _) => Writer::Nothing,
        };
        Self { options: *options, writer, corrections: CorrectionTable::new(options, zone) }
    }

    /// Whether all columns must have been seen before the head is written.
    #[must_use]
    pub const fn needs_columns(&self) -> bool {
        matches!(self.writer, Writer::Csv(_) | Writer::Table(_))
    }

    /// Notes the columns that readings with these values need.
    pub fn see_shapes<'a>(&mut self, shapes: impl Iterator<Item = &'a Shape>) {
        if let Writer::Csv(csv) = &mut self.writer {
            csv.see(shapes);
        }
    }

    /// Notes the columns that roll-ups with this track need.
    pub fn see_track(&mut self, track: Track) {
        if let Writer::Table(table) = &mut self.writer {
            table.see(track);
        }
    }

    /// Writes what comes before the first row.
    pub fn head(&mut self, out: &mut Vec<u8>) {
        match &mut self.writer {
            Writer::JsonLines | Writer::Influx(_) => {}
            Writer::Nothing => self.corrections.head(out),
            Writer::Csv(csv) => csv.head(out),
            Writer::Table(table) => table.head(out),
            Writer::Statistics(statistics) => statistics.head(out),
        }
    }

    /// Begins a meter. `name` is the user's name for it, or else its identification. Writes the last row of the
    /// previous meter first.
    pub fn meter(&mut self, name: &str, out: &mut Vec<u8>) {
        self.end(out);
        match &mut self.writer {
            Writer::JsonLines | Writer::Nothing => {}
            Writer::Csv(csv) => csv.meter(name),
            Writer::Table(table) => table.meter(name),
            Writer::Influx(influx) => influx.meter(name),
            Writer::Statistics(statistics) => statistics.meter(name),
        }
    }

    /// Writes an entry.
    pub fn entry(&mut self, entry: &Entry, out: &mut Vec<u8>) {
        match &mut self.writer {
            Writer::JsonLines => {
                out.extend_from_slice(entry.to_json().as_bytes());
                out.push(b'\n');
            }
            Writer::Csv(csv) => csv.entry(entry, out),
            Writer::Influx(influx) => influx.entry(entry, out),
            Writer::Table(_) | Writer::Statistics(_) | Writer::Nothing => {}
        }
    }

    /// Takes a quarter or day before the first one to write. These are passed in chronological order, and counters are
    /// counted from their last positions.
    pub fn earlier(&mut self, rolled: &RollUp) {
        match &mut self.writer {
            Writer::Table(table) => table.periods.earlier(rolled),
            Writer::Statistics(statistics) => statistics.periods.earlier(rolled),
            Writer::JsonLines | Writer::Csv(_) | Writer::Influx(_) | Writer::Nothing => {}
        }
    }

    /// Takes the next quarter or day, by its number, and writes the row that it completes.
    pub fn period(&mut self, number: i64, rolled: &RollUp, out: &mut Vec<u8>) {
        match &mut self.writer {
            Writer::Table(table) => table.period(number, rolled, out),
            Writer::Statistics(statistics) => statistics.period(number, rolled, out),
            Writer::JsonLines | Writer::Csv(_) | Writer::Influx(_) | Writer::Nothing => {}
        }
    }

    /// Writes the last row, if it is not written yet.
    pub fn end(&mut self, out: &mut Vec<u8>) {
        match &mut self.writer {
            Writer::Table(table) => table.end(out),
            Writer::Statistics(statistics) => statistics.end(out),
            Writer::JsonLines | Writer::Csv(_) | Writer::Influx(_) | Writer::Nothing => {}
        }
    }

    /// Writes what users have corrected, after everything else: as JSON lines, as a table, or as a workbook's second
    /// sheet. The other forms have no place for corrections.
    pub fn corrections(&mut self, rows: &[CorrectionRow], out: &mut Vec<u8>) {
        match self.options.form {
            ExportForm::Corrections => {}
            _ if !self.options.corrections || rows.is_empty() => return,
            ExportForm::JsonLines => {
                for row in rows {
                    out.extend_from_slice(row.line.to_json().as_bytes());
                    out.push(b'\n');
                }
                return;
            }
            ExportForm::Workbook => self.corrections.sheet(out),
            _ => return,
        }
        rows.iter().for_each(|row| self.corrections.row(row, out));
    }
}

#[cfg(test)]
mod tests;
