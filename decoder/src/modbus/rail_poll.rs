//! The conversation with a Modbus meter on a rail: its identification, and the registers of its profile, one question
//! at a time.
//!
//! A round asks for the present values, and every few rounds also for the counters. Late answers are dropped, since
//! only the question gives an answer its meaning. A block that the meter refuses is halved, down to single registers. A
//! single register that the meter refuses is not asked for again: some meters lack registers of their profile.
//!
//! Only one master may ask on a bus. If another one is detected, nothing is sent until it has been silent for a minute.

use alloc::collections::VecDeque;
use alloc::vec::Vec;
use core::mem::take;

use super::frame::{Deframer, Frame};
use super::question::{Question, Read};
use super::recognition::{Answer, Next, Recognition};
use super::reply::Reply;
use crate::dialogue::{ADAPTER, Dialogue, Step, TRIES, Verdict, Word};
use crate::error::DialogueError;
use crate::line::Line;
use crate::notice::Notice;
use crate::rail::{Block, Chosen, Profile};

#[derive(Debug)]
pub(crate) struct RailPoll {
    address: u8,
    lines: Vec<Line>,
    /// The search for the profile, while the meter is unknown.
    recognition: Option<Recognition>,
    plan: Option<Plan>,
    questions: VecDeque<Question>,
    steps: VecDeque<Step>,
    tries: u8,
    is_asking: bool,
    /// Whether this round has received registers.
    has_part: bool,
    has_other: bool,
}

/// The blocks to ask a meter for.
#[derive(Debug)]
struct Plan {
    profile: &'static Profile,
    identity: Vec<Block>,
    often: Vec<Block>,
    rarely: Vec<Block>,
    rounds: u32,
}

impl RailPoll {
    /// Without a chosen profile, the dialogue first identifies the meter, on one of these lines.
    pub(crate) fn new(address: u8, lines: Vec<Line>, chosen: Option<Chosen>) -> Self {
        let plan = chosen.map(|chosen| Plan::of(chosen.profile));
        Self {
            address,
            lines,
            recognition: None,
            plan,
            questions: VecDeque::new(),
            steps: VecDeque::new(),
            tries: 0,
            is_asking: false,
            has_part: false,
            has_other: false,
        }
    }

    fn line(&self) -> Line {
        self.lines.first().copied().unwrap_or(Line::INFRARED)
    }

    fn ask(&mut self) {
        let Some(question) = self.questions.front() else { return };
        self.tries += 1;
        let patience = if self.recognition.is_some() { PRESENCE } else { reaction(self.line()) };
        self.steps.extend([Step::Say(question.bytes()), Step::Hear(patience + ADAPTER)]);
    }

    fn recognise(&mut self, next: Next) {
        (self.tries, self.is_asking) = (0, false);
        self.questions.clear();
        let address = self.address;
        match next {
            Next::Ask(line, read) => {
                self.questions.push_back(Question { address, read });
                self.steps.push_back(Step::Line(line));
                self.ask();
            }
            Next::Known(line, chosen) => {
                self.recognition = None;
                self.lines = [line].into();
                self.steps.push_back(Step::Tell(Notice::Recognised { chosen, address, line }));
                self.plan = Some(Plan::of(chosen.profile));
                self.poll();
            }
            Next::Unknown(line, like) => {
                self.recognition = None;
                self.steps.push_back(Step::Tell(Notice::Unrecognised { like, address, line }));
                self.steps.extend([Step::Pause(REST), Step::Rest]);
            }
            Next::Nobody => {
                self.recognition = None;
                self.steps.push_back(Step::Fail(DialogueError::Silent { tries: 1 }));
            }
        }
    }

    /// Continues the recognition after an answer, or after none.
    fn recognised(&mut self, answer: Answer<'_>) {
        let Some(recognition) = &mut self.recognition else { return };
        let next = recognition.hear(answer).unwrap_or_else(|| recognition.next());
        // No late answer can come on a line without any meter.
        let pause = if matches!(answer, Answer::Nothing) { LATE } else { PAUSE };
        self.steps.extend(recognition.is_heard().then_some(Step::Pause(pause)));
        self.recognise(next);
    }

    fn poll(&mut self) {
        self.has_part = false;
        let Some(plan) = &mut self.plan else { return };
        let address = self.address;
        self.questions = plan.round().map(|block| Question { address, read: Read::of(block) }).collect();
        (self.tries, self.is_asking) = (0, false);
        self.ask();
    }

    /// Continues with the next question, after the present one was answered or given up.
    fn go_on(&mut self, verdict: Verdict) -> Verdict {
        self.questions.pop_front();
        // A question that was sent several times may be answered as often, and each of these answers may be as late as
        // this one: the answers are as far apart as the questions were.
        let apart = reaction(self.line()) + ADAPTER + LATE;
        let pause = PAUSE + u64::from(self.tries.saturating_sub(1)) * apart;
        (self.tries, self.is_asking) = (0, false);
        self.steps.push_back(Step::Pause(pause));
        if !self.questions.is_empty() {
            self.ask();
            return verdict;
        }
        match verdict {
            Verdict::Part => {
                self.steps.push_back(Step::Rest);
                return Verdict::Reading;
            }
            _ if self.has_part => self.steps.extend([Step::Close, Step::Rest]),
            _ => self.steps.push_back(Step::Fail(DialogueError::Refused)),
        }
        verdict
    }

