//! Luxembourg's Smarty meter: its telegram in the encrypted packet that leaves the port, and decrypted, as the
//! utility's adapter gives it out.
//!
//! The meter's identification is in `0-0:42.0.0` (its COSEM logical device name) instead of `0-0:96.1.1`.

use metertap_decoder::register::Obis;

use crate::clock::{CENTRAL_EUROPE, Clock};
use crate::household::Household;
use crate::keys::Keys;
use crate::list::{ENERGIES, POWERS};
use crate::noise::Topic;
use crate::p1::{Print, Telegram, device_type, sags_and_swells};
use crate::register_value::Magnitude;
use crate::seal::{counter, seal};
use crate::truth::Truth;

/// The authentication key is the specification's, which is the same for every meter.
pub(crate) const KEYS: Keys = Keys {
    encryption: [
        0x4D, 0x54, 0x50, 0x2D, 0x6E, 0x65, 0x76, 0x65, 0x72, 0x2D, 0x65, 0x78, 0x69, 0x73, 0x74, 0x73,
    ],
    authentication: Some([
        0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x99, 0xAA, 0xBB, 0xCC, 0xDD, 0xEE, 0xFF,
    ]),
};

/// The telegram of [`push`], encrypted.
pub(crate) fn push_sealed(household: &Household, millisecond: i64) -> (Vec<u8>, Truth) {
    let (text, truth) = push(household, millisecond);
    (seal(&KEYS, *b"MTP\x67\0\0\0\x01", counter(millisecond), &text), truth)
}

/// A three-phase meter with a gas meter.
pub(crate) fn push(household: &Household, millisecond: i64) -> (Vec<u8>, Truth) {
    let second = millisecond.div_euclid(1000);
    let supply = household.supply(second);
    let serial = household.noise().between(Topic::Serial, 0, 0, 9_999_999_999);
    let mut telegram = Telegram::new("Lux5\\253000042_M");
    telegram.word(Obis::new(1, 3, 0, 2, 8), "list-version", "42");
    telegram.clock(Clock::new(CENTRAL_EUROPE, second));
    telegram.meter_id(Obis::new(0, 0, 42, 0, 0), &format!("MTP103{serial:010}"));
    telegram.shown(&supply, &ENERGIES, print);
    telegram.shown(&supply, &POWERS, print);
    telegram.count(Obis::new(0, 0, 96, 3, 10), "breaker-state", 1, 1);
    telegram.count(Obis::new(0, 0, 96, 7, 21), "power-failures", 5, 12);
    sags_and_swells(&mut telegram, 3);
    telegram.word(Obis::new(0, 0, 96, 13, 0), "message", "");
    telegram.shown(&supply, &[[32, 7, 0], [52, 7, 0], [72, 7, 0]], print);
    telegram.shown(&supply, &[[31, 7, 0], [51, 7, 0], [71, 7, 0]], print);
    telegram.shown(&supply, &[[21, 7, 0], [41, 7, 0], [61, 7, 0]], print);
    telegram.shown(&supply, &[[22, 7, 0], [42, 7, 0], [62, 7, 0]], print);
    telegram.shown(&supply, &[[23, 7, 0], [43, 7, 0], [63, 7, 0]], print);
    telegram.shown(&supply, &[[24, 7, 0], [44, 7, 0], [64, 7, 0]], print);
    let at = second - second.rem_euclid(3600);
    device_type(&mut telegram, 1, 3, 3);
    telegram.sub_meter_id(Obis::new(0, 1, 96, 1, 0), 1, &format!("MTPG{serial:010}"));
    let clock = Clock::new(CENTRAL_EUROPE, at);
    telegram.volume(Obis::new(0, 1, 24, 2, 1), ("gas-volume", 1), clock, household.gas(at));
    telegram.checked()
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

#[cfg(test)]
mod tests {
    use super::*;
    use metertap_decoder::hex;

    #[test]
    fn the_device_name_names_the_meter() {
        let (bytes, truth) = push(&Household::new(1, 3), 1_795_224_610_000);
        let meter = truth.meter.unwrap();
        assert!(meter.starts_with("LUX-MTP103"));
        let hex = hex::upper(&meter.as_bytes()[4..]);
        assert!(String::from_utf8(bytes).unwrap().contains(&format!("0-0:42.0.0({hex})")));
    }
}
