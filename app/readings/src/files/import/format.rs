//! The rows of `formats.toml`: tables that are recognised, and what a column may mean.

use metertap_decoder::number::Number;
use metertap_decoder::reading::{Measurement, Quantity, Scaling, Unit};
use metertap_decoder::register::{Obis, Value};

use super::moment::Dates;

include!(concat!(env!("OUT_DIR"), "/formats.rs"));

/// A table that another program writes.
#[derive(Debug)]
pub struct Format {
    /// Its name in the DOM.
    pub name: &'static str,
    /// Its name for users.
    pub title: &'static str,
    /// The column with the time, and the column with the time of day if there is a separate one.
    pub(super) time: (&'static str, Option<&'static str>),
    /// The column that distinguishes meters.
    pub(super) meter: Option<&'static str>,
    /// Whether a row holds what was counted in a span, not the counter's position at its time.
    pub(super) difference: bool,
    /// Whether a row's time is the end of the row's span, not the beginning.
    pub(super) until: bool,
    /// The column with the row's unit.
    pub(super) unit: Option<&'static str>,
    /// What its dates begin with, if their numbers do not show it.
    pub(super) dates: Option<Dates>,
    pub(super) columns: &'static [FormatColumn],
}

#[derive(Debug)]
pub(super) struct FormatColumn {
    /// Its name. A `*` stands for any text.
    pub(super) name: &'static str,
    /// The index of its register in [`REGISTERS`].
    pub(super) register: usize,
    /// The power of ten between its unit and the register's.
    pub(super) scale: i8,
    /// If the column has this meaning only in some rows: another column, and what it must contain in these rows.
    pub(super) only: Option<(&'static str, &'static str)>,
    /// Whether it is the mean power of a span. The power is converted to energy.
    pub(super) power: bool,
}

/// What a column of a table may mean.
#[derive(Debug)]
pub struct Register {
    /// Its name in plans.
    pub name: &'static str,
    /// Its name for users.
    pub title: &'static str,
    /// The code of its register in readings.
    pub obis: &'static str,
    quantity: &'static str,
    tariff: Option<u32>,
    channel: Option<u8>,
}

impl Register {
    /// The register with this name.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        REGISTERS.iter().find(|register| register.name == name)
    }

    /// The unit in which its values are stored.
    #[must_use]
    pub fn unit(&self) -> Option<Unit> {
        self.quantity().and_then(Quantity::unit)
    }

    /// A value of this register.
    #[must_use]
    pub fn measurement(&self, value: Number) -> Option<Measurement> {
        let quantity = self.quantity()?;
        Some(Measurement {
            register: Obis::from_ascii(self.obis.as_bytes())?.into(),
            quantity: Some(quantity),
            phase: None,
            tariff: self.tariff,
            channel: self.channel,
            storage: None,
            time: None,
            value: Value::Number(value),
            unit: quantity.unit(),
            error: None,
            scaling: Scaling::Unstated,
        })
    }

    /// The register with this quantity and tariff.
    #[must_use]
    pub fn of_quantity(quantity: &str, tariff: Option<u32>) -> Option<&'static Self> {
        REGISTERS.iter().find(|register| register.quantity == quantity && register.tariff == tariff)
    }

    /// The tariff, if it counts only one.
    #[must_use]
    pub const fn tariff(&self) -> Option<u32> {
        self.tariff
    }

    /// What it measures.
    #[must_use]
    pub fn quantity(&self) -> Option<Quantity> {
        self.quantity.parse().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_register_has_a_unit_and_every_format_has_columns() {
        for register in REGISTERS {
            assert!(register.measurement(Number::whole(1)).is_some(), "{}", register.name);
            assert!(register.unit().is_some(), "{}", register.name);
        }
        assert!(FORMATS.iter().all(|format| !format.columns.is_empty()));
    }
}
