//! Questions to Portugal's EMI meters, and their answers, which become readings.

use alloc::boxed::Box;

use super::asked::Asked;
use super::{Common, Pipe, Stages};
use crate::dlms::apdu::date_time;
use crate::error::{DialogueError, Error, ParseError};
use crate::frame::Heard;
use crate::harmonise::Origin;
use crate::modbus::emi::{self, Columns};
use crate::modbus::frame::{Deframer, Frame, REFUSED};
use crate::modbus::poll::Poll;
use crate::modbus::question::{Question, Read};
use crate::notice::Notice;
use crate::output::Output;
use crate::question::{Ask, LoadProfile};
use crate::reading::{Integrity, Protocol};
use crate::register::RawTime;
use crate::span::Span;
use crate::time::{Instant, Zone};

/// Asks for the meter's identity, its present values and, if wanted, its load profile, one question per second.
pub(super) fn asked(profile: LoadProfile, ask: &Ask, now: Instant, common: &mut Common) -> Box<dyn Pipe> {
    Box::new(Asked::<Answers, Poll>::new(Poll::new(profile), ask, common.zone, now, common))
}

/// Answers, whose meaning depends on the question.
#[derive(Debug, Default)]
pub(super) struct Answers {
    asked: Option<Question>,
    columns: Columns,
    /// The clock, if a part of the reading contained it.
    time: Option<RawTime>,
    /// Whether this session asks. If so, entries of the load profile are reported separately from present values.
    asks: bool,
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
            self.asked = Question::read(frame.bytes);
            return common.out.push_back(Output::Notice(Notice::Talk(span)));
        }
        match self.answer(frame, span, common) {
            Ok(()) => {}
            // A single-phase meter refuses the registers of other phases.
            Err(Error::Parse(ParseError::Exception(NO_SUCH_REGISTER))) => {
                common.out.push_back(Output::Notice(Notice::Talk(span)));
            }
            Err(error) => common.fault(error, span),
        }
    }

    fn gather(&mut self, frame: Frame<'_>, common: &mut Common) {
        // The dialogue reports refusals.
        if let Ok(time) = self.registers(frame, common) {
            self.time = time.or(self.time);
        }
    }

    fn forget(&mut self, common: &mut Common) {
        self.time = None;
        common.forget();
    }

    fn said(&mut self, bytes: &[u8]) {
        let body = bytes.get(..bytes.len().saturating_sub(2)).unwrap_or_default();
        (self.asked, self.asks) = (Question::read(body), true);
    }
}

fn told(time: Option<RawTime>, span: Span, common: &mut Common) {
    common.reading(origin(time, common.zone), span, None);
}

fn origin(time: Option<RawTime>, zone: Zone) -> Origin {
    let (protocol, integrity) = (Protocol::ModbusEmi, Integrity::Checked);
    Origin { protocol, integrity, announced: None, time, zone }
}

impl Answers {
    /// Makes a reading from the answer to the last question. Each entry of a load profile becomes a reading of its own.
    fn answer(&mut self, frame: Frame<'_>, span: Span, common: &mut Common) -> Result<(), Error> {
        let asked = self.asked;
        if let Some(count) = asked.and_then(|asked| emi::entries_of(asked.read)) {
            let data = self.data(frame)?;
            let entries = self.columns.entries(data, count).ok_or(OUT_OF_TURN)?;
            for entry in entries {
                let found = &mut common.registers;
                match self.columns.entry(entry, common.zone, date_time, found) {
                    Some(answer) if self.asks => common.remembered(origin(answer.time, common.zone), span),
                    Some(answer) => told(answer.time, span, common),
                    None => {}
                }
            }
            return Ok(());
        }
        let time = self.registers(frame, common)?.or(self.time.take());
        told(time, span, common);
        Ok(())
    }

    /// Adds the registers of an answer; returns the clock, if it is among them.
    fn registers(&mut self, frame: Frame<'_>, common: &mut Common) -> Result<Option<RawTime>, Error> {
        let asked = self.asked;
        let data = self.data(frame)?;
        let Some(Question { read: Read::Input { first, count }, .. }) = asked else {
            return Err(OUT_OF_TURN);
        };
        let before = common.registers.len();
        match emi::registers((first, count), data, common.zone, date_time, &mut common.registers) {
            Some(answer) => {
                self.columns = answer.columns.unwrap_or(core::mem::take(&mut self.columns));
                Ok(answer.time)
            }
            None => {
                common.registers.truncate(before);
                Err(OUT_OF_TURN)
            }
        }
    }

    /// The data of an answer, if it fits the question.
    fn data<'a>(&mut self, frame: Frame<'a>) -> Result<&'a [u8], Error> {
        let asked = self.asked.take().ok_or(OUT_OF_TURN)?;
        let [address, function, behind @ ..] = frame.bytes else { return Err(OUT_OF_TURN) };
        if (*address, function & !REFUSED) != (asked.address, asked.read.function()) {
            return Err(OUT_OF_TURN);
        }
        let (first, data) = behind.split_first().ok_or(OUT_OF_TURN)?;
        if function & REFUSED == 0 { Ok(data) } else { Err(refusal(*first)) }
    }
}

/// The error that an exception stands for (DEF-C44-509/N, 5.5).
fn refusal(code: u8) -> Error {
    match code {
        ACCESS_DENIED => Error::Dialogue(DialogueError::Closed),
        code => Error::Parse(ParseError::Exception(code)),
    }
}

const OUT_OF_TURN: Error = Error::Dialogue(DialogueError::OutOfTurn);
const NO_SUCH_REGISTER: u8 = 2;
const ACCESS_DENIED: u8 = 0x81;
