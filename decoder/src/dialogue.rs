//! [`Dialogue`]: what all conversations with a meter share.
//!
//! A dialogue is a script of steps; received frames add steps. A dialogue decides on repeats and failures, and states
//! how long an answer may take. The pipeline that drives the dialogue watches the clock and holds the bytes.

use alloc::vec::Vec;
use core::fmt;

use crate::error::DialogueError;
use crate::frame::Deframe;
use crate::line::Line;
use crate::notice::Notice;

/// A conversation with a meter, round by round.
pub(crate) trait Dialogue: fmt::Debug {
    /// The deframer for the meter's answers.
    type Deframer: Deframe;

    fn begin(&mut self);

    /// The next step; called when the previous one is done.
    fn next(&mut self) -> Step;

    /// Judges something received, whether or not an answer is awaited.
    fn hear(&mut self, word: Word<'_, <Self::Deframer as Deframe>::Frame<'_>>) -> Verdict;

    /// Called when the answer that was judged to be [`Verdict::Reading`] has been decoded. `more` says whether the
    /// meter has announced another telegram.
    fn read(&mut self, _more: bool) {}

    /// Called when the time for an answer is over. `damaged` says whether something damaged arrived.
    fn late(&mut self, damaged: bool);
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Step {
    Line(Line),
    Say(Vec<u8>),
    /// Wait this many milliseconds for the first byte of an answer, counted from when everything sent has left the
    /// port.
    Hear(u64),
    /// Wait this many milliseconds, counted as for `Hear`, whatever arrives.
    Pause(u64),
    Tell(Notice),
    /// Report an error, and continue.
    Warn(DialogueError),
    /// The reading is complete with the parts received so far.
    Close,
    /// The round is over.
    Rest,
    /// The round is over without a reading.
    Fail(DialogueError),
    /// There is nothing more to ask.
    End,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Word<'a, F> {
    /// A frame with a correct check.
    Frame(&'a F),
    /// Bytes that begin like a frame, but are damaged.
    Damaged,
    /// Bytes that belong to no frame, without the optical head's echo.
    Noise(&'a [u8]),
    /// The bytes so far of an unfinished frame.
    Begun(&'a [u8]),
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Verdict {
    /// Not what the dialogue is waiting for.
    Aside,
    /// The echo of a whole frame.
    Echo,
    /// An answer that is not yet complete: wait for its end.
    Begun,
    /// An answer that was not asked for, or a question that another master asked.
    OutOfTurn,
    /// An answer that is not a reading: the conversation continues.
    Understood,
    /// Part of the reading.
    Part,
    /// The reading, or its last part.
    Reading,
    /// A damaged answer, or a frame without the check that answers have.
    Damaged,
}

/// How often a question is sent before the round fails: an M-Bus master repeats it twice (EN 13757-2, 5.7).
pub(crate) const TRIES: u8 = 3;

/// Milliseconds that adapter, operating system and browser add to the delay of an answer.
pub(crate) const ADAPTER: u64 = 250;

#[cfg(test)]
pub(crate) fn said(dialogue: &mut impl Dialogue) -> Vec<u8> {
    loop {
        match dialogue.next() {
            Step::Say(bytes) => return bytes,
            Step::Line(_) | Step::Hear(_) => {}
            step => panic!("{step:?}"),
        }
    }
}
