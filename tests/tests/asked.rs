//! Sessions that ask simulated meters. The readings must be what the meters sent.

use metertap_decoder::error::{DialogueError, Error};
use metertap_decoder::line::Line;
use metertap_decoder::question::{Address, Ask, Baud, Question, Search, Secondary, SignOn};
use metertap_decoder::reading::Reading;
use metertap_decoder::schedule::Schedule;
use metertap_decoder::session::{Notice, Output, Session, Setup};
use metertap_decoder::stack::Stack;
use metertap_decoder::time::Instant;
use metertap_simulator::{Asked, Model, Rate, TrueValue, Truth};
use metertap_tests::partner::Conversation;
use metertap_tests::{as_truth, drain};
use proptest::prelude::*;

/// 2026-11-21T02:30:10+01:00.
const START: i64 = 1_795_224_610;

fn meter(model: Model) -> Asked {
    Asked::new(model, 1, START).unwrap()
}

fn values(reading: &Reading) -> Vec<TrueValue> {
    reading.values.iter().map(as_truth).collect()
}

/// Whether a reading consists of the values in the last answers before it.
fn is_said(at: u64, reading: &Reading, truths: &[(u64, Truth)]) -> bool {
    let read = values(reading);
    let said = truths.iter().filter(|(told, _)| *told <= at).map(|(_, truth)| &truth.values);
    let mut left = read.as_slice();
    for values in said.rev().filter(|values| !values.is_empty()) {
        if left.ends_with(values) {
            left = &left[..left.len() - values.len()];
        }
    }
    left.is_empty()
}

/// Runs a conversation until that time, and checks each reading. Returns the time of the first reading and the number
/// of readings.
fn talk(conversation: &mut Conversation, until: u64) -> (u64, usize) {
    conversation.run(until);
    for (at, reading) in conversation.readings() {
        assert!(is_said(at, reading, &conversation.truths), "{:?}\n{:?}", reading, conversation.truths);
    }
    let first = conversation.readings().next().unwrap_or_else(|| panic!("{:?}", conversation.outputs)).0;
    (first, conversation.readings().count())
}

fn faults(conversation: &Conversation) -> Vec<Error> {
    let fault = |(_, output): &(u64, Output)| match output {
        Output::Notice(Notice::Fault(error, _)) => Some(*error),
        _ => None,
    };
    conversation.outputs.iter().filter_map(fault).collect()
}

#[test]
fn kamstrup_meters_are_read_within_eight_seconds() {
    for (model, name) in [(Model::Multical403, "heat"), (Model::FlowIq2200, "water")] {
        for meter in [meter(model), meter(model).echoing()] {
            let mut conversation = Conversation::about(Stack::Kmp, Question::Kmp, meter);
            let (first, count) = talk(&mut conversation, 200_000);
            println!("KMP, {name}: first reading after {first} ms");
            assert!(first < 8000, "{first}");
            assert_eq!((count, faults(&conversation)), (4, vec![]));
            let (_, reading) = conversation.readings().last().unwrap();
            let identity = &conversation.truths[1].1;
            assert_eq!(reading.meter.as_deref(), identity.meter.as_deref());
            let volume = reading.values.iter().find(|value| value.register.to_string() == "kmp:68").unwrap();
            assert_eq!(volume.quantity.unwrap().as_str(), format!("{name}-volume"));
        }
    }
}

#[test]
fn sml_meters_that_wait_for_a_request_are_read() {
    for meter in [Asked::sml_server(1, START), Asked::sml_server(1, START).echoing()] {
        let mut conversation = Conversation::about(Stack::Sml, Question::Sml, meter);
        let (first, count) = talk(&mut conversation, 200_000);
        println!("SML: first reading after {first} ms");
        assert!(first < 2000, "{first}");
        assert_eq!((count, faults(&conversation)), (4, vec![]));
    }
}

#[test]
fn optical_interfaces_of_every_mode_are_read() {
    let modes =
        [("A", b' '), ("B at 2400", b'C'), ("C at 9600", b'5'), ("C at 300", b'0'), ("C at 19200", b'6')];
    for (mode, rate) in modes {
        for meter in [meter(Model::Siemens2wr5), meter(Model::Siemens2wr5).echoing()] {
            let question = Question::Iec62056(SignOn::default());
            let mut conversation = Conversation::about(Stack::Iec62056, question, meter.at_rate(Rate(rate)));
            // Less than 200 ms, the shortest time that a meter waits.
            conversation.reopening = 180;
            let (first, count) = talk(&mut conversation, 200_000);
            println!("IEC 62056-21, mode {mode}: first reading after {first} ms");
            assert!(count >= 2);
            assert_eq!(faults(&conversation), []);
        }
    }
}

