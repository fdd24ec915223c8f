//! Whether numbers that were read with a profile can come from a meter.
//!
//! A voltage alone proves little: weather sensors and inverters answer the same questions. Three numbers must agree
//! with physics: a voltage and a frequency of a grid, and a power that fits voltage and current. If the profile has no
//! frequency, the power must also be significant.

use crate::number::Number;
use crate::physics::thousandths;
use crate::rail::Profile;
use crate::register::{Register, RegisterId, Value};
use crate::vocabulary::{Phase, Quantity};

/// The values of each phase and of all phases together, in thousandths.
#[derive(Default)]
struct Told {
    volts: [Option<i64>; PHASES],
    amperes: [Option<i64>; PHASES],
    watts: [Option<i64>; PHASES],
    total: Option<i64>,
    factor: [Option<i64>; PHASES],
    frequency: Option<i64>,
}

/// The number of voltages above zero, if the numbers can be those of a meter with this profile; `None` otherwise.
pub(crate) fn fits(profile: &Profile, registers: &[Register]) -> Option<usize> {
    let told = Told::of(profile, registers);
    let live = told.volts.iter().flatten().filter(|volts| **volts > 0).count();
    let has_voltages =
        live > 0 && told.volts.iter().flatten().all(|volts| *volts == 0 || VOLTS.contains(volts));
    let has_frequency = told.frequency.is_some_and(|hertz| HERTZ.contains(&hertz));
    let is_fed = match profile.names(Quantity::Frequency) {
        true => has_frequency && told.agrees(0),
        // Without a frequency, only a power above a minimum proves anything.
        false => told.agrees(SIGNIFICANT),
    };
    (has_voltages && is_fed).then_some(live)
}

/// Whether a voltage, in volts, is possible in a grid.
pub(crate) fn is_of_a_grid(number: Number) -> bool {
    number.is_within(90, 280)
}

impl Told {
    fn of(profile: &Profile, registers: &[Register]) -> Self {
        let mut told = Self::default();
        for register in registers {
            let (RegisterId::Modbus { function, address }, Value::Number(number)) =
                (register.id, &register.value)
            else {
                continue;
            };
            let row = profile.register(function, address);
            let Some((row, value)) = row.zip(thousandths(*number)) else { continue };
            let at = match row.phase {
                Some(Phase::L1) | None => 0,
                Some(Phase::L2) => 1,
                Some(Phase::L3) => 2,
                Some(_) => continue,
            };
            let is_power = matches!(row.quantity, Some(Quantity::ActivePower | Quantity::ActivePowerImport));
            let place = match row.quantity {
                Some(Quantity::Voltage) => told.volts.get_mut(at),
                Some(Quantity::Current) => told.amperes.get_mut(at),
                Some(Quantity::PowerFactor) if row.phase.is_some() || told.factor[0].is_none() => {
                    told.factor.get_mut(at)
                }
                Some(Quantity::Frequency) => Some(&mut told.frequency),
                _ if is_power && row.phase.is_none() => Some(&mut told.total),
                _ if is_power => told.watts.get_mut(at),
                _ => None,
            };
            if let Some(place) = place {
                *place = Some(value);
            }
        }
        told
    }

    /// Whether voltages, currents and powers are present and fit each other: the total power is at least `least`
    /// thousandths of a watt, no power exceeds voltage times current, and no power factor exceeds 1. With a single
    /// voltage, the power factor must also agree with the power.
    fn agrees(&self, least: u64) -> bool {
        let apparent = |at: usize| {
            let (volts, amperes) = (self.volts.get(at).copied()??, self.amperes.get(at).copied()??);
            Some(volts.saturating_mul(amperes.saturating_abs()) / 1000)
        };
        let is_made = |watts: i64, apparent: i64| {
            watts.unsigned_abs()
                <= apparent.unsigned_abs().saturating_add(apparent.unsigned_abs() / 10) + SLACK
        };
        let all: Option<i64> = (0..PHASES).filter_map(apparent).reduce(i64::saturating_add);
        let Some(all) = all else { return false };
        let mut phases = (0..PHASES).filter_map(|at| Some((self.watts.get(at).copied()??, apparent(at)?)));
        let sum = self.watts.iter().flatten().copied().reduce(i64::saturating_add);
        let Some(power) = self.total.or(sum) else { return false };
        let factors_hold = self.factor.iter().flatten().all(|factor| factor.unsigned_abs() <= 1000);
        let has_factor = self.volts.iter().flatten().count() != 1
            || self.factor[0].is_none_or(|factor| {
                let made = all.saturating_mul(factor.saturating_abs()) / 1000;
                power.saturating_abs().abs_diff(made) <= all.unsigned_abs() / 6 + SLACK
            });
        power.unsigned_abs() >= least
            && is_made(power, all)
            && phases.all(|(watts, apparent)| is_made(watts, apparent))
            && factors_hold
            && has_factor
    }
}

const PHASES: usize = 3;
/// In thousandths of a volt.
const VOLTS: core::ops::RangeInclusive<i64> = 80_000..=300_000;
/// In thousandths of a hertz.
const HERTZ: core::ops::RangeInclusive<i64> = 45_000..=65_000;
/// A margin in thousandths of a watt, for rounding and small loads.
const SLACK: u64 = 8_000;
/// The lowest power that is accepted as proof, in thousandths of a watt.
const SIGNIFICANT: u64 = 20_000;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hex;
    use crate::modbus::rail;
    use alloc::vec::Vec;

    fn live(profile: &str, from: (u8, u16), data: &str) -> Option<usize> {
        let profile = Profile::named(profile).unwrap();
        let mut found = Vec::new();
        rail::registers(profile, from, &hex::read(data).unwrap(), &mut found);
        fits(profile, &found)
    }

    /// A PZEM-004T from an ESPHome issue, and the same meter without a load.
    #[test]
    fn registers_of_a_meter_are_plausible() {
        assert_eq!(live("pzem-004t-v3", (4, 0), "08D1006C000000F400000026000001F400640000"), Some(1));
        assert_eq!(live("pzem-004t-v3", (4, 0), "08D100000000000000000026000001F400000000"), Some(1));
    }

    /// An inverter answers the same question with half a volt and 310 Hz. A load ten times too large for its current
    /// means that the profile is wrong.
    #[test]
    fn physically_impossible_registers_are_not_a_meter() {
        assert_eq!(live("pzem-004t-v3", (4, 0), "0005006C000000F40000002600000C1C00640000"), None);
        assert_eq!(live("pzem-004t-v3", (4, 0), "08D1006C0000098800000026000001F400640000"), None);
        assert_eq!(live("pzem-004t-v3", (4, 0), "08D1006C000000F400000026000003F400640000"), None);
    }
}
