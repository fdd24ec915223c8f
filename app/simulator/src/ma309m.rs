//! Austrian Kaifa meters in the grid of Netz Niederösterreich: an encrypted list in M-Bus frames.
//!
//! The list has 35 elements. The clock comes first, then name, value, and scaler with unit for each register, and last
//! the meter's number without a name. The list is encrypted and has no authentication tag. (Netz Niederösterreich,
//! "Spezifikation Kundenschnittstelle".)

use metertap_decoder::register::Obis;

use crate::axdr::Stamp;
use crate::carrier::{segments, without_llc};
use crate::clock::{CENTRAL_EUROPE, Clock};
use crate::household::Household;
use crate::keys::Keys;
use crate::list::{CLOCK, PushList};
use crate::noise::Topic;
use crate::register_value::{Magnitude, RegisterValue};
use crate::seal::{counter, seal};
use crate::truth::{TrueValue, Truth};

/// There is no authentication key, because the telegrams have no tag.
pub(crate) const KEYS: Keys = Keys { encryption: *b"MTP-NOE-no-such-", authentication: None };

pub(crate) fn push(household: &Household, millisecond: i64) -> (Vec<u8>, Truth) {
    let second = millisecond.div_euclid(1000);
    let (clock, supply) = (Clock::new(CENTRAL_EUROPE, second), household.supply(second));
    let moment = clock.cosem_with_deviation();
    let mut list = PushList::default();
    list.axdr.octet_string(&moment);
    list.says(1, TrueValue::new(CLOCK, "clock", clock.rfc3339()));
    list.is_at(clock.rfc3339());
    for [c, d, e] in CODES {
        let Some(shown) = RegisterValue::of(&supply, [c, d, e]) else { continue };
        let obis = Obis::new(1, 0, c, d, e);
        let (scaler, unit, kilo) = match shown.kind {
            Magnitude::Voltage => (-1, 35, 0),
            Magnitude::Current => (-2, 33, 0),
            Magnitude::ActiveEnergy => (0, 30, -3),
            _ => (0, 27, 0),
        };
        let digits = shown.digits(scaler + kilo);
        list.axdr.obis(obis);
        match shown.kind {
            Magnitude::Voltage | Magnitude::Current => {
                list.axdr.long_unsigned(u16::try_from(digits).unwrap_or_default())
            }
            _ => list.axdr.double_long_unsigned(u32::try_from(digits).unwrap_or_default()),
        }
        scaler_unit(&mut list, scaler, unit);
        list.says(3, shown.truth(obis, scaler + kilo));
    }
    let power_factor = Obis::new(1, 0, 13, 7, 0);
    list.axdr.obis(power_factor);
    list.axdr.long(987);
    scaler_unit(&mut list, -3, 255);
    list.says(3, TrueValue::new(power_factor, "power-factor", "0.987").unit("1"));
    let number = format!("1812{:08}", household.noise().between(Topic::Serial, 0, 0, 99_999_999));
    list.axdr.octet_string(number.as_bytes());
    list.is_of(format!("KFM-{number}"));
    list.says(1, TrueValue::new(Obis::new(0, 0, 96, 1, 0), "meter-id", number));
    let (information, truth) = list.structure([0x80, 0x06, 0x87, 0x0E], Stamp::Plain(moment));
    let sealed = seal(&KEYS, *b"KFM\x67\0\0\0\x01", counter(millisecond), without_llc(&information));
    (segments(&sealed), truth)
}

fn scaler_unit(list: &mut PushList, scaler: i8, unit: u8) {
    list.axdr.structure(2);
    list.axdr.integer(scaler);
    list.axdr.enumeration(unit);
}

const CODES: [[u8; 3]; 10] = [
    [1, 8, 0],
    [2, 8, 0],
    [1, 7, 0],
    [2, 7, 0],
    [32, 7, 0],
    [52, 7, 0],
    [72, 7, 0],
    [31, 7, 0],
    [51, 7, 0],
    [71, 7, 0],
];

#[cfg(test)]
mod tests {
    use super::*;

    /// The lengths are those of the specification's example: a frame of 256 bytes and one of 26.
    #[test]
    fn a_push_is_as_long_as_published() {
        let (bytes, truth) = push(&Household::new(1, 3), 1_795_226_400_000);
        assert_eq!((bytes.len(), truth.values.len()), (282, 13));
        assert_eq!(bytes[9..12], [0xDB, 8, b'K']);
    }
}
