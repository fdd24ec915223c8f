//! A year of readings, and a user's questions about it. The test computes the correct answers from the file.

use std::fs;

use metertap_e2e::year::Truth;
use metertap_e2e::{Browser, Page, Scene, serve};
use metertap_readings::entry::Moment;
use serde_json::Value;

/// In milliseconds.
const DAY: i64 = 86_400_000;

/// The span that the page says it shows, in milliseconds since 1970.
pub(crate) fn shown(page: &Page) -> (i64, i64) {
    let span = page.browser().evaluate("document.querySelector('[data-span]').dataset.span");
    let span = span.as_str().unwrap_or_default().to_owned();
    let (from, to) = span.split_once('/').expect("it is a span");
    let moment = |text: &str| text.parse::<Moment>().expect("it is a moment").0;
    (moment(from), moment(to))
}

/// A decimal with at most three decimal places, in thousandths.
fn thousandths(value: &Value) -> Option<i64> {
    let text = value.as_str()?;
    let (whole, places) = text.split_once('.').unwrap_or((text, ""));
    format!("{whole}{places:0<3}").parse().ok()
}

/// Waits until the summary shows the file's totals of the span shown.
fn assert_summed(page: &Page, truth: &Truth) {
    let (from, to) = shown(page);
    let expected = truth.between(from, to);
    for (quantity, expected) in
        ["active-energy-import", "active-energy-export", "gas-volume"].into_iter().zip(expected)
    {
        let script = format!("document.querySelector('.summary [data-quantity={quantity}]')?.dataset.value");
        let seen = || page.browser().evaluate(&script);
        let is_right = metertap_e2e::wait_for(metertap_e2e::PATIENCE, || {
            (thousandths(&seen()) == Some(expected)).then_some(())
        });
        assert!(is_right.is_some(), "{quantity} of {from}..{to}: {:?}, not {expected}", seen());
    }
}

#[test]
fn a_year_of_readings_answers_questions() {
    let (scene, site) = (Scene::new("history"), serve());
    let page = Page::open(Browser::start_in(&scene, &site.url(), "Europe/Oslo"), &site.url());
    let browser = page.browser();
    page.go("history");
    browser.wait("it says what is missing", "!!document.querySelector('[data-part=no-log]')");
    browser.picture("history-none");
    let truth = Truth::new();
    fs::write(scene.path("year.jsonl"), truth.lines()).expect("a file is written");
    page.go("data");
    browser.choose("[name=import]", &scene.path("year.jsonl"));
    let many = std::time::Duration::from_secs(180);
    browser.wait_long(
        "the file is read",
        many,
        "document.querySelector('[data-count=import-new]')?.dataset.value > 0",
    );
    browser.click("[data-action=import]");
    browser.wait_long("it is imported", many, "!!document.querySelector('[data-import=complete]')");

    page.go("history");
    browser.wait("it is shown", "!!document.querySelector('.summary [data-quantity=active-energy-import]')");
    assert_summed(&page, &truth);
    browser.click("[data-action=earlier]");
    assert_summed(&page, &truth);
    browser.picture("history-day");
    for length in ["week", "month", "year", "all"] {
        browser.click(&format!("[data-length={length}]"));
        browser.wait(
            "it is chosen",
            &format!("document.querySelector('[data-length={length}]').ariaPressed === 'true'"),
        );
        assert_summed(&page, &truth);
        browser.picture(&format!("history-{length}"));
    }
    hands(&page, &truth);
    compared(&page, &truth);
    addresses(&page, &truth);
    page.go("live");
    browser.wait("there are tiles", "document.querySelectorAll('[data-tile]').length > 3");
    browser.picture("history-tiles");
}

/// Moves the chart with wheel, mouse, finger and keys.
fn hands(page: &Page, truth: &Truth) {
    let browser = page.browser();
    let chart = ".panel canvas";
    browser.click("[data-length=month]");
    let (from, to) = shown(page);
    browser.turn(chart, 0.5, -600);
    browser.wait(
        "it is zoomed into",
        &format!("document.querySelector('[data-span]').dataset.span !== '{}/{}'", Moment(from), Moment(to)),
    );
    let zoomed = shown(page);
    assert!(zoomed.0 > from && zoomed.1 < to, "{zoomed:?} in {from}..{to}");
    browser.drag(chart, 0.4, 0.6, false);
    let dragged = shown(page);
    assert!(
        dragged.0 < zoomed.0 && dragged.1 - dragged.0 == zoomed.1 - zoomed.0,
        "{dragged:?} of {zoomed:?}"
    );
    browser.swipe(chart, 0.6, 0.4);
    assert!(shown(page).0 > dragged.0, "{:?} after {dragged:?}", shown(page));
    browser.point(chart, 0.5);
    browser.wait("the crosshair shows a value", "document.querySelector('.readout').innerText.includes('W')");
    browser.drag(chart, 0.3, 0.5, true);
    browser.wait("it is marked", "document.querySelector('.summary h3').innerText.startsWith('Selected')");
    browser.picture("history-marked");
    browser.press(".charts", "Escape");
    browser
        .wait("nothing is marked", "!document.querySelector('.summary h3').innerText.startsWith('Selected')");
    browser.click("[data-length=day]");
    let day = shown(page);
    browser.press(".charts", "PageUp");
    assert_eq!(shown(page).1, day.0);
    browser.press(".charts", "+");
    let half = shown(page);
    assert_eq!((half.1 - half.0) * 2, day.0 - shown_day_before(day.0));
    browser.press(".charts", "0");
    assert_summed(page, truth);
}

/// The beginning of the day before. Neither day may be one on which clocks change.
const fn shown_day_before(day: i64) -> i64 {
    day - DAY
}

fn compared(page: &Page, truth: &Truth) {
    let browser = page.browser();
    browser.click("[data-length=month]");
    browser.click("[data-action=earlier]");
    page.select("[data-action=compare]", "before");
    browser.wait("it is compared", "document.querySelector('.summary').innerText.includes('then')");
    assert_summed(page, truth);
    browser.picture("history-compared");
    page.select("[data-action=rows]", "rolling");
    browser
        .wait("two years beside each other", "document.querySelectorAll('.periods tbody tr').length === 2");
    page.select("[data-action=compare]", "nothing");
}

/// The view has a URL, and the URL of another meter's view names that meter.
fn addresses(page: &Page, truth: &Truth) {
    let browser = page.browser();
    browser.click("[data-length=week]");
    browser.wait("it has an address", "location.hash.includes('/week-')");
    let before = shown(page);
    page.reload();
    browser.wait(
        "it is shown again",
        "!!document.querySelector('.summary [data-quantity=active-energy-import]')",
    );
    assert_eq!(shown(page), before);
    assert_summed(page, truth);
    browser.evaluate("void (location.hash = '#/history/somebody-else/day-2026-01-01')");
    browser.wait("it says whose it is", "document.body.innerText.includes('somebody-else')");
    browser.evaluate("void (location.hash = '#/history')");
    browser.wait("there is a way back", "!!document.querySelector('[data-part=history]')");
}
