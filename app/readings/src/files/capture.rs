//! [`Capture`]: what went over a meter's line, octet by octet, with the times, as a file that people and tests can read.
//!
//! ```text
//! metertap capture 1
//! began 2026-11-21T13:05:09.120Z
//! protocol kmp
//! line 1200 8N2
//! redacted
//!
//! # Anything behind a number sign is for people.
//! 0 > 80 3F 01 05 8A 0D            so many milliseconds later this was said to the meter
//! 150 < 40 3F 01 00 04 1B F9 …     this was heard
//! 900 line 9600 7E1                from here on the line was set so
//! ```
//!
//! The lines below the head are those of `tests/talks`: text in quotes stands for its octets, with `\r` and `\n` in it,
//! and a talk opens as a capture. Written is a line at a time; [`open`](Capture::open) takes any file, since what people
//! have of a meter is hex from a forum as often as a capture.

mod foreign;
mod read;
mod redact;
mod write;

pub use read::Flaw;
pub use redact::redacted;
pub use write::{event, head};

use metertap_decoder::cipher::Keys;
use metertap_decoder::line::Line;
use metertap_decoder::reading::Protocol;
use metertap_decoder::session::Setup;

use crate::entry::Moment;

/// A file with all that is in it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Capture {
    /// What it says of itself.
    pub head: Head,
    /// What happened, in its order.
    pub events: Vec<Timed>,
}

/// What a capture says of itself; nothing of it where the file is none.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Head {
    /// The moment from which its milliseconds count.
    pub began: Option<Moment>,
    /// What is spoken, where that was known.
    pub protocol: Option<Protocol>,
    /// How the line was set when it began.
    pub line: Option<Line>,
    /// What was done about numbers by which the meter can be recognised.
    pub redaction: Redaction,
    /// What its telegrams are ciphered with, where it says so.
    pub keys: Keys,
}

/// What was done about numbers by which a meter can be recognised.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Redaction {
    /// Nothing.
    #[default]
    None,
    /// All that the meter said of itself was replaced.
    Done,
    /// Nothing could be decoded, so that nobody knows which octets are a number of the meter's.
    Blind,
}

/// Something that happened so many milliseconds after the capture began.
#[derive(Clone, Debug, PartialEq)]
pub struct Timed {
    /// When.
    pub at: u64,
    /// What.
    pub event: Event,
}

/// What can happen on a line.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// These octets were heard.
    Heard(Vec<u8>),
    /// These were said.
    Said(Vec<u8>),
    /// From now on the line is set so.
    Line(Line),
}

impl Capture {
    /// Reads any file: a capture, hex text in the forms that people send, or the octets themselves.
    ///
    /// # Errors
    /// [`Flaw`] for a file that says that it is a capture, and has a line that no capture has.
    pub fn open(file: &[u8]) -> Result<Self, Flaw> {
        match read::lines_of(file) {
            Some(text) => read::read(text),
            None => Ok(Self::of_octets(foreign::octets(file))),
        }
    }

    /// Octets of which nothing else is known.
    #[must_use]
    pub fn of_octets(octets: Vec<u8>) -> Self {
        Self { head: Head::default(), events: vec![Timed { at: 0, event: Event::Heard(octets) }] }
    }

    /// Whether it has times: only then it can be played at its own pace.
    #[must_use]
    pub fn is_timed(&self) -> bool {
        self.head.began.is_some()
    }

    /// What was heard, all of it.
    #[must_use]
    pub fn heard(&self) -> Vec<u8> {
        let heard = self.events.iter().filter_map(|timed| match &timed.event {
            Event::Heard(octets) => Some(octets.as_slice()),
            Event::Said(_) | Event::Line(_) => None,
        });
        heard.collect::<Vec<_>>().concat()
    }

    /// The file, as text.
    #[must_use]
    pub fn to_text(&self) -> String {
        self.events.iter().fold(head(&self.head), |text, timed| text + &event(timed))
    }
}

/// What must hold for any octets, a fuzzer's above all: they are a capture or not, with and without what a meter is known by,
/// and one that is written says what it said.
pub fn read_anything(octets: &[u8]) {
    let Ok(capture) = Capture::open(octets) else { return };
    let (without, _) = redacted(&capture, &Setup::default(), &["12345678"]);
    for capture in [capture, without] {
        let again = Capture::open(capture.to_text().as_bytes());
        assert_eq!(again.map(|again| again.heard()), Ok(capture.heard()), "it is written as another one");
    }
}

/// The first line of every capture, without its version.
const TITLE: &str = "metertap capture ";

/// Counts up when older programs could no longer read what is written.
const VERSION: u32 = 1;

#[cfg(test)]
mod tests;
