//! [`Detection`]: what is plugged in, found out by trying.
//!
//! In go octets, disturbances and time, as into a session; out come line settings, questions, and at last the session
//! that made a reading. What is right is judged by decoding: on each line all protocols that are pushed there hear the
//! same octets, and the one that makes a reading of them is it. A frame that cannot be deciphered is as good: what is
//! missing is a key.
//!
//! 1. One line is listened to, the likeliest for the place and the adapter (`candidates.toml`). Any push can be heard
//!    there, if only as octets that make no sense.
//! 2. Where nothing at all is heard, the meters that must be asked are asked, one protocol after the other. Octets that
//!    answer no question end that: somebody pushes.
//! 3. The other lines are listened to, each until octets have come that make no sense there, or for as long as the slowest
//!    push may take. Then it begins anew, with more patience.
//!
//! A storm of framing or parity errors rules a line out at once, and so do octets that only a slower line makes.

mod candidates;
mod clue;

use alloc::boxed::Box;
use alloc::collections::VecDeque;
use alloc::vec::Vec;
use core::iter;

pub use self::clue::{Attempt, Clue, Evidence, Found};

use self::candidates::{Lines, Questioning, first_patience};
use crate::error::{DialogueError, Error};
use crate::line::Line;
use crate::meter::usual_schedule;
use crate::notice::Notice;
use crate::output::Output;
use crate::question::{Ask, Question, Rail};
use crate::session::{Session, Stacks};
use crate::setup::Setup;
use crate::stack::Stack;
use crate::time::Instant;

/// What is known of a port before anything is heard.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Hints {
    /// The USB vendor of its adapter.
    pub vendor: Option<u16>,
    /// Milliseconds from 1970-01-01T00:00:00Z to `Instant(0)`, for the schedule of a meter that must be asked.
    pub epoch: i64,
}

/// The search for what is plugged in.
#[derive(Debug)]
pub struct Detection {
    stacks: Stacks,
    setup: Setup,
    epoch: i64,
    lines: Lines,
    questions: Vec<&'static Questioning>,
    phase: Phase,
    /// Whether this round has asked.
    asked: bool,
    rounds: usize,
    evidence: Evidence,
    out: VecDeque<Clue>,
}

#[derive(Debug)]
enum Phase {
    Listening {
        sessions: Vec<(Stack, Session)>,
        line: Line,
        since: Instant,
        until: Instant,
        /// When the first and the last octets of a burst came.
        burst: Option<(Instant, Instant)>,
        disturbances: u32,
        /// Octets in a row as a slower line makes them.
        slow: usize,
    },
    Asking {
        session: Box<Session>,
        setup: Setup,
        line: Line,
        question: usize,
        until: Instant,
        noise: u64,
    },
    Over,
}

impl Phase {
    /// When it is over, if nothing more is heard.
    fn end(&self) -> Option<Instant> {
        match self {
            Self::Listening { since, until, line, burst, .. } => Some(match burst {
                None => *until,
                Some((first, last)) if *last >= first.after(longest_push(*line)) => *last,
                // Whoever comes in the middle of a telegram waits for the next one.
                Some((first, last)) if *first < since.after(SETTLING) => last.after(LATER_PATIENCE),
                Some((_, last)) => last.after(GAP),
            }),
            Self::Asking { until, .. } => Some(*until),
            Self::Over => None,
        }
    }

    /// Whether anything came on the line, whatever it was.
    fn was_heard(&self) -> bool {
        matches!(self, Self::Listening { burst, disturbances, .. } if burst.is_some() || *disturbances > 0)
    }
}

impl Detection {
    /// Begins; there is something to carry out at once. Keys and zone of the setup are for what is found; the zone tells
    /// besides what is likely.
    #[must_use]
    pub fn new(hints: Hints, setup: Setup, now: Instant) -> Self {
        Self::among(Stacks::ALL, hints, setup, now)
    }

    /// The same where sessions are of these stacks, which should be all.
    #[must_use]
    pub fn among(stacks: Stacks, hints: Hints, setup: Setup, now: Instant) -> Self {
        let mut detection = Self {
            stacks,
            epoch: hints.epoch,
            lines: Lines::likeliest_first(&hints, setup.zone),
            questions: Questioning::likeliest_first(setup.zone),
            setup,
            phase: Phase::Over,
            asked: false,
            rounds: 0,
            evidence: Evidence::default(),
            out: VecDeque::new(),
        };
        detection.listen(first_patience(detection.setup.zone), now);
        detection
    }

