//! Exact sums and differences of numbers.

use super::Number;

impl Number {
    /// The sum, with the finer of the two resolutions; `None` if it does not fit into 128 bits.
    #[must_use]
    pub fn checked_add(self, other: Self) -> Option<Self> {
        let scaler = self.scaler.min(other.scaler);
        let mantissa = self.mantissa_at(scaler)?.checked_add(other.mantissa_at(scaler)?)?;
        Some(Self { mantissa, scaler })
    }

    /// The difference, with the finer of the two resolutions; `None` if it does not fit into 128 bits.
    #[must_use]
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        let scaler = self.scaler.min(other.scaler);
        let mantissa = self.mantissa_at(scaler)?.checked_sub(other.mantissa_at(scaler)?)?;
        Some(Self { mantissa, scaler })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Computed by hand. In floats, 0.1 + 0.2 is not exactly 0.3.
    #[test]
    fn sums_and_differences_are_exact() {
        let number = |text: &str| text.parse::<Number>().unwrap();
        assert_eq!(number("0.1").checked_add(number("0.20")), Some(number("0.30")));
        assert_eq!(number("0.1").checked_sub(number("0.30")), Some(number("-0.20")));
        assert_eq!(Number::new(12, 2).checked_add(number("0.5")), Some(number("1200.5")));
    }

    #[test]
    fn an_overflowing_sum_is_refused() {
        let largest = Number::whole(i128::MAX);
        assert_eq!(largest.checked_add(Number::whole(1)), None);
        assert_eq!(largest.checked_sub(Number::whole(-1)), None);
        assert_eq!(largest.checked_add(Number::new(1, -1)), None);
    }
}
