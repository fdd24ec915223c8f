//! [`Household`]: the flow through a meter in any second since 1970, and the total up to then.
//!
//! Everything is a pure function of seed and time, in integers. The energy is the exact sum of the power shown in each
//! second. Within a minute, the power only varies around the minute's mean and keeps its sign. Whole hours can
//! therefore be summed before the first telegram. A meter that starts in a later year needs no more time for that.

use std::array::from_fn;

use crate::load;
use crate::noise::{Noise, Topic};

/// One household behind one meter.
#[derive(Clone, Debug)]
pub(crate) struct Household {
    noise: Noise,
    phases: usize,
    /// Mean net power per minute and phase, in watts.
    minutes: Vec<[i32; 3]>,
    /// The totals before each hour of the six weeks after which the load repeats, and after the last hour.
    before_hour: Vec<Energy>,
    /// The energy imported in each quarter-hour, in watt-seconds.
    quarters: Vec<i64>,
}

/// The flow in one second.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Supply {
    /// Net active power per phase in watts, import positive.
    pub(crate) power: [i64; 3],
    /// Net reactive power per phase in var, inductive positive.
    pub(crate) reactive: [i64; 3],
    /// In tenths of a volt. Zero on a phase that does not exist.
    pub(crate) voltage: [i64; 3],
    /// In milliamperes.
    pub(crate) current: [i64; 3],
    /// The totals before this second.
    pub(crate) energy: Energy,
    /// The tariff in force: 1 at night and on weekends, 2 otherwise.
    pub(crate) tariff: u8,
}

/// Totals, in watt-seconds and var-seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Energy {
    /// Active energy imported at tariffs 1 and 2.
    pub(crate) import: [i64; 2],
    /// Active energy exported at tariffs 1 and 2.
    pub(crate) export: [i64; 2],
    pub(crate) reactive_import: i64,
    pub(crate) reactive_export: i64,
}

impl Household {
    /// The household of this seed, with one phase or three.
    pub(crate) fn new(seed: u64, phases: usize) -> Self {
        let noise = Noise::new(seed);
        let minutes = load::six_weeks(noise, phases);
        let mut household = Self { noise, phases, minutes, before_hour: Vec::new(), quarters: Vec::new() };
        let mut sum = Energy::default();
        for minute in 0..load::MINUTES {
            if minute % 60 == 0 {
                household.before_hour.push(sum);
            }
            let imported = sum.imported();
            sum.add(household.mean(minute), household.reactive(minute), tariff(minute), 60);
            match household.quarters.last_mut() {
                Some(quarter) if minute % 15 != 0 => *quarter += sum.imported() - imported,
                _ => household.quarters.push(sum.imported() - imported),
            }
        }
        household.before_hour.push(sum);
        household
    }

    /// Random numbers for everything that is not the household's load, such as serial numbers.
    pub(crate) fn noise(&self) -> Noise {
        self.noise
    }

    /// The number of phases: 1 or 3.
    pub(crate) fn phases(&self) -> usize {
        self.phases
    }

    /// The flow in this second, counted from 1970-01-01T00:00:00Z.
    pub(crate) fn supply(&self, second: i64) -> Supply {
        let minute = minute_of(second);
        let power = self.power(second);
        let reactive = self.reactive(minute);
        let voltage =
            from_fn(|phase| if phase < self.phases { self.voltage(second, phase, power[phase]) } else { 0 });
        let current = from_fn(|phase| {
            let apparent = (power[phase].pow(2) + reactive[phase].pow(2)).isqrt();
            (apparent * 10_000).checked_div(voltage[phase]).unwrap_or_default()
        });
        Supply { power, reactive, voltage, current, energy: self.energy(second), tariff: tariff(minute) }
    }

    /// The totals before this second. Long before 2018, the counters stay at zero.
    pub(crate) fn energy(&self, second: i64) -> Energy {
        let minute = minute_of(second);
        let place = minute.rem_euclid(load::MINUTES);
        let whole = self.before_hour.last().copied().unwrap_or_default();
        let mut energy = whole.times(minute.div_euclid(load::MINUTES));
        let hour = usize::try_from(place / 60).unwrap_or_default();
        energy = energy.plus(self.before_hour.get(hour).copied().unwrap_or_default());
        for earlier in minute - place % 60..minute {
            energy.add(self.mean(earlier), self.reactive(earlier), tariff(earlier), 60);
        }
        for earlier in start_of(minute)..second {
            energy.add(self.power(earlier), self.reactive(minute), tariff(minute), 1);
        }
        energy.plus(self.reading_of_2018()).at_least_zero()
    }

    /// Imported power since the quarter-hour began, averaged over the whole quarter-hour, in watts.
    pub(crate) fn demand(&self, second: i64) -> i64 {
        let quarter = second - second.rem_euclid(900);
        (self.energy(second).imported() - self.energy(quarter).imported()) / 900
    }

