//! [`Telegram`]: a P1 telegram while it is being written, with its true values (DSMR 5.0.2 P1 companion standard, 6).
//!
//! ```text
//! /XXX5identification CR LF CR LF
//! 1-0:1.7.0(01.193*kW) CR LF …
//! !  and, since DSMR 4, four hexadecimal digits  CR LF
//! ```

use metertap_decoder::crc::crc16_arc;
use metertap_decoder::hex;
use metertap_decoder::register::Obis;

use crate::clock::Clock;
use crate::household::Supply;
use crate::register_value::{Magnitude, RegisterValue};
use crate::truth::{TrueValue, Truth, decimal};

/// The text written so far, with its true values.
#[derive(Clone, Debug)]
pub(crate) struct Telegram {
    text: String,
    flag: String,
    truth: Truth,
}

/// How a dialect prints a kind of quantity: digits before the point, digits after it, unit. `Print(2, 3, "kW")` prints
/// `01.193*kW`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Print(pub(crate) usize, pub(crate) usize, pub(crate) &'static str);

impl Telegram {
    /// Begins a telegram with the identification line. `identification` is the line without its slash.
    pub(crate) fn new(identification: &str) -> Self {
        let flag = identification.chars().take(3).collect::<String>().to_ascii_uppercase();
        Self { text: format!("/{identification}\r\n\r\n"), flag, truth: Truth::default() }
    }

    /// Adds a register: the text after its name, brackets included, and the truth of that text.
    pub(crate) fn line(&mut self, printed: &str, value: TrueValue) {
        self.text += &format!("{}{printed}\r\n", value.register);
        self.truth.values.push(value);
    }

    /// Adds more truths about the previous line.
    pub(crate) fn also(&mut self, values: Vec<TrueValue>) {
        self.truth.values.extend(values);
    }

    /// Adds a register with one word between brackets. The word is the value.
    pub(crate) fn word(&mut self, register: Obis, quantity: impl Into<Option<&'static str>>, word: &str) {
        self.line(&format!("({word})"), TrueValue::new(register, quantity, word));
    }

    /// Adds a register with a number, padded to this many digits.
    pub(crate) fn count(&mut self, register: Obis, quantity: &'static str, digits: usize, count: u32) {
        self.line(&format!("({count:0digits$})"), TrueValue::new(register, quantity, count));
    }

    pub(crate) fn clock(&mut self, clock: Clock) {
        let register = Obis::new(0, 0, 1, 0, 0);
        self.line(&format!("({})", clock.p1()), TrueValue::new(register, "clock", clock.rfc3339()));
        self.truth.time = Some(clock.rfc3339());
    }

    /// Adds the meter's own identification, printed as the hex of its letters.
    pub(crate) fn meter_id(&mut self, register: Obis, id: &str) {
        self.hex(TrueValue::new(register, "meter-id", ""), id);
        self.truth.meter = Some(format!("{}-{id}", self.flag));
    }

    pub(crate) fn sub_meter_id(&mut self, register: Obis, channel: u8, id: &str) {
        self.hex(TrueValue::new(register, "meter-id", "").channel(channel), id);
    }

    /// Adds the registers `1-0:C.D.E` with the household's values, printed as the dialect does.
    pub(crate) fn shown(&mut self, supply: &Supply, codes: &[[u8; 3]], print: fn(Magnitude) -> Print) {
        for &[c, d, e] in codes {
            let Some(shown) = RegisterValue::of(supply, [c, d, e]) else { continue };
            let print = print(shown.kind);
            let scaler = print.kilo() - i8::try_from(print.1).unwrap_or_default();
            let printed = format!("({})", print.digits(shown.digits(scaler)));
            self.line(&printed, shown.truth(Obis::new(1, 0, c, d, e), scaler));
        }
    }

