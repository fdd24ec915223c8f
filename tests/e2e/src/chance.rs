//! [`Chance`]: numbers drawn at random, of a seed that is printed, so that what failed once can fail again.

use std::env;

use crate::{now, say};

/// A source of numbers.
#[derive(Clone, Debug)]
pub struct Chance(u64);

impl Chance {
    /// Of the seed that `METERTAP_SEED` names, else of one that the clock gives. It is told on the screen.
    ///
    /// # Panics
    /// The variable holds no number.
    #[must_use]
    pub fn of_the_day(what: &str) -> Self {
        let given = env::var("METERTAP_SEED").ok();
        let seed = given.map_or(now() as u64, |seed| seed.parse().expect("METERTAP_SEED is a number"));
        say(&format!("{what}: METERTAP_SEED={seed}"));
        // Xorshift stays at zero for ever.
        Self(seed | 1)
    }

    /// A number below this one: Marsaglia's xorshift64.
    pub fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit.max(1)
    }
}
