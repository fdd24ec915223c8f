//! Pictures of the page for the README, written to `docs/`. They show a house with solar panels, its year, and the live
//! screen on a phone and in dark mode. Each is taken once the page shows what a user would see.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use metertap_e2e::year::Truth;
use metertap_e2e::{Browser, Page, Scene, serve};
use metertap_simulator::Model;

#[test]
fn every_picture_of_the_readme_is_taken() {
    let (scene, site) = (Scene::new("screenshots"), serve());
    let page = Page::open(Browser::start_in(&scene, &site.url(), "Europe/Oslo"), &site.url());
    let browser = page.browser();
    let meter = page.simulate(Model::Dsmr5);
    page.wait_card(&meter, "has a curve", "card.seq > 60");
    browser.wait("its tiles are there", "document.querySelectorAll('[data-tile]').length > 2");
    take(browser, "live", WIDE, "light");
    take(browser, "phone", PHONE, "light");
    take(browser, "dark", WIDE, "dark");

    import(&page, &scene);
    page.go("history");
    browser
        .wait("there are two meters", "document.querySelectorAll('[data-action=meter] option').length > 1");
    browser.evaluate(
        "(() => { const choice = document.querySelector('[data-action=meter]');
            choice.value = [...choice.options].map((option) => option.value).find((value) => value !== choice.value);
            choice.dispatchEvent(new Event('change', { bubbles: true })); return true; })()",
    );
    browser.wait("its year is there", "!!document.querySelector('.summary [data-quantity=gas-volume]')");
    browser.click("[data-action=earlier]");
    show(browser, "history-day");
    browser.click("[data-length=year]");
    page.select("[data-action=compare]", "year-before");
    browser.wait("it is compared", "document.querySelector('.summary').innerText.includes('then')");
    show(browser, "history-year");
    browser.evaluate("void document.querySelector('[data-part=periods], .periods').scrollIntoView()");
    take(browser, "table", WIDE, "light");
    browser.evaluate("void document.querySelector('[data-part=spread] summary').click()");
    browser.wait(
        "the map has many colours",
        "(() => { const canvas = document.querySelector('[data-chart=map] canvas');
            const pixels = canvas?.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
            return !!pixels && new Set(new Uint32Array(pixels.buffer)).size > 50; })()",
    );
    browser.evaluate("void document.querySelector('[data-part=spread]').scrollIntoView()");
    take(browser, "heat-map", WIDE, "light");
}

/// Takes a picture of the top of the page.
fn show(browser: &Browser, name: &str) {
    browser.evaluate("void window.scrollTo(0, 0)");
    take(browser, name, WIDE, "light");
}

fn take(browser: &Browser, name: &str, size: (u32, u32), scheme: &str) {
    browser.photograph_into(&docs().join(format!("{name}.png")), size, scheme);
}

fn import(page: &Page, scene: &Scene) {
    let browser = page.browser();
    let (file, many) = (scene.path("house-with-panels.jsonl"), Duration::from_secs(180));
    fs::write(&file, Truth::new().lines()).expect("a file is written");
    page.go("data");
    browser.choose("[name=import]", &file);
    let seen = "document.querySelector('[data-count=import-new]')?.dataset.value > 0";
    browser.wait_long("the file is read", many, seen);
    browser.click("[data-action=import]");
    browser.wait_long("it is imported", many, "!!document.querySelector('[data-import=complete]')");
}

fn docs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs")
}

const WIDE: (u32, u32) = (1280, 800);
const PHONE: (u32, u32) = (360, 780);
