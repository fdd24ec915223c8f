//! Meters that are being read.

use metertap_decoder::reading::Protocol;
use metertap_native::World;
use metertap_protocol::{Command, Event, SourceState};
use metertap_readings::fault::Code;
use metertap_simulator::Model;

use crate::house::*;

#[test]
fn a_first_visit_is_ready_and_has_no_meters() {
    let world = World::default();
    let tab = opened(&world);
    assert_eq!((tab.watches(), tab.meters()), (Some(false), Vec::new()));
}

#[test]
fn a_meter_is_read_at_its_pace_and_each_reading_is_sent_once() {
    let world = World::default();
    let tab = opened(&world);
    let key = add(&world, &tab, simulated(Model::Dsmr5, 1));
    world.run(MINUTE);
    let readings = tab.readings(&key);
    assert!((59..=61).contains(&readings.len()), "one a second, {}", readings.len());
    assert_whole(&readings);
    assert_eq!(source(&tab, &key), SourceState::Live);
    assert_eq!(state(&tab, &key).interval, Some(1000));
}

#[test]
fn readings_survive_a_crash() {
    let world = World::default();
    let tab = opened(&world);
    let key = add(&world, &tab, simulated(Model::Dsmr5, 1));
    world.run(MINUTE);
    let told = tab.readings(&key);
    tab.crash();
    let tab = opened(&world);
    let newest = tab.newest(&key);
    assert_eq!(newest.last(), told.last(), "every reported reading was on the disk");
    world.run(MINUTE);
    let readings = tab.readings(&key);
    assert_eq!(readings.first().map(|entry| entry.seq), told.last().map(|entry| entry.seq + 1));
    assert_whole(&readings);
}

#[test]
fn a_stopped_meter_has_no_readings_until_it_is_restarted() {
    let world = World::default();
    let tab = opened(&world);
    let key = add(&world, &tab, simulated(Model::Dsmr5, 1));
    world.run(10 * SECOND);
    tab.send(Command::Read { meter: key.clone(), on: false });
    world.run(SECOND);
    let before = tab.readings(&key).len();
    world.run(MINUTE);
    assert_eq!((tab.readings(&key).len(), source(&tab, &key)), (before, SourceState::Off));
    tab.send(Command::Read { meter: key.clone(), on: true });
    world.run(10 * SECOND);
    assert!(tab.readings(&key).len() > before + 5);
}

#[test]
fn a_meter_resumes_when_its_adapter_is_back() {
    let world = World::default();
    let adapter = world.adapters().plug_in(USB, Model::Dsmr5, 1);
    let tab = opened(&world);
    let key = add(&world, &tab, wired(Model::Dsmr5));
    world.run(10 * SECOND);
    assert_eq!(source(&tab, &key), SourceState::Live);
    adapter.pull_out();
    world.run(5 * SECOND);
    assert_eq!(source(&tab, &key), SourceState::Unplugged);
    assert_eq!(state(&tab, &key).trouble.map(|trouble| trouble.code), Some(Code::PortGone));
    let before = tab.readings(&key).len();
    adapter.plug_in();
    world.run(10 * SECOND);
    assert_eq!((source(&tab, &key), state(&tab, &key).trouble), (SourceState::Live, None));
    assert!(tab.readings(&key).len() > before);
    assert_whole(&tab.readings(&key));
}

#[test]
fn a_port_used_by_another_program_is_retried_until_it_is_free() {
    let world = World::default();
    let adapter = world.adapters().plug_in(USB, Model::Dsmr5, 1);
    adapter.take(true);
    let tab = opened(&world);
    let key = add(&world, &tab, wired(Model::Dsmr5));
    world.run(10 * SECOND);
    assert_eq!(source(&tab, &key), SourceState::Blocked);
    assert_eq!(state(&tab, &key).trouble.map(|trouble| trouble.code), Some(Code::PortBusy));
    adapter.take(false);
    world.run(15 * SECOND);
    assert_eq!((source(&tab, &key), state(&tab, &key).trouble), (SourceState::Live, None));
}

#[test]
fn the_port_is_released_when_the_meter_stops_and_when_the_page_closes() {
    let world = World::default();
    let adapter = world.adapters().plug_in(USB, Model::Dsmr5, 1);
    let tab = opened(&world);
    let key = add(&world, &tab, wired(Model::Dsmr5));
    world.run(5 * SECOND);
    assert!(adapter.is_open());
    tab.send(Command::Read { meter: key.clone(), on: false });
    world.run(SECOND);
    assert!(!adapter.is_open());
    tab.send(Command::Read { meter: key, on: true });
    world.run(5 * SECOND);
    assert!(adapter.is_open());
    tab.close();
    assert!(!adapter.is_open());
}

