//! Tables: their amounts must agree with the counters in the log.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::number::thousandths;
use crate::{Evidence, Verdict};

pub(crate) fn check(evidence: &Evidence, verdict: &mut Verdict) {
    for (name, table) in &evidence.tables {
        let Some(log) = evidence.logs.get(name) else {
            verdict.findings.push(format!("{name} has a table and no log"));
            continue;
        };
        verdict.tables += 1;
        let (stood, is_late) = (stood(log), is_late(log));
        for (column, counted) in counted(table) {
            let Some(Stood { first, before, last }) = stood.get(&column) else {
                verdict.findings.push(format!("{name} counts {column}, which its log does not have"));
                continue;
            };
            let is_held_back = is_late && before - first == counted;
            if last - first != counted && !is_held_back {
                let went = last - first;
                verdict
                    .findings
                    .push(format!("{name}: {column} rose by {went} Wh, but {counted} Wh were counted"));
            }
        }
    }
}

/// Positions of a counter, in thousandths.
struct Stood {
    first: i64,
    /// The last position but one.
    before: i64,
    last: i64,
}

/// The positions of each energy counter, by the name of its column.
fn stood(log: &str) -> BTreeMap<String, Stood> {
    let mut stood = BTreeMap::new();
    for entry in entries(log) {
        for value in entry.get("values").and_then(Value::as_array).into_iter().flatten() {
            let text = |key: &str| value.get(key).and_then(Value::as_str);
            let (Some(quantity), Some(number)) = (text("quantity"), text("value").and_then(thousandths))
            else {
                continue;
            };
            if !quantity.starts_with("active-energy-")
                || text("unit") != Some("kWh")
                || text("error").is_some()
            {
                continue;
            }
            let tariff = value.get("tariff").and_then(Value::as_u64).map(|tariff| format!("_t{tariff}"));
            let column = format!("{}{}_kwh", quantity.replace('-', "_"), tariff.unwrap_or_default());
            stood
                .entry(column)
                .and_modify(|stood: &mut Stood| (stood.before, stood.last) = (stood.last, number))
                .or_insert(Stood { first: number, before: number, last: number });
        }
    }
    stood
}

/// Whether the last reading but one was received more than a minute after the meter sent it, as when a tab wakes up.
/// The last step is then larger than the time between the two readings allows. A page holds such a step back until
/// another reading confirms it, and here there is none.
fn is_late(log: &str) -> bool {
    let late = |entry: &Value| {
        let at = |key: &str| entry.get(key).and_then(Value::as_str).and_then(seconds);
        Some(at("received")? - at("time")? > 60)
    };
    entries(log).rev().nth(1).as_ref().and_then(late).unwrap_or_default()
}

fn entries(log: &str) -> impl DoubleEndedIterator<Item = Value> {
    log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok())
}

/// The seconds of an RFC 3339 time since the beginning of its year, in UTC; `None` for anything else.
fn seconds(text: &str) -> Option<i64> {
    let number = |from: usize, to: usize| text.get(from..to)?.parse::<i64>().ok();
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let leap = i64::from(month > 2 && year % 4 == 0);
    // The days before each month of a year without a leap day.
    let before = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];
    let days = before.get(usize::try_from(month - 1).ok()?)? + day - 1 + leap;
    let clock = number(11, 13)? * 3600 + number(14, 16)? * 60 + number(17, 19)?;
    let offset = match text.strip_suffix('Z') {
        Some(_) => 0,
        None => {
            let offset = text.get(text.len() - 6..)?;
            let minutes =
                offset.get(1..3)?.parse::<i64>().ok()? * 60 + offset.get(4..6)?.parse::<i64>().ok()?;
            if offset.starts_with('-') { -minutes } else { minutes }
        }
    };
    Some(days * 86_400 + clock - offset * 60)
}

/// What each energy counter counted over all rows, by the name of its column.
fn counted(table: &str) -> BTreeMap<String, i64> {
    let mut rows = table.lines().map(|line| line.split(',').collect::<Vec<_>>());
    let head = rows.next().unwrap_or_default();
    let mut counted = BTreeMap::new();
    for row in rows {
        for (title, cell) in head.iter().zip(row) {
            if title.starts_with("active_energy_")
                && let Some(column) = title.strip_suffix("_counted_kwh")
                && let Some(number) = thousandths(cell)
            {
                *counted.entry(format!("{column}_kwh")).or_default() += number;
            }
        }
    }
    counted
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(received: &str, time: &str, kilowatt_hours: &str) -> String {
        let value =
            format!(r#"{{"quantity":"active-energy-import","unit":"kWh","value":"{kilowatt_hours}"}}"#);
        format!(r#"{{"received":"{received}","time":"{time}","values":[{value}]}}"#)
    }

    fn findings(late: &str, counted: &str) -> usize {
        let lines = [
            line("2023-11-14T22:14:00.000Z", "2023-11-14T23:14:00+01:00", "1.000"),
            line(late, "2023-11-14T23:14:10+01:00", "1.005"),
            line("2023-11-14T22:19:20.000Z", "2023-11-14T23:19:20+01:00", "1.141"),
        ];
        let table = format!("start,active_energy_import_counted_kwh\n2023-11-14T00:00:00+01:00,{counted}\n");
        let mut evidence = Evidence::default();
        evidence.logs.insert("a".to_owned(), lines.join("\n"));
        evidence.tables.push(("a".to_owned(), table));
        let mut verdict = Verdict::default();
        check(&evidence, &mut verdict);
        verdict.findings.len()
    }

    #[test]
    fn a_step_after_a_late_reading_may_wait_for_the_next_one() {
        let late = "2023-11-14T22:19:12.266Z";
        assert_eq!(findings(late, "0.141"), 0);
        assert_eq!(findings(late, "0.005"), 0);
        assert_eq!(findings(late, "0.100"), 1);
        assert_eq!(findings("2023-11-14T22:14:10.000Z", "0.005"), 1);
    }

    /// By `date --utc --date=TIME +%s`, less that of the year's first second.
    #[test]
    fn times_are_seconds_of_the_year() {
        assert_eq!(seconds("2023-01-01T00:00:00Z"), Some(0));
        assert_eq!(seconds("2023-11-14T23:14:10+01:00"), Some(1_700_000_050 - 1_672_531_200));
        assert_eq!(seconds("2024-03-01T00:00:00.000Z"), Some(1_709_251_200 - 1_704_067_200));
        assert_eq!(seconds("yesterday"), None);
    }
}
