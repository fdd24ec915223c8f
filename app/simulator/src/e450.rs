//! Swiss Landis+Gyr meters with the push list of VSE-2026. The first element of the list describes the other elements.
//! The list is encrypted and sent in blocks of a general block transfer. Each block has an HDLC frame of its own.
//!
//! Only the first frame has the LLC header. The meter sends no scalers: it counts whole volts, whole watt hours, and
//! hundredths of an ampere. (VSE, "Kundenschnittstelle", and Landis+Gyr, "Consumer Information Interface".)

use metertap_decoder::register::Obis;

use crate::axdr::Stamp;
use crate::carrier::{blocks, without_llc};
use crate::clock::{CENTRAL_EUROPE, Clock};
use crate::hdlc::{self, Header};
use crate::household::Household;
use crate::keys::Keys;
use crate::list::{CLOCK, Described};
use crate::noise::Topic;
use crate::register_value::{Magnitude, RegisterValue};
use crate::seal::{counter, seal};
use crate::truth::{TrueValue, Truth};

const HEADER: Header = Header { destination: &[0xCE, 0xFF], source: &[0x03], control: 0x13 };

pub(crate) const KEYS: Keys =
    Keys { encryption: *b"MTP-VSE-no-such-", authentication: Some(*b"MTP-vse-no-such-") };

pub(crate) fn push(household: &Household, millisecond: i64) -> (Vec<u8>, Truth) {
    let second = millisecond.div_euclid(1000);
    let (clock, supply) = (Clock::new(CENTRAL_EUROPE, second), household.supply(second));
    let serial = household.noise().between(Topic::Serial, 0, 0, 9_999_999);
    let (name, number) = (format!("LGZ103065{serial:07}"), format!("{serial:07}"));
    let mut list = Described::new(Obis::new(0, 8, 25, 9, 0));
    list.text(Obis::new(0, 0, 42, 0, 0), "meter-id", &name);
    list.text(Obis::new(0, 0, 96, 1, 1), "meter-id", &number);
    list.list.is_of(name);
    list.object(8, CLOCK);
    list.list.axdr.octet_string(&clock.cosem());
    list.list.says(1, TrueValue::new(CLOCK, "clock", clock.rfc3339()));
    list.list.is_at(clock.rfc3339());
    for (group, [c, d, e]) in CODES {
        let Some(shown) = RegisterValue::of(&supply, [c, d, e]) else { continue };
        let obis = Obis::new(1, group, c, d, e);
        list.object(3, obis);
        let scaler = match shown.kind {
            Magnitude::Voltage => 0,
            Magnitude::Current => -2,
            kind => kind.finest(),
        };
        let digits = shown.digits(scaler);
        match shown.kind {
            Magnitude::Voltage | Magnitude::Current => {
                list.list.axdr.long_unsigned(u16::try_from(digits).unwrap_or_default());
            }
            _ => list.list.axdr.double_long_unsigned(u32::try_from(digits).unwrap_or_default()),
        }
        // No grid operator's list gives the unit in which reactive energy is counted.
        let truth = match shown.kind {
            Magnitude::ReactiveEnergy => {
                let quantity = shown.truth(obis, scaler).quantity;
                TrueValue::new(obis, quantity, digits)
            }
            _ => shown.truth(obis, scaler),
        };
        list.list.says(1, truth);
    }
    let (information, truth) = list.structure([0, 0xD7, 0xDD, 0x82], Stamp::Plain(clock.cosem()));
    let sealed = seal(&KEYS, *b"LGZgsp\0\x01", counter(millisecond), without_llc(&information));
    let mut bytes = Vec::new();
    for (place, block) in blocks(&sealed, 119).into_iter().enumerate() {
        let llc: &[u8] = if place == 0 { &[0xE6, 0xE7, 0x00] } else { &[] };
        bytes.extend(hdlc::frames(&HEADER, &[llc, &block].concat(), hdlc::LONGEST_INFORMATION));
    }
    (bytes, truth.by_table())
}

const CODES: [(u8, [u8; 3]); 12] = [
    (1, [1, 8, 0]),
    (1, [2, 8, 0]),
    (1, [3, 8, 0]),
    (1, [4, 8, 0]),
    (0, [1, 7, 0]),
    (0, [2, 7, 0]),
    (0, [32, 7, 0]),
    (0, [52, 7, 0]),
    (0, [72, 7, 0]),
    (0, [31, 7, 0]),
    (0, [51, 7, 0]),
    (0, [71, 7, 0]),
];

#[cfg(test)]
mod tests {
    use super::*;

    /// The first bytes are those of a captured push of such a meter. Only the header checksum and the system title
    /// differ.
    #[test]
    fn a_push_is_in_blocks() {
        let (bytes, truth) = push(&Household::new(1, 3), 1_795_226_400_000);
        assert_eq!(bytes[..7], [0x7E, 0xA0, 0x8B, 0xCE, 0xFF, 0x03, 0x13]);
        assert_eq!(bytes[9..20], [0xE6, 0xE7, 0x00, 0xE0, 0x40, 0, 1, 0, 0, 119, 0xDB]);
        assert_eq!(truth.values.len(), 16);
    }
}
