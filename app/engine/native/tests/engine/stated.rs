//! A factor that the user states for a meter. It applies wherever readings from its date on are shown, and it can be
//! taken back.

use std::rc::Rc;

use metertap_decoder::number::Number;
use metertap_decoder::reading::{Measurement, Quantity, Scaling};
use metertap_decoder::register::Value;
use metertap_native::{File, Handle, Tab, World};
use metertap_protocol::{Broker, Command, Event, ExportOptions, RestoreHow, RestoreState};
use metertap_readings::broker::scripted::Habits;
use metertap_readings::entry::{Entry, Moment};
use metertap_readings::files::export::{ExportForm, Resolution};
use metertap_readings::stated::{Correction, CorrectionKind};
use metertap_readings::store::MeterKey;
use metertap_simulator::Model;

use crate::house::*;

/// The statement that from this time on, the meter is behind current transformers of 200 to 5.
fn behind_transformers(from: Moment) -> Correction {
    let ratio = "200/5".parse().expect("a ratio");
    Correction { from, what: CorrectionKind::CurrentTransformer { ratio } }
        .possible()
        .expect("it can be stated")
}

fn counter(entry: &Entry) -> &Measurement {
    let is_it = |value: &&Measurement| {
        value.quantity == Some(Quantity::ActiveEnergyImport) && value.tariff.unwrap_or(1) == 1
    };
    entry.reading.values.iter().find(is_it).expect("a counter")
}

fn number(value: &Measurement) -> Number {
    match value.value {
        Value::Number(number) => number,
        _ => panic!("{value:?}"),
    }
}

/// Whether a number is exactly forty times another one.
fn is_forty_times(number: Number, of: Number) -> bool {
    number.compare(Number::new(of.mantissa * 40, of.scaler)).is_eq()
}

/// A page with a meter of this model that was read for half an hour, and the beginning of the newest quarter-hour.
fn read_for_half_an_hour(world: &World, model: Model) -> (Tab, MeterKey, Moment) {
    let tab = opened(world);
    let key = add(world, &tab, simulated(model, 1));
    world.run(30 * MINUTE);
    let now = world.moment().0;
    (tab, key, Moment(now - now.rem_euclid(900_000)))
}

fn exported(world: &World, tab: &Tab, key: &MeterKey, options: ExportOptions) -> Vec<String> {
    let file = File::new("all", Vec::new());
    let (meters, into_file) = (vec![key.clone()], true);
    tab.send_beside(
        Command::Export { id: 1, meters, from: None, to: None, options, into_file },
        Handle::File(Rc::clone(&file)),
    );
    world.run(MINUTE);
    String::from_utf8(file.octets()).expect("text").lines().map(str::to_owned).collect()
}

fn entries(world: &World, tab: &Tab, key: &MeterKey) -> Vec<Entry> {
    let lines = exported(world, tab, key, ExportOptions::default());
    lines.iter().map(|line| serde_json::from_str(line).expect("an entry")).collect()
}

#[test]
fn a_factor_applies_from_its_time_until_it_is_withdrawn() {
    let world = World::default();
    let (tab, key, from) = read_for_half_an_hour(&world, Model::AidonSweden);
    let said = entries(&world, &tab, &key);
    let statement = behind_transformers(from);
    tab.send(Command::State { meter: key.clone(), statement: statement.clone() });
    world.run(SECOND);
    let told = entries(&world, &tab, &key);
    let (mut before, mut after) = (0, 0);
    for (said, told) in said.iter().zip(&told) {
        let (raw, value) = (counter(said), counter(told));
        if told.received < from {
            before += 1;
            assert_eq!(raw, value);
        } else {
            after += 1;
            assert!(is_forty_times(number(value), number(raw)), "{value:?}");
            assert_eq!((value.scaling, value.unit), (Scaling::Stated, raw.unit));
        }
        let voltage = |entry: &Entry| {
            let is_it = |value: &&Measurement| value.quantity == Some(Quantity::Voltage);
            entry.reading.values.iter().find(is_it).cloned()
        };
        assert!(voltage(said).is_some());
        assert_eq!(voltage(said), voltage(told), "no voltage transformer was stated");
    }
    assert!(before > 50 && after > 10, "{before} and {after}");
    // The factor applies to new readings, and to those that the window already shows.
    world.run(15 * SECOND);
    let live = tab.readings(&key).last().cloned().expect("it is read");
    assert_eq!(counter(&live).scaling, Scaling::Stated);
    let newest = tab.last(|event| match event {
        Event::Newest { rows, .. } => rows.last().and_then(metertap_protocol::Row::entry),
        _ => None,
    });
    assert_eq!(newest.map(|entry| counter(&entry).scaling), Some(Scaling::Stated));
    tab.send(Command::TakeBack { meter: key.clone(), statement });
    world.run(SECOND);
    assert_eq!(entries(&world, &tab, &key)[..said.len()], said[..]);
    assert!(state(&tab, &key).record.stated.is_empty());
}

