//! A bridge or broker that has crashed the page twice in a row, soon after it was started automatically, stays off.

use metertap_native::{Tab, World};
use metertap_protocol::{Broker, Command, Event, SourceState};
use metertap_readings::broker::scripted::Habits;
use metertap_readings::fault::Code;
use metertap_readings::store::{LineSettings, MeterKey, SourceRecord};
use metertap_simulator::Model;

use crate::house::*;

const URL: &str = "ws://broker.example:9001/";
const BRIDGE: &str = "ws://bridge.example/";

/// A house with a meter of its own, one behind a bridge, and a broker. All of them have worked for some time.
fn house(world: &World) -> (Tab, MeterKey, MeterKey) {
    world.brokers().add(URL, Habits::default());
    world.brokers().add_bridge(BRIDGE, Model::Dsmr5, 3);
    let tab = opened(world);
    let own = add(world, &tab, simulated(Model::Dsmr5, 1));
    let spoken = LineSettings { protocol: Some(Model::Dsmr5.protocol()), ..LineSettings::default() };
    let bridged = add(world, &tab, SourceRecord::Bridge { url: BRIDGE.to_owned(), spoken });
    let (user, password, base) = (String::new(), String::new(), "meters".to_owned());
    let broker = Broker { url: URL.to_owned(), user, password, base, on: true, from: None };
    tab.send(Command::Forward { broker: Some(broker) });
    world.run(2 * MINUTE);
    assert_eq!(source(&tab, &bridged), SourceState::Live);
    (tab, own, bridged)
}

fn broker(tab: &Tab) -> Option<Broker> {
    tab.last(|event| match event {
        Event::Ready { broker, .. } | Event::Broker { broker } => Some(broker.clone()),
        _ => None,
    })
    .flatten()
}

fn held_off(tab: &Tab) -> usize {
    tab.notices().iter().filter(|code| **code == Code::EngineHeldOff).count()
}

#[test]
fn a_bridge_and_a_broker_that_crashed_two_starts_stay_off_until_the_user_enables_them() {
    let world = World::default();
    let (tab, own, bridged) = house(&world);
    tab.crash();
    for start in 1..=2 {
        let tab = opened(&world);
        world.run(5 * SECOND);
        assert_eq!((held_off(&tab), broker(&tab).map(|broker| broker.on)), (0, Some(true)), "start {start}");
        tab.crash();
    }
    let tab = opened(&world);
    world.run(30 * SECOND);
    assert_eq!(held_off(&tab), 2, "both are reported");
    assert_eq!(source(&tab, &bridged), SourceState::Off);
    assert_eq!(state(&tab, &bridged).trouble.map(|trouble| trouble.code), Some(Code::EngineHeldOff));
    assert_eq!(broker(&tab).map(|broker| (broker.on, broker.from)), Some((false, None)));
    assert_eq!(source(&tab, &own), SourceState::Live, "the other meter is still read");
    let published = world.brokers().published().len();
    world.run(30 * SECOND);
    assert_eq!(world.brokers().published().len(), published);
    // It stays off after another restart.
    tab.crash();
    let tab = opened(&world);
    world.run(2 * MINUTE);
    assert_eq!(
        (source(&tab, &bridged), broker(&tab).map(|broker| broker.on)),
        (SourceState::Off, Some(false))
    );
    tab.send(Command::Read { meter: bridged.clone(), on: true });
    tab.send(Command::Forward { broker: broker(&tab) });
    world.run(10 * SECOND);
    assert_eq!(source(&tab, &bridged), SourceState::Live);
    assert!(world.brokers().published().len() > published);
}

#[test]
fn closing_the_page_normally_is_not_counted_as_a_crash() {
    let world = World::default();
    house(&world).0.close();
    for _ in 0..4 {
        let tab = Tab::open_left_well(&world);
        world.run(5 * SECOND);
        assert_eq!((held_off(&tab), broker(&tab).map(|broker| broker.on)), (0, Some(true)));
        tab.close();
    }
}

#[test]
fn what_has_run_well_for_a_while_is_not_blamed_for_a_crash() {
    let world = World::default();
    house(&world).0.crash();
    for _ in 0..4 {
        let tab = opened(&world);
        world.run(2 * MINUTE);
        assert_eq!((held_off(&tab), broker(&tab).map(|broker| broker.on)), (0, Some(true)));
        tab.crash();
    }
}
