//! The Content-Security-Policy of the page in its workers: in the engine, which holds ports, log and broker, and in the
//! program that writes workbooks. Most hosts send no headers.

use std::fs;

use metertap_e2e::{Browser, Headers, Page, Scene, Site, Stranger, dist, file_of};
use metertap_simulator::Model;
use serde_json::{Value, json};

#[test]
fn on_a_host_without_headers_the_engine_is_held_to_the_policy_on_every_visit() {
    let (scene, stranger) = (Scene::new("policy"), Stranger::open());
    let site = Site::open_with(&dist(), 0, Headers::None).expect("the loopback has a free port");
    let page = Page::open(Browser::start(&scene, &site.url()), &site.url());
    assert_covered(&page, &stranger, "the first visit");
    let controlled = page.browser().evaluate("!!navigator.serviceWorker.controller");
    page.wait_kept();

    page.reload();
    assert_eq!(page.browser().evaluate("!!navigator.serviceWorker.controller"), true, "before: {controlled}");
    assert_covered(&page, &stranger, "the second visit");
    page.reload_past_caches();
    assert_covered(&page, &stranger, "a reload past the service worker");
    page.browser().evaluate(
        "caches.keys().then((names) => Promise.all(names.map((name) => caches.delete(name)))).then(() => true)",
    );
    page.reload();
    assert_covered(&page, &stranger, "a visit after the cache was cleared");
    page.browser().evict(&site.url());
    page.reload();
    assert_covered(&page, &stranger, "a visit after everything was cleared");

    // The page is stored again, and then opened without its server.
    page.wait_kept();
    page.reload();
    drop(site);
    page.reload();
    assert_covered(&page, &stranger, "a visit without a server");
    assert_eq!(stranger.heard(), [""; 0], "nothing reached the other server");
}

#[test]
fn on_a_host_without_headers_the_workbooks_program_is_held_to_the_policy() {
    let (scene, stranger) = (Scene::new("policy-workbook"), Stranger::open());
    let site = Site::open_with(&dist(), 0, Headers::None).expect("the loopback has a free port");
    let page = Page::open(Browser::start(&scene, &site.url()), &site.url());
    let meter = page.simulate(Model::Dsmr5);
    page.wait_card(&meter, "has readings", "card.seq > 2");
    // The worker must stay alive, so that the test can inspect it.
    page.browser().evaluate_in_engine(
        "globalThis.kept = [];
        globalThis.Worker = class extends Worker {
            constructor(...how) { super(...how); kept.push(this); }
            terminate() {}
        };",
    );
    assert!(page.save_octets("workbook", "raw").starts_with(b"PK"));
    let went = went_through(&page, "workbook", &stranger);
    assert_eq!(went, json!([]), "what the page's policy refuses goes through in the workbook's program");
    assert_eq!(stranger.heard(), [""; 0]);
}

#[test]
fn answers_of_the_service_worker_carry_the_policy_of_the_page() {
    let scene = Scene::new("policy-answers");
    let site = Site::open_with(&dist(), 0, Headers::None).expect("the loopback has a free port");
    let page = Page::open(Browser::start(&scene, &site.url()), &site.url());
    page.wait_kept();
    page.reload();
    let said = "document.querySelector('meta[http-equiv=Content-Security-Policy]').content";
    let said = page.browser().evaluate(said);
    let files = ["engine_loader.js", "workbook_loader.js"].map(|name| file_of(&dist(), name));
    let names = files.iter().filter_map(|path| path.file_name()?.to_str());
    for file in names.chain([""]).map(|name| format!("./{name}")) {
        let came = format!("fetch({file:?}).then((came) => came.headers.get('Content-Security-Policy'))");
        assert_eq!(page.browser().evaluate(&came), said, "{file}");
    }
}

#[test]
fn a_page_of_the_house_over_plain_http_is_held_to_the_policy_too() {
    let (scene, stranger) = (Scene::new("policy-http"), Stranger::open());
    let site = Site::open_with(&dist(), 0, Headers::None).expect("the loopback has a free port");
    let address = format!("http://meter.test:{}", site.port());
    let page = Page::open(Browser::start(&scene, &address), &address);
    assert_eq!(page.browser().evaluate("isSecureContext || 'serviceWorker' in navigator"), false);
    assert_covered(&page, &stranger, "a visit over plain http");
    let meter = page.simulate(Model::Dsmr5);
    page.wait_card(&meter, "is read", "card.seq > 1");
    page.go("data");
    assert_eq!(page.browser().evaluate(UNCOVERED), false, "the policy applies, so there is no notice");
    assert_eq!(stranger.heard(), [""; 0]);
}

