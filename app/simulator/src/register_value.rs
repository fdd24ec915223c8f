//! [`RegisterValue`]: the value of an electricity meter's register for a given supply, in any protocol.
//!
//! The codes are those of IEC 62056-6-1. Group C numbers the quantities of all phases together from 1, and those of the
//! phases L1, L2 and L3 from 21, 41 and 61. Group D is 7 for an instantaneous value and 8 for a counter. Group E is the
//! tariff.

use metertap_decoder::register::Obis;

use crate::household::Supply;
use crate::truth::{TrueValue, decimal};

/// A quantity at the household's finest resolution.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RegisterValue {
    /// What kind of quantity it is.
    pub(crate) kind: Magnitude,
    /// The value is `amount × 10^kind.finest()` in the canonical unit.
    amount: i64,
    quantity: &'static str,
    phase: Option<&'static str>,
    tariff: Option<u32>,
}

/// The kinds of quantity that meters print or encode in different ways.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Magnitude {
    ActivePower,
    ReactivePower,
    ActiveEnergy,
    ReactiveEnergy,
    Current,
    Voltage,
}

impl RegisterValue {
    /// The value of the register `C.D.E`. `None` for a register that no simulated meter has.
    pub(crate) fn of(supply: &Supply, [c, d, e]: [u8; 3]) -> Option<Self> {
        let (place, energy) = (usize::from(c / 20), supply.energy);
        let of_phase = |amounts: [i64; 3]| amounts.get(place.checked_sub(1)?).copied();
        let power = of_phase(supply.power).unwrap_or(supply.power.iter().sum());
        let reactive = of_phase(supply.reactive).unwrap_or(supply.reactive.iter().sum());
        let counter = |[night, day]: [i64; 2]| match e {
            0 => Some((night + day) / 3600),
            1 => Some(night / 3600),
            2 => Some(day / 3600),
            _ => None,
        };
        let (kind, quantity, amount) = match (c % 20, d) {
            (1, 7) => (Magnitude::ActivePower, "active-power-import", power.max(0)),
            (2, 7) => (Magnitude::ActivePower, "active-power-export", (-power).max(0)),
            (3, 7) => (Magnitude::ReactivePower, "reactive-power-import", reactive.max(0)),
            (4, 7) => (Magnitude::ReactivePower, "reactive-power-export", (-reactive).max(0)),
            (16, 7) => (Magnitude::ActivePower, "active-power", power),
            (11, 7) => (Magnitude::Current, "current", of_phase(supply.current)?),
            (12, 7) => (Magnitude::Voltage, "voltage", of_phase(supply.voltage)?),
            (1, 8) => (Magnitude::ActiveEnergy, "active-energy-import", counter(energy.import)?),
            (2, 8) => (Magnitude::ActiveEnergy, "active-energy-export", counter(energy.export)?),
            (3, 8) => (Magnitude::ReactiveEnergy, "reactive-energy-import", energy.reactive_import / 3600),
            (4, 8) => (Magnitude::ReactiveEnergy, "reactive-energy-export", energy.reactive_export / 3600),
            _ => return None,
        };
        let phase = place.checked_sub(1).and_then(|phase| PHASES.get(phase).copied());
        Some(Self { kind, amount, quantity, phase, tariff: (e > 0).then_some(e.into()) })
    }

    /// The digits that a meter sends, if the last one is worth `10^scaler` of the canonical unit. Finer digits are cut
    /// off, as in a meter's counters.
    pub(crate) fn digits(self, scaler: i8) -> i64 {
        let coarser = scaler.saturating_sub(self.kind.finest());
        let factor = 10_i64.pow(coarser.unsigned_abs().into());
        if coarser >= 0 { self.amount / factor } else { self.amount * factor }
    }

    /// The truth of these digits.
    pub(crate) fn truth(self, register: Obis, scaler: i8) -> TrueValue {
        TrueValue {
            phase: self.phase,
            tariff: self.tariff,
            ..TrueValue::new(register, self.quantity, decimal(self.digits(scaler), scaler))
                .unit(self.kind.unit())
        }
    }
}

impl Magnitude {
    /// The household's resolution as a power of ten of the canonical unit. The resolutions are W, Wh, mA and 0.1 V.
    pub(crate) fn finest(self) -> i8 {
        match self {
            Self::ActivePower | Self::ReactivePower => 0,
            Self::ActiveEnergy | Self::ReactiveEnergy | Self::Current => -3,
            Self::Voltage => -1,
        }
    }

    /// The canonical unit, in which readings give the value.
    pub(crate) fn unit(self) -> &'static str {
        match self {
            Self::ActivePower => "W",
            Self::ReactivePower => "var",
            Self::ActiveEnergy => "kWh",
            Self::ReactiveEnergy => "kvarh",
            Self::Current => "A",
            Self::Voltage => "V",
        }
    }
}

const PHASES: [&str; 3] = ["l1", "l2", "l3"];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::household::Energy;

    fn supply() -> Supply {
        Supply {
            power: [1500, -400, 80],
            reactive: [-60, -60, 20],
            voltage: [2302, 2298, 2311],
            current: [6521, 1761, 433],
            energy: Energy {
                import: [3600 * 1000, 3600 * 234 + 3599],
                export: [0, 3600 * 5],
                reactive_import: 0,
                reactive_export: 3600 * 77,
            },
            tariff: 1,
        }
    }

    fn truth(code: [u8; 3], scaler: i8) -> (Option<&'static str>, String, Option<&'static str>) {
        let [c, d, e] = code;
        let shown = RegisterValue::of(&supply(), code).unwrap().truth(Obis::new(1, 0, c, d, e), scaler);
        (shown.quantity, shown.value, shown.phase)
    }

    /// The names are those of IEC 62056-6-1, table of group C.
    #[test]
    fn codes_mean_what_the_standard_says() {
        assert_eq!(truth([1, 7, 0], 0), (Some("active-power-import"), "1180".into(), None));
        assert_eq!(truth([2, 7, 0], 0), (Some("active-power-export"), "0".into(), None));
        assert_eq!(truth([42, 7, 0], 0), (Some("active-power-export"), "400".into(), Some("l2")));
        assert_eq!(truth([4, 7, 0], 0), (Some("reactive-power-export"), "100".into(), None));
        assert_eq!(truth([31, 7, 0], -2), (Some("current"), "6.52".into(), Some("l1")));
        assert_eq!(truth([72, 7, 0], -1), (Some("voltage"), "231.1".into(), Some("l3")));
        assert_eq!(truth([1, 8, 0], -3), (Some("active-energy-import"), "1.234".into(), None));
        assert_eq!(truth([1, 8, 2], -3), (Some("active-energy-import"), "0.234".into(), None));
        assert_eq!(truth([4, 8, 0], -2), (Some("reactive-energy-export"), "0.07".into(), None));
        assert!(RegisterValue::of(&supply(), [99, 7, 0]).is_none());
    }
}
