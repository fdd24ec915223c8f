//! [`Chance`]: pseudo-random numbers from a seed.

/// A generator of pseudo-random numbers: Marsaglia's xorshift64.
#[derive(Clone, Debug)]
pub struct Chance(u64);

impl Chance {
    /// The generator for that seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        // The multiplication separates the sequences of neighbouring seeds. A state of zero would stay zero for ever.
        let mut chance = Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
        chance.below(2);
        chance
    }

    /// A number below `limit`; 0 if `limit` is 0.
    pub fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit.max(1)
    }

    /// `true` once in `times` calls on average.
    pub fn is_one_in(&mut self, times: u64) -> bool {
        self.below(times) == 0
    }

    /// A random index below `count`; 0 if `count` is 0.
    pub fn place(&mut self, count: usize) -> usize {
        usize::try_from(self.below(count as u64)).unwrap_or_default()
    }

    /// A random element; `None` if there is none.
    pub fn one<'a, T>(&mut self, all: &'a [T]) -> Option<&'a T> {
        all.get(self.place(all.len()))
    }
}
