//! [`Telegram`]: bytes with the [`Truth`] about them, in the terms of a reading (docs/reading.md).

/// The bytes that a simulated meter sends at one moment, and the values that a decoder must find in them.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Telegram {
    /// When the first byte is due, in milliseconds after the meter's start.
    pub due: u64,
    /// The bytes on the line.
    pub bytes: Vec<u8>,
    /// The values in the bytes.
    pub truth: Truth,
}

/// The content of one telegram.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Truth {
    /// The meter's identification. Present once a telegram has contained it.
    pub meter: Option<String>,
    /// The time on the meter's clock, as RFC 3339 with its offset. `None` if the telegram has none.
    pub time: Option<String>,
    /// Every register, in the order in which it was sent.
    pub values: Vec<TrueValue>,
}

/// The content of one register.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct TrueValue {
    /// The register's own name.
    pub register: String,
    /// The quantity. `None` if readings have no name for it.
    pub quantity: Option<&'static str>,
    /// An exact decimal in `unit`, or text.
    pub value: String,
    /// The quantity's canonical unit.
    pub unit: Option<&'static str>,
    /// `l1`, `l2` or `l3`.
    pub phase: Option<&'static str>,
    /// The tariff, from 1.
    pub tariff: Option<u32>,
    /// The sub-meter's channel, from 1.
    pub channel: Option<u8>,
    /// The number of the stored value, from 1. `None` for the present value.
    pub storage: Option<u64>,
    /// The value's own time in RFC 3339.
    pub time: Option<String>,
    /// `invalid` if the meter marks the value as invalid.
    pub error: Option<&'static str>,
    /// `table` if the scaler is not sent and only the maker's documentation gives it.
    pub scaling: Option<&'static str>,
}

impl Truth {
    /// Marks all numbers with a unit as scaled by the maker's documentation, because the telegram contains no scalers.
    pub(crate) fn by_table(mut self) -> Self {
        for value in self.values.iter_mut().filter(|value| value.unit.is_some()) {
            value.scaling = Some("table");
        }
        self
    }
}

impl TrueValue {
    /// A register with a number, a text or a time.
    pub(crate) fn new(
        register: impl ToString,
        quantity: impl Into<Option<&'static str>>,
        value: impl ToString,
    ) -> Self {
        let (register, quantity, value) = (register.to_string(), quantity.into(), value.to_string());
        Self { register, quantity, value, ..Self::default() }
    }

    pub(crate) fn unit(self, unit: &'static str) -> Self {
        Self { unit: Some(unit), ..self }
    }

    pub(crate) fn channel(self, channel: u8) -> Self {
        Self { channel: Some(channel), ..self }
    }

    pub(crate) fn time(self, time: String) -> Self {
        Self { time: Some(time), ..self }
    }
}

/// `mantissa × 10^scaler` as a plain decimal. A negative scaler gives the number of decimal places.
pub(crate) fn decimal(mantissa: i64, scaler: i8) -> String {
    let places = usize::from(scaler.unsigned_abs());
    if scaler >= 0 {
        return if mantissa == 0 { "0".into() } else { format!("{mantissa}{}", "0".repeat(places)) };
    }
    let sign = if mantissa < 0 { "-" } else { "" };
    let digits = format!("{:0width$}", mantissa.unsigned_abs(), width = places + 1);
    let (whole, fraction) = digits.split_at(digits.len() - places);
    format!("{sign}{whole}.{fraction}")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The examples of docs/reading.md, and similar ones.
    #[test]
    fn writes_as_many_decimals_as_the_meter_resolves() {
        for (mantissa, scaler, written) in [
            (2302, -1, "230.2"),
            (10_329_481, -3, "10329.481"),
            (5, -3, "0.005"),
            (0, -2, "0.00"),
            (-7, -1, "-0.7"),
            (1380, 0, "1380"),
            (98, 1, "980"),
            (0, 2, "0"),
        ] {
            assert_eq!(decimal(mantissa, scaler), written);
        }
    }
}