    /// Reacts to a refusal: waits if the meter is busy, and otherwise asks for smaller blocks, because the meter does
    /// not have all of the requested registers.
    fn refused(&mut self, code: u8) -> Verdict {
        if code == BUSY {
            self.is_asking = false;
            self.steps.push_back(Step::Pause(PAUSE + ADAPTER));
            if self.tries < TRIES {
                self.ask();
                return Verdict::Understood;
            }
            return self.go_on(Verdict::Understood);
        }
        let (Some(plan), Some(asked)) = (&mut self.plan, self.questions.front().copied()) else {
            return Verdict::Aside;
        };
        let halves = plan.refused(asked.read);
        let address = self.address;
        for half in halves.into_iter().rev() {
            self.questions.insert(1, Question { address, read: Read::of(half) });
        }
        self.go_on(Verdict::Understood)
    }
}

impl Plan {
    fn of(profile: &'static Profile) -> Self {
        let [identity, often, rarely] =
            [profile.identity, profile.often, profile.rarely].map(<[Block]>::to_vec);
        Self { profile, identity, often, rarely, rounds: 0 }
    }

    /// The blocks of the next round: the identification in the first round, the counters every few rounds, and the
    /// present values in each round.
    fn round(&mut self) -> impl Iterator<Item = Block> {
        let round = self.rounds;
        self.rounds = self.rounds.wrapping_add(1);
        let identity = self.identity.iter().filter(move |_| round == 0);
        let rarely = self.rarely.iter().filter(move |_| round % RARELY == 1);
        identity.chain(rarely).chain(&self.often).copied().collect::<Vec<_>>().into_iter()
    }

    /// Replaces a block that the meter refuses with its halves, and returns them.
    fn refused(&mut self, read: Read) -> Vec<Block> {
        let mut halves = Vec::new();
        for blocks in [&mut self.identity, &mut self.often, &mut self.rarely] {
            let Some(at) = blocks.iter().position(|block| Read::of(*block) == read) else { continue };
            halves = halved(self.profile, blocks.remove(at));
            blocks.splice(at..at, halves.iter().copied());
        }
        halves
    }
}

/// Splits the registers of a block into two blocks; empty if the block has only one register.
fn halved(profile: &Profile, block: Block) -> Vec<Block> {
    let rows: Vec<(u16, u16)> = profile.within(block).map(|row| (row.at, row.form.words())).collect();
    if rows.len() < 2 {
        return Vec::new();
    }
    let (first, second) = rows.split_at(rows.len() / 2);
    let joined = |rows: &[(u16, u16)]| {
        let ((first, _), (last, words)) = (*rows.first()?, *rows.last()?);
        let count = last.saturating_add(words).saturating_sub(first);
        Some(Block { function: block.function, first, count })
    };
    [first, second].into_iter().filter_map(joined).collect()
}

impl Dialogue for RailPoll {
    type Deframer = Deframer;

    fn begin(&mut self) {
        self.questions.clear();
        self.steps = [Step::Line(self.line())].into();
        (self.tries, self.is_asking) = (0, false);
        if take(&mut self.has_other) {
            self.steps.extend([Step::Warn(DialogueError::AnotherMaster), Step::Pause(REST), Step::Rest]);
        } else if self.plan.is_some() {
            self.poll();
        } else {
            let recognition = self.recognition.insert(Recognition::new(self.lines.clone()));
            let next = recognition.next();
            self.steps.clear();
            self.recognise(next);
        }
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
            (Word::Frame(frame), _) => {
                self.has_other |= frame.is_question;
                return Verdict::OutOfTurn;
            }
            (Word::Damaged, _) if self.is_asking => return Verdict::Damaged,
            (Word::Begun(_), _) if self.is_asking => return Verdict::Begun,
            _ => return Verdict::Aside,
        };
        match (Reply::of(asked, frame), self.recognition.is_some()) {
            (Reply::Echo, _) => Verdict::Echo,
            (Reply::OutOfTurn, _) => Verdict::OutOfTurn,
            (Reply::Foreign, _) => {
                self.has_other = true;
                Verdict::OutOfTurn
            }
            (Reply::Data(data), true) => {
                self.recognised(Answer::Data(data));
                Verdict::Understood
            }
            (Reply::Refused(_), true) => {
                self.recognised(Answer::Refused);
                Verdict::Understood
            }
            (Reply::Refused(code), false) => self.refused(code),
            (Reply::Data(_), false) => {
                self.has_part = true;
                self.go_on(Verdict::Part)
            }
        }
    }

    fn late(&mut self, damaged: bool) {
        let tries = self.tries;
        self.is_asking = false;
        if self.has_other {
            self.questions.clear();
            self.recognition = None;
            return self.steps.push_back(Step::Fail(DialogueError::AnotherMaster));
        }
        if self.recognition.is_some() && !damaged {
            return self.recognised(Answer::Nothing);
        }
        self.steps.push_back(Step::Pause(LATE));
        if tries < TRIES {
            return self.ask();
        }
        if self.recognition.is_some() {
            return self.recognised(Answer::Nothing);
        }
        self.questions.clear();
        // Another meter may be there by now.
        if let Some(plan) = &mut self.plan {
            plan.rounds = 0;
        }
        let error = if damaged { DialogueError::Damaged { tries } } else { DialogueError::Silent { tries } };
        self.steps.push_back(Step::Fail(error));
    }
}

/// How many milliseconds to wait until a meter begins to answer.
const fn reaction(line: Line) -> u64 {
    if line.baud < 9600 { 1000 } else { 500 }
}

/// How many milliseconds to wait until an answer begins during a search: meters need less than a tenth of a second.
const PRESENCE: u64 = 200;
/// Milliseconds between an answer and the next question: Eastron's meters require 50.
const PAUSE: u64 = 60;
/// Milliseconds within which a late answer may come.
const LATE: u64 = 300;
/// Milliseconds of silence after another master was detected, or after an unknown meter.
const REST: u64 = 60_000;
/// One in this many rounds asks for the counters.
const RARELY: u32 = 5;
/// The exception of a meter that is busy.
const BUSY: u8 = 6;
