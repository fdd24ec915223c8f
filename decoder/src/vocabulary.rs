//! The words of a reading: protocols, phases, quantities and units. The JSON form uses the same words.

#[cfg(feature = "json")]
use alloc::string::String;
use core::fmt;
use core::str::FromStr;

#[cfg(feature = "json")]
use serde::{Deserialize, Serialize};

/// Declares a list of words: the enum, its `as_str`, its `Display`, and its parser.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
        pub enum $name { $(#[doc = concat!("`", $word, "`")] #[doc = ""] $(#[$variant_doc])* $variant,)* }

        impl $name {
            /// All variants, in the order of their declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The word in a reading's JSON.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { f.write_str(self.as_str()) }
        }

        impl FromStr for $name {
            type Err = NotAWord;
            fn from_str(text: &str) -> Result<Self, NotAWord> {
                match text { $($word => Ok(Self::$variant),)* _ => Err(NotAWord) }
            }
        }

        #[cfg(feature = "json")]
        impl Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        #[cfg(feature = "json")]
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let word = String::deserialize(deserializer)?;
                word.parse().map_err(|_| serde::de::Error::custom("an unknown word"))
            }
        }
    };
}

words! {
    /// The protocol that carried a telegram.
    #[non_exhaustive]
    Protocol {
        /// A plain DSMR / P1 telegram.
        P1 = "p1",
        /// A P1 telegram in a ciphered packet.
        P1Encrypted = "p1-encrypted",
        /// DLMS in HDLC frames.
        DlmsHdlc = "dlms-hdlc",
        /// DLMS in wired M-Bus frames.
        DlmsMbus = "dlms-mbus",
        /// DLMS without a link layer.
        DlmsRaw = "dlms-raw",
        /// Smart Message Language.
        Sml = "sml",
        /// Wired M-Bus.
        Mbus = "mbus",
        /// Kamstrup's protocol for heat and water meters.
        Kmp = "kmp",
        /// An IEC 62056-21 readout.
        Iec62056 = "iec62056-21",
        /// France's TIC in historic mode.
        TicHistoric = "tic-historic",
        /// France's TIC in standard mode, which Linky offers besides historic mode.
        TicStandard = "tic-standard",
        /// Modbus of Portugal's EMI meters.
        ModbusEmi = "modbus-emi",
        /// Modbus of DIN rail meters.
        Modbus = "modbus",
        /// No protocol: the reading is a row of a table that another program wrote.
        Table = "table",
    }
}

words! {
    /// The phase of a value, or the two phases that a voltage lies between.
    ///
    /// Exhaustive: a grid has no other conductors.
    Phase {
        /// Phase 1.
        L1 = "l1",
        /// Phase 2.
        L2 = "l2",
        /// Phase 3.
        L3 = "l3",
        /// The neutral conductor.
        N = "n",
        /// Between phases 1 and 2.
        L12 = "l12",
        /// Between phases 2 and 3.
        L23 = "l23",
        /// Between phases 3 and 1.
        L31 = "l31",
    }
}