    /// The largest quarter-hourly mean of imported power, in watts, and the end of its quarter-hour. Only quarter-hours
    /// entirely within `from..to` count, and the earliest of equal ones wins. Returns zero at `from` if there is none.
    pub(crate) fn peak(&self, from: i64, to: i64) -> (i64, i64) {
        let of_quarter = |quarter: i64| {
            let place = quarter.rem_euclid(load::MINUTES / 15);
            let imported = usize::try_from(place).ok().and_then(|place| self.quarters.get(place)).copied();
            ((quarter + 1) * 900 + EPOCH, imported.unwrap_or_default() / 900)
        };
        let first = (from - EPOCH + 899).div_euclid(900);
        let end = (to - EPOCH).div_euclid(900);
        (first..end).map(of_quarter).fold((from, 0), |peak, next| if next.1 > peak.1 { next } else { peak })
    }

    /// Gas used until this second, in litres.
    pub(crate) fn gas(&self, second: i64) -> i64 {
        self.piped(second, 2, &GAS_LITRES)
    }

    /// Water used until this second, in litres.
    pub(crate) fn water(&self, second: i64) -> i64 {
        self.piped(second, 3, &WATER_LITRES)
    }

    fn piped(&self, second: i64, counter: i64, litres: &[i64; 24]) -> i64 {
        let hours = (second - EPOCH).div_euclid(3600);
        let hour = usize::try_from(hours.rem_euclid(24)).unwrap_or_default();
        let days = hours.div_euclid(24) * litres.iter().sum::<i64>();
        let today: i64 = litres.iter().take(hour).sum();
        let now = litres.get(hour).copied().unwrap_or_default() * (second - EPOCH).rem_euclid(3600) / 3600;
        (self.noise.between(Topic::Counters, counter, 0, 90_000) + days + today + now).max(0)
    }

    /// The counters at the beginning of the first six weeks. The meter was not new then.
    fn reading_of_2018(&self) -> Energy {
        let counter = |counter, most| self.noise.between(Topic::Counters, counter, 0, most) * 3600;
        Energy { import: [counter(0, 4_000_000), counter(1, 6_000_000)], ..Energy::default() }
    }

    /// The minute's mean with a random variation on each phase. The second half of each minute varies opposite to the
    /// first half, so the mean stays exact. The variation of all phases together is smaller than the mean, so the sign
    /// stays too.
    pub(crate) fn power(&self, second: i64) -> [i64; 3] {
        let mut power = self.mean(minute_of(second));
        let total: i64 = power.iter().sum();
        let most = (total.abs() / 4).min(24);
        let (half, place) = ((second - EPOCH).div_euclid(30), (second - EPOCH).rem_euclid(30));
        let minute = half.div_euclid(2);
        for (phase, power) in (0..).zip(power.iter_mut().take(self.phases)) {
            let index = (minute * 30 + place) * 3 + phase;
            let flicker = self.noise.between(Topic::Flicker, index, -most, most);
            *power += if half.rem_euclid(2) == 0 { flicker } else { -flicker };
        }
        power
    }

    fn mean(&self, minute: i64) -> [i64; 3] {
        let place = usize::try_from(minute.rem_euclid(load::MINUTES)).unwrap_or_default();
        self.minutes.get(place).copied().unwrap_or_default().map(i64::from)
    }

    /// Motors draw reactive power, and the capacitors of idle electronics supply it.
    fn reactive(&self, minute: i64) -> [i64; 3] {
        let mut reactive = self.mean(minute);
        for reactive in reactive.iter_mut().take(self.phases) {
            *reactive = reactive.abs() * 3 / 16 - 60;
        }
        reactive
    }

    /// The voltage: the grid's slow drift between points five minutes apart, the voltage drop along the house's own
    /// cable, and noise.
    fn voltage(&self, second: i64, phase: usize, power: i64) -> i64 {
        let (knot, place) = (second.div_euclid(300), second.rem_euclid(300));
        let phase = i64::try_from(phase).unwrap_or_default();
        let drift = |knot: i64| self.noise.between(Topic::Voltage, knot * 3 + phase, -35, 45);
        let grid = (drift(knot) * (300 - place) + drift(knot + 1) * place) / 300;
        2300 + grid - power / 120 + self.noise.between(Topic::VoltageJitter, second * 3 + phase, -2, 2)
    }
}

impl Energy {
    pub(crate) fn imported(self) -> i64 {
        self.import.iter().sum()
    }

    /// Adds the flow of some seconds. The meter nets its phases: one phase's export offsets another's import.
    fn add(&mut self, power: [i64; 3], reactive: [i64; 3], tariff: u8, seconds: i64) {
        let power: i64 = power.iter().sum();
        let reactive: i64 = reactive.iter().sum();
        let counters = if power < 0 { &mut self.export } else { &mut self.import };
        let [night, day] = counters;
        *(if tariff == 1 { night } else { day }) += power.abs() * seconds;
        let counter = if reactive < 0 { &mut self.reactive_export } else { &mut self.reactive_import };
        *counter += reactive.abs() * seconds;
    }

