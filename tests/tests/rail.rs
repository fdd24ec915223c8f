//! Modbus meters on a DIN rail, and Portuguese EMI meters. Detection identifies them without help, and the readings are
//! what the meters sent.

use std::collections::BTreeSet;

use metertap_decoder::detection::{Attempt, Hints};
use metertap_decoder::line::{Line, Parity};
use metertap_decoder::question::{LoadProfile, Question, Rail};
use metertap_decoder::rail::By;
use metertap_decoder::reading::Reading;
use metertap_decoder::session::{Notice, Output, Setup};
use metertap_decoder::stack::Stack;
use metertap_decoder::time::{MeterTime, Zone};
use metertap_simulator::{Asked, EmiModel, RailModel, TrueValue};
use metertap_tests::as_truth;
use metertap_tests::detecting::{Course, Other, detect};
use metertap_tests::partner::Conversation;

/// 2026-11-21T02:30:10+01:00.
const START: i64 = 1_795_224_610;

const EVEN: Line = Line { parity: Parity::Even, ..Line::INFRARED };
const SLOW: Line = Line { baud: 2400, ..Line::INFRARED };

fn plug(zone: &str, asked: Asked) -> Course {
    let setup = Setup { zone: Zone::named(zone).unwrap(), ..Setup::default() };
    detect(Hints::default(), setup, Other::Answers(asked), 60_000)
}

#[test]
fn a_meter_on_a_rail_is_found_within_ten_seconds() {
    let meters = [
        (RailModel::Sdm630, Line::INFRARED, "eastron-3p", By::Meter),
        (RailModel::Em340, Line::INFRARED, "cg-em3x0", By::Meter),
        (RailModel::B23, Line::INFRARED, "abb-b2x", By::Meter),
        (RailModel::Sdm120, Line::INFRARED, "eastron-1p", By::Meter),
        (RailModel::Pzem004t, Line::INFRARED, "pzem-004t-v3", By::Physics),
    ];
    for (model, line, profile, by) in meters {
        for place in ["Europe/Berlin", "Europe/Lisbon", "Europe/Paris"] {
            let course = plug(place, Asked::rail(line, &[(model, 3, 1)], START));
            let (at, found) = course.found.unwrap_or_else(|| panic!("{model:?}: {:?}", course.tried));
            let chosen = found.setup.profile.unwrap();
            assert_eq!((chosen.name.as_str(), chosen.by), (profile, by), "{model:?}");
            assert_eq!((found.line, found.setup.stack), (line, Stack::Modbus), "{model:?}");
            let question = Question::Rail(Rail { address: 1, lines: vec![line] });
            assert_eq!(found.setup.ask.unwrap().question, question);
            println!("{model:?} at {line} in {place}: first reading after {at} ms");
            assert!(at <= 10_000, "{model:?} at {line} in {place}: {at} ms, {:?}", course.tried);
        }
    }
}

/// Meters with unusual factory settings, and some that only physical plausibility identifies, take a little longer.
#[test]
fn any_other_meter_is_found_as_well() {
    for (model, line, profile, by) in [
        (RailModel::Sdm120, SLOW, "eastron-1p", By::Meter),
        (RailModel::Sdm630, EVEN, "eastron-3p", By::Meter),
        (RailModel::Orno516, EVEN, "orno-516", By::Physics),
        (RailModel::Sdm120Nameless, SLOW, "eastron-1p", By::Physics),
    ] {
        let course = plug("Europe/Berlin", Asked::rail(line, &[(model, 3, 1)], START));
        let (at, found) = course.found.unwrap_or_else(|| panic!("{model:?}: {:?}", course.tried));
        let chosen = found.setup.profile.unwrap();
        assert_eq!((chosen.name.as_str(), chosen.by), (profile, by), "{model:?}");
        println!("{model:?} at {line}: first reading after {at} ms");
        assert!(at <= 15_000, "{model:?}: {at} ms");
    }
}

/// An SDM120 is delivered with 2400 baud. In Portugal, detection asks for an EMI meter before it asks for a Modbus
/// meter.
#[test]
fn a_slow_meter_is_found_within_ten_seconds_in_portugal() {
    let course = plug("Europe/Lisbon", Asked::rail(SLOW, &[(RailModel::Sdm120, 3, 1)], START));
    let (at, found) = course.found.unwrap_or_else(|| panic!("{:?}", course.tried));
    println!("SDM120 at {SLOW} in Lisbon: first reading after {at} ms");
    assert_eq!(found.line, SLOW);
    assert!(at <= 10_000, "{at} ms, {:?}", course.tried);
}

