//! [`Noise`]: random numbers that can be looked up.
//!
//! The output function of SplitMix64 (Steele, Lea, Flood 2014) is applied to seed, topic and index. The values of a
//! sequential generator would depend on the number of earlier draws. A meter that starts later must find the same
//! kettle boiling, so every draw is a pure function of its arguments.

/// The random numbers of one seed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Noise(u64);

/// The purpose of a draw. The same index gives different draws for different topics.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Topic {
    Serial,
    Counters,
    StandingLoad,
    Fridge,
    Kettle,
    Cooking,
    Laundry,
    Heating,
    Car,
    SunPeak,
    SunDay,
    Cloud,
    Flicker,
    Voltage,
    VoltageJitter,
    Temperature,
}

impl Noise {
    pub(crate) fn new(seed: u64) -> Self {
        Self(mix(seed.wrapping_add(GOLDEN)))
    }

    /// Sixty-four random bits for this topic and index.
    pub(crate) fn draw(self, topic: Topic, index: i64) -> u64 {
        let topic = (topic as u64).wrapping_add(1).wrapping_mul(GOLDEN);
        mix(mix(self.0 ^ topic).wrapping_add(index.cast_unsigned().wrapping_mul(GOLDEN)))
    }

    /// A whole number from `low` to `high`, both included.
    pub(crate) fn between(self, topic: Topic, index: i64, low: i64, high: i64) -> i64 {
        let choices = high.abs_diff(low).saturating_add(1);
        low.saturating_add_unsigned(self.draw(topic, index) % choices)
    }
}

fn mix(state: u64) -> u64 {
    let state = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let state = (state ^ (state >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    state ^ (state >> 31)
}

const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;

#[cfg(test)]
mod tests {
    use super::*;

    /// The values are the first outputs of SplitMix64 for seed 1234567, as its authors' reference program prints them.
    #[test]
    fn mixes_as_splitmix64_does() {
        let mut state = 1_234_567_u64;
        let outputs = [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423];
        for output in outputs {
            state = state.wrapping_add(GOLDEN);
            assert_eq!(mix(state), output);
        }
    }

    #[test]
    fn random_numbers_stay_within_their_bounds_and_reach_them() {
        let noise = Noise::new(7);
        let draws: Vec<i64> = (0..200).map(|index| noise.between(Topic::Kettle, index, -3, 3)).collect();
        assert_eq!(draws.iter().min(), Some(&-3));
        assert_eq!(draws.iter().max(), Some(&3));
    }
}
