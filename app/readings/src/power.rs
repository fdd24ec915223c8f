//! [`net_power`] of a reading, and numbers as charts need them.

use metertap_decoder::number::Number;
use metertap_decoder::reading::{Measurement, Quantity, Reading};
use metertap_decoder::register::{Obis, RegisterId, Value};

/// The power that the house takes from the grid, in watts; negative if it feeds in.
///
/// `active-power` if the meter sends a signed value, otherwise import minus export, exactly. Values of a single phase,
/// a sub-meter or a past billing period are not totals. Values that the meter marks as invalid are not used.
///
/// A reading may have only one of the two registers, such as list 1 of a Norwegian meter. While that register is above
/// zero, it is enough, because a meter never counts both directions at once. At zero it is not: a house that feeds in
/// shows an import of zero as well. The result is then `None`, and the last known power stands until the longer list
/// comes.
#[must_use]
pub fn net_power(reading: &Reading) -> Option<Number> {
    let (mut signed, mut import, mut export) = (None, None, None);
    for value in &reading.values {
        let place = match value.quantity {
            Some(Quantity::ActivePower) => &mut signed,
            Some(Quantity::ActivePowerImport) => &mut import,
            Some(Quantity::ActivePowerExport) => &mut export,
            _ => continue,
        };
        if place.is_none() && is_total(value) {
            *place = Some(&value.value);
        }
    }
    let number = |value: Option<&Value>| match value? {
        Value::Number(number) => Some(*number),
        Value::Text(_) | Value::Octets(_) => None,
    };
    if let Some(signed) = number(signed) {
        return Some(signed);
    }
    let (import, export) = (number(import), number(export));
    match (import, export) {
        (Some(import), Some(export)) => difference(import, export),
        (Some(import), None) => Some(import).filter(|import| import.mantissa > 0),
        (None, Some(export)) => difference(Number::whole(0), export).filter(|net| net.mantissa < 0),
        (None, None) => None,
    }
}

/// A number as a float, for charts only: the nearest float if the digits without the decimal point are below 2⁵³.
#[must_use]
pub fn watts(number: Number) -> Option<f64> {
    // Not parsed from the digits, because that takes tables of ten thousand bytes.
    let (mantissa, scaler) = (number.mantissa as f64, i32::from(number.scaler));
    let power = 10_f64.powi(scaler.abs());
    let watts = if scaler < 0 { mantissa / power } else { mantissa * power };
    Some(watts).filter(|watts| watts.is_finite())
}

/// Whether a value is of the whole meter, current, not marked as invalid, and of known size: a number without a unit
/// may be watts or kilowatts.
fn is_total(value: &Measurement) -> bool {
    value.unit.is_some()
        && value.phase.is_none()
        && value.tariff.is_none()
        && value.channel.is_none()
        && value.error.is_none()
        && !of_the_past(value)
}

/// Group F of an OBIS code numbers the billing period; 255 is the current one (IEC 62056-61, 5.6). Other protocols
/// number the values that a meter keeps.
pub(crate) fn of_the_past(value: &Measurement) -> bool {
    value.storage.is_some() || matches!(value.register, RegisterId::Obis(Obis([.., period])) if period != 255)
}

/// The sum of two numbers; `None` if it does not fit 128 bits.
pub(crate) fn sum(one: Number, other: Number) -> Option<Number> {
    let scaler = one.scaler.min(other.scaler);
    let mantissa = one.mantissa_at(scaler)?.checked_add(other.mantissa_at(scaler)?)?;
    Some(Number::new(mantissa, scaler))
}

/// The difference of two numbers; `None` if it does not fit 128 bits.
pub(crate) fn difference(from: Number, take: Number) -> Option<Number> {
    let scaler = from.scaler.min(take.scaler);
    let mantissa = from.mantissa_at(scaler)?.checked_sub(take.mantissa_at(scaler)?)?;
    Some(Number::new(mantissa, scaler))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{measurement, reading};
    use metertap_decoder::reading::{Phase, ValueError};

    const IMPORT: &str = "1-0:1.7.0";
    const EXPORT: &str = "1-0:2.7.0";

    fn power(import: Option<&str>, export: Option<&str>) -> Option<String> {
        let mut values = Vec::new();
        values.extend(import.map(|value| measurement(IMPORT, Quantity::ActivePowerImport, value)));
        values.extend(export.map(|value| measurement(EXPORT, Quantity::ActivePowerExport, value)));
        net_power(&reading(values)).map(|net| net.to_string())
    }

    #[test]
    fn is_import_less_export_exactly() {
        assert_eq!(power(Some("1380"), Some("0")).as_deref(), Some("1380"));
        assert_eq!(power(Some("0"), Some("2.5")).as_deref(), Some("-2.5"));
        assert_eq!(power(Some("0"), Some("0")).as_deref(), Some("0"));
        // In floats, 0.1 - 0.3 is not exactly -0.2.
        assert_eq!(power(Some("0.1"), Some("0.30")).as_deref(), Some("-0.20"));
    }

    #[test]
    fn one_register_tells_enough_only_above_zero() {
        assert_eq!(power(Some("1380"), None).as_deref(), Some("1380"));
        assert_eq!(power(Some("0"), None), None);
        assert_eq!(power(None, Some("1380")).as_deref(), Some("-1380"));
        assert_eq!(power(None, Some("0")), None);
        assert_eq!(power(None, None), None);
    }

    #[test]
    fn a_float_is_the_nearest_to_the_digits() {
        for (text, expected) in
            [("0.1", 0.1), ("-2302.5", -2302.5), ("2147483.647", 2_147_483.647), ("0.000000007", 7e-9)]
        {
            assert_eq!(watts(text.parse().unwrap()), Some(expected));
        }
        assert_eq!(watts(Number::new(12, 2)), Some(1200.0));
        assert_eq!(watts("12345678901234.5".parse().unwrap()), Some(12_345_678_901_234.5));
    }

    #[test]
    fn a_signed_register_goes_before_both() {
        let values = vec![
            measurement(IMPORT, Quantity::ActivePowerImport, "5"),
            measurement("1-0:16.7.0", Quantity::ActivePower, "-7"),
        ];
        assert_eq!(net_power(&reading(values)), Some(Number::whole(-7)));
    }

    #[test]
    fn parts_past_and_invalid_values_are_no_total() {
        let phase = Measurement {
            phase: Some(Phase::L1),
            ..measurement("1-0:21.7.0", Quantity::ActivePowerImport, "5")
        };
        let past = measurement("1-0:1.7.0*3", Quantity::ActivePowerImport, "5");
        let channel =
            Measurement { channel: Some(1), ..measurement(IMPORT, Quantity::ActivePowerImport, "5") };
        let invalid = Measurement {
            error: Some(ValueError::Invalid),
            ..measurement(IMPORT, Quantity::ActivePowerImport, "5")
        };
        assert_eq!(net_power(&reading(vec![phase, past, channel, invalid])), None);
    }
}
