//! [`Asked`]: meters that answer questions and are otherwise silent.
//!
//! The input is the bytes that a computer sends, with their moment and the line settings. The output is the meter's
//! answer, its moment, and the line settings on which it is sent. [`heard`](crate::heard) computes what a receiver with
//! other settings gets.

mod bus;
mod emi;
mod eye;
mod kmp;
mod rail;
mod sml;

use metertap_decoder::line::Line;

use crate::ehz;
use crate::household::Household;
use crate::model::Model;
use crate::rail::RailModel;
use crate::truth::Truth;

use bus::Bus;
use emi::Emi;
use eye::Eye;
use kmp::Kmp;
use rail::Wires;
use sml::Server;

/// A meter that answers, or a bus of several.
///
/// ```
/// use std::collections::VecDeque;
///
/// use metertap_decoder::line::Line;
/// use metertap_decoder::question::{Ask, Question};
/// use metertap_decoder::schedule::Schedule;
/// use metertap_decoder::session::{Output, Session, Setup};
/// use metertap_decoder::stack::Stack;
/// use metertap_decoder::time::Instant;
/// use metertap_simulator::{Asked, Model};
///
/// let mut meter = Asked::new(Model::Multical403, 1, 1_795_226_390).unwrap();
/// let ask = Ask::new(Question::Kmp, Schedule::every(300));
/// let setup = Setup { stack: Stack::Kmp, ask: Some(ask), ..Setup::default() };
/// let mut session = Session::new(setup, Instant(0));
/// let (mut now, mut line, mut answers) = (0, Line::KMP, VecDeque::new());
/// let reading = loop {
///     match session.poll() {
///         Output::Reading(reading, _) => break reading,
///         Output::Line(other) => line = other,
///         Output::Transmit(bytes) => {
///             now += line.milliseconds(bytes.len());
///             answers.extend(meter.hear(now, line, &bytes));
///         }
///         // No other output is left. Next comes the answer, or the moment that the session waits for.
///         Output::Wait(until) => match answers.pop_front() {
///             Some(said) => {
///                 now = said.at + said.line.milliseconds(said.bytes.len());
///                 session.handle_bytes(Instant(now), &said.bytes);
///             }
///             None => {
///                 now = until.unwrap().0;
///                 session.handle_timeout(Instant(now));
///             }
///         },
///         Output::Notice(_) | Output::Remembered(..) => {}
///     }
/// };
/// assert!(!reading.values.is_empty());
/// ```
#[derive(Clone, Debug)]
pub struct Asked {
    who: Who,
    start: i64,
    echoes: bool,
}

#[derive(Clone, Debug)]
enum Who {
    Kmp(Kmp),
    Eye(Eye),
    Bus(Bus),
    Server(Server),
    Emi(Emi),
    Wires(Wires),
}

/// Bytes that a meter sends or its optical head echoes.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Said {
    /// When the first byte leaves, in milliseconds after the meter's start. The other bytes follow at the line's baud
    /// rate.
    pub at: u64,
    /// The settings of the line that the bytes leave on.
    pub line: Line,
    /// The bytes on the line.
    pub bytes: Vec<u8>,
    /// The truth about the bytes, if they are an answer with values.
    pub truth: Option<Truth>,
}

/// The features of a meter at Portugal's HAN port.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct EmiModel {
    /// Whether the meter follows the second edition of DEF-C44-509/N, with one stop bit. The first edition has two.
    pub is_second_edition: bool,
    /// Whether the meter has three phases.
    pub has_three_phases: bool,
    /// Whether the meter's access profile closes the port.
    pub is_closed: bool,
    /// The number of entries in its load profile, one for each quarter-hour.
    pub entries: u32,
}

impl EmiModel {
    /// One phase, first edition, open port, with one day of load profile.
    pub const FIRST: Self =
        Self { is_second_edition: false, has_three_phases: false, is_closed: false, entries: 96 };
    /// Three phases, second edition.
    pub const SECOND: Self = Self { is_second_edition: true, has_three_phases: true, ..Self::FIRST };
    /// As [`Self::FIRST`], with a closed port.
    pub const CLOSED: Self = Self { is_closed: true, ..Self::FIRST };
}

/// The baud rate character in an IEC 62056-21 meter's identification. It gives mode and baud rate.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Rate(pub u8);

