//! The conversation with an EMI meter: which question to ask in which round, at most one question per second.
//!
//! The first round asks for the identification, and whether the meter has three phases: a single-phase meter refuses
//! the second phase or answers 0. A meter without a clock is no EMI meter. Each later round asks for one group of
//! registers in turn, and ends with the power. If a question stays unanswered twice, the line is left quiet for 35 s:
//! some meters need that (E-REDES, requirements for HAN modules; other open-source drivers).

use alloc::collections::VecDeque;
use alloc::vec::Vec;

use super::emi;
use super::frame::{Deframer, Frame, REFUSED};
use super::question::{Question, Read};
use crate::dialogue::{Dialogue, Step, Verdict, Word};
use crate::error::DialogueError;
use crate::line::{Line, Parity};
use crate::notice::Notice;
use crate::question::LoadProfile;

#[derive(Debug, Default)]
pub(crate) struct Poll {
    /// Whether the meter has three phases, once known.
    has_three_phases: Option<bool>,
    /// The index of the next group of registers.
    turn: usize,
    questions: VecDeque<Question>,
    steps: VecDeque<Step>,
    tries: u8,
    is_asking: bool,
    /// `None` while no load profile is fetched.
    fetching: Option<Fetching>,
}

#[derive(Debug)]
struct Fetching {
    /// The first entry of the next question; 1 is the oldest.
    next: u32,
    /// The number of entries, once known.
    last: Option<u32>,
    /// The most entries per question.
    at_once: u8,
}

impl Fetching {
    /// The next question; `None` if all entries are fetched. It repeats the last entry of the previous answer: the
    /// oldest entry may have been dropped in the meantime, which moves all others down by one.
    fn question(&self) -> Option<Read> {
        let Some(last) = self.last else { return Some(ENTRIES_IN_USE) };
        let left = last.checked_sub(self.next)?.saturating_add(1);
        let count = self.at_once.min(u8::try_from(left).unwrap_or(u8::MAX));
        (count > 0).then_some(Read::Entries { index: 0, first: self.next, count })
    }

    fn notice(&self) -> Notice {
        let of = self.last.unwrap_or_default();
        Notice::Fetched { done: self.next.min(of), of }
    }

    fn end(&self) -> Notice {
        let of = self.last.unwrap_or_default();
        Notice::Fetched { done: of, of }
    }
}

impl Poll {
    pub(crate) fn new(profile: LoadProfile) -> Self {
        let fetching = Fetching { next: 1, last: None, at_once: MOST_ENTRIES };
        Self { fetching: (profile == LoadProfile::Fetch).then_some(fetching), ..Self::default() }
    }

    /// Takes an answer with this many entries of the load profile.
    fn hear_entries(&mut self, count: u8) -> Verdict {
        if let Some(fetching) = &mut self.fetching {
            let behind = fetching.next.saturating_add(count.into());
            let is_last = fetching.last.is_some_and(|last| behind > last);
            fetching.next = if is_last || count < 2 { behind } else { behind - 1 };
            let notice = fetching.notice();
            self.steps.push_back(Step::Tell(notice));
            self.fetching.take_if(|_| is_last);
        }
        self.go_on(Verdict::Reading)
    }

    /// Reacts to the refusal of a question about the load profile: fewer entries fit into an answer, there are no more,
    /// or the profile is locked.
    fn refused_entries(&mut self, code: u8) -> Verdict {
        let halves = self.fetching.as_mut().filter(|fetching| code == TOO_LONG && fetching.at_once > 1);
        match halves {
            Some(fetching) => fetching.at_once /= 2,
            None => {
                // A locked profile is not reported as fetched: it may be open another day.
                let ended = self.fetching.take().filter(|_| code != ACCESS_DENIED);
                self.steps.extend(ended.map(|fetching| Step::Tell(fetching.end())));
            }
        }
        self.go_on(Verdict::Understood)
    }

