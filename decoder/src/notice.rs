//! [`Notice`]: what a session reports besides its readings.

use crate::address::{Address, Secondary};
use crate::error::Error;
use crate::line::Line;
use crate::rail::{Chosen, Profile};
use crate::span::Span;

/// Something other than a reading. A program may ignore what it does not know.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Notice {
    /// Bytes that were refused. If the notice follows a reading and its span lies inside that reading's span, the error
    /// says what the reading lacks, and where. The span is empty if an answer is missing.
    Fault(Error, Span),
    /// Bytes between telegrams.
    Noise(Span),
    /// Bytes of a conversation that are not a reading: acknowledgements, the optical head's echo of what was sent, and
    /// answers that carry no values.
    Talk(Span),
    /// A Modbus meter was recognised. The session reads it by its profile from now on.
    Recognised {
        /// The profile, and how it was chosen.
        chosen: Chosen,
        /// The meter's address.
        address: u8,
        /// The setting of its line.
        line: Line,
    },
    /// A Modbus meter answers, but its model is not certain: the user must choose the profile.
    Unrecognised {
        /// The profile that fits best, if one fits. It is marked as doubtful.
        like: Option<&'static Profile>,
        /// The meter's address.
        address: u8,
        /// The setting of its line.
        line: Line,
    },
    /// A search found a meter at this address of its bus, with its secondary address if it states one.
    Found(Address, Option<Secondary>),
    /// A search found an address that something answers, but no answer arrives undamaged: several meters may have this
    /// address.
    Crowded(Address),
    /// Progress in fetching the meter's load profile.
    Fetched {
        /// Entries fetched.
        done: u32,
        /// Entries in total.
        of: u32,
    },
    /// Progress of a search.
    Searched {
        /// Addresses searched.
        done: u32,
        /// Addresses in total.
        of: u32,
    },
}
