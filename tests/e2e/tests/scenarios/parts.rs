//! Parts of the page that are loaded later. They work without a network, and after the host has another build. If they
//! do not load, the page says so and tries again.

use std::fs;
use std::path::{Path, PathBuf};

use metertap_e2e::{Browser, Page, Scene, Site, serve};
use metertap_simulator::Model;

#[test]
fn after_the_first_reading_every_part_works_without_a_server() {
    let (scene, site) = (Scene::new("parts-offline"), serve());
    let page = Page::open(Browser::start(&scene, &site.url()), &site.url());
    let meter = page.simulate(Model::Dsmr5);
    page.wait_card(&meter, "has readings", "card.seq > 2");
    page.browser().wait("all parts are kept", ALL_KEPT);
    drop(site);
    use_every_part(&page, &meter);
    page.reload();
    use_every_part(&page, &meter);
}

#[test]
fn an_open_page_has_its_own_parts_after_its_host_was_updated() {
    let scene = Scene::new("parts-of-another-build");
    let folder = scene.copy_of_page();
    let site = Site::open(&folder, 0).expect("the loopback has a free port");
    let page = Page::open(Browser::start(&scene, &site.url()), &site.url());
    let meter = page.simulate(Model::Dsmr5);
    page.wait_card(&meter, "has readings", "card.seq > 2");
    page.browser().wait("all parts are kept", ALL_KEPT);
    for part in parts(&folder.join("snippets")) {
        fs::write(part, "of another build").expect("the scene's folder can be written");
    }
    use_every_part(&page, &meter);
}

#[test]
fn a_part_that_does_not_load_is_reported_and_retried() {
    let scene = Scene::new("parts-missing");
    let folder = scene.copy_of_page();
    let (mut screens, mut engine) =
        (parts(&folder.join("snippets/app")), parts(&folder.join("snippets/engine")));
    screens.retain(|part| part.file_name().is_some_and(|name| name.to_string_lossy().contains("split_data")));
    let [screens] = screens.as_slice() else { panic!("the screen is not one part: {screens:?}") };
    // The other parts of the engine are not hidden, because the simulated meter needs some of them.
    engine.retain(|part| part.file_name().is_some_and(|name| name.to_string_lossy().contains("split_files")));
    let hidden = |part: &Path| part.with_extension("hidden");
    let hide = |part: &PathBuf| fs::rename(part, hidden(part)).expect("the scene's folder can be written");
    let show = |part: &PathBuf| fs::rename(hidden(part), part).expect("the scene's folder can be written");
    hide(screens);
    engine.iter().for_each(hide);
    let site = Site::open(&folder, 0).expect("the loopback has a free port");
    let page = Page::open(Browser::start(&scene, &site.url()), &site.url());
    let meter = page.simulate(Model::Dsmr5);
    page.wait_card(&meter, "has readings", "card.seq > 2");

    page.browser().evaluate("location.hash = '#/data'");
    page.browser()
        .wait("a missing screen is reported", "!!document.querySelector('[data-action=fetch-again]')");
    page.browser().picture("part-missing");
    show(screens);
    page.browser().click("[data-action=fetch-again]");
    page.browser().click("[data-action=export]");
    let told = "!!document.querySelector(\"[data-export=failed] [data-trouble='engine.part']\")";
    page.browser().wait("a missing part of the engine is reported", told);
    engine.iter().for_each(show);
    use_every_part(&page, &meter);
}

/// After a busy site's data were cleared, Chromium's cache sometimes gives no answer for minutes. In this test, the
/// service worker gets no answer at all.
#[test]
fn a_part_loads_although_the_cache_does_not_answer() {
    let scene = Scene::new("parts-cache");
    let folder = scene.copy_of_page();
    let worker = fs::read_to_string(folder.join("sw.js")).expect("the page has a service worker");
    fs::write(folder.join("sw.js"), format!("{worker}\n{NO_ANSWER}"))
        .expect("the scene's folder can be written");
    let site = Site::open(&folder, 0).expect("the loopback has a free port");
    let page = Page::open(Browser::start(&scene, &site.url()), &site.url());
    page.wait_kept();
    page.reload();
    let meter = page.simulate(Model::Dsmr5);
    page.wait_card(&meter, "has readings", "card.seq > 2");
    use_every_part(&page, &meter);
}

/// Uses every part: saves a table and a backup, and shows the fields of a telegram.
fn use_every_part(page: &Page, meter: &str) {
    assert!(page.save("csv", "raw").contains("active_power_import_w"));
    let already = page.browser().saved_so_far();
    page.browser().click("[data-action=back-up]");
    assert!(!page.browser().saved(already + 1).is_empty());
    page.browser().evaluate(&format!("location.hash = '#/octets/{meter}'"));
    page.browser().wait("the fields of a telegram are shown", "!!document.querySelector('[data-layer]')");
}

/// The files below a folder that hold parts of programs.
fn parts(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("the page has parts");
    let below = entries.map(|entry| entry.expect("a folder can be listed").path());
    let parts = below.flat_map(|path| if path.is_dir() { parts(&path) } else { vec![path] });
    parts.filter(|part| part.extension().is_some_and(|is| is == "wasm")).collect()
}

/// Whether all files that are fetched on first use are stored.
pub(crate) const ALL_KEPT: &str = "fetch('./sw.js').then((worker) => worker.text()).then(async (worker) => {
    const build = JSON.parse(worker.match(/const BUILD = (.*);/)[1]);
    const kept = await Promise.all(Object.keys(build.later).map((name) => caches.match(name)));
    return kept.length > 0 && kept.every((file) => file !== undefined);
})";
/// Appended to a service worker. Looking something up in a cache and storing a part then never finish.
const NO_ANSWER: &str = "
CacheStorage.prototype.match = () => new Promise(() => {});
const real = Cache.prototype.put;
Cache.prototype.put = function (address, response) {
    return LATER.has(address) ? new Promise(() => {}) : real.call(this, address, response);
};";
