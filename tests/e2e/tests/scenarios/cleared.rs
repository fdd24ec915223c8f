//! The browser's storage changes under an open page: the user clears it, a script deletes it, or a newer version
//! upgrades it.

use std::time::{Duration, Instant};
use std::{fs, thread};

use metertap_decoder::line::Line;
use metertap_e2e::chance::Chance;
use metertap_e2e::house::House;
use metertap_e2e::log::{assert_same, saved_by_number};
use metertap_e2e::page::PortKind;
use metertap_e2e::scene::Vendor;
use metertap_e2e::{Broker, Browser, PATIENCE, Page, Player, Pty, Scene, Site, now, serve};
use metertap_readings::entry::Moment;
use metertap_readings::files::capture::{Capture, Event, Head, Timed};
use metertap_simulator::{Meter, Model, Truth};
use serde_json::Value;

use crate::clearing::clear;
use crate::forwarding::assert_arrived;

#[test]
fn a_cleared_database_loses_only_what_was_not_in_memory_and_the_page_says_what() {
    reads_on("cleared-database", |page, site| clear(page, site, "indexeddb"));
}

#[test]
fn clearing_everything_loses_no_more_than_the_database() {
    reads_on("cleared-all", |page, site| clear(page, site, "all"));
}

#[test]
fn a_database_deleted_by_a_script_is_created_again() {
    reads_on("cleared-deleted", |page, _| drop(page.browser().wait("it is deleted", DELETE)));
}

/// Runs a meter, fills some hours with the readings of another, and imports a file. Then clears the storage.
fn reads_on(name: &str, clear: impl Fn(&Page, &Site)) {
    let (scene, site) = (Scene::new(name), serve());
    let p1 = scene.plug(Vendor::Ftdi, Line::P1);
    let page = Page::open(Browser::start(&scene, &site.url()), &site.url());
    fs::write(scene.path("old.txt"), minutes()).expect("the scene's folder can be written");
    let old = page.open_file(&scene.path("old.txt"));
    let read = format!("card.state === 'done' && card.seq === {MINUTES}");
    page.wait_card(&old, "is read to its end", &read);
    choose_hours(&scene, &page, 4);
    import(&page);
    page.go("live");
    let (dsmr, mut player) = stream(&page, p1);

    // The second time, everything was in memory.
    for told in [GONE, &["no reading is gone"]] {
        is_read_again(&page, &dsmr, || clear(&page, &site));
        let notice = page.wait_notice("store.cleared", PATIENCE);
        for words in told {
            assert!(notice.contains(words), "{words}: {notice}");
        }
        page.browser().picture(name);
        page.browser().wait("the certain time is stored again", CERTAIN);
        page.browser().wait("it is seen", SEEN);
    }
    assert_ne!(page.browser().evaluate(MARK), Value::Null, "the page knows that meters are kept here");

    let from = now() - UNDERWAY;
    page.reload();
    assert!(page.meters().contains(&dsmr));
    page.wait_state(&dsmr, "live");
    let away = [(from, now())];
    assert_eq!(page.browser().evaluate("document.querySelectorAll('[data-notice=log]').length"), 0);
    player.wait_heard(2, PATIENCE);
    let spoken = player.stop();
    assert_same(&saved_by_number(&page, Model::Dsmr5, &spoken), &spoken, &away);
}

#[test]
fn a_database_deleted_at_random_moments_loses_no_reading_in_memory() {
    let (scene, site) = (Scene::new("cleared-at-random"), serve());
    let (mut house, page) = House::open(&scene, &site);
    let mut chance = Chance::of_the_day("cleared at random");
    for round in 0..8 {
        house.wait_streaming(&page);
        // The random moment is the purpose of the test. It may fall into a telegram, an append or the work after the
        // previous clearing.
        thread::sleep(Duration::from_millis(chance.below(1500)));
        match round % 2 {
            0 => clear(&page, &site, "indexeddb"),
            _ => drop(page.browser().wait("it is deleted", DELETE)),
        }
    }
    house.wait_streaming(&page);
    house.assert_nothing_lost(&page);
}

