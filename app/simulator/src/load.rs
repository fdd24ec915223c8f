//! The load of a household's appliances and solar panels: six weeks of net power by the minute, computed once.
//!
//! The six weeks repeat for ever. They are long enough to look real, and longer than a billing month, so that one
//! month's peak differs from the next. They are short enough to be summed before the first telegram. Days follow winter
//! time all year round, because appliances do not know summer time.

use crate::noise::{Noise, Topic};

/// The number of minutes after which the load repeats.
pub(crate) const MINUTES: i64 = DAYS * DAY;

/// Net power in watts per minute and phase, import positive, export negative. Unused phases stay at zero.
pub(crate) fn six_weeks(noise: Noise, phases: usize) -> Vec<[i32; 3]> {
    let minutes = usize::try_from(MINUTES).unwrap_or_default();
    let mut house = House { noise, phases, minutes: vec![[0; 3]; minutes] };
    for day in 0..DAYS {
        house.standing_load(day);
        house.fridge(day);
        house.kettle(day);
        house.cooking(day);
        house.laundry(day);
        house.heating(day);
        house.car(day);
        house.sun(day);
    }
    house.minutes
}

struct House {
    noise: Noise,
    phases: usize,
    minutes: Vec<[i32; 3]>,
}

impl House {
    /// Lights, screens and everything else that is always on. The load changes a little every quarter-hour.
    fn standing_load(&mut self, day: i64) {
        for (quarter, hourly) in (0..96).zip(STANDING_WATTS.iter().flat_map(|watts| [watts; 4])) {
            for (phase, share) in [45, 30, 25].into_iter().enumerate() {
                let index = (day * 96 + quarter) * 100 + share;
                let sway = self.noise.between(Topic::StandingLoad, index, 80, 120);
                self.run(phase, day * DAY + quarter * 15, 15, hourly * share * sway / 10_000);
            }
        }
    }

    /// A compressor that runs 17 minutes out of 45.
    fn fridge(&mut self, day: i64) {
        let lag = self.noise.between(Topic::Fridge, 0, 0, 44);
        for cycle in 0..DAY / 45 {
            self.run(0, day * DAY + cycle * 45 + lag, 17, 85);
        }
    }

    /// Five cups a day, three minutes each.
    fn kettle(&mut self, day: i64) {
        for (cup, from) in (0..).zip([390, 430, 630, 930, 1200]) {
            let start = from + self.noise.between(Topic::Kettle, day * 8 + cup, 0, 90);
            self.run(1, day * DAY + start, 3, 2000);
        }
    }

    /// Dinner: a hob whose thermostat switches it off for one minute in three.
    fn cooking(&mut self, day: i64) {
        let start = day * DAY + self.noise.between(Topic::Cooking, day * 2, 990, 1080);
        let length = self.noise.between(Topic::Cooking, day * 2 + 1, 25, 50);
        for minute in (0..length).filter(|minute| minute % 3 != 2) {
            self.run(2, start + minute, 1, 1850);
        }
    }

    /// On about one day in three: heat the water, then turn the drum.
    fn laundry(&mut self, day: i64) {
        if self.noise.between(Topic::Laundry, day * 2, 0, 2) == 0 {
            let start = day * DAY + self.noise.between(Topic::Laundry, day * 2 + 1, 540, 780);
            self.run(1, start, 22, 2050);
            self.run(1, start + 22, 65, 240);
        }
    }

    /// A heat pump that runs for part of every hour, longer in the morning and in the evening.
    fn heating(&mut self, day: i64) {
        for hour in 0..24 {
            let most = if matches!(hour, 5..=8 | 17..=22) { 40 } else { 22 };
            let length = self.noise.between(Topic::Heating, day * 24 + hour, 8, most);
            self.run(2, day * DAY + hour * 60 + 5, length, 1350);
        }
    }

    /// A car that charges on about two nights in five, with 16 A on every phase of the house.
    fn car(&mut self, day: i64) {
        if self.noise.between(Topic::Car, day * 3, 0, 4) < 2 {
            let start = day * DAY + self.noise.between(Topic::Car, day * 3 + 1, 1350, 1470);
            let length = self.noise.between(Topic::Car, day * 3 + 2, 90, 220);
            for phase in 0..self.phases {
                self.run(phase, start, length, 3680);
            }
        }
    }

    /// The solar panels: a bell curve from sunrise to sunset, with clouds that change every ten minutes. Some days are
    /// clearer than others.
    fn sun(&mut self, day: i64) {
        let peak = self.noise.between(Topic::SunPeak, 0, 4, 10) * 600;
        let darkest = match self.noise.between(Topic::SunDay, day, 0, 3) {
            0 => 92,
            1 | 2 => 35,
            _ => 8,
        };
        let share = i64::try_from(self.phases).unwrap_or(1).max(1);
        for minute in 0..SUNSET - SUNRISE {
            let bell = 4000 * minute * (SUNSET - SUNRISE - minute) / (SUNSET - SUNRISE).pow(2);
            let brightest = if darkest < 10 { 30 } else { 100 };
            let sky = self.noise.between(Topic::Cloud, day * 144 + minute / 10, darkest, brightest);
            let watts = peak * bell * bell / 1_000_000 * sky / 100;
            for phase in 0..self.phases {
                self.run(phase, day * DAY + SUNRISE + minute, 1, -watts / share);
            }
        }
    }

    /// Adds a load. A load that runs past the last minute continues in the first. A house with one phase has all loads
    /// on it.
    fn run(&mut self, phase: usize, start: i64, length: i64, watts: i64) {
        let phase = if phase < self.phases { phase } else { 0 };
        let watts = i32::try_from(watts).unwrap_or_default();
        for minute in start..start + length {
            let place = usize::try_from(minute.rem_euclid(MINUTES)).unwrap_or_default();
            if let Some(power) = self.minutes.get_mut(place).and_then(|powers| powers.get_mut(phase)) {
                *power += watts;
            }
        }
    }
}

const DAYS: i64 = 42;
const DAY: i64 = 1440;
const SUNRISE: i64 = 390;
const SUNSET: i64 = 1050;
const STANDING_WATTS: [i64; 24] = [
    170, 150, 140, 140, 145, 160, 260, 380, 340, 270, 250, 260, 290, 280, 260, 270, 330, 430, 520, 560, 540,
    470, 340, 230,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_house_imports_and_exports_within_its_fuses() {
        for seed in 0..4 {
            let minutes = six_weeks(Noise::new(seed), 3);
            let totals: Vec<i32> = minutes.iter().map(|powers| powers.iter().sum()).collect();
            assert!(totals.iter().any(|watts| *watts < -500), "seed {seed} never exports");
            assert!(totals.iter().any(|watts| *watts > 5000), "seed {seed} never imports much");
            assert!(minutes.iter().flatten().all(|watts| watts.abs() < 35 * 230), "a 35 A fuse would blow");
        }
    }

    #[test]
    fn a_house_with_one_phase_leaves_the_others_dead() {
        assert!(six_weeks(Noise::new(1), 1).iter().all(|[_, second, third]| (*second, *third) == (0, 0)));
    }
}
