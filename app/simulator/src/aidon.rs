//! Aidon meters in Norway and Sweden. Their list is an array of structures. Each structure holds an OBIS code and its
//! value, and for numbers also a scaler and a unit (IEC 62056-6-2, `scal_unit_type`).
//!
//! The notification itself carries no time. The Norwegian clock keeps UTC+1 all year and states the deviation 0. The
//! 6525 measures an IT network with two currents, and its lists have 1, 12 and 17 elements. The Swedish list has 27
//! elements, begins with the clock and does not name the meter.

use metertap_decoder::register::Obis;

use crate::axdr::Stamp;
use crate::clock::{CENTRAL_EUROPE, CENTRAL_EUROPE_WINTER, Clock};
use crate::hdlc::Header;
use crate::household::{Household, Supply};
use crate::list::{CLOCK, ENERGIES, POWERS, PushList};
use crate::noise::Topic;
use crate::register_value::{Magnitude, RegisterValue};
use crate::truth::{TrueValue, Truth};

pub(crate) const HEADER: Header = Header { destination: &[0x41], source: &[0x08, 0x83], control: 0x13 };

pub(crate) fn push(household: &Household, millisecond: i64) -> (Vec<u8>, Truth) {
    let second = millisecond.div_euclid(1000);
    let supply = household.supply(second);
    let mut list = PushList::default();
    if millisecond.rem_euclid(10_000) == 0 {
        identify(&mut list, household);
        numbers(&mut list, &supply, &POWERS, TEN_WATT_HOURS);
        numbers(&mut list, &supply, &IT_NETWORK, TEN_WATT_HOURS);
    } else {
        numbers(&mut list, &supply, &[[1, 7, 0]], TEN_WATT_HOURS);
    }
    if second.rem_euclid(3600) == 0 {
        let clock = Clock::new(CENTRAL_EUROPE_WINTER, second);
        time(&mut list, clock, clock.cosem_without_offset());
        numbers(&mut list, &supply, &ENERGIES, TEN_WATT_HOURS);
    }
    list.array(INVOKE_ID, Stamp::Absent)
}

pub(crate) fn push_swedish(household: &Household, millisecond: i64) -> (Vec<u8>, Truth) {
    let second = millisecond.div_euclid(1000);
    let supply = household.supply(second);
    let mut list = PushList::default();
    let clock = Clock::new(CENTRAL_EUROPE, second);
    time(&mut list, clock, clock.cosem());
    numbers(&mut list, &supply, &POWERS, WATT_HOURS);
    numbers(&mut list, &supply, &PHASES, WATT_HOURS);
    numbers(&mut list, &supply, &ENERGIES, WATT_HOURS);
    list.array(INVOKE_ID, Stamp::Absent)
}

fn identify(list: &mut PushList, household: &Household) {
    let serial = household.noise().between(Topic::Serial, 0, 0, 999_999_999);
    let meter_id = format!("7350000{serial:09}");
    list.is_of(format!("AID-{meter_id}"));
    for (obis, quantity, text) in [
        (Obis::new(1, 1, 0, 2, 129), "list-version", "AIDON_V0001"),
        (Obis::new(0, 0, 96, 1, 0), "meter-id", &meter_id),
        (Obis::new(0, 0, 96, 1, 7), "meter-model", "6525"),
    ] {
        list.axdr.structure(2);
        list.axdr.obis(obis);
        list.axdr.visible_string(text);
        list.says(1, TrueValue::new(obis, quantity, text));
    }
}

fn time(list: &mut PushList, clock: Clock, bytes: [u8; 12]) {
    list.axdr.structure(2);
    list.axdr.obis(CLOCK);
    list.axdr.octet_string(&bytes);
    list.says(1, TrueValue::new(CLOCK, "clock", clock.rfc3339()));
    list.is_at(clock.rfc3339());
}

fn numbers(list: &mut PushList, supply: &Supply, codes: &[[u8; 3]], energy_scaler: i8) {
    for &[c, d, e] in codes {
        let Some(shown) = RegisterValue::of(supply, [c, d, e]) else { continue };
        let obis = Obis::new(1, 0, c, d, e);
        // The scaler and the number of the unit that is sent, and the power of ten from that unit to the canonical one.
        let (scaler, unit, kilo) = match shown.kind {
            Magnitude::ActivePower => (0, 27, 0),
            Magnitude::ReactivePower => (0, 29, 0),
            Magnitude::ActiveEnergy => (energy_scaler, 30, -3),
            Magnitude::ReactiveEnergy => (energy_scaler, 32, -3),
            Magnitude::Current => (-1, 33, 0),
            Magnitude::Voltage => (-1, 35, 0),
        };
        let digits = shown.digits(scaler + kilo);
        list.axdr.structure(3);
        list.axdr.obis(obis);
        match shown.kind {
            Magnitude::Current => list.axdr.long(i16::try_from(digits).unwrap_or_default()),
            Magnitude::Voltage => list.axdr.long_unsigned(u16::try_from(digits).unwrap_or_default()),
            _ => list.axdr.double_long_unsigned(u32::try_from(digits).unwrap_or_default()),
        }
        list.axdr.structure(2);
        list.axdr.integer(scaler);
        list.axdr.enumeration(unit);
        list.says(1, shown.truth(obis, scaler + kilo));
    }
}

const INVOKE_ID: [u8; 4] = [0x40, 0, 0, 0];
const WATT_HOURS: i8 = 0;
const TEN_WATT_HOURS: i8 = 1;
const IT_NETWORK: [[u8; 3]; 5] = [[31, 7, 0], [71, 7, 0], [32, 7, 0], [52, 7, 0], [72, 7, 0]];
const PHASES: [[u8; 3]; 18] = [
    [31, 7, 0],
    [51, 7, 0],
    [71, 7, 0],
    [32, 7, 0],
    [52, 7, 0],
    [72, 7, 0],
    [21, 7, 0],
    [22, 7, 0],
    [23, 7, 0],
    [24, 7, 0],
    [41, 7, 0],
    [42, 7, 0],
    [43, 7, 0],
    [44, 7, 0],
    [61, 7, 0],
    [62, 7, 0],
    [63, 7, 0],
    [64, 7, 0],
];

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-11-21T03:00:00+01:00.
    const HOUR: i64 = 1_795_226_400_000;

    /// The lengths are those of the published lists. The sizes are those of captured lists of these meters.
    #[test]
    fn lists_are_as_long_as_published() {
        let household = Household::new(1, 3);
        for (millisecond, elements, bytes) in
            [(HOUR + 2500, 1, 32), (HOUR + 10_000, 12, 257), (HOUR, 17, 365)]
        {
            let (list, truth) = push(&household, millisecond);
            assert_eq!((list[9], list[10], truth.values.len()), (0x01, elements, usize::from(elements)));
            assert_eq!(list.len(), bytes);
        }
        let (list, truth) = push_swedish(&household, HOUR);
        assert_eq!((list[10], truth.values.len(), list.len()), (27, 27, 569));
        assert_eq!(truth.time.as_deref(), Some("2026-11-21T03:00:00+01:00"));
    }

    #[test]
    fn the_truth_has_the_digits_that_are_sent() {
        let (_, truth) = push(&Household::new(1, 3), HOUR);
        let energy = &truth.values[13];
        assert_eq!((energy.register.as_str(), energy.unit), ("1-0:1.8.0", Some("kWh")));
        assert_eq!(energy.value.split_once('.').map(|(_, places)| places.len()), Some(2));
    }
}
