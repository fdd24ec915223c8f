//! A newer build of the page waits until the user asks for it. It stores the files that the old one had stored, and the
//! log stays.

use std::fs;

use metertap_e2e::{Browser, Page, Scene};
use metertap_simulator::Model;
use xtask::serve::Site;

use crate::parts::ALL_KEPT;

#[test]
fn a_newer_build_takes_over_when_the_user_asks_for_it() {
    let scene = Scene::new("update");
    let folder = scene.copy_of_page();
    let site = Site::open(&folder, 0).expect("the loopback has a free port");
    let page = Page::open(Browser::start(&scene, &site.url()), &site.url());
    page.wait_kept();
    let meter = page.simulate(Model::Dsmr5);
    page.wait_card(&meter, "has readings", "card.seq > 2");
    assert!(page.save_octets("workbook", "raw").starts_with(b"PK"));
    page.browser().wait("all parts are kept", ALL_KEPT);
    let kept = page.browser().evaluate(KEPT);

    let worker = fs::read_to_string(folder.join("sw.js")).expect("the page has a service worker");
    let (before, named) = worker.split_once("\"generation\":\"").expect("a build has a name");
    let (_, behind) = named.split_once('"').expect("the name ends");
    fs::write(folder.join("sw.js"), format!("{before}\"generation\":\"newer\"{behind}"))
        .expect("the scene's folder can be written");
    page.reload();
    page.browser().wait("a newer build is offered", "!!document.querySelector('[data-action=update]')");
    page.browser().picture("update");
    page.browser().click("[data-action=update]");
    page.browser()
        .wait("it has taken over", &format!("{BUILDS}.then((builds) => builds === 'metertap-newer')"));
    page.reload();
    assert_eq!(page.browser().evaluate(KEPT), kept);

    // From here on, nothing needs the server, and the meter's numbers continue.
    drop(site);
    page.reload();
    page.go("live");
    page.wait_card(&meter, "reads on", "card.state === 'live' && card.seq > 4");
    assert!(page.save_octets("workbook", "raw").starts_with(b"PK"));
    let numbers: Vec<u64> = page.export().iter().filter_map(|entry| entry["seq"].as_u64()).collect();
    assert_eq!(numbers, (1..=numbers.len() as u64).collect::<Vec<_>>());
}

const BUILDS: &str = "caches.keys().then((names) => names.join())";
/// The files that are stored.
const KEPT: &str = "caches.keys().then(async (names) => {
    const cache = await caches.open(names[0]);
    return (await cache.keys()).map((request) => request.url).sort();
})";
