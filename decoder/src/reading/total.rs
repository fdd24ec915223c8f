//! Totals: the values of the whole meter, among those of single phases, tariffs, sub-meters and earlier times.

use crate::number::Number;
use crate::reading::{Measurement, Quantity, Reading};
use crate::register::{Obis, RegisterId};

impl Reading {
    /// The present value of a quantity for the whole meter, in [`Measurement::unit`]: the first value with this
    /// quantity that [is a total](Measurement::is_total). `None` if the reading has no such value: some meters send a
    /// counter for each tariff but not their sum.
    ///
    /// ```
    /// use metertap_decoder::reading::Quantity;
    /// use metertap_decoder::session::Setup;
    /// use metertap_decoder::telegram;
    ///
    /// let reading = telegram::read(&Setup::default(), b"/MTP5TEST\r\n\r\n1-0:1.7.0(01.193*kW)\r\n!\r\n")?;
    /// let power = reading.total(Quantity::ActivePowerImport).unwrap();
    /// assert_eq!(power.to_string(), "1193"); // W, the unit of every active power
    /// # Ok::<(), metertap_decoder::error::Error>(())
    /// ```
    #[must_use]
    pub fn total(&self, quantity: Quantity) -> Option<Number> {
        let mut totals =
            self.values.iter().filter(|value| value.quantity == Some(quantity) && value.is_total());
        totals.find_map(|value| value.value.number())
    }

    /// The power that the house takes from the grid, in watts; negative if it feeds in.
    ///
    /// [`Quantity::ActivePower`] if the meter sends a signed value, otherwise import minus export, exactly. Only
    /// [totals](Measurement::is_total) are used.
    ///
    /// A reading may have only one of the two registers, such as list 1 of a Norwegian meter. While that register is
    /// above zero, it is enough, because a meter that nets its phases never shows both directions at once. At zero it
    /// is not: a house that feeds in shows an import of zero as well. The result is then `None`, and the last known
    /// power applies until the longer list arrives.
    #[must_use]
    pub fn net_power(&self) -> Option<Number> {
        let (mut signed, mut import, mut export) = (None, None, None);
        for value in &self.values {
            let place = match value.quantity {
                Some(Quantity::ActivePower) => &mut signed,
                Some(Quantity::ActivePowerImport) => &mut import,
                Some(Quantity::ActivePowerExport) => &mut export,
                _ => continue,
            };
            if place.is_none() && value.is_total() {
                *place = value.value.number();
            }
        }
        match (signed, import, export) {
            (Some(signed), _, _) => Some(signed),
            (None, Some(import), Some(export)) => import.checked_sub(export),
            (None, Some(import), None) => Some(import).filter(|import| import.mantissa > 0),
            (None, None, Some(export)) => Number::whole(0).checked_sub(export).filter(|net| net.mantissa < 0),
            (None, None, None) => None,
        }
    }
}

impl Measurement {
    /// Whether this is a present value of the whole meter, with a unit and without an error. A number without a unit
    /// may be watts or kilowatts. Values of one phase, tariff or sub-meter are not totals.
    #[must_use]
    pub fn is_total(&self) -> bool {
        self.unit.is_some()
            && self.phase.is_none()
            && self.tariff.is_none()
            && self.channel.is_none()
            && self.error.is_none()
            && !self.is_of_the_past()
    }

    /// Whether the meter kept this value from an earlier time: it has a storage number, or group F of its OBIS code
    /// numbers an earlier billing period. The present value has 255 (IEC 62056-61:2006, 5.6).
    #[must_use]
    pub fn is_of_the_past(&self) -> bool {
        self.storage.is_some()
            || matches!(self.register, RegisterId::Obis(Obis([.., period])) if period != 255)
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::{String, ToString};
    use alloc::vec;
    use alloc::vec::Vec;

    use super::*;
    use crate::reading::{Integrity, Phase, Protocol, Scaling, TimeSource, ValueError};
    use crate::register::Value;

    const IMPORT: &str = "1-0:1.7.0";
    const EXPORT: &str = "1-0:2.7.0";

    fn reading(values: Vec<Measurement>) -> Reading {
        Reading {
            meter: None,
            maker: None,
            model: None,
            protocol: Protocol::P1,
            time: None,
            time_source: TimeSource::Meter,
            integrity: Integrity::Checked,
            values,
        }
    }

    fn measurement(register: &str, quantity: Quantity, value: &str) -> Measurement {
        Measurement {
            register: register.parse().unwrap(),
            quantity: Some(quantity),
            phase: None,
            tariff: None,
            channel: None,
            storage: None,
            time: None,
            value: Value::Number(value.parse().unwrap()),
            unit: quantity.unit(),
            error: None,
            scaling: Scaling::Wire,
        }
    }

    fn power(import: Option<&str>, export: Option<&str>) -> Option<String> {
        let mut values = Vec::new();
        values.extend(import.map(|value| measurement(IMPORT, Quantity::ActivePowerImport, value)));
        values.extend(export.map(|value| measurement(EXPORT, Quantity::ActivePowerExport, value)));
        reading(values).net_power().map(|net| net.to_string())
    }

    #[test]
    fn net_power_is_exactly_import_minus_export() {
        assert_eq!(power(Some("1380"), Some("0")).as_deref(), Some("1380"));
        assert_eq!(power(Some("0"), Some("2.5")).as_deref(), Some("-2.5"));
        assert_eq!(power(Some("0"), Some("0")).as_deref(), Some("0"));
        // In floats, 0.1 - 0.3 is not exactly -0.2.
        assert_eq!(power(Some("0.1"), Some("0.30")).as_deref(), Some("-0.20"));
    }

    #[test]
    fn one_register_suffices_only_above_zero() {
        assert_eq!(power(Some("1380"), None).as_deref(), Some("1380"));
        assert_eq!(power(Some("0"), None), None);
        assert_eq!(power(None, Some("1380")).as_deref(), Some("-1380"));
        assert_eq!(power(None, Some("0")), None);
        assert_eq!(power(None, None), None);
    }

    #[test]
    fn a_signed_register_is_preferred_to_both() {
        let values = vec![
            measurement(IMPORT, Quantity::ActivePowerImport, "5"),
            measurement("1-0:16.7.0", Quantity::ActivePower, "-7"),
        ];
        assert_eq!(reading(values).net_power(), Some(Number::whole(-7)));
    }

    #[test]
    fn phase_tariff_past_and_invalid_values_are_not_totals() {
        let whole = || measurement(IMPORT, Quantity::ActivePowerImport, "5");
        let parts = vec![
            Measurement { phase: Some(Phase::L1), ..whole() },
            measurement("1-0:1.7.0*3", Quantity::ActivePowerImport, "5"),
            Measurement { storage: Some(1), ..whole() },
            Measurement { channel: Some(1), ..whole() },
            Measurement { tariff: Some(1), ..whole() },
            Measurement { unit: None, ..whole() },
            Measurement { error: Some(ValueError::Invalid), ..whole() },
        ];
        let mut reading = reading(parts);
        assert_eq!((reading.net_power(), reading.total(Quantity::ActivePowerImport)), (None, None));
        reading.values.push(measurement(IMPORT, Quantity::ActivePowerImport, "6"));
        let six = Some(Number::whole(6));
        assert_eq!((reading.net_power(), reading.total(Quantity::ActivePowerImport)), (six, six));
        assert_eq!(reading.total(Quantity::ActivePowerExport), None);
    }
}