#[test]
fn after_a_clearing_one_of_two_tabs_writes_and_the_other_takes_over_later() {
    let (scene, site) = (Scene::new("cleared-tabs"), serve());
    let (mut house, page) = House::open(&scene, &site);
    let first = page.open_watching_tab(&site.url());
    house.wait_streaming(&page);

    let dsmr = house.keys()[1].clone();
    is_read_again(&page, &dsmr, || clear(&page, &site, "indexeddb"));
    let _ = page.wait_notice("store.cleared", PATIENCE);
    house.wait_streaming(&page);
    let of_second = page.browser().evaluate(PLACE);
    let second = page.browser().show_tab(first);
    let _ = page.wait_notice("store.cleared", PATIENCE);
    house.wait_streaming(&page);
    let of_first = page.browser().evaluate(PLACE);
    let mut places = [of_first.as_str(), of_second.as_str()];
    places.sort_unstable();
    assert_eq!(places, [Some("watches"), Some("writes")]);
    assert_eq!(page.browser().evaluate(LOCKS), 1, "one tab has the lock for writing");

    let from = now();
    if of_first == "writes" {
        let first = page.browser().show_tab(second);
        page.browser().close_tab(&first);
    } else {
        page.browser().close_tab(&second);
    }
    page.wait_tab("writes");
    house.wait_streaming(&page);
    house.away_since(from);
    house.assert_nothing_lost(&page);
}

/// The tab that writes has no time to restore anything. The other tab has received the state.
#[test]
fn a_watching_tab_takes_over_when_the_writer_is_lost_with_the_database() {
    let (scene, site) = (Scene::new("cleared-writer"), serve());
    let (mut house, page) = House::open(&scene, &site);
    let first = page.open_watching_tab(&site.url());
    house.wait_streaming(&page);
    page.browser().hang_first_engine();
    clear(&page, &site, "indexeddb");
    page.browser().close_tab(&first);
    page.wait_tab("writes");
    // This waits until each meter's newest number is higher than the last one shown.
    house.wait_streaming(&page);
    let notice = page.wait_notice("store.cleared", PATIENCE);
    assert!(notice.contains(" readings from "), "{notice}");
    let log = page.export();
    for model in [Model::KaifaMa304h3e, Model::Dsmr5, Model::IskraMt175] {
        let protocol = serde_json::json!(model.protocol());
        let of_meter = log.iter().filter(|entry| entry["protocol"] == protocol);
        let numbers: Vec<u64> = of_meter.filter_map(|entry| entry["seq"].as_u64()).collect();
        assert!(numbers.windows(2).all(|pair| pair[0] < pair[1]), "{protocol}: {numbers:?}");
        assert!(numbers.len() >= 2, "{protocol}: {numbers:?}");
    }
}

#[test]
fn waiting_readings_reach_the_broker_and_no_number_is_sent_twice() {
    let (scene, site) = (Scene::new("cleared-forwarding"), serve());
    let mut broker = Broker::start(&scene);
    let p1 = scene.plug(Vendor::Ftdi, Line::P1);
    let page = Page::open(Browser::start(&scene, &site.url()), &site.url());
    let (dsmr, mut player) = stream(&page, p1);
    page.forward(&broker.url());
    page.wait_forwarded("connected", "waiting === 0");
    is_read_again(&page, &dsmr, || clear(&page, &site, "indexeddb"));
    page.wait_forwarded("connected", "waiting === 0");

    broker.kill();
    page.wait_forwarded("connecting", "waiting >= 3");
    is_read_again(&page, &dsmr, || clear(&page, &site, "indexeddb"));
    broker.restart();
    page.wait_forwarded("connected", "waiting === 0");

    // The broker and the progress of forwarding are known after a restart, too.
    let from = now() - UNDERWAY;
    page.reload();
    page.wait_state(&dsmr, "live");
    let away = [(from, now())];
    player.wait_heard(3, PATIENCE);
    let spoken = player.stop();
    let log = saved_by_number(&page, Model::Dsmr5, &spoken);
    assert_same(&log, &spoken, &away);
    page.wait_forwarded("connected", "waiting === 0");
    assert_arrived(&broker, &[log]);
}

