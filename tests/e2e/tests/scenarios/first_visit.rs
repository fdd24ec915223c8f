//! A first visit: what the user sees before the program has loaded, what is fetched, and when the service worker begins
//! to store the page.

use std::collections::BTreeMap;
use std::fs;

use metertap_e2e::{Browser, Headers, Page, Scene, Site, dist, file_of, serve};
use metertap_simulator::Model;
use serde_json::{Value, json};
use xtask::serve::Host;

#[test]
fn nothing_is_fetched_twice_even_from_a_server_without_cache_headers() {
    let scene = Scene::new("first-visit");
    let host = Host { headers: Headers::None, validators: false, ..Host::default() };
    let site = Site::open_as(&dist(), 0, host).expect("the loopback has a free port");
    let page = Page::open(Browser::start(&scene, &site.url()), &site.url());
    let meter = page.simulate(Model::Dsmr5);
    page.wait_card(&meter, "has readings", "card.seq > 2");
    page.browser().wait("all of the build is kept", &all_kept());
    let mut times = BTreeMap::new();
    for answer in site.answers() {
        *times.entry(answer.target).or_insert(0) += 1;
    }
    assert!(times.keys().any(|target| target.starts_with("/engine_bg-")), "{times:?}");
    times.retain(|_, times| *times > 1);
    assert_eq!(times, BTreeMap::new());
}

#[test]
fn the_page_is_painted_before_its_program_loads_and_nothing_moves_afterwards() {
    let scene = Scene::new("first-paint");
    let folder = scene.copy_of_page();
    let program = file_of(&folder, "app_bg.wasm");
    fs::rename(&program, program.with_extension("away")).expect("the scene's folder can be written");
    let site = Site::open(&folder, 0).expect("the loopback has a free port");
    let browser = Browser::start(&scene, &site.url());
    browser.run_at_start(MOVES);
    browser.open(&site.url());
    browser.wait("something is painted", "performance.getEntriesByName('first-contentful-paint').length");
    let seen = browser.evaluate(SEEN);
    assert!(seen[1][0].as_str().is_some_and(|text| text.contains("Metertap")), "{seen}");
    browser.picture("first-paint");

    fs::rename(program.with_extension("away"), &program).expect("the scene's folder can be written");
    browser.open("about:blank");
    let page = Page::open(browser, &site.url());
    page.browser().wait("the welcome is there", "!!document.querySelector('.welcome')");
    assert_eq!(
        page.browser().evaluate(SEEN),
        seen,
        "index.html is not what window/shell.rs puts in its place"
    );
    assert_eq!(page.browser().evaluate("globalThis.moved"), json!([]));
    assert!(page.browser().notes().iter().all(|note| !note.contains("Content Security Policy")));
}

/// Another program of the site keeps the database from being opened, which looks like a browser that does not answer.
#[test]
fn a_log_that_does_not_open_is_reported_and_opens_later() {
    let (scene, site) = (Scene::new("slow-to-open"), serve());
    let browser = Browser::start(&scene, &site.url());
    browser.open(&format!("{}/sw.js", site.url()));
    browser.wait("the other program has the database", UPGRADE_FOREVER);
    let other = browser.open_tab(&site.url());
    let told = "document.querySelector('[data-part=opening-is-slow]')?.innerText";
    let told = browser.wait("it says what to do", told);
    assert!(told.as_str().is_some_and(|told| told.contains("Close other Metertap tabs")), "{told}");
    browser.picture("slow-to-open");
    browser.close_tab(&other);
    browser.wait("the welcome is there", "!!document.querySelector('.welcome')");
}

#[test]
fn the_page_is_stored_after_its_first_reading() {
    let (scene, site) = (Scene::new("kept-after-a-reading"), serve());
    let browser = Browser::start(&scene, &site.url());
    browser.run_at_start(TEN_SECONDS);
    let page = Page::open(browser, &site.url());
    page.go("data");
    assert_eq!(page.browser().evaluate(WORKERS), 0);
    let _ = page.simulate(Model::Dsmr5);
    page.wait_kept();
}

#[test]
fn the_page_is_stored_after_ten_seconds_without_a_reading() {
    let (scene, site) = (Scene::new("kept-after-ten-seconds"), serve());
    let browser = Browser::start(&scene, &site.url());
    browser.run_at_start(TEN_SECONDS);
    let page = Page::open(browser, &site.url());
    assert_eq!(page.browser().evaluate(WORKERS), 0);
    page.browser().evaluate("void globalThis.tenSecondsLater()");
    page.wait_kept();
}

/// Whether all files of the build are stored.
pub(crate) fn all_kept() -> String {
    let worker = fs::read_to_string(dist().join("sw.js")).expect("the page has a service worker");
    let build = worker.lines().find_map(|line| line.strip_prefix("const BUILD = ")?.strip_suffix(';'));
    let build: Value = serde_json::from_str(build.expect("it says its build")).expect("it says so in JSON");
    let names = ["files", "later"].map(|kind| build[kind].as_object().expect("files have names").keys());
    let names: Vec<&String> = names.into_iter().flatten().collect();
    format!("Promise.all({names:?}.map((name) => caches.match(name))).then((kept) => kept.every(Boolean))")
}

/// Stops the page's ten-second timers until the test releases them.
const TEN_SECONDS: &str = "
    {
        const { setTimeout } = globalThis;
        globalThis.setTimeout = (act, milliseconds, ...more) => {
            if (milliseconds !== 10_000) { return setTimeout(act, milliseconds, ...more); }
            globalThis.tenSecondsLater = act;
        };
    }
";
const WORKERS: &str = "navigator.serviceWorker.getRegistrations().then((all) => all.length)";
/// Records elements that move by themselves (Layout Instability API, clause 2).
const MOVES: &str = "
    globalThis.moved = [];
    new PerformanceObserver((list) => {
        moved.push(...list.getEntries().flatMap(({ sources }) => sources.map(({ node }) => node?.outerHTML)));
    }).observe({ type: 'layout-shift', buffered: true });
";
/// The frame around the screens, with positions. The text of the bar is left out: Chromium offers to install the page
/// at any time, and the button for it is not part of the frame.
const SEEN: &str =
    "[...document.querySelectorAll('.top, .brand, .ways, .ways a, .ways svg, main')].map((element) => {
    const { x, y, width } = element.getBoundingClientRect();
    return [element.matches('.top, main') ? '' : element.innerText, element.getAttribute('href'), x, y, width];
})";

/// Begins to create the log's database, and does not finish.
const UPGRADE_FOREVER: &str = "new Promise((done, failed) => {
    const opening = indexedDB.open('metertap', 1);
    opening.onerror = failed;
    opening.onupgradeneeded = () => {
        const store = opening.result.createObjectStore('nothing');
        const again = () => { store.get(1).onsuccess = again; };
        again();
        done(true);
    };
})";
