//! Exact decimal numbers: a mantissa and a power of ten, as meters send them.
//!
//! DLMS has unsigned 64-bit registers, and P1 prints up to nine digits before the point. An `i128` mantissa holds all
//! of them, so a number never passes through a float between the bytes and the screen.

mod float;
mod sum;

use core::cmp::Ordering;
use core::fmt;
use core::str::FromStr;

/// `mantissa × 10^scaler`, exactly.
///
/// Equality compares mantissa and scaler: `1.0` and `1.00` differ, because they have different resolutions. To compare
/// by value, use [`compare`](Self::compare).
///
/// To convert to an integer, use [`mantissa_at`](Self::mantissa_at)`(0)`; to convert to a float,
/// `number.to_string().parse()`.
///
/// The type is packed because a reading consists mostly of numbers: with the 16-byte alignment of `i128`, each value
/// would be half as large again. Its fields can be copied but not borrowed: `println!("{}", { number.mantissa })`.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[repr(Rust, packed)]
pub struct Number {
    /// The digits as an integer.
    pub mantissa: i128,
    /// The power of ten; `-3` for a meter that counts in thousandths.
    pub scaler: i8,
}

impl Number {
    /// The maximum number of decimal places that parsing accepts.
    pub const MOST_PLACES: usize = 30;

    /// A number without decimal places.
    #[must_use]
    pub const fn whole(mantissa: i128) -> Self {
        Self { mantissa, scaler: 0 }
    }

    /// A number from its mantissa and scaler.
    #[must_use]
    pub const fn new(mantissa: i128, scaler: i8) -> Self {
        Self { mantissa, scaler }
    }

    /// Parses plain decimal digits, as [`FromStr`] does; `None` for any other text.
    #[must_use]
    pub fn from_ascii(text: &[u8]) -> Option<Self> {
        let (number, length) = Self::at_start(text)?;
        (length == text.len()).then_some(number)
    }

    /// The number at the start of the text, and its length.
    pub(crate) fn at_start(text: &[u8]) -> Option<(Self, usize)> {
        let unsigned = text.strip_prefix(b"-").unwrap_or(text);
        let mut window = [0; WINDOW];
        match unsigned.first_chunk() {
            Some(bytes) => window = *bytes,
            None => window.iter_mut().zip(unsigned).for_each(|(place, byte)| *place = *byte),
        }
        let Some((number, length)) = Self::in_window(window) else { return Self::long_at_start(text) };
        let sign = text.len() - unsigned.len();
        let mantissa = if sign == 0 { number.mantissa } else { -number.mantissa };
        Some((Self { mantissa, ..number }, length + sign))
    }

    /// The unsigned number at the start of the bytes, and its length. `None` if the bytes begin with no number, or if
    /// the number may continue after them.
    ///
    /// Meters print six to eleven digits: examining all of them at once takes half the time of a loop.
    #[inline]
    pub(crate) fn in_window(bytes: [u8; WINDOW]) -> Option<(Self, usize)> {
        // Turns each digit into its value, below 10.
        let values = u128::from_le_bytes(bytes) ^ u128::from_le_bytes([b'0'; WINDOW]);
        let whole = leading_digits(values);
        let has_point = bytes.get(whole)? == &b'.';
        let (digits, count) = if has_point {
            // Moves the digits after the point up to those before it.
            let before = (1 << (8 * whole)) - 1;
            let joined = values & before | values >> 8 & !before;
            (joined, leading_digits(joined))
        } else {
            (values, whole)
        };
        let places = count - whole;
        let goes_on = count + usize::from(has_point) >= WINDOW;
        if whole == 0 || has_point && places == 0 || goes_on {
            return None;
        }
        // Shifts zeros in from the front, which drops the bytes after the digits.
        let [a, b, c, d, e, f, g, h, rest @ ..] = (digits << (8 * (WINDOW - count))).to_le_bytes();
        let mantissa = eight_digits([a, b, c, d, e, f, g, h]) * 100_000_000 + eight_digits(rest);
        let number = Self { mantissa: mantissa.into(), scaler: -i8::try_from(places).ok()? };
        Some((number, count + usize::from(has_point)))
    }

    #[cold]
    #[inline(never)]
    fn long_at_start(text: &[u8]) -> Option<(Self, usize)> {
        let sign = usize::from(text.first() == Some(&b'-'));
        let (mut mantissa, mut point, mut length) = (0_i128, None, sign);
        for byte in text.iter().skip(sign) {
            match byte {
                b'0'..=b'9' => mantissa = mantissa.checked_mul(10)?.checked_add((byte - b'0').into())?,
                b'.' if length > sign && point.is_none() => point = Some(length),
                _ => break,
            }
            length += 1;
        }
        let places = point.map_or(0, |point| length - point - 1);
        let pointless = length == sign || point.is_some_and(|point| point + 1 == length);
        if pointless || places > Self::MOST_PLACES {
            return None;
        }
        let mantissa = if sign == 1 { -mantissa } else { mantissa };
        Some((Self { mantissa, scaler: -i8::try_from(places).ok()? }, length))
    }

