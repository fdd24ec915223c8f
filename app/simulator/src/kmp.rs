//! [`Answer`]: the answer of a Kamstrup meter at its optical head, with its true values.
//!
//! ```text
//! 40  address  command  answer…  CRC-16/XMODEM  0D
//! ```
//! Between start and stop, each byte 06, 0D, 1B, 40 or 80 becomes 1B and the byte's complement.
//!
//! A register consists of its number, its unit, the length of its mantissa, the power of ten, and the mantissa
//! (Kamstrup's protocol description, 4.2 and 6.2).

use metertap_decoder::crc::crc16_xmodem;

use crate::clock::Clock;
use crate::household::Household;
use crate::noise::Topic;
use crate::truth::{TrueValue, Truth, decimal};

/// An answer while it is being built.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    body: Vec<u8>,
    truth: Truth,
    /// The registers that were asked for. `None` means all.
    wanted: Option<Vec<u16>>,
}

/// A unit: its number in Kamstrup's table, the unit in a reading, and the power of ten from the first to the second.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Unit(u8, Option<&'static str>, i8);

impl Unit {
    pub(crate) const MEGAWATT_HOUR: Self = Self(3, Some("kWh"), 3);
    pub(crate) const KILOWATT: Self = Self(22, Some("W"), 3);
    pub(crate) const CELSIUS: Self = Self(37, Some("°C"), 0);
    pub(crate) const KELVIN: Self = Self(38, Some("°C"), 0);
    pub(crate) const CUBIC_METRE: Self = Self(40, Some("m3"), 0);
    pub(crate) const LITRE_PER_HOUR: Self = Self(41, Some("m3/h"), -3);
    pub(crate) const HOUR: Self = Self(46, Some("h"), 0);
    pub(crate) const NUMBER: Self = Self(51, None, 0);
    pub(crate) const DAY: Self = Self(62, Some("d"), 0);
    const TIME_OF_DAY: Self = Self(47, None, 0);
    const DATE: Self = Self(48, None, 0);
}

impl Answer {
    /// An answer to GetRegister, without registers yet.
    pub(crate) fn of_registers() -> Self {
        Self { body: vec![METER, GET_REGISTER], truth: Truth::default(), wanted: None }
    }

    /// Limits the answer to these registers. Adding another register then does nothing.
    pub(crate) fn only(self, wanted: Vec<u16>) -> Self {
        Self { wanted: Some(wanted), ..self }
    }

    /// An answer to GetType: the number of the type, and the software revision as a letter and a number.
    pub(crate) fn of_type(number: u16, letter: char, revision: u8) -> Self {
        let mut answer = Self { body: vec![METER, GET_TYPE], truth: Truth::default(), wanted: None };
        answer.body.extend_from_slice(&number.to_be_bytes());
        answer.body.push(u8::try_from(u32::from(letter) - u32::from('A') + 1).unwrap_or_default());
        answer.body.push(revision);
        answer.truth.values.push(TrueValue::new("kmp:404", None, number));
        answer.truth.values.push(TrueValue::new("kmp:1005", None, format!("{letter}{revision}")));
        answer
    }

    pub(crate) fn of_serial_number(household: &Household) -> Self {
        let number = serial_number(household);
        let mut answer = Self { body: vec![METER, GET_SERIAL_NUMBER], truth: Truth::default(), wanted: None };
        answer.body.extend_from_slice(&number.to_be_bytes());
        answer.name(number);
        answer
    }

    /// Adds a register with the number `digits × 10^power`, as a mantissa of `bytes` bytes.
    pub(crate) fn register(
        &mut self,
        id: u16,
        quantity: impl Into<Option<&'static str>>,
        (digits, power): (i64, i8),
        bytes: usize,
        unit: Unit,
    ) {
        if !self.put(id, unit, (digits, power), bytes) {
            return;
        }
        let value = TrueValue::new(format!("kmp:{id}"), quantity, decimal(digits, power + unit.2));
        self.truth.values.push(TrueValue { unit: unit.1, ..value });
    }