words! {
    /// The quantity that a value measures.
    ///
    /// | quantities | unit in readings |
    /// |---|---|
    /// | active energy, heat energy, cooling energy | kWh |
    /// | reactive energy | kvarh |
    /// | apparent energy | kVAh |
    /// | active power, demand, heat power, limiter threshold | W |
    /// | reactive power | var |
    /// | apparent power | VA |
    /// | voltage | V |
    /// | current | A |
    /// | frequency | Hz |
    /// | phase angle | ° |
    /// | volume of gas, water, heat carrier | m³ |
    /// | volume flow | m³/h |
    /// | mass flow | kg/h |
    /// | temperature | °C |
    /// | operating time | h |
    /// | power factor, pulses | 1 |
    /// | all others | none: a plain count, a code or text |
    ///
    /// [`Quantity::unit`] returns the unit of this table. If conversion takes more than a power of ten, a value stays
    /// in the unit that was sent, such as GJ: look at [`Measurement::unit`](crate::reading::Measurement::unit). Import
    /// is what the house takes from the grid, export what it feeds in.
    #[non_exhaustive]
    Quantity {
        ActiveEnergyImport = "active-energy-import",
        ActiveEnergyExport = "active-energy-export",
        ReactiveEnergyImport = "reactive-energy-import",
        ReactiveEnergyExport = "reactive-energy-export",
        /// Quadrant 1: active and reactive energy are imported.
        ReactiveEnergyQ1 = "reactive-energy-q1",
        /// Quadrant 2: active energy is exported, reactive energy imported.
        ReactiveEnergyQ2 = "reactive-energy-q2",
        /// Quadrant 3: active and reactive energy are exported.
        ReactiveEnergyQ3 = "reactive-energy-q3",
        /// Quadrant 4: active energy is imported, reactive energy exported.
        ReactiveEnergyQ4 = "reactive-energy-q4",
        ApparentEnergyImport = "apparent-energy-import",
        ApparentEnergyExport = "apparent-energy-export",
        /// From the grid; negative while the house feeds in.
        ActivePower = "active-power",
        /// From the grid; zero while the house feeds in, if the meter nets its phases.
        ActivePowerImport = "active-power-import",
        /// Fed into the grid; zero while the house takes from it, if the meter nets its phases.
        ActivePowerExport = "active-power-export",
        ReactivePowerImport = "reactive-power-import",
        ReactivePowerExport = "reactive-power-export",
        ApparentPowerImport = "apparent-power-import",
        ApparentPowerExport = "apparent-power-export",
        /// Between a phase and the neutral conductor. In a grid without a neutral conductor, meters may send line
        /// voltages as this quantity.
        Voltage = "voltage",
        /// Between two phases.
        VoltageLine = "voltage-line",
        Current = "current",
        PowerFactor = "power-factor",
        Frequency = "frequency",
        PhaseAngle = "phase-angle",
        /// The mean power of the running interval.
        DemandImport = "demand-import",
        /// The mean power of the last whole interval. [`Measurement::time`](crate::reading::Measurement::time) is its
        /// end.
        DemandImportLast = "demand-import-last",
        /// The highest demand of a billing period.
        DemandImportPeak = "demand-import-peak",
        /// Like `DemandImport`, for what is fed in.
        DemandExport = "demand-export",
        /// Like `DemandImportLast`, for what is fed in.
        DemandExportLast = "demand-export-last",
        /// Like `DemandImportPeak`, for what is fed in.
        DemandExportPeak = "demand-export-peak",
        GasVolume = "gas-volume",
        /// Converted to base conditions.
        GasVolumeCorrected = "gas-volume-corrected",
        WaterVolume = "water-volume",
        /// Of the heat carrier, usually water.
        HeatVolume = "heat-volume",
        HeatEnergy = "heat-energy",
        CoolingEnergy = "cooling-energy",
        HeatPower = "heat-power",
        VolumeFlow = "volume-flow",
        MassFlow = "mass-flow",
        /// Of the heat carrier on its way to the consumer.
        TemperatureFlow = "temperature-flow",
        /// Of the heat carrier on its way back.
        TemperatureReturn = "temperature-return",
        TemperatureDifference = "temperature-difference",
        Temperature = "temperature",
        OperatingTime = "operating-time",
        Pulses = "pulses",
        /// The number of the tariff that applies now.
        TariffIndicator = "tariff-indicator",
        BreakerState = "breaker-state",
        LimiterThreshold = "limiter-threshold",
        /// How many power failures the meter has counted.
        PowerFailures = "power-failures",
        LongPowerFailures = "long-power-failures",
        VoltageSags = "voltage-sags",
        VoltageSwells = "voltage-swells",
        Message = "message",
        MeterId = "meter-id",
        MeterModel = "meter-model",
        /// What a sub-meter measures, by its number in EN 13757-7.
        DeviceType = "device-type",
        ListVersion = "list-version",
        Clock = "clock",
        /// The meter's status or error bits, as sent.
        ErrorFlags = "error-flags",
    }
}

words! {
    /// The units that readings are written in. [`Display`](fmt::Display) writes the symbol.
    #[non_exhaustive]
    Unit {
        Watt = "W",
        Var = "var",
        VoltAmpere = "VA",
        KilowattHour = "kWh",
        KilovarHour = "kvarh",
        KilovoltAmpereHour = "kVAh",
        Volt = "V",
        Ampere = "A",
        Hertz = "Hz",
        Degree = "°",
        One = "1",
        CubicMetre = "m3",
        CubicMetrePerHour = "m3/h",
        CubicMetrePerMinute = "m3/min",
        CubicMetrePerSecond = "m3/s",
        CubicFoot = "ft3",
        Kilogram = "kg",
        KilogramPerHour = "kg/h",
        Celsius = "°C",
        Bar = "bar",
        Day = "d",
        Hour = "h",
        Minute = "min",
        Second = "s",
        Month = "month",
        Year = "year",
        Gigajoule = "GJ",
        Megajoule = "MJ",
        Gigacalorie = "Gcal",
        JoulePerHour = "J/h",
        Percent = "%",
    }
}

