//! Backups over time: a restore that replaces everything and is interrupted, a daily backup to a folder, and a restore
//! in a tab that only watches.

use std::fs;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use metertap_e2e::{Browser, PATIENCE, Page, Scene, serve};
use metertap_simulator::{Model, Telegram};
use serde_json::{Value, json};

use crate::exchange::read_a_file;

#[test]
fn an_interrupted_restore_changes_nothing_and_a_complete_one_restores_everything() {
    let (scene, site) = (Scene::new("backups-replace"), serve());
    let page = Page::open(Browser::start(&scene, &site.url()), &site.url());
    keep_a_file(&scene, &page);
    let file = page.meters().remove(0);
    rename(&page, &file, "Hall");
    let live = page.simulate(Model::KaifaMa304h3e);
    page.wait_card(&live, "is read", "card.state === 'live' && card.seq >= 2");
    let saved = of_file(&page);
    let backup = back_up(&scene, &page);
    rename(&page, &file, "Cellar");

    // The last change of the restore does not happen: the first time it fails with an error, the second time the
    // browser is killed before it.
    page.browser().evaluate_in_engine(&at_the_switch("throw new DOMException('Spoilt', 'UnknownError')"));
    replace(&page, &backup);
    page.browser().wait("it is refused", "!!document.querySelector('[data-restore=refused] [data-trouble]')");
    page.go("live");
    let seq = page.card(&live).map_or(0, |card| card.seq);
    page.wait_card(&live, "reads on", &format!("card.state === 'live' && card.seq > {seq}"));
    assert_eq!(names(&page), [live.clone(), file.clone()], "nothing is left of the restore");
    page.browser().evaluate_in_engine(&at_the_switch("for (;;) {}"));
    replace(&page, &backup);
    let both = format!("({NAMES})().then((names) => names.length === 4)");
    page.browser().wait("the restored logs are beside those that are here", &both);
    page.into_browser().kill();

    let page = Page::open(Browser::start(&scene, &site.url()), &site.url());
    assert_eq!(page.meters(), [live.clone(), file.clone()]);
    assert_eq!(names(&page), page.meters(), "half a restore is removed when the page opens");
    assert_eq!(of_file(&page), saved);
    assert_eq!(name_of(&page, &file), "Cellar");

    replace(&page, &backup);
    page.browser().wait("it is restored", "!!document.querySelector('[data-restore=complete]')");
    page.browser().picture("data-restored");
    page.go("live");
    let (file, live) = (format!("{file}-2"), format!("{live}-2"));
    page.wait_card(&live, "reads on", "card.state === 'live' && card.seq >= 3");
    let gone = format!("({NAMES})().then((names) => names.length === 2)");
    page.browser().wait("what was replaced is gone", &gone);
    for _ in 0..2 {
        assert_eq!(page.meters(), [live.clone(), file.clone()]);
        assert_eq!(names(&page), page.meters());
        assert_eq!(of_file(&page), saved);
        assert_eq!(name_of(&page, &file), "Hall");
        page.reload();
    }

    // The same backup again, but now it is added. Its meter is recognised, although the log has another name now.
    rename(&page, &file, "Garage");
    choose(&page, &backup);
    page.browser().click("[data-action=restore-merge]");
    page.browser().wait("it is restored", "!!document.querySelector('[data-restore=complete]')");
    page.go("live");
    assert_eq!(page.meters(), [live, file.clone()]);
    assert_eq!(of_file(&page), saved);
    assert_eq!(name_of(&page, &file), "Garage", "a meter that is here keeps its name");
}

