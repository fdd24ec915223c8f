//! The table of values by phase: a row for each quantity and tariff, a column for each phase.

use metertap_decoder::reading::{Measurement, Phase, Quantity};
use metertap_decoder::register::RegisterId;

use super::newest::Newest;

/// A row of the table.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct PhaseRow {
    /// The quantity.
    pub quantity: Quantity,
    /// The tariff, from 1; `None` if the values cover all tariffs.
    pub tariff: Option<u32>,
    /// The register of each phase, each phase at most once.
    pub cells: Vec<(Phase, RegisterId)>,
}

/// Whether a value is in the table: a present value of the meter itself, with a known quantity and a phase.
#[must_use]
pub fn is_by_phase(measurement: &Measurement) -> bool {
    measurement.quantity.is_some()
        && measurement.phase.is_some()
        && measurement.storage.is_none()
        && measurement.channel.is_none_or(|channel| channel == 0)
}

/// The rows of a meter: voltages first, then currents, then the others in the meter's own order. If two registers state
/// the same, the second one is in a row of its own.
#[must_use]
pub fn phase_rows(newest: &Newest) -> Vec<PhaseRow> {
    let mut rows: Vec<PhaseRow> = Vec::new();
    for measurement in newest.values.iter().map(|known| &known.measurement).filter(|one| is_by_phase(one)) {
        let (Some(quantity), Some(phase)) = (measurement.quantity, measurement.phase) else { continue };
        let (tariff, cell) = (measurement.tariff, (phase, measurement.register));
        let takes = |row: &&mut PhaseRow| {
            (row.quantity, row.tariff) == (quantity, tariff)
                && row.cells.iter().all(|(other, _)| *other != phase)
        };
        match rows.iter_mut().find(takes) {
            Some(row) => row.cells.push(cell),
            None => rows.push(PhaseRow { quantity, tariff, cells: vec![cell] }),
        }
    }
    rows.sort_by_key(|row| (row.quantity != Quantity::Voltage, row.quantity != Quantity::Current));
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{entry, measurement, reading};

    fn rows(values: Vec<Measurement>) -> Vec<(Quantity, Option<u32>, Vec<String>)> {
        let mut newest = Newest::default();
        newest.take(&entry(1, 0, reading(values)));
        let registers = |row: &PhaseRow| row.cells.iter().map(|(_, register)| register.to_string()).collect();
        phase_rows(&newest).iter().map(|row| (row.quantity, row.tariff, registers(row))).collect()
    }

    fn of(register: &str, quantity: Quantity, phase: Phase) -> Measurement {
        Measurement { phase: Some(phase), ..measurement(register, quantity, "1") }
    }

    #[test]
    fn each_register_has_a_cell() {
        let energy = |register, phase, tariff| Measurement {
            tariff,
            ..of(register, Quantity::ActiveEnergyImport, phase)
        };
        let seen = rows(vec![
            energy("1-0:21.8.1", Phase::L1, Some(1)),
            energy("1-0:21.8.2", Phase::L1, Some(2)),
            energy("1-0:41.8.1", Phase::L2, Some(1)),
            of("1-0:32.7.0", Quantity::Voltage, Phase::L1),
            of("1-1:32.7.0", Quantity::Voltage, Phase::L1),
        ]);
        let expected = [
            (Quantity::Voltage, None, vec!["1-0:32.7.0"]),
            (Quantity::Voltage, None, vec!["1-1:32.7.0"]),
            (Quantity::ActiveEnergyImport, Some(1), vec!["1-0:21.8.1", "1-0:41.8.1"]),
            (Quantity::ActiveEnergyImport, Some(2), vec!["1-0:21.8.2"]),
        ];
        assert_eq!(
            seen,
            expected.map(|(quantity, tariff, cells)| {
                (quantity, tariff, cells.into_iter().map(str::to_owned).collect())
            })
        );
    }

    #[test]
    fn stored_values_and_sub_meters_are_not_in_the_table() {
        let voltage = of("1-0:32.7.0", Quantity::Voltage, Phase::L1);
        let stored = Measurement { storage: Some(1), ..voltage.clone() };
        let sub_meter = Measurement { channel: Some(1), ..voltage };
        assert_eq!(rows(vec![stored, sub_meter]), []);
    }
}
