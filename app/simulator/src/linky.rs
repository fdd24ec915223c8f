//! Linky meters as delivered, and after Enedis has switched them to standard mode (Enedis-NOI-CPT_54E, 6).

use crate::clock::{CENTRAL_EUROPE, Clock};
use crate::household::{Household, Supply};
use crate::noise::Topic;
use crate::tic::Frame;
use crate::truth::{TrueValue, Truth, decimal};

/// Historic mode, one phase, off-peak hours.
pub(crate) fn historic(household: &Household, millisecond: i64) -> (Vec<u8>, Truth) {
    let supply = household.supply(millisecond.div_euclid(1000));
    let mut frame = Frame::historic();
    frame.address("ADCO", &address(household));
    frame.text("OPTARIF", None, "HC..");
    amperes(&mut frame, "ISOUSC", 2, 45, None);
    let [night, day] = supply.energy.import;
    energy(&mut frame, "HCHC", night / 3600, Some(1));
    energy(&mut frame, "HCHP", day / 3600, Some(2));
    frame.text("PTEC", "tariff-indicator", if supply.tariff == 1 { "HC.." } else { "HP.." });
    flow(&mut frame, household, &supply);
    frame.text("HHPHC", None, "A");
    frame.text("MOTDETAT", None, "000000");
    frame.finish()
}

/// Historic mode, three phases, one tariff.
pub(crate) fn historic_three_phases(household: &Household, millisecond: i64) -> (Vec<u8>, Truth) {
    let supply = household.supply(millisecond.div_euclid(1000));
    let mut frame = Frame::historic();
    frame.address("ADCO", &address(household));
    frame.text("OPTARIF", None, "BASE");
    amperes(&mut frame, "ISOUSC", 2, 30, None);
    energy(&mut frame, "BASE", supply.energy.imported() / 3600, None);
    frame.text("PTEC", "tariff-indicator", "TH..");
    flow(&mut frame, household, &supply);
    frame.text("HHPHC", None, "A");
    frame.text("MOTDETAT", None, "000000");
    frame.text("PPOT", None, "00");
    frame.finish()
}

/// Historic mode, one phase, with the tariff Tempo: blue, white and red days alternate.
pub(crate) fn tempo(household: &Household, millisecond: i64) -> (Vec<u8>, Truth) {
    let second = millisecond.div_euclid(1000);
    let supply = household.supply(second);
    let day = second.div_euclid(86_400);
    let mut frame = Frame::historic();
    frame.address("ADCO", &address(household));
    frame.text("OPTARIF", None, "BBR(");
    amperes(&mut frame, "ISOUSC", 2, 45, None);
    let [night, by_day] = supply.energy.import.map(|import| import / 3600);
    // Of the year's days, 300 are blue, 43 are white and 22 are red.
    let share = |energy: i64, days: i64| energy * days / 365;
    for ((tariff, colour), days) in (0..).zip(COLOURS).zip([300, 43, 22]) {
        let (letter, _) = colour;
        energy(&mut frame, &format!("BBRHCJ{letter}"), share(night, days), Some(2 * tariff + 1));
        energy(&mut frame, &format!("BBRHPJ{letter}"), share(by_day, days), Some(2 * tariff + 2));
    }
    let colour = |day: i64| COLOURS[usize::from(day % 8 == 3) + usize::from(day % 40 == 3)];
    let period = if supply.tariff == 1 { "HC" } else { "HP" };
    frame.text("PTEC", "tariff-indicator", &format!("{period}J{}", colour(day).0));
    frame.text("DEMAIN", None, colour(day + 1).1);
    flow(&mut frame, household, &supply);
    frame.text("HHPHC", None, "A");
    frame.text("MOTDETAT", None, "000000");
    frame.finish()
}

/// Standard mode, one phase or three.
pub(crate) fn standard(household: &Household, millisecond: i64) -> (Vec<u8>, Truth) {
    switched(household, millisecond, false)
}

/// Standard mode, for a home that exports energy.
pub(crate) fn producer(household: &Household, millisecond: i64) -> (Vec<u8>, Truth) {
    switched(household, millisecond, true)
}

