//! [`Notice`]: what a session tells beside its readings.

use crate::address::{Address, Secondary};
use crate::error::Error;
use crate::line::Line;
use crate::rail::{Chosen, Profile};
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
    /// A Modbus meter was recognised, and is read by its profile from now on.
    Recognised {
        /// By which profile, and who says so.
        chosen: Chosen,
        /// Its address.
        address: u8,
        /// As its line is set.
        line: Line,
    },
    /// A Modbus meter answers, and it is not sure what it is: a person must say.
    Unrecognised {
        /// The profile that its numbers fit, where there is one and it is doubtful.
        like: Option<&'static Profile>,
        /// Its address.
        address: u8,
        /// As its line is set.
        line: Line,
    },
    /// A search has come upon a meter at that address of its bus; who it is, where it says so.
    Found(Address, Option<Secondary>),
    /// A search has come upon several meters that answer to one address.
    Crowded(Address),
    /// So much of what a meter remembers was fetched.
    Fetched {
        /// Entries.
        done: u32,
        /// All entries.
        of: u32,
    },
    /// A search has got so far: `done` of `of`.
    Searched {
        /// Addresses that were looked at.
        done: u32,
        /// All addresses.
        of: u32,
    },
}
