//! What the tests share: meters to add, their state, and exports.

use std::rc::Rc;
use std::sync::atomic::{AtomicU32, Ordering};

use metertap_decoder::reading::Protocol;
use metertap_native::{File, Folder, Handle, Tab, World};
use metertap_protocol::{Command, Event, ExportOptions, MeterState, SourceState};
use metertap_readings::entry::Entry;
use metertap_readings::store::{LineSettings, MeterKey, SourceRecord};
use metertap_simulator::Model;

/// The USB IDs of the adapters.
pub(crate) const USB: (u16, u16) = (0x0403, 0x6001);
pub(crate) const SECOND: u64 = 1000;
pub(crate) const MINUTE: u64 = 60 * SECOND;
pub(crate) const HOUR: u64 = 60 * MINUTE;
pub(crate) const DAY: u64 = 24 * HOUR;

/// A page that was just opened.
pub(crate) fn opened(world: &World) -> Tab {
    let tab = Tab::open(world);
    assert!(world.run_until(10 * SECOND, || tab.watches().is_some()), "{:?}", tab.events());
    tab
}

/// The source of a simulated meter of this model.
pub(crate) fn simulated(model: Model, seed: u64) -> SourceRecord {
    SourceRecord::Simulated { model: model.name().to_owned(), seed }
}

/// A meter behind an adapter, with known line settings and protocol.
pub(crate) fn wired(model: Model) -> SourceRecord {
    let spoken = LineSettings {
        line: Some(model.line()),
        protocol: Some(model.protocol()),
        ..LineSettings::default()
    };
    SourceRecord::Serial { vendor: Some(USB.0), product: Some(USB.1), spoken }
}

/// A meter behind an adapter, with nothing known about it.
pub(crate) fn unknown() -> SourceRecord {
    SourceRecord::Serial { vendor: Some(USB.0), product: Some(USB.1), spoken: LineSettings::default() }
}

/// Adds a meter, and returns its key.
pub(crate) fn add(world: &World, tab: &Tab, source: SourceRecord) -> MeterKey {
    let known: Vec<MeterKey> = keys(tab);
    tab.send(Command::Add { source, search: None });
    assert!(world.run_until(SECOND, || keys(tab).len() > known.len()), "no meter was added");
    keys(tab).into_iter().find(|key| !known.contains(key)).expect("there is one more")
}

pub(crate) fn keys(tab: &Tab) -> Vec<MeterKey> {
    tab.meters().into_iter().map(|meter| meter.record.key).collect()
}

pub(crate) fn state(tab: &Tab, key: &MeterKey) -> MeterState {
    tab.meter(key).expect("the meter is there")
}

pub(crate) fn source(tab: &Tab, key: &MeterKey) -> SourceState {
    state(tab, key).source
}

/// Asserts that the numbers have no gaps and no repetitions.
pub(crate) fn assert_whole(entries: &[Entry]) {
    let first = entries.first().map_or(1, |entry| entry.seq);
    let seqs: Vec<u64> = entries.iter().map(|entry| entry.seq).collect();
    assert_eq!(seqs, (first..first + entries.len() as u64).collect::<Vec<_>>());
}

/// The protocol stored for a meter's line.
pub(crate) fn protocol(state: &MeterState) -> Option<Protocol> {
    state.record.source.spoken().and_then(|spoken| spoken.protocol)
}

/// A meter that was read for three hours and is stopped.
pub(crate) fn read_for_three_hours() -> (World, Tab, MeterKey) {
    let world = World::default();
    let tab = opened(&world);
    let key = add(&world, &tab, simulated(Model::Dsmr4, 1));
    world.run(3 * HOUR);
    tab.send(Command::Read { meter: key.clone(), on: false });
    world.run(MINUTE);
    (world, tab, key)
}

/// All entries of a meter's log, as exported.
pub(crate) fn export(world: &World, tab: &Tab, key: &MeterKey) -> Vec<Entry> {
    let file = File::new("log.jsonl", Vec::new());
    let options = ExportOptions::default();
    let meters = vec![key.clone()];
    // The end of an earlier export in the same tab must not count as the end of this one.
    let export_id = EXPORTS.fetch_add(1, Ordering::Relaxed);
    let export = Command::Export { id: export_id, meters, from: None, to: None, options, into_file: true };
    tab.send_beside(export, Handle::File(Rc::clone(&file)));
    let is_over = |event: &Event| {
        matches!(event, Event::Export { id, end: Some(_), .. } if *id == export_id).then_some(())
    };
    assert!(world.run_until(MINUTE, || tab.last(is_over).is_some()), "it is written");
    let text = String::from_utf8(file.octets()).expect("text");
    text.lines().map(|line| serde_json::from_str(line).expect("a reading")).collect()
}

/// The ID of the next export. Other commands of the tests have lower numbers.
static EXPORTS: AtomicU32 = AtomicU32::new(1000);

/// Switches on daily backups into a folder. The first one is written at once.
pub(crate) fn begin_daily(world: &World, tab: &Tab) -> Rc<Folder> {
    let folder = Rc::new(Folder::default());
    let daily = Command::Daily { folder: "backups".to_owned(), secrets: false };
    tab.send_beside(daily, Handle::Folder(Rc::clone(&folder)));
    world.run(MINUTE);
    folder
}
