//! [`Reply`]: what a frame means for the open question.

use super::frame::{Frame, REFUSED};
use super::question::{Question, Read};

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Reply<'a> {
    /// The question itself, echoed by an adapter.
    Echo,
    /// A question from another master.
    Foreign,
    /// A refusal by the meter, with this exception code.
    Refused(u8),
    /// The answer. If it contains registers, its length is the expected one.
    Data(&'a [u8]),
    /// An answer to another question.
    OutOfTurn,
}

impl<'a> Reply<'a> {
    pub(crate) fn of(asked: Question, frame: &Frame<'a>) -> Self {
        if frame.is_question {
            return if Question::read(frame.bytes) == Some(asked) { Self::Echo } else { Self::Foreign };
        }
        let [address, function, behind @ ..] = frame.bytes else { return Self::OutOfTurn };
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
