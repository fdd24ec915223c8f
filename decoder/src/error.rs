//! [`Error`]: every error of the decoder.
//!
//! Errors are exhaustive enums that carry numbers instead of prose. [`Error::code`] is a stable dotted word for logs,
//! golden files and translations. [`Error::fault`] tells the user where to look.

mod sentence;

use crate::vocabulary::Protocol;

/// Why bytes did not become a reading, or only an incomplete one. Sorted by the stage that found the error.
///
/// Exhaustive, as are the errors inside it: a `match` needs no wildcard, and the compiler then names each new error.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Error {
    /// Stages 1 and 2: the bytes are not a valid frame, or the frames do not add up to a whole payload.
    Frame(FrameError),
    /// Stage 3: the payload could not be deciphered.
    Cipher(CipherError),
    /// Stage 4: the payload, or a part of it, could not be parsed.
    Parse(ParseError),
    /// A polled meter did not answer as its protocol says.
    Dialogue(DialogueError),
    /// This crate was built without this protocol: the Cargo feature of the protocol's family is off.
    NotBuilt(Protocol),
}

/// What is wrong with a frame.
///
/// Exhaustive, like [`Error`].
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum FrameError {
    /// The checksum in the frame does not match the bytes received.
    Checksum {
        /// The checksum in the frame.
        found: u16,
        /// The checksum of the bytes received.
        computed: u16,
    },
    /// The frame has no checksum, although this meter's earlier frames, or all answers to such a question, have one.
    ChecksumMissing,
    /// The frame is longer than any that a meter sends.
    TooLong {
        /// The highest number of bytes that a frame may have.
        limit: usize,
    },
    /// The line fell silent, or another frame began, before the end of the frame.
    Truncated,
    /// The frame breaks its standard.
    Malformed(Flaw),
}

/// How a frame breaks its standard.
///
/// Exhaustive, like [`Error`].
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Flaw {
    /// An HDLC frame that does not end with a flag where its length field says.
    NoClosingFlag,
    /// An HDLC address that does not end within four bytes.
    Address,
    /// The LLC header E6 E7 00 is missing from a payload.
    Llc,
    /// A segment that does not continue the transfer in progress, or two interleaved transfers.
    OutOfSequence,
    /// Something other than a checksum or a line end follows a telegram's `!`.
    End,
    /// A block of an IEC 62056-21 readout lacks its STX, its `!` or its ETX.
    Block,
    /// Top bits that are neither zero nor parity bits.
    Parity,
    /// The codes are not those of a P1 telegram but of an IEC 62056-21 readout.
    Codes,
    /// An escape sequence without a meaning.
    Escape,
    /// An M-Bus frame states two lengths that differ.
    Lengths,
    /// An M-Bus frame that does not end with the stop byte where its length field says.
    Stop,
    /// A TIC group without a label, or with data that do not have the form that the label requires.
    Group,
}

/// Why a payload could not be deciphered.
///
/// Exhaustive, like [`Error`].
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum CipherError {
    /// The telegram is encrypted and no key was given.
    KeyMissing,
    /// The deciphered text is a telegram, but its authentication tag does not match: the telegram is damaged, or the
    /// authentication key is wrong.
    TagMismatch,
    /// The deciphered text is not a telegram, usually because the encryption key is wrong.
    KeyWrong,
    /// This security suite or mode is not supported. The number is the security control byte of DLMS, or the security
    /// mode of M-Bus.
    SuiteUnsupported(u8),
    /// The system title, from which the nonce is made, is not eight bytes long, usually because it is missing.
    SystemTitle {
        /// Its length in bytes.
        length: usize,
    },
    /// The ciphered telegram is shorter than its header states, or the header is cut short.
    Truncated,
}

/// What is wrong with a payload.
///
/// Exhaustive, like [`Error`].
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ParseError {
    /// The payload ends inside a value.
    Truncated,
    /// The standard requires another type at this position.
    TypeUnexpected {
        /// The tag that the standard requires.
        wanted: u8,
        /// The tag that was sent.
        found: u8,
    },
    /// Structures are nested deeper than in any meter's telegram.
    TooDeep {
        /// The deepest nesting that is accepted.
        limit: u8,
    },
    /// More values in a list, or more extensions in an M-Bus record, than any meter sends.
    TooMany {
        /// The highest number that is accepted.
        limit: usize,
    },
    /// The service or type with this tag is not supported.
    Unsupported(u8),
    /// A list without register names that no meter table describes; its values are kept without a meaning.
    ListUnknown {
        /// How many values the list has.
        length: usize,
    },
    /// A line of a telegram that is not a data line. It is left out, and the other lines are read.
    Line,
    /// The meter is locked until its PIN is entered: it sends only whole kilowatt hours, and no power.
    Locked,
    /// A Modbus meter answers with an exception (Modbus Application Protocol 1.1b3, 7).
    Exception(u8),
    /// An M-Bus meter answers with an application error (EN 13757-3, 8.3). 0 also stands for the error message of an
    /// IEC 62056-21 meter.
    Refused(u8),
}

/// What went wrong when a meter was polled.
///
/// Exhaustive, like [`Error`].
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum DialogueError {
    /// No answer in any try.
    Silent {
        /// How many times the question was sent.
        tries: u8,
    },
    /// No whole answer in any try, although a damaged one was received.
    Damaged {
        /// How many times the question was sent.
        tries: u8,
    },
    /// The meter has none of the data that it was asked for, or refuses to send them.
    Refused,
    /// An answer to no open question, for example because the meter answers late.
    OutOfTurn,
    /// Another master sends questions on the same bus: only one may.
    AnotherMaster,
    /// The port, or one of its registers, is locked: only the grid operator can open it (DEF-C44-509/N, 5.5).
    Closed,
    /// The meter changed to a faster speed and went silent: the round continues at 300 baud (IEC 62056-21).
    Changeover,
}

