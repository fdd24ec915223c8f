//! [`LineBuffer`]: the last bytes of a line, from which the bytes of a reading or a fault are cut.

use std::collections::VecDeque;

use metertap_decoder::session::Span;

/// The last bytes of a line, at the positions that the session counts.
#[derive(Debug, Default)]
pub(super) struct LineBuffer {
    bytes: VecDeque<u8>,
    /// How many bytes were dropped before the first one held.
    gone: u64,
}

impl LineBuffer {
    /// Appends bytes, and drops the oldest if there are too many.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend(bytes);
        let surplus = self.bytes.len().saturating_sub(BYTES_HELD);
        self.bytes.drain(..surplus);
        self.gone += surplus as u64;
    }

    /// The bytes of a span, as far as they are still held.
    pub(super) fn cut(&self, span: Span) -> Vec<u8> {
        let place = |at: u64| usize::try_from(at.saturating_sub(self.gone)).unwrap_or(usize::MAX);
        let end = place(span.at.saturating_add(span.length)).min(self.bytes.len());
        let start = place(span.at).min(end);
        self.bytes.range(start..end).copied().collect()
    }
}

/// More than any telegram and the bytes around it.
const BYTES_HELD: usize = 65_536;
