//! The program or its texts do not load. The page says so, and offers to try again.

use std::fs;
use std::path::Path;
use std::time::Duration;

use metertap_e2e::chance::Chance;
use metertap_e2e::{Browser, Headers, Page, Scene, Site, file_of};
use xtask::serve::{Host, Line};

#[test]
fn a_missing_truncated_or_wrong_program_is_reported_and_retried() {
    for name in ["app.js", "app_bg.wasm", "locales/en-first.txt"] {
        for (what, fault) in FAULTS {
            let called = name.replace('/', "-");
            let scene = Scene::new(&format!("not-started-{called}-{what}"));
            let folder = scene.copy_of_page();
            let (place, file) = name.rsplit_once('/').unwrap_or(("", name));
            let program = file_of(&folder.join(place), file);
            let whole = fs::read(&program).expect("the page has its program");
            fault(&program, &whole);
            // Without cache headers, so that the damaged file does not stay in the browser's cache.
            let site = Site::open_with(&folder, 0, Headers::None).expect("the loopback has a free port");
            let browser = Browser::start(&scene, &site.url());
            browser.open(&site.url());
            browser.wait("the page says so", TOLD);
            assert!(browser.notes().iter().all(|note| !note.contains("Content Security Policy")));
            browser.picture(&format!("not-started-{called}-{what}"));
            fs::write(&program, &whole).expect("the scene's folder can be written");
            browser.click(".not-started .button");
            browser.wait("the welcome is there", "!!document.querySelector('.welcome')");
            assert_eq!(browser.evaluate("document.querySelectorAll('.not-started').length"), 0);
        }
    }
}

/// At 200 kbit/s, the program takes longer than the fifteen seconds after which the page shows a message.
#[test]
fn a_slowly_loading_program_is_reported_and_then_starts() {
    let scene = Scene::new("long-in-coming");
    let line = Line { bits_per_second: 200_000, latency: Duration::from_millis(75) };
    let site = Site::open_as(&scene.copy_of_page(), 0, Host { line: Some(line), ..Host::default() });
    let site = site.expect("the loopback has a free port");
    let browser = Browser::start(&scene, &site.url());
    browser.open(&site.url());
    browser.wait("the page says so", TOLD);
    let page = Page::open(browser, &site.url());
    page.browser().wait("the welcome is there", "!!document.querySelector('.welcome')");
}

/// `begin.js` prepares what the program needs, and may arrive last.
#[test]
fn a_program_that_arrives_first_waits_for_the_script_that_begins_the_page() {
    let scene = Scene::new("begins-late");
    let folder = scene.copy_of_page();
    let script = file_of(&folder, "begin.js");
    let mut chance = Chance::of_the_day("begins late");
    let mut text = fs::read_to_string(&script).expect("the page has its script");
    // Random numbers: even compressed, the script is larger than the rest of the page.
    text.extend((0..200_000).map(|_| format!("// {:x}\n", chance.below(u64::MAX))));
    fs::write(&script, text).expect("the scene's folder can be written");
    let line = Line { bits_per_second: 16_000_000, latency: Duration::from_millis(5) };
    let site = Site::open_as(&folder, 0, Host { line: Some(line), ..Host::default() });
    let site = site.expect("the loopback has a free port");
    let page = Page::open(Browser::start(&scene, &site.url()), &site.url());
    page.browser().wait("the welcome is there", "!!document.querySelector('.welcome')");
}

type Fault = fn(&Path, &[u8]);

const FAULTS: [(&str, Fault); 3] = [
    ("missing", |file, _| fs::remove_file(file).expect("the scene's folder can be written")),
    // The answer of a captive portal to every URL.
    ("portal", |file, _| {
        fs::write(file, "<!DOCTYPE html><p>Please log in").expect("the scene's folder can be written");
    }),
    ("cut", |file, whole| {
        fs::write(file, &whole[..whole.len() / 2]).expect("the scene's folder can be written");
    }),
];

/// Without its style sheet, everything would be visible.
const TOLD: &str = "document.styleSheets.length > 0
    && getComputedStyle(document.querySelector('.not-started')).visibility === 'visible'";