    /// The same digits, `by` powers of ten larger; `None` if the scaler would overflow.
    #[must_use]
    pub fn shifted(self, by: i8) -> Option<Self> {
        Some(Self { mantissa: self.mantissa, scaler: self.scaler.checked_add(by)? })
    }

    /// Makes the number `by` powers of ten larger, unless the scaler would overflow.
    pub(crate) fn shift(&mut self, by: i8) {
        self.scaler = self.scaler.checked_add(by).unwrap_or(self.scaler);
    }

    /// Compares two numbers by value, whatever their scalers.
    #[must_use]
    pub fn compare(self, other: Self) -> Ordering {
        let scaler = self.scaler.min(other.scaler);
        let sign = |number: Self| number.mantissa.signum();
        match (self.mantissa_at(scaler), other.mantissa_at(scaler)) {
            (Some(own), Some(others)) => own.cmp(&others),
            // A number that no i128 holds at the other's scaler has the larger magnitude.
            (None, _) => sign(self).cmp(&0),
            (_, None) => 0.cmp(&sign(other)),
        }
    }

    /// Whether the number lies in the range from `least` to `most`, both included.
    #[must_use]
    pub(crate) fn is_within(self, least: i32, most: i32) -> bool {
        let one = usize::try_from(-i32::from(self.scaler)).ok().and_then(|places| WHOLE_ONES.get(places));
        match (i64::try_from(self.mantissa), one) {
            // The case of nearly every number: both bounds fit into 64 bits.
            (Ok(mantissa), Some(one)) => (i64::from(least) * one..=i64::from(most) * one).contains(&mantissa),
            _ => self.compares_within(least, most),
        }
    }

    #[cold]
    #[inline(never)]
    fn compares_within(self, least: i32, most: i32) -> bool {
        self.compare(Self::whole(least.into())).is_ge() && self.compare(Self::whole(most.into())).is_le()
    }

    /// The mantissa of the same number at `scaler`; `None` if that would need rounding, or overflows.
    #[must_use]
    pub fn mantissa_at(self, scaler: i8) -> Option<i128> {
        let difference = i16::from(self.scaler) - i16::from(scaler);
        if self.mantissa == 0 || difference == 0 {
            return Some(self.mantissa);
        }
        let factor = *POWERS_OF_TEN.get(usize::from(difference.unsigned_abs()))?;
        if difference > 0 {
            self.mantissa.checked_mul(factor)
        } else {
            (self.mantissa % factor == 0).then(|| self.mantissa / factor)
        }
    }
}

/// All powers of ten that an i128 holds.
#[allow(clippy::indexing_slicing, reason = "runs in the compiler only")]
static POWERS_OF_TEN: [i128; 39] = {
    let mut powers = [1; 39];
    let mut exponent = 1;
    while exponent < powers.len() {
        powers[exponent] = powers[exponent - 1] * 10;
        exponent += 1;
    }
    powers
};

/// The mantissa of 1 with 0 to 9 decimal places. Any `i32` times one of these fits into 64 bits.
const WHOLE_ONES: [i64; 10] =
    [1, 10, 100, 1000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000];

/// How many bytes come before the first one above 9.
#[inline]
fn leading_digits(values: u128) -> usize {
    // Adding 0x76 sets the high bit of bytes above 9. A carry changes only bytes after the first such byte.
    let others = (values.wrapping_add(u128::from_le_bytes([0x76; WINDOW])) | values)
        & u128::from_le_bytes([0x80; WINDOW]);
    usize::try_from(others.trailing_zeros() / 8).unwrap_or_default()
}

/// The number that eight digits spell, the first digit in the first byte.
#[inline]
fn eight_digits(digits: [u8; 8]) -> u64 {
    // Combines neighbouring digits into pairs, then pairs into fours, then the fours.
    let ones = u64::from_le_bytes(digits);
    let pairs = (ones.wrapping_mul(10).wrapping_add(ones >> 8)) & 0x00FF_00FF_00FF_00FF;
    let fours = (pairs.wrapping_mul(100).wrapping_add(pairs >> 16)) & 0x0000_FFFF_0000_FFFF;
    (fours.wrapping_mul(10_000).wrapping_add(fours >> 32)) & 0xFFFF_FFFF
}

/// Bytes examined at once.
pub(crate) const WINDOW: usize = 16;

