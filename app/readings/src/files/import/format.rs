//! The rows of `formats.toml`: tables that are recognised, and what a column may mean.

use metertap_decoder::number::Number;
use metertap_decoder::reading::{Measurement, Quantity, Scaling, Unit};
use metertap_decoder::register::{Obis, Value};

use super::moment::Dates;

include!(concat!(env!("OUT_DIR"), "/formats.rs"));

/// A table that another program writes.
#[derive(Debug)]
pub struct Format {
    /// Its name in marks.
    pub name: &'static str,
    /// What a person calls it.
    pub title: &'static str,
    /// The column with the time, and with the time of day where that is another.
    pub(super) time: (&'static str, Option<&'static str>),
    /// The column that tells meters apart.
    pub(super) meter: Option<&'static str>,
    /// Whether a row says what was counted from its time on, and not what a counter showed then.
    pub(super) difference: bool,
    /// Whether what a row counted was counted until its time, and not from it on.
    pub(super) until: bool,
    /// The column with the unit of a row.
    pub(super) unit: Option<&'static str>,
    /// What its dates begin with, where that cannot be told from their numbers.
    pub(super) dates: Option<Dates>,
    pub(super) columns: &'static [FormatColumn],
}

/// A column of a known table.
#[derive(Debug)]
pub(super) struct FormatColumn {
    /// Its name, or with a star at an end what it ends or begins with.
    pub(super) name: &'static str,
    /// The place of its register in [`REGISTERS`].
    pub(super) register: usize,
    /// The power of ten between its unit and the register's.
    pub(super) scale: i8,
    /// The rows in which it means that: what stands in which column.
    pub(super) only: Option<(&'static str, &'static str)>,
    /// Whether it is the mean power of a span, of which energy is made.
    pub(super) power: bool,
}

/// What a column of a table may mean.
#[derive(Debug)]
pub struct Register {
    /// Its name in plans.
    pub name: &'static str,
    /// What a person calls it.
    pub title: &'static str,
    /// The code that readings have for it.
    pub obis: &'static str,
    quantity: &'static str,
    tariff: Option<u32>,
    channel: Option<u8>,
}

impl Register {
    /// The one of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        REGISTERS.iter().find(|register| register.name == name)
    }

    /// The unit that values of it are kept in.
    #[must_use]
    pub fn unit(&self) -> Option<Unit> {
        self.quantity().and_then(Quantity::unit)
    }

    /// A value of it.
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

    /// The one of that quantity and tariff.
    #[must_use]
    pub fn of_quantity(quantity: &str, tariff: Option<u32>) -> Option<&'static Self> {
        REGISTERS.iter().find(|register| register.quantity == quantity && register.tariff == tariff)
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
    fn every_row_means_something() {
        for register in REGISTERS {
            assert!(register.measurement(Number::whole(1)).is_some(), "{}", register.name);
            assert!(register.unit().is_some(), "{}", register.name);
        }
        assert!(FORMATS.iter().all(|format| !format.columns.is_empty()));
    }
}
