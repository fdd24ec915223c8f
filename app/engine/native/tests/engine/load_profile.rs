//! The load profile of a meter at Portugal's HAN port. The engine fetches it beside the present values, and keeps it in
//! a log of its own.

use std::collections::BTreeMap;

use metertap_decoder::crc::crc16_modbus;
use metertap_decoder::line::Line;
use metertap_decoder::reading::Quantity;
use metertap_decoder::register::Value;
use metertap_native::{Adapter, Tab, World};
use metertap_protocol::{Command, Event, SourceState};
use metertap_readings::entry::Moment;
use metertap_readings::files::import::Import;
use metertap_readings::history::calendar::Span;
use metertap_readings::history::flow::Flow;
use metertap_readings::store::MeterKey;
use metertap_simulator::{Asked, EmiModel};

use crate::house::*;
use crate::questions::totals;

const SEED: u64 = 3;
const QUARTER: i64 = 900;

/// A house in Portugal whose meter stores one day.
fn house(world: &World) -> (Tab, MeterKey, Adapter) {
    world.move_to("Europe/Lisbon");
    let tab = opened(world);
    let meter = |now| Some(Asked::emi(EmiModel::FIRST, SEED, now));
    let adapter = world.adapters().plug_in_asked(USB, meter);
    let key = add(world, &tab, unknown());
    assert!(world.run_until(MINUTE, || !tab.readings(&key).is_empty()), "{:?}", state(&tab, &key));
    (tab, key, adapter)
}

/// The energy imported in the quarter-hours of the meter's load profile, in watt-hours, by the moment of their end. The
/// test asks the meter directly, without the engine (DEF-C44-509/N, 5.4: function 45h).
fn remembered(world: &World) -> BTreeMap<i64, i128> {
    let start = world.moment().0.div_euclid(1000);
    let mut meter = Asked::emi(EmiModel::FIRST, SEED, start);
    let line = Line { stop_bits: 2, ..Line::INFRARED };
    let entries = u8::try_from(EmiModel::FIRST.entries).expect("a day");
    let entry = |number: u8| {
        let question = [1, 0x45, 0, 0, 0, 0, number, 1];
        let question = [&question[..], &crc16_modbus(&question).to_le_bytes()].concat();
        let said = meter.hear(0, line, &question).remove(0).bytes;
        let taken = said[3 + 12 + 1..][..4].try_into().expect("four bytes");
        let end = start - start.rem_euclid(QUARTER) - QUARTER * i64::from(entries - number);
        (end, i128::from(u32::from_be_bytes(taken)))
    };
    (1..=entries).map(entry).collect()
}

fn imports(tab: &Tab) -> Vec<Import> {
    let told = tab.last(|event| match event {
        Event::Imports { imports } => Some(imports.clone()),
        _ => None,
    });
    told.unwrap_or_default()
}

/// The quarter-hours in an export, with the energy imported in them, in watt-hours.
fn kept(world: &World, tab: &Tab, key: &MeterKey) -> BTreeMap<i64, i128> {
    let entries = export(world, tab, key);
    let taken = entries.iter().filter_map(|entry| {
        let value = entry.reading.values.iter().find(|value| value.register.to_string() == "1-0:1.29.0")?;
        let Value::Number(number) = value.value else { return None };
        Some((entry.reading.time?.unix_seconds(), number.mantissa_at(-3)?))
    });
    taken.collect()
}

#[test]
fn a_stored_load_profile_is_in_the_history_on_the_first_evening() {
    let world = World::default();
    let (tab, key, _adapter) = house(&world);
    let mut truth = remembered(&world);
    assert!(world.run_until(MINUTE, || state(&tab, &key).fetching.is_some_and(|fetching| fetching.of == 96)));
    assert!(world.run_until(10 * MINUTE, || state(&tab, &key).record.fetched.is_some()));
    world.run(SECOND);
    truth.extend(remembered(&world));
    assert_eq!(state(&tab, &key).fetching, None);
    assert_eq!(source(&tab, &key), SourceState::Live);
    assert_whole(&tab.readings(&key));
    let own = tab.readings(&key);
    assert!(
        own.iter().all(|entry| entry
            .reading
            .values
            .iter()
            .all(|value| value.register.to_string() != "1-0:1.29.0"))
    );
    let [import] = imports(&tab).try_into().expect("a log of its own");
    assert_eq!((import.meter.clone(), import.file.as_str()), (key.clone(), "Load profile of the meter"));
    // The quarter-hour in which the present readings began is in the meter's own log, so the load profile's log leaves
    // it out.
    let kept = kept(&world, &tab, &key);
    let missing: Vec<&i64> = truth.keys().filter(|end| !kept.contains_key(end)).collect();
    assert!(kept.len() >= 94, "{missing:?} {:?}", own.first().map(|entry| entry.received));
    for (end, taken) in &kept {
        assert_eq!(truth.get(end), Some(taken), "{end}");
    }
    // The history counts the same energy as the meter.
    let (first, last) = (*kept.keys().next().unwrap(), *kept.keys().last().unwrap());
    let span = Span { from: Moment((first - QUARTER) * 1000), to: Moment(last * 1000) };
    let total = totals(&world, &tab, &key, &[span]).remove(0);
    let amount = total.amount(Flow::of_meter(Quantity::ActiveEnergyImport)).expect("it is counted").total;
    assert_eq!(amount.mantissa_at(-3), Some(kept.values().sum()));
    // The load profile is fetched only once.
    tab.crash();
    let tab = opened(&world);
    world.run(MINUTE);
    assert_eq!((state(&tab, &key).fetching, imports(&tab).len()), (None, 1));
}

#[test]
fn a_stopped_fetch_keeps_its_rows_and_does_not_restart() {
    let world = World::default();
    let (tab, key, _adapter) = house(&world);
    let half = || state(&tab, &key).fetching.is_some_and(|fetching| fetching.done >= 40);
    assert!(world.run_until(10 * MINUTE, half));
    tab.send(Command::Fetch { meter: key.clone(), on: false });
    world.run(5 * SECOND);
    let before = tab.readings(&key).len();
    world.run(2 * MINUTE);
    assert!(tab.readings(&key).len() > before + 10);
    assert_eq!(state(&tab, &key).fetching, None);
    let kept = kept(&world, &tab, &key);
    assert!((39..=60).contains(&kept.len()), "{}", kept.len());
    // The user can fetch the rest as well.
    tab.send(Command::Fetch { meter: key.clone(), on: true });
    assert!(world.run_until(10 * MINUTE, || state(&tab, &key).record.fetched.is_some()));
    world.run(SECOND);
    assert_eq!(imports(&tab).len(), 2);
    let logs: u64 = imports(&tab).iter().map(|import| import.readings).sum();
    assert!(logs >= 94, "{logs}");
}

#[test]
fn a_page_that_crashes_during_a_fetch_starts_it_again() {
    let world = World::default();
    let (tab, key, _adapter) = house(&world);
    assert!(
        world.run_until(10 * MINUTE, || state(&tab, &key)
            .fetching
            .is_some_and(|fetching| fetching.done >= 40))
    );
    tab.crash();
    let tab = opened(&world);
    assert!(world.run_until(10 * MINUTE, || state(&tab, &key).record.fetched.is_some()));
    world.run(SECOND);
    assert_eq!(imports(&tab).len(), 1);
    assert!(kept(&world, &tab, &key).len() >= 94);
}
