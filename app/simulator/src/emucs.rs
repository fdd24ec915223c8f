//! Belgian meters: e-MUCS P1 1.7.1 (Fluvius). Unlike DSMR, it has the quarter-hourly demand that the capacity tariff
//! is based on, and prints currents to 10 mA.

use metertap_decoder::register::Obis;

use crate::clock::{CENTRAL_EUROPE, Clock};
use crate::household::Household;
use crate::noise::Topic;
use crate::p1::{Print, Telegram, device_type};
use crate::register_value::Magnitude;
use crate::truth::{TrueValue, Truth};

/// A three-phase meter with a gas and a water meter.
pub(crate) fn version_1_7(household: &Household, millisecond: i64) -> (Vec<u8>, Truth) {
    let second = millisecond.div_euclid(1000);
    let supply = household.supply(second);
    let serial = household.noise().between(Topic::Serial, 0, 0, 9_999_999_999);
    let mut telegram = Telegram::new("FLU5\\253000171_A");
    telegram.word(Obis::new(0, 0, 96, 1, 4), "list-version", "50217");
    telegram.meter_id(Obis::new(0, 0, 96, 1, 1), &format!("1MTP{serial:010}"));
    telegram.clock(Clock::new(CENTRAL_EUROPE, second));
    telegram.shown(&supply, &[[1, 8, 1], [1, 8, 2], [2, 8, 1], [2, 8, 2]], print);
    demand(&mut telegram, household, second);
    telegram.count(Obis::new(0, 0, 96, 14, 0), "tariff-indicator", 4, supply.tariff.into());
    telegram.shown(&supply, &[[1, 7, 0], [2, 7, 0]], print);
    telegram.shown(&supply, &[[21, 7, 0], [41, 7, 0], [61, 7, 0]], print);
    telegram.shown(&supply, &[[22, 7, 0], [42, 7, 0], [62, 7, 0]], print);
    telegram.shown(&supply, &[[32, 7, 0], [52, 7, 0], [72, 7, 0]], print);
    telegram.shown(&supply, &[[31, 7, 0], [51, 7, 0], [71, 7, 0]], print);
    telegram.count(Obis::new(0, 0, 96, 3, 10), "breaker-state", 1, 1);
    let threshold = TrueValue::new(Obis::new(0, 0, 17, 0, 0), "limiter-threshold", "999900").unit("W");
    telegram.line("(999.9*kW)", threshold);
    let fuse = TrueValue::new(Obis::new(1, 0, 31, 4, 0), "limiter-threshold", "999").unit("A");
    telegram.line("(999*A)", TrueValue { phase: Some("l1"), ..fuse });
    telegram.word(Obis::new(0, 0, 96, 13, 0), "message", "");
    sub_meters(&mut telegram, household, second);
    telegram.checked()
}

/// The demand of the running quarter-hour, the month's peak, and the peaks of the three months before.
fn demand(telegram: &mut Telegram, household: &Household, second: i64) {
    let kilowatts = |watts: i64| Print(2, 3, "kW").digits(watts);
    let running = household.demand(second);
    let value = TrueValue::new(Obis::new(1, 0, 1, 4, 0), "demand-import", running).unit("W");
    telegram.line(&format!("({})", kilowatts(running)), value);

    let mut month = Clock::new(CENTRAL_EUROPE, second).month_start();
    let (at, watts) = household.peak(month, second);
    let at = Clock::new(CENTRAL_EUROPE, at);
    let value = TrueValue::new(Obis::new(1, 0, 1, 6, 0), "demand-import-peak", watts).unit("W");
    telegram.line(&format!("({})({})", at.p1(), kilowatts(watts)), value.time(at.rfc3339()));

    let mut history = String::from("(3)(1-0:1.6.0)(1-0:1.6.0)");
    let mut past = Vec::new();
    for period in 1..=3 {
        let end = month;
        month = Clock::new(CENTRAL_EUROPE, end - 1).month_start();
        let (at, watts) = household.peak(month, end);
        let (end, at) = (Clock::new(CENTRAL_EUROPE, end).p1(), Clock::new(CENTRAL_EUROPE, at));
        history += &format!("({end})({})({})", at.p1(), kilowatts(watts));
        let peak = TrueValue::new(format!("1-0:1.6.0*{period}"), "demand-import-peak", watts).unit("W");
        past.push(TrueValue { storage: Some(period), ..peak.time(at.rfc3339()) });
    }
    telegram.line(&history, TrueValue::new(Obis::new(0, 0, 98, 1, 0), None, &history));
    telegram.also(past);
}