/// Plain decimal digits with the places that the scaler states; never an exponent.
impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.mantissa.unsigned_abs();
        let sign = if self.mantissa < 0 { "-" } else { "" };
        if self.scaler >= 0 {
            write!(f, "{sign}{digits}")?;
            if digits != 0 {
                for _ in 0..self.scaler {
                    f.write_str("0")?;
                }
            }
            return Ok(());
        }
        let places = usize::from(self.scaler.unsigned_abs());
        match 10_u128.checked_pow(u32::from(self.scaler.unsigned_abs())) {
            Some(unit) => write!(f, "{sign}{}.{:0places$}", digits / unit, digits % unit),
            // There are more than 38 places, and a u128 has at most 39 digits: all of them are after the decimal point.
            None => write!(f, "{sign}0.{digits:0places$}"),
        }
    }
}

/// An optional minus sign, digits, optionally a point and digits. Leading zeros are dropped, trailing zeros kept.
impl FromStr for Number {
    type Err = NotANumber;

    fn from_str(text: &str) -> Result<Self, NotANumber> {
        Self::from_ascii(text.as_bytes()).ok_or(NotANumber)
    }
}

/// The text is not a plain decimal number, has more digits than an `i128` holds, or more than [`Number::MOST_PLACES`]
/// decimal places.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct NotANumber;

impl fmt::Display for NotANumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a decimal number")
    }
}

impl core::error::Error for NotANumber {}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;
    use alloc::string::ToString;

    #[test]
    fn writes_as_many_decimals_as_the_meter_resolves() {
        assert_eq!(Number::new(2302, -1).to_string(), "230.2");
        assert_eq!(Number::new(10_329_481, -3).to_string(), "10329.481");
        assert_eq!(Number::new(-7, -3).to_string(), "-0.007");
        assert_eq!(Number::new(138, 1).to_string(), "1380");
        assert_eq!(Number::new(0, 3).to_string(), "0");
        assert_eq!(Number::new(0, -2).to_string(), "0.00");
        assert_eq!(Number::new(5, -128).to_string().len(), 130);
        assert_eq!(Number::whole(i128::MIN).to_string(), i128::MIN.to_string());
    }

    #[test]
    fn reads_what_a_p1_meter_prints() {
        assert_eq!("000671.578".parse(), Ok(Number::new(671_578, -3)));
        assert_eq!("-03.618".parse(), Ok(Number::new(-3618, -3)));
        assert_eq!("0002".parse(), Ok(Number::whole(2)));
        assert_eq!("9999999999999999999".parse(), Ok(Number::whole(9_999_999_999_999_999_999)));
        assert_eq!("-99999999999999999.999".parse(), Ok(Number::new(-99_999_999_999_999_999_999, -3)));
        for wrong in
            ["", "-", ".5", "5.", "1e3", "+1", "1.2.3", "٣", "9999999999999999999999999999999999999999"]
        {
            assert_eq!(wrong.parse::<Number>(), Err(NotANumber), "{wrong}");
        }
    }

    /// For every position of the point and every end of the window; the standard library parses the digits for
    /// comparison.
    #[test]
    fn reads_numbers_of_any_length() {
        let all = "98765432109876543210987";
        for count in 1..all.len() {
            let digits = &all[..count];
            let mantissa: i128 = digits.parse().unwrap();
            for behind in ["", "*kWh", ".", ":59", ")\r\n1-0:1.8.0"] {
                let text = format!("{digits}{behind}");
                let whole = (behind != ".").then_some((Number::whole(mantissa), count));
                assert_eq!(Number::at_start(text.as_bytes()), whole, "{text}");
                for (point, places) in (1..count).zip((1..count).rev()) {
                    let text = format!("-{}.{}{behind}", &digits[..point], &digits[point..]);
                    let number = Number::new(-mantissa, -i8::try_from(places).unwrap());
                    assert_eq!(Number::at_start(text.as_bytes()), Some((number, count + 2)), "{text}");
                }
            }
        }
    }

    #[test]
    fn compares_numbers_of_any_scaler() {
        let compare = |a: Number, b: Number| a.compare(b);
        assert_eq!(compare(Number::new(2300, -1), Number::whole(230)), Ordering::Equal);
        assert_eq!(compare(Number::new(-1, -9), Number::whole(0)), Ordering::Less);
        assert_eq!(compare(Number::new(1, 127), Number::new(9, -128)), Ordering::Greater);
        assert_eq!(compare(Number::new(-1, 127), Number::new(-9, -128)), Ordering::Less);
        assert_eq!(compare(Number::new(9, -128), Number::new(1, 127)), Ordering::Less);
        assert_eq!(compare(Number::new(0, 127), Number::new(0, -128)), Ordering::Equal);
    }

    #[test]
    fn changes_scaler_only_without_rounding() {
        assert_eq!(Number::new(25, 1).mantissa_at(0), Some(250));
        assert_eq!(Number::new(250, -1).mantissa_at(0), Some(25));
        assert_eq!(Number::new(251, -1).mantissa_at(0), None);
        assert_eq!(Number::new(1, 127).mantissa_at(0), None);
    }
}
