//! If a rule changes how identifications are written, a known meter stays the same meter.

use metertap_decoder::reading::Reading;
use metertap_native::{Tab, World};
use metertap_protocol::Command;
use metertap_readings::store::disk::{Change, Disk};
use metertap_readings::store::{MeterKey, MeterRecord, Name, Record, Records};
use metertap_simulator::Model;

use crate::house::*;

/// Rewrites the identifications of all meters on the disk as an earlier build would have written them.
fn respell(world: &World, spell: impl Fn(&str) -> String) -> Vec<MeterRecord> {
    use futures_util::FutureExt;

    let log = world.disks().log();
    let records = log.records(&Records::Meters).now_or_never().expect("at once").expect("records");
    let mut changed = Vec::new();
    for record in records {
        let Record::Meter(mut meter) = record else { continue };
        meter.identification = meter.identification.as_deref().map(&spell);
        changed.push(meter);
    }
    let changes = changed.iter().map(|meter| Change::Keep(Record::Meter(meter.clone()))).collect();
    log.commit(changes).now_or_never().expect("at once").expect("written");
    changed
}

fn heard(tab: &Tab, key: &MeterKey) -> usize {
    tab.readings(key).len()
}

fn hex(text: &str) -> String {
    text.bytes().map(|byte| format!("{byte:02X}")).collect()
}

/// The spellings of builds before all identifications came from one function: hex, hex with NUL characters at the end,
/// the usual spelling with spaces around it, the usual spelling, and the number without the maker.
const SPELLINGS: [fn(&str) -> String; 5] = [
    |name| {
        let (maker, number) = name.split_once('-').unwrap_or_default();
        format!("{maker}-{}", hex(number))
    },
    |name| {
        let (maker, number) = name.split_once('-').unwrap_or_default();
        format!("{maker}-{}00000000", hex(number))
    },
    |name| format!("   {name} "),
    str::to_owned,
    |name| name.split_once('-').map(|(_, number)| number.to_owned()).unwrap_or_default(),
];

#[test]
fn two_meters_on_one_line_stay_separate_under_earlier_spellings() {
    for spell in SPELLINGS {
        let world = World::default();
        let splitter = world.adapters().plug_in_several(USB, &[(Model::Dsmr5, 1), (Model::Dsmr5, 2)]);
        let tab = opened(&world);
        let line = add(&world, &tab, wired(Model::Dsmr5));
        world.run(30 * SECOND);
        tab.close();
        assert!(!splitter.is_open());
        let before = respell(&world, spell);
        assert_eq!(before.len(), 2);
        let tab = opened(&world);
        world.run(30 * SECOND);
        let meters = tab.meters();
        assert_eq!(meters.len(), 2, "{:?}", before[0].identification);
        for (before, now) in before.iter().zip(&meters) {
            assert_eq!((&before.key, &before.topic), (&now.record.key, &now.record.topic));
            assert!(heard(&tab, &before.key) >= 25, "{:?}: {}", before.key, heard(&tab, &before.key));
            let names = |readings: &[metertap_readings::entry::Entry]| -> Vec<_> {
                readings.iter().filter_map(|entry| entry.reading.meter.clone()).collect()
            };
            let mut names = names(&tab.readings(&before.key));
            names.dedup();
            assert_eq!(names.len(), 1, "each in its own log: {names:?}");
        }
        assert_eq!(meters.iter().filter(|meter| meter.record.line_of.as_ref() == Some(&line)).count(), 1);
    }
}

/// An identification register that was never filled used to give a name of zeros.
#[test]
fn a_meter_named_zeros_gets_its_name_and_keeps_its_topic() {
    let world = World::default();
    let _adapter = world.adapters().plug_in(USB, Model::Dsmr5, 1);
    let tab = opened(&world);
    let key = add(&world, &tab, wired(Model::Dsmr5));
    world.run(30 * SECOND);
    let name = state(&tab, &key).record.identification.expect("it was received");
    tab.close();
    let before = respell(&world, |_| "0000000000000000".to_owned());
    let tab = opened(&world);
    world.run(30 * SECOND);
    let record = state(&tab, &key).record;
    assert_eq!(record.identification.as_deref(), Some(name.as_str()));
    assert_eq!(record.formerly.as_deref(), Some("0000000000000000"));
    assert_eq!(Some(&record.topic), before.first().map(|before| &before.topic));
    assert_eq!(keys(&tab), [key]);
}

