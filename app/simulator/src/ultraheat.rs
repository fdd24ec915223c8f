//! A heat meter like Landis+Gyr's ULTRAHEAT T550 on an M-Bus. A reader asks it every ten seconds.
//!
//! The house is heated with the energy that its gas would otherwise provide. The meter keeps winter time all year, as
//! heat meters do, and stores its counters at the beginning of each month.

use crate::clock::{CENTRAL_EUROPE_WINTER, Clock};
use crate::household::Household;
use crate::mbus::{Address, Answer, binary, digits, said};
use crate::noise::Topic;
use crate::truth::{TrueValue, Truth};

pub(crate) fn answer(household: &Household, millisecond: i64) -> (Vec<u8>, Truth) {
    let second = millisecond.div_euclid(1000);
    let clock = Clock::new(CENTRAL_EUROPE_WINTER, second);
    let month = clock.month_start();
    let mut answer = Answer::new(household, second);
    answer.record(&[0x09, 0x74], &digits::<1>(4), said(None, (4, 0), "s"));
    counters(&mut answer, household, second, None);
    flow(&mut answer, household, second);
    counters(&mut answer, household, month, Some(1));
    let date = Clock::new(CENTRAL_EUROPE_WINTER, month);
    answer.record(&[0x42, 0x6C], &date.type_g(), stored(1, TrueValue::new("", None, date.date())));
    answer.fabrication_number();
    // The month's highest hourly mean, and the length of the averaging period. This make reports them for tariff 1.
    let peak = household.noise().between(Topic::Temperature, month, 60, 120);
    answer.record(&[0x89, 0x10, 0x71], &digits::<1>(60), tariff(1, said(None, (60, 0), "min")));
    answer.record(&[0x9B, 0x10, 0x2D], &digits::<3>(peak), tariff(1, said(None, (peak, 2), "W")));
    let hours = second.div_euclid(3600).rem_euclid(1_000_000);
    answer.record(&[0x0B, 0x22], &digits::<3>(hours), said("operating-time", (hours, 0), "h"));
    // Hours in the error state. A reading has them without a quantity, since they are not operating time.
    answer.record(&[0x3B, 0x22], &digits::<3>(3), said(None, (3, 0), "h"));
    for (number, header) in [(2, [0x8C, 0x20, 0x06]), (3, [0x8C, 0x30, 0x06])] {
        answer.record(&header, &digits::<4>(0), tariff(number, said("heat-energy", (0, 0), "kWh")));
    }
    answer.record(&[0x8C, 0x80, 0x10, 0x06], &digits::<4>(0), tariff(4, said("heat-energy", (0, 0), "kWh")));
    answer.clock(clock);
    answer.makers_own(&[0x03, 0x02, 0x00, 0x00, 0x23]);
    // Air in the pipes: a temporary error now and then.
    if second.div_euclid(3600).rem_euclid(5) == 0 {
        answer.status(0x10);
    }
    answer.bytes(Address { maker: "LUG", version: 7, device: 0x04 })
}

/// The main values in two telegrams: present values first, then stored values. Such meters can be set to this for
/// masters that need short telegrams.
pub(crate) fn telegrams(household: &Household, millisecond: i64) -> [(Vec<u8>, Truth); 2] {
    let second = millisecond.div_euclid(1000);
    let clock = Clock::new(CENTRAL_EUROPE_WINTER, second);
    let month = clock.month_start();
    let mut now = Answer::new(household, second);
    counters(&mut now, household, second, None);
    flow(&mut now, household, second);
    now.fabrication_number();
    now.clock(clock);
    now.more_follows();
    let mut then = Answer::new(household, second);
    counters(&mut then, household, month, Some(1));
    let date = Clock::new(CENTRAL_EUROPE_WINTER, month);
    then.record(&[0x42, 0x6C], &date.type_g(), stored(1, TrueValue::new("", None, date.date())));
    let address = Address { maker: "LUG", version: 7, device: 0x04 };
    [now.bytes(address), then.bytes(address)]
}

fn counters(answer: &mut Answer, household: &Household, second: i64, storage: Option<u64>) {
    let watt_hours = watt_hours(household, second);
    let (energy, volume) = (watt_hours / 1000, watt_hours / PER_LITRE / 10);
    let dif = if storage.is_some() { 0x4C } else { 0x0C };
    let of = |value| TrueValue { storage, ..value };
    answer.record(&[dif, 0x06], &digits::<4>(energy), of(said("heat-energy", (energy, 0), "kWh")));
    answer.record(&[dif, 0x14], &digits::<4>(volume), of(said("heat-volume", (volume, -2), "m3")));
}

fn flow(answer: &mut Answer, household: &Household, second: i64) {
    let watts = watt_hours(household, second) - watt_hours(household, second - 3600);
    let (power, litres) = (watts / 100, watts / PER_LITRE);
    let wobble =
        |index| household.noise().between(Topic::Temperature, second.div_euclid(60) * 2 + index, -4, 4);
    let (flow, back) = (653 + wobble(0), 352 + wobble(1));
    answer.record(&[0x0B, 0x2D], &digits::<3>(power), said("heat-power", (power, 2), "W"));
    answer.record(&[0x0B, 0x3B], &digits::<3>(litres), said("volume-flow", (litres, -3), "m3/h"));
    answer.record(&[0x0A, 0x5A], &digits::<2>(flow), said("temperature-flow", (flow, -1), "°C"));
    answer.record(&[0x0A, 0x5E], &digits::<2>(back), said("temperature-return", (back, -1), "°C"));
    let difference = said("temperature-difference", (flow - back, -1), "°C");
    answer.record(&[0x02, 0x62], &binary::<2>(flow - back), difference);
}

fn stored(storage: u64, value: TrueValue) -> TrueValue {
    TrueValue { storage: Some(storage), ..value }
}

fn tariff(tariff: u32, value: TrueValue) -> TrueValue {
    TrueValue { tariff: Some(tariff), ..value }
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

    /// 2026-07-01T12:00:00+02:00.
    const SUMMER: i64 = 1_782_900_000_000;

    #[test]
    fn keeps_winter_time_all_year() {
        let (_, truth) = answer(&Household::new(1, 1), SUMMER);
        assert_eq!(truth.time.as_deref(), Some("2026-07-01T11:00:00+01:00"));
    }

    #[test]
    fn holds_the_value_at_the_start_of_the_month() {
        let (_, truth) = answer(&Household::new(1, 1), SUMMER + 86_400_000);
        let energy: Vec<_> =
            truth.values.iter().filter(|value| value.quantity == Some("heat-energy")).collect();
        assert_eq!((energy[0].storage, energy[1].storage), (None, Some(1)));
        let kilowatt_hours = |value: &TrueValue| value.value.parse::<i64>().unwrap();
        assert!(kilowatt_hours(energy[0]) > kilowatt_hours(energy[1]));
    }
}