/// The first bytes of the readout are lost and its check fails. The session then asks the meter to repeat it.
#[test]
fn a_slow_port_opening_does_not_prevent_a_reading() {
    let question = Question::Iec62056(SignOn::default());
    let meter = meter(Model::Siemens2wr5).at_rate(Rate(b'5'));
    let mut conversation = Conversation::about(Stack::Iec62056, question, meter);
    conversation.reopening = 350;
    let (first, count) = talk(&mut conversation, 200_000);
    println!("IEC 62056-21, slow changeover: first reading after {first} ms");
    assert!(first < 8000 && count >= 3);
}

#[test]
fn a_head_that_cannot_change_its_speed_stays_at_300_baud() {
    let question = Question::Iec62056(SignOn::default());
    let meter = meter(Model::Siemens2wr5).at_rate(Rate(b'5'));
    let mut conversation = Conversation::about(Stack::Iec62056, question, meter);
    conversation.stuck = Some(Line::SIGN_ON);
    let (first, count) = talk(&mut conversation, 400_000);
    println!("IEC 62056-21, no changeover: first reading after {first} ms");
    assert!(count >= 4);
    // A single failure could be chance, so the session tries twice.
    assert_eq!(faults(&conversation), [Error::Dialogue(DialogueError::Changeover); 2]);
}

#[test]
fn a_meter_on_a_battery_is_woken() {
    let asleep = || meter(Model::Siemens2wr5).asleep();
    let asked = |wake, meter| {
        let question = Question::Iec62056(SignOn { wake, ..SignOn::default() });
        Conversation::about(Stack::Iec62056, question, meter)
    };
    assert!(talk(&mut asked(true, asleep()), 100_000).1 >= 1);
    let mut unwoken = asked(false, asleep());
    unwoken.run(60_000);
    assert_eq!(unwoken.readings().count(), 0);
    assert_eq!(faults(&unwoken), [Error::Dialogue(DialogueError::Silent { tries: 3 })]);
}

#[test]
fn meters_on_a_bus_are_read_by_either_address_at_any_speed() {
    let bus = || Asked::bus(&[(Model::UltraheatT550, 1, 1), (Model::CybleWater, 2, 7)], START).unwrap();
    for baud in [Baud::B300, Baud::B600, Baud::B1200, Baud::B2400, Baud::B4800, Baud::B9600] {
        // The heat meter has two telegrams.
        for (address, telegrams) in [(1, 2), (7, 1)] {
            for bus in [bus(), bus().echoing()] {
                let question = Question::Mbus(Address::Primary(address), baud);
                let mut conversation = Conversation::about(Stack::Mbus, question, bus);
                let (first, count) = talk(&mut conversation, 70_000);
                println!("M-Bus at {}: first reading after {first} ms", baud.line());
                assert!(first < 8000);
                assert_eq!((count, faults(&conversation)), (2 * telegrams, vec![]));
            }
        }
    }
    let mut found = Conversation::about(Stack::Mbus, Question::Search(Search::Secondary, Baud::B2400), bus());
    found.run(600_000);
    let (_, secondaries) = search(&found);
    for secondary in secondaries {
        let question = Question::Mbus(Address::Secondary(secondary), Baud::B2400);
        let mut conversation = Conversation::about(Stack::Mbus, question, bus());
        talk(&mut conversation, 60_000);
        let meter = conversation.readings().next().unwrap().1.meter.clone().unwrap();
        assert!(meter.ends_with(&format!("{:08X}", secondary.identification)));
    }
}

/// The results of a search: the primary addresses and the meters that were found.
fn search(conversation: &Conversation) -> (Vec<u8>, Vec<Secondary>) {
    let (mut primary, mut secondary) = (Vec::new(), Vec::new());
    for (_, output) in &conversation.outputs {
        match output {
            Output::Notice(Notice::Found(address, who)) => {
                secondary.extend(who);
                if let Address::Primary(address) = address {
                    primary.push(*address);
                }
            }
            Output::Reading(..) => panic!("a search reads nothing"),
            _ => {}
        }
    }
    (primary, secondary)
}

#[test]
fn a_search_finds_every_meter_and_reports_collisions() {
    let meters: Vec<(Model, u64, u8)> = [0, 3, 0, 250, 17]
        .into_iter()
        .zip(1..)
        .map(|(address, seed)| {
            (if seed % 2 == 0 { Model::CybleWater } else { Model::UltraheatT550 }, seed, address)
        })
        .collect();
    let bus = || Asked::bus(&meters, START).unwrap();
    for bus in [bus(), bus().echoing()] {
        let mut conversation =
            Conversation::about(Stack::Mbus, Question::Search(Search::Primary, Baud::B2400), bus);
        conversation.run(1_000_000);
        assert_eq!(search(&conversation).0, [3, 17, 250]);
        let crowded: Vec<_> = conversation
            .outputs
            .iter()
            .filter_map(|(_, output)| match output {
                Output::Notice(Notice::Crowded(address)) => Some(*address),
                _ => None,
            })
            .collect();
        assert_eq!(crowded, [Address::Primary(0)]);
        let (at, last) = conversation.outputs.last().unwrap();
        println!("a bus of 251 addresses is searched in {at} ms");
        assert_eq!(*last, Output::Notice(Notice::Searched { done: 251, of: 251 }));
    }
    let mut conversation =
        Conversation::about(Stack::Mbus, Question::Search(Search::Secondary, Baud::B2400), bus());
    conversation.run(1_000_000);
    let (_, mut found) = search(&conversation);
    println!("five meters are found by secondary address in {} ms", conversation.outputs.last().unwrap().0);
    found.sort_by_key(|secondary| secondary.identification);
    found.dedup();
    assert_eq!(found.len(), meters.len());
    let progress: Vec<u32> = conversation
        .outputs
        .iter()
        .filter_map(|(_, output)| match output {
            Output::Notice(Notice::Searched { done, .. }) => Some(*done),
            _ => None,
        })
        .collect();
    assert!(progress.is_sorted() && progress.last() == Some(&100_000_000), "{progress:?}");
}

