//! The conversation with a KMP meter: which question to ask, how often, and whether an answer fits it.
//!
//! ```text
//! 80 | 3F | 10 | 02 | 00 3C | 00 44 | CRC | 0D      GetRegister, of two registers
//! ```
//!
//! The first round asks for type and serial number (protocol description 6.2.1 and 6.2.2). Then it asks for some
//! registers of each family, until an answer has a register that only one family has. Later rounds ask only for the
//! registers of that family, at most eight at a time (6.2.4). After a failed round, everything is asked for again: the
//! optical head may be on another meter.

use alloc::collections::VecDeque;
use alloc::vec::Vec;

use super::frame::{Deframer, Frame, request};
use super::response::{self, GET_REGISTER, GET_SERIAL_NUMBER, GET_TYPE};
use crate::dialogue::{ADAPTER, Dialogue, Step, TRIES, Verdict, Word};
use crate::error::DialogueError;
use crate::line::Line;

/// Meters with the same registers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Family {
    /// Registers that no other family has.
    pub(crate) own: &'static [u16],
    /// The registers to ask for, question by question.
    pub(crate) questions: &'static [&'static [u16]],
}

#[derive(Debug)]
pub(crate) struct Poll {
    families: Vec<Family>,
    /// The meter's family, once an answer has shown it.
    family: Option<Family>,
    questions: VecDeque<Question>,
    steps: VecDeque<Step>,
    /// How many times the current question was sent.
    tries: u8,
    is_asking: bool,
    /// Whether this round has received a register of the meter's family.
    has_registers: bool,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Question {
    Type,
    SerialNumber,
    Registers(&'static [u16]),
    /// The first registers of this family. If the meter belongs to it, the questions for its other registers follow.
    Family(usize),
}

impl Poll {
    pub(crate) fn new(families: Vec<Family>) -> Self {
        Self {
            families,
            family: None,
            questions: VecDeque::new(),
            steps: VecDeque::new(),
            tries: 0,
            is_asking: false,
            has_registers: false,
        }
    }

    fn ask(&mut self) {
        let Some(question) = self.questions.front() else { return };
        let bytes = match *question {
            Question::Type => request(GET_TYPE, &[]),
            Question::SerialNumber => request(GET_SERIAL_NUMBER, &[]),
            Question::Registers(_) | Question::Family(_) => {
                let registers = self.registers(*question);
                let count = u8::try_from(registers.len()).unwrap_or(u8::MAX);
                let named: Vec<u8> = registers.iter().flat_map(|id| id.to_be_bytes()).collect();
                request(GET_REGISTER, &[&[count], named.as_slice()].concat())
            }
        };
        self.tries += 1;
        self.is_asking = true;
        self.steps.extend([Step::Say(bytes), Step::Hear(REACTION + ADAPTER)]);
    }

    fn registers(&self, question: Question) -> &'static [u16] {
        match question {
            Question::Type | Question::SerialNumber => &[],
            Question::Registers(registers) => registers,
            Question::Family(index) => {
                let family = self.families.get(index);
                family.and_then(|family| family.questions.first()).copied().unwrap_or_default()
            }
        }
    }

    fn go_on(&mut self, verdict: Verdict) -> Verdict {
        self.questions.pop_front();
        (self.tries, self.is_asking) = (0, false);
        if self.questions.is_empty() {
            return self.close(verdict);
        }
        self.ask();
        verdict
    }

    fn close(&mut self, verdict: Verdict) -> Verdict {
        if verdict == Verdict::Part {
            self.steps.push_back(Step::Rest);
            return Verdict::Reading;
        }
        self.give_up(DialogueError::Refused);
        verdict
    }

    fn give_up(&mut self, error: DialogueError) {
        self.family = None;
        self.is_asking = false;
        self.questions.clear();
        self.steps.push_back(Step::Fail(error));
    }

    fn hear_registers(&mut self, question: Question, answer: &[u8]) -> Verdict {
        let asked = self.registers(question);
        let named = || response::names(answer);
        if named().count() > asked.len() || !named().all(|id| asked.contains(&id)) {
            return Verdict::OutOfTurn;
        }
        if let Question::Family(index) = question {
            let Some(family) = self.families.get(index).copied() else { return Verdict::Aside };
            if !named().any(|id| family.own.contains(&id)) {
                return self.go_on(Verdict::Understood);
            }
            self.family = Some(family);
            let others = family.questions.iter().skip(1).map(|registers| Question::Registers(registers));
            self.questions = [question].into_iter().chain(others).collect();
        }
        // An answer without registers completes the round only if an earlier answer had some.
        let is_last = self.questions.len() == 1;
        match named().next() {
            None if !is_last || !self.has_registers => self.go_on(Verdict::Understood),
            _ => {
                self.has_registers = true;
                self.go_on(Verdict::Part)
            }
        }
    }
}

impl Dialogue for Poll {
    type Deframer = Deframer;

