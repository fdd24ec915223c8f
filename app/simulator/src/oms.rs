//! An electricity meter of the Open Metering System on a wired M-Bus, plain or encrypted. A reader asks it every ten
//! seconds.
//!
//! VIFEs distinguish import from export, and the phases from each other. The clock has seconds and a summer bit (OMS
//! 4.1.2, annex B).

use crate::clock::{CENTRAL_EUROPE, Clock};
use crate::household::Household;
use crate::mbus::{Address, Answer, binary, said};
use crate::truth::{TrueValue, Truth};

pub(crate) fn answer(household: &Household, millisecond: i64) -> (Vec<u8>, Truth) {
    put_together(household, millisecond).bytes(ADDRESS)
}

pub(crate) fn encrypted(household: &Household, millisecond: i64) -> (Vec<u8>, Truth) {
    put_together(household, millisecond).encrypted(ADDRESS, KEY)
}

fn put_together(household: &Household, millisecond: i64) -> Answer {
    let second = millisecond.div_euclid(1000);
    let mut answer = Answer::new(household, second);
    energy(&mut answer, household, second);
    power(&mut answer, household, second);
    let clock = Clock::new(CENTRAL_EUROPE, second);
    let (at, watts) = household.peak(clock.month_start(), second);
    answer.record(&[0x14, 0x2B], &binary::<4>(watts), said("demand-import-peak", (watts, 0), "W"));
    let at = Clock::new(CENTRAL_EUROPE, at);
    answer.record(&[0x14, 0x6D], &at.type_f(), TrueValue::new("", None, at.rfc3339()));
    answer.record(&[0x02, 0xFB, 0x2D], &binary::<2>(5000), said("frequency", (5000, -2), "Hz"));
    answer.record(&[0x02, 0xFD, 0x17], &[0, 0], TrueValue::new("", "error-flags", 0));
    answer.exact_clock(clock);
    answer
}

fn energy(answer: &mut Answer, household: &Household, second: i64) {
    let energy = household.energy(second);
    let [night, day] = energy.import.map(|watt_seconds| watt_seconds / 3600);
    let import = energy.imported() / 3600;
    let export = energy.export.iter().sum::<i64>() / 3600;
    let of = |tariff, wh| TrueValue { tariff, ..said("active-energy-import", (wh, -3), "kWh") };
    answer.record(&[0x06, 0x83, 0x3B], &binary::<6>(import), of(None, import));
    answer.record(&[0x86, 0x10, 0x83, 0x3B], &binary::<6>(night), of(Some(1), night));
    answer.record(&[0x86, 0x20, 0x83, 0x3B], &binary::<6>(day), of(Some(2), day));
    answer.record(
        &[0x06, 0x83, 0x3C],
        &binary::<6>(export),
        said("active-energy-export", (export, -3), "kWh"),
    );
    let reactive = energy.reactive_import / 3_600_000;
    let value = said("reactive-energy-import", (reactive, 0), "kvarh");
    answer.record(&[0x04, 0xFB, 0x82, 0x3B], &binary::<4>(reactive), value);
}

fn power(answer: &mut Answer, household: &Household, second: i64) {
    let supply = household.supply(second);
    let watts: i64 = supply.power.iter().sum();
    answer.record(&[0x04, 0x2B], &binary::<4>(watts), said("active-power", (watts, 0), "W"));
    for (phase, number) in [("l1", 1), ("l2", 2), ("l3", 3)] {
        let of = |value| TrueValue { phase: Some(phase), ..value };
        let place = usize::from(number - 1);
        let [volts, amperes, watts] =
            [supply.voltage, supply.current, supply.power].map(|phases| phases[place]);
        let voltage = of(said("voltage", (volts, -1), "V"));
        answer.record(&[0x02, 0xFD, 0xC8, 0xFC, number], &binary::<2>(volts), voltage);
        let current = of(said("current", (amperes, -3), "A"));
        answer.record(&[0x03, 0xFD, 0xD9, 0xFC, number], &binary::<3>(amperes), current);
        let power = of(said("active-power", (watts, 0), "W"));
        answer.record(&[0x03, 0xAB, 0xFC, number], &binary::<3>(watts), power);
    }
}

/// The key with which the telegrams of [`encrypted`] are encrypted.
pub(crate) const KEY: [u8; 16] =
    [0x4D, 0x54, 0x50, 0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x99, 0xAA, 0xBB, 0xCC];
const ADDRESS: Address = Address { maker: "EMH", version: 1, device: 0x02 };

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_encrypted_telegram_has_the_same_values() {
        let household = Household::new(1, 3);
        let (plain, truth) = answer(&household, 1_795_219_230_000);
        let (sealed, same) = encrypted(&household, 1_795_219_230_000);
        assert_eq!(truth, same);
        assert_eq!(sealed[..17], [&[0x68, sealed[1], sealed[1], 0x68], &plain[4..17]].concat());
        assert!(sealed.len() > plain.len() && sealed.len() <= 261);
    }
}
