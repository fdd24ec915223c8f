//! Several meters on one line, and lines that are not serial ports.

use metertap_decoder::question::Search;
use metertap_native::World;
use metertap_protocol::{Command, SourceState};
use metertap_readings::fault::Code;
use metertap_readings::store::{LineSettings, MeterKey, SourceRecord};
use metertap_simulator::{Asked, Model};

use crate::house::*;

/// The only other meter.
fn guest(tab: &metertap_native::Tab, line: &MeterKey) -> MeterKey {
    let others: Vec<MeterKey> = keys(tab).into_iter().filter(|key| key != line).collect();
    let [guest] = others.try_into().expect("there is one more");
    guest
}

#[test]
fn two_meters_on_one_line_have_a_log_each() {
    let world = World::default();
    let _splitter = world.adapters().plug_in_several(USB, &[(Model::Dsmr5, 1), (Model::Dsmr5, 2)]);
    let tab = opened(&world);
    let line = add(&world, &tab, wired(Model::Dsmr5));
    world.run(30 * SECOND);
    let guest = guest(&tab, &line);
    for key in [&line, &guest] {
        let readings = tab.readings(key);
        assert_whole(&readings);
        assert!(readings.len() > 20, "{key:?}: {}", readings.len());
        let own = state(&tab, key).record.identification.expect("it was received");
        let others = readings.iter().filter(|entry| entry.reading.meter.as_deref() != Some(own.as_str()));
        let stray = usize::from(*key == line);
        assert_eq!(others.count(), stray, "only the telegram that revealed the other meter");
        assert_eq!(source(&tab, key), SourceState::Live);
    }
    assert_eq!(state(&tab, &guest).record.line_of, Some(line.clone()));
    tab.crash();
    let tab = opened(&world);
    world.run(10 * SECOND);
    assert_eq!(keys(&tab).len(), 2, "both are known again");
    assert!(!tab.readings(&guest).is_empty() && !tab.readings(&line).is_empty());
}

#[test]
fn a_stopped_guest_is_not_read_but_its_line_is() {
    let world = World::default();
    let _splitter = world.adapters().plug_in_several(USB, &[(Model::Dsmr5, 1), (Model::Dsmr5, 2)]);
    let tab = opened(&world);
    let line = add(&world, &tab, wired(Model::Dsmr5));
    world.run(20 * SECOND);
    let guest = guest(&tab, &line);
    tab.send(Command::Read { meter: guest.clone(), on: false });
    world.run(SECOND);
    let before = (tab.readings(&line).len(), tab.readings(&guest).len());
    world.run(20 * SECOND);
    assert_eq!(tab.readings(&guest).len(), before.1);
    assert!(tab.readings(&line).len() >= before.0 + 18);
}

#[test]
fn a_guest_takes_over_the_line_of_a_removed_meter() {
    let world = World::default();
    let _splitter = world.adapters().plug_in_several(USB, &[(Model::Dsmr5, 1), (Model::Dsmr5, 2)]);
    let tab = opened(&world);
    let line = add(&world, &tab, wired(Model::Dsmr5));
    world.run(20 * SECOND);
    let heir = guest(&tab, &line);
    tab.send(Command::Remove { meter: line.clone() });
    world.run(SECOND);
    assert_eq!(state(&tab, &heir).record.line_of, None);
    let before = tab.readings(&heir).len();
    world.run(20 * SECOND);
    assert!(tab.readings(&heir).len() >= before + 15, "{:?}", state(&tab, &heir));
    assert_whole(&tab.readings(&heir));
    assert!(!keys(&tab).contains(&line));
}

#[test]
fn readings_of_a_guest_without_room_for_its_record_stay_with_the_line() {
    let world = World::default();
    let _splitter = world.adapters().plug_in_several(USB, &[(Model::Dsmr5, 1), (Model::Dsmr5, 2)]);
    let tab = opened(&world);
    let line = add(&world, &tab, wired(Model::Dsmr5));
    world.disks().log().limit(Some(0));
    world.run(5 * SECOND);
    assert_eq!(keys(&tab), std::slice::from_ref(&line));
    world.disks().log().limit(None);
    world.run(MINUTE);
    assert_eq!(keys(&tab).len(), 2, "once there is room, it has a record");
    assert_whole(&tab.readings(&line));
}

/// A meter on a wired M-Bus, which must be polled.
fn on_a_bus() -> SourceRecord {
    let line = metertap_decoder::line::Line::HAN;
    let protocol = Some(metertap_decoder::reading::Protocol::Mbus);
    let spoken = LineSettings { line: Some(line), protocol, asked: true, ..LineSettings::default() };
    SourceRecord::Serial { vendor: Some(USB.0), product: Some(USB.1), spoken }
}

#[test]
fn every_meter_that_a_bus_search_finds_is_read() {
    let world = World::default();
    let meters = [(Model::UltraheatT550, 1, 1), (Model::CybleWater, 2, 7)];
    let _master = world.adapters().plug_in_asked(USB, |now| Asked::bus(&meters, now));
    let tab = opened(&world);
    tab.send(Command::Add { source: on_a_bus(), search: Some(Search::Primary) });
    world.run(10 * MINUTE);
    assert_eq!(keys(&tab).len(), 2, "{:?}", tab.meters());
    for key in keys(&tab) {
        assert!(!tab.readings(&key).is_empty(), "{key:?} is read: {:?}", state(&tab, &key));
        assert_whole(&tab.readings(&key));
        let spoken = state(&tab, &key).record.source.spoken().cloned();
        assert!(spoken.is_some_and(|spoken| spoken.address.is_some()), "its address is remembered");
    }
}

