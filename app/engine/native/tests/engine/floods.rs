//! Servers that send more than the engine can process.

use metertap_native::{Tab, World};
use metertap_protocol::{Broker, Command};
use metertap_readings::store::{LineSettings, MeterKey, SourceRecord};
use metertap_simulator::Model;

use crate::house::*;

const URL: &str = "ws://flood.example/";
/// Half a minute of messages.
const TIMES: u64 = 30_000;

/// How many messages of the flood the engine processed until the meter's next reading.
fn taken_during_a_reading(world: &World, tab: &Tab, key: &MeterKey) -> u64 {
    let (left, readings) = (world.brokers().left_of_flood(URL), tab.readings(key).len());
    assert!(left > 0, "the flood goes on");
    assert!(world.run_until(20 * SECOND, || tab.readings(key).len() > readings));
    left - world.brokers().left_of_flood(URL)
}

#[test]
fn a_flood_of_small_bridge_messages_delays_no_other_meter() {
    let world = World::default();
    let tab = opened(&world);
    let key = add(&world, &tab, simulated(Model::Dsmr5, 1));
    world.run(5 * SECOND);
    world.brokers().add_flood(URL, b"x", TIMES);
    let spoken = LineSettings { protocol: Some(Model::Dsmr5.protocol()), ..LineSettings::default() };
    tab.send(Command::Add { source: SourceRecord::Bridge { url: URL.to_owned(), spoken }, search: None });
    assert!(world.run_until(SECOND, || world.brokers().left_of_flood(URL) < TIMES));
    let taken = taken_during_a_reading(&world, &tab, &key);
    assert!(taken < 2000, "{taken} messages were taken first");
    world.run(MINUTE);
    assert_whole(&tab.readings(&key));
}

/// The server is no real broker: its empty messages are not MQTT.
#[test]
fn a_flood_of_empty_broker_messages_delays_no_meter() {
    let world = World::default();
    let tab = opened(&world);
    let key = add(&world, &tab, simulated(Model::Dsmr5, 1));
    world.run(5 * SECOND);
    world.brokers().add_flood(URL, b"", TIMES);
    let (user, password, base) = (String::new(), String::new(), "meters".to_owned());
    let broker = Broker { url: URL.to_owned(), user, password, base, on: true, from: None };
    tab.send(Command::Forward { broker: Some(broker) });
    assert!(world.run_until(SECOND, || world.brokers().left_of_flood(URL) < TIMES));
    let taken = taken_during_a_reading(&world, &tab, &key);
    assert!(taken < 2000, "{taken} messages were taken first");
}