    /// Adds a sub-meter's volume and the moment at which it was read. The volume is given in litres and printed in
    /// cubic metres.
    pub(crate) fn volume(&mut self, register: Obis, value: (&'static str, u8), at: Clock, litres: i64) {
        let (quantity, channel) = value;
        let printed = format!("({})({})", at.p1(), Print(5, 3, "m3").digits(litres));
        let value = TrueValue::new(register, quantity, decimal(litres, -3));
        self.line(&printed, value.unit("m3").channel(channel).time(at.rfc3339()));
    }

    /// Ends the telegram with a checksum over everything before it.
    pub(crate) fn checked(mut self) -> (Vec<u8>, Truth) {
        self.text.push('!');
        let crc = crc16_arc(self.text.as_bytes());
        self.text += &format!("{crc:04X}\r\n");
        (self.text.into_bytes(), self.truth)
    }

    /// Ends the telegram without a checksum, as before DSMR 4.
    pub(crate) fn unchecked(mut self) -> (Vec<u8>, Truth) {
        self.text += "!\r\n";
        (self.text.into_bytes(), self.truth)
    }

    fn hex(&mut self, value: TrueValue, text: &str) {
        let hex = hex::upper(text.as_bytes());
        self.line(&format!("({hex})"), TrueValue { value: hex.to_ascii_lowercase(), ..value });
    }
}

impl Print {
    /// Prints the number with leading zeros and unit.
    pub(crate) fn digits(self, digits: i64) -> String {
        let Self(whole, places, unit) = self;
        let number = decimal(digits, -i8::try_from(places).unwrap_or_default());
        let width = if places == 0 { whole } else { whole + 1 + places };
        format!("{number:0>width$}*{unit}")
    }

    /// The power of ten from the printed unit to the canonical one. Canonical units are kWh for energy and W for power.
    fn kilo(self) -> i8 {
        if matches!(self.2, "kW" | "kvar" | "kVAr") { 3 } else { 0 }
    }
}

/// Adds voltage sags and swells by phase, in DSMR's order: first the sags of all phases, then the swells.
pub(crate) fn sags_and_swells(telegram: &mut Telegram, phases: usize) {
    for (d, quantity) in [(32, "voltage-sags"), (36, "voltage-swells")] {
        for (count, (c, phase)) in (0..).zip([(32, "l1"), (52, "l2"), (72, "l3")].into_iter().take(phases)) {
            let count = if d == 32 { count } else { 0 };
            let value = TrueValue::new(Obis::new(1, 0, c, d, 0), quantity, count);
            telegram.line(&format!("({count:05})"), TrueValue { phase: Some(phase), ..value });
        }
    }
}

/// Adds a sub-meter's device type (EN 13757-3, table of device types): 3 for gas, 7 for water.
pub(crate) fn device_type(telegram: &mut Telegram, channel: u8, digits: usize, device: u8) {
    let value = TrueValue::new(Obis::new(0, channel, 24, 1, 0), "device-type", device).channel(channel);
    telegram.line(&format!("({device:0digits$})"), value);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The forms are those of the DSMR 5.0.2 companion standard, table 6-10. The last one is that of DSMR 2.2.
    #[test]
    fn prints_as_the_companion_standard_does() {
        for (print, digits, printed) in [
            (Print(6, 3, "kWh"), 123_456_789, "123456.789*kWh"),
            (Print(2, 3, "kW"), 1193, "01.193*kW"),
            (Print(3, 1, "V"), 2201, "220.1*V"),
            (Print(3, 0, "A"), 1, "001*A"),
            (Print(4, 2, "kW"), 98, "0000.98*kW"),
        ] {
            assert_eq!(print.digits(digits), printed);
        }
    }

    #[test]
    fn the_checksum_covers_everything_up_to_the_exclamation_mark() {
        let mut telegram = Telegram::new("SIM5\\2TEST");
        telegram.meter_id(Obis::new(0, 0, 96, 1, 1), "M1");
        let (bytes, truth) = telegram.checked();
        let text = String::from_utf8(bytes).unwrap();
        assert!(text.starts_with("/SIM5\\2TEST\r\n\r\n0-0:96.1.1(4D31)\r\n!"));
        let (body, crc) = text.split_at(text.find('!').unwrap() + 1);
        assert_eq!(crc, format!("{:04X}\r\n", crc16_arc(body.as_bytes())));
        assert_eq!((truth.meter.as_deref(), truth.values[0].value.as_str()), (Some("SIM-M1"), "4d31"));
    }
}
