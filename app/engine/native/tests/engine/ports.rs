//! Ports of France and Portugal, and meters on a rail: from the click to the first reading.

use metertap_decoder::line::Line;
use metertap_decoder::question::Search;
use metertap_decoder::rail::By;
use metertap_decoder::reading::Protocol;
use metertap_native::{Adapter, Tab, World};
use metertap_protocol::{Command, SourceState};
use metertap_readings::fault::Code;
use metertap_readings::store::{LineSettings, MeterKey, SourceRecord};
use metertap_simulator::{Asked, EmiModel, Model, RailModel};

use crate::house::*;

/// A world in that time zone, with a page.
fn page(zone: &str) -> (World, Tab) {
    let world = World::default();
    world.move_to(zone);
    let tab = opened(&world);
    (world, tab)
}

/// Adds a port about which nothing is known. Returns the meter's key and the milliseconds until its first reading.
fn first_reading(world: &World, tab: &Tab) -> (MeterKey, u64) {
    let key = add(world, tab, unknown());
    let began = world.now().0;
    assert!(world.run_until(MINUTE, || !tab.readings(&key).is_empty()), "{:?}", state(tab, &key));
    (key, world.now().0 - began)
}

/// Enedis switches a Linky to standard mode over the power line while it is being read.
#[test]
fn a_linky_that_is_switched_to_standard_mode_is_still_read() {
    let (world, tab) = page("Europe/Paris");
    let adapter = world.adapters().plug_in(USB, Model::LinkyHistoric, 3);
    let (key, _) = first_reading(&world, &tab);
    let identification = state(&tab, &key).record.identification;
    world.run(MINUTE);
    let other = world.adapters().plug_in((1, 2), Model::LinkyStandard, 3);
    adapter.swap(&other);
    let before = tab.readings(&key).len();
    let is_standard =
        || tab.readings(&key).last().is_some_and(|entry| entry.reading.protocol == Protocol::TicStandard);
    assert!(world.run_until(MINUTE, is_standard), "{:?}", state(&tab, &key));
    assert!(tab.readings(&key).len() > before);
    assert_eq!(state(&tab, &key).record.identification, identification, "it is the same meter");
    assert_eq!(keys(&tab).len(), 1);
}

#[test]
fn an_emi_meter_is_read_within_eight_seconds_of_the_click() {
    for model in [EmiModel::FIRST, EmiModel::SECOND] {
        let (world, tab) = page("Europe/Lisbon");
        let _adapter = world.adapters().plug_in_asked(USB, |now| Some(Asked::emi(model, 3, now)));
        let (key, took) = first_reading(&world, &tab);
        println!("{model:?}: first reading after {took} ms");
        assert!(took <= 8 * SECOND, "{model:?}: {took} ms");
        assert_eq!(protocol(&state(&tab, &key)), Some(Protocol::ModbusEmi));
    }
}

/// The meter answers that its port is closed. The error tells the user who can open it.
#[test]
fn a_closed_port_is_reported() {
    let (world, tab) = page("Europe/Lisbon");
    let _adapter = world.adapters().plug_in_asked(USB, |now| Some(Asked::emi(EmiModel::CLOSED, 3, now)));
    let key = add(&world, &tab, unknown());
    world.run(10 * SECOND);
    assert_eq!(state(&tab, &key).trouble.map(|trouble| trouble.code), Some(Code::MeterClosed));
}

/// A driver that has crashed may never answer. The page says so, and all its buttons work.
#[test]
fn a_port_that_does_not_open_can_be_left_alone() {
    let (world, tab) = page("Europe/Amsterdam");
    let adapter = world.adapters().plug_in(USB, Model::Dsmr5, 3);
    adapter.stick(true);
    let key = add(&world, &tab, wired(Model::Dsmr5));
    world.run(25 * SECOND);
    let stuck = state(&tab, &key);
    let trouble = stuck.trouble.map(|trouble| trouble.code);
    assert_eq!((stuck.source, trouble), (SourceState::Blocked, Some(Code::PortBusy)));
    tab.send(Command::Read { meter: key.clone(), on: false });
    tab.send(Command::Rename { meter: key.clone(), name: "Hall".to_owned() });
    world.run(SECOND);
    let stopped = state(&tab, &key);
    assert_eq!((stopped.source, stopped.record.name.as_str()), (SourceState::Off, "Hall"));
    // The driver answers after all. Nobody wants the port any more.
    adapter.stick(false);
    world.run(SECOND);
    assert!(!adapter.is_open());
    tab.send(Command::Read { meter: key.clone(), on: true });
    assert!(world.run_until(20 * SECOND, || !tab.readings(&key).is_empty()), "{:?}", state(&tab, &key));
}

