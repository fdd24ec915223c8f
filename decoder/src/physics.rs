//! [`Flow`]: voltages, currents and powers of one moment, and the relations between them in every network.
//!
//! The relations exclude some of a number's possible scales. They never derive a scale. Powers of phases may cancel
//! each other, and harmonics and reactive currents make apparent power larger than active power. So each relation is an
//! inequality, with a margin for rounding and for the meter's resolution; the margin is less than a factor of ten.
//!
//! 1. A meter is powered by the voltage that it measures: its largest voltage is that of a grid, or of a voltage
//!    transformer.
//! 2. The active and reactive power of all phases together is at most the sum of U·I.
//! 3. The apparent power of one phase cannot be much larger than those of all other phases and the total together (the
//!    triangle inequality).
//! 4. The powers of the phases add up to the total.
//!
//! All values are in thousandths of V, A, W and var.

use crate::number::Number;
use crate::vocabulary::{Phase, Quantity};

#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Flow {
    voltage: [Option<i64>; PHASES],
    current: [Option<i64>; PHASES],
    /// The coarsest resolution of the currents.
    step: i64,
    power: Sum,
    phases: [Sum; PHASES],
    reactive: Sum,
}

/// Imported and exported power.
#[derive(Clone, Copy, Debug, Default)]
struct Sum {
    taken: Option<i64>,
    given: Option<i64>,
}

impl Sum {
    fn is_told(self) -> bool {
        self.taken.or(self.given).is_some()
    }

    fn net(self) -> i64 {
        self.taken.unwrap_or_default().saturating_sub(self.given.unwrap_or_default())
    }

    /// Import and export added up: meters that do not net their phases count both at once.
    fn gross(self) -> i64 {
        let size = |power: Option<i64>| power.unwrap_or_default().saturating_abs();
        size(self.taken).saturating_add(size(self.given))
    }
}

/// What the relations say about voltages, currents and powers together.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Verdict {
    /// The currents are too small for the power, or too large.
    Refuted,
    /// The values are possible together, but other powers of ten may be as well.
    Open,
    /// The values belong together: with any other power of ten, phases would have to cancel each other.
    Fits,
}

impl Flow {
    pub(crate) fn notice(&mut self, quantity: Quantity, phase: Option<Phase>, number: Number) {
        let Some(value) = thousandths(number) else { return };
        let at = match phase {
            Some(Phase::L1 | Phase::L12) | None => 0,
            Some(Phase::L2 | Phase::L23) => 1,
            Some(Phase::L3 | Phase::L31) => 2,
            Some(Phase::N) => return,
        };
        let sum = match phase {
            None => Some(&mut self.power),
            Some(_) => self.phases.get_mut(at),
        };
        let Some(sum) = sum else { return };
        match quantity {
            Quantity::Voltage | Quantity::VoltageLine => set(&mut self.voltage, at, value),
            Quantity::Current => {
                set(&mut self.current, at, value.saturating_abs());
                self.step = self.step.max(step(number));
            }
            Quantity::ActivePower if value < 0 => sum.given = Some(value.saturating_neg()),
            Quantity::ActivePower | Quantity::ActivePowerImport => sum.taken = Some(value),
            Quantity::ActivePowerExport => sum.given = Some(value),
            Quantity::ReactivePowerImport if phase.is_none() => self.reactive.taken = Some(value),
            Quantity::ReactivePowerExport if phase.is_none() => self.reactive.given = Some(value),
            _ => {}
        }
    }

    /// The same flow with voltages, currents and powers larger by these powers of ten.
    pub(crate) fn shifted(&self, voltage: i8, current: i8, power: i8) -> Self {
        let all =
            |values: [Option<i64>; PHASES], by: i8| values.map(|value| value.map(|value| shift(value, by)));
        let sum = |sum: Sum| Sum {
            taken: sum.taken.map(|value| shift(value, power)),
            given: sum.given.map(|value| shift(value, power)),
        };
        Self {
            voltage: all(self.voltage, voltage),
            current: all(self.current, current),
            step: shift(self.step, current).max(1),
            power: sum(self.power),
            phases: self.phases.map(sum),
            reactive: sum(self.reactive),
        }
    }

    /// Whether the largest voltage can power a meter; `None` if no voltage is known, or all are 0.
    pub(crate) fn is_voltage_of_a_grid(&self) -> Option<bool> {
        let largest = self.voltage.into_iter().flatten().max().filter(|largest| *largest > 0)?;
        Some((LEAST_VOLTAGE..=MOST_VOLTAGE).contains(&largest))
    }

    /// Whether each voltage is 0 or possible between the two wires of a household supply, and not all are 0. Also true
    /// if no voltage is known.
    pub(crate) fn are_voltages_of_a_household(&self) -> bool {
        let is_one = |volts: i64| volts == 0 || HOUSEHOLD.contains(&volts);
        self.voltage.into_iter().flatten().all(is_one)
            && self.voltage.into_iter().flatten().any(|volts| volts > 0)
            || self.voltage == [None; PHASES]
    }

    pub(crate) fn has_current(&self) -> bool {
        self.current.into_iter().flatten().any(|current| current > 0)
    }