    /// Takes octets as they came from the line.
    pub fn handle_octets(&mut self, now: Instant, octets: &[u8]) {
        match &mut self.phase {
            Phase::Listening { sessions, burst, slow, .. } => {
                *slow = octets.iter().fold(*slow, |slow, octet| if is_slow(*octet) { slow + 1 } else { 0 });
                self.evidence.octets += octets.len() as u64;
                let first = burst.filter(|(_, last)| now < last.after(GAP)).map_or(now, |(first, _)| first);
                *burst = Some((first, now));
                for (_, session) in sessions {
                    session.handle_octets(now, octets);
                }
            }
            Phase::Asking { session, until, .. } => {
                *until = (*until).max(now.after(ANSWER_GOES_ON));
                session.handle_octets(now, octets);
            }
            Phase::Over => {}
        }
        self.judge(now);
        // Once: a line that is never high makes such octets at any speed.
        if self.rounds == 0 && matches!(self.phase, Phase::Listening { slow, .. } if slow >= SLOW) {
            self.go_on(now);
        }
    }

    /// The browser reported a framing or parity error.
    pub fn handle_disturbance(&mut self, now: Instant) {
        self.evidence.disturbances += 1;
        if let Phase::Listening { disturbances, .. } = &mut self.phase {
            *disturbances += 1;
            if *disturbances >= STORM {
                self.go_on(now);
            }
        }
    }

    /// The moment that [`Clue::Wait`] named has come.
    pub fn handle_timeout(&mut self, now: Instant) {
        match &mut self.phase {
            Phase::Listening { sessions, .. } => {
                for (_, session) in sessions {
                    session.handle_timeout(now);
                }
            }
            Phase::Asking { session, .. } => session.handle_timeout(now),
            Phase::Over => {}
        }
        self.judge(now);
        if self.phase.end().is_some_and(|end| now >= end) {
            self.go_on(now);
        }
    }

    /// The next thing to carry out.
    pub fn poll(&mut self) -> Clue {
        self.out.pop_front().unwrap_or_else(|| Clue::Wait(self.deadline()))
    }

    fn deadline(&mut self) -> Option<Instant> {
        let wait = |session: &mut Session| match session.poll() {
            Output::Wait(until) => until,
            _ => None,
        };
        let end = self.phase.end();
        let sessions: &mut dyn Iterator<Item = &mut Session> = match &mut self.phase {
            Phase::Listening { sessions, .. } => &mut sessions.iter_mut().map(|(_, session)| session),
            Phase::Asking { session, .. } => &mut iter::once(&mut **session),
            Phase::Over => return None,
        };
        sessions.filter_map(wait).chain(end).min()
    }

    /// Hears what the sessions have to say.
    fn judge(&mut self, now: Instant) {
        match &mut self.phase {
            Phase::Listening { sessions, line, .. } => {
                let line = *line;
                for at in 0..sessions.len() {
                    let Some((stack, session)) = sessions.get_mut(at) else { continue };
                    let Some(first) = convincing(session, &mut self.evidence, |_| {}) else { continue };
                    let setup = Setup { stack: *stack, ask: None, ..self.setup.clone() };
                    let (_, session) = sessions.swap_remove(at);
                    return self.found(Found { setup, line, session, first });
                }
            }
            Phase::Asking { session, setup, line, noise, .. } => {
                let out = &mut self.out;
                let mut silent = false;
                let first = convincing(session, &mut self.evidence, |output| match output {
                    Output::Line(next) => {
                        *line = next;
                        out.push_back(Clue::Line(next));
                    }
                    Output::Transmit(octets) => out.push_back(Clue::Transmit(octets)),
                    Output::Notice(Notice::Noise(span)) => *noise += span.length,
                    Output::Notice(Notice::Recognised { chosen, address, line }) => {
                        setup.profile = Some(chosen.into());
                        if let Some(ask) = &mut setup.ask {
                            ask.question = Question::Rail(Rail { address, lines: [line].into() });
                        }
                    }
                    Output::Notice(Notice::Unrecognised { like, address, line }) => {
                        out.push_back(Clue::Unrecognised { like, address, line });
                        silent = true;
                    }
                    // What is answered late is dropped; an answer may yet come.
                    Output::Notice(Notice::Fault(Error::Dialogue(DialogueError::OutOfTurn), _))
                        if setup.stack == Stack::Modbus => {}
                    Output::Notice(Notice::Fault(Error::Dialogue(_), _)) => silent = true,
                    _ => {}
                });
                let (setup, line, is_pushed) = (setup.clone(), *line, *noise >= PUSH);
                match (first, core::mem::replace(&mut self.phase, Phase::Over)) {
                    (Some(first), Phase::Asking { session, .. }) => {
                        self.found(Found { setup, line, session: *session, first });
                    }
                    (_, phase) => self.phase = phase,
                }
                if is_pushed && !matches!(self.phase, Phase::Over) {
                    // The questions are over; the likeliest line comes first again.
                    self.evidence.octets += PUSH;
                    self.lines.restart();
                    self.listen(LATER_PATIENCE, now);
                } else if silent && !matches!(self.phase, Phase::Over) {
                    self.go_on(now);
                }
            }
            Phase::Over => {}
        }
    }

    fn found(&mut self, found: Found) {
        self.phase = Phase::Over;
        self.out.push_back(Clue::Found(Box::new(found)));
    }

