//! [`Output`]: what a session returns to its caller.

use alloc::vec::Vec;

use crate::line::Line;
use crate::notice::Notice;
use crate::reading::Reading;
use crate::span::Span;
use crate::time::Instant;

/// What a session returns to its caller.
///
/// Exhaustive: a program must carry out each kind of output.
#[derive(Clone, Debug, PartialEq)]
pub enum Output {
    /// A complete reading. Its checksum was correct, if its protocol has one; [`Reading::integrity`] says what was
    /// verified. The span of a reading made of several answers reaches from the first answer to the last. If an answer
    /// had to be repeated, the span begins after the damaged one.
    Reading(Reading, Span),
    /// A reading of an earlier time from the meter's memory: an entry of its load profile.
    Remembered(Reading, Span),
    /// Something other than a reading.
    Notice(Notice),
    /// Send these bytes to the meter.
    Transmit(Vec<u8>),
    /// Set the port to this line setting before anything else.
    Line(Line),
    /// Drained: nothing else to carry out. Call [`Session::handle_timeout`](crate::session::Session::handle_timeout) at
    /// this instant, unless a later `Wait` replaces it. `None` if the session waits for bytes only.
    Wait(Option<Instant>),
}
