//! The browser's storage is full, or cleared.

use std::collections::BTreeMap;
use std::fs;
use std::str::Split;
use std::time::Duration;

use metertap_decoder::line::Line;
use metertap_e2e::log::{assert_same, saved};
use metertap_e2e::page::PortKind;
use metertap_e2e::scene::Vendor;
use metertap_e2e::{Browser, PATIENCE, Page, Player, Scene, now, serve};
use metertap_readings::entry::Moment;
use metertap_readings::files::capture::{Capture, Event, Head, Timed};
use metertap_simulator::{Meter, Model, Telegram, Truth};
use serde_json::json;

use crate::backups::keep_a_file;

#[test]
fn on_a_full_disk_the_oldest_readings_are_deleted_and_the_user_is_told() {
    let (scene, site) = (Scene::new("full"), serve());
    let p1 = scene.plug(Vendor::Ftdi, Line::P1);
    let browser = Browser::start(&scene, &site.url());
    browser.set_quota(&site.url(), Some(QUOTA));
    let page = Page::open(browser, &site.url());
    let old: Vec<Telegram> = Meter::new(Model::KaifaMa304h3e, 41, A_WEEK_AGO).take(OLD).collect();
    fs::write(scene.path("old.txt"), recorded(&old)).expect("the scene's folder can be written");
    let file = page.open_file(&scene.path("old.txt"));
    let all =
        format!("document.querySelector('[data-meter={file:?}][data-state=done]')?.dataset.seq === '{OLD}'");
    page.browser().wait_long("the file is read to its end", Duration::from_secs(300), &all);
    let (quarters, days) = (totals(&page, "quarter", &old), totals(&page, "day", &old));
    page.go("live");
    let dsmr = page.connect(Vendor::Ftdi, PortKind::P1);
    let mut player = Player::simulate(p1, Model::Dsmr5, 42, START);
    page.wait_state(&dsmr, "live");

    let from = now() - UNDERWAY;
    page.browser().wait_long("another database fills the disk", PATIENCE, BALLAST);
    let told = page.wait_notice("store.thinned", PATIENCE);
    assert!(told.contains("readings"), "{told}");
    page.wait_card(&dsmr, "reports that there is no room", "card.trouble === 'store.full'");
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

    // The totals of the deleted readings are unchanged and agree with the meter.
    assert_eq!(totals(&page, "quarter", &old), quarters);
    assert_eq!(totals(&page, "day", &old), days);
    let readings = |rows: &[Row]| rows.iter().map(|row| number(row, "readings")).collect::<Vec<_>>();
    assert_eq!(readings(&days), [OLD as i64]);
    // The first hourly list gives the counters of the hour that ended (NVE, Assistance in interpreting data from the
    // AMS HAN port). The last quarter-hour of that hour has them, and no reading.
    let (hour_before, quarters) = quarters.split_first().expect("there are quarters");
    assert_eq!(number(hour_before, "readings"), 0);
    assert!(hour_before.contains_key("active_energy_import_kwh"), "{hour_before:?}");
    assert_eq!(readings(quarters), [OLD as i64 / QUARTERS; QUARTERS as usize]);
    let (mut of_quarters, mut gone) = (quarters.iter(), 0);
    for said in old.chunk_by(|one, other| one.due / QUARTER == other.due / QUARTER) {
        let power = || said.iter().filter_map(|telegram| power(&telegram.truth));
        let row = of_quarters.next().expect("every quarter has a row");
        assert_eq!(Some(number(row, "active_power_import_min_w")), power().min(), "{row:?}");
        assert_eq!(Some(number(row, "active_power_import_max_w")), power().max(), "{row:?}");
        gone += said.len();
        if gone > OLD - left.len() {
            break;
        }
    }
    let thinned = quarters.len() - of_quarters.len();
    assert!(thinned > 1, "the readings of whole quarters are gone, but not their totals");
}

