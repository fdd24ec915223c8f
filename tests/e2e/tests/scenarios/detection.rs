//! The user plugs an adapter in and clicks the port, and the first reading appears. Nobody says what is plugged in.

use std::time::Instant;

use metertap_decoder::hex;
use metertap_decoder::line::Line;
use metertap_e2e::asked::{Answerer, Changeover};
use metertap_e2e::log::assert_answered;
use metertap_e2e::page::PortKind;
use metertap_e2e::scene::Vendor;
use metertap_e2e::{Browser, Page, Player, Scene, now, serve};
use metertap_simulator::{Asked, EmiModel, Model, RailModel, Rate, TrueValue, Truth};
use serde_json::Value;

/// A meter of each family of protocols except bare DLMS, TIC and Modbus, its time zone, and its adapter.
const FAMILIES: [(Model, &str, Vendor); 8] = [
    (Model::Dsmr5, "Europe/Amsterdam", Vendor::Ftdi),
    (Model::LuxembourgSmarty, "Europe/Luxembourg", Vendor::Ftdi),
    (Model::KaifaMa304h3e, "Europe/Oslo", Vendor::SiLabs),
    (Model::KaifaMa309m, "Europe/Vienna", Vendor::SiLabs),
    (Model::IskraMt175, "Europe/Berlin", Vendor::SiLabs),
    (Model::Multical403, "Europe/Copenhagen", Vendor::SiLabs),
    (Model::Siemens2wr5, "Europe/Berlin", Vendor::SiLabs),
    (Model::UltraheatT550, "Europe/Vienna", Vendor::SiLabs),
];

#[test]
fn a_meter_of_each_family_is_found_and_read() {
    for (model, zone, vendor) in FAMILIES {
        let (scene, site) = (Scene::new(&format!("detection-{}", model.name())), serve());
        let pty = scene.plug(vendor, model.line());
        let page = Page::open(Browser::start_in(&scene, &site.url(), zone), &site.url());
        let other = Other::begin(pty, model);
        page.go("connect");
        let clicked = Instant::now();
        let meter = page.connect(vendor, PortKind::Any);
        if let Some(keys) = model.keys() {
            page.wait_card(&meter, "wants a key", "card.trouble === 'cipher.key-missing'");
            println!("{}: a key was asked for after {:.1} s", model.name(), clicked.elapsed().as_secs_f64());
            page.browser().picture("key");
            let form = format!("article[data-meter={meter:?}] form.keys");
            page.browser().enter(&format!("{form} [name=encryption-key]"), &hex::lower(&keys.encryption));
            if let Some(key) = keys.authentication {
                page.browser().enter(&format!("{form} [name=authentication-key]"), &hex::lower(&key));
            }
            page.browser().click(&format!("{form} [data-action=unlock]"));
        }
        page.wait_card(&meter, "is read", "card.state === 'live' && card.seq > 0");
        println!("{}: the first reading after {:.1} s", model.name(), clicked.elapsed().as_secs_f64());
        page.browser().picture("found");
        for Changeover { from, to, took } in other.changeovers() {
            println!("{}: from {from} to {to} in {} ms", model.name(), took.as_millis());
        }
        let entries = page.export();
        let said = other.said();
        assert!(!entries.is_empty());
        for mut entry in entries {
            // Without an authentication key, nothing proves that a decrypted telegram is genuine.
            if model.keys().is_some_and(|keys| keys.authentication.is_none()) {
                assert_eq!(entry["integrity"], "unchecked");
                entry["integrity"] = "checked".into();
            }
            assert_answered(&entry, &said);
        }
    }
}

/// A Modbus meter on a DIN rail and a Portuguese EMI meter, at their real speeds.
#[test]
fn modbus_meters_are_found_and_read_without_a_setting() {
    let start = (now() / 1000.0) as i64;
    let rail = Asked::rail(Line::INFRARED, &[(RailModel::Sdm630, 5, 1)], start);
    let emi = Asked::emi(EmiModel::SECOND, 5, start);
    for (name, zone, asked) in [("rail", "Europe/Berlin", rail), ("emi", "Europe/Lisbon", emi)] {
        let (scene, site) = (Scene::new(&format!("detection-{name}")), serve());
        let pty = scene.plug(Vendor::SiLabs, Line::INFRARED);
        let page = Page::open(Browser::start_in(&scene, &site.url(), zone), &site.url());
        let answerer = Answerer::wait(pty, asked);
        page.go("connect");
        let clicked = Instant::now();
        let meter = page.connect(Vendor::SiLabs, PortKind::Any);
        page.wait_card(&meter, "is read", "card.state === 'live' && card.seq > 0");
        println!("{name}: the first reading after {:.1} s", clicked.elapsed().as_secs_f64());
        page.browser().picture("found");
        let entries = page.export();
        // The answers are taken after the export, so that they include everything in the log.
        let said = answerer.said();
        let said: Vec<_> = said.iter().flat_map(|truth| &truth.values).collect();
        let values = entries.iter().flat_map(|entry| entry["values"].as_array().cloned().unwrap_or_default());
        let is_power =
            |value: &Value| value["quantity"].as_str().is_some_and(|name| name.starts_with("active-power"));
        let told: Vec<_> = values.filter(is_power).collect();
        assert!(!told.is_empty(), "{name}: {entries:?}");
        for value in told {
            let is_it =
                |truth: &&&TrueValue| value["register"] == truth.register && value["value"] == truth.value;
            assert!(said.iter().any(|truth| is_it(&truth)), "{name}: {value} was not said");
        }
    }
}

/// A meter on the line: one that pushes or one that answers.
enum Other {
    Pushes(Player<Truth>),
    Answers(Answerer),
}

impl Other {
    fn begin(pty: metertap_e2e::Pty, model: Model) -> Self {
        let start = (now() / 1000.0) as i64;
        match Asked::new(model, 5, start) {
            // Mode C of IEC 62056-21 at 9600 baud. The setting has no effect on other protocols.
            Some(meter) => Self::Answers(Answerer::wait(pty, meter.at_rate(Rate(b'5')))),
            None => Self::Pushes(Player::simulate(pty, model, 5, start)),
        }
    }

    fn changeovers(&self) -> Vec<Changeover> {
        match self {
            Self::Pushes(_) => Vec::new(),
            Self::Answers(answerer) => answerer.changeovers(),
        }
    }

    fn said(&self) -> Vec<Truth> {
        match self {
            Self::Pushes(player) => player.spoken().into_iter().map(|spoken| spoken.truth).collect(),
            Self::Answers(answerer) => answerer.said(),
        }
    }
}