    /// Whether the powers of the phases add up to the total; `None` if the total is missing, or the power of a phase.
    pub(crate) fn phases_agree(&self) -> Option<bool> {
        let all = self.phases.iter().filter(|phase| phase.is_told()).count();
        if !self.power.is_told() || all < self.voltage.iter().flatten().count().max(1) {
            return None;
        }
        let net = self.phases.iter().fold(0_i64, |sum, phase| sum.saturating_add(phase.net()));
        let gross = self.phases.iter().fold(0_i64, |sum, phase| sum.saturating_add(phase.gross()));
        Some(net.abs_diff(self.power.net()) <= gross.unsigned_abs() / 10 + SMALL_POWER)
    }

    /// Compares the power with the apparent power of the phases.
    pub(crate) fn verdict(&self) -> Verdict {
        let Some(phases) = self.apparent(0) else { return Verdict::Open };
        if !self.power.is_told() {
            return Verdict::Open;
        }
        let power = self.total();
        let sum: i128 = phases.iter().sum();
        let unresolved: i128 = self.apparent(self.step).map_or(0, |most| most.iter().sum::<i128>() - sum);
        if power > (sum + unresolved) * MOST_LAG + i128::from(IDLE) {
            return Verdict::Refuted;
        }
        let largest = phases.iter().max().copied().unwrap_or_default();
        // If reactive power is unknown, it may exceed active power.
        let (most, idle) = match self.reactive.is_told() {
            true => (MOST_DISTORTION, DISTORTED),
            false => (MOST_REACTIVE, REACTIVE),
        };
        if largest * 2 - sum > power * most + unresolved + i128::from(idle) {
            return Verdict::Refuted;
        }
        let fits = power >= i128::from(SIGNIFICANT) && power * 4 <= sum * 5 && sum <= power * MOST_DISTORTION;
        if fits { Verdict::Fits } else { Verdict::Open }
    }

    /// The apparent power from the active and reactive power of all phases.
    fn total(&self) -> i128 {
        let square = |power: i64| i128::from(power) * i128::from(power);
        (square(self.power.gross()) + square(self.reactive.gross())).isqrt()
    }

    /// U·I of each phase, with currents larger by `more`. `None` if no voltage is above 0, or if there are fewer
    /// currents than such voltages. In three-wire networks, meters measure two of the voltages: the largest stands for
    /// the third.
    fn apparent(&self, more: i64) -> Option<[i128; PHASES]> {
        let live = self.voltage.iter().flatten().filter(|volts| **volts > 0).count();
        let currents = self.current.iter().flatten().count();
        let largest = self.voltage.into_iter().flatten().max().filter(|_| live > 0 && currents >= live)?;
        let mut phases = self.voltage.into_iter().zip(self.current);
        Some([(); PHASES].map(|()| match phases.next() {
            Some((volts, Some(current))) => {
                let volts = volts.filter(|volts| *volts > 0).unwrap_or(largest);
                i128::from(volts) * i128::from(current.saturating_add(more)) / 1000
            }
            _ => 0,
        }))
    }

    /// U·I of all phases.
    pub(crate) fn apparent_power(&self) -> Option<i64> {
        i64::try_from(self.apparent(0)?.iter().sum::<i128>()).ok()
    }

    pub(crate) fn import(&self) -> Option<i64> {
        self.power.taken
    }
}

fn set(places: &mut [Option<i64>; PHASES], at: usize, value: i64) {
    if let Some(place) = places.get_mut(at) {
        *place = Some(value);
    }
}

/// A number in thousandths, rounded towards 0; `None` if it is too large.
pub(crate) fn thousandths(number: Number) -> Option<i64> {
    let power = 10_i128.checked_pow(u32::from(number.scaler.saturating_add(3).unsigned_abs()));
    let value = match number.scaler >= -3 {
        true => number.mantissa.checked_mul(power?)?,
        false => number.mantissa / power.unwrap_or(i128::MAX),
    };
    i64::try_from(value).ok()
}

fn step(number: Number) -> i64 {
    thousandths(Number::new(1, number.scaler)).unwrap_or(i64::MAX).max(1)
}

fn shift(value: i64, by: i8) -> i64 {
    let power = 10_i64.saturating_pow(u32::from(by.unsigned_abs()));
    if by >= 0 { value.saturating_mul(power) } else { value / power }
}

const PHASES: usize = 3;
/// From 57.7 V behind voltage transformers to 400 V between the phases of a grid, each with a margin of about 20
/// percent.
const LEAST_VOLTAGE: i64 = 46_000;
const MOST_VOLTAGE: i64 = 480_000;
/// EN 50160 allows ten percent below and above 230 V; the range also includes brown-outs and overvoltages.
const HOUSEHOLD: core::ops::RangeInclusive<i64> = 150_000..=300_000;
/// Power that meters show while they still show no current.
const IDLE: i64 = 60_000;
/// The largest factor between the power and what the currents carry: a meter may measure them at different moments, and
/// a heater may be switched on in between.
const MOST_LAG: i128 = 3;
/// Less power says nothing about a scale.
const SIGNIFICANT: i64 = 30_000;
/// Idle electronics draw some tenths of an ampere, and neither watts nor vars of the first harmonic.
const DISTORTED: i64 = 300_000;
/// More reactive power than a home has without active power.
const REACTIVE: i64 = 4_000_000;
/// Apparent power divided by active power: the power factor may be as low as that of an idling motor.
const MOST_REACTIVE: i128 = 6;
/// Apparent power divided by that of the first harmonic: rectifiers without correction reach two.
const MOST_DISTORTION: i128 = 3;
/// How far the phases may differ from their total, which is rounded separately.
const SMALL_POWER: u64 = 10_000;
