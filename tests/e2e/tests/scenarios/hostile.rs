//! Backups written by an attacker, with a correct SHA-256. Adding one removes nothing here, and sends nothing anywhere.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};

use metertap_decoder::hex;
use metertap_decoder::register::Value;
use metertap_e2e::bridge::Bridge;
use metertap_e2e::{Browser, PATIENCE, Page, Scene, now, serve, wait_for};
use metertap_readings::entry::Entry;
use metertap_readings::files::backup::{Manifest, Piece, Writer};
use metertap_readings::log::format::chunk::Chunk;
use metertap_readings::store::MeterKey;
use metertap_readings::store::disk::Shelf;
use metertap_simulator::Model;
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::backups::keep_a_file;
use crate::exchange::{import, read_a_file};

#[test]
fn a_backup_that_calls_a_log_here_unfinished_does_not_remove_it() {
    let (scene, site) = (Scene::new("hostile-unfinished"), serve());
    let page = Page::open(Browser::start(&scene, &site.url()), &site.url());
    keep_a_file(&scene, &page);
    let (meter, before) = (page.meters().remove(0), page.export());
    let list = json!([meter]).to_string();
    let told = add(&page, &file(&scene, &[], &[("unfinished", &list)]));
    assert!(told.contains("0 meters, 0 readings"), "{told}");
    for _ in 0..2 {
        assert_eq!(page.export(), before, "{} readings", before.len());
        page.reload();
    }
}

#[test]
fn a_backup_that_says_there_are_no_imports_keeps_the_existing_ones() {
    let (scene, site) = (Scene::new("hostile-imports"), serve());
    let page = Page::open(Browser::start(&scene, &site.url()), &site.url());
    keep_a_file(&scene, &page);
    let lines: String = page.export().iter().map(|entry| format!("{entry}\n")).collect();
    fs::write(scene.path("own.jsonl"), lines).expect("a file is written");
    page.go("data");
    page.select("[name=import-meter]", "");
    page.browser().choose("[name=import]", &scene.path("own.jsonl"));
    import(&page);
    let before = page.export();
    assert_eq!(before.len(), 60, "thirty readings, and thirty that were imported");
    // Names that the log uses for its own data.
    let names = ["imports", "unfinished", "days-zone", "installation", "daily-backup", "certain-time"];
    let backup = file(&scene, &[], &names.map(|name| (name, "[]")));
    add(&page, &backup);
    for _ in 0..2 {
        assert_eq!(page.export(), before);
        page.go("data");
        page.browser().wait("the import is still listed", "!!document.querySelector('[data-imported]')");
        page.reload();
    }
}

/// Names that collide with existing ones, numbers that no browser can hold, and meters that claim to be an existing
/// one.
#[test]
fn a_backup_with_any_names_changes_nothing_and_the_page_opens() {
    let (scene, site) = (Scene::new("hostile-names"), serve());
    let page = Page::open(Browser::start(&scene, &site.url()), &site.url());
    keep_a_file(&scene, &page);
    let (meter, before) = (page.meters().remove(0), page.export());
    let known = |page: &Page| {
        let mut entries = page.export();
        entries.retain(|entry| before.contains(entry));
        entries
    };
    let simulated = json!({ "from": "simulated", "model": "no-such-model", "seed": u64::MAX });
    let mut first = entry(1 << 39);
    first.reading.values[0].storage = Some(u64::MAX);
    first.reading.values[0].value = Value::Text("\u{202e}".repeat(500).into());
    let rows = |entry: &Entry| {
        let row = Chunk::write(std::slice::from_ref(entry)).expect("it fits");
        Piece::Row(Shelf::Tail, entry.seq.cast_signed(), row)
    };
    let log = |name: &str| Piece::Log(MeterKey(name.to_owned()));
    let frames = [
        record("x", None, &simulated),
        record("y", Some(&meter), &simulated),
        log("x"),
        rows(&first),
        log("y"),
        rows(&entry(1)),
        log(&format!("{meter}+1")),
        rows(&entry(2)),
    ];
    add(&page, &file(&scene, &frames, &[]));
    for _ in 0..2 {
        assert_eq!(known(&page), before);
        page.reload();
    }
    // Names that no meter of this program has.
    for name in [format!("{meter}+1"), format!("{meter}+1+1"), String::new(), "../up".to_owned()] {
        let frames = [record(&name, None, &simulated), log(&name), rows(&entry(1))];
        choose(&page, &file(&scene, &frames, &[]), "refused");
        page.go("live");
    }
    // After the user removes the added meter and undoes the import, everything is as before.
    page.remove("x");
    page.go("data");
    page.browser().click("[data-action=undo-import]");
    page.browser().wait("the import is gone", "!document.querySelector('[data-imported]')");
    for _ in 0..2 {
        assert_eq!(page.export(), before);
        page.reload();
    }
}

