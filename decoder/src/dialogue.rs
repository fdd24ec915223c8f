//! [`Dialogue`]: what all conversations with a meter have in common.
//!
//! A dialogue is a script of steps that grows with what is heard: it knows no clock, and says only how long an answer
//! may take. Repeats and failures are its decision, time and octets are kept by the pipeline that drives it.

use alloc::vec::Vec;
use core::fmt;

use crate::error::DialogueError;
use crate::frame::Deframe;
use crate::line::Line;
use crate::notice::Notice;

/// A conversation with a meter, one round after the other.
pub(crate) trait Dialogue: fmt::Debug {
    /// What it is heard through.
    type Deframer: Deframe;

    /// A round begins.
    fn begin(&mut self);

    /// What comes next; called when the last step is done.
    fn next(&mut self) -> Step;

    /// Judges what was heard, whether or not an answer is waited for.
    fn hear(&mut self, word: Word<'_, <Self::Deframer as Deframe>::Frame<'_>>) -> Verdict;

    /// What was kept as a reading is read; whether the meter has more to say of the same.
    fn read(&mut self, _more: bool) {}

    /// The time for an answer is over; whether something came and was damaged.
    fn late(&mut self, damaged: bool);
}

/// What a dialogue does next.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Step {
    /// Goes on at this speed and parity.
    Line(Line),
    /// Says this.
    Say(Vec<u8>),
    /// Waits so many milliseconds for the first octet of an answer, counted from when all that was said has left.
    Hear(u64),
    /// Waits so many milliseconds, counted likewise, whatever comes.
    Pause(u64),
    /// Tells what was found.
    Tell(Notice),
    /// Tells what goes wrong, and goes on.
    Warn(DialogueError),
    /// The parts that came are all there is of the reading.
    Close,
    /// The round is over.
    Rest,
    /// The round is over without a reading.
    Fail(DialogueError),
    /// There is nothing more to ask.
    End,
}

/// What a dialogue hears.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Word<'a, F> {
    /// A frame whose check holds.
    Frame(&'a F),
    /// What begins like a frame and is damaged.
    Damaged,
    /// Octets that belong to no frame; the head's echo is left out.
    Noise(&'a [u8]),
    /// What is there of a frame that has begun.
    Begun(&'a [u8]),
}

/// What becomes of something heard.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Verdict {
    /// Nothing that was waited for.
    Aside,
    /// The echo of a whole frame.
    Echo,
    /// An answer that is not yet whole: its end is waited for.
    Begun,
    /// Nobody asked for it.
    OutOfTurn,
    /// An answer that is no reading: the conversation goes on.
    Understood,
    /// A part of the reading.
    Part,
    /// The reading, or the last part of it.
    Reading,
    /// An answer that broke, or a frame without the check that the answer has.
    Damaged,
}

/// How often something is said before the meter is given up: once and two repeats, as a master on the M-Bus does
/// (EN 13757-2, 5.7).
pub(crate) const TRIES: u8 = 3;

/// Milliseconds that adapter, operating system and browser add to an answer's way.
pub(crate) const ADAPTER: u64 = 250;

/// What a dialogue says next.
#[cfg(test)]
pub(crate) fn said(dialogue: &mut impl Dialogue) -> Vec<u8> {
    loop {
        match dialogue.next() {
            Step::Say(octets) => return octets,
            Step::Line(_) | Step::Hear(_) => {}
            step => panic!("{step:?}"),
        }
    }
}