/// An Eltako meter has integers at Eastron's register addresses, and its line settings are not certain. A weather
/// sensor is not a meter.
#[test]
fn the_user_is_asked_if_the_model_is_uncertain() {
    for (model, like) in [(RailModel::Dsz15, Some("eltako-dsz15")), (RailModel::Weather, None)] {
        let course = plug("Europe/Berlin", Asked::rail(Line::INFRARED, &[(model, 3, 1)], START));
        assert!(course.found.is_none(), "{model:?}");
        let (at, seems, address) = course.unrecognised[0];
        assert_eq!((seems, address), (like, 1), "{model:?}");
        assert!(at < 20_000, "{model:?}: {at} ms");
    }
}

/// Modbus and EMI, which is Modbus too, come last, so that a meter with another protocol is not disturbed by them.
#[test]
fn modbus_is_tried_last() {
    let course = detect(Hints::default(), Setup::default(), Other::Nobody, 20_000);
    let asked = course.tried.iter().filter_map(|(_, attempt)| match attempt {
        Attempt::Ask(stack) => Some(*stack),
        Attempt::Listen(_) => None,
    });
    let asked: Vec<Stack> = asked.collect();
    assert_eq!(asked, [Stack::Kmp, Stack::Iec62056, Stack::Mbus, Stack::Sml, Stack::Modbus, Stack::Emi]);
}

fn values(reading: &Reading) -> Vec<TrueValue> {
    let plain = |value| TrueValue { scaling: None, ..as_truth(value) };
    reading.values.iter().map(plain).collect()
}

/// Checks that each reading has the meter's last values, and that all other values are zero.
fn assert_true(conversation: &Conversation) {
    for (at, reading) in conversation.readings() {
        let said = conversation.truths.iter().filter(|(told, _)| *told <= at);
        let said: Vec<&TrueValue> = said.flat_map(|(_, truth)| &truth.values).collect();
        for value in values(reading) {
            match said.iter().rev().find(|said| said.register == value.register) {
                Some(said) => assert_eq!(value, **said, "at {at}"),
                None => assert!(value.value.chars().all(|digit| matches!(digit, '0' | '.')), "{value:?}"),
            }
        }
    }
}

fn about(address: u8, asked: Asked) -> Conversation {
    let question = Question::Rail(Rail { address, lines: vec![Line::INFRARED] });
    Conversation::about(Stack::Modbus, question, asked)
}

fn bus() -> Asked {
    let meters = [(RailModel::Sdm630, 1, 1), (RailModel::Em340, 2, 7), (RailModel::B23, 3, 33)];
    Asked::rail(Line::INFRARED, &meters, START)
}

#[test]
fn three_meters_on_one_bus_are_read_each_by_its_own_profile() {
    for (address, profile) in [(1, "eastron-3p"), (7, "cg-em3x0"), (33, "abb-b2x")] {
        for bus in [bus(), bus().echoing()] {
            let mut conversation = about(address, bus);
            conversation.run(400_000);
            assert_true(&conversation);
            let recognised = conversation.outputs.iter().find_map(|(_, output)| match output {
                Output::Notice(Notice::Recognised { chosen, .. }) => Some(chosen.profile.name),
                _ => None,
            });
            assert_eq!(recognised, Some(profile));
            let readings: Vec<&Reading> = conversation.readings().map(|(_, reading)| reading).collect();
            assert_eq!(readings.len(), 7, "{:?}", conversation.outputs);
            assert!(readings.iter().all(|reading| reading.meter.is_some()), "{profile}");
            let has = |reading: &&&Reading, quantity: &str| {
                reading
                    .values
                    .iter()
                    .any(|value| value.quantity.is_some_and(|known| known.as_str() == quantity))
            };
            assert!(readings.iter().all(|reading| has(&reading, "active-power")));
            let counted = readings.iter().filter(|reading| has(reading, "active-energy-import")).count();
            assert_eq!(counted, 2, "{profile}: counters come every few rounds");
        }
    }
}

/// Each answer then comes after its question was repeated, so the repeated question is answered too.
#[test]
fn a_late_answer_is_not_taken_for_the_answer_to_the_next_question() {
    for (address, delay) in [1, 7, 33].into_iter().flat_map(|address| [(address, 1100), (address, 1700)]) {
        let mut conversation = about(address, bus());
        conversation.run(50_000);
        conversation.delay = delay;
        conversation.run(400_000);
        assert!(conversation.readings().count() > 3, "{address} {delay}");
        let said: Vec<&TrueValue> = conversation.truths.iter().flat_map(|(_, truth)| &truth.values).collect();
        for value in conversation.readings().flat_map(|(_, reading)| values(reading)) {
            let is_zero = value.value.chars().all(|digit| matches!(digit, '0' | '.'));
            assert!(is_zero || said.contains(&&value), "{value:?} at {address} after {delay} ms");
        }
    }
}

