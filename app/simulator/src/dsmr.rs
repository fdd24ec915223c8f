//! Dutch meters: DSMR 2.2, 4 and 5 (the P1 companion standards of those versions).
//!
//! Version 2.2 has neither clock nor checksum, and prints the gas reading on a separate line. Version 4 added clock and
//! checksum. Version 5 added voltages and a gas reading every five minutes.

use metertap_decoder::register::Obis;

use crate::clock::{CENTRAL_EUROPE, Clock};
use crate::household::{Household, Supply};
use crate::noise::Topic;
use crate::p1::{Print, Telegram, device_type, sags_and_swells};
use crate::register_value::Magnitude;
use crate::truth::{TrueValue, Truth, decimal};

/// A DSMR 5 meter with three phases and a gas meter.
pub(crate) fn version_5(household: &Household, millisecond: i64) -> (Vec<u8>, Truth) {
    let second = millisecond.div_euclid(1000);
    let supply = household.supply(second);
    let mut telegram = head("SIM5\\2METERTAP-5", "50", household, &supply, second);
    failures(&mut telegram, "(2)(0-0:96.7.19)(230114031502W)(0000000312*s)(240708161247S)(0000004021*s)");
    sags_and_swells(&mut telegram, 3);
    telegram.word(MESSAGE, "message", "");
    telegram.shown(&supply, &[[32, 7, 0], [52, 7, 0], [72, 7, 0]], print);
    telegram.shown(&supply, &CURRENTS, print);
    telegram.shown(&supply, &[[21, 7, 0], [41, 7, 0], [61, 7, 0]], print);
    telegram.shown(&supply, &[[22, 7, 0], [42, 7, 0], [62, 7, 0]], print);
    gas_meter(&mut telegram, household, second - second.rem_euclid(300));
    telegram.checked()
}

/// A DSMR 5 meter with one phase and without gas. Telegrams of that version can hardly be shorter.
pub(crate) fn version_5_single_phase(household: &Household, millisecond: i64) -> (Vec<u8>, Truth) {
    let second = millisecond.div_euclid(1000);
    let supply = household.supply(second);
    let mut telegram = head("SIM5\\2METERTAP-5-1", "50", household, &supply, second);
    failures(&mut telegram, "(0)(0-0:96.7.19)");
    sags_and_swells(&mut telegram, 1);
    telegram.word(MESSAGE, "message", "");
    telegram.shown(&supply, &[[32, 7, 0], [31, 7, 0], [21, 7, 0], [22, 7, 0]], print);
    telegram.checked()
}

/// A DSMR 4 meter with three phases and a gas meter.
pub(crate) fn version_4(household: &Household, millisecond: i64) -> (Vec<u8>, Truth) {
    let second = millisecond.div_euclid(1000);
    let supply = household.supply(second);
    let mut telegram = head("SIM5\\2METERTAP-4", "42", household, &supply, second);
    failures(&mut telegram, "(1)(0-0:96.7.19)(190322114518W)(0000000745*s)");
    sags_and_swells(&mut telegram, 3);
    telegram.word(Obis::new(0, 0, 96, 13, 1), "message", "");
    telegram.word(MESSAGE, "message", "");
    telegram.shown(&supply, &CURRENTS, print);
    telegram.shown(&supply, &[[21, 7, 0], [22, 7, 0], [41, 7, 0], [42, 7, 0], [61, 7, 0], [62, 7, 0]], print);
    gas_meter(&mut telegram, household, second - second.rem_euclid(3600));
    telegram.checked()
}

/// A DSMR 2.2 meter with a gas meter.
pub(crate) fn version_2(household: &Household, millisecond: i64) -> (Vec<u8>, Truth) {
    let second = millisecond.div_euclid(1000);
    let supply = household.supply(second);
    let mut telegram = Telegram::new("SIM5\\2METERTAP-2");
    telegram.meter_id(METER_ID, &equipment("M2201", household));
    telegram.shown(&supply, &ENERGIES, print_old);
    telegram.count(TARIFF, "tariff-indicator", 4, supply.tariff.into());
    telegram.shown(&supply, &POWERS, print_old);
    let threshold = TrueValue::new(Obis::new(0, 0, 17, 0, 0), "limiter-threshold", "999000").unit("W");
    telegram.line("(0999.00*kW)", threshold);
    telegram.count(Obis::new(0, 0, 96, 3, 10), "breaker-state", 1, 1);
    telegram.word(Obis::new(0, 0, 96, 13, 1), "message", "");
    telegram.word(MESSAGE, "message", "");
    device_type(&mut telegram, 1, 1, 3);
    telegram.sub_meter_id(Obis::new(0, 1, 96, 1, 0), 1, &equipment("G2201", household));
    let hour = second - second.rem_euclid(3600);
    let (at, litres) = (Clock::new(CENTRAL_EUROPE, hour), household.gas(hour));
    let digits = decimal(litres, -3);
    let printed = format!("({})(00)(60)(1)(0-1:24.2.1)(m3)\r\n({digits:0>9})", at.p1_unflagged());
    let gas = TrueValue::new(Obis::new(0, 1, 24, 3, 0), "gas-volume", digits).unit("m3").channel(1);
    telegram.line(&printed, gas.time(at.rfc3339_unflagged()));
    let valve = TrueValue::new(Obis::new(0, 1, 24, 4, 0), "breaker-state", 1).channel(1);
    telegram.line("(1)", valve);
    telegram.unchecked()
}