fn switched(household: &Household, millisecond: i64, feeds_in: bool) -> (Vec<u8>, Truth) {
    let second = millisecond.div_euclid(1000);
    let supply = household.supply(second);
    let mut frame = Frame::standard();
    frame.address("ADSC", &address(household));
    frame.text("VTIC", "list-version", "02");
    frame.clock(Clock::new(CENTRAL_EUROPE, second));
    frame.text("NGTF", None, "H PLEINE/CREUSE ");
    let tariff = i64::from(supply.tariff);
    frame.text("LTARF", None, if tariff == 1 { " HEURE  CREUSE  " } else { " HEURE  PLEINE  " });
    indexes(&mut frame, &supply, feeds_in);
    let phases = household.phases();
    let numbers = || (1..=phases).zip(PHASES);
    for (number, phase) in numbers() {
        let phase = Some(phase).filter(|_| phases > 1);
        amperes(&mut frame, &format!("IRMS{number}"), 3, rounded(supply.current[number - 1], 1000), phase);
    }
    for (number, phase) in numbers() {
        let value = TrueValue { phase: Some(phase).filter(|_| phases > 1), ..TrueValue::default() };
        let volts = rounded(supply.voltage[number - 1], 10);
        let value = TrueValue { quantity: Some("voltage"), value: volts.to_string(), ..value }.unit("V");
        frame.number(&format!("URMS{number}"), (3, volts), value);
    }
    let limit = if phases > 1 { 18 } else { 9 };
    for (label, quantity) in [("PREF", None), ("PCOUP", Some("limiter-threshold"))] {
        frame.number(label, (2, limit), TrueValue::new("", quantity, limit * 1000).unit("VA"));
    }
    powers(&mut frame, household, &supply, feeds_in);
    means(&mut frame, household, second, feeds_in);
    frame.text("STGE", "error-flags", &status(&supply, feeds_in));
    frame.text("MSG1", "message", "PAS DE          MESSAGE         ");
    frame.text(
        "PRM",
        None,
        &format!("{:014}", household.noise().between(Topic::Serial, 1, 0, 99_999_999_999_999)),
    );
    frame.text("RELAIS", None, "000");
    frame.number("NTARF", (2, tariff), TrueValue::new("", "tariff-indicator", tariff));
    frame.text("NJOURF", None, "00");
    frame.text("NJOURF+1", None, "00");
    let profile = ["00004001", "06004002", "22004001"].into_iter().chain([UNUSED; 8]).collect::<Vec<_>>();
    frame.text("PJOURF+1", None, &profile.join(" "));
    frame.finish()
}

/// The counters: the total, those of the supplier's tariffs, and those of the distributor's tariffs.
fn indexes(frame: &mut Frame, supply: &Supply, feeds_in: bool) {
    let [night, day] = supply.energy.import.map(|import| import / 3600);
    energy(frame, "EAST", night + day, None);
    for index in 1..=10_u32 {
        let amount = [night, day].get(index as usize - 1).copied().unwrap_or_default();
        energy(frame, &format!("EASF{index:02}"), amount, Some(index));
    }
    for index in 1..=4_usize {
        let amount = [night, day].get(index - 1).copied().unwrap_or_default();
        let value = TrueValue::new("", None, decimal(amount, -3)).unit("kWh");
        frame.number(&format!("EASD{index:02}"), (9, amount), value);
    }
    if feeds_in {
        let out = supply.energy.export.iter().sum::<i64>() / 3600;
        frame.number(
            "EAIT",
            (9, out),
            TrueValue::new("", "active-energy-export", decimal(out, -3)).unit("kWh"),
        );
        let reactive = [supply.energy.reactive_import, 0, 0, supply.energy.reactive_export];
        for ((label, quantity), amount) in QUADRANTS.into_iter().zip(reactive) {
            let value = TrueValue::new("", quantity, decimal(amount / 3600, -3)).unit("kvarh");
            frame.number(label, (9, amount / 3600), value);
        }
    }
}

/// Apparent powers. A phase that exports shows zero, and exported power is never sent by phase.
fn powers(frame: &mut Frame, household: &Household, supply: &Supply, feeds_in: bool) {
    let (taken, given) = apparent(supply);
    let out = if feeds_in { given } else { 0 };
    let power = |quantity, amount: i64| TrueValue::new("", quantity, amount).unit("VA");
    frame.number("SINSTS", (5, taken), power(Some("apparent-power-import"), taken));
    if household.phases() > 1 {
        for (place, phase) in (0..).zip(PHASES) {
            let amount = if supply.power[place] > 0 { of_phase(supply, place) } else { 0 };
            let value = TrueValue { phase: Some(phase), ..power(Some("apparent-power-import"), amount) };
            frame.number(&format!("SINSTS{}", place + 1), (5, amount), value);
        }
    }
    if feeds_in {
        frame.number("SINSTI", (5, out), power(Some("apparent-power-export"), out));
    }
}

/// Earlier values: the maxima of today and yesterday, the means of the last two half-hours, and the ten-minute means.
fn means(frame: &mut Frame, household: &Household, second: i64, feeds_in: bool) {
    let midnight = Clock::new(CENTRAL_EUROPE, second).day_start();
    let yesterday = Clock::new(CENTRAL_EUROPE, midnight - 1).day_start();
    for (label, storage, (from, to)) in
        [("SMAXSN", None, (midnight, second)), ("SMAXSN-1", Some(1), (yesterday, midnight))]
    {
        let (at, watts) = household.peak(from, to);
        let value = TrueValue { storage, ..TrueValue::new("", None, watts).unit("VA") };
        frame.stamped(label, Clock::new(CENTRAL_EUROPE, at), (5, watts), value);
    }
    let end = second - second.rem_euclid(1800);
    let mean = |end: i64, of: fn(crate::household::Energy) -> i64| {
        (of(household.energy(end)) - of(household.energy(end - 1800))) / 1800
    };
    let mut curve = |label: &str, quantity, of: fn(crate::household::Energy) -> i64| {
        for (label, storage, end) in
            [(label.to_owned(), None, end), (format!("{label}-1"), Some(1), end - 1800)]
        {
            let watts = mean(end, of);
            let value = TrueValue { storage, ..TrueValue::new("", quantity, watts).unit("W") };
            frame.stamped(&label, Clock::new(CENTRAL_EUROPE, end), (5, watts), value);
        }
    };
    curve("CCASN", "demand-import-last", |energy| energy.imported());
    if feeds_in {
        curve("CCAIN", "demand-export-last", |energy| energy.export.iter().sum());
    }
    let ten = second - second.rem_euclid(600);
    let phases = household.phases();
    for (number, phase) in (1..=phases).zip(PHASES) {
        let volts = rounded(household.supply(ten - 300).voltage[number - 1], 10);
        let phase = Some(phase).filter(|_| phases > 1);
        let value = TrueValue { phase, ..TrueValue::new("", None, volts).unit("V") };
        frame.stamped(&format!("UMOY{number}"), Clock::new(CENTRAL_EUROPE, ten), (3, volts), value);
    }
}

