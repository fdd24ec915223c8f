//! TIC frames; each is a telegram.

use super::{Common, Stages};
use crate::error::{Flaw, FrameError};
use crate::frame::Heard;
use crate::harmonise::Origin;
use crate::label::Mode;
use crate::reading::{Integrity, Protocol};
use crate::span::Span;
use crate::tic::frame::{Deframer, Frame};
use crate::tic::telegram::{self, Habits};

#[derive(Debug, Default)]
pub(super) struct Frames {
    habits: Habits,
}

impl Stages for Frames {
    type Deframer = Deframer;

    fn hear(&mut self, heard: Heard<Frame<'_>>, common: &mut Common) {
        let (frame, span) = match heard {
            Heard::Noise(span) => return common.noise(span),
            Heard::Fault(error, span) => return common.fault(error, span),
            Heard::Frame(frame, span) => (frame, span),
        };
        let telegram =
            telegram::parse(frame.characters, &mut self.habits, common.zone, &mut common.registers);
        if common.registers.is_empty() {
            let first = telegram.damaged.first().map(|(error, _)| *error);
            return common.fault(first.unwrap_or(FrameError::Malformed(Flaw::Group)), span);
        }
        if let Some(address) = &self.habits.address {
            common.known.is_addressed(address);
        }
        let protocol = match telegram.rule.mode() {
            Mode::Historic => Protocol::TicHistoric,
            Mode::Standard => Protocol::TicStandard,
        };
        let integrity = Integrity::Checked;
        common.reading(
            Origin { protocol, integrity, announced: None, time: None, zone: common.zone },
            span,
            None,
        );
        // A damaged group does not affect the others: the fault gives its place in the frame.
        for (error, place) in telegram.damaged {
            common.fault(error, Span { at: span.at + place.start as u64, length: place.len() as u64 });
        }
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::{String, ToString};
    use alloc::vec::Vec;
    use std::format;

    use crate::notice::Notice;
    use crate::output::Output;
    use crate::session::Session;
    use crate::setup::Setup;
    use crate::stack::Stack;
    use crate::tic::group::sum;
    use crate::time::Instant;

    /// A frame of historic mode with the first checksum rule, or of standard mode.
    fn frame(separator: char, groups: &[(&str, &str)]) -> Vec<u8> {
        let mut text = String::from("\u{2}");
        for (label, data) in groups {
            let fields = format!("{label}{separator}{data}");
            let summed = if separator == '\t' { format!("{fields}\t") } else { fields.clone() };
            text += &format!("\n{fields}{separator}{}\r", char::from(sum(summed.as_bytes())));
        }
        text.push('\u{3}');
        text.into_bytes()
    }

    /// The outputs for these bytes: head and values of a reading, code and place of a fault.
    fn said(bytes: &[u8]) -> Vec<String> {
        let mut session = Session::new(Setup { stack: Stack::Tic, ..Setup::default() }, Instant(0));
        session.handle_bytes(Instant(0), bytes);
        let mut words = Vec::new();
        loop {
            match session.poll() {
                Output::Wait(Some(deadline)) => session.handle_timeout(deadline),
                Output::Wait(None) => return words,
                Output::Reading(reading, _) => {
                    let values = reading.values.iter().map(|value| {
                        let unit = value.unit.map_or(String::new(), |unit| format!(" {}", unit.as_str()));
                        format!(", {} {}{unit}", value.register, value.value)
                    });
                    let values: String = values.collect();
                    words.push(format!("{}{values}", reading.protocol));
                }
                Output::Notice(Notice::Fault(error, span)) => {
                    words.push(format!("{} at {} of {}", error.code(), span.at, span.length));
                }
                _ => {}
            }
        }
    }

    #[test]
    fn a_damaged_group_loses_only_itself_and_is_located() {
        let mut bytes = frame(' ', &[("ADCO", "031776034842"), ("PAPP", "00760"), ("IINST", "003")]);
        let place = bytes.windows(4).position(|four| four == b"PAPP").unwrap();
        bytes[place + 6] = b'1';
        let expected = [
            "tic-historic, tic:ADCO 031776034842, tic:IINST 3 A".to_string(),
            format!("frame.checksum at {place} of 12"),
        ];
        assert_eq!(said(&bytes), expected);
    }

    #[test]
    fn a_meter_switched_to_another_mode_is_followed() {
        let historic = frame(' ', &[("ADCO", "031776034842"), ("PAPP", "00760")]);
        let standard = frame('\t', &[("ADSC", "031776034842"), ("SINSTS", "00812")]);
        let words = said(&[&historic[..], &historic, &standard, &standard].concat());
        let protocols: Vec<&str> = words.iter().map(|word| word.split(',').next().unwrap()).collect();
        assert_eq!(protocols, ["tic-historic", "tic-historic", "tic-standard", "tic-standard"]);
    }

    /// Enedis-NOI-CPT_02E: PMAX is in W in a CBETM meter, and in VA in Linky.
    #[test]
    fn a_peak_has_the_unit_of_its_meter() {
        let peak = |address| said(&frame(' ', &[("ADCO", address), ("PMAX", "04870")])).remove(0);
        assert!(peak("029831405412").ends_with("tic:PMAX 4870 W"));
        assert!(peak("031776034842").ends_with("tic:PMAX 4870 VA"));
        assert!(peak("031799034842").ends_with("tic:PMAX 4870"));
    }

    /// The first phase has a number only if others exist.
    #[test]
    fn phases_are_numbered_only_if_there_are_three() {
        let alone = frame('\t', &[("ADSC", "031799034842"), ("IRMS1", "003")]);
        let three = frame('\t', &[("IRMS1", "003"), ("IRMS2", "004"), ("IRMS3", "005")]);
        let mut session = Session::new(Setup { stack: Stack::Tic, ..Setup::default() }, Instant(0));
        let mut phase = |bytes: &[u8]| {
            session.handle_bytes(Instant(0), bytes);
            let Output::Reading(reading, _) = session.poll() else { panic!("no reading") };
            reading.values.iter().find(|value| value.register.to_string() == "tic:IRMS1").unwrap().phase
        };
        assert_eq!(phase(&alone), None);
        assert_eq!(phase(&three).map(|phase| phase.as_str()), Some("l1"));
    }

    #[test]
    fn without_a_valid_checksum_there_is_no_reading() {
        let mut bytes = frame(' ', &[("ADCO", "031776034842"), ("PAPP", "00760")]);
        let checks: Vec<usize> = (1..bytes.len()).filter(|at| bytes[*at] == b'\r').collect();
        checks.iter().for_each(|at| bytes[*at - 1] ^= 0x02);
        assert_eq!(said(&bytes), [format!("frame.checksum at 0 of {}", bytes.len())]);
    }
}
