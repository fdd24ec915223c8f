//! Measures the time from a telegram's last byte at the tty until its power is in the text node, and until the power is
//! painted. A minimal page that does nothing else (`tests/bench/latency/`) is measured too.
//!
//! The meter is a DSMR 5 meter at its real pace. A separate run measures where the time goes. In that run, the
//! functions of the browser that a reading passes through record when they are called.

use std::path::Path;
use std::time::Duration;

use metertap_decoder::line::Line;
use metertap_e2e::meter::SentTelegram;
use metertap_e2e::page::PortKind;
use metertap_e2e::scene::Vendor;
use metertap_e2e::{Browser, Page, Player, Scene, Site, Times, say, serve};
use metertap_simulator::Model;
use serde_json::Value;

pub(crate) fn measure() {
    let ours = of_the_page(TELEGRAMS, false);
    let bare = of_the_bare_page();
    let way = of_the_page(PROBED, true);
    let row = |what: &str, of: &[Seen], at: fn(&Seen) -> f64, before: &str, goal: &str| {
        let times = Times::of(of.iter().map(at));
        let [p50, p90, p99] = [50, 90, 99].map(|hundredth| times.at(hundredth));
        say(&format!("latency\t{what}\t{p50:.1}\t{p90:.1}\t{p99:.1}\t{before}\t{goal}"));
    };
    let (text, painted) = (|seen: &Seen| seen.text - seen.said, |seen: &Seen| seen.painted - seen.said);
    row("**to the text node, the page**", &ours, text, "5.1, 6.8, 8.8", "3, –, 6");
    row("to the text node, the bare page", &bare, text, "1.2, 1.7, 2.0", "");
    row("**painted, the page**", &ours, painted, "14.5, 19.4, 22.9", "6, –, 12");
    row("painted, the bare page", &bare, painted, "3.0, 3.7, 4.2", "");
    row("until the port was read", &way, |seen| seen.way[0] - seen.said, "", "");
    row("decoded, until the transaction begins", &way, |seen| seen.way[1] - seen.way[0], "", "");
    row("until the transaction is complete", &way, |seen| seen.way[2] - seen.way[1], "", "");
    row("until the message is posted", &way, |seen| seen.way[3] - seen.way[2], "", "");
    row("until the window has it", &way, |seen| seen.way[4] - seen.way[3], "", "");
    row("until the text node is written", &way, |seen| seen.text - seen.way[4], "", "");
    row("until it is painted", &way, |seen| seen.painted - seen.text, "", "");
}

/// The times of a telegram, in milliseconds since 1970.
struct Seen {
    /// When its last byte was written.
    said: f64,
    text: f64,
    painted: f64,
    /// When it was read, when the transaction began and completed, and when the message was posted and received, if
    /// recorded.
    way: [f64; 5],
}

fn of_the_page(telegrams: usize, probed: bool) -> Vec<Seen> {
    let (scene, site) = (Scene::new("bench-latency"), serve());
    let p1 = scene.plug(Vendor::Ftdi, Line::P1);
    let browser = Browser::start(&scene, &site.url());
    if probed {
        browser.run_at_start(WINDOW);
    }
    let page = Page::open(browser, &site.url());
    let meter = page.connect(Vendor::Ftdi, PortKind::P1);
    if probed {
        page.browser().evaluate_in_engine(ENGINE);
    }
    let mut player = Player::simulate(p1, Model::Dsmr5, SEED, START);
    page.wait_card(&meter, "is read", "card.seq > 2");
    let spoken = watch(page.browser(), ".net .digits", &mut player, telegrams);
    let mut stamps = Vec::new();
    if probed {
        stamps = pairs(&page.browser().evaluate_in_engine("stamps"));
        stamps.extend(pairs(&page.browser().evaluate("stamps")));
    }
    seen(&spoken, &page.browser().evaluate("seen"), &stamps)
}

fn of_the_bare_page() -> Vec<Seen> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../bench/latency");
    let scene = Scene::new("bench-latency-bare");
    let site = Site::open(&folder, 0).expect("the loopback has a free port");
    let p1 = scene.plug(Vendor::Ftdi, Line::P1);
    let browser = Browser::start(&scene, &site.url());
    browser.open(&site.url());
    let mut player = Player::simulate(p1, Model::Dsmr5, SEED, START);
    browser.wait("it reads", "/[0-9]/.test(document.body.innerText)");
    let spoken = watch(&browser, "p", &mut player, TELEGRAMS);
    seen(&spoken, &browser.evaluate("seen"), &[])
}

