//! Questions to DIN rail meters over Modbus, and their answers, which become readings.

use alloc::boxed::Box;

use super::asked::Asked;
use super::{Common, Pipe, Stages};
use crate::error::{DialogueError, Error, ParseError};
use crate::frame::Heard;
use crate::harmonise::Origin;
use crate::line::Line;
use crate::modbus::frame::{Deframer, Frame, REFUSED};
use crate::modbus::question::{Question, Read};
use crate::modbus::rail;
use crate::modbus::rail_poll::RailPoll;
use crate::modbus::scan::Scan;
use crate::notice::Notice;
use crate::output::Output;
use crate::question::{Ask, Rail};
use crate::rail::{Choice, Chosen};
use crate::reading::{Integrity, Protocol};
use crate::span::Span;
use crate::time::Instant;

/// Asks the meter at an address for the registers of its profile. Without a chosen profile, the meter is identified
/// first.
pub(super) fn asked(meter: &Rail, ask: &Ask, now: Instant, common: &mut Common) -> Box<dyn Pipe> {
    let poll = RailPoll::new(meter.address, meter.lines.clone(), chosen(common));
    Box::new(Asked::<Answers, RailPoll>::new(poll, ask, common.zone, now, common))
}

pub(super) fn scanned(line: Line, ask: &Ask, now: Instant, common: &mut Common) -> Box<dyn Pipe> {
    Box::new(Asked::<Answers, Scan>::new(Scan::new(line), ask, common.zone, now, common))
}

/// Answers, whose meaning depends on the question and the profile.
#[derive(Debug, Default)]
pub(super) struct Answers {
    asked: Option<Question>,
    chosen: Option<Chosen>,
    /// Whether this session asks. If so, it drops registers that lie between the requested ones.
    asks: bool,
}

fn chosen(common: &Common) -> Option<Chosen> {
    common.profile.as_ref().and_then(Choice::chosen)
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
            // A request that writes is no question: another master sent it.
            self.asked = Question::read(frame.bytes);
            return talk(span, common);
        }
        match self.registers(frame, common) {
            Ok(()) if common.registers.is_empty() => talk(span, common),
            Ok(()) => told(span, common),
            Err(error) => common.fault(error, span),
        }
    }

    fn gather(&mut self, frame: Frame<'_>, common: &mut Common) {
        // The dialogue has checked that the answer fits.
        let _: Result<(), Error> = self.registers(frame, common);
    }

    fn close(&mut self, span: Span, common: &mut Common) {
        if common.registers.is_empty() { talk(span, common) } else { told(span, common) }
    }

    fn forget(&mut self, common: &mut Common) {
        common.forget();
    }

    fn said(&mut self, bytes: &[u8]) {
        let body = bytes.get(..bytes.len().saturating_sub(2)).unwrap_or_default();
        (self.asked, self.asks) = (Question::read(body), true);
    }

    fn found_out(&mut self, notice: Notice) {
        if let Notice::Recognised { chosen, .. } = notice {
            self.chosen = Some(chosen);
        }
    }
}

impl Answers {
    /// Adds the registers of the answer to the last question. Its length must match the registers asked for.
    fn registers(&mut self, frame: Frame<'_>, common: &mut Common) -> Result<(), Error> {
        let out_of_turn = Error::Dialogue(DialogueError::OutOfTurn);
        let asked = self.asked.take().ok_or(out_of_turn)?;
        let [address, function, first, data @ ..] = frame.bytes else { return Err(out_of_turn) };
        let is_answer = (*address, function & !REFUSED) == (asked.address, asked.read.function());
        // No meter answers a broadcast.
        if !is_answer || *address == BROADCAST {
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
                self.chosen = self.chosen.or_else(|| chosen(common));
                if let Some(chosen) = self.chosen {
                    common.known.is_on_a_rail(*address, chosen);
                    let before = common.registers.len();
                    rail::registers(chosen.profile, (*function, first), data, &mut common.registers);
                    if self.asks {
                        rail::only_named(chosen.profile, before, &mut common.registers);
                    }
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }
}

fn told(span: Span, common: &mut Common) {
    let (protocol, integrity) = (Protocol::Modbus, Integrity::Checked);
    let origin = Origin { protocol, integrity, announced: None, time: None, zone: common.zone };
    common.reading(origin, span, None);
}

fn talk(span: Span, common: &mut Common) {
    common.out.push_back(Output::Notice(Notice::Talk(span)));
}

const BROADCAST: u8 = 0;
