//! Charts are used with fingers and keys, and their URL contains everything that they show.

use std::fs;
use std::time::Duration;

use metertap_e2e::year::Truth;
use metertap_e2e::{Browser, Page, Scene, serve};
use metertap_readings::entry::Moment;

use crate::history::shown;

#[test]
fn charts_follow_fingers_and_keys_and_their_address_has_the_whole_view() {
    let (scene, site) = (Scene::new("fingers"), serve());
    let page = Page::open(Browser::start_in(&scene, &site.url(), "Europe/Oslo"), &site.url());
    let browser = page.browser();
    let lines = Truth::new().lines();
    let last: Vec<&str> = lines.lines().rev().take(300).collect();
    let last: String = last.into_iter().rev().flat_map(|line| [line, "\n"]).collect();
    fs::write(scene.path("days.jsonl"), last).expect("a file is written");
    page.go("data");
    browser.choose("[name=import]", &scene.path("days.jsonl"));
    let new = "document.querySelector('[data-count=import-new]')?.dataset.value > 0";
    browser.wait_long("the file is read", Duration::from_secs(60), new);
    browser.click("[data-action=import]");
    browser.wait("it is imported", "!!document.querySelector('[data-import=complete]')");
    page.go("history");
    browser.click("[data-length=all]");
    browser.wait("it is drawn", "document.querySelector('.panel canvas')?.width > 100");
    fingers(&page);
    keys(&page);
    address(&page);
}

/// Where the crosshair is, in milliseconds since 1970.
fn crosshair(page: &Page) -> Option<i64> {
    let at = page.browser().evaluate("document.querySelector('.readout').dataset.cursor ?? ''");
    at.as_str().and_then(|at| at.parse::<Moment>().ok()).map(|at| at.0)
}

fn fingers(page: &Page) {
    let browser = page.browser();
    let all = shown(page);
    browser.swipe(CHART, 0.7, 0.5);
    let dragged = shown(page);
    assert!(dragged.0 > all.0 && dragged.1 - dragged.0 == all.1 - all.0, "{dragged:?} after {all:?}");
    assert_eq!(crosshair(page), None, "a finger that drags shows no crosshair");

    browser.hold(CHART, 0.4, 0.6, "!!document.querySelector('.readout').dataset.cursor");
    assert_eq!(shown(page), dragged, "the chart stays where it is");
    let at = crosshair(page).expect("it stays when the finger is lifted");
    let middle = i64::midpoint(dragged.0, dragged.1);
    assert!(at > middle && at < dragged.1, "{at} is right of the middle of {dragged:?}");

    // The fingers move to twice their distance. The chart then shows half of the time, around the same middle.
    browser.pinch(CHART, [0.45, 0.55], [0.4, 0.6]);
    let pinched = shown(page);
    let (before, after) = (dragged.1 - dragged.0, pinched.1 - pinched.0);
    assert!((after * 2 - before).abs() < before / 20, "{after} of {before}");
    let moved = (i64::midpoint(pinched.0, pinched.1) - middle).abs();
    assert!(moved < before / 20, "the middle moved by {moved}");
    // Both fingers move together. The chart moves with them.
    browser.pinch(CHART, [0.4, 0.5], [0.5, 0.6]);
    let along = shown(page);
    assert!(along.0 < pinched.0 && (along.1 - along.0 - after).abs() < after / 20, "{along:?}");
}

fn keys(page: &Page) {
    let browser = page.browser();
    browser.press(CHARTS, "0");
    let all = shown(page);
    let tenth = (all.1 - all.0) / 10;
    browser.press(CHARTS, ",");
    let left = shown(page);
    assert!((all.0 - left.0 - tenth).abs() <= 1 && left.1 - left.0 == all.1 - all.0, "{left:?} of {all:?}");
    browser.press(CHARTS, ".");
    assert!((shown(page).0 - all.0).abs() <= 1);
    browser.drag(CHART, 0.3, 0.5, true);
    browser.wait("it is marked", "document.querySelector('.summary h3').innerText.startsWith('Selected')");
    browser.press(CHARTS, "Enter");
    let marked = shown(page);
    assert!(marked.0 > all.0 && marked.1 < all.1, "{marked:?} of {all:?}");
    // A key that is pressed in a list acts only on the list.
    browser.press("[data-action=add-curve]", "0");
    assert_eq!(shown(page), marked);
}

fn address(page: &Page) {
    let browser = page.browser();
    let gas = "[...document.querySelectorAll('[data-action=add-curve] option')].at(1)?.value";
    browser.wait("there are more curves", &format!("!!({gas})"));
    let curve = browser.evaluate(gas).as_str().unwrap_or_default().to_owned();
    page.select("[data-action=add-curve]", &curve);
    browser.wait("both are in the legend", &format!("{ENTRIES} === 2"));
    browser.click("[data-action=switch-curve]");
    page.select("[data-action=compare]", "before");
    let carried = "location.hash.includes('/before/+') && location.hash.includes('/-')";
    browser.wait("the address has all of it", carried);
    let seen = shown(page);
    page.reload();
    browser.wait("both are there again", &format!("{ENTRIES} === 2"));
    // An address has whole seconds.
    let seconds = |(from, to): (i64, i64)| (from.div_euclid(1000), to.div_euclid(1000));
    assert_eq!(seconds(shown(page)), seconds(seen));
    let off = "document.querySelector('[data-action=switch-curve]').ariaPressed";
    assert_eq!(browser.evaluate(off), "false");
    assert_eq!(browser.evaluate("document.querySelector('[data-action=compare]').value"), "before");

    let strange = "void (location.hash = location.hash.replace(/[+][^,]*/, '+somebody-else'))";
    browser.evaluate(strange);
    browser.wait(
        "it says which meter is not here",
        "document.querySelector('[data-part=missing-meters]')?.innerText.includes('somebody-else')",
    );
    browser.wait("what is here is shown", &format!("{ENTRIES} === 1"));
}

const CHART: &str = ".panel canvas";
const CHARTS: &str = ".charts";
const ENTRIES: &str = "document.querySelectorAll('.panel .entry').length";