/// The same while the meter is being detected, which opens the port again for each speed.
#[test]
fn a_port_that_does_not_open_again_can_be_left_alone() {
    let (world, tab) = page("Europe/Amsterdam");
    let adapter = world.adapters().plug_in_asked(USB, |now| Asked::new(Model::Multical403, 3, now));
    adapter.mute(true);
    let key = add(&world, &tab, unknown());
    world.run(SECOND);
    adapter.stick(true);
    world.run(MINUTE);
    assert!(!adapter.is_open());
    let stuck = state(&tab, &key);
    let trouble = stuck.trouble.map(|trouble| trouble.code);
    assert_eq!((stuck.source, trouble), (SourceState::Blocked, Some(Code::PortBusy)));
    tab.send(Command::Read { meter: key.clone(), on: false });
    world.run(SECOND);
    assert_eq!(source(&tab, &key), SourceState::Off);
    adapter.stick(false);
    world.run(SECOND);
    assert!(!adapter.is_open());
}

/// The driver answers after a while. The error is over then, and the detection goes on.
#[test]
fn a_port_that_opens_again_late_is_read() {
    let (world, tab) = page("Europe/Amsterdam");
    let adapter = world.adapters().plug_in_asked(USB, |now| Asked::new(Model::Multical403, 3, now));
    let key = add(&world, &tab, unknown());
    world.run(SECOND);
    adapter.stick(true);
    world.run(MINUTE);
    assert_eq!(source(&tab, &key), SourceState::Blocked);
    adapter.stick(false);
    world.run(SECOND);
    let late = state(&tab, &key);
    assert_eq!((late.source, late.trouble), (SourceState::Listening, None));
    assert!(world.run_until(5 * MINUTE, || !tab.readings(&key).is_empty()), "{:?}", state(&tab, &key));
}

fn on_a_rail(world: &World, meters: &[(RailModel, u64, u8)]) -> Adapter {
    let meters = meters.to_vec();
    world.adapters().plug_in_asked(USB, |now| Some(Asked::rail(Line::INFRARED, &meters, now)))
}

#[test]
fn a_meter_on_a_rail_is_read_within_ten_seconds_of_the_click() {
    for (model, profile, by) in [
        (RailModel::Sdm630, "eastron-3p", By::Meter),
        (RailModel::Em340, "cg-em3x0", By::Meter),
        (RailModel::Pzem004t, "pzem-004t-v3", By::Physics),
    ] {
        let (world, tab) = page("Europe/Berlin");
        let _adapter = on_a_rail(&world, &[(model, 3, 1)]);
        let (key, took) = first_reading(&world, &tab);
        println!("{model:?}: first reading after {took} ms");
        assert!(took <= 10 * SECOND, "{model:?}: {took} ms");
        let spoken = state(&tab, &key).record.source.spoken().cloned().unwrap();
        assert_eq!((spoken.profile.as_str(), spoken.profile_by), (profile, by));
        let before = tab.readings(&key).len();
        world.run(MINUTE);
        let readings = tab.readings(&key).len() - before;
        assert!((15..=30).contains(&readings), "every two seconds or so: {readings}");
        // The result of detection is still known after a restart.
        tab.crash();
        let tab = opened(&world);
        let known = tab.newest(&key).len();
        world.run(5 * SECOND);
        assert!(tab.readings(&key).len() + tab.newest(&key).len() > known, "{:?}", state(&tab, &key));
    }
}

