//! [`push`]: lists as DLMS meters push them, written value by value. Tests use them for rows of the decoder's tables
//! whose meters the simulator does not have.

use metertap_decoder::crc::crc16_x25;

/// A value, by its A-XDR type (IEC 62056-6-2, 4.1.5).
#[allow(missing_docs, reason = "each name documents itself")]
#[derive(Clone, Debug, PartialEq)]
pub enum Datum {
    Null,
    Boolean(bool),
    U8(u8),
    U16(u16),
    U32(u32),
    I32(i32),
    Octets(Vec<u8>),
    Visible(String),
    Array(Vec<Self>),
}

impl Datum {
    /// Text as most meters send it.
    #[must_use]
    pub fn text(text: &str) -> Self {
        Self::Octets(text.as_bytes().to_vec())
    }

    /// The name of a register.
    #[must_use]
    pub fn obis([a, b, c, d, e]: [u8; 5]) -> Self {
        Self::Octets([a, b, c, d, e, 255].to_vec())
    }

    fn write(&self, out: &mut Vec<u8>) {
        let length = |count: usize| u8::try_from(count).unwrap_or(u8::MAX);
        match self {
            Self::Null => out.push(0),
            Self::Boolean(is_set) => out.extend([3, u8::from(*is_set)]),
            Self::U8(number) => out.extend([0x11, *number]),
            Self::U16(number) => {
                out.push(0x12);
                out.extend(number.to_be_bytes());
            }
            Self::U32(number) => {
                out.push(6);
                out.extend(number.to_be_bytes());
            }
            Self::I32(number) => {
                out.push(5);
                out.extend(number.to_be_bytes());
            }
            Self::Octets(bytes) => {
                out.extend([9, length(bytes.len())]);
                out.extend(bytes);
            }
            Self::Visible(text) => {
                out.extend([10, length(text.len())]);
                out.extend(text.as_bytes());
            }
            Self::Array(items) => {
                out.extend([1, length(items.len())]);
                items.iter().for_each(|item| item.write(out));
            }
        }
    }
}

/// A moment of 2026 in winter time as a COSEM date-time, this many seconds after the beginning of the year.
#[must_use]
pub fn date_time(second: u32) -> Vec<u8> {
    let (day, rest) = (second / 86_400, second % 86_400);
    let part = |value: u32| u8::try_from(value).unwrap_or_default();
    // The tests need moments of January only.
    let clock = [part(rest / 3600), part(rest / 60 % 60), part(rest % 60)];
    [&[0x07, 0xEA, 1, part(day % 31) + 1, 0xFF][..], &clock, &[0, 0xFF, 0xC4, 0]].concat()
}

/// An HDLC frame with a data notification that contains a list. It is sent `second` seconds after the beginning of
/// 2026.
#[must_use]
pub fn push(second: u32, values: &[Datum]) -> Vec<u8> {
    let mut body = vec![0xE6, 0xE7, 0x00, 0x0F, 0, 0, 0, 1, 12];
    body.extend(date_time(second));
    body.extend([2, u8::try_from(values.len()).unwrap_or(u8::MAX)]);
    values.iter().for_each(|value| value.write(&mut body));
    let length = u16::try_from(2 + 3 + 2 + body.len() + 2).unwrap_or_default();
    let mut frame = (0xA000 | length).to_be_bytes().to_vec();
    frame.extend([0xCF, 0x03, 0x13]);
    frame.extend(crc16_x25(&frame).to_le_bytes());
    frame.extend(body);
    frame.extend(crc16_x25(&frame).to_le_bytes());
    frame.insert(0, 0x7E);
    frame.push(0x7E);
    frame
}
