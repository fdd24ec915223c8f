//! The data of build e888b7f, read by the whole engine.

use futures_util::FutureExt;
use metertap_decoder::hex;
use metertap_native::{File, Handle, Tab, World};
use metertap_protocol::{Command, Event, ExportEnd, ExportOptions, RestoreHow, RestoreState, SourceState};
use metertap_readings::store::disk::{Change, Disk, RowChange, Shelf};
use metertap_readings::store::{Internal, MeterKey, Record};
use serde_json::Value;

use crate::house::*;

const DATABASE: &str = include_str!("../../../../../tests/databases/e888b7f.json");
const BACKUP: &[u8] = include_bytes!("../../../../../tests/databases/e888b7f.metertap");
/// This file has not changed since that build.
const CAPTURE: &str = include_str!("../../../../../tests/captures/dsmr-5.txt");

/// A disk as that build wrote it.
fn written(world: &World) {
    let database: Value = serde_json::from_str(DATABASE).expect("JSON");
    let mut changes = Vec::new();
    for (store, rows) in database["stores"].as_object().expect("stores") {
        for row in rows.as_array().expect("rows") {
            let text = |name: &str| row[1][name].as_str().expect("text").to_owned();
            changes.push(match store.as_str() {
                "meters" => {
                    Change::Add(Record::Meter(serde_json::from_str(&text("record")).expect("a record")))
                }
                "settings" => Change::Add(Record::Setting(text("name"), text("value"))),
                "internal" => {
                    let name = Internal::of(&text("name")).expect("one that is known");
                    Change::Add(Record::Internal(name, text("value")))
                }
                store => {
                    let shelf = Shelf::ALL.iter().find(|shelf| shelf.as_str() == store).expect("a shelf");
                    let meter = MeterKey(row[0][0].as_str().expect("a key").to_owned());
                    let bytes = hex::read(text("hex")).expect("hex");
                    let number = row[0][1].as_i64().expect("a number");
                    Change::Rows(meter, vec![RowChange::Put(*shelf, number, bytes)])
                }
            });
        }
    }
    let made = world.disks().log().commit(changes).now_or_never();
    assert_eq!(made, Some(Ok(())));
}

/// The number of readings in a meter's export.
fn exported(world: &World, tab: &Tab, key: &MeterKey) -> usize {
    let file = File::new("all.jsonl", Vec::new());
    let (meters, options) = (vec![key.clone()], ExportOptions::default());
    tab.send_beside(
        Command::Export { id: 1, meters, from: None, to: None, options, into_file: true },
        Handle::File(std::rc::Rc::clone(&file)),
    );
    world.run(MINUTE);
    let end = tab.last(|event| match event {
        Event::Export { end, .. } => end.clone(),
        _ => None,
    });
    assert_eq!(end, Some(ExportEnd::Complete));
    String::from_utf8(file.octets()).expect("text").lines().count()
}

fn recorded(tab: &Tab) -> MeterKey {
    let meters = tab.meters();
    let is_it = |meter: &&metertap_protocol::MeterState| meter.record.key.0.starts_with("p1-");
    let meter = meters.iter().find(is_it).expect("it is there");
    assert_eq!(meter.record.identification.as_deref(), Some("SIM-M5000000000000097"));
    meter.record.key.clone()
}

#[test]
fn a_database_of_build_e888b7f_opens_with_all_its_contents() {
    let world = World::default();
    written(&world);
    let tab = opened(&world);
    assert_eq!(keys(&tab).len(), 2);
    let key = recorded(&tab);
    // 1,081 telegrams, and four readings that were imported.
    assert_eq!(exported(&world, &tab, &key), 1085);
    let broker = tab.last(|event| match event {
        Event::Ready { broker, .. } => broker.clone(),
        _ => None,
    });
    assert_eq!(broker.map(|broker| broker.url).as_deref(), Some("ws://localhost:9/"));
    let imports = tab.last(|event| match event {
        Event::Imports { imports } => Some(imports.len()),
        _ => None,
    });
    assert_eq!(imports, Some(1));
    assert_eq!(tab.notices(), [], "nothing of it is damaged");
}

#[test]
fn a_backup_of_build_e888b7f_is_restored() {
    let world = World::default();
    let tab = opened(&world);
    let file = File::new("e888b7f.metertap", BACKUP.to_vec());
    tab.send_beside(Command::Restore { id: 3, how: RestoreHow::Replace }, Handle::File(file));
    world.run(MINUTE);
    let state = tab.last(|event| match event {
        Event::Restore { state, .. } => Some(state.clone()),
        _ => None,
    });
    let Some(RestoreState::Complete(readings)) = state else { panic!("{state:?}") };
    assert_eq!(readings as usize, keys(&tab).iter().map(|key| exported(&world, &tab, key)).sum::<usize>());
    assert_eq!(exported(&world, &tab, &recorded(&tab)), 1085);
}

#[test]
fn a_capture_of_build_e888b7f_is_replayed() {
    for paced in [false, true] {
        let world = World::default();
        let tab = opened(&world);
        let bytes = CAPTURE.as_bytes().to_vec();
        tab.send(Command::Open { name: "dsmr-5.txt".to_owned(), octets: bytes, paced, kept: true });
        world.run(HOUR);
        let [key] = keys(&tab).try_into().expect("one meter");
        assert_eq!(source(&tab, &key), SourceState::Done, "paced: {paced}");
        assert_eq!(tab.readings(&key).len(), 6, "paced: {paced}");
        assert_whole(&tab.readings(&key));
    }
}