/// A bus with several meters.
fn rail() -> SourceRecord {
    let protocol = Some(Protocol::Modbus);
    let line = Some(Line::INFRARED);
    let spoken = LineSettings { line, protocol, asked: true, ..LineSettings::default() };
    SourceRecord::Serial { vendor: Some(USB.0), product: Some(USB.1), spoken }
}

#[test]
fn all_meters_on_a_bus_are_found_and_read() {
    let (world, tab) = page("Europe/Berlin");
    let _adapter =
        on_a_rail(&world, &[(RailModel::Sdm630, 1, 1), (RailModel::Em340, 2, 7), (RailModel::B23, 3, 33)]);
    tab.send(Command::Add { source: rail(), search: Some(Search::Primary) });
    world.run(5 * MINUTE);
    assert_eq!(keys(&tab).len(), 3, "{:?}", tab.meters());
    let mut profiles = Vec::new();
    for key in keys(&tab) {
        let before = tab.readings(&key).len();
        world.run(MINUTE);
        let readings = tab.readings(&key);
        assert!(readings.len() >= before + 10, "{:?}", state(&tab, &key));
        assert_whole(&readings);
        assert!(readings.iter().all(|entry| entry.reading.meter.is_some()), "each sends its name");
        profiles.push(state(&tab, &key).record.source.spoken().unwrap().profile.clone());
    }
    profiles.sort();
    assert_eq!(profiles, ["abb-b2x", "cg-em3x0", "eastron-3p"]);
}

#[test]
fn a_scan_that_is_stopped_leaves_the_meter_as_it_was() {
    let (world, tab) = page("Europe/Berlin");
    let _adapter = on_a_rail(&world, &[(RailModel::Sdm630, 1, 1), (RailModel::Em340, 2, 7)]);
    let (key, _) = first_reading(&world, &tab);
    tab.send(Command::Search { meter: key.clone(), by: Some(Search::Primary) });
    world.run(3 * SECOND);
    let searching = state(&tab, &key).searching.expect("it is searched");
    assert!(searching.of == 247 && searching.done > 0 && !searching.over, "{searching:?}");
    tab.send(Command::Search { meter: key.clone(), by: None });
    world.run(2 * SECOND);
    let before = tab.readings(&key).len();
    world.run(MINUTE);
    assert!(tab.readings(&key).len() >= before + 10);
}

/// An Eltako meter has integers at the addresses where Eastron's have floating-point numbers, and its line settings are
/// not certain. So the user must identify it.
#[test]
fn the_user_is_asked_about_a_doubtful_meter() {
    let (world, tab) = page("Europe/Berlin");
    let _adapter = on_a_rail(&world, &[(RailModel::Dsz15, 3, 1)]);
    let key = add(&world, &tab, unknown());
    world.run(30 * SECOND);
    assert!(tab.readings(&key).is_empty(), "nothing is assumed");
    let doubt = state(&tab, &key).unrecognised.expect("it is reported");
    assert_eq!((doubt.like.unwrap().0.as_str(), doubt.address), ("eltako-dsz15", 1));
    let spoken = LineSettings {
        line: Some(doubt.line),
        protocol: Some(Protocol::Modbus),
        asked: true,
        profile: "eltako-dsz15".to_owned(),
        by_hand: true,
        ..LineSettings::default()
    };
    tab.send(Command::Ask { meter: key.clone(), spoken });
    world.run(10 * SECOND);
    assert_eq!(source(&tab, &key), SourceState::Live, "{:?}", state(&tab, &key));
    assert_eq!(state(&tab, &key).unrecognised, None);
}

/// A weather station on a Modbus line answers all questions, but its values fit no meter.
#[test]
fn a_device_that_answers_but_is_not_known_is_not_called_silent() {
    let (world, tab) = page("Europe/Berlin");
    let _adapter = on_a_rail(&world, &[(RailModel::Weather, 3, 1)]);
    let key = add(&world, &tab, unknown());
    world.run(30 * SECOND);
    for _ in 0..10 {
        world.run(30 * SECOND);
        assert_eq!(state(&tab, &key).trouble.map(|trouble| trouble.code), Some(Code::RailUnknown));
    }
    assert!(state(&tab, &key).unrecognised.is_some());
}
