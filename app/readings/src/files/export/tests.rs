//! Expected files are written by hand from the rules of each form. Sums are compared with independent ones.

mod corrected;
mod zones;

use super::*;
use crate::entry::Moment;
use crate::log::calendar::{Day, Quarter};
use crate::log::journal::tail::{day_of, quarters};
use crate::samples::{entry, han_list_1, measurement, reading};
use metertap_decoder::number::Number;
use metertap_decoder::reading::{Measurement, Phase, Quantity, ValueError};
use metertap_decoder::register::Value;
use proptest::prelude::*;

fn file(options: &Options, entries: &[Entry]) -> String {
    file_in(Zone::default(), options, entries)
}

fn file_in(zone: Zone, options: &Options, entries: &[Entry]) -> String {
    let mut exporter = Exporter::new(options, zone);
    let mut out = Vec::new();
    match options.grain() {
        None => {
            for entry in entries {
                let shapes: Vec<Shape> = entry.reading.values.iter().map(Shape::of).collect();
                exporter.see_shapes(shapes.iter());
            }
            exporter.head(&mut out);
            exporter.meter("House", &mut out);
            entries.iter().for_each(|entry| exporter.entry(entry, &mut out));
        }
        Some(grain) => {
            let periods = periods(zone, grain, entries);
            let tracks = periods.iter().flat_map(|(_, rolled)| rolled.tracks.keys());
            tracks.for_each(|track| exporter.see_track(*track));
            exporter.head(&mut out);
            exporter.meter("House", &mut out);
            periods.iter().for_each(|(number, rolled)| exporter.period(*number, rolled, &mut out));
        }
    }
    exporter.end(&mut out);
    String::from_utf8(out).unwrap()
}

fn periods(zone: Zone, grain: Grain, entries: &[Entry]) -> Vec<(i64, RollUp)> {
    let quarters = quarters(entries).0;
    if grain == Grain::Quarters {
        return quarters.into_iter().collect();
    }
    let mut days = std::collections::BTreeMap::<i64, Vec<RollUp>>::new();
    for (quarter, rolled) in quarters {
        days.entry(Day::of(Quarter(quarter), zone).0).or_default().push(rolled);
    }
    days.into_iter().map(|(day, quarters)| (day, day_of(quarters.iter()))).collect()
}

fn csv(options: &Options, entries: &[Entry]) -> Vec<String> {
    let text = file(&Options { form: ExportForm::Csv, ..*options }, entries);
    assert!(text.ends_with("\r\n"));
    text.split_inclusive("\r\n").map(str::to_owned).collect()
}

