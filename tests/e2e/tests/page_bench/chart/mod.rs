//! Compares the History screen with uPlot, in the same page and browser, over a year of three simulated meters. Then
//! measures how the times and the memory of History grow with the years.

mod gestures;
mod growth;
mod house;
mod ours;
mod theirs;

use std::env;

use metertap_e2e::{Browser, Page, Scene, Times, say, serve};

use self::house::House;
use self::ours::Ours;
use self::theirs::{Feed, Theirs};

pub(crate) fn measure() {
    beside_uplot();
    growth::measure();
}

fn beside_uplot() {
    let (scene, site) = (Scene::new("bench-chart"), serve());
    let browser = Browser::start(&scene, &site.url());
    browser.run_at_start(FRAMES);
    let page = Page::open(browser, &site.url());
    let days = env::var("METERTAP_DAYS").map_or(365, |days| days.parse().expect("it is a number of days"));
    let house = House::write(&scene, days, 10);
    say(&format!("{} readings of electricity in {days} days", house.readings));
    let meter = house.import(&page);
    for ratio in [1, 2] {
        page.browser().set_pixel_ratio(ratio);
        let ours = Ours::measure(&page, &meter);
        let [columns, raw] =
            [Feed::Columns, Feed::Readings].map(|feed| Theirs::measure(&page, &house, feed, &ours));
        compare(ratio, &ours, &columns, &raw);
    }
}

/// Prints a row for each measurement.
fn compare(ratio: u32, ours: &Ours, columns: &Theirs, raw: &Theirs) {
    let row = |what: &str, of: [&Times; 3], goal: &str| {
        let [ours, columns, raw] = of.map(|times| [times.at(50), times.at(95)]);
        let over = |theirs: [f64; 2]| format!("{:.2}, {:.2}", ours[0] / theirs[0], ours[1] / theirs[1]);
        let text = |[p50, p95]: [f64; 2]| format!("{p50:.1}, {p95:.1}");
        let (over, [ours, columns, raw]) = ([over(columns), over(raw)], [ours, columns, raw].map(text));
        let [over_columns, over_raw] = over;
        say(&format!(
            "chart\t{what}, pixel ratio {ratio}\t**{over_columns}**\t{over_raw}\t{ours}\t{columns}\t{raw}\t{goal}"
        ));
    };
    let of = |of: fn(&gestures::Gestures) -> &Times| {
        [of(&ours.gestures), of(&columns.gestures), of(&raw.gestures)]
    };
    row("pan frame", of(|gestures| &gestures.pan), "–, 8");
    row("zoom frame", of(|gestures| &gestures.zoom), "–, 8");
    row("cursor move", of(|gestures| &gestures.cursor), "–, 2");
    row("first picture of the year", [&ours.first, &columns.first, &raw.first], "");
    row("a random view, its first frame", [&ours.views.framed, &columns.views, &raw.views], "");
    row("a random view with its own columns", [&ours.views.drawn, &columns.views, &raw.views], "");
    let cold = [50, 95].map(|hundredth| format!("{:.0}", ours.cold.at(hundredth))).join(", ");
    let what = "first picture of the year after a cold start of the page";
    say(&format!("chart\t{what}, pixel ratio {ratio}\t\t\t{cold}\t\t\t500"));
}

const FRAMES: &str = include_str!("frames.js");