/// Where the user should look.
///
/// Exhaustive, like [`Error`].
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Fault {
    /// The optical head, the cable, the speed and the parity.
    Line,
    /// The key.
    Key,
    /// The meter: what it sent is invalid, or it refused the request.
    Meter,
    /// This program: it does not support what the meter sends.
    Unsupported,
}

impl Error {
    /// A stable dotted word: where the error arose (mostly the stage), then the reason.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Frame(FrameError::Checksum { .. }) => "frame.checksum",
            Self::Frame(FrameError::ChecksumMissing) => "frame.checksum-missing",
            Self::Frame(FrameError::TooLong { .. }) => "frame.too-long",
            Self::Frame(FrameError::Truncated) => "frame.truncated",
            Self::Frame(FrameError::Malformed(_)) => "frame.malformed",
            Self::Cipher(CipherError::KeyMissing) => "cipher.key-missing",
            Self::Cipher(CipherError::TagMismatch) => "cipher.tag-mismatch",
            Self::Cipher(CipherError::KeyWrong) => "cipher.key-wrong",
            Self::Cipher(CipherError::SuiteUnsupported(_)) => "cipher.suite-unsupported",
            Self::Cipher(CipherError::SystemTitle { .. }) => "cipher.system-title",
            Self::Cipher(CipherError::Truncated) => "cipher.truncated",
            Self::Parse(ParseError::Truncated) => "parse.truncated",
            Self::Parse(ParseError::TypeUnexpected { .. }) => "parse.type-unexpected",
            Self::Parse(ParseError::TooDeep { .. }) => "parse.too-deep",
            Self::Parse(ParseError::TooMany { .. }) => "parse.too-many",
            Self::Parse(ParseError::Unsupported(_)) => "parse.unsupported",
            Self::Parse(ParseError::ListUnknown { .. }) => "parse.list-unknown",
            Self::Parse(ParseError::Line) => "parse.line",
            Self::Parse(ParseError::Locked) => "parse.locked",
            Self::Parse(ParseError::Refused(_)) => "parse.refused",
            Self::Parse(ParseError::Exception(_)) => "parse.exception",
            Self::Dialogue(DialogueError::Silent { .. }) => "dialogue.silent",
            Self::Dialogue(DialogueError::Damaged { .. }) => "dialogue.damaged",
            Self::Dialogue(DialogueError::Refused) => "dialogue.refused",
            Self::Dialogue(DialogueError::OutOfTurn) => "dialogue.out-of-turn",
            Self::Dialogue(DialogueError::AnotherMaster) => "dialogue.another-master",
            Self::Dialogue(DialogueError::Changeover) => "dialogue.changeover",
            Self::Dialogue(DialogueError::Closed) => "meter.closed",
            Self::NotBuilt(_) => "program.not-built",
        }
    }

    /// How far decoding got before the error; a higher number is further. Of several errors about the same bytes,
    /// report the deepest one: a decoder that understood a header or a whole block knows more than one that failed at
    /// the first byte.
    #[must_use]
    pub fn depth(&self) -> u8 {
        match self {
            Self::Dialogue(_) | Self::NotBuilt(_) => 0,
            Self::Frame(FrameError::TooLong { .. } | FrameError::Truncated | FrameError::Malformed(_)) => 1,
            Self::Frame(FrameError::Checksum { .. } | FrameError::ChecksumMissing) => 2,
            Self::Parse(_) => 3,
            Self::Cipher(_) => 4,
        }
    }

    /// Where the user should look.
    #[must_use]
    pub fn fault(&self) -> Fault {
        match self {
            Self::Frame(_) => Fault::Line,
            Self::Cipher(CipherError::KeyMissing | CipherError::TagMismatch | CipherError::KeyWrong) => {
                Fault::Key
            }
            Self::Cipher(CipherError::Truncated) => Fault::Meter,
            Self::Cipher(CipherError::SuiteUnsupported(_) | CipherError::SystemTitle { .. })
            | Self::NotBuilt(_) => Fault::Unsupported,
            Self::Parse(ParseError::Unsupported(_) | ParseError::ListUnknown { .. }) => Fault::Unsupported,
            Self::Parse(
                ParseError::Truncated
                | ParseError::TypeUnexpected { .. }
                | ParseError::TooDeep { .. }
                | ParseError::TooMany { .. }
                | ParseError::Line
                | ParseError::Locked
                | ParseError::Exception(_)
                | ParseError::Refused(_),
            ) => Fault::Meter,
            Self::Dialogue(
                DialogueError::Silent { .. }
                | DialogueError::Damaged { .. }
                | DialogueError::AnotherMaster
                | DialogueError::Changeover,
            ) => Fault::Line,
            Self::Dialogue(DialogueError::Refused | DialogueError::OutOfTurn | DialogueError::Closed) => {
                Fault::Meter
            }
        }
    }
}

macro_rules! stage {
    ($($inner:ident => $outer:ident),*) => {
        $(impl From<$inner> for Error {
            fn from(error: $inner) -> Self {
                Self::$outer(error)
            }
        }
        impl core::error::Error for $inner {})*
    };
}

stage!(FrameError => Frame, CipherError => Cipher, ParseError => Parse, DialogueError => Dialogue);

impl core::error::Error for Error {}
