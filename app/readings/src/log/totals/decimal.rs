//! Powers of ten, for numbers with scalers.

/// Ten to the power of `exponent`; 1 if the exponent is negative, and the largest number if the power does not fit.
pub(in crate::log) fn power_of_ten(exponent: i16) -> i128 {
    u32::try_from(exponent).map_or(1, |exponent| 10_i128.saturating_pow(exponent))
}

/// The scaler of nine decimal places.
pub(in crate::log) const MOST_PLACES: i8 = -9;
