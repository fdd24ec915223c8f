//! Swiss Iskraemeco meters. The first element of the list describes the other elements. The payload is not encrypted,
//! and several HDLC frames share it.
//!
//! The first two rows of that description are for the list itself: the objects and the name of the push setup
//! (Iskraemeco, "Consumer Information Interface").

use metertap_decoder::register::Obis;

use crate::axdr::Stamp;
use crate::clock::{CENTRAL_EUROPE, Clock};
use crate::hdlc::{self, Header};
use crate::household::Household;
use crate::list::{CLOCK, Described};
use crate::noise::Topic;
use crate::register_value::RegisterValue;
use crate::truth::{TrueValue, Truth};

const HEADER: Header = Header { destination: &[0xCF], source: &[0x02, 0x23], control: 0x03 };

pub(crate) fn push(household: &Household, millisecond: i64) -> (Vec<u8>, Truth) {
    let second = millisecond.div_euclid(1000);
    let (clock, supply) = (Clock::new(CENTRAL_EUROPE, second), household.supply(second));
    let serial = household.noise().between(Topic::Serial, 0, 0, 9_999_999);
    let (name, number) = (format!("ISK103077{serial:07}"), format!("{serial:07}"));
    let mut list = Described::new(Obis::new(0, 6, 25, 9, 0));
    list.text(Obis::new(0, 0, 42, 0, 0), "meter-id", &name);
    list.text(Obis::new(0, 0, 96, 1, 1), "meter-id", &number);
    list.list.is_of(name);
    list.object(8, CLOCK);
    list.list.axdr.octet_string(&clock.cosem_with_deviation());
    list.list.says(1, TrueValue::new(CLOCK, "clock", clock.rfc3339()));
    list.list.is_at(clock.rfc3339());
    for [c, d, e] in CODES {
        let Some(shown) = RegisterValue::of(&supply, [c, d, e]) else { continue };
        let obis = Obis::new(1, 1, c, d, e);
        let finest = shown.kind.finest();
        list.object(3, obis);
        list.list.axdr.double_long_unsigned(u32::try_from(shown.digits(finest)).unwrap_or_default());
        list.list.says(1, shown.truth(obis, finest));
    }
    let power_factor = Obis::new(1, 0, 13, 7, 0);
    list.object(3, power_factor);
    list.list.axdr.long_unsigned(987);
    list.list.says(1, TrueValue::new(power_factor, "power-factor", "0.987").unit("1"));
    let (information, truth) = list.structure([0, 0, 4, 0x33], Stamp::Plain(clock.cosem_with_deviation()));
    (hdlc::frames(&HEADER, &information, LONGEST_SEGMENT), truth.by_table())
}

/// The size of a segment in captured frames of these meters, in bytes.
const LONGEST_SEGMENT: usize = 155;
const CODES: [[u8; 3]; 10] = [
    [1, 7, 0],
    [2, 7, 0],
    [3, 7, 0],
    [4, 7, 0],
    [1, 8, 0],
    [1, 8, 1],
    [1, 8, 2],
    [2, 8, 0],
    [2, 8, 1],
    [2, 8, 2],
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_push_is_in_segments() {
        let (bytes, truth) = push(&Household::new(1, 3), 1_795_226_400_000);
        assert_eq!(bytes[..7], [0x7E, 0xA8, 0xA5, 0xCF, 0x02, 0x23, 0x03]);
        assert_eq!(truth.values.len(), 15);
    }
}
