//! A history that the user has corrected. Its numbers follow the corrections, the log does not change, and all
//! corrections can be taken back.

use std::rc::Rc;

use metertap_decoder::number::Number;
use metertap_decoder::reading::Quantity;
use metertap_native::{File, Handle, Tab, World};
use metertap_protocol::{Command, Event, ExportOptions, bytes};
use metertap_readings::entry::Moment;
use metertap_readings::history::calendar::{Period, Span};
use metertap_readings::history::flow::Flow;
use metertap_readings::history::question::{Answer, Contents, Question};
use metertap_readings::history::totals::Total;
use metertap_readings::stated::{Correction, CorrectionKind};
use metertap_readings::store::MeterKey;
use metertap_readings::typed::{COUNTERS, NoPosition, TypedCounter, TypedPosition, Typing};
use metertap_simulator::Model;

use crate::house::*;
use crate::questions::*;

const IMPORT: Flow = Flow::of_meter(Quantity::ActiveEnergyImport);
const QUARTER: i64 = 900_000;

fn contents(world: &World, tab: &Tab, meter: &MeterKey) -> Contents {
    match ask(world, tab, meter, Question::Contents) {
        Answer::Contents(contents) => contents,
        other => panic!("{other:?}"),
    }
}

/// The imported energy in watt-hours.
fn import(total: &Total) -> i128 {
    total.amount(IMPORT).map_or(0, |amount| amount.total.mantissa_at(-3).expect("thousandths"))
}

fn day_and_month(world: &World) -> Vec<Span> {
    let now = world.moment();
    [Period::Day, Period::Month]
        .map(|period| period.around(now, oslo()).expect("the calendar has it"))
        .to_vec()
}

/// The whole log of a meter, as exported.
fn logged(world: &World, tab: &Tab, meter: &MeterKey, id: u32) -> Vec<u8> {
    let file = File::new("log.jsonl", Vec::new());
    let (meters, options) = (vec![meter.clone()], ExportOptions::default());
    let export = Command::Export { id, meters, from: None, to: None, options, into_file: true };
    tab.send_beside(export, Handle::File(Rc::clone(&file)));
    world.run(MINUTE);
    file.octets()
}

/// Two meters. The first was read for an hour, and the second for another hour, twenty minutes later.
fn exchanged(world: &World) -> (Tab, MeterKey, MeterKey) {
    let tab = opened(world);
    let old = add(world, &tab, simulated(Model::Dsmr4, 1));
    world.run(HOUR);
    tab.send(Command::Read { meter: old.clone(), on: false });
    world.run(20 * MINUTE);
    let new = add(world, &tab, simulated(Model::Dsmr4, 2));
    world.run(HOUR);
    tab.send(Command::Read { meter: new.clone(), on: false });
    world.run(MINUTE);
    (tab, old, new)
}

fn replaced(from: Moment, meter: &MeterKey) -> Correction {
    Correction { from, what: CorrectionKind::Replaced { meter: meter.clone() } }
}

#[test]
fn a_replacement_meter_continues_the_history_without_a_step() {
    let world = World::default();
    let (tab, old, new) = exchanged(&world);
    let spans = day_and_month(&world);
    let (before, own) = (totals(&world, &tab, &old, &spans), totals(&world, &tab, &new, &spans));
    let (held_old, held_new) = (contents(&world, &tab, &old).span, contents(&world, &tab, &new).span);
    let entries = logged(&world, &tab, &new, 1);

    let statement = replaced(held_new.expect("it was read").from, &old);
    tab.send(Command::State { meter: new.clone(), statement: statement.clone() });
    world.run(SECOND);
    let joined = totals(&world, &tab, &new, &spans);
    for ((joined, before), own) in joined.iter().zip(&before).zip(&own) {
        assert!(import(before) > 0 && import(own) > 0);
        assert_eq!(import(joined), import(before) + import(own));
        assert_eq!(joined.readings, before.readings + own.readings);
        let (power, one, other) = (joined.power, before.power, own.power);
        let most =
            |total: Option<metertap_readings::history::totals::Power>| total.map(|power| power.most.value);
        assert_eq!(most(power), most(one).max_by_value(most(other)));
    }
    let held = contents(&world, &tab, &new).span.expect("it has a history");
    assert_eq!((Some(held.from), held.to), (held_old.map(|span| span.from), held_new.expect("read").to));
    // The quarter-hours before and after the replacement add up to the month.
    let quarters = Period::Quarter.within(held, oslo());
    let sum: i128 = totals(&world, &tab, &new, &quarters).iter().map(import).sum();
    assert_eq!(sum, import(&joined[1]));
    assert_eq!(logged(&world, &tab, &new, 2), entries, "the log does not change");

    tab.send(Command::TakeBack { meter: new.clone(), statement });
    world.run(SECOND);
    assert_eq!(totals(&world, &tab, &new, &spans), own);
}

