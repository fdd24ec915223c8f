//! Clears a site's storage, as a user can in the browser's settings.

use metertap_e2e::{PATIENCE, Page, Site, wait_for};

pub(crate) fn clear(page: &Page, site: &Site, kinds: &str) {
    assert!(try_to_clear(page, site, kinds), "the browser clears its storage");
}

/// Clears kinds of storage, and checks that they were cleared: right after another clearing, Chromium sometimes answers
/// without clearing anything. Returns `false` if Chromium then has no storage for any program of the site. On a busy
/// machine, it sometimes answers none of them for minutes, not even a request to open another database.
pub(crate) fn try_to_clear(page: &Page, site: &Site, kinds: &str) -> bool {
    page.browser().wait("another database is there", CANARY);
    let is_cleared = || {
        let is_answered = page.browser().try_to_clear(&site.url(), kinds);
        (!is_answered || page.browser().evaluate(CANARY_LEFT) == false).then_some(is_answered)
    };
    wait_for(PATIENCE, is_cleared).expect("the browser clears its storage")
        && page.browser().evaluate(HAS_STORAGE) == true
}

/// Waits until the page says that its log was cleared. Returns `None` if Chromium gives the page no storage, so that
/// the page cannot say so.
pub(crate) fn told_of_clearing(page: &Page) -> Option<()> {
    let is_told = || (page.browser().evaluate(TOLD) == true).then_some(());
    if wait_for(PATIENCE, is_told).is_none() {
        (page.browser().evaluate(HAS_STORAGE) == true).then_some(())?;
        page.browser().wait("the page says that its log was cleared", TOLD);
    }
    Some(())
}

const TOLD: &str = "!!document.querySelector('[data-notice=log] [data-trouble=\"store.cleared\"]')";

const CANARY: &str = "new Promise((done) => {
    const opening = indexedDB.open('canary');
    opening.onsuccess = () => { opening.result.close(); done(true); };
    opening.onerror = () => done(false);
})";

/// Whether the site can open another database within half a minute.
const HAS_STORAGE: &str = "(async () => {
    const open = () => new Promise((done) => {
        const opening = indexedDB.open('another');
        opening.onsuccess = () => { opening.result.close(); done(true); };
        opening.onerror = () => setTimeout(() => done(false), 500);
        setTimeout(() => done(false), 30_000);
    });
    for (const begun = Date.now(); Date.now() < begun + 30_000;) {
        if (await open()) { return true; }
    }
    return false;
})()";

/// Scripts sometimes get no answer while storage is being cleared.
const CANARY_LEFT: &str = "Promise.race([
    indexedDB.databases().then((all) => all.some(({ name }) => name === 'canary')),
    new Promise((done) => setTimeout(() => done(true), 500)),
])";