/// Records when an element's text changes and is painted, for that many telegrams.
fn watch<T: Clone + Send + 'static>(
    browser: &Browser,
    element: &str,
    player: &mut Player<T>,
    telegrams: usize,
) -> Vec<SentTelegram<T>> {
    browser.evaluate(&format!("({WATCH})({element:?})"));
    player.wait_heard(telegrams, Duration::from_secs(3 * telegrams as u64));
    player.stop()
}

/// Matches the recorded times with the telegrams. A telegram with the same value as the one before does not change the
/// text.
fn seen<T>(spoken: &[SentTelegram<T>], noted: &Value, stamps: &[(String, f64)]) -> Vec<Seen> {
    let noted: Vec<(f64, f64)> = noted
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|times| Some((times[0].as_f64()?, times[1].as_f64()?)))
        .collect();
    let ends = spoken.iter().skip(1).map(|next| next.at).chain([f64::INFINITY]);
    let each = spoken.iter().zip(ends).filter_map(|(spoken, end)| {
        let said = spoken.at;
        let (text, painted) = *noted.iter().find(|(text, _)| (said - EARLY..end - EARLY).contains(text))?;
        // Each step is the last of its kind before the following step.
        let before = |name: &str, until: f64| {
            let times = stamps.iter().filter(|(kind, at)| kind == name && *at <= until).map(|(_, at)| *at);
            times.fold(f64::NAN, f64::max)
        };
        let received = before("received", text);
        let posted = before("posted", received);
        let complete = before("complete", posted);
        let begun = before("begun", complete);
        Some(Seen { said, text, painted, way: [before("read", begun), begun, complete, posted, received] })
    });
    let each: Vec<Seen> = each.collect();
    assert!(each.len() * 2 > noted.len(), "{} of {} changes are a telegram's", each.len(), noted.len());
    each
}

fn pairs(stamps: &Value) -> Vec<(String, f64)> {
    let stamps = stamps.as_array().into_iter().flatten();
    stamps.filter_map(|stamp| Some((stamp[0].as_str()?.to_owned(), stamp[1].as_f64()?))).collect()
}

const TELEGRAMS: usize = 115;
const PROBED: usize = 40;
const SEED: u64 = 9;
const START: i64 = 1_795_263_600;
/// How many milliseconds after its arrival a byte may be recorded as sent.
const EARLY: f64 = 5.0;
const WATCH: &str = "(element) => {
    const now = () => performance.timeOrigin + performance.now();
    globalThis.seen = [];
    new MutationObserver(() => {
        const note = [now(), null];
        seen.push(note);
        requestAnimationFrame(() => {
            const { port1, port2 } = new MessageChannel();
            port1.onmessage = () => { note[1] = now(); };
            port2.postMessage(0);
        });
    }).observe(document.querySelector(element), { subtree: true, childList: true, characterData: true });
}";
/// Records when a message from the engine arrives.
const WINDOW: &str = "
    globalThis.stamps = [];
    const { set } = Object.getOwnPropertyDescriptor(Worker.prototype, 'onmessage');
    Object.defineProperty(Worker.prototype, 'onmessage', {
        configurable: true,
        set(hear) {
            set.call(this, hear && ((event) => {
                stamps.push(['received', performance.timeOrigin + performance.now()]);
                hear(event);
            }));
        },
    });
";
/// Records when the engine reads from the port, begins and completes transactions, and posts to the window.
const ENGINE: &str = "(() => {
    globalThis.stamps = [];
    const note = (name) => stamps.push([name, performance.timeOrigin + performance.now()]);
    const { read } = ReadableStreamDefaultReader.prototype;
    ReadableStreamDefaultReader.prototype.read = function () {
        const answer = read.call(this);
        answer.then(() => note('read'), () => {});
        return answer;
    };
    const { transaction } = IDBDatabase.prototype;
    IDBDatabase.prototype.transaction = function (...what) {
        note('begun');
        const begun = transaction.apply(this, what);
        begun.addEventListener('complete', () => note('complete'));
        return begun;
    };
    const post = globalThis.postMessage;
    globalThis.postMessage = (...what) => {
        note('posted');
        post.apply(globalThis, what);
    };
})()";
