//! A computer's clock is wrong, and the user keeps readings only for a month.
//!
//! A test cannot set the computer's clock, so the engine's `Date.now` returns another time.

use std::fs;

use metertap_decoder::line::Line;
use metertap_e2e::page::PortKind;
use metertap_e2e::scene::Vendor;
use metertap_e2e::{Browser, PATIENCE, Page, Player, Scene, now, serve};
use metertap_readings::entry::Moment;
use metertap_simulator::Model;
use serde_json::Value;

use crate::backups::{back_up, replace};
use crate::cleared::minutes;

#[test]
fn a_clock_that_jumps_three_years_ahead_deletes_nothing() {
    let (scene, site) = (Scene::new("clock-jump"), serve());
    let page = Page::open(Browser::start(&scene, &site.url()), &site.url());
    let meter = page.simulate(Model::Dsmr5);
    page.wait_card(&meter, "has readings", "card.seq > 1");
    let old = import(&scene, &page, &meter, 10);
    retain(&page, "0");
    assert_eq!(rows_before_today(&page), old, "ten days are less than a month");

    jump(&page, 3 * YEAR);
    reads_on(&page, &meter);
    assert_eq!(rows_before_today(&page), old, "nothing was deleted while the clock was wrong");
    let told = page.wait_notice("clock.ahead", PATIENCE);
    page.browser().picture("clock-ahead");
    assert!(told.contains("from 20"), "{told}");
    // The check also applies when the user chooses the setting again.
    retain(&page, "1");
    retain(&page, "0");
    page.go("data");
    page.browser().picture("clock-ahead-data");
    reads_on(&page, &meter);
    jump(&page, -3 * YEAR);
    reads_on(&page, &meter);
    assert_eq!(rows_before_today(&page), old, "nothing was deleted");
    page.reload();
    reads_on(&page, &meter);
    assert_eq!(rows_before_today(&page), old, "nothing was deleted by the reload");
    page.go("data");
    assert_eq!(page.browser().evaluate(UNTRUSTED), false, "the clock is right again");

    // The user's confirmation counts.
    jump(&page, 3 * YEAR);
    reads_on(&page, &meter);
    let _ = page.wait_notice("clock.ahead", PATIENCE);
    page.go("data");
    page.browser().click("[data-action=trust-clock]");
    let told = page.wait_notice("store.aged", PATIENCE);
    let left = rows_before_today(&page);
    assert!(left < old / 2, "what is older than a month is gone, {left} of {old} are left");
    assert!(told.contains(&format!(": {} readings, from 20", old - left)), "{told}");
    page.go("data");
    assert_eq!(page.browser().evaluate(UNTRUSTED), false, "the message is gone");
    page.browser().picture("clock-trusted");
}

#[test]
fn readings_older_than_the_retention_are_deleted_and_reported() {
    let (scene, site) = (Scene::new("clock-right"), serve());
    let page = Page::open(Browser::start(&scene, &site.url()), &site.url());
    let meter = page.simulate(Model::Dsmr5);
    page.wait_card(&meter, "has readings", "card.seq > 1");
    let old = import(&scene, &page, &meter, 100);
    retain(&page, "2");
    assert_eq!(rows_before_today(&page), old, "a hundred days are less than a year");
    retain(&page, "0");
    let told = page.wait_notice("store.aged", PATIENCE);
    page.browser().picture("aged");
    let left = rows_before_today(&page);
    // Readings that are not yet in a chunk stay.
    assert!(left < old / 2, "{left} of {old} are left");
    assert!(told.contains(&format!(": {} readings, from 20", old - left)), "{told}");
}

/// The newest reading of a backup is days old, and a new browser knows the time only from its clock. The clock is
/// trusted only after the user confirms it.
#[test]
fn a_new_browser_does_not_trust_its_clock_over_a_backup() {
    let (scene, site) = (Scene::new("clock-new"), serve());
    let page = Page::open(Browser::start(&scene, &site.url()), &site.url());
    fs::write(scene.path("old.txt"), minutes()).expect("the scene's folder can be written");
    page.go("connect");
    page.browser().click("[name=kept]");
    let meter = page.open_file(&scene.path("old.txt"));
    page.wait_card(&meter, "is read to its end", "card.state === 'done'");
    retain(&page, "0");
    let backup = back_up(&scene, &page);
    assert_eq!(page.browser().evaluate(UNTRUSTED), false);

    let elsewhere = Scene::new("clock-new-browser");
    let page = Page::open(Browser::start(&elsewhere, &site.url()), &site.url());
    replace(&page, &backup);
    page.browser().wait("it is restored", "!!document.querySelector('[data-restore=complete]')");
    page.browser().wait("the clock is not trusted", UNTRUSTED);
    page.browser().picture("clock-new");
    page.browser().click("[data-action=trust-clock]");
    page.browser().wait("the user confirms the clock", &format!("!{UNTRUSTED}"));
}

