//! A heat meter like Kamstrup's MULTICAL 403. A reader asks it every ten seconds for the values it shows.
//!
//! The house is heated with the energy that its gas would otherwise provide, and the water cools by some thirty
//! kelvins. On the full hour, the reader asks for the meter's identity and its clock, and in the following minute for
//! its serial number and its type.

use crate::clock::{CENTRAL_EUROPE, Clock};
use crate::household::Household;
use crate::kmp::{Answer, Unit};
use crate::noise::Topic;
use crate::truth::Truth;

pub(crate) fn answer(household: &Household, millisecond: i64) -> (Vec<u8>, Truth) {
    let second = millisecond.div_euclid(1000);
    let answer = match second.rem_euclid(3600) {
        0 => introduction(household, second),
        10 => Answer::of_serial_number(household),
        20 => Answer::of_type(4, 'F', 1),
        _ => heat(household, second),
    };
    answer.bytes()
}

pub(crate) fn everything(answer: &mut Answer, household: &Household, second: i64) {
    energy(answer, household, second);
    flow(answer, household, second);
    identity(answer, household, second);
}

fn introduction(household: &Household, second: i64) -> Answer {
    let mut answer = Answer::of_registers();
    identity(&mut answer, household, second);
    energy(&mut answer, household, second);
    answer
}

fn identity(answer: &mut Answer, household: &Household, second: i64) {
    answer.serial_number(household);
    answer.clock(Clock::new(CENTRAL_EUROPE, second));
    answer.register(1004, "operating-time", (second.div_euclid(3600).rem_euclid(100_000), 0), 4, Unit::HOUR);
    answer.register(99, "error-flags", (0, 0), 4, Unit::NUMBER);
    answer.register(113, None, (3, 0), 2, Unit::NUMBER);
}

fn heat(household: &Household, second: i64) -> Answer {
    let mut answer = Answer::of_registers();
    energy(&mut answer, household, second);
    flow(&mut answer, household, second);
    answer
}

fn flow(answer: &mut Answer, household: &Household, second: i64) {
    let watts = watt_hours(household, second) - watt_hours(household, second - 3600);
    let wobble =
        |index| household.noise().between(Topic::Temperature, second.div_euclid(60) * 2 + index, -40, 40);
    let (flow, cold) = (6530 + wobble(0), 3515 + wobble(1));
    answer.register(74, "volume-flow", (watts / PER_LITRE, 0), 4, Unit::LITRE_PER_HOUR);
    answer.register(80, "heat-power", (watts / 100, -1), 2, Unit::KILOWATT);
    answer.register(86, "temperature-flow", (flow, -2), 2, Unit::CELSIUS);
    answer.register(87, "temperature-return", (cold, -2), 2, Unit::CELSIUS);
    answer.register(89, "temperature-difference", (flow - cold, -2), 2, Unit::KELVIN);
}

fn energy(answer: &mut Answer, household: &Household, second: i64) {
    let watt_hours = watt_hours(household, second);
    answer.register(60, "heat-energy", (watt_hours / 1000, -3), 4, Unit::MEGAWATT_HOUR);
    answer.register(68, "heat-volume", (watt_hours / PER_LITRE / 10, -2), 4, Unit::CUBIC_METRE);
}

/// A cubic metre of gas gives about ten kilowatt hours.
fn watt_hours(household: &Household, second: i64) -> i64 {
    household.gas(second) * 10
}

/// Watt-hours of heat in a litre: thirty kelvins of 1.163 Wh each.
const PER_LITRE: i64 = 35;

#[cfg(test)]
mod tests {
    use super::*;

    /// The resolutions are those in a MULTICAL 403's answers: MWh in thousandths, kW in tenths, temperatures in
    /// hundredths.
    #[test]
    fn answers_in_the_units_of_a_multical_403() {
        let (bytes, truth) = answer(&Household::new(1, 1), 1_795_219_230_000);
        assert_eq!(bytes[..8], [0x40, 0x3F, 0x10, 0x00, 0x3C, 0x03, 0x04, 0x43]);
        let registers: Vec<&str> = truth.values.iter().map(|value| value.register.as_str()).collect();
        assert_eq!(registers, ["kmp:60", "kmp:68", "kmp:74", "kmp:80", "kmp:86", "kmp:87", "kmp:89"]);
        assert_eq!(truth.values[0].unit, Some("kWh"));
    }
}
