//! [`forward_to_anybody`]: readings on their way to whoever says that it is a broker.

use metertap_protocol::{Broker, Command, Event};
use metertap_readings::broker::scripted::Habits;
use metertap_readings::store::SourceRecord;
use metertap_simulator::Model;

use crate::tab::Tab;
use crate::world::World;

/// What must hold for any octets, a fuzzer's above all: whatever a broker says, the engine goes on, and so does its meter.
///
/// The first octet chooses whether the broker speaks MQTT 5, and whether it says anything of its own. What follows are
/// messages behind their lengths, of an octet each, which it says besides: one each time that something was said to it.
///
/// # Panics
/// Where it does not hold.
pub fn forward_to_anybody(octets: &[u8]) {
    let Some((choice, mut rest)) = octets.split_first() else { return };
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
/// In that time, a meter that speaks every ten seconds is read at least so often.
const MILLISECONDS: u64 = 65_000;
const READINGS: usize = 5;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_a_broker_says_readings_go_on() {
        // Acknowledgements of what was not published, a publication, a goodbye, and what is no packet.
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
                let mut octets = vec![choice];
                for message in &messages[first..] {
                    octets.push(message.len() as u8);
                    octets.extend_from_slice(message);
                }
                forward_to_anybody(&octets);
            }
        }
    }
}