#[test]
fn a_daily_backup_is_saved_into_a_folder_and_the_oldest_are_deleted() {
    let (scene, site) = (Scene::new("backups-daily"), serve());
    let page = Page::open(Browser::start(&scene, &site.url()), &site.url());
    let telegrams = keep_a_file(&scene, &page);
    page.go("data");
    page.browser().click("[data-action=daily-choose]");
    wait_daily(&page, "made");
    page.browser().picture("data-daily");
    let first = in_folder(&page);
    assert_eq!(first.len(), 1, "{first:?}");
    let (ours, _) = first[0].rsplit_once("-20").expect("a name ends with the day");
    assert!(ours.starts_with("metertap-") && first[0].ends_with(".metertap"), "{first:?}");

    // The backup can be restored.
    let octets = page.browser().evaluate(&format!("({READ})({:?})", first[0]));
    let octets = BASE64_STANDARD.decode(octets.as_str().unwrap_or_default()).expect("base 64");
    fs::write(scene.path("daily.metertap"), octets).expect("a file is written");
    choose(&page, &scene.path("daily.metertap"));
    let told = page.browser().evaluate("document.querySelector('[data-restore=seen]').innerText");
    let count = format!("1 meter, {} readings", telegrams.len());
    assert!(told.as_str().is_some_and(|told| told.contains(&count)), "{told}");

    // The folder holds more than a fortnight of older backups, and files of other programs. Then the computer's clock
    // says tomorrow. That date is not certain, so the backup made under it must not displace an older one.
    let older = (1..=15).map(|day| format!("{ours}-2026-10-{day:02}.metertap"));
    let others = ["metertap-2026-10-01.metertap".to_owned(), "letter.txt".to_owned()];
    for name in older.chain(others) {
        page.browser().evaluate(&format!("({WRITE})({name:?})"));
    }
    let tomorrow = "(() => { const before = Date.now; Date.now = () => before() + 86390000; return 1; })()";
    page.browser().evaluate_in_engine(tomorrow);
    page.browser().click("[data-action=daily-now]");
    let second =
        format!("({LIST})().then((names) => !names.includes({:?}))", format!("{ours}-2026-10-02.metertap"));
    page.browser().wait("the oldest are deleted", &second);
    wait_daily(&page, "made");
    let names = in_folder(&page);
    assert_eq!(names.iter().filter(|name| name.starts_with(ours)).count(), 15, "{names:?}");
    assert!(names.contains(&"letter.txt".to_owned()), "{names:?}");
    assert!(names.contains(&"metertap-2026-10-01.metertap".to_owned()), "{names:?}");
    assert!(names.contains(&first[0]), "{names:?}");

    // The browser forgets the permission to write, and the user grants it again.
    let allowed =
        |answer: &str| format!("void (FileSystemHandle.prototype.queryPermission = async () => {answer:?})");
    page.browser().evaluate_in_engine(&allowed("prompt"));
    page.browser().click("[data-action=daily-now]");
    wait_daily(&page, "failed");
    let told = page.wait_notice("folder.permission", PATIENCE);
    assert!(told.contains("permission"), "{told}");
    page.browser().picture("data-daily-permission");
    let asked = "void (FileSystemHandle.prototype.requestPermission = async ({ mode }) => {
        globalThis.asked = mode;
        return 'granted';
    })";
    page.browser().evaluate(asked);
    page.browser().evaluate_in_engine(&allowed("granted"));
    page.browser().click("[data-action=daily-allow]");
    wait_daily(&page, "made");
    assert_eq!(page.browser().evaluate("globalThis.asked"), "readwrite");

    // A page that is opened on a day without a backup makes one. The last backup has tomorrow's date.
    page.browser().evaluate(&format!("({REMOVE})({:?})", first[0]));
    page.reload();
    let again = format!("({LIST})().then((names) => names.includes({:?}))", first[0]);
    page.browser().wait("today's backup is there again", &again);
    page.go("data");
    wait_daily(&page, "made");
    page.browser().click("[data-action=daily-stop]");
    page.browser().wait("it is offered again", "!!document.querySelector('[data-action=daily-choose]')");
}

#[test]
fn a_watching_tab_restores_and_imports_and_says_what_it_cannot_do() {
    let (scene, site) = (Scene::new("backups-tabs"), serve());
    let page = Page::open(Browser::start(&scene, &site.url()), &site.url());
    read_a_file(&scene, &page);
    let (meter, saved) = (page.meters().remove(0), of_file(&page));
    let lines: String = saved.iter().map(|entry| format!("{entry}\n")).collect();
    fs::write(scene.path("own.jsonl"), lines).expect("a file is written");
    let backup = back_up(&scene, &page);
    page.go("live");
    page.remove(&meter);
    page.go("data");

    let writer = page.open_watching_tab(&site.url());
    choose(&page, &backup);
    page.browser().click("[data-action=restore-merge]");
    page.browser().wait("it is restored", "!!document.querySelector('[data-restore=complete]')");
    assert_eq!(of_file(&page), saved, "a watcher saves what the writer has restored for it");
    page.go("data");
    page.browser().choose("[name=import]", &scene.path("own.jsonl"));
    let seen = "document.querySelector('[data-count=import-new]')?.dataset.value === '30'";
    page.browser().wait("the preview is shown", seen);
    page.browser().click("[data-action=import]");
    page.browser().wait("the import is listed", "!!document.querySelector('[data-imported]')");

    let other = page.simulate(Model::Aidon6525);
    page.wait_card(&other, "is read", "card.state === 'live' && card.seq >= 1");
    let card = format!("article[data-meter={other:?}]");
    page.unfold_recording(&other);
    page.browser().click(&format!("{card} [data-action=save-capture]"));
    let told = page.browser().wait(
        "it says where a recording is saved",
        "document.querySelector(\"[data-trouble='engine.watches']\")?.innerText",
    );
    assert!(told.as_str().is_some_and(|told| told.contains("Do this in that tab")), "{told}");

    let watcher = page.browser().show_tab(writer);
    page.wait_tab("writes");
    let files = "document.querySelectorAll('[data-restore],[data-import]').length";
    assert_eq!(page.browser().evaluate(files), 0, "a file of another tab is not shown");
    page.browser().close_tab(&watcher);
}

