//! The data of an M-Bus record: bytes, encoded as the DIF states → a value.
//!
//! EN 13757-3:2018, 6.3.3 and 6.3.4 for the encodings, annex A for the types; all of them with the low byte first.

use smol_str::{SmolStr, ToSmolStr};

use super::moment::{self, Moment};
use crate::cursor::Cursor;
use crate::error::ParseError;
use crate::number::Number;
use crate::register::Value;
use crate::time::{MeterTime, Zone};
use crate::vif::IntegerForm;

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Data<'a> {
    /// No data, or the echo of a selection.
    Nothing,
    /// An integer, flags, or a date.
    Binary(&'a [u8]),
    /// Type A: decimal digits.
    Digits { bytes: &'a [u8], negative: bool },
    /// Type H: a real of IEEE 754.
    Real([u8; 4]),
    /// Text in ISO 8859-1, the last letter first.
    Text(&'a [u8]),
    /// A binary number longer than any counter.
    Long(&'a [u8]),
}

impl<'a> Data<'a> {
    /// Takes the bytes of the data. Their number is in the DIF, or in a length byte in front of them.
    ///
    /// # Errors
    /// [`ParseError::Truncated`] if there are fewer bytes; [`ParseError::Unsupported`] for a reserved length.
    #[inline(always)]
    pub(super) fn read(dif: u8, cursor: &mut Cursor<'a>) -> Result<Self, ParseError> {
        let coding = dif & DATA_FIELD;
        let data = match coding {
            0x0 | 0x8 => Some(Self::Nothing),
            0x1..=0x4 => cursor.take(coding.into()).map(Self::Binary),
            0x5 => cursor.array().map(Self::Real),
            0x6 => cursor.take(6).map(Self::Binary),
            0x7 => cursor.take(8).map(Self::Binary),
            0xD => Self::read_variable(cursor)?,
            0xE => cursor.take(6).map(Self::digits),
            _ => cursor.take((coding & 7).into()).map(Self::digits),
        };
        data.ok_or(ParseError::Truncated)
    }

    #[inline(never)]
    fn read_variable(cursor: &mut Cursor<'a>) -> Result<Option<Self>, ParseError> {
        let Some(length) = cursor.u8() else { return Ok(None) };
        let mut take = |count: u8| cursor.take(count.into());
        Ok(match length {
            0x00..=0xBF => take(length).map(Self::Text),
            0xC0..=0xC9 => take(length - 0xC0).map(Self::digits),
            0xD0..=0xD9 => take(length - 0xD0).map(|bytes| Self::Digits { bytes, negative: true }),
            0xE0..=0xE8 => take(length - 0xE0).map(Self::Binary),
            0xE9..=0xEF => take(length - 0xE0).map(Self::Long),
            0xF0..=0xF4 => take(4 * (length - 0xEC)).map(Self::Long),
            0xF5 => take(48).map(Self::Long),
            0xF6 => take(64).map(Self::Long),
            reserved => return Err(ParseError::Unsupported(reserved)),
        })
    }

    fn digits(bytes: &'a [u8]) -> Self {
        Self::Digits { bytes, negative: false }
    }

    /// Whether all bits of an integer of several bytes are set: makers send this for a missing value.
    pub(super) fn is_all_ones(&self) -> bool {
        matches!(self, Self::Binary(bytes) if bytes.len() > 1 && bytes.iter().all(|byte| *byte == 0xFF))
    }

    /// Whether this is the lowest signed integer, which means that there is no value (EN 13757-3:2018, annex A, type
    /// B).
    pub(super) fn is_lowest(&self) -> bool {
        matches!(self, Self::Binary([rest @ .., 0x80]) if rest.iter().all(|byte| *byte == 0))
    }

    /// Whether the bytes of a date say that it was never set.
    pub(super) fn is_unset(&self) -> bool {
        let (Self::Binary(bytes) | Self::Digits { bytes, .. }) = self else { return false };
        [0, 0xFF].iter().any(|unset| bytes.iter().all(|byte| byte == unset))
    }

    /// Whether the data fit a VIF of this form.
    pub(super) fn suits(&self, form: IntegerForm) -> bool {
        match (self, form) {
            (Self::Nothing, _) => false,
            (Self::Binary(bytes), IntegerForm::Moment) => moment::LENGTHS.contains(&bytes.len()),
            (Self::Digits { negative, .. }, IntegerForm::Moment) => !negative,
            (_, IntegerForm::Moment) => false,
            _ => true,
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Field {
    pub(super) value: Value,
    /// The time that the value states, if it states one.
    pub(super) time: Option<MeterTime>,
    /// Whether the value is invalid: bad digits, an infinity or NaN, a scale out of range, or an invalid date.
    pub(super) invalid: bool,
}

impl Field {
    pub(super) fn of(value: Value) -> Self {
        Self { value, time: None, invalid: false }
    }

    fn invalid(value: Value) -> Self {
        Self { value, time: None, invalid: true }
    }

    fn moment(moment: Moment) -> Self {
        Self { value: Value::Text(moment.text), time: moment.time, invalid: moment.invalid }
    }

    /// The value of the data; a number is its digits times ten to the power `scale`.
    #[inline(always)]
    pub(super) fn read(data: Data<'_>, form: IntegerForm, scale: i8, zone: Zone) -> Self {
        match (data, form) {
            (Data::Binary(bytes), IntegerForm::Number) => Self::number(signed(bytes), scale),
            (data, form) => Self::read_other(data, form, scale, zone),
        }
    }

    #[inline(never)]
    fn read_other(data: Data<'_>, form: IntegerForm, scale: i8, zone: Zone) -> Self {
        match (data, form) {
            (Data::Binary(bytes), IntegerForm::Moment) => match moment::read(bytes, zone) {
                Some(moment) => Self::moment(moment),
                None => Self::number(signed(bytes), scale),
            },
            (Data::Binary(bytes), IntegerForm::Number) => Self::number(signed(bytes), scale),
            (Data::Binary(bytes), IntegerForm::Unsigned) => Self::number(unsigned(bytes), scale),
            (Data::Binary(bytes), IntegerForm::Digits) => Self::of(Value::Text(unsigned(bytes).to_smolstr())),
            // The VIF says that these digits are a time; the DIF says only that they are digits. Digits that are not a
            // time stay text, so that leading zeros are kept.
            (Data::Digits { bytes, .. }, IntegerForm::Moment) => {
                match moment::read_digits(&spelled(bytes), zone) {
                    Some(moment) => Self::moment(moment),
                    None if decimal(bytes).is_none() => Self::invalid(Value::Text(spelled(bytes))),
                    None => Self::of(Value::Text(spelled(bytes))),
                }
            }
            (Data::Digits { bytes, negative }, form) => match decimal(bytes) {
                None => Self::invalid(Value::Text(spelled(bytes))),
                Some(_) if form == IntegerForm::Digits => Self::of(Value::Text(spelled(bytes))),
                Some(digits) => Self::number(if negative { -digits } else { digits }, scale),
            },
            (Data::Real(bytes), _) => match Number::from_real32(u32::from_le_bytes(bytes)) {
                Some(number) => Self::shifted(number, scale),
                None => Self::invalid(Value::Octets(bytes.into())),
            },
            (Data::Nothing, _) => Self::of(Value::Text(SmolStr::default())),
            (Data::Text(bytes), _) => {
                Self::of(Value::Text(bytes.iter().rev().map(|byte| char::from(*byte)).collect()))
            }
            (Data::Long(bytes), _) => Self::of(Value::Octets(bytes.into())),
        }
    }

    fn number(mantissa: impl Into<i128>, scale: i8) -> Self {
        Self::of(Value::Number(Number::new(mantissa.into(), scale)))
    }

    fn shifted(number: Number, by: i8) -> Self {
        match number.shifted(by) {
            Some(shifted) => Self::of(Value::Number(shifted)),
            None => Self::invalid(Value::Number(number)),
        }
    }
}

/// The unsigned integer of type C in at most eight bytes.
fn unsigned(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte))
}

/// The signed integer of type B, in two's complement.
fn signed(bytes: &[u8]) -> i64 {
    match *bytes {
        [a] => i8::from_le_bytes([a]).into(),
        [a, b] => i16::from_le_bytes([a, b]).into(),
        [a, b, c] => (i32::from_le_bytes([0, a, b, c]) >> 8).into(),
        [a, b, c, d] => i32::from_le_bytes([a, b, c, d]).into(),
        [a, b, c, d, e, f] => i64::from_le_bytes([0, 0, a, b, c, d, e, f]) >> 16,
        // A length in front of the data may state any number of bytes.
        _ => {
            let unused = u64::BITS.saturating_sub(8 * u32::try_from(bytes.len()).unwrap_or_default());
            unsigned(bytes).unbounded_shl(unused).cast_signed().unbounded_shr(unused)
        }
    }
}

/// The number of type A: four bits per digit, at most nine bytes; an F in place of the first digit is a minus sign.
fn decimal(bytes: &[u8]) -> Option<i64> {
    let (first, rest) = bytes.split_last()?;
    let negative = first >> 4 == MINUS;
    let start = two_digits(if negative { first & 0x0F } else { *first })?;
    let number = rest.iter().rev().try_fold(start, |number, byte| Some(number * 100 + two_digits(*byte)?))?;
    Some(if negative { -number } else { number })
}

fn two_digits(byte: u8) -> Option<i64> {
    let (tens, ones) = (byte >> 4, byte & 0x0F);
    (tens < 10 && ones < 10).then(|| (10 * tens + ones).into())
}

/// The digits as the meter displays them; some meters display letters when there is no value.
fn spelled(bytes: &[u8]) -> SmolStr {
    nibbles(bytes).filter_map(|nibble| char::from_digit(nibble.into(), 16)).collect()
}

/// The half bytes, the highest first.
fn nibbles(bytes: &[u8]) -> impl Iterator<Item = u8> {
    bytes.iter().rev().flat_map(|byte| [byte >> 4, byte & 0x0F])
}

/// The bits of a DIF that state the encoding of the data.
pub(crate) const DATA_FIELD: u8 = 0x0F;
const MINUS: u8 = 0x0F;

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::{String, ToString};

    /// The value of the data after a record's header.
    fn read(dif: u8, form: IntegerForm, scale: i8, bytes: &[u8]) -> (String, bool) {
        let mut cursor = Cursor::new(bytes);
        let data = Data::read(dif, &mut cursor).unwrap();
        assert!(cursor.rest().is_empty(), "{bytes:02X?}");
        let field = Field::read(data, form, scale, Zone::default());
        (field.value.to_string(), field.invalid)
    }

    fn number(dif: u8, bytes: &[u8]) -> String {
        let (text, invalid) = read(dif, IntegerForm::Number, 0, bytes);
        assert!(!invalid, "{text}");
        text
    }

    #[test]
    fn integers_have_one_to_eight_bytes_and_a_sign() {
        assert_eq!(number(0x01, &[0xFE]), "-2");
        assert_eq!(number(0x02, &[0xD0, 0x07]), "2000");
        assert_eq!(number(0x03, &[0xFE, 0xFF, 0xFF]), "-2");
        assert_eq!(number(0x04, &[0, 0, 0, 0x80]), "-2147483648");
        assert_eq!(number(0x06, &[0, 0, 0, 0, 0, 0x80]), "-140737488355328");
        assert_eq!(number(0x07, &[0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F]), i64::MAX.to_string());
        assert_eq!(read(0x02, IntegerForm::Unsigned, 0, &[0x00, 0x80]).0, "32768");
    }

    #[test]
    fn digits_may_be_negative_or_invalid() {
        assert_eq!(number(0x09, &[0x42]), "42");
        assert_eq!(number(0x0C, &[0x78, 0x56, 0x34, 0x12]), "12345678");
        assert_eq!(number(0x0E, &[0, 0, 0, 0, 0, 0x99]), "990000000000");
        assert_eq!(number(0x0A, &[0x23, 0xF1]), "-123");
        assert_eq!(read(0x0B, IntegerForm::Number, -1, &[0x10, 0x27, 0]), ("271.0".into(), false));
        // Letters that an ABB heat meter displays; all F if there is no value.
        assert_eq!(read(0x0B, IntegerForm::Number, -1, &[0xDD, 0xB4, 0xEB]), ("ebb4dd".into(), true));
        assert_eq!(read(0x0A, IntegerForm::Number, 0, &[0xFF, 0xFF]), ("ffff".into(), true));
    }

    #[test]
    fn an_identification_keeps_its_zeros() {
        assert_eq!(read(0x0C, IntegerForm::Digits, 0, &[0x07, 0x20, 0x18, 0]).0, "00182007");
        assert_eq!(read(0x04, IntegerForm::Digits, 0, &[0xFF, 0xFF, 0xFF, 0xFF]).0, "4294967295");
    }

    /// 32-bit reals of a heat meter, as libmbus prints them.
    #[test]
    fn reals_become_decimal_numbers() {
        assert_eq!(number(0x05, &[0x22, 0xF3, 0x26, 0x42]), "41.737434");
        assert_eq!(read(0x05, IntegerForm::Number, -3, &[0x22, 0xF3, 0x26, 0x42]).0, "0.041737434");
        assert_eq!(read(0x05, IntegerForm::Number, 0, &[0, 0, 0xC0, 0x7F]), ("0000c07f".into(), true));
    }

    #[test]
    fn a_variable_length_also_gives_the_coding() {
        assert_eq!(number(0x0D, &[0x03, b'c', b'b', 0xE4]), "äbc");
        assert_eq!(number(0x0D, &[0x00]), "");
        assert_eq!(number(0x0D, &[0xC2, 0x34, 0x12]), "1234");
        assert_eq!(number(0x0D, &[0xD2, 0x34, 0x12]), "-1234");
        assert_eq!(number(0x0D, &[0xE2, 0x34, 0x12]), "4660");
        let long = [&[0xF0][..], &[7; 16]].concat();
        assert_eq!(number(0x0D, &long), "07".repeat(16));
        let longest = [&[0xF6][..], &[7; 64]].concat();
        assert_eq!(number(0x0D, &longest), "07".repeat(64));
        assert_eq!(Data::read(0x0D, &mut Cursor::new(&[0xF8])), Err(ParseError::Unsupported(0xF8)));
        assert_eq!(Data::read(0x0D, &mut Cursor::new(&[3, 1, 2])), Err(ParseError::Truncated));
    }

    #[test]
    fn dates_are_recognised_by_their_length() {
        assert_eq!(read(0x02, IntegerForm::Moment, 0, &[0xBF, 0x1C]).0, "2013-12-31");
        assert_eq!(
            read(0x04, IntegerForm::Moment, 0, &[0x0B, 0x0B, 0xCD, 0x13]).0,
            "2014-03-13T11:11:00+01:00"
        );
        assert!(
            !Data::Binary(&[1]).suits(IntegerForm::Moment) && !Data::Real([0; 4]).suits(IntegerForm::Moment)
        );
        assert!(
            Data::Binary(&[0; 6]).suits(IntegerForm::Moment) && !Data::Nothing.suits(IntegerForm::Number)
        );
    }
}
