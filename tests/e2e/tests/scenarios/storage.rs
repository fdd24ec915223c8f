//! What happens to a browser's storage: it is full, or cleared.

use std::fs;
use std::time::Duration;

use metertap_decoder::line::Line;
use metertap_e2e::log::{assert_same, saved};
use metertap_e2e::page::Kind;
use metertap_e2e::scene::Vendor;
use metertap_e2e::{Browser, PATIENCE, Page, Player, Scene, now, serve};
use metertap_simulator::{Meter, Model};
use serde_json::json;

#[test]
fn on_a_full_disk_the_oldest_readings_go_and_the_person_is_told() {
    let (scene, site) = (Scene::new("full"), serve());
    let p1 = scene.plug(Vendor::Ftdi, Line::P1);
    let browser = Browser::start(&scene, &site.url());
    browser.set_quota(&site.url(), Some(QUOTA));
    let page = Page::open(browser, &site.url());
    let old: Vec<u8> =
        Meter::new(Model::KaifaMa304h3e, 41, START).take(OLD).flat_map(|telegram| telegram.octets).collect();
    fs::write(scene.path("old.bin"), old).expect("the scene's folder can be written");
    let file = page.open_file(&scene.path("old.bin"));
    let all =
        format!("document.querySelector('[data-meter={file:?}][data-state=done]')?.dataset.seq === '{OLD}'");
    page.browser().wait_long("the file is read to its end", Duration::from_secs(120), &all);
    let dsmr = page.connect(Vendor::Ftdi, Kind::P1);
    let mut player = Player::simulate(p1, Model::Dsmr5, 42, START);
    page.wait_state(&dsmr, "live");

    let from = now() - UNDERWAY;
    page.browser().wait_long("another page's worth fills the disk", PATIENCE, BALLAST);
    let told = page.wait_notice("store.thinned", PATIENCE);
    assert!(told.contains("readings"), "{told}");
    page.wait_card(&dsmr, "tells that there is no room", "card.trouble === 'store.full'");
    page.browser().picture("full");
    page.browser().set_quota(&site.url(), None);
    let before = page.card(&dsmr).map_or(0, |card| card.seq);
    page.wait_card(&dsmr, "reads on", &format!("card.state === 'live' && card.seq > {}", before + 1));
    let away = [(from, now())];

    player.wait_heard(2, PATIENCE);
    let spoken = player.stop();
    assert_same(&saved(&page, Model::Dsmr5, &spoken), &spoken, &away);
    let kaifa = json!(Model::KaifaMa304h3e.protocol());
    let log = page.export();
    let left: Vec<u64> = log
        .iter()
        .filter(|entry| entry["protocol"] == kaifa)
        .filter_map(|entry| entry["seq"].as_u64())
        .collect();
    assert!(left.len() < OLD, "the oldest readings made room");
    assert_eq!(left, (OLD as u64 + 1 - left.len() as u64..=OLD as u64).collect::<Vec<_>>());
}

#[test]
fn a_log_that_the_browser_has_cleared_is_not_taken_for_a_new_one() {
    let (scene, site) = (Scene::new("evicted"), serve());
    let page = Page::open(Browser::start(&scene, &site.url()), &site.url());
    let meter = page.simulate(Model::Dsmr5);
    page.wait_state(&meter, "live");
    page.browser().open("about:blank");
    page.browser().evict(&site.url());
    let page = Page::open(page.into_browser(), &site.url());
    assert!(page.meters().is_empty());
    let told = page.wait_notice("store.evicted", PATIENCE);
    assert!(told.contains("meters were kept here since"), "{told}");
    page.browser().picture("evicted");
    page.browser().click("[data-action=seen]");
    // It is told once, and a person who removes the last meter is not told at all.
    let meter = page.simulate(Model::Dsmr5);
    page.wait_state(&meter, "live");
    page.remove(&meter);
    page.reload();
    let notices = page.browser().evaluate("document.querySelectorAll('[data-notice=log]').length");
    assert_eq!(notices, 0);
}

/// Fills a database beside the log's until the browser refuses to take another kilobyte.
const BALLAST: &str = "(async () => {
    const opening = indexedDB.open('ballast', 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore('rows', { autoIncrement: true });
    await new Promise((done, failed) => { opening.onsuccess = done; opening.onerror = failed; });
    for (const size of [65536, 1024, 64]) {
        for (let full = false; !full;) {
            const transaction = opening.result.transaction(['rows'], 'readwrite');
            transaction.objectStore('rows').add(crypto.getRandomValues(new Uint8Array(size)));
            full = await new Promise((done) => {
                transaction.oncomplete = () => done(false);
                transaction.onabort = () => done(transaction.error?.name === 'QuotaExceededError');
            });
        }
    }
    opening.result.close();
    return true;
})()";

/// 2026-11-21T12:20:00Z.
const START: i64 = 1_795_263_600;
/// Telegrams of earlier days: a little more than two chunks of them.
const OLD: usize = 8400;
/// Octets: what the log takes and some more.
const QUOTA: u64 = 30_000_000;
/// What arrived this many milliseconds ago may not be in the log yet.
const UNDERWAY: f64 = 250.0;