#[test]
fn detected_settings_are_remembered() {
    for (model, found) in [
        (Model::Dsmr5, Protocol::P1),
        (Model::Aidon6525, Protocol::DlmsHdlc),
        (Model::IskraMt175, Protocol::Sml),
    ] {
        let world = World::default();
        let _adapter = world.adapters().plug_in(USB, model, 1);
        let tab = opened(&world);
        let key = add(&world, &tab, unknown());
        assert!(world.run_until(5 * MINUTE, || source(&tab, &key) == SourceState::Live), "{model:?}");
        assert_eq!(protocol(&state(&tab, &key)), Some(found), "{model:?}");
        tab.crash();
        let tab = opened(&world);
        assert_eq!(protocol(&state(&tab, &key)), Some(found), "{model:?} is remembered");
    }
}

/// A page cannot tell two adapters of the same kind apart.
#[test]
fn meters_whose_adapters_change_places_keep_their_logs() {
    let world = World::default();
    let one = world.adapters().plug_in(USB, Model::Dsmr5, 1);
    let tab = opened(&world);
    let first = add(&world, &tab, wired(Model::Dsmr5));
    world.run(10 * SECOND);
    let two = world.adapters().plug_in(USB, Model::Dsmr5, 2);
    let second = add(&world, &tab, wired(Model::Dsmr5));
    world.run(10 * SECOND);
    let names = |tab: &metertap_native::Tab| {
        [&first, &second].map(|key| state(tab, key).record.identification.clone().expect("it was received"))
    };
    let [first_name, second_name] = names(&tab);
    assert_ne!(first_name, second_name);
    one.swap(&two);
    world.run(30 * SECOND);
    for (key, name) in [(&first, &first_name), (&second, &second_name)] {
        let readings = tab.readings(key);
        assert_whole(&readings);
        assert!(readings.len() > 30, "reading continues: {}", readings.len());
        assert!(readings.iter().all(|entry| entry.reading.meter.as_deref() == Some(name.as_str())));
    }
}

#[test]
fn a_silent_meter_is_reported_until_it_sends_again() {
    let world = World::default();
    let adapter = world.adapters().plug_in(USB, Model::Dsmr5, 1);
    let tab = opened(&world);
    let key = add(&world, &tab, wired(Model::Dsmr5));
    world.run(10 * SECOND);
    adapter.mute(true);
    world.run(20 * SECOND);
    assert_eq!(state(&tab, &key).trouble.map(|trouble| trouble.code), Some(Code::PortSilent));
    adapter.mute(false);
    world.run(5 * SECOND);
    assert_eq!(state(&tab, &key).trouble, None);
}

#[test]
fn commands_run_in_order() {
    let world = World::default();
    let tab = opened(&world);
    let key = add(&world, &tab, simulated(Model::Dsmr5, 1));
    for name in ["a", "b", "c"] {
        tab.send(Command::Rename { meter: key.clone(), name: name.to_owned() });
    }
    tab.send(Command::Place { meter: key.clone(), place: "cellar".to_owned() });
    world.run(SECOND);
    tab.crash();
    let tab = opened(&world);
    let record = state(&tab, &key).record;
    assert_eq!((record.name.as_str(), record.place.as_str()), ("c", "cellar"));
}

#[test]
fn removing_a_meter_removes_its_readings() {
    let world = World::default();
    let tab = opened(&world);
    let (gone, stays) =
        (add(&world, &tab, simulated(Model::Dsmr5, 1)), add(&world, &tab, simulated(Model::Aidon6525, 2)));
    world.run(MINUTE);
    tab.send(Command::Remove { meter: gone.clone() });
    world.run(SECOND);
    assert_eq!(keys(&tab), std::slice::from_ref(&stays));
    tab.crash();
    let tab = opened(&world);
    assert_eq!(keys(&tab), [stays]);
    for shelf in metertap_readings::store::disk::Shelf::ALL {
        assert_eq!(world.disks().log().numbers(*shelf, &gone), Vec::<i64>::new(), "{shelf:?}");
    }
}

#[test]
fn an_unknown_model_is_refused() {
    let world = World::default();
    let tab = opened(&world);
    let source = metertap_readings::store::SourceRecord::Simulated { model: "perpetuum".to_owned(), seed: 1 };
    tab.send(Command::Add { source, search: None });
    world.run(SECOND);
    let refused = tab.last(|event| match event {
        Event::Refused { trouble } => Some(trouble.code.clone()),
        _ => None,
    });
    assert_eq!((refused, tab.meters()), (Some(Code::SimulatorModelUnknown), Vec::new()));
}

