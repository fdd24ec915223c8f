//! [`Readout`]: an IEC 62056-21 readout while it is being printed, with its true values (6.5 data sets, 6.4.6 block
//! check).
//!
//! ```text
//! /XXXBidentification CR LF
//! CR LF or STX
//! code(value*unit) …
//! ! CR LF, and after a block ETX and the block check
//! ```

use crate::truth::{TrueValue, Truth};

/// The data sets printed so far, with their truth.
#[derive(Clone, Debug, Default)]
pub(crate) struct Readout {
    identification: &'static str,
    data: String,
    truth: Truth,
}

impl Readout {
    pub(crate) fn new(identification: &'static str) -> Self {
        Self { identification, ..Self::default() }
    }

    /// Adds a data set as printed, with its values. A data set that holds two values has two truths.
    pub(crate) fn set(&mut self, printed: &str, values: impl IntoIterator<Item = TrueValue>) {
        self.data += printed;
        self.truth.values.extend(values);
    }

    /// Adds a data set on a line of its own.
    pub(crate) fn line(&mut self, printed: &str, value: TrueValue) {
        self.set(printed, [value]);
        self.line_end();
    }

    pub(crate) fn line_end(&mut self) {
        self.data += "\r\n";
    }

    /// Adds the data set with the meter's own number, and records the number as the meter's identification.
    pub(crate) fn number(&mut self, printed: &str, register: &str, number: &str) {
        self.set(&format!("{printed}({number})"), [TrueValue::new(register, "meter-id", number)]);
        self.truth.meter = Some(number.to_string());
    }

    /// Records the time that the meter's clock shows.
    pub(crate) fn is_at(&mut self, time: String) {
        self.truth.time = Some(time);
    }

    /// The readout of a meter of mode D, which sends without being asked.
    pub(crate) fn pushed(self) -> (Vec<u8>, Truth) {
        let text = format!("/{}\r\n\r\n{}!\r\n", self.identification, self.data);
        (text.into_bytes(), self.truth)
    }

    /// The readout of a meter that answers a request: a block with its check.
    pub(crate) fn answered(self) -> (Vec<u8>, Truth) {
        let block = format!("{}!\r\n\u{3}", self.data);
        let check = block.bytes().fold(0, |check, byte| check ^ byte);
        let text = format!("/{}\r\n\u{2}{block}", self.identification);
        ([text.as_bytes(), &[check]].concat(), self.truth)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The readout is that of pwitab's iec62056-21, and the check is the one stated there.
    #[test]
    fn a_block_ends_with_the_checksum_of_its_bytes() {
        let mut readout = Readout::new("XYZ5");
        readout.set("3:14(314*kWh)4:15(415*kWh)", []);
        readout.line_end();
        let (bytes, _) = readout.answered();
        assert!(bytes.ends_with(b"(415*kWh)\r\n!\r\n\x03\""), "{bytes:?}");
    }
}