/// The totals of quarter-hours and days are multiplied by the factor. The step from the old scale to the new one does
/// not count.
#[test]
fn totals_and_charts_apply_the_factor() {
    let world = World::default();
    let (tab, key, from) = read_for_half_an_hour(&world, Model::Dsmr5);
    let options =
        |resolution| ExportOptions { form: ExportForm::Csv, resolution, ..ExportOptions::default() };
    let rows = |tab: &Tab, resolution| -> Vec<Vec<String>> {
        let rows = exported(&world, tab, &key, options(resolution));
        rows.iter().map(|row| row.split(',').map(str::to_owned).collect()).collect()
    };
    tab.send(Command::Read { meter: key.clone(), on: false });
    world.run(SECOND);
    let (quarters, days) = (rows(&tab, Resolution::Quarter), rows(&tab, Resolution::Day));
    let column = quarters[0].iter().position(|name| name == "active_energy_import_t1_counted_kwh");
    let column = column.unwrap_or_else(|| panic!("{:?}", quarters[0]));
    tab.send(Command::State { meter: key.clone(), statement: behind_transformers(from) });
    world.run(SECOND);
    let (after, days_after) = (rows(&tab, Resolution::Quarter), rows(&tab, Resolution::Day));
    let of = |row: &[String]| row[column].parse::<Number>().unwrap_or(Number::whole(0));
    let last = quarters.len() - 1;
    assert_eq!(quarters[1..last], after[1..last]);
    let (raw, stated) = (of(&quarters[last]), of(&after[last]));
    assert!(raw.mantissa > 0, "{quarters:?}");
    // The step from the last reading before the factor to the first one with it is not counted.
    let most = Number::new(raw.mantissa * 40, raw.scaler);
    assert!(stated.compare(raw).is_gt() && stated.compare(most).is_le(), "{raw:?} {stated:?}");
    let sum = after[1..].iter().map(|row| of(row).mantissa_at(-3).expect("thousandths")).sum::<i128>();
    assert_eq!(of(&days_after[1]).mantissa_at(-3), Some(sum), "{days:?}");
    tab.send(Command::Recompute);
    world.run(MINUTE);
    assert_eq!(rows(&tab, Resolution::Quarter), after, "and computing again changes nothing");
    let picture = |from: Moment| {
        let (id, to, columns) = (9, Moment(from.0 + 60_000), 6);
        tab.send(Command::Series { id, meter: key.clone(), from, to, columns });
        world.run(SECOND);
        let columns = tab.last(|event| match event {
            Event::Series { id: 9, columns } => Some(columns.clone()),
            _ => None,
        });
        columns.expect("it is reported").into_iter().flatten().map(|(_, most)| most).fold(0.0, f64::max)
    };
    let stated = (picture(Moment(from.0 - 120_000)), picture(Moment(from.0 + 120_000)));
    tab.send(Command::TakeBack { meter: key.clone(), statement: behind_transformers(from) });
    world.run(SECOND);
    let raw = (picture(Moment(from.0 - 120_000)), picture(Moment(from.0 + 120_000)));
    assert!((stated.0 - raw.0).abs() < 0.1 && (stated.1 - 40.0 * raw.1).abs() < 0.1, "{stated:?} {raw:?}");
}

