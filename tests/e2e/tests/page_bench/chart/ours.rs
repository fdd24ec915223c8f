//! [`Ours`]: the times of the History screen.

use metertap_e2e::{Browser, Page, Times};
use metertap_readings::entry::Moment;
use serde_json::Value;

use super::gestures::{Gestures, record, times};

/// The times of the History screen, in milliseconds.
#[derive(Debug)]
pub(crate) struct Ours {
    /// The whole record, in milliseconds since 1970.
    pub(crate) whole: (i64, i64),
    /// The frames of gestures over the whole record.
    pub(crate) gestures: Gestures,
    /// From a click on another screen until the frame that shows the whole record's curve.
    pub(crate) first: Times,
    /// From a reload of the page until that frame.
    pub(crate) cold: Times,
    pub(crate) views: Views,
}

/// Random views of a page that was just opened.
#[derive(Debug)]
pub(crate) struct Views {
    /// The beginning and end of each view, in milliseconds since 1970.
    pub(crate) spans: Vec<(i64, i64)>,
    /// From the input to the first frame that shows the view.
    pub(crate) framed: Times,
    /// From the input to the frame that shows the curve with the view's own columns.
    pub(crate) drawn: Times,
}

impl Ours {
    /// Opens a meter's whole record and measures.
    pub(crate) fn measure(page: &Page, meter: &str) -> Self {
        let browser = page.browser();
        page.reload();
        open_whole(page, meter);
        let whole = shown(browser);
        let cold = (0..OPENINGS).map(|_| cold(page));
        let cold = Times::of(cold.collect::<Vec<_>>());
        let views = views(browser, whole);
        let first = (0..OPENINGS).map(|_| first(page, meter));
        let first = Times::of(first.collect::<Vec<_>>());
        let gestures = Gestures::measure(browser, CURVE);
        Self { whole, gestures, first, cold, views }
    }
}

/// Shows the whole record of that meter, and waits until its curve is drawn.
pub(crate) fn open_whole(page: &Page, meter: &str) {
    page.go("forward");
    page.browser().evaluate(&format!("bench.record(null); void (location.hash = {:?})", address(meter)));
    wait_drawn(page.browser());
}

/// Reloads the page. Returns the time until the frame with the first curve ended, in milliseconds.
pub(crate) fn cold(page: &Page) -> f64 {
    page.reload();
    wait_drawn(page.browser());
    number(&page.browser().evaluate("bench.draws.find(({ hasCurve }) => hasCurve).ended"))
}

/// The time from a click that opens the whole record to the frame with its curve.
fn first(page: &Page, meter: &str) -> f64 {
    let browser = page.browser();
    page.go("forward");
    record(browser, "click");
    browser.evaluate(&format!("bench.button(() => {{ location.hash = {:?}; }})", address(meter)));
    browser.click("#bench-button");
    wait_drawn(browser);
    number(&browser.evaluate("bench.draws.find(({ hasCurve }) => hasCurve).ended - bench.inputs[0].began"))
}

/// Goes to random views. A turn of the wheel changes the length, and a click on the strip changes the place, in turn.
fn views(browser: &Browser, whole: (i64, i64)) -> Views {
    let (mut spans, mut framed, mut drawn) = (Vec::new(), Vec::new(), Vec::new());
    let longest = (whole.1 - whole.0) as f64;
    for number in 0..VIEWS {
        // Multiples of irrational numbers fill a range evenly (Weyl).
        let [share, length] = [0.618_034, 0.414_214].map(|step| (f64::from(number) * step).fract());
        let now = shown(browser);
        if number % 2 == 0 {
            let length = SHORTEST * (longest / SHORTEST).powf(length);
            record(browser, "wheel");
            browser.turn(CURVE, share, ((length / (now.1 - now.0) as f64).ln() / PER_PIXEL).round() as i32);
        } else {
            record(browser, "pointerdown");
            browser.drag_along(".strip canvas", &[0.1 + share * 0.8]);
        }
        let seen = browser.evaluate(VIEW);
        if let Some([first, last]) = serde_json::from_value::<Option<[f64; 2]>>(seen).ok().flatten() {
            framed.push(first);
            drawn.push(last);
            spans.push(shown(browser));
        }
    }
    assert!(
        spans.len() * 10 >= VIEWS as usize * 9,
        "only {} of {VIEWS} inputs changed the view",
        spans.len()
    );
    Views { spans, framed: Times::of(framed), drawn: Times::of(drawn) }
}

fn wait_drawn(browser: &Browser) {
    browser.wait(
        "the curve is drawn",
        "globalThis.bench?.draws.some(({ hasCurve, ended }) => hasCurve && ended)",
    );
    browser.evaluate("bench.settled()");
}

/// The address of a meter's whole record.
fn address(meter: &str) -> String {
    format!("#/history/{meter}/all")
}

/// The time that the screen shows, in milliseconds since 1970.
fn shown(browser: &Browser) -> (i64, i64) {
    let span = browser.evaluate("bench.range()");
    let (from, to) = span.as_str().and_then(|span| span.split_once('/')).expect("the screen shows a time");
    let moment = |text: &str| text.parse::<Moment>().expect("it is a moment").0;
    (moment(from), moment(to))
}

fn number(value: &Value) -> f64 {
    times(&Value::from(vec![value.clone()])).at(50)
}

/// The times from an input to the first and to the last frame after it. `null` if the input did not change the view.
/// The last frame shows the curve with the view's own columns.
const VIEW: &str = "bench.settled().then(() => {
    const [{ began, ended, range }] = bench.inputs;
    return range === bench.before ? null : [ended - began, bench.draws.at(-1).ended - began];
})";
pub(crate) const CURVE: &str = ".panel[data-curve] canvas";
pub(crate) const OPENINGS: usize = 10;
const VIEWS: u32 = 300;
/// An hour in milliseconds.
const SHORTEST: f64 = 3_600_000.0;
/// The logarithm of the factor by which a pixel of the wheel changes the length.
const PER_PIXEL: f64 = 0.002;
