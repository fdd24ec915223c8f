//! [`Theirs`]: the times of uPlot, in the same page and with the same readings.

use metertap_e2e::npm::Package;
use metertap_e2e::{Browser, Page, Times};
use serde_json::Value;

use super::gestures::{Gestures, frames, record, times};
use super::house::House;
use super::ours::{CURVE, OPENINGS, Ours};

/// The times of uPlot, in milliseconds.
#[derive(Debug)]
pub(crate) struct Theirs {
    /// The frames of the same gestures.
    pub(crate) gestures: Gestures,
    /// From a click until the frame with the chart. The data are already in memory.
    pub(crate) first: Times,
    /// From the input until the frame that shows a view. The views are those of History, and the data are already in
    /// memory.
    pub(crate) views: Times,
}

/// What uPlot draws.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Feed {
    /// The lowest and the highest value of each column, as History draws them.
    Columns,
    /// All readings.
    Readings,
}

impl Theirs {
    /// Measures uPlot on a page that shows History or, from an earlier call, uPlot.
    pub(crate) fn measure(page: &Page, house: &House, feed: Feed, ours: &Ours) -> Self {
        let browser = page.browser();
        if feed == Feed::Columns {
            put(page, house);
        }
        let open = |(from, to): (f64, f64)| {
            browser.evaluate(&format!("bench.peer.prepare({}, {from}, {to})", feed == Feed::Readings));
            record(browser, "click");
            browser.evaluate(&format!("bench.button(() => bench.peer.open({from}, {to}))"));
            browser.click("#bench-button");
            frames(browser, false).at(50)
        };
        let first = (0..OPENINGS).map(|_| open(seconds(ours.whole)));
        let first = Times::of(first.collect::<Vec<_>>());
        let gestures = Gestures::measure(browser, CHART);
        let views =
            Times::of(ours.views.spans.iter().map(|span| view(browser, seconds(*span))).collect::<Vec<_>>());
        browser.evaluate("bench.peer.stay()");
        Self { gestures, first, views }
    }
}

/// Puts uPlot over another screen, in the size of History's curve.
fn put(page: &Page, house: &House) {
    let browser = page.browser();
    let size = browser.evaluate(&format!(
        "(() => {{ const {{ clientWidth, clientHeight }} = document.querySelector({CURVE:?});
            return [clientWidth, clientHeight]; }})()"
    ));
    page.go("forward");
    browser.evaluate(&format!("{}; undefined", UPLOT.read("dist/uPlot.iife.min.js")));
    let style = Value::from(UPLOT.read("dist/uPlot.min.css"));
    browser.evaluate(&format!("({PEER})({style}, {}, {})", size[0], size[1]));
    browser.choose("#bench-readings", &house.numbers);
    assert_eq!(browser.evaluate("bench.peer.load()"), house.readings, "uPlot has all readings");
}

/// The duration of the frame in which uPlot goes to a view.
fn view(browser: &Browser, (from, to): (f64, f64)) -> f64 {
    browser.evaluate(&format!("bench.peer.jumpTo({from}, {to})"));
    record(browser, "wheel");
    browser.turn(CHART, 0.5, 1);
    // Nothing more is drawn later.
    times(&browser.evaluate("bench.frames(false, 50)")).at(50)
}

/// Converts milliseconds to seconds, uPlot's unit of time.
fn seconds((from, to): (i64, i64)) -> (f64, f64) {
    (from as f64 / 1000.0, to as f64 / 1000.0)
}

const CHART: &str = ".u-over";
const UPLOT: Package = Package {
    name: "uplot",
    version: "1.6.32",
    sha512: "KIMVnG68zvu5XXUbC4LQEPnhwOxBuLyW1AHtpm6IKTXImkbLgkMy+jabjLgSLMasNuGGzQm/ep3tOkyTxpiQIw==",
};
const PEER: &str = include_str!("peer.js");