/// Reads a recording whose readings stay after the page is reloaded.
pub(crate) fn keep_a_file(scene: &Scene, page: &Page) -> Vec<Telegram> {
    page.go("connect");
    page.browser().click("[name=kept]");
    read_a_file(scene, page)
}

/// The readings of the file, as exported.
fn of_file(page: &Page) -> Vec<Value> {
    page.export().into_iter().filter(|entry| entry["protocol"] == json!("p1")).collect()
}

fn rename(page: &Page, meter: &str, name: &str) {
    page.go("live");
    let card = format!("article[data-meter={meter:?}]");
    page.browser().click(&format!("{card} [data-action=rename]"));
    page.browser().enter(&format!("{card} [name=meter-name]"), name);
    page.browser().click(&format!("{card} form.inline [type=submit]"));
    let named = format!("document.querySelector({card:?}).innerText.includes({name:?})");
    page.browser().wait("the meter has its name", &named);
}

fn name_of(page: &Page, meter: &str) -> String {
    page.go("meters");
    let field = format!("li[data-meter={meter:?}] [name=meter-name]");
    let name =
        page.browser().wait("a meter has a name", &format!("document.querySelector({field:?})?.value"));
    page.go("live");
    name.as_str().unwrap_or_default().to_owned()
}

/// Saves a backup, and returns its path.
pub(crate) fn back_up(scene: &Scene, page: &Page) -> PathBuf {
    page.go("data");
    let already = page.browser().saved_so_far();
    page.browser().click("[data-action=back-up]");
    let file = scene.path("whole.metertap");
    fs::write(&file, page.browser().saved(already + 1)).expect("a file is written");
    file
}

fn choose(page: &Page, backup: &Path) {
    page.go("data");
    page.browser().choose("[name=backup]", backup);
    page.browser().wait("the backup is whole", "!!document.querySelector('[data-restore=seen]')");
}

pub(crate) fn replace(page: &Page, backup: &Path) {
    choose(page, backup);
    page.browser().click("[data-action=restore-replace]");
}

/// Runs a script once in the engine, instead of the change that makes a restore take effect.
fn at_the_switch(what: &str) -> String {
    format!(
        "(() => {{
            const before = IDBDatabase.prototype.transaction;
            IDBDatabase.prototype.transaction = function (stores, ...rest) {{
                if (['meters', 'settings', 'cursors', 'kept'].every((store) => stores.includes(store))) {{
                    IDBDatabase.prototype.transaction = before;
                    {what};
                }}
                return before.call(this, stores, ...rest);
            }};
            return 1;
        }})()"
    )
}

/// The names of all logs with rows on the disk.
fn names(page: &Page) -> Vec<String> {
    let names = page.browser().evaluate(&format!("({NAMES})()"));
    serde_json::from_value(names).expect("names are text")
}

fn in_folder(page: &Page) -> Vec<String> {
    let names = page.browser().evaluate(&format!("({LIST})()"));
    serde_json::from_value(names).expect("names are text")
}

fn wait_daily(page: &Page, state: &str) {
    let script = format!("document.querySelector('[data-daily]')?.dataset.daily === {state:?}");
    page.browser().wait(&format!("the backup of the day is {state}"), &script);
}

const NAMES: &str = "async () => {
    const opening = indexedDB.open('metertap');
    await new Promise((done, failed) => { opening.onsuccess = done; opening.onerror = failed; });
    const shelves = ['tail', 'chunks', 'directory', 'quarters', 'days'];
    const transaction = opening.result.transaction(shelves);
    const keys = shelves.map((shelf) => new Promise((done) => {
        const request = transaction.objectStore(shelf).getAllKeys();
        request.onsuccess = () => done(request.result.map(([log]) => log));
    }));
    const names = new Set((await Promise.all(keys)).flat());
    opening.result.close();
    return [...names].sort();
}";

/// The names of the files in the folder that the replaced `showDirectoryPicker` returns.
const LIST: &str = "async () => {
    const names = [];
    for await (const name of (await showDirectoryPicker()).keys()) { names.push(name); }
    return names.sort();
}";

const READ: &str = "async (name) => {
    const file = await (await (await showDirectoryPicker()).getFileHandle(name)).getFile();
    const octets = new Uint8Array(await file.arrayBuffer());
    return btoa(Array.from(octets, (octet) => String.fromCharCode(octet)).join(''));
}";

const WRITE: &str = "async (name) => {
    const file = await (await showDirectoryPicker()).getFileHandle(name, { create: true });
    const stream = await file.createWritable();
    await stream.write('old');
    await stream.close();
}";

const REMOVE: &str = "async (name) => (await showDirectoryPicker()).removeEntry(name)";