/// The larger of two numbers, if both exist.
trait MaxByValue {
    fn max_by_value(self, other: Self) -> Self;
}

impl MaxByValue for Option<Number> {
    fn max_by_value(self, other: Self) -> Self {
        let (one, other) = (self?, other?);
        Some(if other.compare(one).is_gt() { other } else { one })
    }
}

#[test]
fn readings_after_an_exchange_belong_to_the_new_meter_only() {
    let world = World::default();
    let (tab, old, new) = exchanged(&world);
    let held = contents(&world, &tab, &old).span.expect("it was read");
    // A time at which the old meter was still read, and the new one was not.
    let from = Moment(held.from.0 + 2 * QUARTER);
    let spans = Period::Quarter.within(held, oslo());
    let expected: i128 = totals(&world, &tab, &old, &spans)[..2].iter().map(import).sum();
    let own = import(&totals(&world, &tab, &new, &day_and_month(&world))[1]);
    tab.send(Command::State { meter: new.clone(), statement: replaced(from, &old) });
    world.run(SECOND);
    assert_eq!(import(&totals(&world, &tab, &new, &day_and_month(&world))[1]), expected + own);
}

#[test]
fn a_meter_replaces_neither_itself_nor_one_that_replaced_it() {
    let world = World::default();
    let (tab, old, new) = exchanged(&world);
    let state_of = |meter: &MeterKey, statement: Correction| {
        tab.send(Command::State { meter: meter.clone(), statement });
        world.run(SECOND);
        state(&tab, meter).record.stated.len()
    };
    let from = Moment(world.moment().0 - 4 * QUARTER);
    assert_eq!(state_of(&new, replaced(from, &new)), 0);
    assert_eq!(state_of(&new, replaced(from, &MeterKey("nobody".to_owned()))), 0);
    assert_eq!(state_of(&new, replaced(from, &old)), 1);
    assert_eq!(state_of(&old, replaced(from, &new)), 0);
    // The correction replaces the earlier one and is not stored twice.
    assert_eq!(state_of(&new, replaced(Moment(from.0 - QUARTER), &old)), 1);
}

#[test]
fn excluded_readings_are_in_no_sum_and_stay_in_the_log() {
    let (world, tab, key) = read_for_three_hours();
    let held = contents(&world, &tab, &key).span.expect("it was read");
    let quarters = Period::Quarter.within(held, oslo());
    let all = totals(&world, &tab, &key, &quarters);
    let (from, until) = (quarters[6].from, quarters[9].to);
    let what = CorrectionKind::LeftOut { until, why: "Guests".to_owned() };
    tab.send(Command::State { meter: key.clone(), statement: Correction { from, what } });
    world.run(SECOND);
    let rest: i128 =
        all.iter().filter(|total| total.span.from < from || total.span.from >= until).map(import).sum();
    let month = &totals(&world, &tab, &key, &day_and_month(&world))[1];
    assert_eq!(import(month), rest);
    let left = totals(&world, &tab, &key, &quarters);
    assert!(left[6..=9].iter().all(|total| total.readings == 0 && total.amounts.is_empty()));
    assert_eq!((&left[..6], &left[10..]), (&all[..6], &all[10..]));
    // A short selection, which is computed from single readings, across the end of the excluded time.
    let span = Span { from: Moment(until.0 - 600_000), to: Moment(until.0 + 600_000) };
    let Answer::Selection(selection) = ask(&world, &tab, &key, Question::Selection { span }) else {
        panic!()
    };
    let entries = export(&world, &tab, &key);
    let within =
        entries.iter().filter(|entry| span.contains(entry.received) && entry.received >= until).count();
    assert_eq!(selection.readings, within as u64);
    assert!(entries.iter().any(|entry| from <= entry.received && entry.received < until));
    // The curve shows the readings.
    let curve = metertap_readings::history::question::Curve::NetPower;
    let question = Question::Curve { curve, span: Span { from, to: until }, columns: 4 };
    let Answer::Curve(columns) = ask(&world, &tab, &key, question) else { panic!() };
    assert!(columns.iter().all(Option::is_some), "{columns:?}");
}