/// The lines that versions 4 and 5 begin with, up to the power.
fn head(
    identification: &str,
    version: &str,
    household: &Household,
    supply: &Supply,
    second: i64,
) -> Telegram {
    let mut telegram = Telegram::new(identification);
    telegram.word(Obis::new(1, 3, 0, 2, 8), "list-version", version);
    telegram.clock(Clock::new(CENTRAL_EUROPE, second));
    let kind = format!("M{version}{:02}", household.phases());
    telegram.meter_id(METER_ID, &equipment(&kind, household));
    telegram.shown(supply, &ENERGIES, print);
    telegram.count(TARIFF, "tariff-indicator", 4, supply.tariff.into());
    telegram.shown(supply, &POWERS, print);
    telegram
}

fn failures(telegram: &mut Telegram, log: &str) {
    telegram.count(Obis::new(0, 0, 96, 7, 21), "power-failures", 5, 7);
    telegram.count(Obis::new(0, 0, 96, 7, 9), "long-power-failures", 5, 2);
    // Readings have no quantity for a log of several values. Its value stays as printed.
    telegram.line(log, TrueValue::new(Obis::new(1, 0, 99, 97, 0), None, log));
}

fn gas_meter(telegram: &mut Telegram, household: &Household, at: i64) {
    device_type(telegram, 1, 3, 3);
    telegram.sub_meter_id(Obis::new(0, 1, 96, 1, 0), 1, &equipment("G5001", household));
    let (clock, litres) = (Clock::new(CENTRAL_EUROPE, at), household.gas(at));
    telegram.volume(Obis::new(0, 1, 24, 2, 1), ("gas-volume", 1), clock, litres);
}

/// Seventeen letters and digits, as DSMR prescribes: five for the kind of meter, twelve for the serial number.
fn equipment(kind: &str, household: &Household) -> String {
    format!("{kind}{:012}", household.noise().between(Topic::Serial, 0, 0, 999_999_999_999))
}

fn print(kind: Magnitude) -> Print {
    match kind {
        Magnitude::ActivePower => Print(2, 3, "kW"),
        Magnitude::ReactivePower => Print(2, 3, "kvar"),
        Magnitude::ActiveEnergy => Print(6, 3, "kWh"),
        Magnitude::ReactiveEnergy => Print(6, 3, "kvarh"),
        Magnitude::Current => Print(3, 0, "A"),
        Magnitude::Voltage => Print(3, 1, "V"),
    }
}

/// DSMR 2.2 prints power to 10 W, and energy with no more than five digits before the point.
fn print_old(kind: Magnitude) -> Print {
    match kind {
        Magnitude::ActivePower => Print(4, 2, "kW"),
        Magnitude::ActiveEnergy => Print(5, 3, "kWh"),
        other => print(other),
    }
}

const METER_ID: Obis = Obis::new(0, 0, 96, 1, 1);
const MESSAGE: Obis = Obis::new(0, 0, 96, 13, 0);
const TARIFF: Obis = Obis::new(0, 0, 96, 14, 0);
const ENERGIES: [[u8; 3]; 4] = [[1, 8, 1], [1, 8, 2], [2, 8, 1], [2, 8, 2]];
const POWERS: [[u8; 3]; 2] = [[1, 7, 0], [2, 7, 0]];
const CURRENTS: [[u8; 3]; 3] = [[31, 7, 0], [51, 7, 0], [71, 7, 0]];

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-11-21T02:30:10+01:00.
    const NIGHT: i64 = 1_795_224_610_000;

    fn true_value(truth: &Truth, register: &str) -> TrueValue {
        truth.values.iter().find(|value| value.register == register).unwrap().clone()
    }

    #[test]
    fn the_truth_is_what_is_printed() {
        let (bytes, truth) = version_5(&Household::new(4, 3), NIGHT);
        let text = String::from_utf8(bytes).unwrap();
        assert!(text.contains("0-0:1.0.0(261121023010W)\r\n"));
        let gas = true_value(&truth, "0-1:24.2.1");
        assert_eq!(gas.time.as_deref(), Some("2026-11-21T02:30:00+01:00"));
        assert!(text.contains(&format!("0-1:24.2.1(261121023000W)({:0>9}*m3)", gas.value)));
        let power: i64 = true_value(&truth, "1-0:1.7.0").value.parse().unwrap();
        assert!(text.contains(&format!("1-0:1.7.0({:02}.{:03}*kW)", power / 1000, power % 1000)));
        assert!(text.contains("0-0:96.14.0(0001)\r\n"), "Saturday night is the low tariff");
        assert_eq!(true_value(&truth, "0-0:96.14.0").value, "1");
    }

    #[test]
    fn version_2_prints_its_gas_on_two_lines_and_has_no_checksum() {
        let (bytes, truth) = version_2(&Household::new(4, 1), NIGHT);
        let text = String::from_utf8(bytes).unwrap();
        let gas = true_value(&truth, "0-1:24.3.0");
        let printed =
            format!("0-1:24.3.0(261121020000)(00)(60)(1)(0-1:24.2.1)(m3)\r\n({:0>9})\r\n", gas.value);
        assert!(text.contains(&printed), "{text}");
        assert!(text.ends_with("\r\n!\r\n"));
        assert!(true_value(&truth, "1-0:1.7.0").value.ends_with('0'), "10 W is the resolution");
        assert_eq!(truth.time, None);
    }
}
