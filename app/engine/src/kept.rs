//! [`Heard`] and [`Kept`]: the octets behind readings and faults, for a closer look.

use std::collections::VecDeque;

use metertap_decoder::session::Span;
use metertap_protocol::KeptOctets;
use metertap_readings::fault::Code;

/// The last octets of a line, in the session's counting.
#[derive(Debug, Default)]
pub struct Heard {
    octets: VecDeque<u8>,
    /// Octets that were let go before the first one held.
    gone: u64,
}

impl Heard {
    /// Takes what came, and lets go of the oldest.
    pub fn push(&mut self, octets: &[u8]) {
        self.octets.extend(octets);
        let surplus = self.octets.len().saturating_sub(OCTETS_HELD);
        self.octets.drain(..surplus);
        self.gone += surplus as u64;
    }

    /// The octets of that run, as far as they are still held.
    pub fn cut(&self, span: Span) -> Vec<u8> {
        let place = |at: u64| usize::try_from(at.saturating_sub(self.gone)).unwrap_or(usize::MAX);
        let end = place(span.at.saturating_add(span.length)).min(self.octets.len());
        let start = place(span.at).min(end);
        self.octets.range(start..end).copied().collect()
    }
}

/// The newest good telegrams and the newest faults of a meter, oldest first.
#[derive(Debug, Default)]
pub struct Kept {
    kept: VecDeque<KeptOctets>,
}

impl Kept {
    /// Takes one more, and lets go of the oldest of its kind: many good telegrams do not push out a fault.
    pub fn push(&mut self, octets: KeptOctets) {
        let good = octets.code.is_none();
        self.kept.push_back(octets);
        if self.kept.iter().filter(|kept| kept.code.is_none() == good).count() > KEPT_OF_A_KIND {
            let oldest = self.kept.iter().position(|kept| kept.code.is_none() == good);
            self.kept.remove(oldest.unwrap_or_default());
        }
    }

    /// The newest whose code is such.
    pub fn last(&self, is: impl Fn(&Code) -> bool) -> Option<KeptOctets> {
        self.kept.iter().rev().find(|kept| kept.code.as_ref().is_some_and(&is)).cloned()
    }

    /// The good telegrams before the one with these octets, one behind the other: what a meter says of itself is not in
    /// every telegram.
    pub fn before(&self, octets: &[u8]) -> Vec<u8> {
        let place = self.kept.iter().rposition(|kept| kept.octets == octets).unwrap_or(self.kept.len());
        let good = self.kept.iter().take(place).filter(|kept| kept.code.is_none());
        let skipped = good.clone().count().saturating_sub(TELEGRAMS_BEFORE);
        good.skip(skipped).flat_map(|kept| &kept.octets).copied().collect()
    }

    /// All of them, the oldest first.
    pub fn all(&self) -> Vec<KeptOctets> {
        self.kept.iter().cloned().collect()
    }
}

/// More than any telegram with what surrounds it.
const OCTETS_HELD: usize = 65_536;

/// Norwegian meters say which lists they have in every fifth of them.
const TELEGRAMS_BEFORE: usize = 8;

const KEPT_OF_A_KIND: usize = 50;
