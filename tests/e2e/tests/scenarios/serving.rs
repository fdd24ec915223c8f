//! The project's own server: the bytes of a visit, and a page under development.

use std::fs;

use metertap_e2e::PATIENCE;
use metertap_e2e::{Browser, Page, Scene, Site, dist, serve, wait_for};
use xtask::serve::{Builds, Host};

/// The page and its service worker request the same files. The server sends each of them once.
#[test]
fn a_visit_fetches_each_file_once_and_compressed() {
    let (scene, site) = (Scene::new("visits"), serve());
    let page = Page::open(Browser::start(&scene, &site.url()), &site.url());
    page.wait_kept();
    let first = site.sent();
    let files = fs::read_dir(dist()).expect("the page is there").flatten();
    let sizes = files.filter_map(|file| file.metadata().ok()).map(|file| file.len());
    let whole: u64 = sizes.sum();
    assert!(first > whole / 8 && first < whole / 2, "{first} bytes of {whole}");
    page.reload_past_caches();
    page.reload();
    let again = site.sent() - first;
    assert!(again < first, "a reload past the caches sends everything once: {again} after {first}");
    let before = site.sent();
    page.reload();
    assert!(site.sent() - before < 10_000, "{} bytes of a page that is kept", site.sent() - before);
}

#[test]
fn a_page_under_development_reloads_after_each_build() {
    let scene = Scene::new("worked-on");
    let folder = scene.copy_of_page();
    let builds = Builds::default();
    let site = Site::open_as(&folder, 0, Host { builds: Some(builds.clone()), ..Host::default() });
    let site = site.expect("the loopback has a free port");
    let page = Page::open(Browser::start(&scene, &site.url()), &site.url());
    let workers = "navigator.serviceWorker.getRegistrations().then((all) => all.length)";
    assert_eq!(page.browser().evaluate(workers), 0, "a service worker would keep serving the first build");
    page.browser().evaluate("document.body.dataset.old = 'yes'");
    builds.failed("error: <b>bold</b>\n --> app/src/lib.rs:1:1".to_owned());
    let banner = "document.querySelector('pre')?.innerText ?? ''";
    let failure = "The last build failed:\nerror: <b>bold</b>\n --> app/src/lib.rs:1:1";
    let is_told = || (page.browser().evaluate(banner) == failure).then_some(());
    wait_for(PATIENCE, is_told).expect("the page says that its build failed");
    builds.begun();
    let style = fs::read_dir(&folder).expect("the copy is there").flatten().map(|file| file.path());
    let style = style.into_iter().find(|path| path.extension().is_some_and(|kind| kind == "css"));
    let style = style.expect("the page has a style");
    fs::write(&style, "body { color: red }").expect("the scene's folder can be written");
    let is_new = || (page.browser().evaluate("document.body?.dataset.old ?? 'new'") == "new").then_some(());
    wait_for(PATIENCE, is_new).expect("the page has loaded itself");
    page.wait_ready();
    assert_eq!(page.browser().evaluate(banner), "");
}
