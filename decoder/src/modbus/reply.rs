//! [`Reply`]: what a frame is to the question that stands.

use super::frame::{Frame, REFUSED};
use super::question::{Question, Read};

/// What a frame is to the question that stands.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Reply<'a> {
    /// The question itself, as an adapter returns it.
    Echo,
    /// A question of another master.
    Foreign,
    /// The meter refuses, with this exception.
    Refused(u8),
    /// The answer, of the length that was asked for.
    Data(&'a [u8]),
    /// An answer to something else.
    OutOfTurn,
}

impl<'a> Reply<'a> {
    /// What a frame is to a question.
    pub(crate) fn of(asked: Question, frame: &Frame<'a>) -> Self {
        if frame.is_question {
            return if Question::read(frame.octets) == Some(asked) { Self::Echo } else { Self::Foreign };
        }
        let [address, function, behind @ ..] = frame.octets else { return Self::OutOfTurn };
        if (*address, function & !REFUSED) != (asked.address, asked.read.function()) {
            return Self::OutOfTurn;
        }
        match (behind, asked.read) {
            ([code, ..], _) if function & REFUSED != 0 => Self::Refused(*code),
            ([_, data @ ..], Read::Holding { count, .. } | Read::Input { count, .. }) => {
                if data.len() == 2 * usize::from(count) { Self::Data(data) } else { Self::OutOfTurn }
            }
            (data, _) => Self::Data(data),
        }
    }
}
