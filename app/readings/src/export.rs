//! A range of the log as a file: JSON Lines (one reading a line, as in the contract) or CSV (a value a column).
//!
//! Pure text out of entries, a piece at a time, so that a file of any length passes through little memory. CSV needs
//! its columns before its first row: run [`Columns::see`] over the range first, then write.

use metertap_decoder::reading::{Measurement, Phase, Quantity, Unit};
use metertap_decoder::register::{RegisterId, Value};
use serde::{Deserialize, Serialize};

use crate::entry::Entry;

/// The forms that a range of the log can be saved in.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// A reading a line, as in the contract.
    JsonLines,
    /// A value a column, with units in the header.
    Csv,
}

impl Format {
    /// The file's extension, without the point.
    #[must_use]
    pub const fn extension(self) -> &'static str {
        match self {
            Self::JsonLines => "jsonl",
            Self::Csv => "csv",
        }
    }

    /// The file's media type.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::JsonLines => "application/x-ndjson",
            Self::Csv => "text/csv; charset=utf-8",
        }
    }

    /// Whether [`Columns::see`] must have seen every entry before the first row is written.
    #[must_use]
    pub const fn needs_columns(self) -> bool {
        matches!(self, Self::Csv)
    }
}

/// Writes entries one after the other.
#[derive(Clone, Debug, PartialEq)]
pub struct Exporter {
    format: Format,
    columns: Columns,
}

impl Exporter {
    /// For JSON Lines the columns are of no use; leave them empty.
    #[must_use]
    pub fn new(format: Format, columns: Columns) -> Self {
        Self { format, columns }
    }

    /// What stands before the first row; nothing for JSON Lines.
    #[must_use]
    pub fn header(&self) -> String {
        match self.format {
            Format::JsonLines => String::new(),
            Format::Csv => {
                let fixed = FIXED.iter().map(|name| (*name).to_owned());
                record(fixed.chain(self.columns.0.iter().map(Column::name)))
            }
        }
    }

    /// An entry, with its line end.
    #[must_use]
    pub fn row(&self, entry: &Entry) -> String {
        match self.format {
            Format::JsonLines => entry.to_json() + "\n",
            Format::Csv => self.csv(entry),
        }
    }

    /// A value that the meter marks as invalid is an empty cell, since whoever opens the file would sum it.
    fn csv(&self, entry: &Entry) -> String {
        let reading = &entry.reading;
        let time = reading.time.map_or_else(|| entry.received.to_string(), |time| time.to_string());
        let meter = reading.meter.as_deref().map(guarded).unwrap_or_default();
        let mut cells = vec![time, entry.received.to_string(), entry.seq.to_string(), meter];
        cells.resize(FIXED.len() + self.columns.0.len(), String::new());
        for (column, value) in Column::of(entry) {
            let place = self.columns.0.iter().position(|known| *known == column);
            if let Some(cell) = place.and_then(|place| cells.get_mut(FIXED.len() + place))
                && value.error.is_none()
            {
                *cell = match &value.value {
                    Value::Number(number) => number.to_string(),
                    text @ (Value::Text(_) | Value::Octets(_)) => guarded(&text.to_string()),
                };
            }
        }
        record(cells.into_iter())
    }
}

/// The columns of a CSV file, in the order in which their values first came.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Columns(Vec<Column>);

impl Columns {
    /// Takes note of the columns that this entry needs.
    pub fn see(&mut self, entry: &Entry) {
        for (column, _) in Column::of(entry) {
            if !self.0.contains(&column) {
                self.0.push(column);
            }
        }
    }
}

/// A value's place in every row.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Column {
    what: What,
    unit: Option<Unit>,
    /// A reading may hold one quantity several times, such as the peaks of past months: 0 for the first of them.
    nth: usize,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum What {
    Quantity(Quantity, Option<Phase>, Option<u8>, Option<u8>),
    /// No table knows the register: its own name must do.
    Register(RegisterId),
}

impl Column {
    /// The values of an entry, each with its column.
    fn of(entry: &Entry) -> Vec<(Self, &Measurement)> {
        let mut columns: Vec<(Self, &Measurement)> = Vec::new();
        for value in &entry.reading.values {
            let what = match value.quantity {
                Some(quantity) => What::Quantity(quantity, value.phase, value.tariff, value.channel),
                None => What::Register(value.register),
            };
            let same = |(column, _): &&(Self, &Measurement)| column.what == what && column.unit == value.unit;
            let nth = columns.iter().filter(same).count();
            columns.push((Self { what, unit: value.unit, nth }, value));
        }
        columns
    }

    /// `active_power_import_w`, `voltage_l1_v`, `active_energy_import_t1_kwh`, `gas_volume_ch1_m3`, `1-0:99.97.0`.
    fn name(&self) -> String {
        let mut name = match self.what {
            What::Register(register) => register.to_string(),
            What::Quantity(quantity, phase, tariff, channel) => {
                let phase = phase.map(|phase| format!("_{phase}")).unwrap_or_default();
                let tariff = tariff.map(|tariff| format!("_t{tariff}")).unwrap_or_default();
                let channel = channel.map(|channel| format!("_ch{channel}")).unwrap_or_default();
                quantity.as_str().replace('-', "_") + &phase + &tariff + &channel
            }
        };
        if self.nth > 0 {
            name += &format!("_{}", self.nth + 1);
        }
        match self.unit.and_then(suffix) {
            Some(unit) => name + "_" + unit,
            None => name,
        }
    }
}

/// A unit as part of a column's name; a plain ratio or count has none.
const fn suffix(unit: Unit) -> Option<&'static str> {
    Some(match unit {
        Unit::Watt => "w",
        Unit::Var => "var",
        Unit::VoltAmpere => "va",
        Unit::KilowattHour => "kwh",
        Unit::KilovarHour => "kvarh",
        Unit::KilovoltAmpereHour => "kvah",
        Unit::Volt => "v",
        Unit::Ampere => "a",
        Unit::Hertz => "hz",
        Unit::Degree => "deg",
        Unit::One => return None,
        Unit::CubicMetre => "m3",
        Unit::CubicMetrePerHour => "m3_per_h",
        Unit::KilogramPerHour => "kg_per_h",
        Unit::Celsius => "celsius",
        Unit::Hour => "h",
        Unit::Second => "s",
        Unit::Gigajoule => "gj",
        Unit::Megajoule => "mj",
        Unit::Gigacalorie => "gcal",
    })
}

/// A line of RFC 4180: cells with a comma, a quote or a line end in quotes, quotes doubled, CR LF at the end.
fn record(cells: impl Iterator<Item = String>) -> String {
    let quoted = cells.map(|cell| {
        if cell.contains([',', '"', '\r', '\n']) {
            format!("\"{}\"", cell.replace('"', "\"\""))
        } else {
            cell
        }
    });
    quoted.collect::<Vec<_>>().join(",") + "\r\n"
}

/// Text from a meter must not become a formula in somebody's spreadsheet: an apostrophe in front keeps it text.
fn guarded(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_owned() }
}

const FIXED: &[&str] = &["time", "received", "seq", "meter"];
