//! What detection tries, and in which order: the rows of `candidates.toml`.

use alloc::vec::Vec;

use super::Hints;
use crate::line::Line;
use crate::question::{Question, Rail};
use crate::stack::Stack;
use crate::time::Zone;

/// A line on which meters push.
#[derive(Debug)]
pub(super) struct Listen {
    pub(super) line: &'static str,
    pub(super) stacks: &'static [Stack],
    pub(super) zones: &'static [&'static str],
    pub(super) vendors: &'static [u16],
    /// Whether few meters use this line outside its own zones.
    rare: bool,
}

/// A protocol in which detection polls.
#[derive(Debug)]
pub(super) struct Questioning {
    pub(super) stack: Stack,
    zones: &'static [&'static str],
    /// The line settings to try, if the protocol has several.
    lines: &'static [&'static str],
    /// Milliseconds until the first byte of the answer, on all `lines` together.
    pub(super) patience: u64,
}

impl Questioning {
    pub(super) fn question(&self) -> Option<Question> {
        let question = self.stack.question()?;
        let lines: Vec<Line> = self.lines.iter().filter_map(|line| line.parse().ok()).collect();
        Some(match question {
            Question::Rail(rail) => Question::Rail(Rail { lines, ..rail }),
            question => question,
        })
    }

    /// The protocols of this place first, those of other places last.
    pub(super) fn likeliest_first(here: Zone) -> Vec<&'static Self> {
        let built = QUESTIONS.iter().filter(|questioning| questioning.stack.is_built());
        ranked(built, 3, |questioning| {
            let is_here = questioning.zones.contains(&here.name());
            u8::from(!is_here) + u8::from(!is_here && !questioning.zones.is_empty())
        })
    }
}

/// Milliseconds to listen to the first line: fewer if meters of this place must be asked and none of them pushes.
pub(super) fn first_patience(here: Zone) -> u64 {
    let pushes = LISTENS.iter().any(|listen| listen.zones.contains(&here.name()));
    let asked = QUESTIONS.iter().any(|questioning| questioning.zones.contains(&here.name()));
    if asked && !pushes { ASKED_PATIENCE } else { FIRST_PATIENCE }
}

/// The rows with a rank below `ranks`, sorted by rank; rows of the same rank keep their order. There are a dozen rows,
/// and a sort would add five kilobytes to each program.
fn ranked<T>(
    rows: impl Iterator<Item = &'static T> + Clone,
    ranks: u8,
    rank: impl Fn(&'static T) -> u8,
) -> Vec<&'static T> {
    let mut all = Vec::new();
    for wanted in 0..ranks {
        all.extend(rows.clone().filter(|row| rank(row) == wanted));
    }
    all
}

/// The lines to listen to, and the progress of the round.
#[derive(Debug)]
pub(super) struct Lines {
    /// In the order of the attempts.
    all: Vec<&'static Listen>,
    /// How many of them are common: every round tries these.
    common: usize,
    /// How many lines this round has listened to.
    tried: usize,
    /// On how many of these lines something was received.
    heard: usize,
}

impl Lines {
    /// Lines of this place first, and among them those of the adapter; lines that are rare here last.
    pub(super) fn likeliest_first(hints: &Hints, here: Zone) -> Self {
        let fits_place = |listen: &&Listen| listen.zones.contains(&here.name());
        let is_rare = |listen: &&Listen| listen.rare && !fits_place(listen);
        let built = LISTENS.iter().filter(|listen| listen.stacks.iter().any(|stack| stack.is_built()));
        let all = ranked(built, 8, |listen| {
            let fits_adapter = hints.vendor.is_some_and(|vendor| listen.vendors.contains(&vendor));
            4 * u8::from(is_rare(&listen)) + 2 * u8::from(!fits_place(&listen)) + u8::from(!fits_adapter)
        });
        let common = all.iter().filter(|listen| !is_rare(listen)).count();
        Self { all, common, tried: 0, heard: 0 }
    }

    /// The line to listen to now.
    pub(super) fn current(&self) -> Option<&'static Listen> {
        self.all.get(self.tried).copied()
    }

    pub(super) fn is_rare(&self) -> bool {
        self.tried >= self.common
    }

    pub(super) fn restart(&mut self) {
        (self.tried, self.heard) = (0, 0);
    }

    /// Moves on to the next line; `false` if this round has no more. Later rounds try the rare lines too. The first
    /// round tries them only if something was received on more than half of the common lines.
    pub(super) fn advance(&mut self, was_heard: bool, round: usize) -> bool {
        self.tried += 1;
        self.heard += usize::from(was_heard);
        let tries_rare = round > 0 || 2 * self.heard > self.common;
        self.tried < if tries_rare { self.all.len() } else { self.common }
    }
}

/// Milliseconds. Meters that push every second or two are found, and users whose meter must be asked wait only briefly.
const FIRST_PATIENCE: u64 = 2500;
/// Milliseconds in a place whose meters must be asked: if a meter pushes there, it mostly does so every second.
const ASKED_PATIENCE: u64 = 1000;

include!(concat!(env!("OUT_DIR"), "/candidates.rs"));

#[cfg(test)]
mod tests {
    use super::*;
    use crate::meter::usual_schedule;
    use crate::output::Output;
    use crate::question::Ask;
    use crate::session::Session;
    use crate::setup::Setup;
    use crate::time::Instant;

    /// A request that the poll repeats would disturb the question of the next protocol. The poll waits half a second
    /// longer than an EasyMeter takes to answer SML.
    #[test]
    fn a_slow_meter_can_answer_before_its_request_is_repeated() {
        for (stack, spare) in [(Stack::Iec62056, 10), (Stack::Sml, 500)] {
            let questioning = QUESTIONS.iter().find(|questioning| questioning.stack == stack).unwrap();
            let ask = Ask::new(questioning.question().unwrap(), usual_schedule(stack));
            let mut session = Session::new(Setup { stack, ask: Some(ask), ..Setup::default() }, Instant(0));
            let Instant(repeats) = loop {
                if let Output::Wait(deadline) = session.poll() {
                    break deadline.unwrap();
                }
            };
            assert!((repeats - spare..repeats).contains(&questioning.patience), "{stack:?}: {repeats}");
        }
    }
}
