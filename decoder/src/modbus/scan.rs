//! The search for meters on a Modbus line, address by address.
//!
//! Each address is asked one question. Any answer, even a refusal, shows that a meter is there. The session for that
//! meter identifies it later.

use alloc::collections::VecDeque;

use super::frame::{Deframer, Frame};
use super::question::{Question, Read};
use super::reply::Reply;
use crate::address::Address;
use crate::dialogue::{ADAPTER, Dialogue, Step, Verdict, Word};
use crate::error::DialogueError;
use crate::line::Line;
use crate::notice::Notice;

#[derive(Debug)]
pub(crate) struct Scan {
    line: Line,
    address: u8,
    steps: VecDeque<Step>,
    is_asking: bool,
    is_damaged: bool,
}

impl Scan {
    pub(crate) fn new(line: Line) -> Self {
        Self { line, address: FIRST, steps: VecDeque::new(), is_asking: false, is_damaged: false }
    }

    fn question(&self) -> Question {
        // Most meters have their voltage in these registers, and the others answer with a refusal.
        Question { address: self.address, read: Read::Input { first: 0, count: 2 } }
    }

    fn ask(&mut self) {
        self.is_damaged = false;
        self.steps.extend([Step::Say(self.question().bytes()), Step::Hear(PATIENCE + ADAPTER)]);
    }

    fn leave(&mut self) {
        self.is_asking = false;
        let (done, of) = (u32::from(self.address), u32::from(LAST));
        self.steps.push_back(Step::Tell(Notice::Searched { done, of }));
        if self.address == LAST {
            return self.steps.push_back(Step::End);
        }
        self.address += 1;
        self.steps.push_back(Step::Pause(PAUSE));
        self.ask();
    }
}

impl Dialogue for Scan {
    type Deframer = Deframer;

    fn begin(&mut self) {
        self.steps = [Step::Line(self.line)].into();
        self.ask();
    }

    fn next(&mut self) -> Step {
        let step = self.steps.pop_front().unwrap_or(Step::End);
        self.is_asking |= matches!(step, Step::Say(_));
        step
    }

    fn hear(&mut self, word: Word<'_, Frame<'_>>) -> Verdict {
        let frame = match word {
            Word::Frame(frame) if self.is_asking => frame,
            Word::Frame(_) => return Verdict::OutOfTurn,
            Word::Damaged if self.is_asking => {
                self.is_damaged = true;
                return Verdict::Damaged;
            }
            Word::Begun(_) if self.is_asking => return Verdict::Begun,
            _ => return Verdict::Aside,
        };
        match Reply::of(self.question(), frame) {
            Reply::Echo => Verdict::Echo,
            Reply::Foreign => {
                self.steps = [Step::Warn(DialogueError::AnotherMaster), Step::End].into();
                self.is_asking = false;
                Verdict::Understood
            }
            Reply::OutOfTurn => Verdict::OutOfTurn,
            Reply::Refused(_) | Reply::Data(_) => {
                self.steps.push_back(Step::Tell(Notice::Found(Address::Primary(self.address), None)));
                self.leave();
                Verdict::Understood
            }
        }
    }

    fn late(&mut self, damaged: bool) {
        // Overlapping answers: two meters have the same address.
        if damaged || self.is_damaged {
            self.steps.push_back(Step::Tell(Notice::Crowded(Address::Primary(self.address))));
        }
        self.leave();
    }
}

/// How many milliseconds to wait until a meter begins to answer.
const PATIENCE: u64 = 200;
/// Milliseconds of quiet before the next question.
const PAUSE: u64 = 30;
const FIRST: u8 = 1;
/// The last address that a meter may have (Modbus over Serial Line 1.02, 2.2).
const LAST: u8 = 247;
