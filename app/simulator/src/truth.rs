//! [`Telegram`]: octets with the [`Truth`] about them, in the words of the reading's contract.

/// What a simulated meter sends at one moment, and what a decoder has to find in it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Telegram {
    /// Milliseconds after the meter's start at which the first octet is due.
    pub due: u64,
    /// What goes over the line.
    pub octets: Vec<u8>,
    /// What the octets say.
    pub truth: Truth,
}

/// What one telegram says.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Truth {
    /// The meter's identification, once a telegram with it was sent.
    pub meter: Option<String>,
    /// The meter's clock in RFC 3339 with its offset, where the telegram has one.
    pub time: Option<String>,
    /// Every register, in the order sent.
    pub values: Vec<TrueValue>,
}

/// What one register says.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct TrueValue {
    /// The register's own name.
    pub register: String,
    /// What it measures, where the contract has a word for it.
    pub quantity: Option<&'static str>,
    /// An exact decimal in `unit`, or text.
    pub value: String,
    /// The quantity's canonical unit.
    pub unit: Option<&'static str>,
    /// `l1`, `l2` or `l3`.
    pub phase: Option<&'static str>,
    /// From 1.
    pub tariff: Option<u32>,
    /// The sub-meter's channel, from 1.
    pub channel: Option<u8>,
    /// Which of the values kept from earlier, from 1.
    pub storage: Option<u64>,
    /// The value's own time in RFC 3339.
    pub time: Option<String>,
    /// `invalid` where the meter marks the value so.
    pub error: Option<&'static str>,
    /// `table` where only the maker's paper says how large the number is.
    pub scaling: Option<&'static str>,
}

impl Truth {
    /// The telegram says of no number how large it is.
    pub(crate) fn by_table(mut self) -> Self {
        for value in self.values.iter_mut().filter(|value| value.unit.is_some()) {
            value.scaling = Some("table");
        }
        self
    }
}

impl TrueValue {
    /// A register with a number, text or time that the contract has a word for.
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

/// `mantissa × 10^scaler` in plain digits, with as many places as the scaler says.
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

    /// The examples of the contract, and their like.
    #[test]
    fn writes_as_many_places_as_the_meter_resolves() {
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
