//! A line is recorded, the recording is saved, and another browser opens it with the same readings. The redacted file
//! contains no number of a meter, and is otherwise the same.

use std::collections::BTreeSet;
use std::fs;
use std::time::Duration;

use metertap_decoder::hex;
use metertap_decoder::line::Line;
use metertap_e2e::page::PortKind;
use metertap_e2e::scene::Vendor;
use metertap_e2e::{Browser, Page, Player, Scene, now, say, serve};
use metertap_readings::entry::Moment;
use metertap_readings::files::capture::{Capture, Event, Redaction};
use metertap_simulator::Model;
use serde_json::Value;

#[test]
fn a_capture_is_replayed_in_a_new_profile() {
    let (scene, site) = (Scene::new("capture"), serve());
    let (p1, han) = (scene.plug(Vendor::Ftdi, Line::P1), scene.plug(Vendor::SiLabs, Line::HAN));
    let page = Page::open(Browser::start_in(&scene, &site.url(), ZONE), &site.url());
    let start = (now() / 1000.0) as i64;
    let players =
        [Player::simulate(p1, Model::Dsmr5, 21, start), Player::simulate(han, Model::KaifaMa309m, 22, start)];
    let dutch = page.connect(Vendor::Ftdi, PortKind::P1);
    let austrian = page.connect(Vendor::SiLabs, PortKind::Any);
    page.wait_card(&austrian, "wants a key", "card.trouble === 'cipher.key-missing'");
    let form = format!("{} form.keys", card(&austrian));
    let key = Model::KaifaMa309m.keys().expect("it is encrypted").encryption;
    page.browser().enter(&format!("{form} [name=encryption-key]"), &hex::lower(&key));
    page.browser().click(&format!("{form} [data-action=unlock]"));

    for meter in [&dutch, &austrian] {
        page.wait_card(meter, "is read", "card.state === 'live' && card.seq > 0");
        page.unfold_recording(meter);
        page.browser().click(&action(meter, "record"));
        page.browser().wait("it is being recorded", &seen(&action(meter, "drop-capture")));
    }
    for player in &players {
        player.wait_heard(3, Duration::from_secs(40));
    }
    page.browser().picture("recording");
    let mut files = Vec::new();
    for meter in [&dutch, &austrian] {
        files.push((save(&page, meter), true));
        page.browser().click(&format!("{} .recording [name=whole]", card(meter)));
        files.push((save(&page, meter), false));
    }
    let said = page.export();
    drop(players);

    let scene = Scene::new("capture-replayed");
    let page = Page::open(Browser::start_in(&scene, &site.url(), ZONE), &site.url());
    for (number, (file, is_redacted)) in files.iter().enumerate() {
        let capture = Capture::open(file).expect("it is a capture");
        let wanted = if *is_redacted { Redaction::Done } else { Redaction::None };
        assert_eq!(capture.head.redaction, wanted);
        if *is_redacted {
            assert_holds_none(&capture, file, &numbers(&said));
        }
        let replayed = replay(&scene, &page, file, number);
        assert!(replayed.len() >= 2, "{} readings", replayed.len());
        assert_same(&replayed, &said, *is_redacted);
        say(&format!("a capture of {} octets replayed: {} readings", file.len(), replayed.len()));
    }
}

fn save(page: &Page, meter: &str) -> Vec<u8> {
    let already = page.browser().saved_so_far();
    page.browser().click(&action(meter, "save-capture"));
    page.browser().saved(already + 1)
}

/// Opens a file, and returns its readings from the log.
fn replay(scene: &Scene, page: &Page, file: &[u8], number: usize) -> Vec<Value> {
    let path = scene.path(&format!("capture-{number}.txt"));
    fs::write(&path, file).expect("a file is written");
    page.go("connect");
    page.browser().choose("[data-action=open-file]", &path);
    page.go("live");
    page.browser().wait("the file is read", &seen("article[data-state=done]"));
    let entries = page.export();
    let meters = page.meters();
    page.remove(meters.first().expect("there is a meter"));
    entries
}

