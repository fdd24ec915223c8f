//! Two adapters that look alike to the page. Only the identifications of their meters distinguish them.

use metertap_decoder::line::Line;
use metertap_e2e::page::PortKind;
use metertap_e2e::scene::Vendor;
use metertap_e2e::{Browser, PATIENCE, Page, Player, Scene, serve};
use metertap_simulator::Model;

#[test]
fn meters_keep_their_logs_when_their_adapters_are_swapped() {
    let (scene, site) = (Scene::new("adapters"), serve());
    let page = Page::open(Browser::start(&scene, &site.url()), &site.url());
    let players = [(Vendor::Ftdi, 21), (Vendor::FtdiTwin, 22)].map(|(vendor, seed)| {
        let player = Player::simulate(scene.plug(vendor, Line::P1), Model::Dsmr5, seed, START);
        let meter = page.connect(vendor, PortKind::P1);
        page.wait_card(&meter, "is read", "card.state === 'live' && card.seq > 1");
        (vendor, meter, player)
    });
    // Both adapters are unplugged, and each meter gets the other's adapter.
    for (vendor, meter, player) in &players {
        scene.unplug(*vendor, player.unplug());
        page.wait_state(meter, "unplugged");
    }
    let before: Vec<u64> =
        players.iter().map(|(_, meter, _)| page.card(meter).expect("a meter stays").seq).collect();
    let [(first, ..), (second, ..)] = &players;
    for ((_, _, player), vendor) in players.iter().zip([*second, *first]) {
        player.plug(scene.plug(vendor, Line::P1));
    }
    for ((_, meter, player), before) in players.iter().zip(before) {
        let again = format!("card.state === 'live' && card.seq > {before} + 2");
        page.wait_card(meter, "is read through the other's adapter", &again);
        player.wait_heard(1, PATIENCE);
    }
    // A meter's numbers count up by one, and all its readings are its own.
    let entries = page.export();
    for (_, _, player) in &players {
        let own = player.spoken()[0].truth.meter.clone().expect("a P1 telegram names its meter");
        let numbers: Vec<u64> = entries
            .iter()
            .filter(|entry| entry["meter"] == own.as_str())
            .map(|entry| entry["seq"].as_u64().expect("each has a number"))
            .collect();
        let gapless: Vec<u64> = (1..=numbers.len() as u64).collect();
        assert_eq!(numbers, gapless, "all readings of {own} are in one log");
    }
}

/// 2026-11-21T12:40:00Z.
const START: i64 = 1_795_264_800;
