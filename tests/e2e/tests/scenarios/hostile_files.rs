//! A hundred hostile files, of every kind that the page accepts.

use std::fs;
use std::net::TcpListener;

use metertap_e2e::{Browser, Page, Scene, serve};
use metertap_hostile::{Corpus, HostileFile, House, Kind};

use crate::backups::keep_a_file;

#[test]
fn a_hundred_hostile_files_change_nothing_and_connect_to_nobody() {
    let (scene, site) = (Scene::new("hostile-files"), serve());
    let stranger = TcpListener::bind(("127.0.0.1", 0)).expect("the loopback has a free port");
    stranger.set_nonblocking(true).expect("a listener can be polled");
    let address = format!("ws://{}/", stranger.local_addr().expect("a listener has an address"));
    let page = Page::open(Browser::start(&scene, &site.url()), &site.url());
    keep_a_file(&scene, &page);
    let (meters, before) = (page.meters(), page.export());
    let mut corpus = Corpus::new(House::begin().written, SEED).naming(&address);
    let mut taken = 0;
    for number in 0..FILES {
        let file = corpus.file(Kind::ALL[number % Kind::ALL.len()]);
        taken += usize::from(take(&scene, &page, &file));
        if number % 10 == 9 {
            undo(&page, &meters);
            assert_eq!(page.export(), before, "after {}", file.name);
        }
    }
    assert!(taken > FILES / 10, "{taken} were accepted");
    page.reload();
    assert_eq!((page.meters(), page.export()), (meters, before));
    assert!(stranger.accept().is_err(), "the user has not switched it on");
}

/// Gives the page a file, and returns whether the page accepted it.
fn take(scene: &Scene, page: &Page, HostileFile { name, kind, bytes }: &HostileFile) -> bool {
    let path = scene.path(name);
    fs::write(&path, bytes).expect("a file is written");
    let is_taken = match kind {
        Kind::Backup => {
            page.go("data");
            page.browser().choose("[name=backup]", &path);
            offered(page, name, "restore", "[data-action=restore-merge]")
        }
        Kind::Lines | Kind::Table => {
            page.go("data");
            page.browser().choose("[name=import]", &path);
            offered(page, name, "import", "[data-action=import]")
        }
        Kind::Capture => {
            page.go("live");
            let known = page.meters().len();
            page.go("connect");
            page.browser().choose("[data-action=open-file]", &path);
            page.go("live");
            let answered = format!(
                "document.querySelectorAll('article[data-meter]').length > {known}
                    || !!document.querySelector(\"[data-trouble^='file.']\")"
            );
            page.browser().wait(&format!("{name} is opened or refused"), &answered);
            page.meters().len() > known
        }
    };
    fs::remove_file(&path).expect("it was ours");
    is_taken
}

/// Waits until the file is refused or offered. Accepts it if it offers something new.
fn offered(page: &Page, name: &str, what: &str, button: &str) -> bool {
    let state = format!(
        "((state) => ['seen', 'refused'].includes(state) && state)
            (document.querySelector('[data-{what}]')?.dataset.{what})"
    );
    let seen = page.browser().wait(&format!("{name} is inspected"), &state) == "seen";
    let is_there = format!("document.querySelector({button:?})?.disabled === false");
    if !seen || page.browser().evaluate(&is_there) != true {
        return false;
    }
    page.browser().click(button);
    let state = state.replace("seen", "complete");
    page.browser().wait(&format!("{name} is restored or imported"), &state) == "complete"
}

/// Undoes all imports, and removes all other meters.
fn undo(page: &Page, meters: &[String]) {
    page.go("data");
    let gone = "(() => { document.querySelector('[data-action=undo-import]')?.click();
        return !document.querySelector('[data-imported]'); })()";
    page.browser().wait("all imports are gone", gone);
    page.go("live");
    for meter in page.meters().iter().filter(|meter| !meters.contains(meter)) {
        page.remove(meter);
    }
}

const FILES: usize = 100;
const SEED: u64 = 2;