/// Belgium does not correct gas volumes for temperature, so the register is 24.2.3 and not 24.2.1.
fn sub_meters(telegram: &mut Telegram, household: &Household, second: i64) {
    let serial = household.noise().between(Topic::Serial, 1, 0, 9_999_999_999);
    let at = second - second.rem_euclid(300);
    let clock = Clock::new(CENTRAL_EUROPE, at);
    device_type(telegram, 1, 3, 3);
    telegram.sub_meter_id(Obis::new(0, 1, 96, 1, 1), 1, &format!("7MTG{serial:010}"));
    telegram.line("(1)", TrueValue::new(Obis::new(0, 1, 24, 4, 0), "breaker-state", 1).channel(1));
    telegram.volume(Obis::new(0, 1, 24, 2, 3), ("gas-volume", 1), clock, household.gas(at));
    device_type(telegram, 2, 3, 7);
    telegram.sub_meter_id(Obis::new(0, 2, 96, 1, 1), 2, &format!("8MTW{serial:010}"));
    telegram.volume(Obis::new(0, 2, 24, 2, 1), ("water-volume", 2), clock, household.water(at));
}

fn print(kind: Magnitude) -> Print {
    match kind {
        Magnitude::ActivePower => Print(2, 3, "kW"),
        Magnitude::ReactivePower => Print(2, 3, "kvar"),
        Magnitude::ActiveEnergy => Print(6, 3, "kWh"),
        Magnitude::ReactiveEnergy => Print(6, 3, "kvarh"),
        Magnitude::Current => Print(3, 2, "A"),
        Magnitude::Voltage => Print(3, 1, "V"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn watts(truth: &Truth, register: &str) -> i64 {
        truth.values.iter().find(|value| value.register == register).unwrap().value.parse().unwrap()
    }

    #[test]
    fn the_months_peak_is_never_below_a_complete_quarter_hour() {
        let household = Household::new(6, 3);
        // 2026-11-01T00:00:00+01:00. The month first has no complete quarter-hour, then eight days of them.
        let month = 1_793_487_600;
        let (bytes, truth) = version_1_7(&household, month * 1000);
        assert_eq!(watts(&truth, "1-0:1.6.0"), 0);
        assert!(String::from_utf8(bytes).unwrap().contains("1-0:1.6.0(261101000000W)(00.000*kW)"));
        let mut highest = 0;
        for quarter in 1..800 {
            let end = month + quarter * 900;
            highest = highest.max(household.demand(end - 1));
            let (_, truth) = version_1_7(&household, end * 1000);
            assert!(watts(&truth, "1-0:1.6.0") >= highest);
            assert!(watts(&truth, "1-0:1.4.0") == 0, "a new quarter-hour begins at zero");
        }
    }

    #[test]
    fn the_periods_of_the_history_end_where_months_begin() {
        let (bytes, _) = version_1_7(&Household::new(6, 3), 1_795_224_610_000);
        let text = String::from_utf8(bytes).unwrap();
        let history = text.lines().find(|line| line.starts_with("0-0:98.1.0")).unwrap();
        assert!(history.starts_with("0-0:98.1.0(3)(1-0:1.6.0)(1-0:1.6.0)(261101000000W)(2610"), "{history}");
        assert!(
            history.contains("(261001000000S)(2609") && history.contains("(260901000000S)(2608"),
            "{history}"
        );
    }
}
