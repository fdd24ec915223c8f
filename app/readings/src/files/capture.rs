//! [`Capture`]: what went over a meter's line, byte by byte and with times, as a file that people and tests can read.
//!
//! ```text
//! metertap capture 1
//! began 2026-11-21T13:05:09.120Z
//! protocol kmp
//! line 1200 8N2
//! redacted
//!
//! # Anything after a number sign is a comment.
//! 0 > 80 3F 01 05 8A 0D            after this many milliseconds, these bytes were sent to the meter
//! 150 < 40 3F 01 00 04 1B F9 …     these bytes were received
//! 900 line 9600 7E1                from here on, the line had these settings
//! ```
//!
//! The lines below the head have the format of `tests/talks`, so a talk can be opened as a capture. Text in quotes
//! stands for its bytes, with the escapes `\r` and `\n`. [`open`](Capture::open) takes any file, because bytes of a
//! meter are often found as hex in a forum.

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

/// A capture in memory.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Capture {
    /// The head.
    pub head: Head,
    /// The events in order.
    pub events: Vec<Timed>,
}

/// The head of a capture; empty if the file is not a capture.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Head {
    /// The moment from which its milliseconds are counted.
    pub began: Option<Moment>,
    /// The protocol, if it was known.
    pub protocol: Option<Protocol>,
    /// The line's settings at the beginning.
    pub line: Option<Line>,
    /// Whether numbers that identify the meter were replaced.
    pub redaction: Redaction,
    /// The keys of its encrypted telegrams, if the head contains them.
    pub keys: Keys,
}

/// Whether numbers that identify a meter were replaced.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Redaction {
    /// No numbers were replaced.
    #[default]
    None,
    /// Everything with which the meter identifies itself was replaced.
    Done,
    /// No identification was found, so it is unknown which bytes identify the meter.
    Blind,
}

/// An event and its time.
#[derive(Clone, Debug, PartialEq)]
pub struct Timed {
    /// The milliseconds since the capture began.
    pub at: u64,
    /// The event.
    pub event: Event,
}

/// An event on a line.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// These bytes were received.
    Heard(Vec<u8>),
    /// These bytes were sent.
    Said(Vec<u8>),
    /// From now on the line has these settings.
    Line(Line),
}

impl Capture {
    /// Opens any file: a capture, hex text in the forms that people send, or the bytes themselves.
    ///
    /// # Errors
    /// [`Flaw`] if the file claims to be a capture, and has an invalid line.
    pub fn open(file: &[u8]) -> Result<Self, Flaw> {
        match read::lines_of(file) {
            Some(text) => read::read(text),
            None => Ok(Self::of_bytes(foreign::bytes(file))),
        }
    }

    /// A capture of received bytes without a head or times.
    #[must_use]
    pub fn of_bytes(bytes: Vec<u8>) -> Self {
        Self { head: Head::default(), events: vec![Timed { at: 0, event: Event::Heard(bytes) }] }
    }

    /// Whether it is known when the capture began; only then can it be played at its own pace.
    #[must_use]
    pub fn is_timed(&self) -> bool {
        self.head.began.is_some()
    }

    /// All bytes that were received.
    #[must_use]
    pub fn heard(&self) -> Vec<u8> {
        let heard = self.events.iter().filter_map(|timed| match &timed.event {
            Event::Heard(bytes) => Some(bytes.as_slice()),
            Event::Said(_) | Event::Line(_) => None,
        });
        heard.collect::<Vec<_>>().concat()
    }

    /// The capture as the text of a file.
    #[must_use]
    pub fn to_text(&self) -> String {
        self.events.iter().fold(head(&self.head), |text, timed| text + &event(timed))
    }
}

/// Checks arbitrary bytes: if they open as a capture, its text must give the same received bytes, before and after
/// redaction.
pub fn read_anything(bytes: &[u8]) {
    let Ok(capture) = Capture::open(bytes) else { return };
    let (without, _) = redacted(&capture, &Setup::default(), &["12345678"]);
    for capture in [capture, without] {
        let again = Capture::open(capture.to_text().as_bytes());
        assert_eq!(again.map(|again| again.heard()), Ok(capture.heard()), "a capture reads back differently");
    }
}

/// The first line of every capture, without its version.
const TITLE: &str = "metertap capture ";

/// The version of the format. A format that older programs cannot read gets a new version.
const VERSION: u32 = 1;

#[cfg(test)]
mod tests;
