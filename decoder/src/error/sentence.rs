//! One technical sentence for each error. The application says what to do about it.

use core::fmt;

use super::{CipherError, DialogueError, Error, Flaw, FrameError, ParseError};

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Frame(error) => error.fmt(f),
            Self::Cipher(error) => error.fmt(f),
            Self::Parse(error) => error.fmt(f),
            Self::Dialogue(error) => error.fmt(f),
            Self::NotBuilt(protocol) => write!(f, "the program was built without the protocol {protocol}"),
        }
    }
}

impl fmt::Display for FrameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Checksum { found, computed } => {
                write!(f, "the frame's checksum is {found:04X}, but its bytes give {computed:04X}")
            }
            Self::ChecksumMissing => {
                f.write_str("this meter's telegrams end in a checksum and this one does not")
            }
            Self::TooLong { limit } => write!(f, "no end within {limit} bytes"),
            Self::Truncated => f.write_str("the frame ends too early"),
            Self::Malformed(Flaw::NoClosingFlag) => {
                f.write_str("no flag ends the frame where its length says")
            }
            Self::Malformed(Flaw::Address) => f.write_str("the frame's addresses do not end"),
            Self::Malformed(Flaw::Llc) => f.write_str("the payload does not begin with the LLC header"),
            Self::Malformed(Flaw::Block) => f.write_str("the data lack STX, ! or ETX"),
            Self::Malformed(Flaw::Parity) => f.write_str("the top bits of the bytes are not parity bits"),
            Self::Malformed(Flaw::Codes) => f.write_str("the codes are those of an IEC 62056-21 readout"),
            Self::Malformed(Flaw::Escape) => f.write_str("an escape sequence without a meaning"),
            Self::Malformed(Flaw::Lengths) => f.write_str("the frame's two lengths differ"),
            Self::Malformed(Flaw::Group) => f.write_str("a group's data do not have the form of its label"),
            Self::Malformed(Flaw::Stop) => f.write_str("no stop byte ends the frame where its length says"),
            Self::Malformed(Flaw::OutOfSequence) => f.write_str("a segment that continues no transfer"),
            Self::Malformed(Flaw::End) => {
                f.write_str("neither a checksum nor a line end follows the telegram")
            }
        }
    }
}

impl fmt::Display for CipherError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::KeyMissing => f.write_str("the telegram is encrypted and no key was given"),
            Self::TagMismatch => f.write_str("the authentication tag does not fit the keys given"),
            Self::KeyWrong => f.write_str("the text deciphered with this key is not a telegram"),
            Self::SuiteUnsupported(header) => write!(f, "security header {header:02X} is not supported"),
            Self::SystemTitle { length } => {
                write!(f, "the ciphered telegram names its sender in {length} bytes instead of 8")
            }
            Self::Truncated => f.write_str("the ciphered telegram ends too early"),
        }
    }
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Truncated => f.write_str("the payload ends inside a value"),
            Self::TypeUnexpected { wanted, found } => {
                write!(f, "type {wanted:02X} expected, {found:02X} found")
            }
            Self::TooDeep { limit } => write!(f, "structures are nested deeper than {limit}"),
            Self::TooMany { limit } => write!(f, "more than {limit} items in one list or record"),
            Self::Unsupported(tag) => write!(f, "service or type {tag:02X} is not supported"),
            Self::ListUnknown { length } => {
                write!(f, "no meter table describes this list of {length} values without names")
            }
            Self::Line => f.write_str("a line is not a data line"),
            Self::Locked => f.write_str("the meter is locked: it sends whole kilowatt hours and no power"),
            Self::Exception(code) => {
                write!(f, "the meter answers with exception {code}: {}", exception(*code))
            }
            // An IEC 62056-21 meter has no codes, and M-Bus calls code 0 unspecified.
            Self::Refused(0) => f.write_str("the meter answers with an error and gives no reason"),
            Self::Refused(code) => {
                write!(f, "the meter answers with application error {code}: {}", refusal(*code))
            }
        }
    }
}

impl fmt::Display for DialogueError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Silent { tries } => write!(f, "no answer, asked {tries} times"),
            Self::Damaged { tries } => write!(f, "no complete answer, asked {tries} times"),
            Self::Refused => f.write_str("the meter refuses the request, or has none of the data"),
            Self::OutOfTurn => f.write_str("an answer to a question that was not asked"),
            Self::AnotherMaster => f.write_str("another master polls on the same bus"),
            Self::Closed => f.write_str("access denied: only the grid operator can open this port"),
            Self::Changeover => f.write_str("nothing was received at the speed that the meter switched to"),
        }
    }
}

/// The exceptions of Modbus by their codes, and those of DEF-C44-509/N, 5.5.
const fn exception(code: u8) -> &'static str {
    match code {
        1 => "no such function",
        2 => "no such register",
        3 => "invalid number of registers",
        4 => "the meter failed",
        6 => "the meter is busy",
        0x82 => "no such measurement",
        0x83 => "no such entry",
        0x84 => "the answer is too long",
        _ => "unknown code",
    }
}

/// The application errors of M-Bus by their codes (EN 13757-3:2018, table 19).
const fn refusal(code: u8) -> &'static str {
    match code {
        1 => "this CI field is not implemented",
        2 => "the telegram was too long",
        3 => "too many records",
        4 => "a record broke off",
        5 => "more than ten DIFEs",
        6 => "more than ten VIFEs",
        8 => "the application is busy",
        9 => "too many readouts",
        _ => "unknown code",
    }
}
