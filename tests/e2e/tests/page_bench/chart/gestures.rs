//! [`Gestures`]: the frames of a chart that is moved, zoomed and pointed at.

use metertap_e2e::{Browser, Times};
use serde_json::Value;

/// Times in milliseconds, from an input's arrival in the page to the end of the frame that shows its effect.
#[derive(Debug)]
pub(crate) struct Gestures {
    /// While the chart is dragged.
    pub(crate) pan: Times,
    /// For each turn of the wheel.
    pub(crate) zoom: Times,
    /// For each move of the pointer.
    pub(crate) cursor: Times,
}

impl Gestures {
    /// Makes all gestures on the element that a selector finds.
    pub(crate) fn measure(browser: &Browser, chart: &str) -> Self {
        Self { pan: pan(browser, chart), zoom: zoom(browser, chart), cursor: cursor(browser, chart) }
    }
}

/// Drags twice to the left and twice to the right, each time across more than half of the chart.
pub(crate) fn pan(browser: &Browser, chart: &str) -> Times {
    record(browser, "pointermove");
    for (from, to) in [(0.8, 0.2), (0.8, 0.2), (0.2, 0.8), (0.2, 0.8)] {
        browser.drag_along(chart, &steps(from, to, MOVES));
    }
    frames(browser, true)
}

/// Zooms in at two places, from a year to some hours, and out again.
fn zoom(browser: &Browser, chart: &str) -> Times {
    record(browser, "wheel");
    for share in [0.3, 0.7] {
        for pixels in [-NOTCH, NOTCH] {
            (0..NOTCHES).for_each(|_| browser.turn(chart, share, pixels));
        }
    }
    frames(browser, true)
}

/// Moves the pointer across the chart and back.
fn cursor(browser: &Browser, chart: &str) -> Times {
    record(browser, "pointermove");
    for share in [steps(0.1, 0.9, MOVES * 2), steps(0.9, 0.1, MOVES * 2)].concat() {
        browser.point(chart, share);
    }
    frames(browser, false)
}

pub(crate) fn record(browser: &Browser, kind: &str) {
    browser.evaluate(&format!("bench.record({kind:?})"));
}

/// The durations of the recorded frames. `is_moving` leaves out frames that showed the same span of time as the frame
/// before.
pub(crate) fn frames(browser: &Browser, is_moving: bool) -> Times {
    let times = times(&browser.evaluate(&format!("bench.frames({is_moving})")));
    assert!(times.count() > 0, "no frame was recorded: the page did not react to the input");
    times
}

/// The durations in a script's array of milliseconds.
pub(crate) fn times(value: &Value) -> Times {
    Times::of(value.as_array().into_iter().flatten().filter_map(Value::as_f64))
}

fn steps(from: f64, to: f64, count: u32) -> Vec<f64> {
    (0..=count).map(|step| from + (to - from) * f64::from(step) / f64::from(count)).collect()
}

const MOVES: u32 = 40;
/// Pixels of a notch of a usual wheel.
const NOTCH: i32 = 120;
const NOTCHES: usize = 30;