#[test]
fn an_interrupted_import_or_restore_is_refused_and_leaves_nothing() {
    let (scene, site) = (Scene::new("cleared-intake"), serve());
    let p1 = scene.plug(Vendor::Ftdi, Line::P1);
    let page = Page::open(Browser::start(&scene, &site.url()), &site.url());
    let (dsmr, _player) = stream(&page, p1);

    choose_hours(&scene, &page, YEARS);
    page.browser().click("[data-action=import]");
    page.browser()
        .wait("it is half imported", "document.querySelector('[data-import=reading] progress')?.value > 0");
    clear(&page, &site, "indexeddb");
    let refused = "!!document.querySelector(\"[data-import=refused] [data-trouble='store.closed']\")";
    page.browser().wait("it is refused", refused);
    page.browser().picture("cleared-import");
    assert_alone(&page, &dsmr);

    // Imports everything again, and saves a backup.
    choose_hours(&scene, &page, YEARS);
    import(&page);
    let already = page.browser().saved_so_far();
    page.browser().click("[data-action=back-up]");
    let backup = scene.path("whole.metertap");
    fs::write(&backup, page.browser().saved(already + 1)).expect("a file is written");
    page.browser().choose("[name=backup]", &backup);
    page.browser().wait("the backup is whole", "!!document.querySelector('[data-restore=seen]')");
    page.browser().click("[data-action=restore-replace]");
    page.browser()
        .wait("it is half restored", "document.querySelector('[data-restore=reading] progress')?.value > 0");
    clear(&page, &site, "indexeddb");
    let refused = "!!document.querySelector(\"[data-restore=refused] [data-trouble='store.closed']\")";
    page.browser().wait("it is refused", refused);
    let imported = format!("hours.csv: {YEARS} readings from ");
    page.browser().wait("the import is named", &format!("document.body.innerText.includes({imported:?})"));

    // The complete backup restores everything.
    page.browser().choose("[name=backup]", &backup);
    page.browser().wait("the backup is whole", "!!document.querySelector('[data-restore=seen]')");
    page.browser().click("[data-action=restore-merge]");
    page.browser().wait("it is restored", "!!document.querySelector('[data-restore=complete]')");
    page.browser().wait("the import is listed", "!!document.querySelector('[data-imported]')");
    page.go("live");
    let before = page.card(&dsmr).map_or(0, |card| card.seq);
    page.wait_card(&dsmr, "reads on", &format!("card.state === 'live' && card.seq > {before}"));
}

#[test]
fn a_database_upgraded_by_a_newer_version_is_closed_and_its_lock_released() {
    let (scene, site) = (Scene::new("cleared-newer"), serve());
    let p1 = scene.plug(Vendor::Ftdi, Line::P1);
    let page = Page::open(Browser::start(&scene, &site.url()), &site.url());
    let (dsmr, mut player) = stream(&page, p1);
    assert_eq!(page.browser().evaluate(LOCKS), 1);
    let from = now() - UNDERWAY;
    page.browser().wait("the newer page has the log", NEWER);
    let told = "document.querySelector(\"[data-trouble='store.version']\")?.innerText";
    let told = page.browser().wait("this page says so", told);
    assert!(told.as_str().is_some_and(|told| told.contains("Reload the page")), "{told}");
    page.browser().picture("cleared-newer");
    page.browser().wait("its lock is released", &format!("{LOCKS}.then((held) => held === 0)"));
    page.wait_state(&dsmr, "off");

    // The data of the newer version are gone. This version continues, and so do its numbers.
    page.browser().wait("it is deleted", DELETE);
    page.wait_state(&dsmr, "live");
    let away = [(from, now())];
    let _ = page.wait_notice("store.cleared", PATIENCE);
    player.wait_heard(2, PATIENCE);
    let spoken = player.stop();
    assert_same(&saved_by_number(&page, Model::Dsmr5, &spoken), &spoken, &away);
}

/// Connects a Dutch meter, and waits for its first readings.
fn stream(page: &Page, line: Pty) -> (String, Player<Truth>) {
    let dsmr = page.connect(Vendor::Ftdi, PortKind::P1);
    let player = Player::simulate(line, Model::Dsmr5, 42, START);
    page.wait_card(&dsmr, "streams", "card.state === 'live' && card.seq >= 3");
    (dsmr, player)
}

/// Clears storage, and waits until the meter is read again. A reading that was received before may come first. The
/// time until then is only printed here. The engine's tests, which control the clock, check it.
fn is_read_again(page: &Page, meter: &str, clear: impl FnOnce()) {
    let (before, began) = (page.card(meter).map_or(0, |card| card.seq), Instant::now());
    clear();
    page.wait_card(meter, "reads on", &format!("card.state === 'live' && card.seq > {}", before + 1));
    println!("read again {:.1} s after the clearing", began.elapsed().as_secs_f64());
}

