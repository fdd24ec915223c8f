//! Stored settings of a port that turn out to be wrong are detected again. Settings that the user has made by hand
//! stay.

use metertap_decoder::line::Line;
use metertap_decoder::reading::Protocol;
use metertap_native::World;
use metertap_protocol::{Command, Event};
use metertap_readings::fault::Code;
use metertap_readings::store::{LineSettings, MeterKey, SourceRecord};
use metertap_simulator::Model;

use crate::house::*;

fn troubles(tab: &metertap_native::Tab, key: &MeterKey) -> Vec<Code> {
    let events = tab.events().into_iter();
    let mut codes: Vec<Code> = events
        .filter_map(|event| match event {
            Event::Meter { state } if state.record.key == *key => state.trouble.map(|trouble| trouble.code),
            _ => None,
        })
        .collect();
    codes.dedup();
    codes
}

/// Another meter, at another baud rate, gives only framing errors.
#[test]
fn a_port_with_only_noise_is_detected_again_and_keeps_its_readings() {
    let world = World::default();
    let adapter = world.adapters().plug_in(USB, Model::Dsmr5, 1);
    let tab = opened(&world);
    let key = add(&world, &tab, wired(Model::Dsmr5));
    world.run(MINUTE);
    let read = tab.readings(&key).len();
    assert!(read > 50);
    let other = world.adapters().plug_in((1, 2), Model::Aidon6525, 2);
    adapter.swap(&other);
    world.run(2 * MINUTE);
    assert!(!troubles(&tab, &key).contains(&Code::PortDoubted), "a contact may fail for a while");
    let is_found = || protocol(&state(&tab, &key)) == Some(Protocol::DlmsHdlc);
    assert!(world.run_until(10 * MINUTE, is_found), "{:?}", state(&tab, &key));
    assert!(troubles(&tab, &key).contains(&Code::PortDoubted));
    world.run(MINUTE);
    assert!(tab.readings(&key).len() > read + 15, "reading continues");
    assert_whole(&tab.readings(&key));
    assert_eq!(state(&tab, &key).trouble, None);
    tab.crash();
    let tab = opened(&world);
    assert_eq!(protocol(&state(&tab, &key)), Some(Protocol::DlmsHdlc), "and remembered");
}

/// The line settings were right, and the protocol was not: the port is encrypted.
#[test]
fn a_wrong_stored_protocol_is_detected_again() {
    let world = World::default();
    let _adapter = world.adapters().plug_in(USB, Model::LuxembourgSmarty, 1);
    let tab = opened(&world);
    let key = add(&world, &tab, wired(Model::Dsmr5));
    let is_found = || protocol(&state(&tab, &key)) == Some(Protocol::P1Encrypted);
    assert!(world.run_until(10 * MINUTE, is_found), "{:?}", state(&tab, &key));
    let found = tab.events().len();
    world.run(20 * MINUTE);
    let later = tab.events().split_off(found);
    let doubts = later.into_iter().filter(|event| {
        matches!(event, Event::Meter { state } if state.trouble.as_ref().is_some_and(|trouble| trouble.code == Code::PortDoubted))
    });
    assert_eq!(doubts.count(), 0, "a missing key is no reason for doubt");
}

#[test]
fn silence_is_no_reason_to_doubt() {
    let world = World::default();
    let adapter = world.adapters().plug_in(USB, Model::Dsmr5, 1);
    let tab = opened(&world);
    let key = add(&world, &tab, wired(Model::Dsmr5));
    world.run(MINUTE);
    adapter.mute(true);
    world.run(HOUR);
    assert!(!troubles(&tab, &key).contains(&Code::PortDoubted));
    adapter.mute(false);
    let read = tab.readings(&key).len();
    world.run(10 * SECOND);
    assert!(tab.readings(&key).len() >= read + 9);
}

#[test]
fn line_settings_of_the_user_are_kept() {
    let world = World::default();
    let adapter = world.adapters().plug_in(USB, Model::Dsmr5, 1);
    let tab = opened(&world);
    let line = "2400 7O2".parse::<Line>().expect("a line");
    let spoken = LineSettings {
        line: Some(line),
        protocol: Some(Protocol::Sml),
        by_hand: true,
        ..LineSettings::default()
    };
    let source = SourceRecord::Serial { vendor: Some(USB.0), product: Some(USB.1), spoken: spoken.clone() };
    let key = add(&world, &tab, source);
    world.run(HOUR);
    assert!(adapter.is_open());
    assert_eq!(state(&tab, &key).record.source.spoken(), Some(&spoken));
    assert!(!troubles(&tab, &key).contains(&Code::PortDoubted));
    // The user notices the error.
    let (line, protocol) = (Some(Model::Dsmr5.line()), Some(Protocol::P1));
    let right = LineSettings { line, protocol, ..spoken };
    tab.send(Command::Ask { meter: key.clone(), spoken: right.clone() });
    world.run(MINUTE);
    assert!(tab.readings(&key).len() > 50);
    tab.crash();
    let tab = opened(&world);
    assert_eq!(state(&tab, &key).record.source.spoken(), Some(&right));
    tab.send(Command::Detect { meter: key.clone() });
    world.run(MINUTE);
    let found = state(&tab, &key).record.source.spoken().cloned().expect("it is on a line");
    assert_eq!((found.by_hand, found.protocol), (false, Some(Protocol::P1)), "on request, it is detected");
}
