//! The names of registers on the screen.

use metertap_decoder::reading::{Measurement, Protocol, Quantity};

/// The words for a measurement: its quantity, and its tariff if it has one.
#[must_use]
pub fn label(measurement: &Measurement) -> String {
    let quantity = measurement.quantity.map_or("Unknown register", quantity);
    match measurement.tariff {
        Some(tariff) => format!("{quantity}, tariff {tariff}"),
        None => quantity.to_owned(),
    }
}

/// The words for a quantity.
#[must_use]
pub const fn quantity(quantity: Quantity) -> &'static str {
    match quantity {
        Quantity::ActiveEnergyImport => "Imported",
        Quantity::ActiveEnergyExport => "Exported",
        Quantity::ReactiveEnergyImport => "Reactive imported",
        Quantity::ReactiveEnergyExport => "Reactive exported",
        Quantity::ReactiveEnergyQ1 => "Reactive, quadrant 1",
        Quantity::ReactiveEnergyQ2 => "Reactive, quadrant 2",
        Quantity::ReactiveEnergyQ3 => "Reactive, quadrant 3",
        Quantity::ReactiveEnergyQ4 => "Reactive, quadrant 4",
        Quantity::ApparentEnergyImport => "Apparent imported",
        Quantity::ApparentEnergyExport => "Apparent exported",
        Quantity::ActivePower => "Power",
        Quantity::ActivePowerImport => "Power import",
        Quantity::ActivePowerExport => "Power export",
        Quantity::ReactivePowerImport => "Reactive import",
        Quantity::ReactivePowerExport => "Reactive export",
        Quantity::ApparentPowerImport => "Apparent import",
        Quantity::ApparentPowerExport => "Apparent export",
        Quantity::Voltage => "Voltage",
        Quantity::VoltageLine => "Voltage between lines",
        Quantity::Current => "Current",
        Quantity::PowerFactor => "Power factor",
        Quantity::Frequency => "Frequency",
        Quantity::PhaseAngle => "Phase angle",
        Quantity::DemandImport => "Demand, running",
        Quantity::DemandImportLast => "Demand, last period",
        Quantity::DemandImportPeak => "Demand, peak",
        Quantity::DemandExport => "Export demand, running",
        Quantity::DemandExportLast => "Export demand, last period",
        Quantity::DemandExportPeak => "Export demand, peak",
        Quantity::GasVolume => "Gas",
        Quantity::GasVolumeCorrected => "Gas, corrected",
        Quantity::WaterVolume => "Water",
        Quantity::HeatVolume => "Heating water",
        Quantity::HeatEnergy => "Heat",
        Quantity::CoolingEnergy => "Cooling",
        Quantity::HeatPower => "Heat power",
        Quantity::VolumeFlow | Quantity::MassFlow => "Flow",
        Quantity::TemperatureFlow => "Flow temperature",
        Quantity::TemperatureReturn => "Return temperature",
        Quantity::TemperatureDifference => "Temperature difference",
        Quantity::Temperature => "Temperature",
        Quantity::OperatingTime => "Operating time",
        Quantity::Pulses => "Pulses",
        Quantity::TariffIndicator => "Tariff in force",
        Quantity::BreakerState => "Breaker",
        Quantity::LimiterThreshold => "Power limit",
        Quantity::PowerFailures => "Power failures",
        Quantity::LongPowerFailures => "Long power failures",
        Quantity::VoltageSags => "Voltage sags",
        Quantity::VoltageSwells => "Voltage swells",
        Quantity::Message => "Message",
        Quantity::MeterId => "Meter number",
        Quantity::DeviceType => "Kind of sub-meter",
        Quantity::MeterModel => "Meter model",
        Quantity::ListVersion => "List version",
        Quantity::Clock => "Meter's clock",
        Quantity::ErrorFlags => "Error flags",
        _ => "",
    }
}

/// Each quantity has words: a new one does not compile without.
const _: () = {
    let mut rest = Quantity::ALL;
    while let [first, others @ ..] = rest {
        assert!(!quantity(*first).is_empty());
        rest = others;
    }
};

/// The usual name of a protocol.
#[must_use]
pub const fn protocol(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::P1 => "P1",
        Protocol::P1Encrypted => "P1, encrypted",
        Protocol::DlmsHdlc => "HAN, DLMS over HDLC",
        Protocol::DlmsMbus => "Customer interface, DLMS over M-Bus",
        Protocol::DlmsRaw => "DLMS",
        Protocol::Sml => "Infrared, SML",
        Protocol::Mbus => "Wired M-Bus",
        Protocol::Kmp => "Kamstrup",
        Protocol::Iec62056 => "Optical, IEC 62056-21",
        Protocol::ModbusEmi => "EMI, Modbus (Portugal)",
        Protocol::Modbus => "Modbus",
        Protocol::TicHistoric => "TIC, historic mode",
        Protocol::TicStandard => "TIC, standard mode",
        _ => "",
    }
}
