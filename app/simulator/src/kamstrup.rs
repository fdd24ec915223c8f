//! Kamstrup meters in Norway. Their list is one structure in which OBIS codes and values alternate.
//!
//! The list's version comes first and has no OBIS code. The codes are those of channel 1 (`1-1:…`). Numbers have no
//! scaler: W, var, 0.01 A, whole volts, tens of Wh and varh. The hourly list is sent five seconds after the full hour.
//! It is the ten-second list followed by clock and counters: 35 elements instead of 25. The clock keeps standard time
//! all year (amsreader-firmware, pull request 1227).

use metertap_decoder::register::Obis;

use crate::axdr::Stamp;
use crate::clock::{CENTRAL_EUROPE_WINTER, Clock};
use crate::hdlc::Header;
use crate::household::{Household, Supply};
use crate::list::{ENERGIES, POWERS, PushList};
use crate::noise::Topic;
use crate::register_value::{Magnitude, RegisterValue};
use crate::truth::{TrueValue, Truth};

pub(crate) const HEADER: Header = Header { destination: &[0x2B], source: &[0x21], control: 0x13 };

pub(crate) fn push(household: &Household, millisecond: i64) -> (Vec<u8>, Truth) {
    let second = millisecond.div_euclid(1000);
    let (clock, supply) = (Clock::new(CENTRAL_EUROPE_WINTER, second), household.supply(second));
    let mut list = PushList::default();
    identify(&mut list, household);
    numbers(&mut list, &supply, &POWERS);
    numbers(&mut list, &supply, &PHASES);
    if second.rem_euclid(3600) == 5 {
        list.axdr.obis(CLOCK);
        list.axdr.octet_string(&clock.cosem());
        list.says(2, TrueValue::new(CLOCK, "clock", clock.rfc3339()));
        numbers(&mut list, &supply, &ENERGIES);
    }
    list.is_at(clock.rfc3339());
    let (bytes, truth) = list.structure([0, 0, 0, 0], Stamp::Plain(clock.cosem()));
    (bytes, truth.by_table())
}

fn identify(list: &mut PushList, household: &Household) {
    let serial = household.noise().between(Topic::Serial, 0, 0, 999_999_999);
    let meter_id = format!("5700000{serial:09}");
    list.is_of(format!("KAM-{meter_id}"));
    list.axdr.visible_string(VERSION);
    list.says(1, TrueValue::new(Obis::new(1, 1, 0, 2, 129), "list-version", VERSION));
    for (obis, quantity, text) in [
        (Obis::new(1, 1, 0, 0, 5), "meter-id", meter_id.as_str()),
        (Obis::new(1, 1, 96, 1, 1), "meter-model", "6841121BN000000001"),
    ] {
        list.axdr.obis(obis);
        list.axdr.visible_string(text);
        list.says(2, TrueValue::new(obis, quantity, text));
    }
}

fn numbers(list: &mut PushList, supply: &Supply, codes: &[[u8; 3]]) {
    for &[c, d, e] in codes {
        let Some(shown) = RegisterValue::of(supply, [c, d, e]) else { continue };
        let obis = Obis::new(1, 1, c, d, e);
        let scaler = match shown.kind {
            Magnitude::ActivePower | Magnitude::ReactivePower | Magnitude::Voltage => 0,
            Magnitude::ActiveEnergy | Magnitude::ReactiveEnergy | Magnitude::Current => -2,
        };
        let digits = shown.digits(scaler);
        list.axdr.obis(obis);
        match shown.kind {
            Magnitude::Voltage => list.axdr.long_unsigned(u16::try_from(digits).unwrap_or_default()),
            _ => list.axdr.double_long_unsigned(u32::try_from(digits).unwrap_or_default()),
        }
        list.says(2, shown.truth(obis, scaler));
    }
}

const VERSION: &str = "Kamstrup_V0001";
const CLOCK: Obis = Obis::new(0, 1, 1, 0, 0);
const PHASES: [[u8; 3]; 6] = [[31, 7, 0], [51, 7, 0], [71, 7, 0], [32, 7, 0], [52, 7, 0], [72, 7, 0]];

#[cfg(test)]
mod tests {
    use super::*;

    /// The numbers of elements are those of the published lists. The numbers of bytes are those of captured lists of
    /// this meter.
    #[test]
    fn lists_are_as_long_as_published() {
        let household = Household::new(1, 3);
        for (second, elements, values, bytes) in [(1_795_226_410, 25, 13, 217), (1_795_226_405, 35, 18, 291)]
        {
            let (list, truth) = push(&household, second * 1000);
            assert_eq!((list[8], list[21], list[22]), (0x0C, 0x02, elements));
            assert_eq!((truth.values.len(), list.len()), (values, bytes));
        }
    }
}
