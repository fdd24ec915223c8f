//! Questions about a meter's history. The meter's own readings give the expected answers.

use metertap_native::{File, Handle, Tab, World};
use metertap_protocol::Command;
use metertap_readings::entry::{Entry, Moment};
use metertap_readings::history::calendar::{Period, Span};
use metertap_readings::history::flow::Flow;
use metertap_readings::history::question::{Answer, Contents, Curve, Question};
use metertap_readings::history::totals::Total;
use metertap_readings::store::{MeterKey, Role};
use metertap_simulator::Model;

use metertap_decoder::reading::Quantity;
use metertap_decoder::register::Value;

use crate::house::*;
use crate::questions::*;

const IMPORT: Flow = Flow::of_meter(Quantity::ActiveEnergyImport);
const EXPORT: Flow = Flow::of_meter(Quantity::ActiveEnergyExport);

/// The sum of a quantity's registers, in thousandths.
fn position(entry: &Entry, quantity: Quantity) -> Option<i128> {
    let values = entry.reading.values.iter().filter(|value| value.quantity == Some(quantity));
    let numbers: Vec<i128> = values
        .filter(|value| value.channel.is_none() && value.phase.is_none() && value.storage.is_none())
        .filter_map(|value| match value.value {
            Value::Number(number) => number.mantissa_at(-3),
            _ => None,
        })
        .collect();
    (!numbers.is_empty()).then(|| numbers.iter().sum())
}

/// All positions, with their moments.
fn positions(entries: &[Entry], quantity: Quantity) -> Vec<(Moment, i128)> {
    entries.iter().filter_map(|entry| Some((entry.received, position(entry, quantity)?))).collect()
}

/// The last position before a moment. If there is none, the first one.
fn before(positions: &[(Moment, i128)], moment: Moment) -> i128 {
    let behind = positions.partition_point(|(received, _)| *received < moment);
    positions[behind.saturating_sub(1)].1
}

fn thousandths(total: &Total, flow: Flow) -> i128 {
    total.amount(flow).map_or(0, |amount| amount.total.mantissa_at(-3).expect("thousandths"))
}

#[test]
fn every_period_equals_the_difference_of_its_counters() {
    let (world, tab, key, _adapter) = read_for(Model::Dsmr4, 30);
    for period in [Period::Quarter, Period::Hour, Period::Day, Period::Month] {
        // Readings that arrive while the answer is on its way are not in the answer.
        let entries = tab.readings(&key);
        let whole = Span { from: entries[0].received, to: world.moment() };
        let spans = period.within(whole, oslo());
        let all = totals(&world, &tab, &key, &spans);
        assert_eq!(all.len(), spans.len());
        for (flow, quantity) in
            [(IMPORT, Quantity::ActiveEnergyImport), (EXPORT, Quantity::ActiveEnergyExport)]
        {
            let positions = positions(&entries, quantity);
            for (total, span) in all.iter().zip(&spans) {
                let expected = before(&positions, span.to) - before(&positions, span.from);
                assert_eq!(thousandths(total, flow), expected, "{period:?} {span:?}");
                let amount = total.amount(flow).expect("it is counted");
                assert_eq!(amount.tariffs.len(), 2, "DSMR P1 sends tariffs only");
                let of_tariffs = amount.tariffs.iter().filter_map(|part| part.total.mantissa_at(-3));
                assert_eq!(of_tariffs.sum::<i128>(), expected);
            }
        }
    }
}

/// The computer's clock was two hours ahead until it was set, as on a laptop with two systems that has not reached a
/// time server.
#[test]
fn a_total_so_far_leaves_out_readings_dated_by_a_clock_that_was_ahead() {
    const AHEAD: i64 = 2 * 3_600_000;
    let world = World::default();
    let _adapter = world.adapters().plug_in(USB, Model::Dsmr4, 1);
    let tab = opened(&world);
    world.set_clock(Moment(world.moment().0 + AHEAD));
    let key = add(&world, &tab, wired(Model::Dsmr4));
    world.run(10 * MINUTE);
    world.set_clock(Moment(world.moment().0 - AHEAD));
    let ahead = tab.readings(&key).len();
    world.run(40 * MINUTE);
    let entries = tab.readings(&key);
    let positions = positions(&entries[ahead..], Quantity::ActiveEnergyImport);
    let counted = positions.last().expect("it was read").1 - positions[0].1;
    assert!(counted > 0);
    let month = Period::Month.around(world.moment(), oslo()).expect("it is in the calendar");
    let Answer::Totals(so_far) =
        ask(&world, &tab, &key, Question::totals_so_far(vec![month], world.moment()))
    else {
        panic!("it has totals");
    };
    assert_eq!(thousandths(&so_far[0], IMPORT), counted);
    let whole = totals(&world, &tab, &key, &[month]);
    assert!(thousandths(&whole[0], IMPORT) < counted, "counters dated later stand below the current ones");
}

