//! [`EmiRegister`]: the registers of Portugal's EMI meters, as listed in `registers/emi.toml`.

use crate::register::Obis;
use crate::vocabulary::Quantity;

/// A register, or a column of the load profile.
#[derive(Clone, Copy, Debug)]
pub(crate) struct EmiRegister {
    /// Its address, or the number of the column.
    pub(crate) at: u16,
    pub(crate) obis: Obis,
    /// Length in bytes.
    pub(crate) octets: u8,
    pub(crate) form: EmiForm,
    pub(crate) scaler: i8,
    /// A unit as printed, or empty.
    pub(crate) unit: &'static str,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum EmiForm {
    Number,
    Text,
    Octets,
    Clock,
    /// The time stamp of the register before it, which has the same name.
    Moment,
    /// The numbers of the load profile's columns.
    Measurements,
}

pub(crate) fn register(at: u16) -> Option<EmiRegister> {
    REGISTERS.get(REGISTERS.binary_search_by_key(&at, |row| row.at).ok()?).copied()
}

pub(crate) fn profile_column(number: u8) -> Option<EmiRegister> {
    column(number)
}

/// The length in bytes of the register with this name, with or without its time stamp.
pub(crate) fn octets_of(name: Obis, with_moment: bool) -> Option<usize> {
    let named = |row: &&EmiRegister| row.obis == name && (with_moment || row.form != EmiForm::Moment);
    let octets: usize = REGISTERS.iter().filter(named).map(|row| usize::from(row.octets)).sum();
    Some(octets).filter(|octets| *octets > 0)
}

/// The quantity of a register whose meaning on this port differs from its meaning on other ports. `None` if it does not
/// differ; `Some(None)` if the register has no quantity here.
pub(crate) fn meaning(name: Obis) -> Option<Option<Quantity>> {
    otherwise(name)
}

include!(concat!(env!("OUT_DIR"), "/emi.rs"));

#[cfg(test)]
mod tests {
    use super::*;

    /// DEF-C44-509/N, 5.4: the registers that the specification's examples ask for.
    #[test]
    fn registers_are_as_wide_as_their_types() {
        let widths = |from: u16, count: u16| -> Option<Vec<u8>> {
            (from..from + count).map(|at| Some(register(at)?.octets)).collect()
        };
        assert_eq!(widths(0x0B, 2), Some(alloc::vec![1, 4]));
        assert_eq!(widths(0x03, 4), Some(alloc::vec![6, 5, 5, 5]));
        assert_eq!(widths(0x7F, 2), Some(alloc::vec![2, 8]));
        assert_eq!(register(0x93).map(|row| row.at), None);
    }

    #[test]
    fn a_total_is_not_a_tariff() {
        assert_eq!(meaning(Obis::new(1, 0, 1, 8, 10)), Some(None));
        assert_eq!(meaning(Obis::new(1, 0, 1, 8, 1)), None);
        assert_eq!(profile_column(9).map(|column| column.obis), Some(Obis::new(1, 0, 1, 29, 0)));
    }

    use alloc::vec::Vec;
}
