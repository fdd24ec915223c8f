//! Faults of cables: noise, truncated telegrams, wrong settings, unplugged adapters.

use metertap_decoder::line::{Line, Parity};
use metertap_e2e::log::{assert_same, saved};
use metertap_e2e::meter::Mishap;
use metertap_e2e::page::{Card, PortKind};
use metertap_e2e::scene::Vendor;
use metertap_e2e::{Browser, PATIENCE, Page, Player, Scene, now, serve};
use metertap_simulator::{Model, Truth};

#[test]
fn noise_cuts_flips_and_pulled_plugs_lose_only_the_telegrams_they_hit() {
    let (scene, site) = (Scene::new("mishaps"), serve());
    let (han, p1) = (scene.plug(Vendor::SiLabs, Line::HAN), scene.plug(Vendor::Ftdi, Line::P1));
    let page = Page::open(Browser::start(&scene, &site.url()), &site.url());
    let kaifa = page.connect(Vendor::SiLabs, PortKind::Han);
    let dsmr = page.connect(Vendor::Ftdi, PortKind::P1);
    let kaifa = (kaifa, Player::simulate(han, Model::KaifaMa304h3e, 3, START));
    let dsmr = (dsmr, Player::simulate(p1, Model::Dsmr5, 4, START));
    let noise: Vec<u8> = (0..200_u8).map(|number| number.wrapping_mul(167) ^ 0x3C).collect();

    for (meter, player) in [&kaifa, &dsmr] {
        player.wait_heard(2, PATIENCE);
        page.wait_state(meter, "live");
        for mishap in [Mishap::Noise(noise.clone()), Mishap::CutInHalf, Mishap::FlippedBit] {
            let before = page.card(meter).map_or(0, |card| faults(&card));
            player.suffer(mishap.clone());
            let what = format!("names {mishap:?}, and shows the next good telegram");
            let faults = format!("({FAULTS})(card) > {before}");
            let hurt = page.wait_card(meter, &what, &faults);
            page.wait_card(meter, &what, &format!("card.state === 'live' && card.seq > {}", hurt.seq));
        }
        let counts = page.card(meter).expect("the meter is still there").counts;
        assert!(counts["noise"] > 0 && counts["checksum-failures"] > 0, "{meter}: {counts:?}");
    }

    let mut away = Vec::new();
    for ((meter, player), (vendor, line)) in
        [&kaifa, &dsmr].into_iter().zip([(Vendor::SiLabs, Line::HAN), (Vendor::Ftdi, Line::P1)])
    {
        let from = now() - UNDERWAY;
        let before = page.wait_state(meter, "live").seq;
        scene.unplug(vendor, player.unplug());
        page.wait_state(meter, "unplugged");
        if vendor == Vendor::Ftdi {
            page.browser().picture("unplugged");
        }
        player.plug(scene.plug(vendor, line));
        let again = format!("card.state === 'live' && card.seq > {before}");
        page.wait_card(meter, "continues by itself after the adapter was plugged in again", &again);
        away.push((from, now()));
    }

    for ((_, mut player), model) in [kaifa, dsmr].into_iter().zip([Model::KaifaMa304h3e, Model::Dsmr5]) {
        player.wait_heard(2, PATIENCE);
        let spoken = player.stop();
        // A telegram of a second or more may be on the line when its adapter is unplugged. It did not arrive.
        assert_same(&saved(&page, model, &spoken), &spoken, &away);
    }
}

#[test]
fn a_wrong_setting_is_reported_and_the_right_one_is_read() {
    let (scene, site) = (Scene::new("wrong-setting"), serve());
    let no_parity = Line { parity: Parity::None, ..Line::HAN };
    let (han, p1) = (scene.plug(Vendor::SiLabs, no_parity), scene.plug(Vendor::Ftdi, Line::P1));
    let page = Page::open(Browser::start(&scene, &site.url()), &site.url());

    // An adapter sends no parity bit to a port that expects one.
    let kaifa = page.connect(Vendor::SiLabs, PortKind::Han);
    let player = Player::simulate(han, Model::KaifaMa304h3e, 5, START);
    assert_only_trouble(&page, &kaifa);
    scene.unplug(Vendor::SiLabs, player.unplug());
    page.wait_state(&kaifa, "unplugged");
    player.plug(scene.plug(Vendor::SiLabs, Line::HAN));
    page.wait_state(&kaifa, "live");

    // A user takes a new P1 port for an old one, and then corrects this.
    let wrong = page.connect(Vendor::Ftdi, PortKind::P1Old);
    let player: Player<Truth> = Player::simulate(p1, Model::Dsmr5, 6, START);
    assert_only_trouble(&page, &wrong);
    page.browser().picture("wrong-setting");
    page.remove(&wrong);
    let right = page.connect(Vendor::Ftdi, PortKind::P1);
    page.wait_state(&right, "live");
    player.wait_heard(1, PATIENCE);
}

/// Waits until a card reports bytes that are no telegram.
fn assert_only_trouble(page: &Page, meter: &str) {
    let card =
        page.wait_card(meter, "reports that the bytes are no telegram", &format!("({FAULTS})(card) > 0"));
    assert_eq!(card.seq, 0, "nothing was read: {card:?}");
    assert_ne!(card.state, "live");
    page.wait_card(meter, "names the trouble", "card.trouble");
}

/// The sum of all counts on a card except telegrams.
fn faults(card: &Card) -> u64 {
    ["noise", "checksum-failures", "other-faults", "line-errors"]
        .iter()
        .filter_map(|name| card.counts.get(*name))
        .sum()
}

const FAULTS: &str = "({ counts }) => ['noise', 'checksum-failures', 'other-faults', 'line-errors']
    .reduce((sum, name) => sum + (counts[name] ?? 0), 0)";

/// 2026-11-21T12:20:00Z.
const START: i64 = 1_795_263_600;
/// Milliseconds after its arrival in which a telegram may not be in the log yet.
const UNDERWAY: f64 = 250.0;
