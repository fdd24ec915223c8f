//! [`Notice`]: what a session tells beside its readings.

use crate::address::{Address, Secondary};
use crate::error::Error;
use crate::span::Span;

/// Something that is no reading.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Notice {
    /// Octets that were refused, or, if it follows a reading and lies in the span of that, what the reading lacks, and
    /// where. The span is empty where what is missing is an answer.
    Fault(Error, Span),
    /// Octets between telegrams.
    Noise(Span),
    /// Octets of a conversation that are no reading: acknowledgements, what the head returns of what was said, answers
    /// without a reading in them.
    Talk(Span),
    /// A search has come upon a meter at that address of its bus; who it is, where it says so.
    Found(Address, Option<Secondary>),
    /// A search has come upon several meters that answer to one address.
    Crowded(Address),
    /// A search has got so far: `done` of `of`.
    Searched {
        /// Addresses that were looked at.
        done: u32,
        /// All addresses.
        of: u32,
    },
}
