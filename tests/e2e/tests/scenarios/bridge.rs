//! Bridges: a meter's line over a WebSocket. The page listens, asks and detects meters there as on a port.

use metertap_e2e::bridge::{Bridge, Overture};
use metertap_e2e::log::assert_answered;
use metertap_e2e::{Browser, Page, Scene, now, serve};
use metertap_simulator::Model;

#[test]
fn meters_behind_bridges_are_found_and_read_in_both_directions() {
    let (scene, site) = (Scene::new("bridge"), serve());
    let page = Page::open(Browser::start(&scene, &site.url()), &site.url());
    let start = (now() / 1000.0) as i64;
    for model in [Model::Dsmr5, Model::Multical403] {
        let bridge = Bridge::open(model, 7, start);
        let meter = page.bridge(&bridge.url());
        page.wait_card(&meter, "is read", "card.state === 'live' && card.seq > 0");
        let mut entries = page.export();
        let protocol = serde_json::json!(model.protocol());
        entries.retain(|entry| entry["protocol"] == protocol);
        assert!(!entries.is_empty());
        let said = bridge.said();
        for entry in entries {
            assert_answered(&entry, &said);
        }
        drop(bridge);
        page.wait_card(&meter, "names the bridge that is gone", "card.trouble === 'bridge.silent'");
    }
    page.browser().picture("bridge-gone");
}

/// A message of 64 MB, and one of 4 MB in fragments, which browsers join into one message. Both are larger than the
/// megabyte that the page accepts. The connection ends before they are read, and the page reads from the next one.
#[test]
fn too_large_messages_end_only_their_connection() {
    let (scene, site) = (Scene::new("bridge-too-large"), serve());
    let page = Page::open(Browser::start(&scene, &site.url()), &site.url());
    for overture in [
        Overture { messages: 1, fragments: 1, bytes: 64 << 20 },
        Overture { messages: 1, fragments: 1024, bytes: 4096 },
    ] {
        let bridge = Bridge::open_with(overture, Model::Dsmr5, 7, (now() / 1000.0) as i64);
        let meter = page.bridge(&bridge.url());
        page.wait_card(&meter, "is read", "card.state === 'live' && card.seq > 0");
        assert!(bridge.connections() > 1, "the page went on with the first connection after {overture:?}");
    }
}

/// Many small messages, and fragments of less than a megabyte in all, are noise and no reason to disconnect.
#[test]
fn many_small_messages_do_not_end_the_connection() {
    let (scene, site) = (Scene::new("bridge-joined"), serve());
    let page = Page::open(Browser::start(&scene, &site.url()), &site.url());
    for overture in [
        Overture { messages: 1, fragments: 16, bytes: 4096 },
        Overture { messages: 500, fragments: 2, bytes: 64 },
    ] {
        let bridge = Bridge::open_with(overture, Model::Dsmr5, 7, (now() / 1000.0) as i64);
        let meter = page.bridge(&bridge.url());
        page.wait_card(&meter, "is read", "card.state === 'live' && card.seq > 0");
        assert_eq!(bridge.connections(), 1, "the page left the first connection after {overture:?}");
    }
}
