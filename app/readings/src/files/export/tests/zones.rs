//! Files of the days on which clocks are changed, in zones around the world. The expected times come from another
//! implementation.

use super::*;
use jiff::Timestamp;
use jiff::tz::{TimeZone, TimeZoneDatabase};

/// A zone, a day on which clocks are changed there or elsewhere, and how many hours begin on that day by its clocks.
const DAYS: &[(&str, &str, usize)] = &[
    ("America/New_York", "2026-03-08", 23),
    ("America/New_York", "2026-11-01", 25),
    ("Asia/Kolkata", "2026-03-29", 24),
    ("Europe/Kyiv", "2026-03-29", 23),
    ("Europe/Kyiv", "2026-10-25", 25),
    ("UTC", "2026-10-25", 24),
    ("Atlantic/Canary", "2026-03-29", 23),
    ("Atlantic/Canary", "2026-10-25", 25),
    // Half an hour is missing, or is repeated.
    ("Australia/Lord_Howe", "2026-10-04", 24),
    ("Australia/Lord_Howe", "2026-04-05", 25),
];

fn rules(zone: &str) -> TimeZone {
    TimeZoneDatabase::bundled().get(zone).unwrap()
}

/// The beginning and the end of a day, in milliseconds.
fn span(zone: &str, day: &str) -> (i64, i64) {
    let date: jiff::civil::Date = day.parse().unwrap();
    let start = |date: jiff::civil::Date| date.to_zoned(rules(zone)).unwrap().timestamp().as_millisecond();
    (start(date), start(date.tomorrow().unwrap()))
}

fn written(zone: &str, moment: i64, format: &str) -> String {
    Timestamp::from_millisecond(moment).unwrap().to_zoned(rules(zone)).strftime(format).to_string()
}

/// A reading in each quarter of an hour of a day, of the hour before it and of the hour after it.
fn entries(zone: &str, day: &str) -> Vec<Entry> {
    let (start, end) = span(zone, day);
    let moments = (start - 3_600_000..end + 3_600_000).step_by(900_000);
    let values = |seq: u64| vec![measurement("1-0:1.8.0", Quantity::ActiveEnergyImport, &seq.to_string())];
    (1..).zip(moments).map(|(seq, moment)| entry(seq, moment, reading(values(seq)))).collect()
}

fn times(zone: &str, resolution: Resolution, entries: &[Entry]) -> Vec<String> {
    let options = Options { form: ExportForm::Csv, resolution, ..Options::default() };
    let text = file_in(Zone::named(zone).unwrap(), &options, entries);
    text.lines().skip(1).map(|row| row.split(',').next().unwrap().to_owned()).collect()
}

#[test]
fn each_reading_has_the_local_time_of_the_zone() {
    for (zone, day, _) in DAYS {
        let entries = entries(zone, day);
        let expected = |entry: &Entry| written(zone, entry.received.0, "%Y-%m-%dT%H:%M:%S%.3f%:z");
        assert_eq!(times(zone, Resolution::Raw, &entries), entries.iter().map(expected).collect::<Vec<_>>());
    }
}

#[test]
fn each_hour_begins_when_the_zones_clocks_show_a_full_hour() {
    for (zone, day, count) in DAYS {
        let entries = entries(zone, day);
        let hours = times(zone, Resolution::Hour, &entries);
        assert_eq!(hours.len(), count + 2, "{zone} {hours:?}");
        let full = |hour: &&String| hour.get(14..19) == Some("00:00");
        // Lord Howe puts clocks forward to half past two, and back to half past one.
        let half = if zone.ends_with("Lord_Howe") { 1 } else { 0 };
        assert_eq!(hours.iter().filter(full).count(), count + 2 - half, "{zone} {hours:?}");
        let times = entries.iter().map(|entry| written(zone, entry.received.0, "%Y-%m-%dT%H:%M:%S%:z"));
        let times: Vec<String> = times.collect();
        assert!(hours.iter().all(|hour| times.contains(hour)), "{zone} {hours:?}");
    }
}

#[test]
fn a_day_is_one_row_whatever_its_length() {
    for (zone, day, _) in DAYS {
        let (start, end) = span(zone, day);
        let options = Options { form: ExportForm::Csv, resolution: Resolution::Day, ..Options::default() };
        let text = file_in(Zone::named(zone).unwrap(), &options, &entries(zone, day));
        let row = text.lines().nth(2).unwrap();
        let (time, readings) = (written(zone, start, "%Y-%m-%dT%H:%M:%S%:z"), (end - start) / 900_000);
        assert!(row.starts_with(&format!("{time},House,{readings},")), "{zone}: {row}");
        assert_eq!(text.lines().count(), 4, "{text}");
    }
}
