//! Frames of France's TIC (Enedis-NOI-CPT_54E, 5.3.6): STX, groups, ETX. Each byte has even parity in its top bit, as a
//! receiver set to eight data bits gets it.

use crate::clock::Clock;
use crate::truth::{TrueValue, Truth};

/// A frame while it is being written, with its true values.
pub(crate) struct Frame {
    separator: char,
    text: String,
    truth: Truth,
}

impl Frame {
    /// Begins a frame of historic mode, whose fields are separated by a space.
    pub(crate) fn historic() -> Self {
        Self::new(' ')
    }

    /// Begins a frame of standard mode, whose fields are separated by a tab.
    pub(crate) fn standard() -> Self {
        Self::new('\t')
    }

    fn new(separator: char) -> Self {
        Self { separator, text: "\u{2}".into(), truth: Truth::default() }
    }

    /// Adds the address, which identifies the meter.
    pub(crate) fn address(&mut self, label: &str, address: &str) {
        self.truth.meter = Some(address.into());
        self.text(label, "meter-id", address);
    }

    /// Adds data that are not a number.
    pub(crate) fn text(&mut self, label: &str, quantity: impl Into<Option<&'static str>>, data: &str) {
        self.group(label, None, data);
        self.says(TrueValue::new(format!("tic:{label}"), quantity, data));
    }

    /// Adds a number, padded to `width` digits. `value` is its truth in the unit of readings.
    pub(crate) fn number(&mut self, label: &str, (width, digits): (usize, i64), value: TrueValue) {
        self.group(label, None, &format!("{digits:0width$}"));
        self.says(TrueValue { register: format!("tic:{label}"), ..value });
    }

    /// Like [`Self::number`], with a time stamp.
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

    pub(crate) fn clock(&mut self, at: Clock) {
        self.group("DATE", Some(at), "");
        self.truth.time = Some(at.rfc3339());
        self.says(TrueValue::new("tic:DATE", "clock", at.rfc3339()));
    }

    /// Ends the frame. Its numbers are marked as scaled by the documentation, because a frame states no unit.
    pub(crate) fn finish(self) -> (Vec<u8>, Truth) {
        let bytes = self.text.bytes().chain([0x03]);
        let bytes = bytes.map(|byte| byte | u8::from(byte.count_ones() % 2 == 1) << 7).collect();
        (bytes, self.truth.by_table())
    }

    fn says(&mut self, value: TrueValue) {
        self.truth.values.push(value);
    }

    /// Adds a group with its checksum. The checksum of standard mode includes the last separator, and that of historic
    /// mode does not.
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
        let (bytes, _) = frame.finish();
        assert!(bytes.iter().all(|byte| byte.count_ones() % 2 == 0));
        bytes.iter().map(|byte| char::from(byte & 0x7F)).collect()
    }

    /// Enedis-NOI-CPT_54E, 5.3.6. The groups and their checks come from other people's captures.
    #[test]
    fn checksums_are_those_of_real_meters() {
        let mut frame = Frame::historic();
        frame.text("PAPP", None, "00760");
        frame.text("PTEC", None, "HP..");
        assert_eq!(plain(frame), "\u{2}\nPAPP 00760 .\r\nPTEC HP..  \r\u{3}");
        let mut frame = Frame::standard();
        frame.text("IRMS1", None, "003");
        assert_eq!(plain(frame), "\u{2}\nIRMS1\t003\t1\r\u{3}");
    }
}
