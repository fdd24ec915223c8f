//! Binary floats as exact decimals, in integer arithmetic: [`Number::from_real32`] and [`Number::from_real64`].
//!
//! Most IEEE 754 floats have no exact short decimal. A whole number stays exact. Any other number gets the fewest
//! decimal places that distinguish it from all other floats: 63.44 on the meter's display stays 63.44, not
//! 63.439998626708984375.

use crate::number::Number;

impl Number {
    /// Converts the bits of a 32-bit IEEE 754 real. A whole number is exact. Any other number becomes the shortest
    /// decimal that is closer to this real than to any other. `None` for infinities and NaN, and for numbers too large
    /// for an `i128` or too small for [`MOST_PLACES`](Self::MOST_PLACES).
    #[must_use]
    pub fn from_real32(bits: u32) -> Option<Self> {
        Float { sign: bits >> 31, exponent: bits >> 23 & 0xFF, fraction: (bits & 0x7F_FFFF).into() }
            .number(23, 0xFF)
    }

    /// Like [`from_real32`](Self::from_real32), for 64 bits.
    pub(crate) fn from_real64(bits: u64) -> Option<Self> {
        let field = |shift: u32, mask: u64| u32::try_from(bits >> shift & mask).unwrap_or_default();
        Float { sign: field(63, 1), exponent: field(52, 0x7FF), fraction: bits & 0xF_FFFF_FFFF_FFFF }
            .number(52, 0x7FF)
    }
}

struct Float {
    sign: u32,
    exponent: u32,
    fraction: u64,
}

impl Float {
    fn number(self, fraction_bits: u32, not_finite: u32) -> Option<Number> {
        if self.exponent == not_finite {
            return None;
        }
        if self.exponent == 0 && self.fraction == 0 {
            return Some(Number::whole(0));
        }
        let hidden = if self.exponent == 0 { 0 } else { 1 << fraction_bits };
        let mantissa = u128::from(hidden | self.fraction);
        // The value is mantissa × 2^(power - bias).
        let (power, bias) = (self.exponent.max(1), not_finite / 2 + fraction_bits);
        let (digits, scaler) = match power.checked_sub(bias) {
            Some(left) => (mantissa.checked_mul(1_u128.checked_shl(left)?)?, 0),
            None => {
                let is_power_of_two = self.fraction == 0 && self.exponent > 1;
                shortest(mantissa, bias - power, is_power_of_two)?
            }
        };
        let digits = i128::try_from(digits).ok()?;
        Some(Number::new(if self.sign == 1 { -digits } else { digits }, scaler))
    }
}

/// The nearest decimal with the fewest places among those that round to `mantissa / 2^right`.
///
/// Such decimals lie less than half a step of the mantissa away. Below a power of two, steps are half as wide.
fn shortest(mantissa: u128, right: u32, is_power_of_two: bool) -> Option<(u128, i8)> {
    let (least, most) =
        (4 * mantissa - if is_power_of_two { 1 } else { 2 }.min(4 * mantissa), 4 * mantissa + 2);
    let quarter = 1_u128.checked_shl(right + 2)?;
    for places in 0..=Number::MOST_PLACES {
        let scale = 10_u128.pow(u32::try_from(places).ok()?);
        let above = most.checked_mul(scale)?;
        let (lowest, highest) = ((least * scale).div_ceil(quarter), above / quarter);
        if lowest <= highest {
            let nearest = (4 * mantissa * scale + quarter / 2) / quarter;
            return Some((nearest.clamp(lowest, highest), -i8::try_from(places).ok()?));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn a_float_becomes_the_number_on_the_meters_display() {
        for (bits, text) in [
            (0x427D_C28F_u32, "63.44"),
            (0x4366_3333, "230.2"),
            (0xBF80_0000, "-1"),
            (0x3F00_0000, "0.5"),
            (0x3DCC_CCCD, "0.1"),
            (0, "0"),
            (0x4B80_0001, "16777218"),
            (0x3A83_126F, "0.001"),
        ] {
            assert_eq!(Number::from_real32(bits).map(|number| number.to_string()).as_deref(), Some(text));
        }
        assert_eq!(
            Number::from_real64(0x404F_B851_EB85_1EB8).map(|number| number.to_string()).as_deref(),
            Some("63.44")
        );
    }

    #[test]
    fn nan_infinity_and_extremes_are_not_numbers() {
        for bits in [0x7F80_0000, 0xFF80_0000, 0x7FC0_0000, 0x0000_0001, 0x7F7F_FFFF] {
            assert_eq!(Number::from_real32(bits), None, "{bits:08x}");
        }
        for bits in [0x7FF0_0000_0000_0000, 0x7FF8_0000_0000_0000, 1] {
            assert_eq!(Number::from_real64(bits), None, "{bits:016x}");
        }
    }

    /// The 32-bit reals of a heat meter, as libmbus prints them, and the edges of the format.
    #[test]
    fn reads_reals_as_the_shortest_decimal() {
        let real = |bits| Number::from_real32(bits).map(|number| number.to_string());
        for (bits, text) in [
            (0x4226_F322, "41.737434"),
            (0x420D_DAC7, "35.46365"),
            (0x4366_199A, "230.1"),
            (0xBDCC_CCCD, "-0.1"),
            (0x3F80_0000, "1"),
            (0x0000_0000, "0"),
            (0x4B80_0001, "16777218"),
            (0x3727_C5AC, "0.00001"),
            (0x7CF0_BDC2, "9999999933815812510711506376257961984"),
        ] {
            assert_eq!(real(bits).as_deref(), Some(text), "{bits:08X}");
        }
        for none in [0x7F80_0000, 0xFF80_0000, 0x7FC0_0000, 0x0000_0001, 0x7F7F_FFFF] {
            assert_eq!(real(none), None, "{none:08X}");
        }
    }

    /// Below a power of two, reals lie half as far apart as above it. The standard library converts back.
    #[test]
    fn powers_of_two_convert_back() {
        let mut converted = 0;
        for exponent in 1..255 {
            let bits = exponent << 23;
            let Some(number) = Number::from_real32(bits) else { continue };
            assert_eq!(number.to_string().parse(), Ok(f32::from_bits(bits)), "{number}");
            converted += 1;
        }
        assert!(converted > 200, "{converted}");
    }

    /// The standard library also prints the shortest digits, by another algorithm.
    #[test]
    fn agrees_with_the_standard_library() {
        let mut bits = 1_u64;
        for _ in 0..100_000 {
            // Knuth's multiplier; the high bits of the result are the random ones.
            bits = bits.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            // From 2^-10 to 2^21, the range of meters' values.
            let exponent = 117 + (bits >> 59);
            let narrow = u32::try_from(exponent << 23 | bits >> 20 & 0x7F_FFFF).unwrap();
            assert_eq!(Number::from_real32(narrow).unwrap().to_string(), f32::from_bits(narrow).to_string());
            let wide = (exponent + 896) << 52 | bits >> 7 & 0xF_FFFF_FFFF_FFFF;
            assert_eq!(Number::from_real64(wide).unwrap().to_string(), f64::from_bits(wide).to_string());
        }
    }
}
