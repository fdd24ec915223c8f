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
        let stood = stood(log);
        for (column, counted) in counted(table) {
            let Some((first, last)) = stood.get(&column) else {
                verdict.findings.push(format!("{name} counts {column}, which its log does not have"));
                continue;
            };
            if last - first != counted {
                let went = last - first;
                verdict
                    .findings
                    .push(format!("{name}: {column} rose by {went} Wh, but {counted} Wh were counted"));
            }
        }
    }
}

/// The first and the last position of each energy counter, by the name of its column.
fn stood(log: &str) -> BTreeMap<String, (i64, i64)> {
    let mut stood = BTreeMap::new();
    for entry in log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok()) {
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
            stood.entry(column).and_modify(|(_, last)| *last = number).or_insert((number, number));
        }
    }
    stood
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