/// Checks that a replay gives consecutive readings of those sent, in the same order and at the same times.
fn assert_same(replayed: &[Value], said: &[Value], is_redacted: bool) {
    let protocol = &replayed[0]["protocol"];
    let said: Vec<&Value> = said.iter().filter(|entry| entry["protocol"] == *protocol).collect();
    let words = |entry: &Value| {
        let values = entry["values"].as_array().cloned().unwrap_or_default();
        let values: Vec<Value> =
            values.into_iter().filter(|value| !is_redacted || value["quantity"] != "meter-id").collect();
        (entry["time"].clone(), entry["model"].clone(), entry["integrity"].clone(), values)
    };
    let first = said.iter().position(|entry| words(entry) == words(&replayed[0]));
    let first = first.unwrap_or_else(|| panic!("never said: {}", replayed[0]));
    for (entry, said) in replayed.iter().zip(&said[first..]) {
        assert_eq!(words(entry), words(said));
        assert_eq!(entry["meter"] == said["meter"], !is_redacted, "{} and {}", entry["meter"], said["meter"]);
        // The time of reception is the recorded one. A small difference comes from the time that decoding took.
        let received = |entry: &Value| entry["received"].as_str()?.parse::<Moment>().ok();
        let apart = received(entry).zip(received(said)).map(|(one, other)| one.0.abs_diff(other.0));
        assert!(apart.is_some_and(|apart| apart <= 250), "{apart:?} ms apart: {entry}");
    }
}

/// The numbers in readings, as printed on their meters.
fn numbers(said: &[Value]) -> BTreeSet<String> {
    let values = said.iter().flat_map(|entry| entry["values"].as_array().into_iter().flatten());
    let ids =
        values.filter(|value| value["quantity"] == "meter-id").filter_map(|value| value["value"].as_str());
    let names = said.iter().filter_map(|entry| entry["meter"].as_str());
    let numbers = ids.chain(names).map(|name| name.rsplit('-').next().unwrap_or(name));
    numbers.map(spelt).filter(|number| number.len() >= 6).collect()
}

/// A number as its meter prints it: a P1 meter sends the hex of its letters (DSMR 5.0.2, 6.12). The search for BCD
/// takes the last eight digits. Of the hex, these are only four letters, which any value may contain by chance.
fn spelt(number: &str) -> String {
    let letters = hex::read(number).and_then(|octets| String::from_utf8(octets).ok());
    let letters = letters.filter(|letters| letters.bytes().all(|letter| letter.is_ascii_alphanumeric()));
    letters.unwrap_or_else(|| number.to_owned())
}

/// Checks that a capture contains no number as text, as hex of the text, or as BCD in either order.
fn assert_holds_none(capture: &Capture, file: &[u8], numbers: &BTreeSet<String>) {
    assert!(numbers.len() >= 2, "{numbers:?}");
    let octets = capture.events.iter().flat_map(|timed| match &timed.event {
        Event::Heard(octets) | Event::Said(octets) => octets.clone(),
        Event::Line(_) => Vec::new(),
    });
    let octets: Vec<u8> = octets.collect();
    for number in numbers {
        let digits: Vec<u8> =
            number.bytes().filter(u8::is_ascii_digit).rev().take(8).map(|digit| digit & 0x0F).collect();
        let packed: Vec<u8> = digits.chunks_exact(2).map(|pair| pair[1] << 4 | pair[0]).collect();
        let forms = [
            number.as_bytes().to_vec(),
            hex::lower(number.as_bytes()).into_bytes(),
            hex::upper(number.as_bytes()).into_bytes(),
            packed.iter().rev().copied().collect(),
            packed,
        ];
        for form in forms {
            let is_in = |octets: &[u8]| octets.windows(form.len()).any(|window| window == form);
            assert!(!is_in(&octets) && !is_in(file), "{number} is in the capture as {form:02X?}");
        }
    }
}

fn card(meter: &str) -> String {
    format!("article[data-meter={meter:?}]")
}

fn action(meter: &str, action: &str) -> String {
    format!("{} [data-action={action}]", card(meter))
}

fn seen(selector: &str) -> String {
    format!("!!document.querySelector({selector:?})")
}

const ZONE: &str = "Europe/Vienna";
