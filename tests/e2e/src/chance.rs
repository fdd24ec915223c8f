//! [`Chance`]: random numbers from a seed. The seed is printed, so that a failure can be repeated.

use std::env;

use crate::{now, say};

/// A generator of pseudo-random numbers.
#[derive(Clone, Debug)]
pub struct Chance(u64);

impl Chance {
    /// Takes the seed from `METERTAP_SEED`, otherwise from the clock, and prints it.
    ///
    /// # Panics
    /// If the variable does not contain a number.
    #[must_use]
    pub fn of_the_day(what: &str) -> Self {
        let given = env::var("METERTAP_SEED").ok();
        let seed = given.map_or(now() as u64, |seed| seed.parse().expect("METERTAP_SEED is a number"));
        say(&format!("{what}: METERTAP_SEED={seed}"));
        // Of a zero, xorshift gives only zeros.
        Self(seed.max(1))
    }

    /// A number below `limit`: Marsaglia's xorshift64.
    pub fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit.max(1)
    }
}
