//! [`forward_to_any_broker`]: forwards readings to a broker that sends arbitrary bytes.

use metertap_protocol::{Broker, Command, Event};
use metertap_readings::broker::scripted::Habits;
use metertap_readings::store::SourceRecord;
use metertap_simulator::Model;

use crate::tab::Tab;
use crate::world::World;

/// Checks that the engine keeps running and keeps reading its meter, whatever a broker sends. A fuzzer chooses the
/// bytes.
///
/// Two bits of the first byte choose whether there is a broker and whether it supports MQTT 5. The remaining bytes are
/// messages, each preceded by one byte with its length. Besides its normal answers, the server sends one of these
/// messages each time it receives something.
///
/// # Panics
/// If the engine stops, or makes too few readings of the meter.
pub fn forward_to_any_broker(bytes: &[u8]) {
    let Some((choice, mut rest)) = bytes.split_first() else { return };
    let world = World::default();
    let tab = Tab::open(&world);
    if choice & 2 == 0 {
        world.brokers().add(URL, Habits { five: choice & 1 == 0, ..Habits::default() });
    }
    let mut messages = Vec::new();
    while let Some((length, behind)) = rest.split_first() {
        let (message, behind) = behind.split_at(usize::from(*length).min(behind.len()));
        messages.push(message.to_vec());
        rest = behind;
    }
    world.brokers().add_asides(URL, messages);
    let source = SourceRecord::Simulated { model: Model::Dsmr4.name().to_owned(), seed: 1 };
    tab.send(Command::Add { source, search: None });
    let (user, password, base) = (String::new(), String::new(), "meters".to_owned());
    let broker = Broker { url: URL.to_owned(), user, password, base, on: true, from: None };
    tab.send(Command::Forward { broker: Some(broker) });
    world.run(MILLISECONDS);
    let events = tab.events();
    assert!(!events.iter().any(|event| matches!(event, Event::Broken { .. })), "the engine ended");
    let readings = events.iter().filter(|event| matches!(event, Event::Reading { .. })).count();
    assert!(readings >= READINGS, "the meter was read {readings} times");
}

const URL: &str = "ws://broker.example:9001/";
/// The time to run. A meter that sends every ten seconds must be read at least [`READINGS`] times in it.
const MILLISECONDS: u64 = 65_000;
const READINGS: usize = 5;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_broker_message_stops_readings() {
        // A CONNACK, a PUBACK and a PUBREL for messages that were never published, a PUBLISH, a DISCONNECT, and bytes
        // that are not a packet.
        let messages: [&[u8]; 6] = [
            &[0x20, 3, 0, 0, 0],
            &[0x40, 2, 0xFF, 0xFF],
            &[0x62, 2, 0, 1],
            &[0x32, 7, 0, 1, b'a', 0, 1, 0, b'x'],
            &[0xE0, 0],
            &[0xFF; 40],
        ];
        for choice in 0..4 {
            for first in 0..messages.len() {
                let mut bytes = vec![choice];
                for message in &messages[first..] {
                    bytes.push(message.len() as u8);
                    bytes.extend_from_slice(message);
                }
                forward_to_any_broker(&bytes);
            }
        }
    }
}
