//! Measures a first visit: the first paint, the first number of a simulated meter, and the bytes sent until then.
//!
//! A script starts the meter as soon as its button exists, so the figures do not contain a user's reaction time.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, SystemTime};

use metertap_e2e::{Browser, Headers, Scene, Site, Times, say};
use xtask::serve::{Host, Line};

pub(crate) fn measure() {
    let scene = Scene::new("bench-start");
    let folder = scene.copy_of_page();
    pack(&folder);
    for Row { server, validators, slow, before, goal } in ROWS {
        let line = slow.then_some(SLOW);
        let headers = if validators { Headers::All } else { Headers::None };
        let host = Host { headers, validators, line, ..Host::default() };
        let visits: Vec<Visit> = (0..VISITS).map(|_| visit(&folder, host.clone())).collect();
        let median = |of: fn(&Visit) -> f64| Times::of(visits.iter().map(of)).at(50);
        let (painted, number) = (median(|visit| visit.painted), median(|visit| visit.number));
        let line = if slow { "1.6 Mbit/s, 75 ms" } else { "the loopback" };
        say(&format!(
            "start\t{server}\t{line}\t{:.2} s\t{:.2} s\t{:.0} kB\t{before}\t{goal}",
            painted / 1000.0,
            number / 1000.0,
            median(|visit| visit.moved) / 1000.0
        ));
    }
}

struct Row {
    server: &'static str,
    validators: bool,
    slow: bool,
    /// The same three figures at build e888b7f.
    before: &'static str,
    goal: &'static str,
}

/// The measurements of a visit: milliseconds since its beginning, and the bytes sent until the number was shown.
struct Visit {
    painted: f64,
    number: f64,
    moved: f64,
}

/// A visit by a browser that has never visited the page before.
fn visit(folder: &Path, host: Host) -> Visit {
    let scene = Scene::new("bench-visit");
    let site = Site::open_as(folder, 0, host).expect("the loopback has a free port");
    let browser = Browser::start(&scene, &site.url());
    browser.run_at_start(WATCH);
    browser.open(&site.url());
    browser.wait("the number is painted", "visit.number");
    let seen = browser.evaluate(SEEN);
    let at = |name: &str| seen[name].as_f64().expect("it is a time");
    let (painted, number) = (at("painted"), at("number"));
    let until = SystemTime::UNIX_EPOCH + Duration::from_secs_f64((at("origin") + number) / 1000.0);
    let answers = site.answers();
    let parts = answers.iter().flat_map(|answer| &answer.parts).filter(|(when, _)| *when <= until);
    Visit { painted, number, moved: parts.map(|(_, bytes)| *bytes as f64).sum() }
}

/// Stores a compressed copy beside each file except PNG pictures, as a host on the internet does.
fn pack(folder: &Path) {
    for entry in fs::read_dir(folder).expect("the page was built").flatten() {
        let path = entry.path();
        if path.is_dir() {
            pack(&path);
        } else if path.extension().is_some_and(|kind| kind != "png") {
            let packed = Command::new("brotli").arg("--quality=11").arg(&path).status();
            assert!(packed.expect("brotli is there").success(), "{} is packed", path.display());
        }
    }
}

const ROWS: [Row; 4] = [
    Row {
        server: "sends validators",
        validators: true,
        slow: true,
        before: "2.6 s, 7.3 s, 1310 kB",
        goal: "0.5 s, 3.5 s",
    },
    Row {
        server: "sends no validators",
        validators: false,
        slow: true,
        before: "6.0 s, 23.5 s, 2580 kB",
        goal: "0.5 s, 3.5 s",
    },
    Row {
        server: "sends validators",
        validators: true,
        slow: false,
        before: "0.2–0.35 s, 0.7–1.05 s",
        goal: "",
    },
    Row { server: "sends no validators", validators: false, slow: false, before: "", goal: "" },
];
const SLOW: Line = Line { bits_per_second: 1_600_000, latency: Duration::from_millis(75) };
const VISITS: usize = 3;
/// Starts the simulated meter, and records when the frame with its first number was painted.
const WATCH: &str = "
    globalThis.visit = {};
    new MutationObserver(() => {
        const start = document.querySelector('[data-action=simulate]');
        if (start && !visit.begun) {
            visit.begun = true;
            start.click();
        }
        const digits = document.querySelector('article[data-meter] .net .digits')?.textContent;
        if (!visit.heard && /[0-9]/.test(digits)) {
            visit.heard = true;
            requestAnimationFrame(() => {
                const { port1, port2 } = new MessageChannel();
                port1.onmessage = () => { visit.number = performance.now(); };
                port2.postMessage(0);
            });
        }
    }).observe(document, { subtree: true, childList: true, characterData: true });
";
const SEEN: &str = "({
    painted: performance.getEntriesByName('first-contentful-paint')[0].startTime,
    number: visit.number,
    origin: performance.timeOrigin,
})";
