//! Small numbers for the words of a reading's closed lists, such as quantities and units.
//!
//! A word's number is its index in these lists, so a list only ever grows at its end: what was written with it must
//! stay readable forever. The decoder's own lists, such as [`Quantity::ALL`], may have another order.

use metertap_decoder::reading::{
    Integrity, Phase, Protocol, Quantity, Scaling, TimeSource, Unit, ValueError,
};

pub(in crate::log) trait Word: Copy + PartialEq + 'static {
    /// All words. A word's number is its index.
    const LIST: &'static [Self];

    /// The word's number. A word that is not in the list gets a number that no reader accepts.
    fn number(self) -> u64 {
        let place = Self::LIST.iter().position(|word| *word == self);
        place.and_then(|place| u64::try_from(place).ok()).unwrap_or(u64::MAX)
    }

    fn numbered(number: u64) -> Option<Self> {
        Self::LIST.get(usize::try_from(number).ok()?).copied()
    }
}

impl Word for Protocol {
    const LIST: &'static [Self] = &[
        Self::P1,
        Self::P1Encrypted,
        Self::DlmsHdlc,
        Self::DlmsMbus,
        Self::DlmsRaw,
        Self::Sml,
        Self::Mbus,
        Self::Kmp,
        Self::Iec62056,
        Self::Table,
        Self::TicHistoric,
        Self::TicStandard,
        Self::ModbusEmi,
        Self::Modbus,
    ];
}

impl Word for TimeSource {
    const LIST: &'static [Self] = &[Self::Meter, Self::Received];
}

impl Word for Integrity {
    const LIST: &'static [Self] = &[Self::Authenticated, Self::Checked, Self::Unchecked];
}

impl Word for ValueError {
    const LIST: &'static [Self] = &[Self::Invalid, Self::Implausible];
}

impl Word for Scaling {
    const LIST: &'static [Self] = &[Self::Unstated, Self::Wire, Self::Table, Self::Inferred, Self::Stated];
}

impl Word for Phase {
    const LIST: &'static [Self] = &[Self::L1, Self::L2, Self::L3, Self::N, Self::L12, Self::L23, Self::L31];
}

impl Word for Quantity {
    const LIST: &'static [Self] = &[
        Self::ActiveEnergyImport,
        Self::ActiveEnergyExport,
        Self::ReactiveEnergyImport,
        Self::ReactiveEnergyExport,
        Self::ReactiveEnergyQ1,
        Self::ReactiveEnergyQ2,
        Self::ReactiveEnergyQ3,
        Self::ReactiveEnergyQ4,
        Self::ApparentEnergyImport,
        Self::ApparentEnergyExport,
        Self::ActivePower,
        Self::ActivePowerImport,
        Self::ActivePowerExport,
        Self::ReactivePowerImport,
        Self::ReactivePowerExport,
        Self::ApparentPowerImport,
        Self::ApparentPowerExport,
        Self::Voltage,
        Self::Current,
        Self::PowerFactor,
        Self::Frequency,
        Self::PhaseAngle,
        Self::DemandImport,
        Self::DemandImportPeak,
        Self::DemandExport,
        Self::DemandExportPeak,
        Self::GasVolume,
        Self::GasVolumeCorrected,
        Self::WaterVolume,
        Self::HeatVolume,
        Self::HeatEnergy,
        Self::CoolingEnergy,
        Self::HeatPower,
        Self::VolumeFlow,
        Self::MassFlow,
        Self::TemperatureFlow,
        Self::TemperatureReturn,
        Self::TemperatureDifference,
        Self::Temperature,
        Self::OperatingTime,
        Self::Pulses,
        Self::TariffIndicator,
        Self::BreakerState,
        Self::LimiterThreshold,
        Self::PowerFailures,
        Self::LongPowerFailures,
        Self::VoltageSags,
        Self::VoltageSwells,
        Self::Message,
        Self::MeterId,
        Self::MeterModel,
        Self::DeviceType,
        Self::ListVersion,
        Self::Clock,
        Self::ErrorFlags,
        Self::VoltageLine,
        Self::DemandImportLast,
        Self::DemandExportLast,
    ];
}

impl Word for Unit {
    const LIST: &'static [Self] = &[
        Self::Watt,
        Self::Var,
        Self::VoltAmpere,
        Self::KilowattHour,
        Self::KilovarHour,
        Self::KilovoltAmpereHour,
        Self::Volt,
        Self::Ampere,
        Self::Hertz,
        Self::Degree,
        Self::One,
        Self::CubicMetre,
        Self::CubicMetrePerHour,
        Self::CubicMetrePerMinute,
        Self::CubicMetrePerSecond,
        Self::CubicFoot,
        Self::Kilogram,
        Self::KilogramPerHour,
        Self::Celsius,
        Self::Bar,
        Self::Day,
        Self::Hour,
        Self::Minute,
        Self::Second,
        Self::Month,
        Self::Year,
        Self::Gigajoule,
        Self::Megajoule,
        Self::Gigacalorie,
        Self::JoulePerHour,
        Self::Percent,
    ];
}

// A word without a number could be written but never read.
const _: () = {
    assert!(
        <Protocol as Word>::LIST.len() == Protocol::ALL.len(),
        "add the new Protocol at the end of its LIST"
    );
    assert!(<Phase as Word>::LIST.len() == Phase::ALL.len(), "add the new Phase at the end of its LIST");
    assert!(
        <Quantity as Word>::LIST.len() == Quantity::ALL.len(),
        "add the new Quantity at the end of its LIST"
    );
    assert!(<Unit as Word>::LIST.len() == Unit::ALL.len(), "add the new Unit at the end of its LIST");
};

#[cfg(test)]
mod tests {
    use super::*;

    fn each_has_a_number<T: Word + std::fmt::Debug>(all: &[T]) {
        assert_eq!(T::LIST.len(), all.len());
        for word in all {
            assert_eq!(T::numbered(word.number()), Some(*word), "{word:?}");
        }
        assert_eq!(T::numbered(u64::MAX), None);
    }

    #[test]
    fn every_word_of_the_decoders_lists_has_a_number() {
        each_has_a_number(Protocol::ALL);
        each_has_a_number(Phase::ALL);
        each_has_a_number(Quantity::ALL);
        each_has_a_number(Unit::ALL);
    }
}
