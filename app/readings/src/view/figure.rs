//! Numbers for users: grouped by threes, with the decimal mark of the user's locale, never rounded and never a float.

use metertap_decoder::number::Number;
use metertap_decoder::reading::Unit;

use crate::names;

/// A number for display, with its unit beside it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Figure {
    /// Digits with a true minus sign, groups and the decimal mark.
    pub digits: String,
    /// The unit's symbol; empty for a pure number.
    pub unit: &'static str,
}

impl Figure {
    /// Formats a number with all digits that the meter resolves. From ten thousand on, W, var and VA are written in
    /// thousands.
    #[must_use]
    pub fn new(number: Number, unit: Option<Unit>, decimal_mark: char) -> Self {
        let large = number.mantissa_at(number.scaler.min(0)).is_some_and(|mantissa| {
            let places = u32::from(number.scaler.min(0).unsigned_abs());
            10_000_u128
                .checked_mul(10_u128.saturating_pow(places))
                .is_some_and(|limit| mantissa.unsigned_abs() >= limit)
        });
        let thousands = match unit {
            Some(Unit::Watt) if large => Some("kW"),
            Some(Unit::Var) if large => Some("kvar"),
            Some(Unit::VoltAmpere) if large => Some("kVA"),
            _ => None,
        };
        match (thousands, number.shifted(-3)) {
            (Some(unit), Some(number)) => Self { digits: grouped(&number.to_string(), decimal_mark), unit },
            _ => Self { digits: grouped(&number.to_string(), decimal_mark), unit: symbol(unit) },
        }
    }
}

/// Formats plain decimal digits, as `Number` writes them, for display.
#[must_use]
pub fn grouped(plain: &str, decimal_mark: char) -> String {
    let (sign, unsigned) = match plain.strip_prefix('-') {
        Some(rest) => (Some(MINUS), rest),
        None => (None, plain),
    };
    let (whole, places) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let mut text = String::from_iter(sign);
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) && whole.len() > LONGEST_UNGROUPED {
            text.push(THIN_SPACE);
        }
        text.push(digit);
    }
    if !places.is_empty() {
        text.push(decimal_mark);
        text.push_str(places);
    }
    text
}

/// The symbol of a unit; empty without a unit.
#[must_use]
pub fn symbol(unit: Option<Unit>) -> &'static str {
    unit.map_or("", names::symbol)
}

const MINUS: char = '\u{2212}';
/// A narrow no-break space.
const THIN_SPACE: char = '\u{202F}';
/// Four digits are read at a glance; a space in them only widens the number.
const LONGEST_UNGROUPED: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, unit: Unit) -> String {
        let figure = Figure::new(text.parse().unwrap(), Some(unit), ',');
        format!("{} {}", figure.digits, figure.unit)
    }

    #[test]
    fn keeps_every_digit_that_the_meter_resolves() {
        assert_eq!(shown("10329.481", Unit::KilowattHour), "10\u{202f}329,481 kWh");
        assert_eq!(shown("230.0", Unit::Volt), "230,0 V");
        assert_eq!(shown("1380", Unit::Watt), "1380 W");
        assert_eq!(shown("-431", Unit::Watt), "\u{2212}431 W");
        assert_eq!(shown("2104.512", Unit::CubicMetre), "2104,512 m³");
        assert_eq!(shown("0.02", Unit::CubicMetrePerMinute), "0,02 m³/min");
    }

    #[test]
    fn large_powers_are_written_in_kilowatts() {
        assert_eq!(shown("9999", Unit::Watt), "9999 W");
        assert_eq!(shown("10000", Unit::Watt), "10,000 kW");
        assert_eq!(shown("-12345.6", Unit::Watt), "\u{2212}12,3456 kW");
        assert_eq!(shown("123456", Unit::KilowattHour), "123\u{202f}456 kWh");
    }
}