    fn ask(&mut self) {
        let Some(question) = self.questions.front() else { return };
        self.tries += 1;
        self.steps.extend([Step::Say(question.bytes()), Step::Hear(REACTION)]);
    }

    /// Goes on to the next question, which may be sent a second after the answer.
    fn go_on(&mut self, verdict: Verdict) -> Verdict {
        self.questions.pop_front();
        // A question that was sent twice may be answered twice.
        let pause = if self.tries > 1 { PAUSE + REACTION } else { PAUSE };
        (self.tries, self.is_asking) = (0, false);
        self.steps.push_back(Step::Pause(pause));
        if !self.questions.is_empty() {
            self.ask();
            return verdict;
        }
        match verdict {
            // Entries are readings of their own.
            Verdict::Reading => {
                self.steps.push_back(Step::Rest);
                verdict
            }
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

    fn hear_answer(&mut self, asked: Question, behind: &[u8], is_refused: bool) -> Verdict {
        let is_second_phase = asked.read == SECOND_PHASE;
        let is_of_profile = matches!(asked.read, Read::Entries { .. }) || asked.read == ENTRIES_IN_USE;
        match behind {
            [code, ..] if is_refused && is_of_profile => self.refused_entries(*code),
            [ACCESS_DENIED, ..] if is_refused => {
                self.steps.push_back(Step::Warn(DialogueError::Closed));
                self.go_on(Verdict::Understood)
            }
            _ if is_refused && asked.read == CLOCK && self.has_three_phases.is_none() => {
                self.questions.clear();
                self.is_asking = false;
                self.steps.push_back(Step::Fail(DialogueError::Refused));
                Verdict::Understood
            }
            _ if is_refused => {
                if is_second_phase {
                    self.has_three_phases = Some(false);
                }
                self.go_on(Verdict::Understood)
            }
            // Only the length reveals an answer to another question.
            [_, data @ ..] if !fits(asked.read, data.len()) => Verdict::OutOfTurn,
            [_, ..] if let Read::Entries { count, .. } = asked.read => self.hear_entries(count),
            [_, data @ ..] if asked.read == ENTRIES_IN_USE => {
                let last = data.first_chunk().map(|bytes| u32::from_be_bytes(*bytes));
                if let Some(fetching) = &mut self.fetching {
                    fetching.last = last;
                }
                let empty = self.fetching.take_if(|fetching| fetching.question().is_none());
                self.steps.extend(empty.map(|fetching| Step::Tell(fetching.end())));
                self.go_on(Verdict::Part)
            }
            [_, volts @ ..] => {
                if is_second_phase {
                    self.has_three_phases = Some(volts.iter().any(|byte| *byte != 0));
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
            let later = self.turn.checked_sub(ONCE.len()).and_then(|turn| turns.get(turn % turns.len()));
            let turn = ONCE.get(self.turn).or(later).copied();
            self.turn = self.turn.wrapping_add(1);
            // Entries are asked for only when the columns and the meter's properties are known.
            let entries =
                self.fetching.as_ref().filter(|_| self.turn > ONCE.len()).and_then(Fetching::question);
            entries.into_iter().chain(turn).chain([if three { POWER_OF_THREE } else { POWER }]).collect()
        };
        self.questions = reads.into_iter().map(|read| Question { address: ADDRESS, read }).collect();
        self.ask();
    }

    fn next(&mut self) -> Step {
        let step = self.steps.pop_front().unwrap_or(Step::Rest);
        // Anything that arrives before the question is sent answers something else.
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
            // Any question but ours comes from another master.
            let is_ours = Question::read(frame.bytes) == Some(asked);
            return if is_ours { Verdict::Echo } else { Verdict::OutOfTurn };
        }
        match frame.bytes {
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

fn fits(read: Read, bytes: usize) -> bool {
    match read {
        Read::Input { first, count } => emi::fits((first, count), bytes),
        // The columns determine the width of an entry; the parser checks it.
        Read::Entries { count, .. } => bytes >= usize::from(count) * LEAST_ENTRY,
        _ => false,
    }
}

const fn input(first: u16, count: u16) -> Read {
    Read::Input { first, count }
}

/// Meters of both editions accept two stop bits.
const LINE: Line = Line { baud: 9600, data_bits: 8, parity: Parity::None, stop_bits: 2 };
const ADDRESS: u8 = 1;
/// How many milliseconds to wait until an answer begins: some meters are slow.
const REACTION: u64 = 1800;
/// Milliseconds between an answer and the next question: one question per second is allowed.
const PAUSE: u64 = 1000;
/// Milliseconds of quiet after a meter did not answer.
const REST: u64 = 35_000;
const TRIES: u8 = 2;
const ACCESS_DENIED: u8 = 0x81;

const SECOND_PHASE: Read = input(0x6E, 1);
const ENTRIES_IN_USE: Read = input(0x82, 1);
/// Six entries of six columns fit into an answer.
const MOST_ENTRIES: u8 = 6;
/// Length of clock and status in bytes.
const LEAST_ENTRY: usize = 13;
const TOO_LONG: u8 = 0x84;
const CLOCK: Read = input(0x01, 1);
/// The clock, the voltage of the second phase, and the identification.
const FIRST: &[Read] = &[CLOCK, SECOND_PHASE, input(0x02, 1)];
/// Asked once afterwards: maker, model and firmware, limits of the contract, columns of the load profile.
const ONCE: &[Read] = &[input(0x03, 4), input(0x0C, 7), input(0x80, 1)];
const POWER: Read = input(0x79, 3);
const POWER_OF_THREE: Read = input(0x73, 8);
/// Voltages and currents, counters, counters by tariff, tariff, frequency, breaker, clock.
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

    fn answer(poll: &mut Poll, bytes: &[u8]) -> Verdict {
        while poll.next() != Step::Hear(REACTION) {}
        poll.hear(Word::Frame(&Frame { bytes, is_question: false }))
    }

    /// An answer with this many zeros.
    fn answer_of(bytes: u8) -> Vec<u8> {
        [&[1, 4, bytes][..], &alloc::vec![0; bytes.into()]].concat()
    }

    #[test]
    fn a_meter_that_refuses_the_second_phase_has_one_phase() {
        let mut poll = Poll::default();
        poll.begin();
        assert_eq!(said(&mut poll), [0x01, 0x04, 0x00, 0x01, 0x00, 0x01, 0x60, 0x0A]);
        assert_eq!(answer(&mut poll, &answer_of(12)), Verdict::Part);
        assert_eq!(answer(&mut poll, &[1, 0x84, 2]), Verdict::Understood);
        assert_eq!(poll.has_three_phases, Some(false));
        assert_eq!(answer(&mut poll, &answer_of(12)), Verdict::OutOfTurn, "the serial number has ten bytes");
        let serial = poll.hear(Word::Frame(&Frame { bytes: &answer_of(10), is_question: false }));
        assert_eq!(serial, Verdict::Part);
        assert_eq!(answer(&mut poll, &answer_of(10)), Verdict::Reading);
        poll.begin();
        assert_eq!(poll.questions.len(), 2);
    }

    /// One question per second, and 35 s of quiet after a failure.
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
    fn an_unrequested_answer_is_out_of_turn() {
        let mut poll = Poll::default();
        poll.begin();
        while poll.next() != Step::Hear(REACTION) {}
        let other = Frame { bytes: &[1, 4, 0, 0x6C, 0, 2], is_question: true };
        assert_eq!(poll.hear(Word::Frame(&other)), Verdict::OutOfTurn);
        let own = Frame { bytes: &[1, 4, 0, 1, 0, 1], is_question: true };
        assert_eq!(poll.hear(Word::Frame(&own)), Verdict::Echo);
        let write = Frame { bytes: &[1, 6, 0, 7, 0, 9], is_question: true };
        assert_eq!(poll.hear(Word::Frame(&write)), Verdict::OutOfTurn);
    }
}