#[test]
fn where_the_policy_cannot_be_enforced_the_page_says_so() {
    let (scene, stranger) = (Scene::new("policy-none"), Stranger::open());
    let site = Site::open_with(&dist(), 0, Headers::PagesOnly("worker-src 'self'"));
    let site = site.expect("the loopback has a free port");
    let address = format!("http://meter.test:{}", site.port());
    let page = Page::open(Browser::start(&scene, &address), &address);
    let told = page.wait_notice("engine.uncovered", metertap_e2e::PATIENCE);
    page.browser().picture("uncovered");
    assert!(told.contains("Content-Security-Policy"), "{told}");
    // No policy refuses these attempts here, so they succeed. The other tests therefore try something that would work
    // without a policy.
    let all = json!(["eval", "fetch", "import", "nested"]);
    assert_eq!(went_through(&page, "engine", &stranger), all);
    assert_eq!(stranger.heard().len(), 2, "{:?}", stranger.heard());
    let meter = page.simulate(Model::Dsmr5);
    page.wait_card(&meter, "is read", "card.seq > 1");
}

#[test]
fn nothing_starts_before_the_service_worker_enforces_the_policy() {
    let (scene, stranger) = (Scene::new("policy-later"), Stranger::open());
    let site = Site::open_with(&dist(), 0, Headers::PagesOnly("worker-src 'self'"));
    let site = site.expect("the loopback has a free port");
    let browser = Browser::start(&scene, &site.url());
    browser.open(&site.url());
    browser
        .wait("the engine is held back", "!!document.querySelector(\"[data-trouble='engine.held-back']\")");
    browser.picture("held-back");
    let databases = "indexedDB.databases().then((all) => all.length)";
    assert_eq!(browser.evaluate(databases), 0, "the page has opened no database");
    let kept = "navigator.serviceWorker.ready.then((ready) => ready.active.state === 'activated')";
    browser.wait("the page is kept", kept);
    let page = Page::open(browser, &site.url());
    assert_covered(&page, &stranger, "the second visit");
    assert_eq!(stranger.heard(), [""; 0]);
}

/// A host that allows no blobs and serves a wrong file, so that the service worker is never installed. The page still
/// works, and says what is not covered.
#[test]
fn where_the_service_worker_cannot_be_installed_the_engine_starts_and_says_so() {
    let scene = Scene::new("policy-broken");
    let folder = scene.copy_of_page();
    fs::write(file_of(&folder, "manifest.webmanifest"), "{}").expect("a file can be damaged");
    let site = Site::open_with(&folder, 0, Headers::PagesOnly("worker-src 'self'"));
    let site = site.expect("the loopback has a free port");
    let page = Page::open(Browser::start(&scene, &site.url()), &site.url());
    let _ = page.wait_notice("engine.uncovered", metertap_e2e::PATIENCE);
    let meter = page.simulate(Model::Dsmr5);
    page.wait_card(&meter, "is read", "card.seq > 1");
}

/// Checks that the engine has started, and that it refuses what the page's policy refuses.
fn assert_covered(page: &Page, stranger: &Stranger, when: &str) {
    let went = went_through(page, "engine", stranger);
    assert_eq!(went, json!([]), "{when}: what the page's policy refuses goes through in the engine");
}

/// The attempts that succeed in a program although the page's policy refuses them: code from text, a request to an
/// unknown server, a program from there, and code from text in a separate worker.
fn went_through(page: &Page, program: &str, stranger: &Stranger) -> Value {
    let script = format!(
        "(async (stranger) => {{
            const went = [];
            const attempt = async (name, act) => {{ try {{ await act(); went.push(name); }} catch {{}} }};
            await attempt('eval', () => (0, eval)('1'));
            await attempt('fetch', () => fetch(stranger, {{ mode: 'no-cors' }}));
            await attempt('import', () => import(`${{stranger}}/program.js`));
            await attempt('nested', () => new Promise((done, failed) => {{
                const script = '(0, eval)(`1`); postMessage(1);';
                const nested = new Worker(URL.createObjectURL(new Blob([script])));
                nested.onmessage = done;
                nested.onerror = failed;
            }}));
            return went;
        }})({:?})",
        stranger.url()
    );
    page.browser().evaluate_in(program, &script)
}

const UNCOVERED: &str = "!!document.querySelector(\"[data-trouble='engine.uncovered']\")";