/// As far as the page remembers, the computer was off for twenty days. Without a meter, the clock is trusted after
/// twelve hours. If the clock of a meter on a line advances with it, three hours are enough.
#[test]
fn a_meters_clock_shortens_the_wait_for_a_trusted_clock() {
    let (scene, site) = (Scene::new("clock-heard"), serve());
    let line = scene.plug(Vendor::Ftdi, Line::P1);
    let page = Page::open(Browser::start(&scene, &site.url()), &site.url());
    let simulated = page.simulate(Model::Dsmr5);
    reads_on(&page, &simulated);
    retain(&page, "0");
    page.browser().wait("the certain time is stored", &remember(now() as i64 - 20 * DAY));
    page.reload();
    reads_on(&page, &simulated);
    page.go("data");
    let told = |hours: u32| {
        format!("document.querySelector('[data-part=room]')?.innerText.includes('about {hours} hours more')")
    };
    page.browser().wait("twelve hours are left", &told(12));
    let meter = page.connect(Vendor::Ftdi, PortKind::P1);
    let _player = Player::simulate(line, Model::Dsmr5, 12, now() as i64 / 1000);
    page.wait_card(&meter, "is read", "card.seq > 1");
    page.go("data");
    page.browser().wait_long("three hours are left", 2 * PATIENCE, &told(3));
    page.browser().picture("clock-heard");
}

/// Sets the end of the stored certain time to that moment.
fn remember(wall: i64) -> String {
    format!(
        "new Promise((done, failed) => {{
            const opening = indexedDB.open('metertap');
            opening.onerror = failed;
            opening.onsuccess = () => {{
                const transaction = opening.result.transaction('internal', 'readwrite');
                const internal = transaction.objectStore('internal');
                const before = internal.get('certain-time');
                before.onsuccess = () => internal.put({{ name: 'certain-time', value: 'wall {wall}' }});
                transaction.oncomplete = () => {{ opening.result.close(); done(!!before.result); }};
            }};
        }})"
    )
}

/// Imports three days of readings into a meter's log, a quarter-hour apart. The last one is that many days old.
fn import(scene: &Scene, page: &Page, meter: &str, days: i64) -> usize {
    let entry = page.export().pop().expect("there is a reading");
    let last = now() as i64 - days * DAY;
    let lines: String = (0..ROWS)
        .map(|row| {
            let mut entry = entry.clone();
            let moment = Moment(last - (ROWS - row) * 900_000).to_string();
            entry["time"] = Value::from(format!("{}+00:00", moment.get(..19).unwrap_or_default()));
            entry["received"] = Value::from(moment);
            entry["seq"] = Value::from(row + 1);
            format!("{entry}\n")
        })
        .collect();
    fs::write(scene.path("old.jsonl"), lines).expect("a file is written");
    page.go("data");
    page.select("[name=import-meter]", meter);
    page.browser().choose("[name=import]", &scene.path("old.jsonl"));
    let new = format!("document.querySelector('[data-count=import-new]')?.dataset.value === '{ROWS}'");
    page.browser().wait("all of them are new", &new);
    page.browser().click("[data-action=import]");
    page.browser().wait("it is imported", "!!document.querySelector('[data-import=complete]')");
    assert_eq!(rows_before_today(page), ROWS as usize);
    ROWS as usize
}

/// The number of readings that are more than a day old.
fn rows_before_today(page: &Page) -> usize {
    let today = Moment(now() as i64 - DAY).to_string();
    page.export().iter().filter(|entry| entry["received"].as_str() < Some(&today)).count()
}

/// Chooses how long readings are kept.
fn retain(page: &Page, choice: &str) {
    page.go("data");
    page.select("[data-action=retain]", choice);
    page.go("live");
}

/// Waits until the engine has applied the retention by its current clock.
fn reads_on(page: &Page, meter: &str) {
    page.go("live");
    let seq = page.wait_card(meter, "has readings", "card.seq > 0").seq;
    page.wait_card(meter, "reads on", &format!("card.seq > {}", seq + 2));
}

fn jump(page: &Page, by: i64) {
    let script = format!(
        "(() => {{ const before = Date.now; Date.now = () => before.call(Date) + {by}; return Date.now(); }})()"
    );
    assert!(page.browser().evaluate_in_engine(&script).as_f64().is_some(), "the engine has a clock");
}

const DAY: i64 = 86_400_000;
const YEAR: i64 = 365 * DAY;
const ROWS: i64 = 288;
const UNTRUSTED: &str =
    "!!document.querySelector(\"[data-action='trust-clock'], [data-trouble='clock.ahead']\")";
