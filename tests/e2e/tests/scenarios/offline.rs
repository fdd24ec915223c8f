//! What the service worker stores and serves: all of the page's own files, or none.

use std::fs;

use metertap_e2e::{Browser, Page, Scene, Site, serve};
use metertap_simulator::Model;

use crate::first_visit::all_kept;

#[test]
fn another_page_of_the_same_origin_is_left_alone() {
    let scene = Scene::new("another-page");
    let folder = scene.copy_of_page();
    fs::write(folder.join("other.html"), "<!DOCTYPE html><p>Another program")
        .expect("the folder can be written");
    let site = Site::open(&folder, 0).expect("the loopback has a free port");
    let page = Page::open(Browser::start(&scene, &site.url()), &site.url());
    page.wait_kept();
    let browser = page.into_browser();
    browser.open(&format!("{}/other.html", site.url()));
    browser.wait("the other page is there", "document.body.innerText.includes('Another program')");
    // `index.html` names the same page as `/`, even without a server.
    let address = format!("{}/index.html", site.url());
    drop(site);
    browser.open(&address);
    browser.wait("the page is there", "!!document.querySelector('.welcome')");
}

#[test]
fn files_evicted_by_the_browser_are_fetched_again() {
    let scene = Scene::new("cache-thrown-away");
    let site = Site::open(&scene.copy_of_page(), 0).expect("the loopback has a free port");
    let page = Page::open(Browser::start(&scene, &site.url()), &site.url());
    page.wait_kept();
    let files = page.browser().evaluate(FILES);
    page.browser()
        .evaluate("caches.keys().then((names) => Promise.all(names.map((name) => caches.delete(name))))");
    page.reload();
    page.browser().wait("all files are kept again", &format!("{FILES}.then((files) => files >= {files})"));
    drop(site);
    page.reload();
    page.browser().wait("the page is there", "!!document.querySelector('.welcome')");
}

/// A disk can fail, and another page of the same origin can write into the cache. Without a repair, the page would never
/// start again. The browser may keep the damaged files in memory until it is closed.
#[test]
fn damaged_files_are_fetched_again() {
    let (scene, site) = (Scene::new("cache-damaged"), serve());
    let page = Page::open(Browser::start(&scene, &site.url()), &site.url());
    let meter = page.simulate(Model::Dsmr5);
    page.wait_card(&meter, "has readings", "card.seq > 2");
    page.browser().wait("all of the build is kept", &all_kept());
    let whole = page.browser().evaluate(CONTENT);
    page.browser().evaluate(DAMAGE);
    page.browser().reload();
    page.browser().wait("all files are whole again", &format!("{CONTENT}.then((now) => now === {whole})"));
    page.into_browser().kill();
    Page::open(Browser::start(&scene, &site.url()), &site.url()).wait_kept();
}

#[test]
fn a_build_that_does_not_match_its_hashes_leaves_nothing_behind() {
    let scene = Scene::new("refused-build");
    let folder = scene.copy_of_page();
    let site = Site::open(&folder, 0).expect("the loopback has a free port");
    let page = Page::open(Browser::start(&scene, &site.url()), &site.url());
    page.wait_kept();
    let before = page.browser().evaluate(BUILDS);

    let worker = fs::read_to_string(folder.join("sw.js")).expect("the page has a service worker");
    // A newer build, in which the content of one file does not match its worker's list.
    let (head, behind) = worker.split_once(".webmanifest\":\"sha256-").expect("it has a manifest");
    let other = "A".repeat(43) + "=";
    let newer = format!("{head}.webmanifest\":\"sha256-{other}{}", &behind[other.len()..]);
    let newer = newer.replace("\"generation\":\"", "\"generation\":\"newer-");
    fs::write(folder.join("sw.js"), newer).expect("the scene's folder can be written");
    page.browser().evaluate(
        "navigator.serviceWorker.ready.then(async (registration) => {
            await registration.update();
            const { installing } = registration;
            if (installing) await new Promise((redundant) => installing.addEventListener('statechange', redundant));
        }).catch(() => {})",
    );
    page.reload();
    assert_eq!(page.browser().evaluate(BUILDS), before);
}

const BUILDS: &str = "caches.keys().then((names) => names.join())";
/// The number of files that are stored.
const FILES: &str = "caches.keys().then(async (names) => {
    const kept = await Promise.all(names.map(async (name) => (await (await caches.open(name)).keys()).length));
    return kept.reduce((all, some) => all + some, 0);
})";
/// The digests of all stored files, as one text.
const CONTENT: &str = "caches.keys().then(async (names) => {
    const digests = [];
    for (const cache of await Promise.all(names.map((name) => caches.open(name)))) {
        for (const file of await cache.keys()) {
            const content = await (await cache.match(file)).arrayBuffer();
            digests.push([file.url, ...new Uint8Array(await crypto.subtle.digest('SHA-256', content))].join());
        }
    }
    return digests.sort().join(';');
})";
/// Cuts the end off all stored files.
const DAMAGE: &str = "caches.keys().then(async (names) => {
    for (const cache of await Promise.all(names.map((name) => caches.open(name)))) {
        for (const file of await cache.keys()) {
            const { headers, body } = await cache.match(file);
            const content = await new Response(body).arrayBuffer();
            await cache.put(file, new Response(content.slice(0, -9), { headers }));
        }
    }
})";
