//! [`Ratio`]: a factor exactly as the user wrote it.

use std::fmt;
use std::str::FromStr;

use metertap_decoder::number::Number;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A positive decimal such as `0.001`, or a quotient of two such as `200/5`. The value has to be a decimal: `1/3` is
/// refused, because multiplying a counter by it would need rounding.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Ratio {
    text: String,
    factor: Number,
}

/// Why a text is not a [`Ratio`].
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum NotARatio {
    /// It is neither a positive number nor a quotient of two.
    Form,
    /// The quotient is not a finite decimal.
    Endless,
    /// It is larger or finer than the ratio of any transformer or pulse.
    Size,
}

impl Ratio {
    /// The number to multiply by.
    #[must_use]
    pub const fn factor(&self) -> Number {
        self.factor
    }

    /// Whether it leaves numbers unchanged.
    #[must_use]
    pub fn is_one(&self) -> bool {
        self.factor == Number::whole(1)
    }
}

impl FromStr for Ratio {
    type Err = NotARatio;

    fn from_str(text: &str) -> Result<Self, NotARatio> {
        if text.len() > LONGEST {
            return Err(NotARatio::Size);
        }
        let (over, under) = match text.split_once(['/', ':']) {
            Some((over, under)) => (positive(over)?, positive(under)?),
            None => (positive(text)?, Number::whole(1)),
        };
        let text = text.chars().filter(|letter| !letter.is_whitespace()).collect();
        Ok(Self { text, factor: quotient(over, under)? })
    }
}

impl fmt::Display for Ratio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Serialize for Ratio {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Ratio {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(|_| serde::de::Error::custom("not a ratio"))
    }
}

/// The product of a number and a factor; `None` if it does not fit.
#[must_use]
pub fn product(number: Number, factor: Number) -> Option<Number> {
    let mantissa = number.mantissa.checked_mul(factor.mantissa)?;
    Some(Number::new(mantissa, number.scaler.checked_add(factor.scaler)?))
}

/// A number above zero. A decimal comma is accepted as well.
fn positive(text: &str) -> Result<Number, NotARatio> {
    let number: Number = text.trim().replace(',', ".").parse().map_err(|_| NotARatio::Form)?;
    if number.mantissa <= 0 {
        return Err(NotARatio::Form);
    }
    if number.mantissa > MOST_DIGITS || number.scaler < FINEST {
        return Err(NotARatio::Size);
    }
    Ok(number)
}

/// The decimal that is exactly one number divided by another, without trailing zeros.
fn quotient(over: Number, under: Number) -> Result<Number, NotARatio> {
    let (mut mantissa, divisor) = (over.mantissa, under.mantissa);
    let mut scaler = i16::from(over.scaler) - i16::from(under.scaler);
    // Each decimal place takes a two and a five from the divisor. A factor that needs more than [`MOST_STEPS`] places
    // would be finer than [`FINEST`].
    for _ in 0..MOST_STEPS {
        if mantissa % divisor == 0 {
            break;
        }
        mantissa = mantissa.checked_mul(10).ok_or(NotARatio::Endless)?;
        scaler -= 1;
    }
    if mantissa % divisor != 0 {
        return Err(NotARatio::Endless);
    }
    mantissa /= divisor;
    while scaler < 0 && mantissa % 10 == 0 {
        (mantissa, scaler) = (mantissa / 10, scaler + 1);
    }
    while scaler > 0 {
        (mantissa, scaler) = (mantissa.checked_mul(10).ok_or(NotARatio::Size)?, scaler - 1);
    }
    let scaler = i8::try_from(scaler).map_err(|_| NotARatio::Size)?;
    if mantissa > MOST_DIGITS || scaler < FINEST {
        return Err(NotARatio::Size);
    }
    Ok(Number::new(mantissa, scaler))
}

/// The longest text of a ratio.
const LONGEST: usize = 40;
/// The largest mantissa. The largest transformers, 10,000 A to 1 A at 400,000 V to 100 V, have a ratio of
/// 40 million.
const MOST_DIGITS: i128 = 1_000_000_000_000;
/// The finest step that roll-ups distinguish.
const FINEST: i8 = -9;
const MOST_STEPS: usize = 20;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_ratio_is_exact() {
        for (text, factor) in [
            ("40", "40"),
            ("200/5", "40"),
            ("200 : 5", "40"),
            ("0.001", "0.001"),
            ("0,001", "0.001"),
            ("1/800", "0.00125"),
            ("1/6400", "0.00015625"),
            ("20000/100", "200"),
            ("7.50/5", "1.5"),
            ("1.000", "1"),
        ] {
            let ratio: Ratio = text.parse().unwrap();
            assert_eq!(ratio.factor().to_string(), factor, "{text}");
            assert_eq!(
                serde_json::from_str::<Ratio>(&serde_json::to_string(&ratio).unwrap()).unwrap(),
                ratio
            );
        }
        assert_eq!("200 / 5".parse::<Ratio>().unwrap().to_string(), "200/5");
    }

    #[test]
    fn an_inexact_factor_is_refused() {
        for (text, why) in [
            ("", NotARatio::Form),
            ("0", NotARatio::Form),
            ("-5", NotARatio::Form),
            ("5/0", NotARatio::Form),
            ("5/", NotARatio::Form),
            ("1/2/3", NotARatio::Form),
            ("1e3", NotARatio::Form),
            ("1/3", NotARatio::Endless),
            ("20000/110", NotARatio::Endless),
            ("0.0000000001", NotARatio::Size),
            ("1000000000001", NotARatio::Size),
        ] {
            assert_eq!(text.parse::<Ratio>(), Err(why), "{text}");
        }
        assert_eq!(product(Number::whole(i128::MAX), Number::whole(2)), None);
    }

    proptest! {
        #[test]
        fn any_text_is_a_ratio_or_refused(text in "[0-9.,/: -]{0,45}") {
            if let Ok(ratio) = text.parse::<Ratio>() {
                prop_assert_eq!(ratio.to_string().parse::<Ratio>().unwrap().factor(), ratio.factor());
            }
        }

        /// The factor times the divisor gives the dividend.
        #[test]
        fn a_quotient_is_exact(over in 1_i128..1_000_000, twos in 0_u32..9, fives in 0_u32..5) {
            let under = 2_i128.pow(twos) * 5_i128.pow(fives);
            let ratio: Ratio = format!("{over}/{under}").parse().unwrap();
            let again = product(ratio.factor(), Number::whole(under)).unwrap();
            prop_assert!(again.compare(Number::whole(over)).is_eq());
        }
    }
}