#[test]
fn the_broker_a_watching_tab_and_a_restarted_page_get_the_factor() {
    let world = World::default();
    let (tab, key, from) = read_for_half_an_hour(&world, Model::Dsmr5);
    let url = "ws://broker.example:9001/".to_owned();
    world.brokers().add(&url, Habits::default());
    tab.send(Command::State { meter: key.clone(), statement: behind_transformers(from) });
    tab.send(Command::Forward {
        broker: Some(Broker { url, base: "meters".to_owned(), ..Broker::default() }),
    });
    world.run(30 * SECOND);
    let published = world.brokers().published();
    let is_reading = |topic: &str| topic.ends_with("/reading") || topic.ends_with("/history");
    let readings: Vec<_> = published.iter().filter(|message| is_reading(&message.topic)).collect();
    let sent = readings.iter().map(|message| {
        let entry: Entry = serde_json::from_str(&message.payload).expect("an entry");
        (entry.received >= from, counter(&entry).scaling == Scaling::Stated)
    });
    let sent: Vec<(bool, bool)> = sent.collect();
    assert!(sent.iter().any(|(since, _)| *since) && sent.iter().all(|(since, stated)| since == stated));
    let watcher = opened(&world);
    world.run(10 * SECOND);
    assert_eq!(watcher.watches(), Some(true));
    assert_eq!(counter(&watcher.readings(&key)[0]).scaling, Scaling::Stated);
    assert_eq!(
        entries(&world, &watcher, &key).last().map(|entry| counter(entry).scaling),
        Some(Scaling::Stated)
    );
    watcher.send(Command::TakeBack { meter: key.clone(), statement: behind_transformers(from) });
    world.run(5 * SECOND);
    let live = watcher.readings(&key).last().map(|entry| counter(entry).scaling);
    assert!(live.is_some_and(|scaling| scaling != Scaling::Stated), "{live:?}");
    let corrected = watcher.last(|event| match event {
        Event::Newest { rows, .. } => rows.first().and_then(metertap_protocol::Row::entry),
        _ => None,
    });
    let corrected = corrected.map(|entry| counter(&entry).scaling);
    assert!(corrected.is_some_and(|scaling| scaling != Scaling::Stated), "{corrected:?}");
    watcher.send(Command::State { meter: key.clone(), statement: behind_transformers(from) });
    world.run(5 * SECOND);
    watcher.crash();
    tab.crash();
    let tab = opened(&world);
    world.run(5 * SECOND);
    assert_eq!(state(&tab, &key).record.stated, [behind_transformers(from)]);
    assert_eq!(counter(tab.newest(&key).last().expect("there are some")).scaling, Scaling::Stated);
}

/// Each ratio applies from its own date on. If there are several for one date, the last one applies. A ratio of 1 ends
/// the factor.
#[test]
fn each_statement_applies_from_its_own_date() {
    let world = World::default();
    let (tab, key, from) = read_for_half_an_hour(&world, Model::AidonSweden);
    let ratio = |text: &str| CorrectionKind::CurrentTransformer { ratio: text.parse().expect("a ratio") };
    let earlier = Correction { from: Moment(from.0 - 900_000), what: ratio("100/5") };
    for statement in [behind_transformers(from), earlier.clone(), Correction { from, what: ratio("1") }] {
        tab.send(Command::State { meter: key.clone(), statement });
        world.run(SECOND);
    }
    let stated = state(&tab, &key).record.stated;
    assert_eq!(
        stated,
        [earlier, Correction { from, what: ratio("1") }],
        "the later statement for the same time counts"
    );
    let all = entries(&world, &tab, &key);
    let scaling = |entry: &Entry| counter(entry).scaling == Scaling::Stated;
    let is_between = |entry: &Entry| (Moment(from.0 - 900_000)..from).contains(&entry.received);
    assert!(all.iter().all(|entry| scaling(entry) == is_between(entry)));
}

#[test]
fn statements_survive_a_restored_and_a_merged_backup() {
    let world = World::default();
    let (tab, key, from) = read_for_half_an_hour(&world, Model::AidonSweden);
    tab.send(Command::State { meter: key.clone(), statement: behind_transformers(from) });
    tab.send(Command::Read { meter: key.clone(), on: false });
    world.run(SECOND);
    let told = entries(&world, &tab, &key);
    let file = File::new("house.metertap", Vec::new());
    tab.send_beside(
        Command::BackUp { id: 7, secrets: false, into_file: true },
        Handle::File(Rc::clone(&file)),
    );
    world.run(MINUTE);
    let restored = |world: &World, tab: &Tab, how: RestoreHow| {
        let file = File::new("house.metertap", file.octets());
        tab.send_beside(Command::Restore { id: 8, how }, Handle::File(file));
        world.run(MINUTE);
        let state = tab.last(|event| match event {
            Event::Restore { state, .. } => Some(state.clone()),
            _ => None,
        });
        assert!(matches!(state, Some(RestoreState::Complete(_))), "{state:?}");
    };
    for how in [RestoreHow::Merge, RestoreHow::Replace] {
        let world = World::default();
        let tab = opened(&world);
        restored(&world, &tab, how);
        assert_eq!(entries(&world, &tab, &key), told, "{how:?}");
        // Added once more to the same meter, which already has these readings.
        restored(&world, &tab, RestoreHow::Merge);
        assert_eq!(entries(&world, &tab, &key).len(), told.len());
    }
    // Without the statement, the restored readings are shown as they were received.
    let other = World::default();
    let tab = opened(&other);
    restored(&other, &tab, RestoreHow::Replace);
    tab.send(Command::TakeBack { meter: key.clone(), statement: behind_transformers(from) });
    other.run(SECOND);
    assert!(entries(&other, &tab, &key).iter().all(|entry| counter(entry).scaling != Scaling::Stated));
}
