//! Measures how the times and the memory of History grow with the years in the log.

use metertap_e2e::{Browser, Page, Scene, Times, say, serve};

use super::gestures::{pan, record, times};
use super::house::House;
use super::ours::{CURVE, OPENINGS, cold, open_whole};

/// The measurements of a log of some years.
#[derive(Debug)]
struct Grown {
    /// From a reload until the engine is ready, in milliseconds.
    opening: Times,
    /// From a reload until the frame with the curve of all years.
    first: Times,
    pan: Times,
    /// From choosing months until the frame with the table.
    months: Times,
    /// The memory of page and engine afterwards, in bytes.
    memory: f64,
}

pub(super) fn measure() {
    let grown = YEARS.map(Grown::measure);
    row("opening, until the engine is ready", &grown, |grown| grown.opening.at(50), "");
    row("first picture of all years after a cold start", &grown, |grown| grown.first.at(50), "≤ 700");
    row("the same, p95", &grown, |grown| grown.first.at(95), "");
    row("pan frame over all years", &grown, |grown| grown.pan.at(50), "");
    row("the same, p95", &grown, |grown| grown.pan.at(95), "");
    row("table of all months", &grown, |grown| grown.months.at(50), "");
    row("memory of page and engine: MB", &grown, |grown| grown.memory / 1e6, "");
}

fn row(what: &str, grown: &[Grown; 3], of: fn(&Grown) -> f64, goal: &str) {
    let [one, three, ten] = [0, 1, 2].map(|place| grown.get(place).map_or(f64::NAN, of));
    let ratio = ten / one;
    say(&format!("chart-growth\t{what}\t**{ratio:.2}**\t{one:.1}\t{three:.1}\t{ten:.1}\t{goal}"));
}

impl Grown {
    fn measure(years: i64) -> Self {
        let (scene, site) = (Scene::new("bench-chart-growth"), serve());
        let browser = Browser::start(&scene, &site.url());
        browser.run_at_start(super::FRAMES);
        let page = Page::open(browser, &site.url());
        let house = House::write(&scene, years * 365, MINUTE);
        say(&format!("{} readings of electricity in {years} years", house.readings));
        let meter = house.import(&page);
        open_whole(&page, &meter);
        let openings: Vec<(f64, f64)> = (0..OPENINGS).map(|_| opening(&page)).collect();
        let pan = pan(page.browser(), CURVE);
        open_whole(&page, &meter);
        let months = (0..OPENINGS).map(|_| months(&page));
        let months = Times::of(months.collect::<Vec<_>>());
        let heaps = page.browser().heaps();
        Self {
            opening: Times::of(openings.iter().map(|(ready, _)| *ready)),
            first: Times::of(openings.iter().map(|(_, first)| *first)),
            pan,
            months,
            memory: (heaps.objects + heaps.buffers + heaps.wasm) as f64,
        }
    }
}

/// Reloads the page. Returns the times until its engine was ready and until the frame with the curve ended, in
/// milliseconds.
fn opening(page: &Page) -> (f64, f64) {
    let first = cold(page);
    (times(&page.browser().evaluate("[bench.ready]")).at(50), first)
}

/// The time from choosing months as rows to the frame with the table.
fn months(page: &Page) -> f64 {
    let browser = page.browser();
    page.select("[data-action=rows]", "years");
    browser.evaluate("bench.settled()");
    browser.evaluate("bench.watch('.periods tbody')");
    record(browser, "change");
    page.select("[data-action=rows]", "months");
    browser
        .wait("there is a row for each month", "document.querySelectorAll('.periods tbody tr').length > 11");
    times(&browser.evaluate("bench.settled().then(() => [bench.changed - bench.inputs[0].began])")).at(50)
}

const YEARS: [i64; 3] = [1, 3, 10];
/// In seconds.
const MINUTE: i64 = 60;