/// Counters continue across the change, even if the page was closed for a night.
#[test]
fn counters_continue_under_another_spelling() {
    for spell in SPELLINGS {
        let world = World::default();
        let _adapter = world.adapters().plug_in(USB, Model::Dsmr4, 1);
        let tab = opened(&world);
        let key = add(&world, &tab, wired(Model::Dsmr4));
        world.run(20 * MINUTE);
        let first = position(&tab.readings(&key).first().expect("it is read").reading);
        tab.close();
        let old = respell(&world, spell)[0].identification.clone().expect("it has one");
        respell_totals(&world, &key, &old);
        world.run(12 * HOUR);
        let tab = opened(&world);
        world.run(20 * MINUTE);
        let last = position(&tab.readings(&key).last().expect("it is read").reading);
        tab.send(Command::Read { meter: key.clone(), on: false });
        world.run(MINUTE);
        assert_eq!(counted(&world, &tab, &key), last - first, "{old}");
    }
}

fn position(reading: &Reading) -> i128 {
    use metertap_decoder::reading::Quantity;
    use metertap_decoder::register::Value;

    let is_it = |value: &&metertap_decoder::reading::Measurement| {
        value.quantity == Some(Quantity::ActiveEnergyImport) && value.tariff == Some(1)
    };
    match reading.values.iter().find(is_it).expect("a counter").value {
        Value::Number(number) => number.mantissa_at(-3).expect("thousandths"),
        _ => panic!("no number"),
    }
}

/// Puts the old name into the readings and computes the totals from them, as the earlier build did.
fn respell_totals(world: &World, key: &MeterKey, old: &str) {
    use futures_util::FutureExt;
    use metertap_decoder::time::Zone;
    use metertap_readings::archive::Archive;
    use metertap_readings::entry::Entry;

    let disk = world.disks().log().clone();
    let zone = Zone::named("Europe/Oslo").expect("a zone");
    let archive = Archive::open(disk, zone).now_or_never().expect("at once").expect("it opens");
    let all = archive.range(key, 1..=u64::MAX, usize::MAX).now_or_never().expect("at once").expect("entries");
    let record = archive.meters().now_or_never().expect("at once").expect("records").remove(0);
    archive.remove_meter(key).now_or_never().expect("at once").expect("removed");
    archive.keep_meter(&record).now_or_never().expect("at once").expect("kept");
    let readings = all
        .into_iter()
        .map(|Entry { reading, received, .. }| (received, Reading { meter: Some(old.into()), ..reading }));
    archive.append_all(key, readings).now_or_never().expect("at once").expect("appended");
    let _ = Name::Meter(key.clone());
}

/// The energy that the meter's first tariff counted over all quarter-hours, in watt-hours.
fn counted(world: &World, tab: &Tab, key: &MeterKey) -> i128 {
    use metertap_decoder::number::Number;
    use metertap_native::{File, Handle};
    use metertap_protocol::ExportOptions;
    use metertap_readings::files::export::{ExportForm, Resolution};

    let file = File::new("all", Vec::new());
    let options =
        ExportOptions { form: ExportForm::Csv, resolution: Resolution::Quarter, ..ExportOptions::default() };
    let meters = vec![key.clone()];
    tab.send_beside(
        Command::Export { id: 1, meters, from: None, to: None, options, into_file: true },
        Handle::File(std::rc::Rc::clone(&file)),
    );
    world.run(MINUTE);
    let text = String::from_utf8(file.octets()).expect("text");
    let mut rows = text.lines().map(|row| row.split(',').collect::<Vec<_>>());
    let head = rows.next().expect("a head");
    let column =
        head.iter().position(|name| *name == "active_energy_import_t1_counted_kwh").expect("a column");
    let number = |row: Vec<&str>| row[column].parse::<Number>().ok()?.mantissa_at(-3);
    rows.filter_map(number).sum()
}