    pub(crate) fn serial_number(&mut self, household: &Household) {
        let number = serial_number(household);
        if self.put(1001, Unit::NUMBER, (number.into(), 0), 4) {
            self.name(number);
        }
    }

    /// Adds date and time of day. Each is a register of its own, and a reader asks for both together.
    pub(crate) fn clock(&mut self, clock: Clock) {
        let written = clock.p1_unflagged();
        let (date, time) = written.split_at(6);
        let digits = |text: &str| (text.parse().unwrap_or_default(), 0);
        if !self.put(1003, Unit::DATE, digits(date), 4) {
            return;
        }
        self.put(1002, Unit::TIME_OF_DAY, digits(time), 4);
        let whole = clock.rfc3339_unflagged();
        let shown = [("kmp:1003", 0..10), ("kmp:1002", 11..19)];
        let texts = shown.map(|(id, part)| TrueValue::new(id, "clock", whole.get(part).unwrap_or_default()));
        self.truth.values.extend(texts);
        self.truth.time = Some(whole);
    }

    pub(crate) fn bytes(self) -> (Vec<u8>, Truth) {
        let checked = [&self.body[..], &crc16_xmodem(&self.body).to_be_bytes()].concat();
        let escaped = checked.into_iter().flat_map(|byte| match byte {
            0x06 | 0x0D | 0x1B | 0x40 | 0x80 => vec![0x1B, !byte],
            other => vec![other],
        });
        ([0x40].into_iter().chain(escaped).chain([0x0D]).collect(), self.truth)
    }

    /// Adds a register if it was asked for, and returns whether it was.
    fn put(&mut self, id: u16, unit: Unit, (digits, power): (i64, i8), bytes: usize) -> bool {
        if self.wanted.as_ref().is_some_and(|wanted| !wanted.contains(&id)) {
            return false;
        }
        self.body.extend_from_slice(&id.to_be_bytes());
        let signs = if digits < 0 { 0x80 } else { 0 } | if power < 0 { 0x40 } else { 0 };
        self.body.extend([unit.0, u8::try_from(bytes).unwrap_or(u8::MAX), signs | power.unsigned_abs()]);
        let mantissa = digits.unsigned_abs().to_be_bytes();
        self.body.extend_from_slice(&mantissa[mantissa.len() - bytes..]);
        true
    }

    fn name(&mut self, number: u32) {
        self.truth.values.push(TrueValue::new("kmp:1001", "meter-id", number));
        self.truth.meter = Some(format!("KAM-{number}"));
    }
}

fn serial_number(household: &Household) -> u32 {
    let number = household.noise().between(Topic::Serial, 0, 60_000_000, 99_999_999);
    u32::try_from(number).unwrap_or_default()
}

/// The address of the meter itself. A logger module has another one.
const METER: u8 = 0x3F;
const GET_TYPE: u8 = 0x01;
const GET_SERIAL_NUMBER: u8 = 0x02;
const GET_REGISTER: u8 = 0x10;

#[cfg(test)]
mod tests {
    use super::*;

    /// Kamstrup's protocol description, 6.2.4: register 128, in kW, 19591204 x 10^17.
    #[test]
    fn a_byte_that_looks_like_a_start_is_escaped() {
        let mut answer = Answer::of_registers();
        answer.register(128, None, (19_591_204, 17), 4, Unit::KILOWATT);
        let printed =
            [0x40, 0x3F, 0x10, 0x00, 0x1B, 0x7F, 0x16, 0x04, 0x11, 0x01, 0x2A, 0xF0, 0x24, 0x63, 0x03, 0x0D];
        assert_eq!(answer.bytes().0, printed);
    }

    #[test]
    fn the_sign_is_in_the_byte_of_the_power_of_ten() {
        let mut answer = Answer::of_registers();
        answer.register(89, "temperature-difference", (-12_345, -2), 4, Unit::KELVIN);
        let (bytes, truth) = answer.bytes();
        assert_eq!(bytes[3..12], [0x00, 0x59, 0x26, 0x04, 0xC2, 0x00, 0x00, 0x30, 0x39]);
        assert_eq!(truth.values[0].value, "-123.45");
    }
}
