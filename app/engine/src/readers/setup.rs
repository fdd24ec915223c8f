//! How reading a line begins: with known settings, or with a detection.

use metertap_decoder::meter::usual_schedule;
use metertap_decoder::question::{Address, Ask, Baud, Question, Rail, SignOn};
use metertap_decoder::rail::Choice;
use metertap_decoder::session::Setup;
use metertap_decoder::stack::Stack;
use metertap_readings::store::LineSettings;

use super::Subject;
use crate::clock::Clock;

pub(super) enum Conversation {
    /// On a bus, with other meters beside this one.
    Bus(Setup),
    /// On a line of its own.
    Line(Setup),
    /// With a detection of the meter.
    Unknown(Setup),
}

/// How to begin reading a line, and the meter's polling interval in milliseconds. The interval is `None` if the
/// settings of the line are not known, and `Some(None)` if the meter is not polled. `instead` is the search of a bus,
/// which needs no known settings.
pub(super) fn conversation(
    clock: &impl Clock,
    subject: &Subject,
    spoken: &LineSettings,
    instead: Option<Setup>,
) -> (Conversation, Option<Option<u32>>) {
    let setup = Setup { keys: subject.keys.clone(), zone: subject.zone, ..Setup::default() };
    let Some(stack) = spoken.protocol.and_then(Stack::of_protocol).filter(|_| spoken.line.is_some()) else {
        return (instead.map_or(Conversation::Unknown(setup), Conversation::Bus), None);
    };
    let question = match stack.question().filter(|_| spoken.asked) {
        Some(Question::Mbus(whoever, baud)) => {
            let baud = spoken.line.and_then(|line| Baud::of(line.baud)).unwrap_or(baud);
            Some(Question::Mbus(spoken.address.unwrap_or(whoever), baud))
        }
        Some(Question::Iec62056(_)) => {
            let address = spoken.device.as_str().into();
            Some(Question::Iec62056(SignOn { address, wake: spoken.wake }))
        }
        Some(Question::Rail(rail)) => {
            let address = match spoken.address {
                Some(Address::Primary(address)) => address,
                _ => rail.address,
            };
            let lines = spoken.line.into_iter().collect();
            Some(Question::Rail(Rail { address, lines }))
        }
        Some(Question::Emi(_)) => Some(Question::Emi(subject.profile)),
        question => question,
    };
    let has_profile = !spoken.profile.is_empty();
    let profile = has_profile.then(|| Choice { name: spoken.profile.as_str().into(), by: spoken.profile_by });
    let schedule = subject.schedule.unwrap_or_else(|| usual_schedule(stack));
    let ask = question.map(|question| Ask { epoch: clock.epoch(), ..Ask::new(question, schedule) });
    let asked = ask.as_ref().map(asked_every);
    let is_bus = matches!(stack, Stack::Mbus | Stack::Modbus) && spoken.asked;
    let setup = instead.unwrap_or(Setup { stack, ask, profile, ..setup });
    (if is_bus { Conversation::Bus(setup) } else { Conversation::Line(setup) }, Some(asked))
}

/// The longest pause between two polls, in milliseconds.
pub(super) fn asked_every(ask: &Ask) -> u32 {
    ask.schedule.longest_pause().saturating_mul(1000)
}