/// Stores a typed reading or takes it back, and returns its meter.
fn type_in(
    world: &World,
    tab: &Tab,
    meter: Option<&MeterKey>,
    typing: Typing,
) -> Result<MeterKey, NoPosition> {
    let (meter, name, typing) = (meter.cloned(), "Cellar".to_owned(), bytes::write(&typing));
    tab.send(Command::Type { id: 99, meter, name, typing });
    world.run(SECOND);
    tab.last(|event| match event {
        Event::Typed { id: 99, answer } => bytes::read(answer),
        _ => None,
    })
    .expect("it is answered")
}

fn position(at: &str, quantity: Quantity, value: &str) -> TypedPosition {
    let (quantity, register) = COUNTERS.into_iter().find(|(of, _)| *of == quantity).expect("it can be typed");
    let counter = TypedCounter {
        register: register.parse().expect("a register"),
        quantity,
        tariff: None,
        channel: None,
    };
    TypedPosition { at: at.parse().expect("a moment"), counter, value: value.parse().expect("a number") }
}

#[test]
fn monthly_typed_readings_make_a_meter() {
    let world = World::default();
    let tab = opened(&world);
    // Midnight in Oslo, in winter and in summer.
    let all = [
        ("2023-01-31T23:00:00Z", "812.5"),
        ("2022-12-31T23:00:00Z", "800.25"),
        ("2023-03-31T22:00:00Z", "840"),
        ("2023-02-28T23:00:00Z", "830.125"),
    ]
    .map(|(at, value)| position(at, Quantity::WaterVolume, value));
    let key = type_in(&world, &tab, None, Typing::Keep(all[0])).expect("it is kept");
    for position in &all[1..] {
        assert_eq!(type_in(&world, &tab, Some(&key), Typing::Keep(*position)), Ok(key.clone()));
    }
    assert_eq!(state(&tab, &key).record.name, "Cellar");
    let months = ["2023-01-15T12:00:00Z", "2023-02-15T12:00:00Z", "2023-03-15T12:00:00Z"]
        .map(|at| Period::Month.around(at.parse().expect("a moment"), oslo()).expect("a month"));
    let water = Flow::of_meter(Quantity::WaterVolume);
    let amounts: Vec<_> = totals(&world, &tab, &key, &months)
        .iter()
        .map(|total| (total.amount(water).map(|amount| amount.total.to_string()), total.since))
        .collect();
    let amount = |text: &str| (Some(text.to_owned()), None);
    assert_eq!(amounts, [amount("12.25"), amount("17.625"), amount("9.875")]);
    // The typed readings are still there after the page was closed. The meter disappears with its last reading.
    tab.close();
    let tab = opened(&world);
    let Answer::Typed(typed) = ask(&world, &tab, &key, Question::Typed) else { panic!() };
    assert_eq!(typed, [all[1], all[0], all[3], all[2]]);
    for position in &typed {
        assert!(keys(&tab).contains(&key));
        assert_eq!(type_in(&world, &tab, Some(&key), Typing::TakeBack(*position)), Ok(key.clone()));
    }
    world.run(SECOND);
    assert!(!keys(&tab).contains(&key), "nothing is left of it");
}

/// A user reads both counters of a meter at the same time.
#[test]
fn two_counters_can_be_typed_for_the_same_time() {
    let world = World::default();
    let tab = opened(&world);
    let of = |at, import, export| {
        [
            position(at, Quantity::ActiveEnergyImport, import),
            position(at, Quantity::ActiveEnergyExport, export),
        ]
    };
    let all = [of("2022-12-31T23:00:00Z", "100", "7"), of("2023-01-31T23:00:00Z", "150.5", "9")].concat();
    let key = type_in(&world, &tab, None, Typing::Keep(all[0])).expect("it is kept");
    for position in &all[1..] {
        assert_eq!(type_in(&world, &tab, Some(&key), Typing::Keep(*position)), Ok(key.clone()));
    }
    for position in &all {
        let again = type_in(&world, &tab, Some(&key), Typing::Keep(*position));
        assert_eq!(again, Err(NoPosition::Heard), "it is kept already");
    }
    let january = Period::Month.around("2023-01-15T12:00:00Z".parse().expect("a moment"), oslo());
    let total = &totals(&world, &tab, &key, &[january.expect("a month")])[0];
    let amount = |quantity| total.amount(Flow::of_meter(quantity)).map(|amount| amount.total.to_string());
    assert_eq!(amount(Quantity::ActiveEnergyImport).as_deref(), Some("50.5"));
    assert_eq!(amount(Quantity::ActiveEnergyExport).as_deref(), Some("2"));
}

