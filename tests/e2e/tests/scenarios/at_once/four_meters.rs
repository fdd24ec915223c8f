//! Four meters of four kinds at once for two minutes. Each value is correct, no reading is lost, and unplugging one
//! adapter does not affect the others.

use std::time::Duration;

use metertap_e2e::asked::Answerer;
use metertap_e2e::log::{assert_answered, assert_same, saved};
use metertap_e2e::page::PortKind;
use metertap_e2e::scene::Vendor;
use metertap_e2e::{Browser, Page, Player, Scene, now, say, serve};
use metertap_simulator::{Asked, Model};

#[test]
fn four_meters_of_four_kinds_do_not_affect_each_other() {
    let (scene, site) = (Scene::new("four-meters"), serve());
    let page = Page::open(Browser::start(&scene, &site.url()), &site.url());
    let start = (now() / 1000.0) as i64;
    let pushed = [
        (Vendor::Ftdi, Model::Dsmr5),
        (Vendor::SiLabs, Model::KaifaMa304h3e),
        (Vendor::Wch, Model::IskraMt175),
    ];
    let players = pushed.map(|(vendor, model)| {
        let player = Player::simulate(scene.plug(vendor, model.line()), model, 31, start);
        let meter = page.connect(vendor, PortKind::Any);
        page.wait_card(&meter, "is found", FOUND);
        (vendor, model, meter, player, now())
    });
    let asked = Asked::new(HEAT, 32, start).expect("it is asked");
    let asked = Answerer::wait(scene.plug(Vendor::Prolific, HEAT.line()), asked);
    let heat = page.connect(Vendor::Prolific, PortKind::Any);
    page.wait_card(&heat, "is found", FOUND);
    page.ask_every(&heat, 5);
    let began = now();

    // In the middle, the second adapter is unplugged for a while.
    let [_, (vendor, model, meter, player, _), _] = &players;
    while now() - began < SPAN / 2.0 {
        player.wait_heard(1, PATIENCE);
    }
    let gone = now() - UNDERWAY;
    scene.unplug(*vendor, player.unplug());
    page.wait_state(meter, "unplugged");
    player.plug(scene.plug(*vendor, model.line()));
    page.wait_card(meter, "reads on", FOUND);
    let away = (gone, now());
    while now() - began < SPAN {
        player.wait_heard(1, PATIENCE);
    }
    page.browser().picture("four-meters");
    page.go("meters");
    page.browser().picture("meters");

    let span = (now() - began) / 1000.0;
    for (vendor, model, _, mut player, found) in players {
        let spoken = player.stop();
        let away = if vendor == Vendor::SiLabs { away } else { (0.0, 0.0) };
        let kept = assert_same(&saved(&page, model, &spoken), &spoken, &[(0.0, found), away]).len();
        say(&format!("{}: {kept} readings in {span:.0} s, none lost, none other than said", model.name()));
    }
    let mut readings = page.export();
    let said = asked.said();
    readings.retain(|entry| entry["protocol"] == serde_json::json!(HEAT.protocol()));
    assert!(readings.len() > 10, "{} readings of a meter that is asked every five seconds", readings.len());
    for (number, entry) in (1..).zip(&readings) {
        assert_eq!(entry["seq"], number);
        assert_answered(entry, &said);
    }
    say(&format!("{}: {} readings, each as said", HEAT.name(), readings.len()));
}

const HEAT: Model = Model::Multical403;
const FOUND: &str = "card.state === 'live' && card.seq > 0";
/// How long the meters are read, in milliseconds.
const SPAN: f64 = 120_000.0;
const PATIENCE: Duration = Duration::from_secs(60);
/// Milliseconds after its arrival in which a telegram may not be in the log yet.
const UNDERWAY: f64 = 250.0;
