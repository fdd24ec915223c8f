//! [`Output`]: what a session has to say.

use alloc::vec::Vec;

use crate::line::Line;
use crate::notice::Notice;
use crate::reading::Reading;
use crate::span::Span;
use crate::time::Instant;

/// What a session has to say.
#[derive(Clone, Debug, PartialEq)]
pub enum Output {
    /// A complete reading whose checksum or tag held, where its protocol has one. The span of one that took several
    /// answers reaches from the first of them to the last; where one had to be repeated, from behind that.
    Reading(Reading, Span),
    /// A reading of an earlier time, out of what the meter remembers: an entry of its load profile.
    Remembered(Reading, Span),
    /// Something worth telling.
    Notice(Notice),
    /// Say this to the meter.
    Transmit(Vec<u8>),
    /// Continue at this speed and parity.
    Line(Line),
    /// Drained. Call [`Session::handle_timeout`](crate::session::Session::handle_timeout) at that moment, unless something else was waited for since.
    Wait(Option<Instant>),
}
