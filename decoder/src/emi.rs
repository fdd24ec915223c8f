//! [`EmiRegister`]: what stands at the addresses of Portugal's EMI meters, as `registers/emi.toml` has it.

use crate::register::Obis;
use crate::vocabulary::Quantity;

/// A register, or a column of the load profile.
#[derive(Clone, Copy, Debug)]
pub(crate) struct EmiRegister {
    /// Its address, or the number of the column.
    pub(crate) at: u16,
    pub(crate) obis: Obis,
    /// How many octets it has.
    pub(crate) octets: u8,
    pub(crate) form: EmiForm,
    pub(crate) scaler: i8,
    /// A unit as printed, or nothing.
    pub(crate) unit: &'static str,
}

/// What is in a register.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum EmiForm {
    Number,
    Text,
    Octets,
    Clock,
    /// The moment of the register before it, which has the same name.
    Moment,
    /// Numbers of the columns of the load profile.
    Measurements,
}

/// The register at that address.
pub(crate) fn register(at: u16) -> Option<EmiRegister> {
    REGISTERS.get(REGISTERS.binary_search_by_key(&at, |row| row.at).ok()?).copied()
}

/// The column of the load profile of that number.
pub(crate) fn profile_column(number: u8) -> Option<EmiRegister> {
    column(number)
}

/// How many octets the register of that name has, with the moment behind it.
pub(crate) fn octets_of(name: Obis, with_moment: bool) -> Option<usize> {
    let named = |row: &&EmiRegister| row.obis == name && (with_moment || row.form != EmiForm::Moment);
    let octets: usize = REGISTERS.iter().filter(named).map(|row| usize::from(row.octets)).sum();
    Some(octets).filter(|octets| *octets > 0)
}

/// What a name means on this port, where it is something else than on others; `Some(None)` where it has no quantity.
pub(crate) fn meaning(name: Obis) -> Option<Option<Quantity>> {
    otherwise(name)
}

include!(concat!(env!("OUT_DIR"), "/emi.rs"));

#[cfg(test)]
mod tests {
    use super::*;

    /// DEF-C44-509/N, 5.4: what the specification's own examples ask for.
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
    fn a_total_is_no_tariff() {
        assert_eq!(meaning(Obis::new(1, 0, 1, 8, 10)), Some(None));
        assert_eq!(meaning(Obis::new(1, 0, 1, 8, 1)), None);
        assert_eq!(profile_column(9).map(|column| column.obis), Some(Obis::new(1, 0, 1, 29, 0)));
    }

    use alloc::vec::Vec;
}
