//! Checks the welcome and each screen in the navigation with axe-core: names and roles of controls, contrast, the order
//! of headings and landmarks.

use std::fmt::Write;

use metertap_e2e::npm::Package;
use metertap_e2e::year::Truth;
use metertap_e2e::{Browser, Page, Scene, serve};
use metertap_simulator::Model;
use serde_json::Value;

#[test]
fn axe_finds_nothing_on_any_screen_in_the_navigation() {
    let (scene, site) = (Scene::new("accessibility"), serve());
    let page = Page::open(Browser::start(&scene, &site.url()), &site.url());
    let (axe, mut found) = (AXE.read("axe.min.js"), String::new());
    page.browser().evaluate(&format!("{axe}; undefined"));
    page.browser().wait("the welcome is there", "!!document.querySelector('.welcome')");
    check(&page, "welcome", &mut found);
    let meter = page.simulate(Model::Dsmr5);
    page.wait_card(&meter, "has a curve", "card.seq > 60");
    import(&page, &scene);
    for language in ["en", "de"] {
        page.select("select[name=language]", language);
        page.browser().wait("it is spoken", &format!("document.documentElement.lang === {language:?}"));
        for screen in SCREENS {
            page.go(screen);
            check(&page, &format!("{screen} {language}"), &mut found);
            page.browser()
                .evaluate("document.querySelectorAll('details').forEach((fold) => fold.open = true)");
            check(&page, &format!("{screen} {language}, unfolded"), &mut found);
        }
    }
    assert!(found.is_empty(), "{found}");
}

/// Checks what is shown in both colour schemes, and notes each violation with its elements.
fn check(page: &Page, shown: &str, found: &mut String) {
    for scheme in ["light", "dark"] {
        page.browser().prefer(scheme);
        let violations = page.browser().evaluate(RUN);
        for violation in violations.as_array().into_iter().flatten() {
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            let [rule, element, why] = [0, 1, 2].map(|place| text(&violation[place]));
            let _ = writeln!(found, "{shown}, {scheme}: {rule}: {element}: {why}");
        }
    }
}

/// Imports a year of readings of another house.
fn import(page: &Page, scene: &Scene) {
    let (browser, file) = (page.browser(), scene.path("house.jsonl"));
    std::fs::write(&file, Truth::new().lines()).expect("a file is written");
    page.go("data");
    browser.choose("[name=import]", &file);
    browser.wait_long(
        "the file is read",
        LONG,
        "document.querySelector('[data-count=import-new]')?.dataset.value > 0",
    );
    browser.click("[data-action=import]");
    browser.wait_long("it is imported", LONG, "!!document.querySelector('[data-import=complete]')");
}

const AXE: Package = Package {
    name: "axe-core",
    version: "4.14.1",
    sha512: "FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ==",
};
/// The violations, one for each element: the rule, the element, and what is wrong.
const RUN: &str = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))
    .then(() => axe.run(document, { resultTypes: ['violations'] }))
    .then(({ violations }) => violations.flatMap(({ id, nodes }) =>
        nodes.map(({ target, failureSummary }) => [id, target.join(' '), failureSummary])))";
const SCREENS: [&str; 6] = ["live", "meters", "connect", "data", "forward", "history"];
const LONG: std::time::Duration = std::time::Duration::from_secs(180);