    /// Goes on to what is tried next.
    fn go_on(&mut self, now: Instant) {
        let mut is_over = false;
        if let Phase::Asking { question, .. } = &self.phase {
            let next = question + 1;
            if next < self.questions.len() {
                return self.ask(next, now);
            }
            // Still nothing: the likeliest line deserves more patience than it had.
            self.lines.restart();
        } else if !self.asked && self.evidence.octets == 0 {
            self.asked = true;
            return self.ask(0, now);
        } else {
            is_over = !self.lines.advance(self.phase.was_heard(), self.rounds);
        }
        if is_over {
            self.out.push_back(Clue::Nothing(core::mem::take(&mut self.evidence)));
            self.lines.restart();
            (self.asked, self.rounds) = (false, self.rounds + 1);
        }
        let is_short = self.rounds == 0 || self.lines.is_rare();
        let patience = if is_short { LATER_PATIENCE } else { LAST_PATIENCE };
        self.listen(patience, now);
    }

    fn listen(&mut self, patience: u64, now: Instant) {
        let Some(listen) = self.lines.current() else { return };
        let Ok(line) = listen.line.parse::<Line>() else { return };
        let session = |stack: &Stack| {
            (*stack, Session::of(self.stacks, Setup { stack: *stack, ask: None, ..self.setup.clone() }, now))
        };
        self.phase = Phase::Listening {
            sessions: listen.stacks.iter().filter(|stack| stack.is_built()).map(session).collect(),
            line,
            since: now,
            until: now.after(patience),
            burst: None,
            disturbances: 0,
            slow: 0,
        };
        self.out.push_back(Clue::Trying(Attempt::Listen(line)));
        self.out.push_back(Clue::Line(line));
    }

    fn ask(&mut self, question: usize, now: Instant) {
        let Some(questioning) = self.questions.get(question).copied() else { return };
        let Questioning { stack, patience, .. } = questioning;
        let Some(asked) = questioning.question() else { return };
        let ask = Ask { epoch: self.epoch, ..Ask::new(asked, usual_schedule(*stack)) };
        let setup = Setup { stack: *stack, ask: Some(ask), ..self.setup.clone() };
        self.out.push_back(Clue::Trying(Attempt::Ask(*stack)));
        self.phase = Phase::Asking {
            session: Box::new(Session::of(self.stacks, setup.clone(), now)),
            setup,
            line: Line::SIGN_ON,
            question,
            until: now.after(*patience),
            noise: 0,
        };
        self.judge(now);
    }
}

/// Drains a session up to what proves its protocol: a reading from its beginning on in which something has a meaning, or a
/// frame that only a key, or the grid operator, can open. Everything else goes aside, and what is wrong with frames is evidence.
fn convincing(
    session: &mut Session,
    evidence: &mut Evidence,
    mut aside: impl FnMut(Output),
) -> Option<Output> {
    loop {
        match session.poll() {
            Output::Wait(_) => return None,
            Output::Reading(reading, span)
                if reading.has_beginning() && reading.values.iter().any(|value| value.quantity.is_some()) =>
            {
                return Some(Output::Reading(reading, span));
            }
            // A port that is closed is one, and only its operator opens it.
            output @ Output::Notice(Notice::Fault(
                Error::Cipher(_) | Error::Dialogue(DialogueError::Closed),
                _,
            )) => return Some(output),
            output => {
                if let Output::Notice(Notice::Fault(error @ (Error::Frame(_) | Error::Parse(_)), _)) = output
                    && evidence.fault.is_none_or(|known| known.depth() <= error.depth())
                {
                    evidence.fault = Some(error);
                }
                aside(output);
            }
        }
    }
}

/// Whether an octet is one of those that a much slower line makes: its bits are many of ours, so that what is low is low for
/// long, and then high.
fn is_slow(octet: u8) -> bool {
    octet.leading_ones() + octet.trailing_zeros() >= u8::BITS
}

/// Milliseconds for a line in the first round: most pushes come every ten seconds at the latest.
const LATER_PATIENCE: u64 = 11_000;
/// And in all others: the slowest come once a minute.
const LAST_PATIENCE: u64 = 62_000;

/// Milliseconds without an octet, after which a push is over: more than a readout without a check needs to be believed.
const GAP: u64 = 600;
/// Milliseconds after which a push that goes on and on makes no sense. The longest at 2400 baud takes three seconds. At 1200
/// baud, frames of France's TIC follow each other at once, and take up to 2.3 seconds: one that is half heard, and a whole one.
const fn longest_push(line: Line) -> u64 {
    if line.baud < 2400 { 6000 } else { 4000 }
}
/// Octets that come so many milliseconds after the line was set may be the rest of a telegram.
const SETTLING: u64 = 150;
/// Milliseconds that an answer which has begun may pause.
const ANSWER_GOES_ON: u64 = 2500;
/// Octets that answer no question: somebody pushes.
const PUSH: u64 = 12;
/// Octets in a row that only a slower line makes: no telegram has so many.
const SLOW: usize = 96;
/// Framing and parity errors that rule a line out.
const STORM: u32 = 4;
