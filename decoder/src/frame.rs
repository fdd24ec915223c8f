//! What all protocols share in stage 1: [`Deframe`], and the [`Backlog`] of bytes that are not yet judged.
//!
//! A deframer accounts for every byte: each belongs to a frame, to a named fault, or to noise. After a fault the
//! deframer continues at the next byte that could begin a frame, so that damage loses only the frame that it hits.

use alloc::vec::Vec;
use core::fmt;

use crate::error::FrameError;
use crate::span::Span;

#[cfg(any(test, fuzzing))]
pub(crate) mod testing;

/// Stage 1: bytes → frames.
pub(crate) trait Deframe: Default + fmt::Debug {
    /// The link protocol's frame, which borrows the bytes of the backlog.
    type Frame<'a>: Copy
    where
        Self: 'a;

    /// Milliseconds of silence that end an unfinished frame.
    const LONGEST_PAUSE: u64;

    /// The most bytes that are held before a frame is judged.
    const LONGEST: usize;

    /// The most memory in bytes, if bytes arrive in pieces of at most [`PIECE`].
    const MEMORY: usize = Backlog::memory(Self::LONGEST);

    /// The bytes not yet judged, and the bytes of the last span. A dialogue looks at them as well, since not every part
    /// of an answer is a frame.
    fn backlog(&self) -> &Backlog;

    fn backlog_mut(&mut self) -> &mut Backlog;

    /// The next finding; `None` until more bytes or a silence are reported.
    fn next(&mut self) -> Option<Heard<Self::Frame<'_>>>;

    fn push(&mut self, bytes: &[u8]) {
        self.backlog_mut().push(bytes);
    }

    /// Reports that the line fell silent: an unfinished frame ends here. Drain [`Deframe::next`] afterwards.
    fn silence(&mut self) {
        self.backlog_mut().silent = true;
    }

    /// Milliseconds of silence after which unfinished input will not continue; `None` if no input is unfinished.
    fn patience(&self) -> Option<u64> {
        (!self.backlog().bytes().is_empty()).then_some(Self::LONGEST_PAUSE)
    }

    /// Bytes of memory held.
    fn held(&self) -> usize {
        self.backlog().held()
    }
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Heard<F> {
    Frame(F, Span),
    Fault(FrameError, Span),
    Noise(Span),
}

/// What is at the head of a backlog. A frame is given as the layout of its parts.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Found<L> {
    Frame(L),
    Fault(FrameError),
    Noise,
}

impl<L> Found<L> {
    /// Turns the finding into a [`Heard`] with this span; `frame` cuts the frame out of the bytes.
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

/// Bytes that are not yet judged, and the number of bytes before them.
#[derive(Debug, Default)]
pub(crate) struct Backlog {
    bytes: Vec<u8>,
    judged: usize,
    before: u64,
    silent: bool,
}

impl Backlog {
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        // Judged bytes are dropped only when more arrive: once per call, not once per frame.
        self.bytes.drain(..self.judged);
        self.judged = 0;
        self.silent = false;
        self.bytes.extend_from_slice(bytes);
    }

    /// The bytes not yet judged.
    pub(crate) fn bytes(&self) -> &[u8] {
        self.bytes.get(self.judged..).unwrap_or_default()
    }

    /// Whether the line fell silent after the last byte.
    pub(crate) fn is_silent(&self) -> bool {
        self.silent
    }

    /// Marks the first `count` bytes as judged, and returns their span.
    pub(crate) fn judge(&mut self, count: usize) -> Span {
        let count = count.min(self.bytes().len());
        let span = Span { at: self.before, length: count as u64 };
        self.judged += count;
        self.before += span.length;
        span
    }

    /// The judged bytes of a span; they stay until more bytes are pushed.
    pub(crate) fn judged(&self, span: Span) -> &[u8] {
        let from_end = usize::try_from(self.before.saturating_sub(span.at)).unwrap_or(usize::MAX);
        let count = usize::try_from(span.length).unwrap_or(usize::MAX);
        let from = self.judged.checked_sub(from_end);
        from.and_then(|from| self.bytes.get(from..)?.get(..count)).unwrap_or_default()
    }

    pub(crate) fn held(&self) -> usize {
        self.bytes.capacity()
    }

    /// The most memory, in bytes, of a backlog of `longest` bytes: a `Vec` grows to up to twice what it needs.
    pub(crate) const fn memory(longest: usize) -> usize {
        2 * (longest + PIECE)
    }
}

/// The most bytes pushed at a time, so that a backlog does not grow with the size of the caller's input.
pub(crate) const PIECE: usize = 1024;
