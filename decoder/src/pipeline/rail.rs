//! Questions to Modbus meters on a rail and their answers, each answer a reading.

use super::{Common, Stages};
use crate::error::{DialogueError, Error, ParseError};
use crate::frame::Heard;
use crate::harmonise::Origin;
use crate::modbus::frame::{Deframer, Frame, REFUSED};
use crate::modbus::question::{Question, Read};
use crate::modbus::rail;
use crate::notice::Notice;
use crate::output::Output;
use crate::reading::{Integrity, Protocol};
use crate::span::Span;

/// Answers, which only their questions and a profile give a meaning.
#[derive(Debug, Default)]
pub(super) struct Answers {
    asked: Option<Question>,
}

impl Stages for Answers {
    type Deframer = Deframer;

    fn hear(&mut self, heard: Heard<Frame<'_>>, common: &mut Common) {
        let (frame, span) = match heard {
            Heard::Noise(span) => return common.noise(span),
            Heard::Fault(error, span) => {
                self.asked = None;
                return common.fault(error, span);
            }
            Heard::Frame(frame, span) => (frame, span),
        };
        if frame.is_question {
            // What writes is another master's.
            self.asked = Question::read(frame.octets);
            return talk(span, common);
        }
        match self.registers(frame, common) {
            Ok(()) if common.registers.is_empty() => talk(span, common),
            Ok(()) => {
                let (protocol, integrity) = (Protocol::Modbus, Integrity::Checked);
                let origin = Origin { protocol, integrity, announced: None, time: None, zone: common.zone };
                common.reading(origin, span, None);
            }
            Err(error) => common.fault(error, span),
        }
    }
}

impl Answers {
    /// The registers of an answer to what was asked. Its length must be that of the registers asked for.
    fn registers(&mut self, frame: Frame<'_>, common: &mut Common) -> Result<(), Error> {
        let out_of_turn = Error::Dialogue(DialogueError::OutOfTurn);
        let asked = self.asked.take().ok_or(out_of_turn)?;
        let [address, function, first, data @ ..] = frame.octets else { return Err(out_of_turn) };
        let is_answer = (*address, function & !REFUSED) == (asked.address, asked.read.function());
        // Nobody answers what is said to all.
        if !is_answer || *address == EVERYBODY {
            return Err(out_of_turn);
        }
        if function & REFUSED != 0 {
            return Err(ParseError::Exception(*first).into());
        }
        match asked.read {
            Read::Holding { first, count } | Read::Input { first, count } => {
                if data.len() != 2 * usize::from(count) {
                    return Err(out_of_turn);
                }
                if let Some(profile) = common.profile {
                    common.known.is_on_a_rail(*address, profile);
                    rail::registers(profile, (*function, first), data, &mut common.registers);
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }
}

fn talk(span: Span, common: &mut Common) {
    common.out.push_back(Output::Notice(Notice::Talk(span)));
}

/// The address of a broadcast.
const EVERYBODY: u8 = 0;
