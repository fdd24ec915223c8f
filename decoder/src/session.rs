//! [`Session`]: octets and time in, readings and notices out; the only state that a user holds.
//!
//! **The drain rule.** After every `handle_…`, call [`Session::poll`] until it answers [`Output::Wait`], and carry out
//! each output before asking for the next: the order is meaning.

use alloc::vec::Vec;

use crate::cipher::Keys;
use crate::error::Error;
use crate::line::Line;
use crate::reading::Reading;
use crate::stack::Stack;
use crate::time::{Instant, Zone};

/// What a session is told before the first octet.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Setup {
    /// The protocols on the line, one inside the other.
    pub stack: Stack,
    /// For meters that encrypt.
    pub keys: Keys,
    /// For meters whose clock states no offset.
    pub zone: Zone,
}

/// What a session has to say.
#[derive(Clone, Debug, PartialEq)]
pub enum Output {
    /// A complete reading whose checksum or tag held, where its protocol has one.
    Reading(Reading, Span),
    /// Something worth telling.
    Notice(Notice),
    /// Say this to the meter.
    Transmit(Vec<u8>),
    /// Continue at this speed and parity.
    Line(Line),
    /// Drained. Call [`Session::handle_timeout`] at that moment, if nothing was heard until then.
    Wait(Option<Instant>),
}

/// Something that is no reading.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Notice {
    /// Octets that were refused, or a telegram of which something was left out.
    Fault(Error, Span),
    /// Octets between telegrams.
    Noise(Span),
}

/// A run of the octets handed in, counted from the first that this session heard.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Span {
    /// Octets before it.
    pub at: u64,
    /// Octets in it.
    pub length: u64,
}

/// The conversation with one meter.
#[derive(Debug)]
pub struct Session {
    _setup: Setup,
}

impl Session {
    /// A session that has heard nothing yet.
    #[must_use]
    pub fn new(setup: Setup, _now: Instant) -> Self {
        Self { _setup: setup }
    }

    /// Takes octets as they came from the line, however they were cut.
    pub fn handle_octets(&mut self, _now: Instant, _octets: &[u8]) {}

    /// The moment that [`Output::Wait`] named has come.
    pub fn handle_timeout(&mut self, _now: Instant) {}

    /// The next thing to carry out.
    pub fn poll(&mut self) -> Output {
        Output::Wait(None)
    }
}