#[test]
fn a_scan_finds_every_address_that_answers() {
    let mut conversation = Conversation::about(Stack::Modbus, Question::Scan(Line::INFRARED), bus());
    conversation.run(1_000_000);
    let found = conversation.outputs.iter().filter_map(|(_, output)| match output {
        Output::Notice(Notice::Found(address, None)) => Some(address.to_string()),
        _ => None,
    });
    assert_eq!(found.collect::<Vec<_>>(), ["1", "7", "33"]);
    let (at, last) = conversation.outputs.last().unwrap();
    assert_eq!(*last, Output::Notice(Notice::Searched { done: 247, of: 247 }));
    println!("247 addresses are asked in {at} ms");
    assert!(*at < 150_000);
}

#[test]
fn nothing_that_is_sent_changes_a_meter() {
    let scan = Conversation::about(Stack::Modbus, Question::Scan(Line::INFRARED), bus());
    let emi = Conversation::about(
        Stack::Emi,
        Question::Emi(LoadProfile::Leave),
        Asked::emi(EmiModel::SECOND, 1, START),
    );
    for mut conversation in [about(1, bus()), about(7, bus()), about(33, bus()), about(9, bus()), scan, emi] {
        conversation.run(600_000);
        for (_, output) in &conversation.outputs {
            if let Output::Transmit(bytes) = output {
                assert!(matches!(bytes[1], 3 | 4 | 0x44 | 0x45) || bytes[1..3] == [43, 14], "{bytes:x?}");
            }
        }
    }
}

#[test]
fn emi_meters_of_both_editions_are_found_and_read() {
    for model in [EmiModel::FIRST, EmiModel::SECOND] {
        let course = plug("Europe/Lisbon", Asked::emi(model, 3, START));
        let (at, found) = course.found.unwrap_or_else(|| panic!("{model:?}: {:?}", course.tried));
        println!("{model:?}: first reading after {at} ms");
        assert_eq!(found.setup.stack, Stack::Emi);
        assert!(at <= 8000, "{model:?}: {at} ms");
        let mut conversation =
            Conversation::about(Stack::Emi, Question::Emi(LoadProfile::Leave), Asked::emi(model, 3, START));
        conversation.run(900_000);
        let read: Vec<TrueValue> = conversation.readings().flat_map(|(_, reading)| values(reading)).collect();
        let told: Vec<&TrueValue> = conversation.truths.iter().flat_map(|(_, truth)| &truth.values).collect();
        assert!(told.len() > 20);
        for value in told {
            assert!(read.contains(value), "{value:?}");
        }
    }
}

/// A closed port is distinguished from a silent one.
#[test]
fn a_closed_port_is_detected_and_reported() {
    let course = plug("Europe/Lisbon", Asked::emi(EmiModel::CLOSED, 3, START));
    let (_, found) = course.found.unwrap_or_else(|| panic!("{:?}", course.tried));
    assert_eq!(found.setup.stack, Stack::Emi);
    let Output::Notice(Notice::Fault(error, _)) = found.first else { panic!("{:?}", found.first) };
    assert_eq!(error.code(), "meter.closed");
}

/// During the fetch, a quarter-hour ends and the oldest entry is lost. None of the other entries is missed.
#[test]
fn the_load_profile_of_an_emi_meter_is_fetched_once_and_without_a_gap() {
    for model in [EmiModel::FIRST, EmiModel::SECOND] {
        let question = Question::Emi(LoadProfile::Fetch);
        let mut conversation = Conversation::about(Stack::Emi, question, Asked::emi(model, 3, START));
        conversation.run(2 * 3_600_000);
        let ends = conversation.outputs.iter().filter_map(|(_, output)| match output {
            Output::Remembered(reading, _) => reading.time.map(MeterTime::unix_seconds),
            _ => None,
        });
        let ends: BTreeSet<i64> = ends.collect();
        let (first, last) = (ends.first().unwrap(), ends.last().unwrap());
        assert_eq!(ends.len() as i64, (last - first) / 900 + 1, "{model:?}");
        assert!(ends.len() >= 94, "{model:?}: {}", ends.len());
        let fetched = conversation.outputs.iter().filter_map(|(_, output)| match output {
            Output::Notice(Notice::Fetched { done, of }) => Some((*done, *of)),
            _ => None,
        });
        let fetched: Vec<(u32, u32)> = fetched.collect();
        assert_eq!(fetched.iter().filter(|(done, of)| done >= of).count(), 1, "{fetched:?}");
        assert_eq!(fetched.last(), Some(&(96, 96)));
    }
}

/// If a meter's load profile is empty, the session reports this once.
#[test]
fn an_empty_load_profile_is_complete_at_once() {
    let model = EmiModel { entries: 0, ..EmiModel::FIRST };
    let question = Question::Emi(LoadProfile::Fetch);
    let mut conversation = Conversation::about(Stack::Emi, question, Asked::emi(model, 3, START));
    conversation.run(3_600_000);
    let is_over = |output: &Output| *output == Output::Notice(Notice::Fetched { done: 0, of: 0 });
    assert_eq!(conversation.outputs.iter().filter(|(_, output)| is_over(output)).count(), 1);
}