fn list_2() -> Entry {
    let voltage = measurement("1-0:32.7.0", Quantity::Voltage, "230.20");
    let energy = measurement("1-0:1.8.1", Quantity::ActiveEnergyImport, "10329.481");
    let gas = measurement("0-1:24.2.1", Quantity::GasVolume, "2104.512");
    let unknown = Measurement {
        quantity: None,
        unit: None,
        value: Value::Text("a\"b;\\c".into()),
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

fn text(start: &str) -> Entry {
    let text =
        Measurement { value: Value::Text(start.into()), ..measurement("0-0:96.13.0", Quantity::Message, "") };
    let mut entry = entry(1, 0, reading(vec![text]));
    entry.reading.meter = Some(start.into());
    entry
}

#[test]
fn json_lines_read_back_give_the_same_entries() {
    let entries = [entry(1, 0, han_list_1("1380")), list_2()];
    let file = file(&Options::default(), &entries);
    let read: Vec<Entry> = file.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(read, entries);
    assert!(file.ends_with('\n'));
    assert!(file.contains(r#""received":"2026-11-21T01:30:12.345Z","seq":2"#), "{file}");
}

#[test]
fn csv_has_a_column_for_each_value_with_its_unit() {
    let entries = [entry(1, 1_795_224_610_000, han_list_1("1380")), list_2()];
    assert_eq!(
        csv(&Options::default(), &entries),
        [
            "time,received,seq,meter,active_power_import_w,voltage_l1_v,active_energy_import_t1_kwh,\
             gas_volume_ch1_m3,1-0:99.97.0\r\n",
            "2026-11-21T02:30:10.000+01:00,2026-11-21T02:30:10.000+01:00,1,KFM-6970631405353535,1380,,,,\r\n",
            // RFC 4180, 2.6 and 2.7: a text that contains quotes is put in quotes, and its quotes are doubled.
            "2026-11-21T02:30:10+01:00,2026-11-21T02:30:12.345+01:00,2,KFM-6970631405353535,,230.20,10329.481,\
             2104.512,\"a\"\"b;\\c\"\r\n",
        ]
    );
}

#[test]
fn csv_can_have_a_decimal_comma() {
    let options =
        Options { separator: Separator::Semicolon, decimal_comma: true, marked: true, ..Options::default() };
    let rows = csv(&options, &[list_2()]);
    assert!(rows[0].starts_with("\u{FEFF}time;received;seq;meter;voltage_l1_v;"), "{rows:?}");
    assert!(rows[1].ends_with(";230,20;10329,481;2104,512;\"a\"\"b;\\c\"\r\n"), "{rows:?}");
    let options = Options { separator: Separator::Comma, ..options };
    assert!(csv(&options, &[list_2()])[1].contains(",\"230,20\",\"10329,481\","));
    let options = Options { separator: Separator::Tab, ..options };
    assert!(csv(&options, &[list_2()])[1].contains("\t230,20\t10329,481\t2104,512\t\"a\"\"b;\\c\"\r\n"));
}

#[test]
fn values_of_the_same_quantity_have_separate_columns() {
    let peak = |register: &str, watts: &str| measurement(register, Quantity::DemandImportPeak, watts);
    let values = vec![peak("1-0:1.6.0", "5"), peak("1-0:1.6.0*1", "6"), peak("1-0:1.6.0*2", "7")];
    let rows = csv(&Options::default(), &[entry(1, 0, reading(values))]);
    let columns = "demand_import_peak_w,demand_import_peak_2_w,demand_import_peak_3_w\r\n";
    assert!(rows[0].ends_with(columns), "{rows:?}");
    assert!(rows[1].ends_with(",5,6,7\r\n"), "{rows:?}");
}

#[test]
fn invalid_values_are_empty_cells() {
    let power = measurement("1-0:1.7.0", Quantity::ActivePowerImport, "5");
    let invalid = Measurement { error: Some(ValueError::Invalid), ..power };
    let rows = csv(&Options::default(), &[entry(1, 0, reading(vec![invalid]))]);
    assert!(rows[1].ends_with(",KFM-6970631405353535,\r\n"), "{rows:?}");
}

/// OWASP, CSV Injection: the characters after which a spreadsheet runs a formula.
#[test]
fn text_becomes_no_formula_and_a_negative_number_stays_a_number() {
    for start in ["=1+1", "+1", "-1+1", "@SUM(A1)", "\tx", "\rx", "\nx", "\u{FF1D}1+1"] {
        for separator in Separator::ALL {
            let rows = csv(&Options { separator: *separator, ..Options::default() }, &[text(start)]);
            assert_eq!(rows.concat().matches(&format!("'{start}")).count(), 2, "{rows:?}");
        }
    }
    let negative = Measurement {
        value: Value::Number(Number::new(-15, -1)),
        ..measurement("1-0:16.7.0", Quantity::ActivePower, "")
    };
    let rows = csv(&Options::default(), &[entry(1, 0, reading(vec![negative]))]);
    assert!(rows[1].ends_with(",-1.5\r\n"), "{rows:?}");
}

/// Positions of 1.8.0 and powers, a reading every five minutes from this moment on.
fn five_minutes(start: &str, count: i64) -> Vec<Entry> {
    let start: Moment = start.parse().unwrap();
    let each = |step: i64| {
        let values = vec![
            measurement("1-0:1.7.0", Quantity::ActivePowerImport, &(1000 + step % 7).to_string()),
            measurement(
                "1-0:1.8.0",
                Quantity::ActiveEnergyImport,
                &Number::new(100_000 + i128::from(step), -2).to_string(),
            ),
        ];
        entry(step.unsigned_abs() + 1, start.0 + step * 300_000, reading(values))
    };
    (0..count).map(each).collect()
}

/// 02:25, 02:30, 02:35 and 02:40 local time: powers 1000 | 1001, 1002, 1003 W, positions 1000.00 | .01, .02, .03 kWh. A
/// quarter of an hour ends at each `|`.
#[test]
fn a_table_of_quarters_has_the_totals_of_each() {
    let options = Options { resolution: Resolution::Quarter, ..Options::default() };
    assert_eq!(
        csv(&options, &five_minutes("2026-11-21T01:25:00Z", 4)),
        [
            "start,meter,readings,active_energy_import_kwh,active_energy_import_counted_kwh,net_power_min_w,\
             net_power_mean_w,net_power_max_w,active_power_import_min_w,active_power_import_mean_w,\
             active_power_import_max_w\r\n",
            "2026-11-21T02:15:00+01:00,House,1,1000.00,0.00,1000,1000.0,1000,1000,1000.0,1000\r\n",
            "2026-11-21T02:30:00+01:00,House,3,1000.03,0.03,1001,1002.0,1003,1001,1002.0,1003\r\n",
        ]
    );
}

#[test]
fn the_days_on_which_clocks_change_have_23_and_25_hours() {
    let starts = |resolution, start, count| -> Vec<String> {
        let rows = csv(&Options { resolution, ..Options::default() }, &five_minutes(start, count));
        rows.iter().skip(1).map(|row| row.split(',').next().unwrap().to_owned()).collect()
    };
    let of = |hours: i64| hours * 12;
    let spring = starts(Resolution::Hour, "2026-03-28T23:00:00Z", of(23));
    assert_eq!(spring.len(), 23);
    assert_eq!(spring[1..3], ["2026-03-29T01:00:00+01:00", "2026-03-29T03:00:00+02:00"]);
    let autumn = starts(Resolution::Hour, "2026-10-24T22:00:00Z", of(25));
    assert_eq!(autumn.len(), 25);
    assert_eq!(autumn[2..4], ["2026-10-25T02:00:00+02:00", "2026-10-25T02:00:00+01:00"]);
    assert_eq!(starts(Resolution::Quarter, "2026-03-28T23:00:00Z", of(23)).len(), 92);
    assert_eq!(starts(Resolution::Quarter, "2026-10-24T22:00:00Z", of(25)).len(), 100);
    let days = starts(Resolution::Day, "2026-10-24T22:00:00Z", of(25) + 1);
    assert_eq!(days, ["2026-10-25T00:00:00+02:00", "2026-10-26T00:00:00+01:00"]);
    let months = starts(Resolution::Month, "2026-10-24T22:00:00Z", of(24 * 12));
    assert_eq!(months, ["2026-10-01T00:00:00+02:00", "2026-11-01T00:00:00+01:00"]);
}

#[test]
fn the_counts_of_all_periods_add_up_to_what_the_counter_shows() {
    let entries = five_minutes("2026-10-24T03:40:00Z", 3000);
    for resolution in [Resolution::Quarter, Resolution::Hour, Resolution::Day, Resolution::Month] {
        let rows = csv(&Options { resolution, ..Options::default() }, &entries);
        let cell = |row: &String, cell: usize| row.split(',').nth(cell).unwrap().parse::<Number>().unwrap();
        let counted: i128 = rows[1..].iter().map(|row| cell(row, 4).mantissa_at(-2).unwrap()).sum();
        assert_eq!(counted, 2999, "{resolution:?}");
        let readings: i128 = rows[1..].iter().map(|row| cell(row, 2).mantissa).sum();
        assert_eq!(readings, 3000, "{resolution:?}");
        assert_eq!(cell(rows.last().unwrap(), 3), Number::new(102_999, -2));
    }
}

/// Hours computed the simplest way: the readings between two full hours, added up.
#[test]
fn hours_equal_the_totals_of_their_readings() {
    let entries = five_minutes("2026-10-24T03:40:00Z", 700);
    let rows = csv(&Options { resolution: Resolution::Hour, ..Options::default() }, &entries);
    let hours = entries.chunk_by(|a, b| a.received.0 / 3_600_000 == b.received.0 / 3_600_000);
    let (mut before, mut count) = (None, 0);
    for (row, hour) in rows[1..].iter().zip(hours) {
        let value = |entry: &Entry, place: usize| match &entry.reading.values[place].value {
            Value::Number(number) => number.mantissa,
            other => panic!("{other:?}"),
        };
        let powers = || hour.iter().map(|entry| value(entry, 0));
        let (first, last) = (value(&hour[0], 1), value(hour.last().unwrap(), 1));
        let tenths = (powers().sum::<i128>() * 100 / hour.len() as i128 + 5) / 10;
        let start = row.split(',').next().unwrap().parse::<Moment>().unwrap();
        assert_eq!(start.0, hour[0].received.0 / 3_600_000 * 3_600_000);
        let expected = format!(
            "House,{},{}.{:02},0.{:02},{},{}.{},{}",
            hour.len(),
            last / 100,
            last % 100,
            last - before.unwrap_or(first),
            powers().min().unwrap(),
            tenths / 10,
            tenths % 10,
            powers().max().unwrap()
        );
        assert!(row.contains(&expected), "{row} is not {expected}");
        before = Some(last);
        count += 1;
    }
    assert_eq!(count, rows.len() - 1);
}

#[test]
fn the_first_period_counts_from_the_last_position_before_the_range() {
    let entries = five_minutes("2026-11-21T01:30:00Z", 6);
    let quarters = periods(Zone::default(), Grain::Quarters, &entries);
    let options = Options { form: ExportForm::Csv, resolution: Resolution::Quarter, ..Options::default() };
    let mut exporter = Exporter::new(&options, Zone::default());
    quarters[1].1.tracks.keys().for_each(|track| exporter.see_track(*track));
    let mut out = Vec::new();
    exporter.meter("House", &mut out);
    exporter.earlier(&quarters[0].1);
    exporter.period(quarters[1].0, &quarters[1].1, &mut out);
    exporter.end(&mut out);
    let row = String::from_utf8(out).unwrap();
    assert!(row.starts_with("2026-11-21T02:45:00+01:00,House,3,1000.05,0.03,"), "{row}");
}

/// `InfluxDB` 2, line protocol: a backslash before commas, equals signs and spaces of tags and field names, and before
/// quotes and backslashes of texts; floats without a suffix; nanoseconds.
#[test]
fn influx_lines_are_escaped() {
    let mut exporter =
        Exporter::new(&Options { form: ExportForm::Influx, ..Options::default() }, Zone::default());
    let mut out = Vec::new();
    exporter.meter("Måler, hus=1\\", &mut out);
    exporter.entry(&list_2(), &mut out);
    exporter.entry(&text("two\r\nlines"), &mut out);
    let invalid = Measurement {
        error: Some(ValueError::Invalid),
        ..measurement("1-0:1.7.0", Quantity::ActivePowerImport, "5")
    };
    exporter.entry(&entry(3, 0, reading(vec![invalid])), &mut out);
    exporter.entry(&entry(4, -1, han_list_1("-7")), &mut out);
    assert_eq!(
        String::from_utf8(out).unwrap(),
        concat!(
            r#"metertap,meter=Måler\,\ hus\=1_ voltage_l1_v=230.20,active_energy_import_t1_kwh=10329.481,"#,
            r#"gas_volume_ch1_m3=2104.512,1-0:99.97.0="a\"b;\\c" 1795224612345000000"#,
            "\n",
            r#"metertap,meter=Måler\,\ hus\=1_ message="two  lines" 0"#,
            "\n",
            r#"metertap,meter=Måler\,\ hus\=1_ active_power_import_w=-7 -1000000"#,
            "\n",
        )
    );
}

/// The columns and the time format are those of the example files of "Import Statistics", `state_sum.tsv` and
/// `min_max_mean.tsv`.
#[test]
fn home_assistant_gets_hours_in_utc() {
    let entries = five_minutes("2026-10-25T00:50:00Z", 15);
    let counters = file(&Options { form: ExportForm::HomeAssistantCounters, ..Options::default() }, &entries);
    assert_eq!(
        counters,
        "statistic_id\tunit\tstart\tstate\tsum\n\
         metertap:house_active_energy_import\tkWh\t25.10.2026 00:00\t1000.01\t0.01\n\
         metertap:house_active_energy_import\tkWh\t25.10.2026 01:00\t1000.13\t0.13\n\
         metertap:house_active_energy_import\tkWh\t25.10.2026 02:00\t1000.14\t0.14\n"
    );
    let measured =
        file(&Options { form: ExportForm::HomeAssistantMeasurements, ..Options::default() }, &entries[..2]);
    assert_eq!(
        measured,
        "statistic_id\tunit\tstart\tmin\tmax\tmean\n\
         metertap:house_net_power\tW\t25.10.2026 00:00\t1000\t1001\t1000.5\n\
         metertap:house_active_power_import\tW\t25.10.2026 00:00\t1000\t1001\t1000.5\n"
    );
}

proptest! {
    /// Another reader of RFC 4180 finds the same texts, after the guarding apostrophe.
    #[test]
    fn any_text_is_read_back_by_another_program(said in "\\PC*|[=+@\t\r\n\",;'a-]{0,12}", marked: bool, place in 0..3_usize) {
        let separator = Separator::ALL[place];
        let options = Options { form: ExportForm::Csv, separator, marked, ..Options::default() };
        let file = file(&options, &[text(&said)]);
        let file = if marked { file.strip_prefix('\u{FEFF}').unwrap() } else { &file };
        let mut reader = ::csv::ReaderBuilder::new()
            .delimiter(u8::try_from(separator.character()).unwrap())
            .from_reader(file.as_bytes());
        let rows: Vec<_> = reader.records().map(Result::unwrap).collect();
        prop_assert_eq!(rows.len(), 1);
        let full_width = ['\u{FF1D}', '\u{FF0B}', '\u{FF0D}', '\u{FF20}'];
        let is_formula = said.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) || said.starts_with(full_width);
        let guard = if is_formula { "'" } else { "" };
        let expected = format!("{guard}{said}");
        prop_assert_eq!(rows[0].get(4), Some(expected.as_str()));
        prop_assert_eq!(rows[0].get(3), rows[0].get(4));
    }
}
