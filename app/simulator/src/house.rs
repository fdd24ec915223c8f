//! [`House`]: a simulated house without a meter, for a page that shows a preview.

use crate::household::Household;

/// A house whose power can be computed for any second.
#[derive(Clone, Debug)]
pub struct House(Household);

impl House {
    /// The house of this seed, with three phases. Every three-phase meter of the same seed measures this house.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(Household::new(seed, 3))
    }

    /// Net power in watts in this second, import positive. `second` counts from 1970-01-01T00:00:00Z.
    #[must_use]
    pub fn net_power(&self, second: i64) -> i64 {
        self.0.power(second).iter().sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_hours_power_equals_the_counted_energy() {
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
