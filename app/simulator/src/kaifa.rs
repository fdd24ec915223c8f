//! Norwegian Kaifa meters. Their values have no names, and their position gives their meaning.
//!
//! List 1 holds only the imported power. List 2 has 13 elements on a three-phase meter and 9 on a single-phase one.
//! List 3 is list 2 followed by the clock and the four counters, and is sent ten seconds after the full hour. Numbers
//! are double-long-unsigned without a scaler: W, var, mA, 0.1 V, Wh, varh. (The lists are those that grid operators
//! publish for `KFM_001`. The tags are those that meters in the field send.)

use metertap_decoder::register::Obis;

use crate::axdr::Stamp;
use crate::clock::{CENTRAL_EUROPE, Clock};
use crate::hdlc::Header;
use crate::household::{Household, Supply};
use crate::list::{CLOCK, ENERGIES, POWERS, PushList};
use crate::noise::Topic;
use crate::register_value::RegisterValue;
use crate::truth::{TrueValue, Truth};

pub(crate) const HEADER: Header = Header { destination: &[0x01], source: &[0x02, 0x01], control: 0x10 };

pub(crate) fn push(household: &Household, millisecond: i64) -> (Vec<u8>, Truth) {
    let second = millisecond.div_euclid(1000);
    let (clock, supply) = (Clock::new(CENTRAL_EUROPE, second), household.supply(second));
    let mut list = PushList::default();
    let hourly = second.rem_euclid(3600) == 10;
    if hourly || second.rem_euclid(10) == 0 {
        identify(&mut list, household);
        let phases: &[[u8; 3]] = if household.phases() == 1 { &SINGLE_PHASE } else { &THREE_PHASES };
        numbers(&mut list, &supply, &POWERS);
        numbers(&mut list, &supply, phases);
    } else {
        numbers(&mut list, &supply, &[[1, 7, 0]]);
    }
    if hourly {
        list.axdr.octet_string(&clock.cosem());
        list.says(1, TrueValue::new(CLOCK, "clock", clock.rfc3339()));
        numbers(&mut list, &supply, &ENERGIES);
    }
    list.is_at(clock.rfc3339());
    let (bytes, truth) = list.structure([0x40, 0, 0, 0], Stamp::Tagged(clock.cosem()));
    (bytes, truth.by_table())
}

fn identify(list: &mut PushList, household: &Household) {
    let phases = household.phases();
    let serial = household.noise().between(Topic::Serial, 0, 0, 99_999_999);
    let meter_id = format!("6970000{phases}{serial:08}");
    let model = if phases == 1 { "MA105H2E" } else { "MA304H3E" };
    list.is_of(format!("KFM-{meter_id}"));
    for (obis, quantity, text) in [
        (Obis::new(1, 1, 0, 2, 129), "list-version", "KFM_001"),
        (Obis::new(0, 0, 96, 1, 0), "meter-id", &meter_id),
        (Obis::new(0, 0, 96, 1, 7), "meter-model", model),
    ] {
        list.axdr.octet_string(text.as_bytes());
        list.says(1, TrueValue::new(obis, quantity, text));
    }
}

fn numbers(list: &mut PushList, supply: &Supply, codes: &[[u8; 3]]) {
    for &[c, d, e] in codes {
        let Some(shown) = RegisterValue::of(supply, [c, d, e]) else { continue };
        let finest = shown.kind.finest();
        list.axdr.double_long_unsigned(u32::try_from(shown.digits(finest)).unwrap_or_default());
        list.says(1, shown.truth(Obis::new(1, 0, c, d, e), finest));
    }
}

const SINGLE_PHASE: [[u8; 3]; 2] = [[31, 7, 0], [32, 7, 0]];
const THREE_PHASES: [[u8; 3]; 6] = [[31, 7, 0], [51, 7, 0], [71, 7, 0], [32, 7, 0], [52, 7, 0], [72, 7, 0]];

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-11-21T03:00:10+01:00.
    const HOUR: i64 = 1_795_226_410_000;

    fn elements(phases: usize, millisecond: i64) -> (u8, usize, Truth) {
        let (bytes, truth) = push(&Household::new(1, phases), millisecond);
        // The LLC header, the tag, the invoke id and the tagged date-time precede the structure's head.
        assert_eq!((bytes[8], bytes[22]), (0x09, 0x02));
        (bytes[23], bytes.len(), truth)
    }

    /// The numbers of elements are those of the published lists. The numbers of bytes are those of captured lists of
    /// this meter.
    #[test]
    fn lists_are_as_long_as_published() {
        let (list_1, list_2, list_3) =
            (elements(3, HOUR + 2000), elements(3, HOUR + 10_000), elements(3, HOUR));
        assert_eq!((list_1.0, list_2.0, list_3.0), (1, 13, 18));
        assert_eq!((list_1.1, list_2.1, list_3.1), (29, 111, 145));
        assert_eq!((elements(1, HOUR + 10_000).0, elements(1, HOUR).0), (9, 14));
        assert_eq!(list_2.2.values.len(), 13);
        assert_eq!(list_3.2.values[13].value, "2026-11-21T03:00:10+01:00");
        assert_eq!(list_1.2.meter, None);
    }
}
