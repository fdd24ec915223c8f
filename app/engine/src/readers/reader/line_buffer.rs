//! [`LineBuffer`]: the last octets of a line, so that those of a reading or a fault can be cut out of it.

use std::collections::VecDeque;

use metertap_decoder::session::Span;

/// The last octets of a line, in the session's counting.
#[derive(Debug, Default)]
pub(super) struct LineBuffer {
    octets: VecDeque<u8>,
    /// Octets that were let go before the first one held.
    gone: u64,
}

impl LineBuffer {
    /// Takes what came, and lets go of the oldest.
    pub(super) fn push(&mut self, octets: &[u8]) {
        self.octets.extend(octets);
        let surplus = self.octets.len().saturating_sub(OCTETS_HELD);
        self.octets.drain(..surplus);
        self.gone += surplus as u64;
    }

    /// The octets of that run, as far as they are still held.
    pub(super) fn cut(&self, span: Span) -> Vec<u8> {
        let place = |at: u64| usize::try_from(at.saturating_sub(self.gone)).unwrap_or(usize::MAX);
        let end = place(span.at.saturating_add(span.length)).min(self.octets.len());
        let start = place(span.at).min(end);
        self.octets.range(start..end).copied().collect()
    }
}

/// More than any telegram with what surrounds it.
const OCTETS_HELD: usize = 65_536;
