//! Detection finds out what is plugged in, without help and within a time limit.

use metertap_decoder::detection::{Attempt, Clue, Detection, Hints};
use metertap_decoder::line::Line;
use metertap_decoder::question::Question;
use metertap_decoder::reading::Protocol;
use metertap_decoder::session::{Notice, Output, Setup};
use metertap_decoder::stack::Stack;
use metertap_decoder::time::{Instant, Zone};
use metertap_simulator::{Asked, Meter, Model};
use metertap_tests::detecting::{Course, Other, detect};
use metertap_tests::setup;
use proptest::prelude::*;

fn zone(name: &str) -> Zone {
    Zone::named(name).unwrap()
}

/// The time zone of each pushing model's country.
fn home(model: Model) -> Zone {
    zone(match model.protocol() {
        Protocol::P1 | Protocol::P1Encrypted => "Europe/Amsterdam",
        Protocol::DlmsMbus => "Europe/Vienna",
        Protocol::TicHistoric | Protocol::TicStandard => "Europe/Paris",
        Protocol::Sml | Protocol::Iec62056 => "Europe/Berlin",
        Protocol::DlmsHdlc if model.line() == Line::P1 => "Europe/Ljubljana",
        _ if model.line() == Line::INFRARED => "Europe/Prague",
        _ => "Europe/Oslo",
    })
}

fn plug(model: Model, zone: Zone, from: u64, until: u64) -> Course {
    let setup = Setup { zone, ..setup(model) };
    let meter = Meter::new(model, 3, 1_795_219_200);
    detect(Hints::default(), setup, Other::Pushes(meter, model.line(), from), until)
}

/// Milliseconds between two pushes.
fn interval(model: Model) -> u64 {
    let mut meter = Meter::new(model, 3, 1_795_219_200);
    let (first, second) = (meter.next().unwrap().due, meter.next().unwrap().due);
    second - first
}

fn pushing() -> impl Iterator<Item = Model> {
    Model::ALL.iter().copied().filter(|model| Asked::new(*model, 1, 0).is_none())
}

#[test]
fn a_pushing_meter_is_found_in_its_own_country() {
    for model in pushing() {
        let interval = interval(model);
        for phase in [0, 300, 900, interval / 2, interval - 100] {
            // A model whose line settings differ from those of most meters in its country may take one interval longer.
            let first = plug(model, home(model), phase, 1).tried[0].1;
            let intervals = if first == Attempt::Listen(model.line()) { 2 } else { 3 };
            let due = intervals * interval + 3000;
            let course = plug(model, home(model), phase, 4 * due);
            let (at, found) = course.found.unwrap_or_else(|| panic!("{}: {:?}", model.name(), course.tried));
            assert_eq!(Some(found.setup.stack), Stack::of_protocol(model.protocol()), "{}", model.name());
            assert_eq!(found.line, model.line(), "{}", model.name());
            assert!(matches!(found.first, Output::Reading(..)));
            assert!(at <= due, "{} from {phase} ms on: {at} of {due} ms, {:?}", model.name(), course.tried);
        }
    }
}

#[test]
fn a_pushing_meter_is_found_in_another_country() {
    for model in pushing() {
        let course = plug(model, zone("Europe/Lisbon"), 700, 400_000);
        let (_, found) = course.found.unwrap_or_else(|| panic!("{}: {:?}", model.name(), course.tried));
        assert_eq!(Some(found.setup.stack), Stack::of_protocol(model.protocol()), "{}", model.name());
    }
}

#[test]
fn a_polled_meter_is_found_within_eight_seconds() {
    let models = Model::ALL.iter().copied();
    let asked = models.filter_map(|model| Some((model, Asked::new(model, 3, 1_795_219_200)?)));
    let server = (Model::IskraMt175, Asked::sml_server(3, 1_795_219_200));
    for (model, asked) in asked.chain([server]) {
        let setup = Setup { zone: zone("Europe/Berlin"), ..Setup::default() };
        let course = detect(Hints::default(), setup, Other::Answers(asked), 60_000);
        let (at, found) = course.found.unwrap_or_else(|| panic!("{}: {:?}", model.name(), course.tried));
        assert_eq!(found.setup.stack.protocol(), model.protocol(), "{}", model.name());
        assert!(found.setup.ask.is_some_and(|ask| !matches!(ask.question, Question::Listen(_))));
        assert!(at <= 8000, "{}: {at} ms", model.name());
    }
}

