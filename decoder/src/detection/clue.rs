//! [`Clue`]: what a detection has to say, and what it has found.

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

/// What a detection has to say.
#[derive(Debug)]
pub enum Clue {
    /// Now this is tried.
    Trying(Attempt),
    /// Go on at this speed and parity.
    Line(Line),
    /// Say this.
    Transmit(Vec<u8>),
    /// That is it. The detection is over.
    Found(Box<Found>),
    /// A Modbus meter answers, and a person must say what it is.
    Unrecognised {
        /// The profile that its numbers fit, where there is one and it is doubtful.
        like: Option<&'static Profile>,
        /// Its address.
        address: u8,
        /// As its line is set.
        line: Line,
    },
    /// Everything was tried, and is tried again; what was heard on the way.
    Nothing(Evidence),
    /// Drained. Call [`super::Detection::handle_timeout`] at that moment.
    Wait(Option<Instant>),
}

/// What is tried.
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
    /// How a session is set up for it from now on.
    pub setup: Setup,
    /// How the line is set. One that is asked sets it by itself.
    pub line: Line,
    /// The session that made the reading, to be gone on with.
    pub session: Session,
    /// The first thing that it had to say: a reading, or a fault that only a key can mend.
    pub first: Output,
}

/// What was heard while nothing was found.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Evidence {
    /// Octets, those on wrong settings included.
    pub octets: u64,
    /// Errors of framing and parity.
    pub disturbances: u32,
    /// Of the frames that were recognised and could not be read, the last of those that got furthest.
    pub fault: Option<Error>,
}
