//! Frames of France's TIC (Enedis-NOI-CPT_54E, 5.3.6): STX, groups, ETX, with even parity in the top bit of each octet, as
//! a line hears it that is set to eight bits.

use crate::clock::Clock;
use crate::truth::{TrueValue, Truth};

/// A frame in the making, and the truth about it.
pub(crate) struct Frame {
    separator: char,
    text: String,
    truth: Truth,
}

impl Frame {
    /// In historic mode fields are separated by a blank, in standard mode by a tab.
    pub(crate) fn historic() -> Self {
        Self::new(' ')
    }

    /// The same in standard mode.
    pub(crate) fn standard() -> Self {
        Self::new('\t')
    }

    fn new(separator: char) -> Self {
        Self { separator, text: "\u{2}".into(), truth: Truth::default() }
    }

    /// The address, which a meter is known by.
    pub(crate) fn address(&mut self, label: &str, address: &str) {
        self.truth.meter = Some(address.into());
        self.text(label, "meter-id", address);
    }

    /// Data that are no number.
    pub(crate) fn text(&mut self, label: &str, quantity: impl Into<Option<&'static str>>, data: &str) {
        self.group(label, None, data);
        self.says(TrueValue::new(format!("tic:{label}"), quantity, data));
    }

    /// A number of so many digits; `value` says what it is in the unit of readings.
    pub(crate) fn number(&mut self, label: &str, (width, digits): (usize, i64), value: TrueValue) {
        self.group(label, None, &format!("{digits:0width$}"));
        self.says(TrueValue { register: format!("tic:{label}"), ..value });
    }

    /// The same with a moment of its own.
    pub(crate) fn stamped(
        &mut self,
        label: &str,
        at: Clock,
        (width, digits): (usize, i64),
        value: TrueValue,
    ) {
        self.group(label, Some(at), &format!("{digits:0width$}"));
        self.says(TrueValue { register: format!("tic:{label}"), ..value.time(at.rfc3339()) });
    }

    /// The meter's clock.
    pub(crate) fn clock(&mut self, at: Clock) {
        self.group("DATE", Some(at), "");
        self.truth.time = Some(at.rfc3339());
        self.says(TrueValue::new("tic:DATE", "clock", at.rfc3339()));
    }

    /// The octets, and what they say. No unit is ever sent.
    pub(crate) fn finish(self) -> (Vec<u8>, Truth) {
        let octets = self.text.bytes().chain([0x03]);
        let octets = octets.map(|octet| octet | u8::from(octet.count_ones() % 2 == 1) << 7).collect();
        (octets, self.truth.by_table())
    }

    fn says(&mut self, value: TrueValue) {
        self.truth.values.push(value);
    }

    /// The sum of historic mode leaves the last separator out, that of standard mode does not.
    fn group(&mut self, label: &str, at: Option<Clock>, data: &str) {
        let separator = self.separator;
        let moment = at.map(|at| format!("{}{separator}", at.tic())).unwrap_or_default();
        let fields = format!("{label}{separator}{moment}{data}");
        let last = if separator == '\t' { u32::from(separator) } else { 0 };
        let sum = fields.bytes().map(u32::from).sum::<u32>() + last;
        let check = char::from_u32((sum & 0x3F) + 0x20).unwrap_or(' ');
        self.text += &format!("\n{fields}{separator}{check}\r");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(frame: Frame) -> String {
        let (octets, _) = frame.finish();
        assert!(octets.iter().all(|octet| octet.count_ones() % 2 == 0));
        octets.iter().map(|octet| char::from(octet & 0x7F)).collect()
    }

    /// Enedis-NOI-CPT_54E, 5.3.6, by groups whose checks are in captures of others.
    #[test]
    fn checks_are_those_of_real_meters() {
        let mut frame = Frame::historic();
        frame.text("PAPP", None, "00760");
        frame.text("PTEC", None, "HP..");
        assert_eq!(plain(frame), "\u{2}\nPAPP 00760 .\r\nPTEC HP..  \r\u{3}");
        let mut frame = Frame::standard();
        frame.text("IRMS1", None, "003");
        assert_eq!(plain(frame), "\u{2}\nIRMS1\t003\t1\r\u{3}");
    }
}
