//! [`BackOff`]: how long to wait before connecting to a broker again.

use std::mem;

use crate::broker::mqtt::Refusal;

/// Counts failed attempts to reach a broker.
#[derive(Debug)]
pub(super) struct BackOff {
    /// Attempts since a reading was accepted, or since the end of a connection that lasted.
    attempts: usize,
    /// Whether one of these attempts was made without waiting.
    fell_back: bool,
    jitter: u64,
}

impl BackOff {
    pub(super) const fn new(seed: u64) -> Self {
        Self { attempts: 0, fell_back: false, jitter: seed }
    }

    /// Resets the count: the broker has accepted a reading, or a connection to it has lasted. Accepting the connection
    /// is not enough, because a broker may do that each time and then accept no message.
    pub(super) const fn reset(&mut self) {
        (self.attempts, self.fell_back) = (0, false);
    }

    /// Whether to connect again without waiting, because the next connection is made differently: with another version,
    /// or without a retained will. Only one attempt is made so, since a broker may refuse each.
    pub(super) const fn is_skipped(&mut self, refusal: Refusal) -> bool {
        matches!(refusal, Refusal::Version | Refusal::Retain) && !mem::replace(&mut self.fell_back, true)
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

    /// Adds or subtracts up to a fifth, so that the meters of a house do not all connect at once. Uses Marsaglia's
    /// xorshift.
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
/// How many of these pauses are used in an outage: a broker that comes back is found within about half a minute. A
/// broker that accepts connections but no messages is tried ever more rarely, since somebody has to reconfigure it.
const OF_AN_OUTAGE: usize = 5;
