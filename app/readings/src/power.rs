//! [`net_power`] of a reading, exact sums, and numbers as charts need them. The decoder has the rules.

use metertap_decoder::number::Number;
use metertap_decoder::reading::{Measurement, Reading};

/// The power that the house takes from the grid ([`Reading::net_power`]).
#[must_use]
pub fn net_power(reading: &Reading) -> Option<Number> {
    reading.net_power()
}

/// A number as a float, for charts only: the nearest float if the mantissa is below 2⁵³ and the scaler is between −22
/// and 22.
#[must_use]
pub fn watts(number: Number) -> Option<f64> {
    // Not parsed from the digits, because that takes tables of ten thousand bytes.
    let (mantissa, scaler) = (number.mantissa as f64, i32::from(number.scaler));
    let power = 10_f64.powi(scaler.abs());
    let watts = if scaler < 0 { mantissa / power } else { mantissa * power };
    Some(watts).filter(|watts| watts.is_finite())
}

/// Whether the meter kept a value from an earlier time ([`Measurement::is_of_the_past`]).
pub(crate) fn of_the_past(value: &Measurement) -> bool {
    value.is_of_the_past()
}

/// The sum of two numbers; `None` if it does not fit 128 bits.
pub(crate) fn sum(one: Number, other: Number) -> Option<Number> {
    one.checked_add(other)
}

/// The difference of two numbers; `None` if it does not fit 128 bits.
pub(crate) fn difference(from: Number, take: Number) -> Option<Number> {
    from.checked_sub(take)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_float_is_the_nearest_one_to_the_digits() {
        for (text, expected) in
            [("0.1", 0.1), ("-2302.5", -2302.5), ("2147483.647", 2_147_483.647), ("0.000000007", 7e-9)]
        {
            assert_eq!(watts(text.parse().unwrap()), Some(expected));
        }
        assert_eq!(watts(Number::new(12, 2)), Some(1200.0));
        assert_eq!(watts("12345678901234.5".parse().unwrap()), Some(12_345_678_901_234.5));
    }
}
