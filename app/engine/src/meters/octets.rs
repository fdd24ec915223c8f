//! [`LastOctets`]: the bytes of readings and faults, for inspection.

use std::collections::VecDeque;

use metertap_protocol::KeptOctets;
use metertap_readings::fault::Code;

/// The newest good telegrams and the newest faults of a meter, oldest first.
#[derive(Debug, Default)]
pub struct LastOctets {
    all: VecDeque<KeptOctets>,
}

impl LastOctets {
    /// Adds a telegram or a fault. If there are too many of its kind, drops the oldest of that kind. So good telegrams
    /// never displace a fault.
    pub fn push(&mut self, kept: KeptOctets) {
        let good = kept.code.is_none();
        self.all.push_back(kept);
        if self.all.iter().filter(|kept| kept.code.is_none() == good).count() > HELD_OF_A_KIND {
            let oldest = self.all.iter().position(|kept| kept.code.is_none() == good);
            self.all.remove(oldest.unwrap_or_default());
        }
    }

    /// The newest fault whose code satisfies `is`.
    pub fn last(&self, is: impl Fn(&Code) -> bool) -> Option<KeptOctets> {
        self.all.iter().rev().find(|kept| kept.code.as_ref().is_some_and(&is)).cloned()
    }

    /// The last good telegrams before the one with these bytes, at most eight, concatenated. The decoder needs them,
    /// since a meter does not describe itself in every telegram.
    pub fn before(&self, bytes: &[u8]) -> Vec<u8> {
        let place = self.all.iter().rposition(|kept| kept.octets == bytes).unwrap_or(self.all.len());
        let good = self.all.iter().take(place).filter(|kept| kept.code.is_none());
        let skipped = good.clone().count().saturating_sub(TELEGRAMS_BEFORE);
        good.skip(skipped).flat_map(|kept| &kept.octets).copied().collect()
    }

    /// All good telegrams and faults, oldest first.
    pub fn all(&self) -> Vec<KeptOctets> {
        self.all.iter().cloned().collect()
    }
}

/// Enough to contain the list version, which a Norwegian meter names only in every fifth list.
const TELEGRAMS_BEFORE: usize = 8;

const HELD_OF_A_KIND: usize = 50;