/// In historic mode, detection needs at most two frames: one whose beginning it misses, and a complete one. In France,
/// it listens for both modes.
#[test]
fn a_linky_is_found_within_seconds() {
    let linkys = pushing().filter(|model| Stack::of_protocol(model.protocol()) == Some(Stack::Tic));
    for model in linkys {
        let most = if model.protocol() == Protocol::TicHistoric { 8000 } else { 5000 };
        for phase in (0..interval(model)).step_by(250) {
            let course = plug(model, home(model), phase, 60_000);
            let (at, _) = course.found.unwrap_or_else(|| panic!("{}: {:?}", model.name(), course.tried));
            assert!(at <= most, "{} from {phase} ms on: {at} ms, {:?}", model.name(), course.tried);
        }
    }
}

/// A meter that pushes at least every two seconds is found while detection still only listens.
#[test]
fn nothing_is_sent_on_a_line_with_a_pushing_meter() {
    for model in pushing().filter(|model| interval(*model) <= 2000) {
        for place in ["Europe/Oslo", "Europe/Amsterdam", "Europe/Berlin"] {
            let course = plug(model, zone(place), 400, 200_000);
            assert!(course.found.is_some(), "{} in {place}", model.name());
            assert_eq!(course.said, [0_u64; 0], "{} in {place}", model.name());
        }
    }
}

#[test]
fn an_encrypted_frame_is_found_without_its_key() {
    let model = Model::KaifaMa309m;
    let meter = Meter::new(model, 3, 1_795_219_200);
    let setup = Setup { zone: zone("Europe/Vienna"), ..Setup::default() };
    let course = detect(Hints::default(), setup, Other::Pushes(meter, model.line(), 0), 60_000);
    let (_, found) = course.found.unwrap();
    assert_eq!(found.setup.stack, Stack::MbusDlms);
    let Output::Notice(Notice::Fault(error, _)) = found.first else { panic!("{:?}", found.first) };
    assert_eq!(error.code(), "cipher.key-missing");
}

#[test]
fn silence_is_reported_and_everything_is_retried() {
    let course = detect(Hints::default(), Setup::default(), Other::Nobody, 600_000);
    assert!(course.found.is_none());
    assert!(course.nothing.len() >= 2, "{:?}", course.nothing);
    assert!(course.nothing.iter().all(|evidence| evidence.bytes == 0));
    for stack in [Stack::Kmp, Stack::Iec62056, Stack::Mbus, Stack::Sml] {
        assert!(course.tried.iter().any(|(_, attempt)| *attempt == Attempt::Ask(stack)), "{stack:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Detection does not panic, and keeps trying until it finds a meter, whatever bytes arrive and whenever they
    /// arrive.
    #[test]
    fn detection_continues_whatever_arrives(
        pieces in prop::collection::vec((prop::collection::vec(any::<u8>(), 0..200), 0..3000_u64, any::<bool>()), 0..60),
    ) {
        let mut detection = Detection::new(Hints::default(), Setup::default(), Instant(0));
        let mut now = 0;
        for (bytes, pause, is_disturbed) in pieces {
            now += pause;
            detection.handle_timeout(Instant(now));
            detection.handle_bytes(Instant(now), &bytes);
            if is_disturbed {
                detection.handle_disturbance(Instant(now));
            }
            let is_over = loop {
                match detection.poll() {
                    Clue::Wait(until) => {
                        prop_assert!(until.is_some());
                        break false;
                    }
                    Clue::Found(_) => break true,
                    _ => {}
                }
            };
            if is_over {
                return Ok(());
            }
        }
    }
}