#[test]
fn a_recording_is_saved_as_a_file() {
    let world = World::default();
    let _adapter = world.adapters().plug_in(USB, Model::Dsmr5, 1);
    let tab = opened(&world);
    let key = add(&world, &tab, wired(Model::Dsmr5));
    world.run(10 * SECOND);
    tab.send(Command::Record { meter: key.clone(), on: true });
    world.run(10 * SECOND);
    tab.send(Command::SaveCapture { meter: key.clone(), whole: false });
    world.run(SECOND);
    let Some(metertap_native::Handle::Blob(blob)) = tab.handed_over() else { panic!("no file") };
    let capture = metertap_readings::files::capture::Capture::open(&blob.bytes).expect("a capture");
    assert_eq!(capture.head.protocol, Some(Protocol::P1));
    let name = state(&tab, &key).record.identification.expect("it was received");
    let heard = capture.heard();
    assert!(heard.len() > 1000 && !heard.windows(name.len()).any(|bytes| bytes == name.as_bytes()));
}

#[test]
fn an_opened_capture_becomes_a_meter_with_readings() {
    let world = World::default();
    let tab = opened(&world);
    let bytes: Vec<u8> = metertap_simulator::Meter::new(Model::Dsmr5, 5, 1_700_000_000)
        .take(30)
        .flat_map(|t| t.bytes)
        .collect();
    tab.send(Command::Open { name: "p1.bin".to_owned(), octets: bytes, paced: false, kept: true });
    world.run(10 * SECOND);
    let [key] = keys(&tab).try_into().expect("one meter");
    assert_eq!((tab.readings(&key).len(), source(&tab, &key)), (30, SourceState::Done));
    tab.crash();
    let tab = opened(&world);
    let newest = tab.newest(&key).pop();
    assert_eq!(newest.map(|entry| entry.seq), Some(30), "the user wanted to keep it");
}

#[test]
fn a_file_without_a_telegram_is_refused_and_its_bytes_can_be_inspected() {
    let world = World::default();
    let tab = opened(&world);
    tab.send(Command::Open { name: "x".to_owned(), octets: vec![7; 100], paced: false, kept: true });
    tab.send(Command::Octets { meter: metertap_readings::store::MeterKey("refused-file".to_owned()) });
    world.run(SECOND);
    let refused = tab.last(|event| match event {
        Event::Refused { trouble } => Some(trouble.code.clone()),
        _ => None,
    });
    let kept = tab.last(|event| match event {
        Event::Octets { kept, .. } => Some(kept.clone()),
        _ => None,
    });
    assert_eq!(refused, Some(Code::FileNoTelegram));
    assert_eq!(kept.map(|kept| kept.into_iter().map(|one| one.octets).collect()), Some(vec![vec![7; 100]]));
}

#[test]
fn too_large_files_and_utf_16_files_are_refused_with_the_reason() {
    let world = World::default();
    let tab = opened(&world);
    let utf_16: Vec<u8> = "/SIM5\\2METERTAP\r\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let large = vec![b'7'; metertap_protocol::LARGEST_RECORDING + 1];
    for (bytes, code) in [(utf_16, Code::FileUtf16), (large, Code::FileTooLarge)] {
        tab.send(Command::Open { name: "x".to_owned(), octets: bytes, paced: false, kept: true });
        world.run(SECOND);
        let refused = tab.last(|event| match event {
            Event::Refused { trouble } => Some(trouble.code.clone()),
            _ => None,
        });
        assert_eq!((refused, tab.meters()), (Some(code), vec![]));
    }
}

#[test]
fn a_wrong_key_for_a_file_is_reported_until_the_right_one_is_given() {
    let world = World::default();
    let tab = opened(&world);
    let model = Model::LuxembourgSmarty;
    let bytes: Vec<u8> =
        metertap_simulator::Meter::new(model, 5, 1_700_000_000).take(3).flat_map(|t| t.bytes).collect();
    let head =
        metertap_readings::files::capture::Head { protocol: Some(model.protocol()), ..Default::default() };
    let event = metertap_readings::files::capture::Event::Heard(bytes);
    let timed = metertap_readings::files::capture::Timed { at: 0, event };
    let text =
        metertap_readings::files::capture::head(&head) + &metertap_readings::files::capture::event(&timed);
    tab.send(Command::Open {
        name: "smarty".to_owned(),
        octets: text.into_bytes(),
        paced: false,
        kept: true,
    });
    world.run(5 * SECOND);
    let [key] = keys(&tab).try_into().expect("one meter");
    let code = |tab: &metertap_native::Tab| state(tab, &key).trouble.map(|trouble| trouble.code);
    assert_eq!(code(&tab), Some(Code::CipherKeyMissing));
    let unlock = |encryption: &str, authentication: &str| Command::Unlock {
        meter: key.clone(),
        encryption: encryption.to_owned(),
        authentication: authentication.to_owned(),
    };
    tab.send(unlock(&"01".repeat(16), ""));
    world.run(SECOND);
    assert!(code(&tab).is_some_and(|code| code.is_of_cipher()), "{:?}", code(&tab));
    let keys = model.keys().expect("it is encrypted");
    let hex = |key: [u8; 16]| key.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    tab.send(unlock(&hex(keys.encryption), &keys.authentication.map(hex).unwrap_or_default()));
    world.run(SECOND);
    assert_eq!(code(&tab), None);
}
