//! [`ScaleGroup`]: values whose scales differ together, and the scales that the rows of `meters/` give them.

use super::Meter;
use crate::reading::Quantity;

/// Another possible scale for the values of a group, as a power of ten relative to the rows.
#[derive(Debug)]
pub(super) struct Otherwise {
    pub(super) of: ScaleGroup,
    pub(super) shift: i8,
    /// Whether this scale is impossible if the row names the meter's model.
    pub(super) unless_model: bool,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum ScaleGroup {
    Voltage,
    Current,
    Power,
    Energy,
}

impl ScaleGroup {
    /// The group of a quantity; `None` if no row of `meters/` gives it another scale.
    pub(crate) const fn of(quantity: Quantity) -> Option<Self> {
        Some(match quantity {
            Quantity::Voltage | Quantity::VoltageLine => Self::Voltage,
            Quantity::Current => Self::Current,
            Quantity::ActivePower
            | Quantity::ActivePowerImport
            | Quantity::ActivePowerExport
            | Quantity::ReactivePowerImport
            | Quantity::ReactivePowerExport
            | Quantity::ApparentPowerImport
            | Quantity::ApparentPowerExport => Self::Power,
            Quantity::ActiveEnergyImport
            | Quantity::ActiveEnergyExport
            | Quantity::ReactiveEnergyImport
            | Quantity::ReactiveEnergyExport
            | Quantity::ReactiveEnergyQ1
            | Quantity::ReactiveEnergyQ2
            | Quantity::ReactiveEnergyQ3
            | Quantity::ReactiveEnergyQ4
            | Quantity::ApparentEnergyImport
            | Quantity::ApparentEnergyExport => Self::Energy,
            Quantity::PowerFactor
            | Quantity::Frequency
            | Quantity::PhaseAngle
            | Quantity::DemandImport
            | Quantity::DemandImportLast
            | Quantity::DemandImportPeak
            | Quantity::DemandExport
            | Quantity::DemandExportLast
            | Quantity::DemandExportPeak
            | Quantity::GasVolume
            | Quantity::GasVolumeCorrected
            | Quantity::WaterVolume
            | Quantity::HeatVolume
            | Quantity::HeatEnergy
            | Quantity::CoolingEnergy
            | Quantity::HeatPower
            | Quantity::VolumeFlow
            | Quantity::MassFlow
            | Quantity::TemperatureFlow
            | Quantity::TemperatureReturn
            | Quantity::TemperatureDifference
            | Quantity::Temperature
            | Quantity::OperatingTime
            | Quantity::Pulses
            | Quantity::TariffIndicator
            | Quantity::BreakerState
            | Quantity::LimiterThreshold
            | Quantity::PowerFailures
            | Quantity::LongPowerFailures
            | Quantity::VoltageSags
            | Quantity::VoltageSwells
            | Quantity::Message
            | Quantity::MeterId
            | Quantity::MeterModel
            | Quantity::DeviceType
            | Quantity::ListVersion
            | Quantity::Clock
            | Quantity::ErrorFlags => return None,
        })
    }
}

impl Meter {
    /// The possible scales of a group's values, as powers of ten relative to the rows. The rows' own scale, 0, comes
    /// first.
    pub(crate) fn scales(&self, kind: ScaleGroup, is_named: bool) -> impl Iterator<Item = i8> + Clone {
        let others =
            self.otherwise.iter().filter(move |other| other.of == kind && !(is_named && other.unless_model));
        core::iter::once(0).chain(others.map(|other| other.shift))
    }

    /// Whether only physics can tell which scale the values of a group have.
    pub(crate) fn leaves_open(&self, kind: ScaleGroup, is_named: bool) -> bool {
        !is_named && self.otherwise.iter().any(|other| other.of == kind && other.unless_model)
    }
}
