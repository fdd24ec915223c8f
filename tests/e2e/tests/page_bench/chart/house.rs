//! [`House`]: a simulated house with an electricity meter, a gas meter and a heat meter, as tables to import.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{BufWriter, Write as _};
use std::path::PathBuf;
use std::time::Duration;

use metertap_e2e::{Page, Scene, now};
use metertap_readings::entry::Moment;

/// The files of a house's meters.
#[derive(Debug)]
pub(crate) struct House {
    tables: [PathBuf; 3],
    /// The times of the electricity meter's readings in seconds since 1970, followed by the powers in watts, as
    /// little-endian 64-bit floats.
    pub(crate) numbers: PathBuf,
    /// The number of the electricity meter's readings.
    pub(crate) readings: usize,
}

impl House {
    /// Writes the tables of the last `days` days. `every` is the time in seconds between two readings of the
    /// electricity meter. The gas meter sends at most every five minutes, and the heat meter at most every minute.
    pub(crate) fn write(scene: &Scene, days: i64, every: i64) -> Self {
        #[allow(clippy::cast_possible_truncation, reason = "seconds since 1970")]
        let to = now() as i64 / 1000 / 900 * 900;
        let from = to - days * DAY;
        let tables = ["electricity.csv", "gas.csv", "heat.csv"].map(|name| scene.path(name));
        let numbers = scene.path("numbers.f64");
        let [electricity, gas, heat] = &tables;
        let powers = write_electricity(electricity, (from, to), every);
        write_counter(gas, "0-1:24.2.1 (m3)", (from, to), every.max(300), 140);
        write_counter(heat, "6-0:1.0.0 (kWh)", (from, to), every.max(60), 1_300);
        let times = powers.iter().map(|(at, _)| *at as f64);
        let values = powers.iter().map(|(_, watts)| *watts as f64);
        let octets: Vec<u8> = times.chain(values).flat_map(f64::to_le_bytes).collect();
        fs::write(&numbers, octets).expect("the scene's folder can be written");
        Self { tables, numbers, readings: powers.len() }
    }

    /// Imports the tables, each into a new meter, and returns the key of the electricity meter.
    pub(crate) fn import(&self, page: &Page) -> String {
        let (browser, mut meter) = (page.browser(), None);
        for table in &self.tables {
            page.go("data");
            browser.choose("[name=import]", table);
            let seen = "document.querySelector('[data-count=import-new]')?.dataset.value > 0";
            browser.wait_long("the table is read", LONG, seen);
            browser.click("[data-action=import]");
            browser.wait_long("it is imported", LONG, "!!document.querySelector('[data-import=complete]')");
            page.go("live");
            browser.wait("its card is there", "!!document.querySelector('article[data-meter]')");
            meter = meter.or_else(|| page.meters().pop());
        }
        meter.expect("the first table became a meter")
    }
}

/// Writes the electricity meter's table, and returns its times in seconds with its watts, negative for power fed in.
fn write_electricity(path: &PathBuf, (from, to): (i64, i64), every: i64) -> Vec<(i64, i64)> {
    let mut file = BufWriter::new(File::create(path).expect("the scene's folder can be written"));
    let head = "time;1-0:1.8.0 (kWh);1-0:2.8.0 (kWh);1-0:1.7.0 (W);1-0:2.7.0 (W)\n";
    file.write_all(head.as_bytes()).expect("the table can be written");
    // Watt-seconds.
    let (mut import, mut export) = (3_600_000_000_i64, 3_600_000_i64);
    let (mut chance, mut powers, mut row) = (7_u64, Vec::new(), String::new());
    for at in (from..to).step_by(usize::try_from(every).unwrap_or(1)) {
        chance = chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let noise = i64::try_from(chance >> 55).unwrap_or_default();
        let (quarter, day) = (at.rem_euclid(DAY) / 900, (at - from) / DAY);
        // Solar panels produce most at noon and more in summer. A kettle boils now and then.
        let season = (1000 - (day % 365 - 182).abs() * 5).max(100);
        let sun = (1_600 - (quarter - 48) * (quarter - 48) * 4).max(0) * season / 500;
        let kettle = if chance >> 32 & 0xFF == 0 { 2_000 } else { 0 };
        let evening = if (72..84).contains(&quarter) { 1_800 } else { 0 };
        let watts = 160 + noise + evening + kettle - sun;
        import += watts.max(0) * every;
        export += (-watts).max(0) * every;
        powers.push((at, watts));
        row.clear();
        let (import, export) = (thousandths(import / 3600), thousandths(export / 3600));
        let _ = writeln!(row, "{};{import};{export};{};{}", time(at), watts.max(0), (-watts).max(0));
        file.write_all(row.as_bytes()).expect("the table can be written");
    }
    powers
}

/// Writes the table of a counter that grows by `hourly` thousandths an hour.
fn write_counter(path: &PathBuf, title: &str, (from, to): (i64, i64), every: i64, hourly: i64) {
    let mut text = format!("time;{title}\n");
    for at in (from..to).step_by(usize::try_from(every).unwrap_or(1)) {
        let _ = writeln!(text, "{};{}", time(at), thousandths(1_000_000 + (at - from) * hourly / 3600));
    }
    fs::write(path, text).expect("the scene's folder can be written");
}

/// Formats a moment in seconds since 1970 as `2026-11-30T12:00:00Z`.
fn time(seconds: i64) -> String {
    Moment(seconds * 1000).to_string().get(..19).unwrap_or_default().to_owned() + "Z"
}

fn thousandths(number: i64) -> String {
    format!("{}.{:03}", number / 1000, number % 1000)
}

/// Seconds.
const DAY: i64 = 86_400;
const LONG: Duration = Duration::from_secs(1800);
