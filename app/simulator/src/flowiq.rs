//! A water meter like Kamstrup's flowIQ 2200. A reader asks it every ten seconds for the values it shows.

use crate::clock::{CENTRAL_EUROPE, Clock};
use crate::household::Household;
use crate::kmp::{Answer, Unit};
use crate::noise::Topic;
use crate::truth::Truth;

/// On the full hour, the answer also contains the meter's identity and its clock.
pub(crate) fn answer(household: &Household, millisecond: i64) -> (Vec<u8>, Truth) {
    let second = millisecond.div_euclid(1000);
    let mut answer = Answer::of_registers();
    water(&mut answer, household, second);
    if second.rem_euclid(3600) == 0 {
        identity(&mut answer, household, second);
    }
    answer.bytes()
}

pub(crate) fn everything(answer: &mut Answer, household: &Household, second: i64) {
    water(answer, household, second);
    identity(answer, household, second);
}

fn water(answer: &mut Answer, household: &Household, second: i64) {
    let litres = household.water(second);
    answer.register(68, "water-volume", (litres, -3), 4, Unit::CUBIC_METRE);
    answer.register(74, "volume-flow", (litres - household.water(second - 3600), 0), 4, Unit::LITRE_PER_HOUR);
    let degrees = household.noise().between(Topic::Temperature, second.div_euclid(600), 8, 14);
    answer.register(292, "temperature", (degrees, 0), 1, Unit::CELSIUS);
    answer.register(299, None, (degrees + 4, 0), 1, Unit::CELSIUS);
}

fn identity(answer: &mut Answer, household: &Household, second: i64) {
    answer.serial_number(household);
    answer.clock(Clock::new(CENTRAL_EUROPE, second));
    answer.register(582, None, (5152, 0), 2, Unit::DAY);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_litres_and_sends_cubic_metres() {
        let household = Household::new(1, 1);
        let (bytes, truth) = answer(&household, 1_795_219_230_000);
        assert_eq!(bytes[..8], [0x40, 0x3F, 0x10, 0x00, 0x44, 0x28, 0x04, 0x43]);
        assert_eq!(truth.values[0].value.replace('.', ""), household.water(1_795_219_230).to_string());
        assert!(answer(&household, 1_795_219_200_000).1.meter.is_some());
    }
}
