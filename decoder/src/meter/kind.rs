//! [`ScaleGroup`]: values whose scales differ together, and the scales that the rows of `meters/` know for them.

use super::Meter;
use crate::reading::Quantity;

/// Another scale that its values of one kind may have, so many powers of ten larger.
#[derive(Debug)]
pub(super) struct Otherwise {
    pub(super) of: ScaleGroup,
    pub(super) shift: i8,
    /// A model that the row names settles it.
    pub(super) unless_model: bool,
}

/// Values whose scales differ together.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum ScaleGroup {
    Voltage,
    Current,
    Power,
    Energy,
}

impl ScaleGroup {
    /// None of what no row of `meters/` has another scale for.
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
    /// How many powers of ten larger values of that kind may be than its rows say, the rows themselves first.
    pub(crate) fn scales(&self, kind: ScaleGroup, is_named: bool) -> impl Iterator<Item = i8> + Clone {
        let others =
            self.otherwise.iter().filter(move |other| other.of == kind && !(is_named && other.unless_model));
        core::iter::once(0).chain(others.map(|other| other.shift))
    }

    /// Whether nothing but physics tells which of the scales values of that kind have.
    pub(crate) fn leaves_open(&self, kind: ScaleGroup, is_named: bool) -> bool {
        !is_named && self.otherwise.iter().any(|other| other.of == kind && other.unless_model)
    }
}
