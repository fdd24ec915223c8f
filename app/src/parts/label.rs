//! The names of registers on the screen.

use metertap_decoder::reading::{Measurement, Protocol, Quantity};

use crate::texts;

/// The words for a measurement: its quantity, and its tariff if it has one.
#[must_use]
pub fn label(measurement: &Measurement) -> String {
    of_tariff(measurement.quantity, measurement.tariff)
}

/// The words for a quantity in a tariff.
#[must_use]
pub fn of_tariff(of: Option<Quantity>, tariff: Option<u32>) -> String {
    let quantity = of.map_or_else(texts::quantities::unknown, quantity);
    match tariff {
        Some(tariff) => texts::quantities::tariff(&quantity, &tariff),
        None => quantity.to_owned(),
    }
}

/// The words for a quantity.
#[must_use]
pub fn quantity(quantity: Quantity) -> &'static str {
    match quantity {
        Quantity::ActiveEnergyImport => texts::quantities::active_energy_import(),
        Quantity::ActiveEnergyExport => texts::quantities::active_energy_export(),
        Quantity::ReactiveEnergyImport => texts::quantities::reactive_energy_import(),
        Quantity::ReactiveEnergyExport => texts::quantities::reactive_energy_export(),
        Quantity::ReactiveEnergyQ1 => texts::quantities::reactive_energy_q1(),
        Quantity::ReactiveEnergyQ2 => texts::quantities::reactive_energy_q2(),
        Quantity::ReactiveEnergyQ3 => texts::quantities::reactive_energy_q3(),
        Quantity::ReactiveEnergyQ4 => texts::quantities::reactive_energy_q4(),
        Quantity::ApparentEnergyImport => texts::quantities::apparent_energy_import(),
        Quantity::ApparentEnergyExport => texts::quantities::apparent_energy_export(),
        Quantity::ActivePower => texts::quantities::active_power(),
        Quantity::ActivePowerImport => texts::quantities::active_power_import(),
        Quantity::ActivePowerExport => texts::quantities::active_power_export(),
        Quantity::ReactivePowerImport => texts::quantities::reactive_power_import(),
        Quantity::ReactivePowerExport => texts::quantities::reactive_power_export(),
        Quantity::ApparentPowerImport => texts::quantities::apparent_power_import(),
        Quantity::ApparentPowerExport => texts::quantities::apparent_power_export(),
        Quantity::Voltage => texts::quantities::voltage(),
        Quantity::VoltageLine => texts::quantities::voltage_line(),
        Quantity::Current => texts::quantities::current(),
        Quantity::PowerFactor => texts::quantities::power_factor(),
        Quantity::Frequency => texts::quantities::frequency(),
        Quantity::PhaseAngle => texts::quantities::phase_angle(),
        Quantity::DemandImport => texts::quantities::demand_import(),
        Quantity::DemandImportLast => texts::quantities::demand_import_last(),
        Quantity::DemandImportPeak => texts::quantities::demand_import_peak(),
        Quantity::DemandExport => texts::quantities::demand_export(),
        Quantity::DemandExportLast => texts::quantities::demand_export_last(),
        Quantity::DemandExportPeak => texts::quantities::demand_export_peak(),
        Quantity::GasVolume => texts::quantities::gas_volume(),
        Quantity::GasVolumeCorrected => texts::quantities::gas_volume_corrected(),
        Quantity::WaterVolume => texts::quantities::water_volume(),
        Quantity::HeatVolume => texts::quantities::heat_volume(),
        Quantity::HeatEnergy => texts::quantities::heat_energy(),
        Quantity::CoolingEnergy => texts::quantities::cooling_energy(),
        Quantity::HeatPower => texts::quantities::heat_power(),
        Quantity::VolumeFlow | Quantity::MassFlow => texts::quantities::flow(),
        Quantity::TemperatureFlow => texts::quantities::temperature_flow(),
        Quantity::TemperatureReturn => texts::quantities::temperature_return(),
        Quantity::TemperatureDifference => texts::quantities::temperature_difference(),
        Quantity::Temperature => texts::quantities::temperature(),
        Quantity::OperatingTime => texts::quantities::operating_time(),
        Quantity::Pulses => texts::quantities::pulses(),
        Quantity::TariffIndicator => texts::quantities::tariff_indicator(),
        Quantity::BreakerState => texts::quantities::breaker_state(),
        Quantity::LimiterThreshold => texts::quantities::limiter_threshold(),
        Quantity::PowerFailures => texts::quantities::power_failures(),
        Quantity::LongPowerFailures => texts::quantities::long_power_failures(),
        Quantity::VoltageSags => texts::quantities::voltage_sags(),
        Quantity::VoltageSwells => texts::quantities::voltage_swells(),
        Quantity::Message => texts::quantities::message(),
        Quantity::MeterId => texts::quantities::meter_id(),
        Quantity::DeviceType => texts::quantities::device_type(),
        Quantity::MeterModel => texts::quantities::meter_model(),
        Quantity::ListVersion => texts::quantities::list_version(),
        Quantity::Clock => texts::quantities::clock(),
        Quantity::ErrorFlags => texts::quantities::error_flags(),
        // Not reached: a browser test asks for the words of each quantity.
        _ => "",
    }
}

/// The usual name of a protocol.
#[must_use]
pub fn protocol(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::P1 => "P1",
        Protocol::P1Encrypted => texts::quantities::p1_encrypted(),
        Protocol::DlmsHdlc => texts::quantities::han(),
        Protocol::DlmsMbus => texts::quantities::customer_interface(),
        Protocol::DlmsRaw => "DLMS",
        Protocol::Sml => texts::quantities::infrared(),
        Protocol::Mbus => texts::quantities::wired_mbus(),
        Protocol::Kmp => "Kamstrup",
        Protocol::Iec62056 => texts::quantities::optical(),
        Protocol::ModbusEmi => "EMI, Modbus (Portugal)",
        Protocol::Modbus => "Modbus",
        Protocol::TicHistoric => texts::quantities::tic_historic(),
        Protocol::TicStandard => texts::quantities::tic_standard(),
        _ => "",
    }
}