#[test]
fn a_search_that_is_stopped_leaves_the_meter_as_it_was() {
    let world = World::default();
    let _master = world.adapters().plug_in_asked(USB, |now| Asked::bus(&[(Model::UltraheatT550, 1, 1)], now));
    let tab = opened(&world);
    let key = add(&world, &tab, on_a_bus());
    world.run(MINUTE);
    let before = tab.readings(&key).len();
    assert!(before > 0);
    tab.send(Command::Search { meter: key.clone(), by: Some(Search::Primary) });
    world.run(5 * SECOND);
    assert!(state(&tab, &key).searching.is_some_and(|searching| searching.of > 0 && !searching.over));
    tab.send(Command::Search { meter: key.clone(), by: None });
    world.run(20 * MINUTE);
    assert_eq!(state(&tab, &key).searching, None);
    assert!(tab.readings(&key).len() > before, "reading continues");
}

/// The user may know that it is a bus before the meter is detected.
#[test]
fn a_bus_is_searched_before_its_line_is_known() {
    let world = World::default();
    let meters = [(Model::UltraheatT550, 1, 1), (Model::CybleWater, 2, 7)];
    let _master = world.adapters().plug_in_asked(USB, |now| Asked::bus(&meters, now));
    let tab = opened(&world);
    let key = add(&world, &tab, unknown());
    tab.send(Command::Search { meter: key.clone(), by: Some(Search::Primary) });
    world.run(10 * MINUTE);
    assert!(
        state(&tab, &key).searching.is_some_and(|searching| searching.found == 2),
        "{:?}",
        state(&tab, &key)
    );
}

#[test]
fn a_meter_is_polled_at_the_users_interval() {
    let world = World::default();
    let _head = world.adapters().plug_in_asked(USB, |now| Asked::new(Model::Multical403, 1, now));
    let tab = opened(&world);
    let key = add(&world, &tab, unknown());
    assert!(world.run_until(10 * MINUTE, || source(&tab, &key) == SourceState::Live));
    assert_eq!(protocol(&state(&tab, &key)), Some(metertap_decoder::reading::Protocol::Kmp));
    let schedule = Some(metertap_decoder::schedule::Schedule::every(60));
    tab.send(Command::Schedule { meter: key.clone(), schedule });
    world.run(MINUTE);
    let before = tab.readings(&key).len();
    world.run(10 * MINUTE);
    assert!((9..=11).contains(&(tab.readings(&key).len() - before)), "{}", tab.readings(&key).len());
    assert_eq!(state(&tab, &key).interval, Some(60_000));
}

const BRIDGE: &str = "ws://bridge.example:8000/";

fn behind_a_bridge(url: &str) -> SourceRecord {
    let spoken = LineSettings {
        line: Some(Model::Dsmr5.line()),
        protocol: Some(Model::Dsmr5.protocol()),
        ..LineSettings::default()
    };
    SourceRecord::Bridge { url: url.to_owned(), spoken }
}

#[test]
fn a_bridge_is_read_and_reconnected_when_it_is_back() {
    let world = World::default();
    world.brokers().add_bridge(BRIDGE, Model::Dsmr5, 1);
    let tab = opened(&world);
    let key = add(&world, &tab, behind_a_bridge(BRIDGE));
    world.run(10 * SECOND);
    assert_eq!(source(&tab, &key), SourceState::Live);
    world.brokers().reach(false);
    world.run(20 * SECOND);
    assert_eq!(source(&tab, &key), SourceState::Blocked);
    assert_eq!(state(&tab, &key).trouble.map(|trouble| trouble.code), Some(Code::BridgeSilent));
    world.brokers().reach(true);
    world.run(30 * SECOND);
    assert_eq!((source(&tab, &key), state(&tab, &key).trouble), (SourceState::Live, None));
    assert_whole(&tab.readings(&key));
}

/// The bridge may have restarted, or may serve another program. So the error must not mention an unplugged adapter.
#[test]
fn a_bridge_that_ends_the_connection_has_its_own_error() {
    let world = World::default();
    world.brokers().add_bridge(BRIDGE, Model::Dsmr5, 1);
    let tab = opened(&world);
    let key = add(&world, &tab, behind_a_bridge(BRIDGE));
    world.run(10 * SECOND);
    world.brokers().reach(false);
    world.run(SECOND / 10);
    assert_eq!(source(&tab, &key), SourceState::Blocked);
    assert_eq!(state(&tab, &key).trouble.map(|trouble| trouble.code), Some(Code::BridgeEnded));
}

#[test]
fn an_address_that_the_browser_blocks_is_reported() {
    let world = World::default();
    let tab = opened(&world);
    let key = add(&world, &tab, behind_a_bridge("http://bridge.example/"));
    world.run(5 * SECOND);
    assert_eq!(source(&tab, &key), SourceState::Blocked);
    assert_eq!(state(&tab, &key).trouble.map(|trouble| trouble.code), Some(Code::BridgeAddress));
}
