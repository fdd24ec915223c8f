//! [`Detection`] finds out by trying which meter is plugged in.
//!
//! Bytes, line errors and time go in, as into a session. Line settings and questions come out, and finally the session
//! that made a reading. Decoding is the test: on each line, every protocol that meters push there decodes the same
//! bytes. The protocol that makes a reading is the right one. A frame that cannot be deciphered also proves its
//! protocol, and so does a port that the grid operator has locked.
//!
//! 1. Detection listens to one line, the likeliest for the place and the adapter (`candidates.toml`). Even a meter that
//!    pushes at another speed is noticed there, by bytes that make no sense.
//! 2. If no byte is received, detection polls, one protocol after the other. Bytes that answer no question end the
//!    polling: they show that a meter pushes.
//! 3. Detection listens to the other lines, or to all lines if it has polled. It leaves a line when bytes arrive that
//!    make no sense there, or after a time: 11 seconds in the first round and on rare lines, otherwise 62. Then all
//!    steps begin again.
//!
//! Several framing or parity errors rule a line out at once; in the first round, so do the bytes of a slower line.

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

/// What is known about a port before anything is received.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Hints {
    /// The USB vendor id of the adapter.
    pub vendor: Option<u16>,
    /// Milliseconds from 1970-01-01T00:00:00Z to `Instant(0)`, for the schedule of a meter that must be asked.
    pub epoch: i64,
}

/// The search for the meter that is plugged in.
#[derive(Debug)]
pub struct Detection {
    stacks: Stacks,
    setup: Setup,
    epoch: i64,
    lines: Lines,
    questions: Vec<&'static Questioning>,
    phase: Phase,
    /// Whether this round has asked questions.
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
        /// When the first and the last bytes of a burst arrived.
        burst: Option<(Instant, Instant)>,
        disturbances: u32,
        /// How many bytes in a row look like those of a slower line.
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
    /// When the phase ends, if nothing more is received.
    fn end(&self) -> Option<Instant> {
        match self {
            Self::Listening { since, until, line, burst, .. } => Some(match burst {
                None => *until,
                Some((first, last)) if *last >= first.after(longest_push(*line)) => *last,
                // Listening began in the middle of a telegram: wait for the next one.
                Some((first, last)) if *first < since.after(SETTLING) => last.after(LATER_PATIENCE),
                Some((_, last)) => last.after(GAP),
            }),
            Self::Asking { until, .. } => Some(*until),
            Self::Over => None,
        }
    }

    /// Whether anything was received on the line, even errors.
    fn was_heard(&self) -> bool {
        matches!(self, Self::Listening { burst, disturbances, .. } if burst.is_some() || *disturbances > 0)
    }
}

impl Detection {
    /// Begins a search; its first outputs are ready at once. The keys and the zone of `setup` apply to the meter found.
    /// The zone also decides which lines and protocols are tried first.
    #[must_use]
    pub fn new(hints: Hints, setup: Setup, now: Instant) -> Self {
        Self::among(Stacks::ALL, hints, setup, now)
    }

    /// Like [`new`](Self::new), but the program links only the code of these stacks. To detect other meters than P1
    /// meters, pass [`Stacks::ALL`]: with [`Stacks::P1`], every session decodes P1 telegrams, whatever its stack.
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

    /// Takes bytes from the line.
    pub fn handle_bytes(&mut self, now: Instant, bytes: &[u8]) {
        match &mut self.phase {
            Phase::Listening { sessions, burst, slow, .. } => {
                *slow = bytes.iter().fold(*slow, |slow, byte| if is_slow(*byte) { slow + 1 } else { 0 });
                self.evidence.bytes += bytes.len() as u64;
                let first = burst.filter(|(_, last)| now < last.after(GAP)).map_or(now, |(first, _)| first);
                *burst = Some((first, now));
                for (_, session) in sessions {
                    session.handle_bytes(now, bytes);
                }
            }
            Phase::Asking { session, until, .. } => {
                *until = (*until).max(now.after(ANSWER_GOES_ON));
                session.handle_bytes(now, bytes);
            }
            Phase::Over => {}
        }
        self.judge(now);
        // Only in the first round: a line that is always low produces such bytes at any speed.
        if self.rounds == 0 && matches!(self.phase, Phase::Listening { slow, .. } if slow >= SLOW) {
            self.go_on(now);
        }
    }

    /// Call this for each framing or parity error that the port reports.
    pub fn handle_disturbance(&mut self, now: Instant) {
        self.evidence.disturbances += 1;
        if let Phase::Listening { disturbances, .. } = &mut self.phase {
            *disturbances += 1;
            if *disturbances >= STORM {
                self.go_on(now);
            }
        }
    }

    /// Call this at the instant that [`Clue::Wait`] named.
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

    /// Returns the next output to carry out.
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

    /// Drains the sessions. Ends the search if one of them has found the meter.
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
                    Output::Transmit(bytes) => out.push_back(Clue::Transmit(bytes)),
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
                    // A late answer is dropped; the right one may still come.
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
                    self.evidence.bytes += PUSH;
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

    fn go_on(&mut self, now: Instant) {
        let mut is_over = false;
        if let Phase::Asking { question, .. } = &self.phase {
            let next = question + 1;
            if next < self.questions.len() {
                return self.ask(next, now);
            }
            // Still nothing: listen longer to the likeliest line than the first time.
            self.lines.restart();
        } else if !self.asked && self.evidence.bytes == 0 {
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

/// Drains a session up to the output that proves its protocol: a reading received from its beginning, with at least one
/// known value, or a frame that only a key or the grid operator can open. Passes all other outputs to
/// `aside`, and notes the deepest error of the bad frames in `evidence`.
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

/// Whether a much slower line may have produced this byte. One bit of that line lasts for several bits of this one, so
/// the byte consists of low bits and then high ones.
fn is_slow(byte: u8) -> bool {
    byte.leading_ones() + byte.trailing_zeros() >= u8::BITS
}

/// Milliseconds on a line in step 3 of the first round, and on a rare line later: most meters push at least every ten
/// seconds.
const LATER_PATIENCE: u64 = 11_000;
/// Milliseconds on a common line in all later rounds: the slowest meters push once a minute.
const LAST_PATIENCE: u64 = 62_000;

/// Milliseconds of silence that end a push: longer than P1 and IEC 62056-21 wait for a checksum after the last `!`.
const GAP: u64 = 600;
/// Milliseconds after which a continuous push makes no sense. The longest takes three seconds at 2400 baud. France's
/// TIC sends frames without a pause at 1200 baud, up to 2.3 seconds each: the limit leaves time for half a
/// frame and a whole one.
const fn longest_push(line: Line) -> u64 {
    if line.baud < 2400 { 6000 } else { 4000 }
}
/// Milliseconds after the line was set, in which bytes may be the rest of a telegram.
const SETTLING: u64 = 150;
/// Milliseconds that an answer may pause.
const ANSWER_GOES_ON: u64 = 2500;
/// This many bytes that answer no question show that a meter pushes.
const PUSH: u64 = 12;
/// This many bytes in a row that look like those of a slower line prove that the line is slower: no telegram has so
/// many.
const SLOW: usize = 96;
/// This many framing and parity errors rule a line out.
const STORM: u32 = 4;