/// The currents of historic mode, their maxima, and the apparent power, which is rounded to tens.
fn flow(frame: &mut Frame, household: &Household, supply: &Supply) {
    let phases = household.phases();
    let most = if phases > 1 { 60 } else { 90 };
    if phases > 1 {
        for (label, highest) in [("IINST", None), ("IMAX", Some(most))] {
            for (place, phase) in (0..).zip(PHASES) {
                let amount = highest.unwrap_or(rounded(supply.current[place], 1000));
                amperes(frame, &format!("{label}{}", place + 1), 3, amount, Some(phase));
            }
        }
        frame.number("PMAX", (5, 4870), TrueValue::new("", None, 4870).unit("VA"));
    } else {
        amperes(frame, "IINST", 3, rounded(supply.current[0], 1000), None);
        amperes(frame, "IMAX", 3, most, None);
    }
    let (taken, _) = apparent(supply);
    let tens = rounded(taken, 10) * 10;
    frame.number("PAPP", (5, tens), TrueValue::new("", "apparent-power-import", tens).unit("VA"));
}

/// The apparent power imported and exported, over all phases.
fn apparent(supply: &Supply) -> (i64, i64) {
    let (power, reactive): (i64, i64) = (supply.power.iter().sum(), supply.reactive.iter().sum());
    let apparent = (power.pow(2) + reactive.pow(2)).isqrt();
    if power < 0 { (0, apparent) } else { (apparent, 0) }
}

fn of_phase(supply: &Supply, place: usize) -> i64 {
    (supply.power[place].pow(2) + supply.reactive[place].pow(2)).isqrt()
}

/// The status register (Enedis-NOI-CPT_54E, 6.2.3.14). The bits for producer, negative energy, and the tariff indexes
/// of supplier and distributor vary. The other bits are constant.
fn status(supply: &Supply, feeds_in: bool) -> String {
    let negative = feeds_in && supply.power.iter().sum::<i64>() < 0;
    let tariff = u32::from(supply.tariff) - 1;
    let bits = 1 | u32::from(feeds_in) << 8 | u32::from(negative) << 9 | tariff << 10 | tariff << 14;
    format!("{:08X}", bits | 1 << 17 | 1 << 19 | 2 << 21)
}

fn energy(frame: &mut Frame, label: &str, watt_hours: i64, tariff: Option<u32>) {
    let value = TrueValue::new("", "active-energy-import", decimal(watt_hours, -3)).unit("kWh");
    frame.number(label, (9, watt_hours), TrueValue { tariff, ..value });
}

/// The present current has a quantity. The other currents are limits and maxima.
fn amperes(frame: &mut Frame, label: &str, width: usize, amount: i64, phase: Option<&'static str>) {
    let is_current = label.starts_with("IINST") || label.starts_with("IRMS");
    let value = TrueValue::new("", is_current.then_some("current"), amount).unit("A");
    frame.number(label, (width, amount), TrueValue { phase, ..value });
}

/// The address of a Sagemcom meter of 2019, of the type for one phase or three.
fn address(household: &Household) -> String {
    let kind = if household.phases() > 1 { 76 } else { 61 };
    format!("0219{kind}{:06}", household.noise().between(Topic::Serial, 0, 0, 999_999))
}

fn rounded(amount: i64, unit: i64) -> i64 {
    (amount + unit / 2) / unit
}

const PHASES: [&str; 3] = ["l1", "l2", "l3"];
const QUADRANTS: [(&str, &str); 4] = [
    ("ERQ1", "reactive-energy-q1"),
    ("ERQ2", "reactive-energy-q2"),
    ("ERQ3", "reactive-energy-q3"),
    ("ERQ4", "reactive-energy-q4"),
];
/// The colours of Tempo's days: the letter in the names of their counters, and the word that announces tomorrow's
/// colour.
const COLOURS: [(char, &str); 3] = [('B', "BLEU"), ('W', "BLAN"), ('R', "ROUG")];
const UNUSED: &str = "NONUTILE";
