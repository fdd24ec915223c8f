//! [`Recognition`]: identifies the meter that answers on a bus by asking it.
//!
//! One question is sent on each line setting, and a second one if no line answers. Any answer shows that a meter is
//! there. The meter is then asked for registers that only certain meters have. If it has none of them, its numbers
//! decide: read with the right profile, they agree with physics. If several profiles fit, one whose voltages are all
//! above zero is preferred, then the one with the most registers. A doubtful profile is never assumed.

use alloc::collections::VecDeque;
use alloc::vec::Vec;

use super::plausible::{fits, is_of_a_grid};
use super::question::{IDENTIFICATION, Read};
use super::rail::registers;
use crate::line::Line;
use crate::rail::{Block, By, Chosen, Profile, Sign};
use crate::register::{Register, Value};
use crate::vocabulary::Quantity;

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Next {
    /// Ask this question at this line setting.
    Ask(Line, Read),
    /// The meter is identified.
    Known(Line, Chosen),
    /// A meter answers, but the user must choose its profile. The profile given is likely, but doubtful.
    Unknown(Line, Option<&'static Profile>),
    /// No meter answers.
    Nobody,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Answer<'a> {
    Data(&'a [u8]),
    Refused,
    Nothing,
}

#[derive(Debug)]
pub(crate) struct Recognition {
    lines: Vec<Line>,
    /// The index of the line to try.
    line: usize,
    /// Whether a meter has answered on this line.
    is_heard: bool,
    /// How many kinds of question have been tried on all lines.
    passes: usize,
    steps: VecDeque<Probe>,
    /// The profiles whose numbers agree with physics, with the number of their live voltages.
    fitting: Vec<(&'static Profile, usize)>,
}

#[derive(Debug)]
enum Probe {
    /// A register that only some meters have: it identifies them.
    Sign(Block),
    /// The voltage of a meter that has stated its identity.
    Proof(&'static Profile, Block),
    /// A voltage at an address where some profiles have one.
    Voltage(Block),
    /// All blocks that are needed to judge a profile, and the registers read so far.
    Whole(&'static Profile, Vec<Block>, Vec<Register>),
}

impl Recognition {
    /// Lines are tried in their order.
    pub(crate) fn new(lines: Vec<Line>) -> Self {
        let steps = probes().collect();
        Self { lines, line: 0, is_heard: false, passes: 0, steps, fitting: Vec::new() }
    }

    pub(crate) const fn is_heard(&self) -> bool {
        self.is_heard
    }

    pub(crate) fn next(&self) -> Next {
        let Some(line) = self.lines.get(self.line).copied() else { return Next::Nobody };
        match self.steps.front() {
            Some(probe) => Next::Ask(line, probe.read()),
            None => self.best(line),
        }
    }

    /// Takes the result of the last question. A certain identification ends the search.
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
                    // In the register with which some meters state their identity, other meters have an arbitrary
                    // number.
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
                // Other addresses need no test once a profile fits.
                if !self.fitting.is_empty() {
                    self.steps.retain(|probe| matches!(probe, Probe::Whole(..)));
                }
                None
            }
            (_, Answer::Refused | Answer::Nothing) => None,
        }
    }

    /// No meter answered: tries the next line, and after the last line the next kind of question.
    fn go_on(&mut self) {
        self.line += 1;
        if self.line == self.lines.len() && self.passes < 1 {
            (self.line, self.passes) = (0, self.passes + 1);
            // A meter that ignores questions for registers that it lacks may still answer a question for its voltage.
            self.steps = probes().filter(|probe| matches!(probe, Probe::Voltage(_))).collect();
        }
    }

    /// Chooses the profile that explains most: a three-phase meter also has the registers of a single-phase meter.
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

/// All questions, each once: first for signs in their order, then for voltages, most common addresses first.
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

/// The address of a profile's first voltage.
fn voltage(profile: &Profile) -> Option<Block> {
    let row = profile.voltage()?;
    Some(Block { function: row.function, first: row.at, count: row.form.words() })
}

fn has(sign: &Sign, data: &[u8]) -> bool {
    let is_code = |code: u16| sign.codes.iter().any(|(first, last)| (*first..=*last).contains(&code));
    let has = |text: &&&str| match sign.block.function {
        IDENTIFICATION => data.windows(text.len()).any(|bytes| bytes == text.as_bytes()),
        _ => data.starts_with(text.as_bytes()),
    };
    let is_known = data.first_chunk().is_some_and(|code| is_code(u16::from_be_bytes(*code)));
    is_known || sign.texts.iter().any(|text| has(&text))
}

/// Whether a profile finds a grid voltage in an answer.
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
