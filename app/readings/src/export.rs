//! A range of the log as a file: JSON Lines (one reading a line, as in the contract) or CSV (a value a column).
//!
//! Pure text out of entries, a piece at a time, so that a file of any length passes through little memory. CSV needs
//! its columns before its first row: run [`Columns::see`] over the range first, then write.

use metertap_decoder::reading::{Measurement, Phase, Quantity, Unit};
use metertap_decoder::register::{RegisterId, Value};
use serde::{Deserialize, Serialize};

use crate::entry::Entry;
use crate::profile::flat_name;

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
    /// Of a phase, a tariff, a channel, and from a place of the meter's memory.
    Quantity(Quantity, Option<Phase>, Option<u32>, Option<u8>, Option<u64>),
    /// No table knows the register: its own name must do.
    Register(RegisterId),
}

impl Column {
    /// The values of an entry, each with its column.
    fn of(entry: &Entry) -> Vec<(Self, &Measurement)> {
        let mut columns: Vec<(Self, &Measurement)> = Vec::new();
        for value in &entry.reading.values {
            let what = match value.quantity {
                Some(quantity) => {
                    What::Quantity(quantity, value.phase, value.tariff, value.channel, value.storage)
                }
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
            What::Quantity(quantity, phase, tariff, channel, storage) => {
                let storage = storage.map(|storage| format!("_s{storage}")).unwrap_or_default();
                flat_name(quantity, phase, tariff, channel) + &storage
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
        Unit::Kilogram => "kg",
        Unit::KilogramPerHour => "kg_per_h",
        Unit::Celsius => "celsius",
        Unit::Bar => "bar",
        Unit::Day => "d",
        Unit::Hour => "h",
        Unit::Minute => "min",
        Unit::Second => "s",
        Unit::Month => "months",
        Unit::Year => "years",
        Unit::Gigajoule => "gj",
        Unit::Megajoule => "mj",
        Unit::Gigacalorie => "gcal",
        Unit::JoulePerHour => "j_per_h",
        Unit::CubicMetrePerMinute => "m3_per_min",
        Unit::CubicMetrePerSecond => "m3_per_s",
        Unit::CubicFoot => "ft3",
        Unit::Percent => "percent",
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{entry, han_list_1, measurement, reading};
    use metertap_decoder::number::Number;
    use metertap_decoder::reading::ValueError;

    fn csv(entries: &[Entry]) -> (String, Vec<String>) {
        let mut columns = Columns::default();
        entries.iter().for_each(|entry| columns.see(entry));
        let exporter = Exporter::new(Format::Csv, columns);
        (exporter.header(), entries.iter().map(|entry| exporter.row(entry)).collect())
    }

    fn list_2() -> Entry {
        let voltage = measurement("1-0:32.7.0", Quantity::Voltage, "230.20");
        let energy = measurement("1-0:1.8.1", Quantity::ActiveEnergyImport, "10329.481");
        let gas = measurement("0-1:24.2.1", Quantity::GasVolume, "2104.512");
        let unknown = Measurement {
            quantity: None,
            unit: None,
            value: Value::Text("a\"b,\r\nc".into()),
            ..measurement("1-0:99.97.0", Quantity::Message, "")
        };
        let values = vec![
            Measurement { phase: Some(Phase::L1), ..voltage },
            Measurement { tariff: Some(1), ..energy },
            Measurement { channel: Some(1), ..gas },
            unknown,
        ];
        let mut entry = entry(2, 1_795_224_612_345, reading(values));
        entry.reading.time = "2026-11-21T02:30:10+01:00".parse().ok();
        entry
    }

    #[test]
    fn json_lines_are_read_back_as_they_were() {
        let entries = [entry(1, 0, han_list_1("1380")), list_2()];
        let exporter = Exporter::new(Format::JsonLines, Columns::default());
        assert_eq!(exporter.header(), "");
        let file: String = entries.iter().map(|entry| exporter.row(entry)).collect();
        let read: Vec<Entry> = file.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(read, entries);
        assert!(file.ends_with('\n'));
        assert!(file.contains(r#""received":"2026-11-21T01:30:12.345Z","seq":2"#), "{file}");
    }

    #[test]
    fn csv_has_a_column_for_each_value_with_its_unit() {
        let (header, rows) = csv(&[entry(1, 1_795_224_610_000, han_list_1("1380")), list_2()]);
        assert_eq!(
            header,
            "time,received,seq,meter,active_power_import_w,voltage_l1_v,active_energy_import_t1_kwh,\
             gas_volume_ch1_m3,1-0:99.97.0\r\n"
        );
        assert_eq!(
            rows,
            [
                "2026-11-21T01:30:10.000Z,2026-11-21T01:30:10.000Z,1,KFM-6970631405353535,1380,,,,\r\n",
                // RFC 4180, 2.6 and 2.7: quotes around line ends, commas and quotes; quotes doubled.
                "2026-11-21T02:30:10+01:00,2026-11-21T01:30:12.345Z,2,KFM-6970631405353535,,230.20,10329.481,\
                 2104.512,\"a\"\"b,\r\nc\"\r\n",
            ]
        );
    }

    #[test]
    fn values_of_one_quantity_keep_apart() {
        let peak = |register: &str, watts: &str| measurement(register, Quantity::DemandImportPeak, watts);
        let values = vec![peak("1-0:1.6.0", "5"), peak("1-0:1.6.0*1", "6"), peak("1-0:1.6.0*2", "7")];
        let (header, rows) = csv(&[entry(1, 0, reading(values))]);
        let columns = "demand_import_peak_w,demand_import_peak_2_w,demand_import_peak_3_w\r\n";
        assert!(header.ends_with(columns), "{header}");
        assert!(rows[0].ends_with(",5,6,7\r\n"), "{rows:?}");
    }

    #[test]
    fn invalid_values_are_empty_cells() {
        let power = measurement("1-0:1.7.0", Quantity::ActivePowerImport, "5");
        let invalid = Measurement { error: Some(ValueError::Invalid), ..power };
        let (_, rows) = csv(&[entry(1, 0, reading(vec![invalid]))]);
        assert!(rows[0].ends_with(",KFM-6970631405353535,\r\n"), "{rows:?}");
    }

    /// OWASP, CSV Injection: the characters that make a spreadsheet run what follows.
    #[test]
    fn text_is_no_formula_and_a_negative_number_stays_one() {
        for start in ["=1+1", "+1", "-1+1", "@SUM(A1)", "\tx", "\rx"] {
            let text = Measurement {
                value: Value::Text(start.into()),
                ..measurement("0-0:96.13.0", Quantity::Message, "")
            };
            let mut entry = entry(1, 0, reading(vec![text]));
            entry.reading.meter = Some(start.into());
            let (_, rows) = csv(&[entry]);
            let guarded = rows[0].matches(&format!("'{start}")).count();
            assert_eq!(guarded, 2, "{rows:?}");
        }
        let negative = Measurement {
            value: Value::Number(Number::new(-15, -1)),
            ..measurement("1-0:16.7.0", Quantity::ActivePower, "")
        };
        let (_, rows) = csv(&[entry(1, 0, reading(vec![negative]))]);
        assert!(rows[0].ends_with(",-1.5\r\n"), "{rows:?}");
    }
}