#[test]
fn an_impossible_position_is_refused() {
    let world = World::default();
    let tab = opened(&world);
    let of = Quantity::GasVolume;
    let key = type_in(&world, &tab, None, Typing::Keep(position("2023-02-01T08:00:00Z", of, "500")));
    let key = key.expect("it is kept");
    let refused = [
        (position("2023-03-01T08:00:00Z", of, "499.9"), NoPosition::Lower { before: Number::whole(500) }),
        (position("2023-01-01T08:00:00Z", of, "500.1"), NoPosition::Higher { after: Number::whole(500) }),
        (position("2099-01-01T08:00:00Z", of, "600"), NoPosition::Future),
        (position("2023-02-01T08:00:00Z", of, "500"), NoPosition::Heard),
        (position("1999-02-01T08:00:00Z", of, "1"), NoPosition::Past),
    ];
    for (position, why) in refused {
        assert_eq!(type_in(&world, &tab, Some(&key), Typing::Keep(position)), Err(why));
    }
    let nobody = MeterKey("nobody".to_owned());
    let fine = position("2023-03-01T08:00:00Z", of, "501");
    assert_eq!(type_in(&world, &tab, Some(&nobody), Typing::Keep(fine)), Err(NoPosition::Nobody));
    let Answer::Typed(typed) = ask(&world, &tab, &key, Question::Typed) else { panic!() };
    assert_eq!(typed, [position("2023-02-01T08:00:00Z", of, "500")]);
}

/// The meter's own counter continues from the typed reading.
#[test]
fn positions_fill_the_time_before_the_first_reading() {
    let world = World::default();
    let tab = opened(&world);
    let key = add(&world, &tab, simulated(Model::Kamstrup6841121, 1));
    world.run(3 * HOUR);
    let entries = export(&world, &tab, &key);
    let counters: Vec<_> = entries
        .iter()
        .filter_map(|entry| {
            let is_it = |value: &&metertap_decoder::reading::Measurement| {
                value.quantity == Some(Quantity::ActiveEnergyImport) && value.phase.is_none()
            };
            entry.reading.values.iter().find(is_it).map(|value| (entry.received, value.clone()))
        })
        .collect();
    let (_, value) = counters.first().expect("it sends its counter once an hour").clone();
    let metertap_decoder::register::Value::Number(stood) = value.value else { panic!("{value:?}") };
    let counter = TypedCounter {
        register: value.register,
        quantity: Quantity::ActiveEnergyImport,
        tariff: value.tariff,
        channel: value.channel,
    };
    let before = Number::new(stood.mantissa_at(-3).expect("thousandths") - 7_250, -3);
    // A position cannot be typed for a quarter-hour in which readings were received, so this one is for the end of the
    // quarter-hour before.
    let first = entries.first().expect("it was received").received;
    let at = Moment(first.0.div_euclid(QUARTER) * QUARTER);
    let typed = TypedPosition { at, counter, value: before };
    assert_eq!(type_in(&world, &tab, Some(&key), Typing::Keep(typed)), Ok(key.clone()));
    let last = counters.last().expect("there is one");
    let metertap_decoder::register::Value::Number(last) = last.1.value else { panic!() };
    let expected = last.mantissa_at(-3).expect("thousandths") - before.mantissa;
    let month = Period::Month.around(first, oslo()).expect("a month");
    let total = &totals(&world, &tab, &key, &[month])[0];
    assert_eq!((import(total), total.since), (expected, None));
    let higher = TypedPosition { value: stood, at: Moment(at.0 - 4 * QUARTER), ..typed };
    let refused = type_in(&world, &tab, Some(&key), Typing::Keep(higher));
    assert_eq!(refused, Err(NoPosition::Higher { after: before }));
}
