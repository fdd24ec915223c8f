//! A broker is killed, and a browser is killed. The subscriber still receives every reading.

use std::collections::{BTreeMap, BTreeSet};

use metertap_decoder::line::Line;
use metertap_e2e::broker::Message;
use metertap_e2e::log::saved;
use metertap_e2e::page::PortKind;
use metertap_e2e::scene::Vendor;
use metertap_e2e::{Broker, Browser, PATIENCE, Page, Player, Scene, serve, wait_for};
use metertap_simulator::Model;
use serde_json::Value;

#[test]
fn every_reading_reaches_the_broker_although_broker_and_browser_are_killed() {
    let (scene, site) = (Scene::new("forwarding"), serve());
    let mut broker = Broker::start(&scene);
    let (han, p1) = (scene.plug(Vendor::SiLabs, Line::HAN), scene.plug(Vendor::Ftdi, Line::P1));
    let page = Page::open(Browser::start(&scene, &site.url()), &site.url());
    let kaifa = page.connect(Vendor::SiLabs, PortKind::Han);
    let dsmr = page.connect(Vendor::Ftdi, PortKind::P1);
    let mut players =
        [Player::simulate(han, Model::KaifaMa304h3e, 7, START), Player::simulate(p1, Model::Dsmr5, 8, START)];
    page.wait_state(&kaifa, "live");
    page.wait_state(&dsmr, "live");
    page.forward(&broker.url());
    page.wait_forwarded("connected", "waiting === 0");
    page.go("forward");
    page.browser().picture("forwarding");

    broker.kill();
    page.wait_forwarded("connecting", "waiting >= 5");
    broker.restart();
    page.wait_forwarded("connected", "waiting === 0");

    players[1].wait_heard(2, PATIENCE);
    page.into_browser().kill();
    wait_for(PATIENCE, || statuses(&broker.received()).contains(&"offline".to_owned()).then_some(()))
        .expect("the broker reports that the browser is gone");
    let page = Page::open(Browser::start(&scene, &site.url()), &site.url());
    page.wait_state(&kaifa, "live");
    page.wait_state(&dsmr, "live");
    for player in &players {
        player.wait_heard(3, PATIENCE);
    }

    let spoken = players.each_mut().map(Player::stop);
    let logs = [Model::KaifaMa304h3e, Model::Dsmr5].into_iter().zip(&spoken);
    let logs: Vec<Vec<Value>> = logs.map(|(model, spoken)| saved(&page, model, spoken)).collect();
    page.wait_forwarded("connected", "waiting === 0");
    assert_arrived(&broker, &logs);
}

/// Checks that every entry of the logs arrived, under one topic for each meter, with the numbers from 1 to the last.
pub(crate) fn assert_arrived(broker: &Broker, logs: &[Vec<Value>]) {
    let wanted = logs.iter().map(Vec::len).sum::<usize>();
    let arrived = wait_for(PATIENCE, || {
        let arrived = readings(&broker.received());
        (arrived.values().map(BTreeMap::len).sum::<usize>() >= wanted).then_some(arrived)
    });
    let arrived = arrived.unwrap_or_else(|| readings(&broker.received()));
    for log in logs {
        let log: Vec<Value> = log.iter().map(nameless).collect();
        let first = log.first().expect("the log is not empty");
        let topic = arrived.values().find(|entries| entries.get(&1) == Some(first));
        let entries = topic.unwrap_or_else(|| panic!("no topic has {first}"));
        let numbers: Vec<u64> = entries.keys().copied().collect();
        assert_eq!(numbers, (1..=log.len() as u64).collect::<Vec<_>>());
        for (entry, sent) in log.iter().zip(entries.values()) {
            assert_eq!(entry, sent, "the broker has what the log has");
        }
    }
    let messages = broker.received();
    for id in logs.iter().flatten().flat_map(identifications) {
        let told =
            messages.iter().find(|message| message.payload.contains(&id) || message.topic.contains(&id));
        assert!(told.is_none(), "a meter's own number went to the broker unasked: {told:?}");
    }
    let words: BTreeSet<_> = messages.iter().filter_map(|message| message.topic.split('/').nth(2)).collect();
    for word in ["status", "info", "reading", "state", "history"] {
        assert!(words.contains(word), "{word} is among {words:?}");
    }
    assert_eq!(statuses(&messages).last().map(String::as_str), Some("online"));
}

/// The readings that arrived, by meter and number. Repeated readings must be identical.
pub(crate) fn readings(messages: &[Message]) -> BTreeMap<String, BTreeMap<u64, Value>> {
    let mut readings: BTreeMap<String, BTreeMap<u64, Value>> = BTreeMap::new();
    for message in messages {
        let parts: Vec<&str> = message.topic.split('/').collect();
        let ["meters", meter, "reading" | "history"] = parts[..] else { continue };
        let reading: Value = serde_json::from_str(&message.payload).expect("a reading is JSON");
        let number = reading["seq"].as_u64().expect("a reading has a number");
        let reading = nameless(&reading);
        let before = readings.entry(meter.to_owned()).or_default().insert(number, reading.clone());
        assert!(before.is_none_or(|before| before == reading), "number {number} came twice and differently");
    }
    readings
}

/// A reading without the meter's identifications, which are not forwarded unless the user asks for it.
fn nameless(reading: &Value) -> Value {
    let mut reading = reading.clone();
    reading["meter"] = Value::Null;
    for value in reading["values"].as_array_mut().into_iter().flatten() {
        if value["quantity"] == "meter-id" {
            value["value"] = Value::Null;
        }
    }
    reading
}

/// The numbers by which meters identify themselves in a reading.
fn identifications(reading: &Value) -> Vec<String> {
    let values = reading["values"].as_array().into_iter().flatten();
    let ids = values.filter(|value| value["quantity"] == "meter-id").map(|value| &value["value"]);
    ids.chain([&reading["meter"]]).filter_map(|id| id.as_str().map(str::to_owned)).collect()
}

/// The successive states of the meters.
fn statuses(messages: &[Message]) -> Vec<String> {
    let statuses = messages.iter().filter(|message| message.topic.ends_with("/status"));
    statuses.map(|message| message.payload.clone()).collect()
}

/// 2026-11-21T12:20:00Z.
const START: i64 = 1_795_263_600;