/// Waits until a meter is read again, and checks that it is the only one.
fn assert_alone(page: &Page, meter: &str) {
    page.go("live");
    let before = page.card(meter).map_or(0, |card| card.seq);
    page.wait_card(meter, "reads on", &format!("card.state === 'live' && card.seq > {before}"));
    assert_eq!(page.meters(), [meter]);
}

/// Chooses a file with that many hours for import into a new meter.
fn choose_hours(scene: &Scene, page: &Page, hours: usize) {
    // A reading at the beginning, and one at the end of each hour.
    let rows = (0..hours as i64 - 1).map(|hour| {
        let start = Moment((A_CENTURY + hour * 3600) * 1000).to_string();
        format!("{}Z,0.{:03},0,0,0,0.032\n", &start[..19], hour % 1000)
    });
    fs::write(scene.path("hours.csv"), [TITLES.to_owned()].into_iter().chain(rows).collect::<String>())
        .expect("a file is written");
    page.go("data");
    page.browser().choose("[name=import]", &scene.path("hours.csv"));
    let seen = format!("document.querySelector('[data-count=import-new]')?.dataset.value === '{hours}'");
    page.browser().wait("the preview is shown", &seen);
}

fn import(page: &Page) {
    page.browser().click("[data-action=import]");
    page.browser().wait("it is imported", "!!document.querySelector('[data-import=complete]')");
    page.browser().wait("the import is listed", "!!document.querySelector('[data-imported]')");
}

/// A capture of a meter that sends every minute, of three hours and twenty minutes.
pub(crate) fn minutes() -> String {
    let telegrams = Meter::new(Model::KaifaMa304h3e, 41, NOON).take(MINUTES);
    let heard = (0..)
        .zip(telegrams)
        .map(|(minute, telegram)| Timed { at: minute * 60_000, event: Event::Heard(telegram.bytes) });
    let head = Head { began: Some(Moment(NOON * 1000)), ..Head::default() };
    Capture { head, events: heard.collect() }.to_text()
}

const DELETE: &str = "new Promise((done) => {
    const deleting = indexedDB.deleteDatabase('metertap');
    deleting.onsuccess = () => done(true);
    deleting.onerror = () => done(false);
})";

/// Opens the log as a much newer version would.
const NEWER: &str = "new Promise((done) => {
    const opening = indexedDB.open('metertap', 99);
    opening.onsuccess = () => { opening.result.close(); done(true); };
    opening.onerror = () => done(false);
})";

/// How many workers hold the lock for writing.
const LOCKS: &str = "navigator.locks.query()
    .then(({ held }) => held.filter(({ name }) => name === 'metertap-engine').length)";
/// Clicks the button below each notice.
pub(crate) const SEEN: &str = "(() => {
    const button = document.querySelector('[data-action=seen]');
    button?.click();
    return !button;
})()";
const CERTAIN: &str = "new Promise((done, failed) => {
    const opening = indexedDB.open('metertap');
    opening.onerror = failed;
    opening.onsuccess = () => {
        const asked = opening.result.transaction('internal').objectStore('internal').get('certain-time');
        asked.onsuccess = () => { opening.result.close(); done(!!asked.result); };
        asked.onerror = failed;
    };
})";
pub(crate) const PLACE: &str = "document.body.dataset.tab";
const MARK: &str = "localStorage.getItem('metertap-meters-since')";

/// Parts of the notice about lost readings, first of the recording and then of the import. The times are those at which
/// the first and the last reading were received.
const GONE: &[&str] = &[
    "180 readings from 2026-11-14T12:00:00.000Z to 2026-11-14T14:59:00.000Z",
    "hours.csv: 4 readings from ",
];
const MINUTES: usize = 200;
/// 2026-11-14T12:00:00Z.
const NOON: i64 = 1_794_657_600;
/// 2026-11-21T12:20:00Z.
const START: i64 = 1_795_263_600;
/// 2000-01-01T00:00:00Z, and some years in hours.
const A_CENTURY: i64 = 946_684_800;
const YEARS: usize = 50_000;
const TITLES: &str = "Hour Start,Electricity 1 (Dutch Users: Low Tariff),Electricity 2 (Dutch Users: Normal Tariff),\
    Electricity 1 Returned (Dutch Users: Low Tariff),Electricity 2 Returned (Dutch Users: Normal Tariff),Gas\n";

/// Milliseconds after its arrival in which a telegram may not be in the log yet.
const UNDERWAY: f64 = 250.0;
