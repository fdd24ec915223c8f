//! [`Recognition`]: which meter answers on a bus, found out by asking.
//!
//! On each line setting one question is put, and the first answer of any kind shows that somebody is there. Then meters are
//! asked for what only they have: a register that says who they are. A meter without one is known by its numbers, if those
//! agree with physics for one profile alone. Who is known by a profile that is not sure is not assumed to be it.

use alloc::collections::VecDeque;
use alloc::vec::Vec;

use super::plausible::{fits, is_of_a_grid};
use super::question::{IDENTIFICATION, Read};
use super::rail::registers;
use crate::line::Line;
use crate::rail::{Block, By, Chosen, Profile, Sign};
use crate::register::{Register, Value};
use crate::vocabulary::Quantity;

/// What is asked next, or what came of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Next {
    /// This, at that setting.
    Ask(Line, Read),
    /// This is it.
    Known(Line, Chosen),
    /// Somebody answers, and a person must say who; the profile is the one that is likely and not sure.
    Unknown(Line, Option<&'static Profile>),
    /// Nobody answers.
    Nobody,
}

/// What became of a question.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Answer<'a> {
    Data(&'a [u8]),
    Refused,
    Nothing,
}

/// The search for the profile of one meter.
#[derive(Debug)]
pub(crate) struct Recognition {
    lines: Vec<Line>,
    /// Which of them has its turn.
    line: usize,
    /// Whether somebody has answered there.
    is_heard: bool,
    /// With how many kinds of question each line was tried.
    passes: usize,
    steps: VecDeque<Probe>,
    /// Whose numbers agree with physics: of how many voltages.
    fitting: Vec<(&'static Profile, usize)>,
}

/// What is asked for.
#[derive(Debug)]
enum Probe {
    /// A register that only some meters have.
    Sign(Block),
    /// The voltage of a meter that has said what it is.
    Proof(&'static Profile, Block),
    /// A voltage at the place where some profiles have theirs.
    Voltage(Block),
    /// All that a profile has to be judged by, and what was read of it.
    Whole(&'static Profile, Vec<Block>, Vec<Register>),
}

impl Recognition {
    /// Nothing was asked yet; the lines are tried in their order.
    pub(crate) fn new(lines: Vec<Line>) -> Self {
        let steps = probes().collect();
        Self { lines, line: 0, is_heard: false, passes: 0, steps, fitting: Vec::new() }
    }

    /// Whether somebody has answered.
    pub(crate) const fn is_heard(&self) -> bool {
        self.is_heard
    }

    /// What comes next.
    pub(crate) fn next(&self) -> Next {
        let Some(line) = self.lines.get(self.line).copied() else { return Next::Nobody };
        match self.steps.front() {
            Some(probe) => Next::Ask(line, probe.read()),
            None => self.best(line),
        }
    }

    /// Takes what became of the question that was put last; what is known at once ends it.
    pub(crate) fn hear(&mut self, answer: Answer<'_>) -> Option<Next> {
        let line = self.lines.get(self.line).copied()?;
        if !self.is_heard && matches!(answer, Answer::Nothing) {
            self.go_on();
            return None;
        }
        self.is_heard = true;
        match (self.steps.pop_front()?, answer) {
            (Probe::Sign(block), Answer::Data(data)) => {
                let has = |profile: &&Profile| {
                    profile.signs.iter().any(|sign| sign.block == block && has(sign, data))
                };
                let profile = Profile::all().iter().find(has)?;
                match voltage(profile) {
                    // Where some meters say what they are, others have a number that may be anything.
                    Some(block) => self.steps.push_front(Probe::Proof(profile, block)),
                    None => return Some(judged(line, profile, By::Meter)),
                }
                None
            }
            (Probe::Proof(profile, block), Answer::Data(data)) => {
                is_voltage(profile, block, data).then(|| judged(line, profile, By::Meter))
            }
            (Probe::Voltage(block), Answer::Data(data)) => {
                let likely = Profile::all().iter().filter(|profile| is_voltage(profile, block, data));
                let whole = likely.map(|profile| Probe::Whole(profile, profile.often.to_vec(), Vec::new()));
                whole.for_each(|probe| self.steps.push_front(probe));
                None
            }
            (Probe::Whole(profile, mut left, mut found), Answer::Data(data)) => {
                let Block { function, first, .. } = left.remove(0);
                registers(profile, (function, first), data, &mut found);
                if !left.is_empty() {
                    self.steps.push_front(Probe::Whole(profile, left, found));
                } else if let Some(live) = fits(profile, &found) {
                    self.fitting.push((profile, live));
                }
                // Other places need not be looked at where somebody fits.
                if !self.fitting.is_empty() {
                    self.steps.retain(|probe| matches!(probe, Probe::Whole(..)));
                }
                None
            }
            (_, Answer::Refused | Answer::Nothing) => None,
        }
    }

    /// Nobody answered: the next line has its turn, and after the last the next kind of question.
    fn go_on(&mut self) {
        self.line += 1;
        if self.line == self.lines.len() && self.passes < 1 {
            (self.line, self.passes) = (0, self.passes + 1);
            // A meter that says nothing to questions for registers that it has not may yet tell its voltage.
            self.steps = probes().filter(|probe| matches!(probe, Probe::Voltage(_))).collect();
        }
    }

    /// The profile that explains most: a meter of three phases has the registers of one with a single phase as well.
    fn best(&self, line: Line) -> Next {
        let rank = |(profile, live): &(&'static Profile, usize)| {
            let voltages = profile.often.iter().flat_map(|block| profile.within(*block));
            let named = voltages.filter(|row| row.quantity == Some(Quantity::Voltage)).count();
            (named == *live, profile.extent())
        };
        let best = self.fitting.iter().max_by_key(|known| rank(known));
        match best {
            Some((profile, _)) => judged(line, profile, By::Physics),
            None => Next::Unknown(line, None),
        }
    }
}

impl Probe {
    fn read(&self) -> Read {
        match self {
            Self::Sign(block) | Self::Proof(_, block) | Self::Voltage(block) => Read::of(*block),
            Self::Whole(_, left, _) => left.first().map_or(Read::Identification, |block| Read::of(*block)),
        }
    }
}

/// All questions, each once: for signs in their order, then for voltages, where most profiles have theirs first.
fn probes() -> impl Iterator<Item = Probe> {
    let all = || Profile::all().iter();
    let mut signs: Vec<&Sign> = all().flat_map(|profile| profile.signs).collect();
    signs.sort_by_key(|sign| sign.order);
    signs.dedup_by_key(|sign| sign.block);
    let mut voltages: Vec<(usize, Block)> = Vec::new();
    for row in all().filter_map(Profile::voltage) {
        let count = row.form.words();
        match voltages.iter_mut().find(|(_, block)| (block.function, block.first) == (row.function, row.at)) {
            Some((profiles, block)) => (*profiles, block.count) = (*profiles + 1, block.count.max(count)),
            None => voltages.push((1, Block { function: row.function, first: row.at, count })),
        }
    }
    voltages.sort_by_key(|(profiles, _)| core::cmp::Reverse(*profiles));
    let voltages = voltages.into_iter().map(|(_, block)| Probe::Voltage(block));
    signs.into_iter().map(|sign| Probe::Sign(sign.block)).collect::<Vec<_>>().into_iter().chain(voltages)
}

fn judged(line: Line, profile: &'static Profile, by: By) -> Next {
    if profile.is_doubtful {
        return Next::Unknown(line, Some(profile));
    }
    Next::Known(line, Chosen { profile, by })
}

/// Where a profile has its first voltage.
fn voltage(profile: &Profile) -> Option<Block> {
    let row = profile.voltage()?;
    Some(Block { function: row.function, first: row.at, count: row.form.words() })
}

/// Whether an answer has a sign.
fn has(sign: &Sign, data: &[u8]) -> bool {
    let is_code = |code: u16| sign.codes.iter().any(|(first, last)| (*first..=*last).contains(&code));
    let has = |text: &&&str| match sign.block.function {
        IDENTIFICATION => data.windows(text.len()).any(|octets| octets == text.as_bytes()),
        _ => data.starts_with(text.as_bytes()),
    };
    let is_known = data.first_chunk().is_some_and(|code| is_code(u16::from_be_bytes(*code)));
    is_known || sign.texts.iter().any(|text| has(&text))
}

/// Whether a profile finds a voltage of a grid in an answer.
fn is_voltage(profile: &Profile, block: Block, data: &[u8]) -> bool {
    let Some(row) = profile.voltage().filter(|row| (row.function, row.at) == (block.function, block.first))
    else {
        return false;
    };
    let Some(words) = data.get(..2 * usize::from(row.form.words())) else { return false };
    let mut found = Vec::new();
    registers(profile, (block.function, block.first), words, &mut found);
    found.iter().any(|register| matches!(register.value, Value::Number(volts) if is_of_a_grid(volts)))
}