#[test]
fn a_log_that_the_browser_has_cleared_is_not_taken_for_a_new_one() {
    let (scene, site) = (Scene::new("evicted"), serve());
    let page = Page::open(Browser::start(&scene, &site.url()), &site.url());
    let meter = page.simulate(Model::Dsmr5);
    page.wait_state(&meter, "live");
    // At this address, no engine has the log open. An engine of the old page would write back its state.
    page.browser().open(&format!("{}/sw.js", site.url()));
    page.browser()
        .wait("the engine has gone", "navigator.locks.query().then(({ held }) => held.length === 0)");
    page.browser().evict(&site.url());
    let page = Page::open(page.into_browser(), &site.url());
    assert!(page.meters().is_empty());
    let told = page.wait_notice("store.evicted", PATIENCE);
    assert!(told.contains("meters were kept here since"), "{told}");
    page.browser().picture("evicted");
    page.browser().click("[data-action=seen]");
    // The message appears once. A user who removes the last meter does not get it at all.
    let meter = page.simulate(Model::Dsmr5);
    page.wait_state(&meter, "live");
    page.remove(&meter);
    page.reload();
    let notices = page.browser().evaluate("document.querySelectorAll('[data-notice=log]').length");
    assert_eq!(notices, 0);
}

#[test]
fn a_log_that_a_newer_page_has_written_is_unchanged() {
    let (scene, site) = (Scene::new("newer"), serve());
    let page = Page::open(Browser::start(&scene, &site.url()), &site.url());
    let meter = page.simulate(Model::Dsmr5);
    page.wait_card(&meter, "has readings", "card.seq > 2");
    // A newer page does this first. The engine closes the database for it.
    page.browser().wait("the newer page has the log", NEWER);
    page.browser().reload();
    let told = "document.querySelector(\"[data-trouble='store.version']\")?.innerText";
    page.browser().wait("this page says that the log is of a newer version", told);
    page.browser().picture("newer");
    let version = page.browser().evaluate("indexedDB.databases().then((all) => all[0].version)");
    assert_eq!(version, 1000);
}

#[test]
fn a_log_of_an_earlier_version_opens_on_a_full_disk() {
    let (scene, site) = (Scene::new("full-upgrade"), serve());
    let page = Page::open(Browser::start(&scene, &site.url()), &site.url());
    keep_a_file(&scene, &page);
    let before = page.export();
    // At this address, no engine has the log open.
    let elsewhere = format!("{}/sw.js", site.url());
    page.browser().open(&elsewhere);
    page.browser().wait("the log is one of version 2", VERSION_2);
    page.browser().set_quota(&site.url(), Some(QUOTA));
    page.browser().wait_long("another database fills the disk", PATIENCE, BALLAST);
    let page = Page::open(page.into_browser(), &site.url());
    let version = "indexedDB.databases().then((all) => all.find(({ name }) => name === 'metertap').version)";
    assert_eq!(page.browser().evaluate(version), 3);
    assert_eq!(page.export(), before);
}

#[test]
fn a_screen_that_was_never_opened_opens_on_a_full_disk() {
    let (scene, site) = (Scene::new("full-part"), serve());
    let page = Page::open(Browser::start(&scene, &site.url()), &site.url());
    page.wait_kept();
    page.browser().set_quota(&site.url(), Some(QUOTA));
    page.browser().wait_long("another database fills the disk", PATIENCE, BALLAST);
    page.browser().evaluate("void (location.hash = '#/history')");
    page.browser().wait("the screen is there", "!!document.querySelector('[data-part=no-log]')");
}

/// Telegrams as a capture, received when they were due.
fn recorded(telegrams: &[Telegram]) -> String {
    let heard = |telegram: &Telegram| Timed { at: telegram.due, event: Event::Heard(telegram.bytes.clone()) };
    let head = Head { began: Some(Moment(A_WEEK_AGO * 1000)), ..Head::default() };
    Capture { head, events: telegrams.iter().map(heard).collect() }.to_text()
}

