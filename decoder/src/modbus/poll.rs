//! The conversation with an EMI meter: what is asked in which round, at most one question a second.
//!
//! The first round asks who it is, and whether it has three phases: a meter of one refuses the second or says nought there.
//! Each later round asks for one group of registers in turn, and ends with the power. Behind a question that stays without
//! an answer twice the line is left quiet for 35 s: some meters need that (E-REDES, requirements for HAN modules; drivers of
//! others).

use alloc::collections::VecDeque;
use alloc::vec::Vec;

use super::emi;
use super::frame::{Deframer, Frame, REFUSED};
use super::question::{Question, Read};
use crate::dialogue::{Dialogue, Step, Verdict, Word};
use crate::error::DialogueError;
use crate::line::{Line, Parity};

/// The dialogue.
#[derive(Debug, Default)]
pub(crate) struct Poll {
    /// Whether it has three phases, once that is known.
    has_three_phases: Option<bool>,
    /// Which group of registers has its turn.
    turn: usize,
    questions: VecDeque<Question>,
    steps: VecDeque<Step>,
    tries: u8,
    is_asking: bool,
}

impl Poll {
    fn ask(&mut self) {
        let Some(question) = self.questions.front() else { return };
        self.tries += 1;
        self.steps.extend([Step::Say(question.octets()), Step::Hear(REACTION)]);
    }

    /// The question is answered: the next one may be put a second later.
    fn go_on(&mut self, verdict: Verdict) -> Verdict {
        self.questions.pop_front();
        // What was said twice may be answered twice.
        let pause = if self.tries > 1 { PAUSE + REACTION } else { PAUSE };
        (self.tries, self.is_asking) = (0, false);
        self.steps.push_back(Step::Pause(pause));
        if !self.questions.is_empty() {
            self.ask();
            return verdict;
        }
        match verdict {
            Verdict::Part => {
                self.steps.push_back(Step::Rest);
                Verdict::Reading
            }
            _ => {
                self.steps.push_back(Step::Fail(DialogueError::Refused));
                verdict
            }
        }
    }

    /// An answer that refuses, or one with registers in it.
    fn hear_answer(&mut self, asked: Question, behind: &[u8], is_refused: bool) -> Verdict {
        let is_second_phase = asked.read == SECOND_PHASE;
        match behind {
            [ACCESS_DENIED, ..] if is_refused => {
                self.steps.push_back(Step::Warn(DialogueError::Closed));
                self.go_on(Verdict::Understood)
            }
            _ if is_refused => {
                if is_second_phase {
                    self.has_three_phases = Some(false);
                }
                self.go_on(Verdict::Understood)
            }
            // Only its length tells that an answer is one to another question.
            [_, data @ ..] if !fits(asked.read, data.len()) => Verdict::OutOfTurn,
            [_, volts @ ..] => {
                if is_second_phase {
                    self.has_three_phases = Some(volts.iter().any(|octet| *octet != 0));
                }
                self.go_on(Verdict::Part)
            }
            [] => Verdict::Aside,
        }
    }
}

impl Dialogue for Poll {
    type Deframer = Deframer;

    fn begin(&mut self) {
        self.steps = [Step::Line(LINE)].into();
        (self.tries, self.is_asking) = (0, false);
        let three = self.has_three_phases == Some(true);
        let reads: Vec<Read> = if self.has_three_phases.is_none() {
            [FIRST, &[POWER]].concat()
        } else {
            let turns = if three { TURNS_OF_THREE } else { TURNS };
            let turn = turns.get(self.turn % turns.len()).copied();
            self.turn = self.turn.wrapping_add(1);
            turn.into_iter().chain([if three { POWER_OF_THREE } else { POWER }]).collect()
        };
        self.questions = reads.into_iter().map(|read| Question { address: ADDRESS, read }).collect();
        self.ask();
    }

    fn next(&mut self) -> Step {
        let step = self.steps.pop_front().unwrap_or(Step::Rest);
        // What comes before it is said answers something else.
        self.is_asking |= matches!(step, Step::Say(_));
        step
    }

    fn hear(&mut self, word: Word<'_, Frame<'_>>) -> Verdict {
        let (frame, asked) = match (word, self.questions.front()) {
            (Word::Frame(frame), Some(question)) if self.is_asking => (frame, *question),
            (Word::Frame(_), _) => return Verdict::OutOfTurn,
            (Word::Damaged, _) if self.is_asking => return Verdict::Damaged,
            (Word::Begun(_), _) if self.is_asking => return Verdict::Begun,
            _ => return Verdict::Aside,
        };
        if frame.is_question {
            // Another one than ours is a second master's.
            let is_ours = Question::read(frame.octets) == Some(asked);
            return if is_ours { Verdict::Echo } else { Verdict::OutOfTurn };
        }
        match frame.octets {
            [address, function, behind @ ..]
                if (*address, function & !REFUSED) == (asked.address, asked.read.function()) =>
            {
                self.hear_answer(asked, behind, function & REFUSED != 0)
            }
            _ => Verdict::OutOfTurn,
        }
    }

