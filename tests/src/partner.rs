//! A session and a simulated meter that talk to each other on a fake clock, at the speed of the line.

use std::collections::BTreeMap;

use metertap_decoder::line::Line;
use metertap_decoder::question::{Ask, Question};
use metertap_decoder::schedule::Schedule;
use metertap_decoder::session::{Output, Session, Setup};
use metertap_decoder::stack::Stack;
use metertap_decoder::time::Instant;
use metertap_simulator::{Asked, Truth, heard};

/// A session, a meter, and the wire between them.
pub struct Conversation {
    session: Session,
    meter: Asked,
    /// The line settings of the computer.
    line: Option<Line>,
    /// If set, the computer always uses these line settings, like an optical head that cannot change its speed.
    pub stuck: Option<Line>,
    /// For how many milliseconds the computer receives nothing after its line settings change: a browser closes the
    /// port and opens it again.
    pub reopening: u64,
    /// By how many milliseconds answers are delayed on their way, as by a bridge.
    pub delay: u64,
    open: u64,
    /// When the last byte of the computer's requests will have left.
    left: u64,
    wire: BTreeMap<(u64, u64), Event>,
    count: u64,
    /// What happens to bytes on their way to the computer.
    pub damage: Damage,
    /// The outputs of the session, each with its time in milliseconds.
    pub outputs: Vec<(u64, Output)>,
    /// The truth of each answer that has one, with the time in milliseconds at which the answer's last byte arrives.
    pub truths: Vec<(u64, Truth)>,
}

/// What happens to bytes on their way.
pub type Damage = Box<dyn FnMut(&mut Vec<u8>)>;

enum Event {
    ToMeter(Vec<u8>, Line),
    ToComputer(Vec<u8>, Line),
}

impl Conversation {
    /// A conversation that has not begun.
    #[must_use]
    pub fn new(stack: Stack, ask: Ask, meter: Asked) -> Self {
        let setup = Setup { stack, ask: Some(ask), ..Setup::default() };
        Self {
            session: Session::new(setup, Instant(0)),
            meter,
            line: None,
            stuck: None,
            reopening: 0,
            delay: 0,
            open: 0,
            left: 0,
            wire: BTreeMap::new(),
            count: 0,
            damage: Box::new(|_| {}),
            outputs: Vec::new(),
            truths: Vec::new(),
        }
    }

    /// A conversation in which the session asks this question, with a minute between two rounds.
    #[must_use]
    pub fn about(stack: Stack, question: Question, meter: Asked) -> Self {
        Self::new(stack, Ask::new(question, Schedule::every(60)), meter)
    }

    /// Lets both talk until this many milliseconds after the beginning.
    ///
    /// # Panics
    /// If the session sends before it sets the line, changes the line settings before all its bytes have left, or
    /// repeats a deadline that has passed.
    pub fn run(&mut self, until: u64) {
        let mut now = 0;
        let mut deadline = self.drain(now);
        loop {
            let next = self.wire.first_key_value().map(|((at, _), _)| *at);
            let Some(at) = next.into_iter().chain(deadline).min().filter(|at| *at <= until) else { return };
            now = at;
            let is_due = next != Some(at);
            if next == Some(at) {
                let Some((_, event)) = self.wire.pop_first() else { return };
                self.carry(now, event);
            } else {
                self.session.handle_timeout(Instant(now));
            }
            deadline = self.drain(now);
            assert!(!is_due || deadline.is_none_or(|next| next > now), "the deadline does not move at {now}");
        }
    }

    /// The readings among the outputs, with their times.
    pub fn readings(&self) -> impl Iterator<Item = (u64, &metertap_decoder::reading::Reading)> {
        self.outputs.iter().filter_map(|(at, output)| match output {
            Output::Reading(reading, _) => Some((*at, reading)),
            _ => None,
        })
    }

    fn carry(&mut self, now: u64, event: Event) {
        match event {
            Event::ToMeter(bytes, line) => {
                for said in self.meter.hear(now, line, &bytes) {
                    for (place, piece) in said.bytes.chunks(PIECE).enumerate() {
                        let arrived = said.line.milliseconds(place * PIECE + piece.len()) + self.delay;
                        self.put((said.at + arrived).max(now), Event::ToComputer(piece.to_vec(), said.line));
                    }
                    let whole = said.at + said.line.milliseconds(said.bytes.len()) + self.delay;
                    self.truths.extend(said.truth.map(|truth| (whole, truth)));
                }
            }
            Event::ToComputer(bytes, line) => {
                let set = self.stuck.or(self.line).unwrap_or(line);
                let mut bytes = heard(&bytes, line, set);
                (self.damage)(&mut bytes);
                if now >= self.open {
                    self.session.handle_bytes(Instant(now), &bytes);
                }
            }
        }
    }

    fn drain(&mut self, now: u64) -> Option<u64> {
        loop {
            let output = self.session.poll();
            match &output {
                Output::Wait(deadline) => return deadline.map(|deadline| deadline.0),
                Output::Line(line) => {
                    assert!(self.left <= now, "the line changes before all bytes have left");
                    self.line = Some(*line);
                    self.open = now + self.reopening;
                }
                Output::Transmit(bytes) => {
                    let line = self.stuck.or(self.line).expect("a line is set before anything is sent");
                    self.left = self.left.max(now).max(self.open) + line.milliseconds(bytes.len());
                    self.put(self.left, Event::ToMeter(bytes.clone(), line));
                }
                Output::Reading(..) | Output::Remembered(..) | Output::Notice(_) => {}
            }
            self.outputs.push((now, output));
        }
    }

    /// Puts an event on the wire. Events with the same time keep their order.
    fn put(&mut self, at: u64, event: Event) {
        self.count += 1;
        self.wire.insert((at, self.count), event);
    }
}

/// The most bytes that arrive at once.
const PIECE: usize = 7;
