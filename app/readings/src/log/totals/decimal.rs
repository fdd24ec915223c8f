//! Powers of ten, for numbers with scalers.

/// Ten to the power of `exponent`; 1 if the exponent is negative, or if the power does not fit 128 bits.
pub(in crate::log) fn power_of_ten(exponent: i16) -> i128 {
    u32::try_from(exponent).ok().and_then(|exponent| 10_i128.checked_pow(exponent)).unwrap_or(1)
}

/// The scaler of nine decimal places.
pub(in crate::log) const MOST_PLACES: i8 = -9;
