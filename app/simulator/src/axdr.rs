//! [`Axdr`]: writes the values of a DLMS push (A-XDR, IEC 61334-6, with the tags of IEC 62056-5-3) and the
//! DataNotification around them.

use metertap_decoder::register::Obis;

/// Values in the order in which they were written.
#[derive(Clone, Debug, Default)]
pub(crate) struct Axdr(Vec<u8>);

/// How the meter writes the date-time of the notification itself.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Stamp {
    /// `00`: the meter sends no date-time.
    Absent,
    /// `0C` and twelve bytes, as the standard says.
    Plain([u8; 12]),
    /// `09 0C` and twelve bytes: tagged as a value is.
    Tagged([u8; 12]),
}

impl Axdr {
    /// The head of an array with this number of elements.
    pub(crate) fn array(&mut self, elements: usize) {
        self.0.push(0x01);
        self.length(elements);
    }

    /// The head of a structure with this number of elements.
    pub(crate) fn structure(&mut self, elements: usize) {
        self.0.push(0x02);
        self.length(elements);
    }

    pub(crate) fn double_long_unsigned(&mut self, number: u32) {
        self.0.push(0x06);
        self.0.extend(number.to_be_bytes());
    }

    pub(crate) fn octet_string(&mut self, bytes: &[u8]) {
        self.0.push(0x09);
        self.length(bytes.len());
        self.0.extend(bytes);
    }

    pub(crate) fn visible_string(&mut self, text: &str) {
        self.0.push(0x0A);
        self.length(text.len());
        self.0.extend(text.as_bytes());
    }

    pub(crate) fn integer(&mut self, number: i8) {
        self.0.push(0x0F);
        self.0.extend(number.to_be_bytes());
    }

    pub(crate) fn long(&mut self, number: i16) {
        self.0.push(0x10);
        self.0.extend(number.to_be_bytes());
    }

    pub(crate) fn long_unsigned(&mut self, number: u16) {
        self.0.push(0x12);
        self.0.extend(number.to_be_bytes());
    }

    pub(crate) fn enumeration(&mut self, number: u8) {
        self.0.extend([0x16, number]);
    }

    pub(crate) fn obis(&mut self, Obis(code): Obis) {
        self.octet_string(&code);
    }

    /// Class, OBIS code and attribute of an object, without any tags (IEC 62056-5-3, cosem-attribute-descriptor).
    pub(crate) fn descriptor(&mut self, class: u16, Obis(code): Obis, attribute: u8) {
        self.0.extend(class.to_be_bytes());
        self.0.extend(code);
        self.0.push(attribute);
    }

    pub(crate) fn append(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// The values as the body of a DataNotification (tag 0F), after the LLC header of IEC 62056-46.
    pub(crate) fn notification(self, invoke_id: [u8; 4], stamp: Stamp) -> Vec<u8> {
        let mut bytes = vec![0xE6, 0xE7, 0x00, 0x0F];
        bytes.extend(invoke_id);
        match stamp {
            Stamp::Absent => bytes.push(0x00),
            Stamp::Plain(time) => {
                bytes.push(0x0C);
                bytes.extend(time);
            }
            Stamp::Tagged(time) => {
                bytes.extend([0x09, 0x0C]);
                bytes.extend(time);
            }
        }
        bytes.extend(self.0);
        bytes
    }

    /// Writes a length. Below 128 it is one byte. Otherwise, the first byte holds the number of length bytes with the
    /// top bit set, and the length bytes follow.
    fn length(&mut self, length: usize) {
        match u8::try_from(length) {
            Ok(short @ 0..0x80) => self.0.push(short),
            Ok(long) => self.0.extend([0x81, long]),
            Err(_) => {
                let [.., high, low] = length.to_be_bytes();
                self.0.extend([0x82, high, low]);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_the_tags_of_the_standard() {
        let mut axdr = Axdr::default();
        axdr.structure(2);
        axdr.obis(Obis::new(1, 0, 31, 7, 0));
        axdr.long(-2);
        axdr.integer(-1);
        axdr.enumeration(33);
        let bytes = axdr.notification([0x40, 0, 0, 0], Stamp::Absent);
        let expected = [
            0xE6, 0xE7, 0x00, 0x0F, 0x40, 0, 0, 0, 0x00, 0x02, 2, 0x09, 6, 1, 0, 31, 7, 0, 255, 0x10, 0xFF,
            0xFE, 0x0F, 0xFF, 0x16, 33,
        ];
        assert_eq!(bytes, expected);
    }

    #[test]
    fn longer_content_has_a_longer_length_field() {
        for (length, head) in
            [(5, vec![0x09, 5]), (200, vec![0x09, 0x81, 200]), (300, vec![0x09, 0x82, 1, 44])]
        {
            let mut axdr = Axdr::default();
            axdr.octet_string(&vec![0; length]);
            assert!(axdr.0.starts_with(&head));
        }
    }
}
