//! [`Ask`]: what a meter is asked, and when.
//!
//! `Ask` is part of the session's setup. The session returns the bytes to send, line settings and deadlines. Without
//! `Ask`, and for stacks whose meters only push, the session never sends anything.

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
    /// What is asked. A session whose stack does not fit the question does not ask.
    pub question: Question,
    /// When to ask again; the first question is sent at once.
    pub schedule: Schedule,
    /// Milliseconds from 1970-01-01T00:00:00Z to the session's `Instant(0)`, from which the session knows the hour of
    /// the day.
    pub epoch: i64,
}

impl Ask {
    /// Asks on a schedule that does not depend on the hour of the day, with 0 as the epoch.
    #[must_use]
    pub const fn new(question: Question, schedule: Schedule) -> Self {
        Self { question, schedule, epoch: 0 }
    }
}

/// What a meter is asked, by its protocol.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Question {
    /// Nothing: listen at this line setting. For mode D of IEC 62056-21, use [`Line::MODE_D`].
    Listen(Line),
    /// The registers of a Kamstrup meter at its optical port.
    Kmp,
    /// The list of an SML meter that is silent until it is asked.
    Sml,
    /// The registers of a meter at Portugal's HAN port, and its load profile.
    Emi(LoadProfile),
    /// The readout of an IEC 62056-21 meter, in the meter's own mode: A, B or C.
    Iec62056(SignOn),
    /// The records of a meter on a wired M-Bus, at this speed.
    Mbus(Address, Baud),
    /// Which meters are on a wired M-Bus.
    Search(Search, Baud),
    /// The registers of a DIN rail meter over Modbus.
    Rail(Rail),
    /// Which addresses of a Modbus line answer.
    Scan(Line),
}

/// Where to find a DIN rail meter on a Modbus line.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Rail {
    /// From 1 to 247; the factory setting is 1.
    pub address: u8,
    /// The line settings to try, the likeliest first; a session with a profile uses only the first.
    /// [`Profile::lines`](crate::rail::Profile::lines) returns the settings that the meters are delivered with.
    pub lines: Vec<Line>,
}

/// Address 1 at 9600 8N1.
impl Default for Rail {
    fn default() -> Self {
        Self { address: 1, lines: Vec::from([Line::INFRARED]) }
    }
}

/// Whether to fetch the load profile that a meter keeps: a value for each quarter of an hour, over months.
///
/// Exhaustive: a load profile is either fetched or not.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum LoadProfile {
    /// Do not fetch it.
    #[default]
    Leave,
    /// Fetch it once, besides the present values.
    Fetch,
}

/// How to address an IEC 62056-21 meter.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct SignOn {
    /// The device address, up to 32 digits or letters. If empty, any meter under the optical head answers (IEC
    /// 62056-21, 6.3.1).
    pub address: SmolStr,
    /// Whether the meter runs on a battery and must be woken first (IEC 62056-21, annex B).
    pub wake: bool,
}

/// The speed of a wired M-Bus: 2400 baud unless the meters were set otherwise.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
#[repr(u32)]
pub enum Baud {
    /// 300 baud, which every meter understands.
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
    /// The speed of this many baud; `None` if it is none of these six.
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

/// How to search for meters on a wired M-Bus.
///
/// Exhaustive: a meter has a primary and a secondary address.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "json", derive(Deserialize, Serialize), serde(rename_all = "kebab-case"))]
pub enum Search {
    /// Each primary address in turn, from 0 to 250.
    Primary,
    /// By secondary address, digit by digit if several meters answer.
    Secondary,
}