    fn begin(&mut self) {
        self.questions.clear();
        self.steps = [Step::Line(Line::KMP)].into();
        (self.tries, self.has_registers) = (0, false);
        match self.family {
            Some(family) => {
                self.questions
                    .extend(family.questions.iter().map(|registers| Question::Registers(registers)));
            }
            None => {
                self.questions.extend([Question::Type, Question::SerialNumber]);
                self.questions.extend((0..self.families.len()).map(Question::Family));
            }
        }
        self.ask();
    }

    fn next(&mut self) -> Step {
        self.steps.pop_front().unwrap_or(Step::Rest)
    }

    fn hear(&mut self, word: Word<'_, Frame<'_>>) -> Verdict {
        let (frame, question) = match (word, self.questions.front()) {
            (Word::Frame(frame), Some(question)) if self.is_asking => (frame, *question),
            (Word::Frame(_), _) => return Verdict::OutOfTurn,
            (Word::Damaged, _) if self.is_asking => return Verdict::Damaged,
            (Word::Begun(_), _) if self.is_asking => return Verdict::Begun,
            _ => return Verdict::Aside,
        };
        match (question, frame.command) {
            (Question::Type, GET_TYPE) | (Question::SerialNumber, GET_SERIAL_NUMBER) => {
                self.go_on(Verdict::Part)
            }
            (Question::Registers(_) | Question::Family(_), GET_REGISTER) => {
                self.hear_registers(question, frame.answer)
            }
            _ => Verdict::OutOfTurn,
        }
    }

    fn late(&mut self, damaged: bool) {
        let tries = self.tries;
        if tries < TRIES {
            return self.ask();
        }
        let silent = DialogueError::Silent { tries };
        self.give_up(if damaged { DialogueError::Damaged { tries } } else { silent });
    }
}

/// How many milliseconds to wait until a meter begins to answer. The description states no limit; a MULTICAL 403 takes
/// some 150 ms, and other programs wait one to two seconds.
const REACTION: u64 = 1500;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialogue::said;
    use alloc::vec;

    const HEAT: Family = Family { own: &[60], questions: &[&[60, 68], &[1004]] };
    const WATER: Family = Family { own: &[292], questions: &[&[68, 292]] };

    fn answer(poll: &mut Poll, command: u8, answer: &[u8]) -> Verdict {
        while poll.next() != Step::Hear(REACTION + ADAPTER) {}
        poll.hear(Word::Frame(&Frame { command, answer }))
    }

    fn register(id: u16) -> Vec<u8> {
        [&id.to_be_bytes()[..], &[51, 1, 0, 7]].concat()
    }

    /// Protocol description, 6.2.2: the request for a serial number, as printed. The request for the type is PyKMP's.
    #[test]
    fn asks_first_for_type_and_serial_number() {
        let mut poll = Poll::new(vec![HEAT]);
        poll.begin();
        assert_eq!(said(&mut poll), [0x80, 0x3F, 0x01, 0x05, 0x8A, 0x0D]);
        poll.hear(Word::Frame(&Frame { command: 1, answer: &[0, 4, 6, 1] }));
        assert_eq!(said(&mut poll), [0x80, 0x3F, 0x02, 0x35, 0xE9, 0x0D]);
    }

    #[test]
    fn the_registers_that_a_meter_has_show_its_family() {
        let mut poll = Poll::new(vec![HEAT, WATER]);
        poll.begin();
        assert_eq!(answer(&mut poll, 1, &[0, 4, 6, 1]), Verdict::Part);
        assert_eq!(answer(&mut poll, 2, &[1, 2, 3, 4]), Verdict::Part);
        assert_eq!(answer(&mut poll, 0x10, &register(68)), Verdict::Understood);
        let both = [register(68), register(292)].concat();
        assert_eq!(answer(&mut poll, 0x10, &both), Verdict::Reading);
        assert_eq!(poll.next(), Step::Rest);
        poll.begin();
        assert_eq!(answer(&mut poll, 0x10, &both), Verdict::Reading);
    }

    #[test]
    fn an_answer_to_another_question_is_out_of_turn() {
        let mut poll = Poll::new(vec![HEAT]);
        poll.begin();
        assert_eq!(answer(&mut poll, 2, &[1, 2, 3, 4]), Verdict::OutOfTurn);
        assert_eq!(poll.hear(Word::Frame(&Frame { command: 1, answer: &[0, 4, 6, 1] })), Verdict::Part);
        answer(&mut poll, 2, &[1, 2, 3, 4]);
        assert_eq!(answer(&mut poll, 0x10, &register(86)), Verdict::OutOfTurn);
        assert_eq!(poll.hear(Word::Frame(&Frame { command: 0x10, answer: &register(60) })), Verdict::Part);
    }

    #[test]
    fn a_round_without_any_register_fails_as_refused() {
        let mut poll = Poll::new(vec![HEAT]);
        poll.begin();
        answer(&mut poll, 1, &[0, 4, 6, 1]);
        answer(&mut poll, 2, &[1, 2, 3, 4]);
        assert_eq!(answer(&mut poll, 0x10, &[]), Verdict::Understood);
        assert_eq!(poll.next(), Step::Fail(DialogueError::Refused));
    }
}