    fn late(&mut self, damaged: bool) {
        let tries = self.tries;
        self.is_asking = false;
        self.steps.push_back(Step::Pause(PAUSE));
        if tries < TRIES {
            return self.ask();
        }
        self.questions.clear();
        let error = if damaged { DialogueError::Damaged { tries } } else { DialogueError::Silent { tries } };
        self.steps.extend([Step::Pause(REST), Step::Fail(error)]);
    }
}

fn fits(read: Read, octets: usize) -> bool {
    match read {
        Read::Input { first, count } => emi::fits((first, count), octets),
        _ => false,
    }
}

const fn input(first: u16, count: u16) -> Read {
    Read::Input { first, count }
}

/// Two stop bits are understood by meters of both editions.
const LINE: Line = Line { baud: 9600, data_bits: 8, parity: Parity::None, stop_bits: 2 };
const ADDRESS: u8 = 1;
/// Milliseconds until an answer has begun: some meters take their time.
const REACTION: u64 = 1800;
/// Milliseconds between an answer and the next question: one question a second is allowed.
const PAUSE: u64 = 1000;
/// Milliseconds of quiet that a meter gets which does not answer.
const REST: u64 = 35_000;
const TRIES: u8 = 2;
const ACCESS_DENIED: u8 = 0x81;

const SECOND_PHASE: Read = input(0x6E, 1);
/// Who it is, what it has, and what its contract is.
const FIRST: &[Read] =
    &[input(0x01, 1), SECOND_PHASE, input(0x02, 1), input(0x03, 4), input(0x0C, 7), input(0x80, 1)];
const POWER: Read = input(0x79, 3);
const POWER_OF_THREE: Read = input(0x73, 8);
/// Voltages and currents, counters, counters by rate, tariff, frequency, breaker, clock.
const TURNS: &[Read] = &[
    input(0x6C, 2),
    input(0x16, 2),
    input(0x26, 3),
    input(0x0B, 1),
    input(0x7F, 1),
    input(0x84, 1),
    input(0x01, 1),
];
const TURNS_OF_THREE: &[Read] = &[
    input(0x6C, 7),
    input(0x16, 2),
    input(0x26, 3),
    input(0x0B, 1),
    input(0x7F, 1),
    input(0x84, 1),
    input(0x01, 1),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialogue::said;

    fn answer(poll: &mut Poll, octets: &[u8]) -> Verdict {
        while poll.next() != Step::Hear(REACTION) {}
        poll.hear(Word::Frame(&Frame { octets, is_question: false }))
    }

    /// An answer with so many zeros.
    fn answer_of(octets: u8) -> Vec<u8> {
        [&[1, 4, octets][..], &alloc::vec![0; octets.into()]].concat()
    }

    #[test]
    fn a_meter_without_a_second_phase_is_asked_for_one() {
        let mut poll = Poll::default();
        poll.begin();
        assert_eq!(said(&mut poll), [0x01, 0x04, 0x00, 0x01, 0x00, 0x01, 0x60, 0x0A]);
        assert_eq!(answer(&mut poll, &answer_of(12)), Verdict::Part);
        assert_eq!(answer(&mut poll, &[1, 0x84, 2]), Verdict::Understood);
        assert_eq!(poll.has_three_phases, Some(false));
        assert_eq!(answer(&mut poll, &answer_of(12)), Verdict::OutOfTurn, "the serial number has ten octets");
        for octets in [10, 22, 28] {
            assert_eq!(
                poll.hear(Word::Frame(&Frame { octets: &answer_of(octets), is_question: false })),
                Verdict::Part
            );
            while poll.next() != Step::Hear(REACTION) {}
        }
        assert_eq!(
            poll.hear(Word::Frame(&Frame { octets: &answer_of(8), is_question: false })),
            Verdict::Part
        );
        assert_eq!(answer(&mut poll, &answer_of(10)), Verdict::Reading);
        poll.begin();
        assert_eq!(poll.questions.len(), 2);
    }

    /// One question a second, and 35 s of quiet behind a failure.
    #[test]
    fn a_silent_meter_is_left_alone() {
        let mut poll = Poll::default();
        poll.begin();
        let mut pauses = Vec::new();
        loop {
            match poll.next() {
                Step::Hear(_) => poll.late(false),
                Step::Pause(length) => pauses.push(length),
                Step::Fail(error) => {
                    assert_eq!(error, DialogueError::Silent { tries: 2 });
                    break;
                }
                _ => {}
            }
        }
        assert_eq!(pauses, [1000, 1000, 35_000]);
    }

    #[test]
    fn what_nobody_asked_for_is_out_of_turn() {
        let mut poll = Poll::default();
        poll.begin();
        while poll.next() != Step::Hear(REACTION) {}
        let other = Frame { octets: &[1, 4, 0, 0x6C, 0, 2], is_question: true };
        assert_eq!(poll.hear(Word::Frame(&other)), Verdict::OutOfTurn);
        let own = Frame { octets: &[1, 4, 0, 1, 0, 1], is_question: true };
        assert_eq!(poll.hear(Word::Frame(&own)), Verdict::Echo);
        let write = Frame { octets: &[1, 6, 0, 7, 0, 9], is_question: true };
        assert_eq!(poll.hear(Word::Frame(&write)), Verdict::OutOfTurn);
    }
}
