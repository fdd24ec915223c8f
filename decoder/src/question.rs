//! [`Ask`]: what a meter is asked, and when.
//!
//! It goes in with the session's setup; octets to say, line settings and deadlines come out of the session. Without it, and
//! for meters that push, nothing is ever said.

use alloc::vec::Vec;

#[cfg(feature = "json")]
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

pub use crate::address::{Address, Secondary};
use crate::line::Line;
use crate::schedule::Schedule;

/// What to ask, and when.
#[derive(Clone, Debug, PartialEq)]
pub struct Ask {
    /// What is asked; one that is not of the session's stack is not.
    pub question: Question,
    /// When it is asked again; the first time is at once.
    pub schedule: Schedule,
    /// Milliseconds from 1970-01-01T00:00:00Z to the session's `Instant(0)`: what hours of the day are told by.
    pub epoch: i64,
}

impl Ask {
    /// Asks that often, by no hours of the day.
    #[must_use]
    pub const fn new(question: Question, schedule: Schedule) -> Self {
        Self { question, schedule, epoch: 0 }
    }
}

/// What a meter is asked, by its protocol.
#[derive(Clone, Debug, PartialEq)]
pub enum Question {
    /// Nothing, at this speed and parity: mode D of IEC 62056-21 is this at [`Line::MODE_D`].
    Listen(Line),
    /// The registers of a Kamstrup meter at its optical eye.
    Kmp,
    /// The list of an SML meter that is silent until it is asked.
    Sml,
    /// The registers of a meter at Portugal's HAN port, and what it remembers.
    Emi(LoadProfile),
    /// The readout of a meter of IEC 62056-21, in mode A, B or C, as the meter has it.
    Iec62056(SignOn),
    /// The records of a meter on a wired M-Bus, at this speed.
    Mbus(Address, Baud),
    /// Which meters there are on a wired M-Bus.
    Search(Search, Baud),
    /// The registers of a Modbus meter on a rail.
    Rail(Rail),
    /// At which addresses of a Modbus somebody answers.
    Scan(Line),
}

/// Where a Modbus meter on a rail is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Rail {
    /// From 1 to 247; makers deliver them with 1.
    pub address: u8,
    /// How its line may be set, the likeliest first; one where it is known.
    pub lines: Vec<Line>,
}

impl Default for Rail {
    fn default() -> Self {
        Self { address: 1, lines: Vec::from([Line::INFRARED]) }
    }
}

/// What becomes of the load profile that a meter keeps, months of quarters of an hour.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum LoadProfile {
    /// It is left alone.
    #[default]
    Leave,
    /// It is fetched once, beside what flows now.
    Fetch,
}

/// How a meter of IEC 62056-21 is spoken to.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct SignOn {
    /// The device address, up to 32 digits or letters; empty speaks to whichever meter the head sits on (6.3.1).
    pub address: SmolStr,
    /// Whether the meter runs on a battery and must be woken first (annex B).
    pub wake: bool,
}

/// Speed of a wired M-Bus: 2400 baud unless meters were set otherwise.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[repr(u32)]
pub enum Baud {
    /// 300 baud, which every meter hears.
    B300 = 300,
    /// 600 baud.
    B600 = 600,
    /// 1200 baud.
    B1200 = 1200,
    /// 2400 baud.
    #[default]
    B2400 = 2400,
    /// 4800 baud.
    B4800 = 4800,
    /// 9600 baud.
    B9600 = 9600,
}

impl Baud {
    /// The speed of so many baud, where meters have it.
    #[must_use]
    pub fn of(baud: u32) -> Option<Self> {
        [Self::B300, Self::B600, Self::B1200, Self::B2400, Self::B4800, Self::B9600]
            .into_iter()
            .find(|known| *known as u32 == baud)
    }

    /// The line of such a bus (EN 13757-2, 5.1: eight data bits, even parity, one stop bit).
    #[must_use]
    pub const fn line(self) -> Line {
        Line { baud: self as u32, ..Line::HAN }
    }
}

/// How meters on a wired M-Bus are looked for.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "json", derive(Deserialize, Serialize), serde(rename_all = "kebab-case"))]
pub enum Search {
    /// Each primary address in turn, from 0 to 250.
    Primary,
    /// By secondary address, digit by digit where several answer.
    Secondary,
}
