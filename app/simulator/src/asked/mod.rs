//! [`Asked`]: meters that answer when they are asked, and keep silent otherwise.
//!
//! In goes what a computer says, with the moment and the setting of its line; out comes what the meter says, when, and how
//! the line must be set to hear it. [`heard`](crate::heard) makes of it what another setting hears.

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

/// A meter, or a bus with several, that answers.
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

/// What a meter says, or its head returns.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Said {
    /// Milliseconds after the meter's start at which the first octet leaves; the others follow at the line's pace.
    pub at: u64,
    /// As the line is set that they leave on.
    pub line: Line,
    /// What goes over the line.
    pub octets: Vec<u8>,
    /// What they say, where they are an answer with values.
    pub truth: Option<Truth>,
}

/// What a meter at Portugal's HAN port is like.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct EmiModel {
    /// Whether it is of the second edition of DEF-C44-509/N, with one stop bit; otherwise of the first, with two.
    pub is_second_edition: bool,
    /// Whether it has three phases.
    pub has_three_phases: bool,
    /// Whether the port is closed in its access profile.
    pub is_closed: bool,
    /// How many quarters of an hour its load profile holds.
    pub entries: u32,
}

impl EmiModel {
    /// One phase, first edition, open, with a day of its load profile.
    pub const FIRST: Self =
        Self { is_second_edition: false, has_three_phases: false, is_closed: false, entries: 96 };
    /// Three phases, second edition.
    pub const SECOND: Self = Self { is_second_edition: true, has_three_phases: true, ..Self::FIRST };
    /// The first, closed.
    pub const CLOSED: Self = Self { is_closed: true, ..Self::FIRST };
}

/// The baud rate character of an IEC 62056-21 meter's identification: its mode and its speed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Rate(pub u8);

impl Asked {
    /// A meter at its optical eye, from so many seconds after 1970-01-01T00:00:00Z on; `None` for a model that has none or
    /// is not asked there.
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

    /// Meters on one M-Bus, each with its seed and primary address; `None` if one of them belongs on no bus.
    #[must_use]
    pub fn bus(meters: &[(Model, u64, u8)], start_unix_seconds: i64) -> Option<Self> {
        let start = start_unix_seconds.saturating_mul(1000);
        Some(Self { who: Who::Bus(Bus::new(meters)?), start, echoes: false })
    }

    /// A German meter of SML that is silent until its list is asked for.
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

    /// Modbus meters on one pair of wires, each with its seed and address, all set to that line.
    #[must_use]
    pub fn rail(line: Line, meters: &[(RailModel, u64, u8)], start_unix_seconds: i64) -> Self {
        let start = start_unix_seconds.saturating_mul(1000);
        Self { who: Who::Wires(Wires::new(line, meters)), start, echoes: false }
    }

    /// The same meter, which now names that speed: mode A, B or C of IEC 62056-21. Others stay as they are.
    #[must_use]
    pub fn at_rate(mut self, rate: Rate) -> Self {
        if let Who::Eye(eye) = &mut self.who {
            eye.rate = rate;
        }
        self
    }

    /// The same meter, which runs on a battery and sleeps until it is woken (IEC 62056-21, annex B).
    #[must_use]
    pub fn asleep(mut self) -> Self {
        if let Who::Eye(eye) = &mut self.who {
            eye.sleeps = true;
        }
        self
    }

    /// The same meter under a head that returns what is said.
    #[must_use]
    pub fn echoing(self) -> Self {
        Self { echoes: true, ..self }
    }

    /// What is answered to octets whose last one arrived so many milliseconds after the start, on a line set like that.
    pub fn hear(&mut self, now: u64, line: Line, octets: &[u8]) -> Vec<Said> {
        let moment = self.start.saturating_add(i64::try_from(now).unwrap_or(i64::MAX));
        let mut said = Vec::new();
        if self.echoes {
            // Each octet comes back as it is said.
            let at = now.saturating_sub(line.milliseconds(octets.len()));
            said.push(Said { at, line, octets: octets.to_vec(), truth: None });
        }
        match &mut self.who {
            Who::Kmp(kmp) => said.extend(kmp.hear(now, moment, &crate::heard(octets, line, Line::KMP))),
            Who::Eye(eye) => said.extend(eye.hear(now, moment, line, octets)),
            Who::Bus(bus) => said.extend(bus.hear(now, moment, line, octets)),
            Who::Emi(emi) => said.extend(emi.hear(now, moment, line, octets)),
            Who::Wires(wires) => said.extend(wires.hear(now, moment, line, octets)),
            Who::Server(server) => {
                said.extend(server.hear(now, moment, &crate::heard(octets, line, Line::INFRARED)));
            }
        }
        said
    }
}
