//! Two tabs: one reads the meters and writes the log, and the other watches. The watcher takes over when the first tab
//! is gone.

use metertap_e2e::house::House;
use metertap_e2e::{Scene, now, serve};
use metertap_simulator::Model;

use crate::cleared::{PLACE, SEEN};
use crate::clearing::{told_of_clearing, try_to_clear};
use crate::first_visit::all_kept;

#[test]
fn a_second_tab_watches_and_takes_over_when_the_first_is_closed_or_crashes() {
    let (scene, site) = (Scene::new("tabs"), serve());
    let (mut house, page) = House::open(&scene, &site);
    page.wait_tab("writes");

    let first = page.open_watching_tab(&site.url());
    house.wait_streaming(&page);
    page.browser().picture("watching");
    // The writer carries out a command of the watcher. The watcher exports from the same disk.
    let other = page.simulate(Model::Aidon6525);
    page.wait_card(&other, "streams", "card.state === 'live' && card.seq >= 2");
    assert!(page.export().len() >= 5, "a watcher saves what is in the log");
    page.remove(&other);

    let from = now();
    page.browser().close_tab(&first);
    page.wait_tab("writes");
    house.wait_streaming(&page);
    house.away_since(from);

    let second = page.open_watching_tab(&site.url());
    house.wait_streaming(&page);
    let from = now();
    page.browser().crash_tab(&second);
    page.wait_tab("writes");
    house.wait_streaming(&page);
    house.away_since(from);

    house.assert_nothing_lost(&page);
}

/// Chromium keeps locks with a site's storage, and forgets their holders when all of it is cleared.
#[test]
fn after_everything_was_cleared_a_tab_that_is_opened_watches() {
    until_chromium_clears(a_tab_that_is_opened_watches);
}

fn a_tab_that_is_opened_watches() -> Option<()> {
    let (scene, site) = (Scene::new("tabs-cleared"), serve());
    let (mut house, page) = House::open(&scene, &site);
    let first = page.open_watching_tab(&site.url());
    house.wait_streaming(&page);
    page.browser().wait("all of the build is kept", &all_kept());
    for _ in 0..2 {
        try_to_clear(&page, &site, "all").then_some(())?;
        told_of_clearing(&page)?;
        page.browser().wait("it is seen", SEEN);
        house.wait_streaming(&page);
    }
    page.browser().wait("both have queued again", &queued(2));
    let second = page.open_watching_tab(&site.url());
    house.wait_streaming(&page);
    // The first tab still writes. One of the other two takes over after it.
    let from = now();
    page.browser().close_tab(&first);
    house.wait_streaming(&page);
    house.away_since(from);
    let third = page.browser().show_tab(second);
    house.wait_streaming(&page);
    let places = [page.browser().evaluate(PLACE), {
        let _ = page.browser().show_tab(third);
        page.browser().evaluate(PLACE)
    }];
    assert!(places.contains(&"writes".into()) && places.contains(&"watches".into()), "{places:?}");
    house.assert_nothing_lost(&page);
    Some(())
}

/// The reading tab is closed before the others have queued again.
#[test]
fn after_everything_was_cleared_and_the_reader_closed_one_tab_writes() {
    until_chromium_clears(the_reader_closed_one_tab_writes);
}

fn the_reader_closed_one_tab_writes() -> Option<()> {
    let (scene, site) = (Scene::new("tabs-closed"), serve());
    let (mut house, page) = House::open(&scene, &site);
    let first = page.open_watching_tab(&site.url());
    let second = page.open_watching_tab(&site.url());
    house.wait_streaming(&page);
    page.browser().wait("all of the build is kept", &all_kept());
    try_to_clear(&page, &site, "all").then_some(())?;
    page.browser().close_tab(&first);
    house.wait_streaming(&page);
    // One tab may hold its lock from before the clearing. A tab opened now would not know that, and would write too.
    page.browser().wait("both have queued again", &queued(2));
    let third = page.open_watching_tab(&site.url());
    let mut places = vec![page.browser().evaluate(PLACE)];
    for tab in [second, third] {
        let _ = page.browser().show_tab(tab);
        house.wait_streaming(&page);
        places.push(page.browser().evaluate(PLACE));
    }
    assert_eq!(places.iter().filter(|place| **place == "writes").count(), 1, "{places:?}");
    Some(())
}

/// Plays a scene in which Chromium clears the site's storage. The scene first waits until the service worker has stored
/// the page, so that nothing writes to the browser's caches meanwhile. After a clearing, Chromium sometimes gives no
/// site any storage, and our page cannot be observed. Then the scene is played again in another browser.
fn until_chromium_clears(scene: impl Fn() -> Option<()>) {
    let is_played = (0..4).any(|_| scene().is_some());
    assert!(is_played, "Chromium gave no site any storage, in four attempts");
}

/// A script that returns whether that many tabs hold the write lock or wait for it.
fn queued(tabs: usize) -> String {
    format!(
        "navigator.locks.query().then(({{ held, pending }}) =>
            [...held, ...pending].filter(({{ name }}) => name === 'metertap-engine').length === {tabs})"
    )
}
