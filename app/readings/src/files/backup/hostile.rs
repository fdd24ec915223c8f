//! Tests that adding a file, and undoing what was added, neither changes nor removes existing data, whatever the file
//! contains. All files here have a correct SHA-256.
//!
//! The house below makes the same decisions as the engine, over a disk in memory.

mod files;

use std::collections::BTreeMap;

use metertap_decoder::time::Zone;
use proptest::collection::vec;
use proptest::prelude::*;

use self::files::file;
use super::*;
use crate::files::import::Join;
use crate::log::calendar::Quarter;
use crate::log::format::chunk::Chunk;
use crate::log::journal::{Journal, Restoring};
use crate::samples::{at_once, han_list_1};
use crate::store::disk::{Disk, Row};
use crate::store::retention::Retention;
use crate::store::{MemoryDisk, SourceRecord};

#[derive(Debug)]
struct House {
    disk: MemoryDisk,
    journal: Journal<MemoryDisk>,
    meters: BTreeMap<MeterKey, MeterRecord>,
    settings: BTreeMap<String, String>,
    cursors: BTreeMap<(MeterKey, String), u64>,
    ledger: Ledger,
}

/// Everything that must stay.
#[derive(Clone, Debug, PartialEq)]
struct Kept {
    rows: Vec<(MeterKey, Vec<Vec<Row>>)>,
    meters: BTreeMap<MeterKey, MeterRecord>,
    settings: BTreeMap<String, String>,
    cursors: BTreeMap<(MeterKey, String), u64>,
    imports: Vec<Import>,
}

/// The existing logs. The last one is an import into the meter `sml-0b`, although it is named after another meter.
/// An earlier version accepted such a name from a file.
const HERE: [&str; 4] = ["p1-0a", "p1-0a+1", "sml-0b", "x+1"];
const READER: &str = "mqtt ws://pi:9001";

fn key(name: &str) -> MeterKey {
    MeterKey(name.to_owned())
}

fn record(name: &str) -> MeterRecord {
    let json = serde_json::json!({
        "key": name, "name": "", "identification": "4530303434303037", "topic": "hall", "reading": true,
        "source": { "from": "bridge", "url": "ws://pi/", "line": null, "protocol": "p1" },
    });
    serde_json::from_value(json).unwrap()
}

impl House {
    fn new() -> Self {
        let disk = MemoryDisk::default();
        let journal = Journal::new(disk.clone(), Zone::default());
        for name in HERE {
            let all = (0..31).map(|step| (Moment(1_795_219_200_000 + step * 10_000), han_list_1("5")));
            at_once(journal.append_all(&key(name), all)).unwrap();
        }
        let mut sml = record("sml-0b");
        (sml.identification, sml.topic) = (None, Some("garage".into()));
        let meters = [record("p1-0a"), sml].map(|record| (record.key.clone(), record)).into();
        let (at, span) = (Moment(0), (Moment(0), Moment(1)));
        let import = |log: &str, meter: &str| {
            let (log, meter, file) = (key(log), key(meter), "a.csv".to_owned());
            Import { log, meter, file, at, readings: 31, span, heard: true, typed: false, stated: Vec::new() }
        };
        let imports = vec![import("p1-0a+1", "p1-0a"), import("x+1", "sml-0b")];
        let broker = r#"{"url":"ws://pi:9001","user":"","password":"p","base":"meters"}"#;
        let keys = r#"{"encryption":"000102030405060708090A0B0C0D0E0F","authentication":null}"#;
        let settings = [("broker", broker), ("keys.p1-0a", keys)];
        let settings = settings.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        let cursors = [((key("p1-0a"), READER.to_owned()), 31)].into();
        let ledger = Ledger { unfinished: Vec::new(), imports };
        Self { disk, journal, meters, settings, cursors, ledger }
    }

    /// What is left of the original contents.
    fn kept(&self) -> Kept {
        let at_first = Self::new();
        let rows = |log: &MeterKey| {
            let of = |shelf: &Shelf| at_once(self.disk.rows(*shelf, log, i64::MIN..=i64::MAX, usize::MAX));
            Shelf::ALL.iter().map(|shelf| of(shelf).unwrap()).collect()
        };
        let (mut meters, mut settings) = (self.meters.clone(), self.settings.clone());
        let (mut cursors, mut imports) = (self.cursors.clone(), self.ledger.imports.clone());
        meters.retain(|key, _| at_first.meters.contains_key(key));
        settings.retain(|name, _| at_first.settings.contains_key(name));
        cursors.retain(|place, _| at_first.cursors.contains_key(place));
        imports.retain(|import| at_first.ledger.imports.contains(import));
        Kept { rows: HERE.map(|log| (key(log), rows(&key(log)))).into(), meters, settings, cursors, imports }
    }

    fn keys(&self) -> Vec<MeterKey> {
        self.meters.keys().cloned().collect()
    }

    fn settings(&self) -> Vec<Setting> {
        self.settings.iter().filter_map(|(name, value)| Setting::of(name, value)).collect()
    }

    fn remove_unfinished(&mut self) {
        for log in self.ledger.leftovers(&self.keys()) {
            at_once(self.journal.remove(&log)).unwrap();
        }
        self.ledger.unfinished.clear();
    }

