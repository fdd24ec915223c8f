//! Compares the log with rows in Dexie: a simulated year, one browser, one run. `cargo xtask bench log` builds the
//! pages, names their folder in `METERTAP_LOG_BENCH`, and makes a table of the rows printed here.
//!
//! `METERTAP_DAYS` shortens the year. Charts that show single readings must be identical on both sides.

mod contender;
mod figures;

use std::env;
use std::path::PathBuf;

use metertap_e2e::{Browser, Scene, Site, Times, say};
use serde_json::Value;

use contender::{Contender, Picture};
use figures::{Better, Row};

#[test]
fn a_year_gives_the_same_charts_in_the_log_and_in_dexie() {
    let folder =
        PathBuf::from(env::var_os("METERTAP_LOG_BENCH").expect("`cargo xtask bench log` calls this"));
    let days = env::var("METERTAP_DAYS").map_or(365, |days| days.parse().expect("it is a number"));
    let scene = Scene::new("log-bench");
    let [ours, theirs] = [(); 2].map(|()| Site::open(&folder, 0).expect("the loopback has a free port"));
    let browser = Browser::start(&scene, &ours.url());
    let ours = measure(&Contender::new("columns", &browser, &scene, ours), days, EVERY);
    let theirs = measure(&Contender::new("rows", &browser, &scene, theirs), days, SOME);
    assert_same(&ours.pictures, &theirs.pictures);
    for row in rows(days, &ours, &theirs) {
        say(&row.to_string());
    }
}

struct Measured {
    readings: f64,
    values: f64,
    /// The time to write all readings, in milliseconds.
    writing: f64,
    octets: f64,
    appending: Times,
    /// The times to put rows of a few bytes.
    bare: Times,
    warm: Times,
    /// The times of the charts that both contenders drew.
    same: Times,
    cold: Times,
    pictures: Vec<Picture>,
    /// The size of the exported file in bytes, and the time in milliseconds.
    table: (f64, f64),
    memory: f64,
}

fn measure(contender: &Contender<'_>, days: u64, every: usize) -> Measured {
    contender.open();
    let wrote = contender.ask("write", &[days as f64]);
    let octets = contender.octets_on_disk();
    let appended = contender.ask("append", &[APPENDED]);
    let ranges: Vec<(f64, f64)> = ranges(days).into_iter().step_by(every).collect();
    let cold: Vec<f64> = ranges
        .iter()
        .step_by(ranges.len().div_ceil(COLD))
        .map(|range| contender.draw_at_once(*range))
        .collect();
    contender.open();
    let pictures: Vec<Picture> = ranges.iter().map(|range| contender.picture(*range)).collect();
    let table = contender.ask("table", &[]);
    let times = |each: &Value| Times::of(each.as_array().into_iter().flatten().filter_map(Value::as_f64));
    let number = |answer: &Value, name: &str| answer[name].as_f64().expect("it is a number");
    Measured {
        readings: number(&wrote, "readings"),
        values: number(&wrote, "values"),
        writing: number(&wrote, "milliseconds"),
        octets,
        appending: times(&appended["each"]),
        bare: times(&appended["bare"]),
        warm: Times::of(pictures.iter().map(|picture| picture.milliseconds)),
        same: Times::of(pictures.iter().step_by(SOME / every).map(|picture| picture.milliseconds)),
        cold: Times::of(cold),
        pictures,
        table: (number(&table, "octets"), number(&table, "milliseconds")),
        memory: contender.most_memory(),
    }
}

fn rows(days: u64, ours: &Measured, theirs: &Measured) -> Vec<Row> {
    let row = |better, what: &str, goal, figure: fn(&Measured) -> f64| Row {
        what: what.to_owned(),
        better,
        ours: figure(ours),
        theirs: figure(theirs),
        goal,
    };
    let more = |what: &str, goal, figure| row(Better::More, what, goal, figure);
    let less = |what: &str, goal, figure| row(Better::Less, what, goal, figure);
    let (readings, values, pictures) = (ours.readings, ours.values, ours.pictures.len());
    let written =
        format!("{readings} readings of {days} days written, two days at a time: readings a second");
    vec![
        more(&written, "≥ 50 ×", |of| of.readings / of.writing * 1000.0),
        // Per value, because the rows in Dexie hold fewer values of the same readings.
        less(&format!("octets on disk a value, {values} values"), "≤ 2", |of| of.octets / of.values),
        less("the same 30 pictures of 1,200 columns, an hour to all: ms in the median", "", |of| {
            of.same.at(50)
        }),
        less(&format!("{pictures} pictures: ms, p95"), "≤ 50", |of| of.warm.at(95)),
        less("from opening the page to a picture: ms, the slowest of 20", "≤ 300", |of| of.cold.at(100)),
        less("a reading appended: ms, median", "", |of| of.appending.at(50)),
        less("a reading appended: ms, p99", "≤ 2", |of| of.appending.at(99)),
        less("eight octets put into IndexedDB by hand beside it: ms, p99", "", |of| of.bare.at(99)),
        more("everything as CSV: MB a second", "≥ 50", |of| of.table.0 / of.table.1 / 1000.0),
        less("most memory while doing so, wasm and JavaScript: MB", "≤ 64", |of| of.memory / 1e6),
    ]
}

/// Ranges of the year, with lengths from an hour to the whole year. They begin at times all over the year. In this
/// order, ranges of similar length are far apart.
fn ranges(days: u64) -> Vec<(f64, f64)> {
    let whole = days as f64 * 86_400_000.0;
    let range = |number: usize| {
        let place = number * 71 % PICTURES;
        let width = 3_600_000.0 * (whole / 3_600_000.0).powf(place as f64 / (PICTURES - 1) as f64);
        // Multiples of the golden ratio fill a range evenly (Weyl).
        let from = START + ((whole - width) * (place as f64 * 0.618_034).fract()).floor();
        (from, from + width.floor())
    };
    (0..PICTURES).map(range).collect()
}

/// Checks that both contenders drew the same charts. Charts with columns of a quarter-hour or more are left out,
/// because our log draws them from roll-ups.
fn assert_same(ours: &[Picture], theirs: &[Picture]) {
    let mut compared = 0;
    for theirs in theirs.iter().filter(|picture| picture.range.1 - picture.range.0 < 1200.0 * 900_000.0) {
        let ours = ours.iter().find(|ours| ours.range == theirs.range).expect("both have the same ranges");
        assert_eq!(ours.columns, theirs.columns, "the picture of {:?}", theirs.range);
        compared += 1;
    }
    say(&format!("{compared} pictures were the same on both sides"));
    assert!(compared > 0);
}

/// 2026-11-21T00:00:00Z, when the house begins to send.
const START: f64 = 1_795_219_200_000.0;
/// The number of readings appended one by one after the year.
const APPENDED: f64 = 2000.0;
const PICTURES: usize = 300;
/// Our log draws every chart. The peer takes seconds for each, so it draws every tenth.
const EVERY: usize = 1;
const SOME: usize = 10;
/// The number of charts drawn by a page that was just opened.
const COLD: usize = 20;
