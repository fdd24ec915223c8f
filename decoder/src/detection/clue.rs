//! [`Clue`]: what a detection returns to its caller, and what it found.

use alloc::boxed::Box;
use alloc::vec::Vec;

use crate::error::Error;
use crate::line::Line;
use crate::output::Output;
use crate::rail::Profile;
use crate::session::Session;
use crate::setup::Setup;
use crate::stack::Stack;
use crate::time::Instant;

/// What a detection returns to its caller.
///
/// Exhaustive: a program must carry out each of them.
#[derive(Debug)]
pub enum Clue {
    /// The next attempt begins.
    Trying(Attempt),
    /// Set the port to this speed and parity.
    Line(Line),
    /// Send these bytes.
    Transmit(Vec<u8>),
    /// The meter is found. The detection is over.
    Found(Box<Found>),
    /// A Modbus meter answers, but the user must choose its profile.
    Unrecognised {
        /// The profile that fits best, if one fits. It is marked as doubtful.
        like: Option<&'static Profile>,
        /// The meter's address.
        address: u8,
        /// The setting of its line.
        line: Line,
    },
    /// Everything was tried without success; the attempts begin again. The evidence tells what was received.
    Nothing(Evidence),
    /// Drained. Call [`Detection::handle_timeout`](super::Detection::handle_timeout) at this instant.
    Wait(Option<Instant>),
}

/// One attempt.
///
/// Exhaustive: a meter sends by itself, or it is asked.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Attempt {
    /// Listening at this setting.
    Listen(Line),
    /// Asking in this protocol.
    Ask(Stack),
}

/// What was found.
#[derive(Debug)]
pub struct Found {
    /// The setup for sessions with this meter from now on.
    pub setup: Setup,
    /// The setting of the line. A session that asks sets the line itself.
    pub line: Line,
    /// The session that found the meter; continue with it.
    pub session: Session,
    /// The output that proved the protocol: a reading, or a fault that only a key or the grid operator can resolve.
    pub first: Output,
}

/// What was received in a round of attempts that found no meter.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Evidence {
    /// Bytes received while listening, including those at wrong settings. If bytes end the polling, a fixed number is
    /// added.
    pub bytes: u64,
    /// Framing and parity errors.
    pub disturbances: u32,
    /// The deepest error ([`Error::depth`]) in a recognised frame; the last one if several are equally deep.
    pub fault: Option<Error>,
}