#[test]
fn a_selection_has_a_mean_and_extremes_with_times() {
    let (world, tab, key, _adapter) = read_for(Model::Dsmr4, 24);
    let entries = tab.readings(&key);
    let start = entries[0].received.0;
    // Twenty minutes, reading by reading. Then twenty hours, which the engine rounds to quarter-hours.
    for (from, length) in [(start + 3_661_000, 1_200_000), (start + 3_661_000, 72_000_000)] {
        let span = Span { from: Moment(from), to: Moment(from + length) };
        let answer = ask(&world, &tab, &key, Question::Selection { span });
        let Answer::Selection(total) = answer else { panic!("{answer:?}") };
        let known: Vec<(Moment, i128)> = entries
            .iter()
            .filter(|entry| total.span.contains(entry.received))
            .filter_map(|entry| {
                let net = metertap_readings::power::net_power(&entry.reading)?;
                Some((entry.received, net.mantissa_at(0)?))
            })
            .collect();
        let power = total.power.expect("it sends its power");
        let most = known.iter().rev().max_by_key(|(_, watts)| *watts).expect("there are some");
        let least = known.iter().min_by_key(|(_, watts)| *watts).expect("there are some");
        assert_eq!((power.most.value.mantissa_at(0), power.most.at), (Some(most.1), most.0));
        assert_eq!((power.least.value.mantissa_at(0), power.least.at), (Some(least.1), least.0));
        assert_eq!((power.most.within, power.least.within), (0, 0));
        // Tenths of a watt, rounded.
        let (sum, count) = (known.iter().map(|(_, watts)| watts).sum::<i128>(), known.len() as i128);
        let mean = power.mean.mantissa_at(-1).expect("tenths");
        assert!((mean * count - sum * 10).abs() * 2 <= count, "{mean} of {sum} over {count}");
        let positions = positions(&entries, Quantity::ActiveEnergyImport);
        let expected = before(&positions, total.span.to) - before(&positions, total.span.from);
        assert_eq!(thousandths(&total, IMPORT), expected);
    }
}

#[test]
fn a_log_reports_its_contents_and_gaps() {
    let world = World::default();
    let adapter = world.adapters().plug_in(USB, Model::Dsmr4, 3);
    let tab = opened(&world);
    let key = add(&world, &tab, wired(Model::Dsmr4));
    let empty = ask(&world, &tab, &MeterKey("nobody".to_owned()), Question::Contents);
    assert_eq!(empty, Answer::Contents(Contents::default()));
    world.run(5 * HOUR);
    adapter.pull_out();
    world.run(3 * HOUR);
    adapter.plug_in();
    world.run(4 * HOUR);
    let Answer::Contents(contents) = ask(&world, &tab, &key, Question::Contents) else { panic!() };
    let span = contents.span.expect("it holds something");
    assert!(span.contains(tab.readings(&key)[0].received) && span.to > Moment(world.moment().0 - 900_000));
    let gas = Flow { quantity: Quantity::GasVolume, channel: Some(1) };
    assert!([IMPORT, EXPORT, gas].iter().all(|flow| contents.flows.contains(flow)), "{contents:?}");
    assert_eq!(contents.curves[0], Curve::NetPower);
    assert!(contents.curves.iter().any(|curve| curve.quantity() == Some(Quantity::Current)));
    let Answer::Completeness(days) = ask(&world, &tab, &key, Question::Completeness { span }) else {
        panic!()
    };
    let (heard, of) = days.iter().fold((0, 0), |(heard, all), day| (heard + day.heard, all + day.of));
    let gaps: Vec<Span> = days.iter().flat_map(|day| day.gaps.clone()).collect();
    assert!(of - heard >= 11 && of - heard <= 12, "three hours are missing of {of}: {gaps:?}");
    assert!(gaps.iter().all(|gap| !tab.readings(&key).iter().any(|entry| gap.contains(entry.received))));
}

#[test]
fn a_watching_tab_can_query_the_history_and_set_a_role_for_every_tab() {
    let (world, tab, key, _adapter) = read_for(Model::Dsmr4, 2);
    let other = Tab::open(&world);
    world.run(MINUTE);
    assert_eq!(other.watches(), Some(true));
    let span = Period::Day.around(world.moment(), oslo()).expect("a day");
    let mine = totals(&world, &tab, &key, &[span]);
    assert!(thousandths(&mine[0], IMPORT) > 0);
    let theirs = totals(&world, &other, &key, &[span]);
    assert!(thousandths(&theirs[0], IMPORT) >= thousandths(&mine[0], IMPORT));
    other.send(Command::Assign { meter: key.clone(), role: Some(Role::Production) });
    world.run(MINUTE);
    for tab in [&tab, &other] {
        assert_eq!(state(tab, &key).record.role, Some(Role::Production));
    }
}

/// A table of positions at full hours: 2 kWh in the first hour of the day, 1 kWh in each of the others.
#[test]
fn positions_at_full_hours_count_in_the_hours_that_they_end() {
    let world = World::default();
    world.set_clock("2026-12-01T12:00:00Z".parse().expect("a moment"));
    let tab = opened(&world);
    let rows = (0..=24).map(|hour| {
        let (day, of_day, position) = (10 + hour / 24, hour % 24, if hour == 0 { 100 } else { 101 + hour });
        format!("{day}.01.2026 {of_day:02}:00;{position}\n")
    });
    let text = format!("Zeit;1.8.0\n{}", rows.collect::<String>());
    let file = File::new("hours.csv", text.into_bytes());
    tab.send_beside(Command::Import { id: 1, meter: None, plan: None, run: true }, Handle::File(file));
    world.run(MINUTE);
    let [key] = keys(&tab).try_into().expect("a meter is made for it");
    let noon: Moment = "2026-01-10T12:00:00+01:00".parse().expect("a moment");
    let day = Period::Day.around(noon, oslo()).expect("a day");
    let spans: Vec<Span> = [vec![day], Period::Hour.within(day, oslo())].concat();
    let counted = totals(&world, &tab, &key, &spans);
    let counted = counted.iter().map(|total| total.amount(IMPORT).map(|part| part.total.to_string()));
    let hours = (0..24).map(|hour| Some(if hour == 0 { "2" } else { "1" }.to_owned()));
    assert_eq!(counted.collect::<Vec<_>>(), [vec![Some("25".to_owned())], hours.collect()].concat());
}