#[test]
fn nothing_is_sent_between_two_rounds() {
    let schedule = Schedule { aligned: true, ..Schedule::every(900) };
    let ask = Ask { epoch: START * 1000, ..Ask::new(Question::Kmp, schedule) };
    let mut conversation = Conversation::new(Stack::Kmp, ask, meter(Model::Multical403));
    conversation.run(2 * 3_600_000);
    // At 02:30:10, and from 02:45:00 on every quarter-hour.
    let quarters: Vec<u64> = conversation.readings().map(|(at, _)| (at + 10_000) / 900_000).collect();
    assert_eq!(quarters, [0, 1, 2, 3, 4, 5, 6, 7, 8]);
    let said = conversation.outputs.iter().filter(|(_, output)| matches!(output, Output::Transmit(_)));
    let rest = said.filter(|(at, _)| (at + 10_000) % 900_000 > 20_000).count();
    assert_eq!(rest, 0);
}

/// A program that reads a port may receive bytes when a deadline is due. In this test, it passes on the bytes first.
#[test]
fn incoming_bytes_do_not_delay_a_due_request() {
    let ask = Ask::new(Question::Iec62056(SignOn::default()), Schedule::every(60));
    let setup = Setup { stack: Stack::Iec62056, ask: Some(ask), ..Setup::default() };
    let mut session = Session::new(setup, Instant(0));
    drain(&mut session);
    session.handle_bytes(Instant(500), b"/ISk5MT174-0001\r\n");
    assert_eq!(drain(&mut session), (vec![], Some(Instant(700))));
    session.handle_bytes(Instant(720), &[0]);
    assert_eq!(drain(&mut session).0, [Output::Transmit(b"\x06050\r\n".to_vec())]);
}

fn question(index: usize) -> (Stack, Question, Asked) {
    match index {
        0 => (Stack::Kmp, Question::Kmp, meter(Model::Multical403)),
        1 => (Stack::Kmp, Question::Kmp, meter(Model::FlowIq2200).echoing()),
        2 => (
            Stack::Iec62056,
            Question::Iec62056(SignOn::default()),
            meter(Model::Siemens2wr5).at_rate(Rate(b'5')).echoing(),
        ),
        3 => (Stack::Iec62056, Question::Iec62056(SignOn::default()), meter(Model::Siemens2wr5)),
        4 => (Stack::Sml, Question::Sml, Asked::sml_server(1, START)),
        _ => (Stack::Mbus, Question::Mbus(Address::Primary(1), Baud::B2400), meter(Model::UltraheatT550)),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// Bits are flipped and bytes are lost or inserted on their way, at most one error in each readout, because an XOR
    /// check may miss two. Readings that still result must be true. When the damage ends, the meter is read again.
    #[test]
    fn damage_costs_time_but_never_gives_a_wrong_value(
        which in 0..6_usize,
        reopening in 0..500_u64,
        damage in prop::collection::vec((0..300_usize, 0..3_u8, 1..=u8::MAX), 0..4),
    ) {
        let (stack, question, meter) = question(which);
        let mut conversation = Conversation::about(stack, question, meter);
        conversation.reopening = reopening;
        let damage: Vec<_> =
            damage.into_iter().enumerate().map(|(count, (place, kind, byte))| (700 * count + place, kind, byte)).collect();
        let mut arrived = 0;
        conversation.damage = Box::new(move |bytes| {
            let before = arrived;
            arrived += bytes.len();
            for (place, kind, byte) in damage.iter().filter(|(place, ..)| (before..arrived).contains(place)) {
                let at = (place - before).min(bytes.len());
                match kind {
                    0 if at < bytes.len() => bytes[at] ^= 1 << (byte % 8),
                    1 if at < bytes.len() => drop(bytes.remove(at)),
                    _ => bytes.insert(at, *byte),
                }
            }
        });
        conversation.run(1_200_000);
        let readings: Vec<_> = conversation.readings().collect();
        prop_assert!(readings.last().is_some_and(|(at, _)| *at > 1_100_000), "{:?}", conversation.outputs);
        for (at, reading) in readings {
            prop_assert!(is_said(at, reading, &conversation.truths), "{reading:?} {:?}", conversation.truths);
        }
    }
}
