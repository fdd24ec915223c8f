//! The language of the page: the browser's or the user's, even without the page's server.

use std::fs;

use metertap_e2e::{Browser, Page, Scene, Site, file_of, serve};
use metertap_simulator::Model;

use crate::first_visit::all_kept;

#[test]
fn the_chosen_language_is_kept_even_without_the_server() {
    let scene = Scene::new("languages");
    let site = Site::open(&scene.copy_of_page(), 0).expect("the loopback has a free port");
    let page = Page::open(Browser::start(&scene, &site.url()), &site.url());
    let meter = page.simulate(Model::Dsmr5);
    page.wait_card(&meter, "has readings", "card.seq > 2");
    page.browser().wait("all of the build is kept", &all_kept());
    choose(&page, "de", "Verlauf");
    let seq = page.wait_card(&meter, "goes on", "card.state === 'live' && card.seq > 0").seq;
    page.reload();
    wait_spoken(&page, "de", "Verlauf");
    page.wait_card(&meter, "goes on", &format!("card.state === 'live' && card.seq > {seq}"));

    drop(site);
    page.reload();
    wait_spoken(&page, "de", "Verlauf");
    choose(&page, "sv", "Historik");
    for screen in SCREENS {
        page.go(screen);
    }
}

#[test]
fn the_browsers_first_supported_language_is_used() {
    for (asked, code, history) in [
        ("['nn-NO', 'en-GB']", "nb", "Historikk"),
        ("['pl', 'fr-CA', 'de']", "fr", "Historique"),
        ("['pl']", "en", "History"),
        ("[]", "en", "History"),
    ] {
        let (scene, site) = (Scene::new(&format!("languages-{code}-{}", asked.len())), serve());
        let browser = Browser::start(&scene, &site.url());
        browser.run_at_start(&asks_for(asked));
        let page = Page::open(browser, &site.url());
        wait_spoken(&page, code, history);
    }
}

/// Other pages of the origin can write there too. These names are those of properties that every object has.
#[test]
fn an_unknown_stored_language_is_ignored() {
    for stored in ["constructor", "__proto__", "xx", ""] {
        let (scene, site) = (Scene::new(&format!("languages-stored-{stored}")), serve());
        let browser = Browser::start(&scene, &site.url());
        browser.run_at_start(&format!("localStorage.setItem('metertap-language', '{stored}');"));
        let page = Page::open(browser, &site.url());
        wait_spoken(&page, "en", "History");
    }
}

#[test]
fn the_frame_has_the_right_language_before_the_program_loads() {
    let scene = Scene::new("languages-frame");
    let folder = scene.copy_of_page();
    let program = file_of(&folder, "app_bg.wasm");
    fs::rename(&program, program.with_extension("away")).expect("the scene's folder can be written");
    let site = Site::open(&folder, 0).expect("the loopback has a free port");
    let browser = Browser::start(&scene, &site.url());
    browser.run_at_start(&asks_for("['sv']"));
    browser.open(&site.url());
    let names = "[...document.querySelectorAll('.ways a')].map((way) => way.innerText.trim()).join(', ')";
    browser.wait("the frame is Swedish", &format!("({names}).includes('Historik')"));
    let seen = browser.evaluate(names);

    fs::rename(program.with_extension("away"), &program).expect("the scene's folder can be written");
    browser.open("about:blank");
    let page = Page::open(browser, &site.url());
    page.browser().wait("the welcome is there", "!!document.querySelector('.welcome')");
    assert_eq!(page.browser().evaluate(names), seen);
}

/// A script with which the browser asks for these languages.
fn asks_for(languages: &str) -> String {
    format!("Object.defineProperty(Navigator.prototype, 'languages', {{ get: () => {languages} }});")
}

/// On a small phone, nothing may be cut off or need to be scrolled sideways.
#[test]
fn every_screen_in_the_navigation_fits_a_small_telephone_in_every_language() {
    let (scene, site) = (Scene::new("languages-narrow"), serve());
    let page = Page::open(Browser::start(&scene, &site.url()), &site.url());
    let meter = page.simulate(Model::Dsmr5);
    page.wait_card(&meter, "has readings", "card.seq > 2");
    page.browser().resize(360, 780);
    let mut wide = Vec::new();
    for (code, history) in HISTORY {
        choose(&page, code, history);
        for screen in SCREENS {
            page.go(screen);
            page.browser()
                .evaluate("document.querySelectorAll('details').forEach((fold) => fold.open = true)");
            let found = page.browser().evaluate(WIDE);
            if found.as_array().is_none_or(|found| !found.is_empty()) {
                wide.push(format!("{code} {screen}: {found}"));
            }
            // One language besides English gets screenshots. Other tests take the English ones.
            if code == "de" {
                page.browser().picture(&format!("languages-{screen}-{code}"));
                page.browser().resize(360, 780);
            }
        }
    }
    assert!(wide.is_empty(), "{}", wide.join("\n"));
}

/// Chooses a language and waits until the page uses it.
fn choose(page: &Page, code: &str, history: &str) {
    page.select("select[name=language]", code);
    wait_spoken(page, code, history);
}

/// Waits until the page states this language in its `lang` attribute, and uses it.
fn wait_spoken(page: &Page, code: &str, history: &str) {
    let spoken = format!(
        "document.documentElement.lang === {code:?}
            && document.querySelector('[data-screen=history]')?.innerText.trim() === {history:?}
            && document.title.length > 0"
    );
    page.browser().wait(&format!("the page speaks {code}"), &spoken);
}

/// Each language's word for History, in the sense of the past, from a dictionary of that language.
const HISTORY: [(&str, &str); 6] = [
    ("en", "History"),
    ("de", "Verlauf"),
    ("fr", "Historique"),
    ("nl", "Historie"),
    ("nb", "Historikk"),
    ("sv", "Historik"),
];
const SCREENS: [&str; 6] = ["live", "meters", "connect", "data", "forward", "history"];
/// The elements that reach beyond the right edge of the window, except within elements that scroll or clip.
const WIDE: &str = "[...document.querySelectorAll('body *')].filter((element) => {
        const { right, width } = element.getBoundingClientRect();
        const scrolls = ({ overflowX }) => overflowX !== 'visible';
        const within = (parent) => parent && (scrolls(getComputedStyle(parent)) || within(parent.parentElement));
        return width > 0 && right > document.documentElement.clientWidth + 1 && !within(element.parentElement);
    }).map((element) => `${element.tagName}.${element.className}: ${element.innerText?.slice(0, 60)}`)";