/// The totals of these telegrams' meter in the table that the page saves: a row for each period, with cells by column.
fn totals(page: &Page, resolution: &str, telegrams: &[Telegram]) -> Vec<Row> {
    let meter =
        telegrams.iter().find_map(|telegram| telegram.truth.meter.clone()).expect("it says who it is");
    let table = page.save("csv", resolution);
    let mut rows = table.lines().map(|row| row.split(','));
    let titles: Vec<&str> = rows.next().expect("a table has a head").collect();
    // The columns of meters that were added later are empty.
    let row = |cells: Split<'_, char>| -> Row {
        let named = titles.iter().zip(cells).filter(|(_, cell)| !cell.is_empty());
        named.map(|(title, cell)| ((*title).to_owned(), cell.to_owned())).collect()
    };
    rows.map(row).filter(|row| row.get("meter") == Some(&meter)).collect()
}

/// The non-empty cells of a row, by the names of their columns.
type Row = BTreeMap<String, String>;

fn number(row: &Row, column: &str) -> i64 {
    row.get(column).and_then(|cell| cell.parse().ok()).unwrap_or_else(|| panic!("no {column} in {row:?}"))
}

fn power(truth: &Truth) -> Option<i64> {
    truth.values.iter().find(|value| value.register == "1-0:1.7.0")?.value.parse().ok()
}

/// Fills a database beside the log's until the browser refuses another 64 bytes.
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

/// Puts the rows of the log into a database in the format of version 2.
const VERSION_2: &str = "(async () => {
    const open = async (version, upgrade) => {
        const opening = indexedDB.open('metertap', version);
        opening.onupgradeneeded = () => upgrade(opening.result);
        await new Promise((done, failed) => { opening.onsuccess = done; opening.onerror = failed; });
        return opening.result;
    };
    const answer = (request) => new Promise((done, failed) => {
        request.onsuccess = () => done(request.result);
        request.onerror = failed;
    });
    const now = await open();
    const stores = [];
    for (const name of now.objectStoreNames) {
        const store = now.transaction([name]).objectStore(name);
        const { keyPath } = store;
        stores.push({ name, keyPath, keys: await answer(store.getAllKeys()) });
        stores.at(-1).values = await answer(now.transaction([name]).objectStore(name).getAll());
    }
    now.close();
    await answer(indexedDB.deleteDatabase('metertap'));
    const own = stores.find(({ name }) => name === 'internal').values;
    stores.find(({ name }) => name === 'settings').values.push(...own);
    const left = stores.filter(({ name }) => name !== 'internal');
    const old = await open(2, (database) => {
        for (const { name, keyPath } of left) {
            const store = database.createObjectStore(name, keyPath ? { keyPath } : {});
            if (name === 'readings') { store.createIndex('received', ['meter', 'received', 'seq']); }
        }
    });
    const transaction = old.transaction(old.objectStoreNames, 'readwrite');
    for (const { name, keyPath, keys, values } of left) {
        const store = transaction.objectStore(name);
        values.forEach((value, place) => keyPath ? store.put(value) : store.put(value, keys[place]));
    }
    await new Promise((done, failed) => { transaction.oncomplete = done; transaction.onabort = failed; });
    old.close();
    return true;
})()";

/// Opens the log as a much newer version would.
const NEWER: &str = "(async () => {
    const opening = indexedDB.open('metertap', 1000);
    await new Promise((done, failed) => { opening.onsuccess = done; opening.onerror = failed; });
    opening.result.close();
    return true;
})()";

/// 2026-11-21T12:20:00Z.
const START: i64 = 1_795_263_600;
/// 2026-11-14T12:00:00Z.
const A_WEEK_AGO: i64 = 1_794_657_600;
/// Telegrams of six hours, one every two seconds: five chunks and the newest telegrams.
const OLD: usize = 10_800;
/// The same span in quarter-hours, and a quarter-hour in milliseconds.
const QUARTERS: i64 = 24;
const QUARTER: u64 = 900_000;
/// The quota in bytes: a little more than the size of the log.
const QUOTA: u64 = 30_000_000;
/// Milliseconds after its arrival in which a telegram may not be in the log yet.
const UNDERWAY: f64 = 250.0;