impl Phase {
    pub(crate) const fn is_between_lines(self) -> bool {
        matches!(self, Self::L12 | Self::L23 | Self::L31)
    }

    /// The pair of this phase and the next one; `None` for the neutral conductor.
    pub(crate) const fn to_next(self) -> Option<Self> {
        match self {
            Self::L1 => Some(Self::L12),
            Self::L2 => Some(Self::L23),
            Self::L3 => Some(Self::L31),
            Self::N => None,
            between => Some(between),
        }
    }
}

impl Quantity {
    /// Whether values of this quantity are numbers, even if a meter sends them as text.
    #[must_use]
    pub const fn is_number(self) -> bool {
        self.unit().is_some()
            || matches!(
                self,
                Self::TariffIndicator
                    | Self::BreakerState
                    | Self::DeviceType
                    | Self::PowerFailures
                    | Self::LongPowerFailures
                    | Self::VoltageSags
                    | Self::VoltageSwells
            )
    }

    /// The unit of this quantity in readings, if it has one.
    #[must_use]
    pub const fn unit(self) -> Option<Unit> {
        Some(match self {
            Self::ActiveEnergyImport | Self::ActiveEnergyExport | Self::HeatEnergy | Self::CoolingEnergy => {
                Unit::KilowattHour
            }
            Self::ReactiveEnergyImport
            | Self::ReactiveEnergyExport
            | Self::ReactiveEnergyQ1
            | Self::ReactiveEnergyQ2
            | Self::ReactiveEnergyQ3
            | Self::ReactiveEnergyQ4 => Unit::KilovarHour,
            Self::ApparentEnergyImport | Self::ApparentEnergyExport => Unit::KilovoltAmpereHour,
            Self::ActivePower
            | Self::ActivePowerImport
            | Self::ActivePowerExport
            | Self::DemandImport
            | Self::DemandImportLast
            | Self::DemandImportPeak
            | Self::DemandExport
            | Self::DemandExportLast
            | Self::DemandExportPeak
            | Self::LimiterThreshold
            | Self::HeatPower => Unit::Watt,
            Self::ReactivePowerImport | Self::ReactivePowerExport => Unit::Var,
            Self::ApparentPowerImport | Self::ApparentPowerExport => Unit::VoltAmpere,
            Self::Voltage | Self::VoltageLine => Unit::Volt,
            Self::Current => Unit::Ampere,
            Self::PowerFactor | Self::Pulses => Unit::One,
            Self::Frequency => Unit::Hertz,
            Self::PhaseAngle => Unit::Degree,
            Self::GasVolume | Self::GasVolumeCorrected | Self::WaterVolume | Self::HeatVolume => {
                Unit::CubicMetre
            }
            Self::VolumeFlow => Unit::CubicMetrePerHour,
            Self::MassFlow => Unit::KilogramPerHour,
            Self::TemperatureFlow
            | Self::TemperatureReturn
            | Self::TemperatureDifference
            | Self::Temperature => Unit::Celsius,
            Self::OperatingTime => Unit::Hour,
            Self::TariffIndicator
            | Self::BreakerState
            | Self::PowerFailures
            | Self::LongPowerFailures
            | Self::VoltageSags
            | Self::VoltageSwells
            | Self::Message
            | Self::MeterId
            | Self::MeterModel
            | Self::DeviceType
            | Self::ListVersion
            | Self::Clock
            | Self::ErrorFlags => return None,
        })
    }

    /// Whether values of this quantity can have this unit. A value in any other unit is not what its code says.
    pub(crate) fn is_in(self, unit: Unit) -> bool {
        match self.unit() {
            // Limiter thresholds are also given in amperes.
            Some(Unit::Watt) if self == Self::LimiterThreshold => {
                matches!(unit, Unit::Watt | Unit::VoltAmpere | Unit::Ampere)
            }
            Some(own) => own == unit.of_readings(),
            None => unit == Unit::One,
        }
    }
}

impl Unit {
    /// The unit that readings use for the same dimension.
    const fn of_readings(self) -> Self {
        match self {
            Self::Gigajoule | Self::Megajoule | Self::Gigacalorie => Self::KilowattHour,
            Self::JoulePerHour => Self::Watt,
            Self::CubicFoot => Self::CubicMetre,
            Self::CubicMetrePerMinute | Self::CubicMetrePerSecond => Self::CubicMetrePerHour,
            Self::Second | Self::Minute | Self::Day | Self::Month | Self::Year => Self::Hour,
            unit => unit,
        }
    }
}

/// The text is not a word of the list.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct NotAWord;

impl fmt::Display for NotAWord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an unknown word")
    }
}

impl core::error::Error for NotAWord {}
