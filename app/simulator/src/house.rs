//! [`House`]: a simulated house without a meter, for a page that shows what it would show.

use crate::household::Household;

/// A house whose power is known at any second.
#[derive(Clone, Debug)]
pub struct House(Household);

impl House {
    /// The house of that seed, with three phases. It is the house behind every three-phase meter of the same seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(Household::new(seed, 3))
    }

    /// Net power in watts in that second since 1970-01-01T00:00:00Z, import positive.
    #[must_use]
    pub fn net_power(&self, second: i64) -> i64 {
        self.0.power(second).iter().sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_hours_power_is_what_the_counters_count() {
        let (house, from) = (House::new(7), 1_795_000_000);
        let counted = |second| {
            let energy = house.0.energy(second);
            energy.import.iter().sum::<i64>() - energy.export.iter().sum::<i64>()
        };
        let power: i64 = (from..from + 3600).map(|second| house.net_power(second)).sum();
        assert_eq!(power, counted(from + 3600) - counted(from));
        assert_ne!(power, 0);
    }
}
