//! [`BackOff`]: how long it is waited before a broker is asked again.

use crate::broker::mqtt::Refusal;

/// How often a broker was asked in vain.
#[derive(Debug)]
pub(super) struct BackOff {
    /// Since a reading was taken, or a connection lasted.
    attempts: usize,
    jitter: u64,
}

impl BackOff {
    /// One that was not asked yet. `seed` feeds the jitter.
    pub(super) const fn new(seed: u64) -> Self {
        Self { attempts: 0, jitter: seed }
    }

    /// The broker took a reading, or a connection to it has lasted. That it accepts us is not enough: it may do so each time
    /// and take nothing.
    pub(super) const fn begin_anew(&mut self) {
        self.attempts = 0;
    }

    /// The milliseconds to wait after this refusal.
    pub(super) fn after(&mut self, refusal: Refusal) -> u64 {
        let longest = if refusal.is_of_messages() { PAUSES.len() } else { OF_AN_OUTAGE } - 1;
        // Nobody corrects a password within seconds.
        let step = if refusal == Refusal::Credentials { longest } else { self.attempts.min(longest) };
        self.attempts = self.attempts.saturating_add(1);
        let pause = PAUSES.get(step).copied().unwrap_or_default();
        self.blurred(pause)
    }

    /// Up to a fifth more or less, so that the meters of a house do not knock all at once. Marsaglia's xorshift.
    fn blurred(&mut self, pause: u64) -> u64 {
        let mut state = self.jitter | 1;
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        self.jitter = state;
        pause - pause / 5 + state % (pause / 5 * 2 + 1)
    }
}

/// Milliseconds between attempts.
const PAUSES: &[u64] = &[1000, 2000, 5000, 10_000, 30_000, 60_000, 120_000, 300_000];
/// How many of them there are before it stays at that: a broker that comes back is found within half a minute. One that
/// accepts us and takes nothing is asked ever more rarely, since somebody must change it.
const OF_AN_OUTAGE: usize = 5;