#[test]
fn a_broker_from_a_backup_gets_nothing_before_the_user_switches_it_on() {
    let (scene, site) = (Scene::new("hostile-broker"), serve());
    let stranger = Stranger::listen();
    let page = Page::open(Browser::start(&scene, &site.url()), &site.url());
    let live = page.simulate(Model::KaifaMa304h3e);
    page.wait_card(&live, "is read", "card.state === 'live' && card.seq >= 1");
    let broker = json!({ "url": stranger.url(), "user": "u", "password": "p", "base": "meters" }).to_string();
    let backup = file(&scene, &[], &[("broker", &broker)]);
    add(&page, &backup);
    for _ in 0..2 {
        page.go("live");
        let seq = page.card(&live).map_or(0, |card| card.seq);
        page.wait_card(&live, "is read on", &format!("card.state === 'live' && card.seq > {seq}"));
        assert!(!stranger.was_called(), "the user has not switched it on");
        page.go("forward");
        let told = page.browser().wait(
            "the address is shown, and where it came from",
            "document.querySelector('[data-broker-from]')?.innerText",
        );
        let told = told.as_str().unwrap_or_default();
        assert!(told.contains(&stranger.url()) && told.contains("hostile.metertap"), "{told}");
        page.browser()
            .wait("it is off", "document.querySelector('[data-forward]').dataset.forward === 'off'");
        page.reload();
    }
    page.go("forward");
    page.browser().picture("forward-off");

    // The broker is off in the backup of this page as well, and it can be switched on in another tab.
    page.go("data");
    let already = page.browser().saved_so_far();
    page.browser().click("[name=secrets]");
    page.browser().click("[data-action=back-up]");
    let saved = page.browser().saved(already + 1);
    assert!(String::from_utf8_lossy(&saved).contains(r#"\"on\":false"#), "off stays off");
    let writer = page.open_watching_tab(&site.url());
    page.go("forward");
    page.browser().click("[data-action=forward-on]");
    assert!(wait_for(PATIENCE, || stranger.was_called().then_some(())).is_some(), "it is contacted now");
    let watcher = page.browser().show_tab(writer);
    page.go("forward");
    let on = "!document.querySelector('[data-broker-from]')
        && document.querySelector('[data-forward]').dataset.forward === 'connecting'";
    page.browser().wait("the other tab shows that it is on", on);
    page.browser().close_tab(&watcher);

    // A broker that is on here stays on, whatever a backup says. If the backup replaces it with another one, that one
    // is off.
    replace(&page, &backup);
    page.go("forward");
    page.browser().wait("it is still on", on);
    let other = Stranger::listen();
    let broker = json!({ "url": other.url(), "user": "u", "password": "p", "base": "meters" }).to_string();
    replace(&page, &file(&scene, &[], &[("broker", &broker)]));
    page.go("forward");
    let off = format!("document.querySelector('[data-broker-from]')?.innerText.includes({:?})", other.url());
    page.browser().wait("another is off", &off);
    assert!(!other.was_called());
}

#[test]
fn a_bridge_and_a_key_from_a_backup_are_marked_and_wait_for_the_user() {
    let (scene, site) = (Scene::new("hostile-bridge"), serve());
    let model = Model::LuxembourgSmarty;
    let bridge = Bridge::open(model, 7, (now() / 1000.0) as i64);
    let page = Page::open(Browser::start(&scene, &site.url()), &site.url());
    let keys = model.keys().expect("it is encrypted");
    let encryption = hex::upper(&keys.encryption);
    let authentication = keys.authentication.map(|key| hex::upper(&key));
    let kept = json!({ "encryption": encryption, "authentication": authentication }).to_string();
    let source = json!({
        "from": "bridge", "url": bridge.url(), "protocol": "p1-encrypted",
        "line": { "baud": 115_200, "data_bits": 8, "parity": "None", "stop_bits": 1 },
    });
    let frames = [record("smarty", None, &source), Piece::Log(MeterKey("smarty".into()))];
    add(&page, &file(&scene, &frames, &[("keys.smarty", &kept)]));
    let card = "article[data-meter=smarty]";
    for _ in 0..2 {
        page.go("live");
        page.wait_state("smarty", "off");
        let told = page.browser().wait(
            "the address is shown, and where it came from",
            &format!("document.querySelector({:?})?.innerText", format!("{card} [data-address-from]")),
        );
        let told = told.as_str().unwrap_or_default();
        assert!(told.contains(&bridge.url()) && told.contains("hostile.metertap"), "{told}");
        assert!(bridge.said().is_empty(), "the page must not read the bridge yet");
        page.reload();
    }
    page.browser().picture("bridge-off");
    page.browser().click(&format!("{card} [data-action=read-on]"));
    page.wait_card("smarty", "is read", "card.state === 'live' && card.seq > 0");
    let gone = |mark: &str| format!("!document.querySelector({:?})", format!("{card} [{mark}]"));
    page.browser().wait("the address is the user's own now", &gone("data-address-from"));
    let from = format!("document.querySelector({:?}).innerText", format!("{card} [data-key-from]"));
    let told = page.browser().evaluate(&from);
    assert!(told.as_str().is_some_and(|told| told.contains("hostile.metertap")), "{told}");

    // The same key, typed by the user.
    page.go("meters");
    let settings = "li[data-meter=smarty]";
    let open = format!(
        "(() => {{ document.querySelectorAll({:?}).forEach((fold) => {{ fold.open = true; }}); return true; }})()",
        format!("{settings} details")
    );
    page.browser().wait("its settings open", &open);
    page.browser().enter(&format!("{settings} [name=encryption-key]"), &encryption);
    page.browser().enter(
        &format!("{settings} [name=authentication-key]"),
        authentication.as_deref().unwrap_or_default(),
    );
    page.browser().click(&format!("{settings} [data-action=unlock]"));
    page.go("live");
    page.browser().wait("the key is the user's own now", &gone("data-key-from"));
    page.reload();
    page.wait_card("smarty", "is read on", "card.state === 'live' && card.seq > 0");
    for mark in ["data-address-from", "data-key-from"] {
        assert_eq!(page.browser().evaluate(&gone(mark)), true, "{mark}");
    }
}

#[test]
fn a_key_from_a_recording_is_marked() {
    let (scene, site) = (Scene::new("hostile-recording"), serve());
    let page = Page::open(Browser::start(&scene, &site.url()), &site.url());
    let text = "metertap capture 1\nprotocol p1-encrypted\n\
        encryption-key 000102030405060708090A0B0C0D0E0F\n\n0 < 00 01 02\n";
    fs::write(scene.path("line.txt"), text).expect("a file is written");
    let meter = page.open_file(&scene.path("line.txt"));
    let from = format!("document.querySelector('article[data-meter={meter:?}] [data-key-from]')?.innerText");
    let told = page.browser().wait("it is said where the key came from", &from);
    assert!(told.as_str().is_some_and(|told| told.contains("line.txt")), "{told}");
}

#[test]
fn a_backup_without_meters_replaces_everything_only_after_a_clear_question() {
    let (scene, site) = (Scene::new("hostile-empty"), serve());
    let page = Page::open(Browser::start(&scene, &site.url()), &site.url());
    read_a_file(&scene, &page);
    let before = page.export();
    let answer = |yes: bool| {
        let script =
            format!("void (globalThis.confirm = (text) => {{ globalThis.asked = text; return {yes}; }})");
        page.browser().evaluate(&script);
    };
    choose(&page, &file(&scene, &[], &[]), "seen");
    answer(false);
    page.browser().click("[data-action=restore-replace]");
    let asked = page.browser().wait("it is asked", "globalThis.asked");
    assert!(asked.as_str().is_some_and(|asked| asked.contains("backup contains no meters")), "{asked}");
    assert_eq!(page.export(), before);
    page.go("data");
    answer(true);
    page.browser().click("[data-action=restore-replace]");
    page.browser().wait("it is restored", "!!document.querySelector('[data-restore=complete]')");
    page.go("live");
    assert!(page.meters().is_empty());
}

/// A server that waits for connections.
struct Stranger(TcpListener);

impl Stranger {
    fn listen() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("the loopback has a free port");
        listener.set_nonblocking(true).expect("a listener can be polled");
        Self(listener)
    }

    fn url(&self) -> String {
        format!("ws://127.0.0.1:{}/", self.0.local_addr().expect("a listener has an address").port())
    }

    fn was_called(&self) -> bool {
        self.0.accept().is_ok()
    }
}

/// A backup with these frames, and with settings of any name.
fn file(scene: &Scene, frames: &[Piece], settings: &[(&str, &str)]) -> PathBuf {
    let (mut writer, mut octets) = (Writer::default(), Vec::new());
    let at = "2026-11-21T02:30:10Z".parse().expect("a moment");
    let manifest = Manifest { at, app: "0.1.0".into(), zone: "Europe/Oslo".into(), secrets: true };
    writer.frame(&Piece::Manifest(manifest), &mut octets);
    frames.iter().for_each(|frame| writer.frame(frame, &mut octets));
    let frame = |kind: u8, body: &[u8]| {
        let length = u32::try_from(body.len()).expect("it is short").to_le_bytes();
        [&[kind], length.as_slice(), body].concat()
    };
    for (name, value) in settings {
        octets.extend(frame(6, json!({ "name": name, "value": value }).to_string().as_bytes()));
    }
    let digest = Sha256::digest(&octets);
    octets.extend(frame(0, &digest));
    let path = scene.path("hostile.metertap");
    fs::write(&path, octets).expect("a file is written");
    path
}

/// A meter's record, as in a file.
fn record(key: &str, origin: Option<&str>, source: &serde_json::Value) -> Piece {
    let record = json!({
        "key": key, "origin": origin, "name": "", "source": source, "identification": null, "topic": null,
        "reading": true, "retention": { "days": 0 },
    });
    Piece::Meter(serde_json::from_value(record).expect("a record"))
}

/// A reading with that number.
fn entry(seq: u64) -> Entry {
    let entry = json!({
        "v": 1, "meter": null, "protocol": "p1", "time": null, "integrity": "checked",
        "values": [{ "register": "1-0:1.7.0", "quantity": "active-power-import", "value": "5", "unit": "W" }],
        "received": "2020-01-01T00:00:00Z", "seq": seq,
    });
    serde_json::from_value(entry).expect("an entry")
}

/// Chooses a backup, and returns the page's message about it.
fn choose(page: &Page, backup: &Path, state: &str) -> String {
    page.go("data");
    page.browser().choose("[name=backup]", backup);
    let told = format!("document.querySelector('[data-restore={state}]')?.innerText");
    let told = page.browser().wait(&format!("the backup is {state}"), &told);
    told.as_str().unwrap_or_default().to_owned()
}

fn add(page: &Page, backup: &Path) -> String {
    let told = choose(page, backup, "seen");
    page.browser().click("[data-action=restore-merge]");
    page.browser().wait("it is added", "!!document.querySelector('[data-restore=complete]')");
    told
}

fn replace(page: &Page, backup: &Path) {
    choose(page, backup, "seen");
    page.browser().click("[data-action=restore-replace]");
    page.browser().wait("it is restored", "!!document.querySelector('[data-restore=complete]')");
}