    fn plus(self, other: Self) -> Self {
        self.with(other, |own, other| own + other)
    }

    fn times(self, factor: i64) -> Self {
        self.with(self, |own, _| own * factor)
    }

    fn at_least_zero(self) -> Self {
        self.with(self, |own, _| own.max(0))
    }

    fn with(self, other: Self, join: impl Fn(i64, i64) -> i64) -> Self {
        let ([own_night, own_day], [other_night, other_day]) = (self.import, other.import);
        let ([own_night_out, own_day_out], [other_night_out, other_day_out]) = (self.export, other.export);
        Self {
            import: [join(own_night, other_night), join(own_day, other_day)],
            export: [join(own_night_out, other_night_out), join(own_day_out, other_day_out)],
            reactive_import: join(self.reactive_import, other.reactive_import),
            reactive_export: join(self.reactive_export, other.reactive_export),
        }
    }
}

fn minute_of(second: i64) -> i64 {
    (second - EPOCH).div_euclid(60)
}

fn start_of(minute: i64) -> i64 {
    minute * 60 + EPOCH
}

/// The tariff: 1 from 23:00 to 7:00 and on weekends, 2 otherwise. Like a meter's tariff clock, it uses winter time all
/// year.
fn tariff(minute: i64) -> u8 {
    let (day, hour) = (minute.div_euclid(1440), minute.div_euclid(60).rem_euclid(24));
    if day.rem_euclid(7) >= 5 || !(7..23).contains(&hour) { 1 } else { 2 }
}

/// Monday, 2018-01-01T00:00:00+01:00, the beginning of the first six weeks.
const EPOCH: i64 = 1_514_761_200;
const GAS_LITRES: [i64; 24] = [
    40, 30, 30, 30, 60, 180, 420, 480, 320, 220, 180, 170, 170, 160, 160, 190, 280, 400, 430, 390, 330, 250,
    130, 60,
];
const WATER_LITRES: [i64; 24] =
    [0, 0, 0, 0, 1, 6, 31, 44, 22, 10, 9, 8, 12, 9, 7, 8, 11, 24, 30, 21, 14, 12, 7, 2];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn energy_is_the_sum_of_the_shown_powers() {
        for phases in [1, 3] {
            let household = Household::new(11, phases);
            // A Tuesday of 2026, from before sunrise and the start of the day tariff.
            let from = 1_794_891_600;
            let mut sum = household.energy(from);
            for second in from..from + 4 * 3600 {
                assert_eq!(household.energy(second), sum, "at {second}");
                let supply = household.supply(second);
                sum.add(supply.power, supply.reactive, supply.tariff, 1);
            }
        }
    }

    #[test]
    fn a_peak_is_the_largest_demand_of_its_quarters() {
        let household = Household::new(3, 3);
        let midnight = EPOCH + 3000 * 86_400;
        let ends: Vec<i64> = (1..=96).map(|quarter| midnight + quarter * 900).collect();
        let mean =
            |end: &i64| (household.energy(*end).imported() - household.energy(end - 900).imported()) / 900;
        let (at, watts) = household.peak(midnight, midnight + 86_400);
        assert_eq!(ends.iter().map(mean).max(), Some(watts));
        assert_eq!(mean(&at), watts);
        assert_eq!(
            household.demand(at - 1),
            (household.energy(at - 1).imported() - household.energy(at - 900).imported()) / 900
        );
    }

    #[test]
    fn energy_rises_steadily_across_every_boundary_of_the_load_table() {
        let household = Household::new(5, 3);
        for second in [EPOCH, EPOCH + load::MINUTES * 60, EPOCH + 700 * load::MINUTES * 60] {
            let before = household.energy(second - 60);
            let after = household.energy(second + 60);
            assert!(after.imported() >= before.imported());
            assert!(after.imported() - before.imported() < 120 * 20_000);
        }
        assert_eq!(household.energy(0).imported(), 0);
    }

    #[test]
    fn voltages_and_currents_are_plausible() {
        let household = Household::new(9, 3);
        for second in (0..86_400).step_by(61) {
            let supply = household.supply(EPOCH + second);
            assert!(supply.voltage.iter().all(|tenths| (2070..2530).contains(tenths)), "{supply:?}");
            assert!(supply.current.iter().all(|milliamperes| (0..40_000).contains(milliamperes)));
        }
        assert_eq!(Household::new(9, 1).supply(EPOCH).voltage[1..], [0, 0]);
    }

    #[test]
    fn gas_and_water_only_ever_rise() {
        let household = Household::new(2, 3);
        let mut last = (0, 0);
        for second in (EPOCH..EPOCH + 3 * 86_400).step_by(300) {
            let now = (household.gas(second), household.water(second));
            assert!(now.0 >= last.0 && now.1 >= last.1);
            last = now;
        }
    }
}
