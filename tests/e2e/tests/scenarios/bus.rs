//! A wired M-Bus with several meters. The page searches, finds and reads each as a separate meter.

use std::collections::BTreeMap;

use metertap_decoder::line::Line;
use metertap_e2e::asked::Answerer;
use metertap_e2e::log::assert_answered;
use metertap_e2e::page::PortKind;
use metertap_e2e::scene::Vendor;
use metertap_e2e::{Browser, PATIENCE, Page, Scene, now, serve, wait_for};
use metertap_simulator::{Asked, Model};

#[test]
fn all_meters_on_a_bus_are_found_and_read_separately() {
    let (scene, site) = (Scene::new("bus"), serve());
    let pty = scene.plug(Vendor::SiLabs, Line::HAN);
    let start = (now() / 1000.0) as i64;
    let meters = [(Model::UltraheatT550, 11, 1), (Model::CybleWater, 12, 2), (Model::CybleWater, 13, 3)];
    let bus = Answerer::wait(pty, Asked::bus(&meters, start).expect("all of them belong on a bus"));
    let page = Page::open(Browser::start(&scene, &site.url()), &site.url());
    let first = page.connect(Vendor::SiLabs, PortKind::Bus);
    page.go("meters");
    page.browser().wait("the search shows its progress", &searching(&first, "progress[max]"));
    page.browser().picture("bus-search");
    let found = format!(
        "document.querySelector('li[data-meter={first:?}] [data-searching=false]')?.textContent.includes('3 meters')"
    );
    page.browser().wait_long("three meters were found", 3 * PATIENCE, &found);
    page.browser().picture("bus-found");
    page.go("live");
    let all = wait_for(PATIENCE, || {
        let meters = page.meters();
        let read = |meter: &String| page.card(meter).is_some_and(|card| card.seq > 0);
        (meters.len() == 3 && meters.iter().all(read)).then_some(meters)
    });
    let all = all.unwrap_or_else(|| panic!("the three meters are not read: {:?}", page.meters()));
    let entries = page.export();
    let said = bus.said();
    let mut meters = BTreeMap::<String, u64>::new();
    for entry in &entries {
        assert_answered(entry, &said);
        let numbers = meters.entry(entry["meter"].to_string()).or_default();
        *numbers += 1;
        assert_eq!(entry["seq"], *numbers, "each meter has its own log");
    }
    assert_eq!(meters.len(), 3, "{meters:?}");

    // A search by primary address takes minutes. The other meters wait for their turn meanwhile. Stopping and
    // restarting one of them does not end the search.
    open_settings(&page, &first);
    page.browser().click(&format!("li[data-meter={first:?}] [data-action=search][data-by=primary]"));
    page.browser().wait("the search goes on", &searching(&first, "[data-searching=true]"));
    let other = all.iter().find(|meter| **meter != first).expect("there are three");
    page.ask_every(other, 5);
    page.wait_state(other, "opening");
    page.browser().click(&format!("article[data-meter={other:?}] [data-action=read-off]"));
    let read = page.wait_state(other, "off").seq;
    page.browser().click(&format!("article[data-meter={other:?}] [data-action=read-on]"));
    page.wait_state(other, "opening");
    open_settings(&page, &first);
    page.browser().wait("the search still goes on", &searching(&first, "[data-searching=true]"));

    // After the search is stopped, all meters are read again.
    page.browser().click(&format!("li[data-meter={first:?}] [data-action=search-stop]"));
    page.browser().wait("the search is over", &searching(&first, "[data-searching=false]"));
    page.go("live");
    page.wait_card(&first, "is read on", "card.state === 'live' && card.seq > 1");
    page.wait_card(other, "is read on", &format!("card.state === 'live' && card.seq > {read}"));
}

fn open_settings(page: &Page, meter: &str) {
    page.go("meters");
    let open = format!("document.querySelector('li[data-meter={meter:?}] details').open = true");
    page.browser().wait("the settings open", &open);
}

fn searching(meter: &str, what: &str) -> String {
    format!("!!document.querySelector('li[data-meter={meter:?}] {what}')")
}