    fn add(&mut self, file: &[u8]) -> Result<(), Refusal> {
        let (contents, frames) = super::tests::read(file, 999)?;
        self.remove_unfinished();
        let logs = self.ledger.logs().cloned().collect::<Vec<_>>();
        let here = self.meters.values().cloned().collect();
        let mut arrivals = Arrivals::new(here, logs, "hostile.metertap", &contents, false);
        let (mut whole, mut beside) = (None::<Restoring<'_, MemoryDisk>>, None);
        let mut joined = BTreeMap::<MeterKey, (MeterKey, Join)>::new();
        for frame in frames {
            match frame {
                Piece::Log(name) => {
                    if let Some(whole) = whole.take() {
                        at_once(whole.end()).unwrap();
                    }
                    beside = None;
                    match arrivals.place(&name) {
                        Destination::Nowhere => {}
                        Destination::Whole(log) => {
                            self.ledger.begin(&log);
                            whole = Some(at_once(self.journal.restore(&log)).unwrap());
                        }
                        Destination::Beside(meter) => {
                            if !joined.contains_key(&meter) {
                                let into = self.ledger.next_import(&meter);
                                self.ledger.begin(&into);
                                let mut join = Join::default();
                                for log in Import::logs(&meter, &self.ledger.imports) {
                                    let all = Quarter(i64::MIN)..=Quarter(i64::MAX);
                                    join.knows(
                                        &at_once(self.journal.quarters(&log, all, |_| false)).unwrap(),
                                    );
                                }
                                joined.insert(meter.clone(), (into, join));
                            }
                            beside = Some(meter);
                        }
                    }
                }
                Piece::Row(shelf, number, row) => {
                    if let Some(whole) = &mut whole {
                        at_once(whole.row(shelf, number, row)).unwrap();
                    } else if let Some((into, join)) = beside.as_ref().and_then(|meter| joined.get_mut(meter))
                        && matches!(shelf, Shelf::Chunks | Shelf::Tail)
                    {
                        let entries = Chunk::open(&row).and_then(|chunk| chunk.entries()).unwrap();
                        let new = entries.into_iter().filter(|entry| join.takes(entry.received));
                        let new = new.map(|entry| (entry.received, entry.reading));
                        at_once(self.journal.append_all(into, new.collect::<Vec<_>>())).unwrap();
                    }
                }
                frame => arrivals.take(frame),
            }
        }
        if let Some(whole) = whole.take() {
            at_once(whole.end()).unwrap();
        }
        let imports = joined.into_iter().filter_map(|(meter, (log, join))| {
            let (file, at, readings, span) = (String::new(), Moment(0), join.new, join.span?);
            let (heard, typed, stated) = (true, false, Vec::new());
            Some(Import { log, meter, file, at, readings, span, heard, typed, stated })
        });
        let finished = arrivals.finish(imports.collect());
        self.ledger.finish(&finished, &self.keys());
        assert_eq!(finished.gone, [], "nothing is removed");
        for meter in finished.meters {
            let taken = self.meters.insert(meter.key.clone(), meter);
            assert_eq!(taken, None, "no record is overwritten");
        }
        for cursor in finished.cursors {
            self.cursors.insert((cursor.meter, cursor.reader), cursor.seq);
        }
        for setting in finished.settings.beside(&self.settings()) {
            self.settings.insert(setting.name(), setting.value());
        }
        self.remove_unfinished();
        Ok(())
    }

    /// The user removes every new import and every new meter.
    fn undo(&mut self) {
        let at_first = Self::new();
        let new = |import: &&Import| !at_first.ledger.imports.contains(import);
        let logs: Vec<_> = self.ledger.imports.iter().filter(new).map(|import| import.log.clone()).collect();
        for log in logs {
            self.ledger.forget(&log);
            self.remove_unfinished();
        }
        for meter in self.keys().into_iter().filter(|meter| !at_first.meters.contains_key(meter)) {
            for log in Import::logs(&meter, &self.ledger.imports) {
                at_once(self.journal.remove(&log)).unwrap();
            }
            self.ledger.imports.retain(|import| import.meter != meter);
            self.meters.remove(&meter);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn adding_any_file_keeps_existing_data(files in vec(file(), 1..3)) {
        let mut house = House::new();
        let before = house.kept();
        for file in files {
            let _ = house.add(&file);
            prop_assert_eq!(&house.kept(), &before);
            prop_assert_eq!(&house.ledger.unfinished, &[] as &[MeterKey]);
            let addresses = |meter: &MeterRecord| matches!(meter.source, SourceRecord::Bridge { .. });
            let new = |meter: &&MeterRecord| !before.meters.contains_key(&meter.key);
            for meter in house.meters.values().filter(new) {
                prop_assert!(!(meter.reading && addresses(meter)), "{:?}", meter);
                prop_assert_eq!(meter.retention, Retention::Forever);
            }
            let mut topics: Vec<_> = house.meters.values().filter_map(|meter| meter.topic.clone()).collect();
            topics.sort();
            let all = topics.len();
            topics.dedup();
            prop_assert_eq!(topics.len(), all, "each has its own name in topics");
            for name in house.settings.keys() {
                prop_assert!(name == "broker" || name.starts_with("keys."), "{}", name);
            }
        }
        // A backup made by this page still finds its own meters.
        for own in ["p1-0a", "sml-0b"] {
            let here = house.meters.values().cloned().collect();
            let mut arrivals = Arrivals::new(here, [], "own.metertap", &Contents::default(), false);
            arrivals.take(Piece::Meter(before.meters[&key(own)].clone()));
            prop_assert_eq!(arrivals.place(&key(own)), Destination::Beside(key(own)));
        }
        // Readings continue where they were, and after undoing everything the original contents are there.
        let next = han_list_1("5");
        for log in ["p1-0a", "sml-0b"] {
            let appended = at_once(house.journal.append(&key(log), Moment(1_795_219_510_000), &next));
            prop_assert_eq!(appended, Ok(32));
        }
        let before = house.kept();
        house.undo();
        prop_assert_eq!(&house.kept(), &before);
    }
}
