//! What every stage 1 has in common: [`Deframe`], and the [`Backlog`] of octets that are not yet judged.
//!
//! A deframer accounts for every octet: it belongs to a frame, to a named fault, or to noise. After a fault it goes on
//! right behind the first octet that could begin a frame, so that damage costs the frame that it touches and no other.

use alloc::vec::Vec;
use core::fmt;

use crate::error::FrameError;
use crate::span::Span;

#[cfg(any(test, fuzzing))]
pub(crate) mod testing;

/// Stage 1: octets → frames.
pub(crate) trait Deframe: Default + fmt::Debug {
    /// What the link protocol delimits; it borrows the octets, so that none is copied before it is read.
    type Frame<'a>: Copy
    where
        Self: 'a;

    /// Milliseconds of silence inside a frame, after which it will not go on.
    const LONGEST_PAUSE: u64;

    /// The most octets that are held before a frame is judged.
    const LONGEST: usize;

    /// The most memory in octets, if octets come in pieces of at most [`PIECE`].
    const MEMORY: usize = Backlog::memory(Self::LONGEST);

    /// The octets that it has not judged, and those of the span told last: a conversation looks at them as well, since not
    /// all that answers are made of is frames.
    fn backlog(&self) -> &Backlog;

    /// The same, to be added to.
    fn backlog_mut(&mut self) -> &mut Backlog;

    /// The next thing found; `None` until more octets come.
    fn next(&mut self) -> Option<Heard<Self::Frame<'_>>>;

    /// Takes octets as they came.
    fn push(&mut self, octets: &[u8]) {
        self.backlog_mut().push(octets);
    }

    /// The line fell silent: what is unfinished ends here. Drain [`Deframe::next`] afterwards.
    fn silence(&mut self) {
        self.backlog_mut().silent = true;
    }

    /// Milliseconds of silence after which what is unfinished will not go on; `None` if nothing is.
    fn patience(&self) -> Option<u64> {
        (!self.backlog().octets().is_empty()).then_some(Self::LONGEST_PAUSE)
    }

    /// Octets of memory held.
    fn held(&self) -> usize {
        self.backlog().held()
    }
}

/// What a deframer found.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Heard<F> {
    Frame(F, Span),
    Fault(FrameError, Span),
    Noise(Span),
}

/// What stands at the head of a backlog, a frame as where its parts lie.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Found<L> {
    Frame(L),
    Fault(FrameError),
    Noise,
}

impl<L> Found<L> {
    /// The same of the octets that it takes, with the frame cut out of them.
    pub(crate) fn heard<F>(self, span: Span, frame: impl FnOnce(L) -> Result<F, FrameError>) -> Heard<F> {
        match self {
            Self::Noise => Heard::Noise(span),
            Self::Fault(error) => Heard::Fault(error, span),
            Self::Frame(layout) => match frame(layout) {
                Ok(frame) => Heard::Frame(frame, span),
                Err(error) => Heard::Fault(error, span),
            },
        }
    }
}

/// Octets that no verdict has been passed on, and how many came before them.
#[derive(Debug, Default)]
pub(crate) struct Backlog {
    octets: Vec<u8>,
    judged: usize,
    before: u64,
    silent: bool,
}

impl Backlog {
    pub(crate) fn push(&mut self, octets: &[u8]) {
        // Judged octets are dropped only when more arrive: once per call, not once per frame.
        self.octets.drain(..self.judged);
        self.judged = 0;
        self.silent = false;
        self.octets.extend_from_slice(octets);
    }

    /// The octets not yet judged.
    pub(crate) fn octets(&self) -> &[u8] {
        self.octets.get(self.judged..).unwrap_or_default()
    }

    /// Whether the line fell silent behind them.
    pub(crate) fn is_silent(&self) -> bool {
        self.silent
    }

    /// Passes the verdict on the first `count` octets.
    pub(crate) fn judge(&mut self, count: usize) -> Span {
        let count = count.min(self.octets().len());
        let span = Span { at: self.before, length: count as u64 };
        self.judged += count;
        self.before += span.length;
        span
    }

    /// The octets last judged, which stay until more are pushed.
    pub(crate) fn judged(&self, span: Span) -> &[u8] {
        let from_end = usize::try_from(self.before.saturating_sub(span.at)).unwrap_or(usize::MAX);
        let count = usize::try_from(span.length).unwrap_or(usize::MAX);
        let from = self.judged.checked_sub(from_end);
        from.and_then(|from| self.octets.get(from..)?.get(..count)).unwrap_or_default()
    }

    pub(crate) fn held(&self) -> usize {
        self.octets.capacity()
    }

    /// The most memory of a backlog of that many octets, in octets: a `Vec` grows to up to twice what it needs.
    pub(crate) const fn memory(longest: usize) -> usize {
        2 * (longest + PIECE)
    }
}

/// Octets judged at a time, so that a backlog does not grow with what is handed over at once.
pub(crate) const PIECE: usize = 1024;
