//! A water meter with a CYBLE module, like Itron's, on an M-Bus. A reader asks it every ten seconds.
//!
//! Two of its values have no unit code in the standard: the customer's number, and the days of battery life left. Their
//! units are sent as text.

use crate::clock::{CENTRAL_EUROPE, Clock};
use crate::household::Household;
use crate::mbus::{Address, Answer, binary, letters, said};
use crate::truth::{TrueValue, Truth};

pub(crate) fn answer(household: &Household, millisecond: i64) -> (Vec<u8>, Truth) {
    let second = millisecond.div_euclid(1000);
    let clock = Clock::new(CENTRAL_EUROPE, second);
    let mut answer = Answer::new(household, second);
    answer.fabrication_number();
    let header = [&[0x0D, 0x7C, 0x08], &letters("cust. ID")[..]].concat();
    let customer = letters("METERTAP 1");
    let length = u8::try_from(customer.len()).unwrap_or_default();
    let data = [&[length], &customer[..]].concat();
    answer.record(&header, &data, TrueValue::new("", None, "METERTAP 1"));
    answer.clock(clock);
    let header = [&[0x02, 0x7C, 0x09], &letters("bat. time")[..]].concat();
    let days = 4000 - second.div_euclid(86_400).rem_euclid(4000);
    answer.record(&header, &binary::<2>(days), TrueValue::new("", None, days));
    let volume = household.water(second);
    answer.record(&[0x04, 0x13], &binary::<4>(volume), said("water-volume", (volume, -3), "m3"));
    // The volume that ran backwards. A check valve leaks one litre in ten thousand.
    let backwards = volume / 10_000;
    answer.record(&[0x04, 0x93, 0x3C], &binary::<4>(backwards), said(None, (backwards, -3), "m3"));
    let month = household.water(clock.month_start());
    let stored = said("water-volume", (month, -3), "m3");
    answer.record(&[0x44, 0x13], &binary::<4>(month), TrueValue { storage: Some(1), ..stored });
    answer.makers_own(&[0x00, 0x01, 0x1F]);
    answer.bytes(Address { maker: "ACW", version: 20, device: 0x07 })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The headers are those of the second and fourth record of a captured CYBLE, with their units as text.
    #[test]
    fn encodes_as_the_real_meter_does() {
        let (bytes, _) = answer(&Household::new(1, 1), 1_795_219_230_000);
        let spelled = [0x0D, 0x7C, 0x08, 0x44, 0x49, 0x20, 0x2E, 0x74, 0x73, 0x75, 0x63, 0x0A];
        assert!(bytes.windows(spelled.len()).any(|window| window == spelled));
        let spelled = [0x02, 0x7C, 0x09, 0x65, 0x6D, 0x69, 0x74, 0x20, 0x2E, 0x74, 0x61, 0x62];
        assert!(bytes.windows(spelled.len()).any(|window| window == spelled));
    }
}