impl Asked {
    /// A meter at its optical head or its bus. `start_unix_seconds` counts from 1970-01-01T00:00:00Z. Returns `None`
    /// for a model that does not answer questions there.
    #[must_use]
    pub fn new(model: Model, seed: u64, start_unix_seconds: i64) -> Option<Self> {
        let household = Household::new(seed, 1);
        let who = match model {
            Model::Multical403 | Model::FlowIq2200 => Who::Kmp(Kmp::new(model, household)),
            Model::Siemens2wr5 => Who::Eye(Eye::new(household)),
            Model::UltraheatT550 | Model::CybleWater => Who::Bus(Bus::new(&[(model, seed, 1)])?),
            _ => return None,
        };
        Some(Self { who, start: start_unix_seconds.saturating_mul(1000), echoes: false })
    }

    /// Meters on one M-Bus, each with its seed and primary address. Returns `None` if one of the models does not belong
    /// on a bus.
    #[must_use]
    pub fn bus(meters: &[(Model, u64, u8)], start_unix_seconds: i64) -> Option<Self> {
        let start = start_unix_seconds.saturating_mul(1000);
        Some(Self { who: Who::Bus(Bus::new(meters)?), start, echoes: false })
    }

    /// A German SML meter that is silent until a reader asks for its list.
    #[must_use]
    pub fn sml_server(seed: u64, start_unix_seconds: i64) -> Self {
        let who = Who::Server(Server::new(ehz::open, Household::new(seed, 3)));
        Self { who, start: start_unix_seconds.saturating_mul(1000), echoes: false }
    }

    /// A meter at Portugal's HAN port.
    #[must_use]
    pub fn emi(model: EmiModel, seed: u64, start_unix_seconds: i64) -> Self {
        let start = start_unix_seconds.saturating_mul(1000);
        Self { who: Who::Emi(Emi::new(model, seed)), start, echoes: false }
    }

    /// Modbus meters on one pair of wires, each with its seed and address. All use the settings of `line`.
    #[must_use]
    pub fn rail(line: Line, meters: &[(RailModel, u64, u8)], start_unix_seconds: i64) -> Self {
        let start = start_unix_seconds.saturating_mul(1000);
        Self { who: Who::Wires(Wires::new(line, meters)), start, echoes: false }
    }

    /// The same meter with this baud rate character in its identification: mode A, B or C of IEC 62056-21. Other kinds
    /// of meter are unchanged.
    #[must_use]
    pub fn at_rate(mut self, rate: Rate) -> Self {
        if let Who::Eye(eye) = &mut self.who {
            eye.rate = rate;
        }
        self
    }

    /// The same meter, running on a battery and asleep until it is woken (IEC 62056-21, annex B). Other kinds of meter
    /// are unchanged.
    #[must_use]
    pub fn asleep(mut self) -> Self {
        if let Who::Eye(eye) = &mut self.who {
            eye.sleeps = true;
        }
        self
    }

    /// The same meter under an optical head that echoes what the reader sends.
    #[must_use]
    pub fn echoing(self) -> Self {
        Self { echoes: true, ..self }
    }

    /// The answers to these bytes. The last byte arrived `now` milliseconds after the start, on a line with these
    /// settings.
    pub fn hear(&mut self, now: u64, line: Line, bytes: &[u8]) -> Vec<Said> {
        let moment = self.start.saturating_add(i64::try_from(now).unwrap_or(i64::MAX));
        let mut said = Vec::new();
        if self.echoes {
            // The head echoes each byte as it is sent, so the echo begins with the first byte.
            let at = now.saturating_sub(line.milliseconds(bytes.len()));
            said.push(Said { at, line, bytes: bytes.to_vec(), truth: None });
        }
        match &mut self.who {
            Who::Kmp(kmp) => said.extend(kmp.hear(now, moment, &crate::heard(bytes, line, Line::KMP))),
            Who::Eye(eye) => said.extend(eye.hear(now, moment, line, bytes)),
            Who::Bus(bus) => said.extend(bus.hear(now, moment, line, bytes)),
            Who::Emi(emi) => said.extend(emi.hear(now, moment, line, bytes)),
            Who::Wires(wires) => said.extend(wires.hear(now, moment, line, bytes)),
            Who::Server(server) => {
                said.extend(server.hear(now, moment, &crate::heard(bytes, line, Line::INFRARED)));
            }
        }
        said
    }
}
