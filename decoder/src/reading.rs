//! [`Reading`]: one shape for every meter, and its JSON, version 1.
//!
//! The JSON form is a contract with other programs: fields may be added by a new version only. Numbers are written as
//! decimal strings, so that no reader passes them through a float unasked.

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;
use core::str::FromStr;

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use crate::number::Number;
use crate::register::{RegisterId, Value};
use crate::time::MeterTime;

/// All that one complete telegram said.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(into = "Wire", try_from = "Wire")]
pub struct Reading {
    /// The identification that the meter itself sends; `None` until one was heard on this line.
    pub meter: Option<SmolStr>,
    /// The maker's three letters (FLAG code), as sent or looked up.
    pub maker: Option<SmolStr>,
    /// The model, as sent or looked up.
    pub model: Option<SmolStr>,
    /// How the telegram came.
    pub protocol: Protocol,
    /// The moment that the reading is of; `None` where the telegram has no clock.
    pub time: Option<MeterTime>,
    /// Whose clock `time` is.
    pub time_source: TimeSource,
    /// How sure it is that these are the meter's octets.
    pub integrity: Integrity,
    /// Every register that the meter sent, in its order; those nobody knows have no quantity.
    pub values: Vec<Measurement>,
}

/// One value of a reading.
#[derive(Clone, Debug, PartialEq)]
pub struct Measurement {
    /// The meter's own name of the register.
    pub register: RegisterId,
    /// What it measures; `None` where no table says.
    pub quantity: Option<Quantity>,
    /// The phase, where it is of one.
    pub phase: Option<Phase>,
    /// The tariff, from 1.
    pub tariff: Option<u32>,
    /// The sub-meter's channel, from 1.
    pub channel: Option<u8>,
    /// Which of the values that the meter keeps from earlier, from 1; the present one has none.
    pub storage: Option<u64>,
    /// The moment of the value itself, where it has one.
    pub time: Option<MeterTime>,
    /// The value, in `unit`.
    pub value: Value,
    /// The quantity's own unit, or the one sent where the conversion is no power of ten.
    pub unit: Option<Unit>,
    /// Set where the value must not be charted or summed.
    pub error: Option<ValueError>,
    /// Who says how large the value is.
    pub scaling: Scaling,
}

/// Who says what power of ten and what unit belong to the digits of a value. Not part of the JSON: a reading that was
/// read back says [`Scaling::Unstated`].
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Scaling {
    /// Nobody: text, a plain count, or a number whose size nobody knows.
    #[default]
    Unstated,
    /// The telegram itself.
    Wire,
    /// A row of `meters/`, because this meter's telegrams do not say.
    Table,
}

/// Whose clock a reading's time is.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum TimeSource {
    /// The meter's.
    Meter,
    /// That of the computer which heard the telegram.
    Received,
}

/// How sure it is that a reading is what the meter sent.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Integrity {
    /// A GCM tag was verified.
    Authenticated,
    /// A checksum held.
    Checked,
    /// The protocol version has neither, or the tag could not be verified for want of an authentication key.
    Unchecked,
}

/// Why a value must not be used.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ValueError {
    /// The meter marks the value, or its time stamp, as invalid.
    Invalid,
    /// No home has such a value: its scale is not what the tables say. See `registers/plausible.toml`.
    Implausible,
}

/// A closed list of words: the enum, its `as_str`, its `Display`, and back.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
        pub enum $name { $($(#[$variant_doc])* $variant,)* }

        impl $name {
            /// All of them, in the order of the contract.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The word that the reading's JSON has for it.
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

        impl Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let word = String::deserialize(deserializer)?;
                word.parse().map_err(|_| serde::de::Error::custom("a word of no list"))
            }
        }
    };
}

words! {
    /// How a telegram came.
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
        /// It did not come: a row of a table that another program wrote.
        Table = "table",
    }
}

words! {
    /// The phase of a value.
    Phase {
        /// Phase 1.
        L1 = "l1",
        /// Phase 2.
        L2 = "l2",
        /// Phase 3.
        L3 = "l3",
        /// The neutral conductor.
        N = "n",
    }
}

words! {
    /// What a value measures: the closed list of the contract.
    #[allow(missing_docs, reason = "each name says all there is to say; units are Quantity::unit's")]
    Quantity {
        ActiveEnergyImport = "active-energy-import",
        ActiveEnergyExport = "active-energy-export",
        ReactiveEnergyImport = "reactive-energy-import",
        ReactiveEnergyExport = "reactive-energy-export",
        ReactiveEnergyQ1 = "reactive-energy-q1",
        ReactiveEnergyQ2 = "reactive-energy-q2",
        ReactiveEnergyQ3 = "reactive-energy-q3",
        ReactiveEnergyQ4 = "reactive-energy-q4",
        ApparentEnergyImport = "apparent-energy-import",
        ApparentEnergyExport = "apparent-energy-export",
        ActivePower = "active-power",
        ActivePowerImport = "active-power-import",
        ActivePowerExport = "active-power-export",
        ReactivePowerImport = "reactive-power-import",
        ReactivePowerExport = "reactive-power-export",
        ApparentPowerImport = "apparent-power-import",
        ApparentPowerExport = "apparent-power-export",
        Voltage = "voltage",
        Current = "current",
        PowerFactor = "power-factor",
        Frequency = "frequency",
        PhaseAngle = "phase-angle",
        DemandImport = "demand-import",
        DemandImportPeak = "demand-import-peak",
        DemandExport = "demand-export",
        DemandExportPeak = "demand-export-peak",
        GasVolume = "gas-volume",
        GasVolumeCorrected = "gas-volume-corrected",
        WaterVolume = "water-volume",
        HeatVolume = "heat-volume",
        HeatEnergy = "heat-energy",
        CoolingEnergy = "cooling-energy",
        HeatPower = "heat-power",
        VolumeFlow = "volume-flow",
        MassFlow = "mass-flow",
        TemperatureFlow = "temperature-flow",
        TemperatureReturn = "temperature-return",
        TemperatureDifference = "temperature-difference",
        Temperature = "temperature",
        OperatingTime = "operating-time",
        Pulses = "pulses",
        TariffIndicator = "tariff-indicator",
        BreakerState = "breaker-state",
        LimiterThreshold = "limiter-threshold",
        PowerFailures = "power-failures",
        LongPowerFailures = "long-power-failures",
        VoltageSags = "voltage-sags",
        VoltageSwells = "voltage-swells",
        Message = "message",
        MeterId = "meter-id",
        MeterModel = "meter-model",
        DeviceType = "device-type",
        ListVersion = "list-version",
        Clock = "clock",
        ErrorFlags = "error-flags",
    }
}

words! {
    /// The units that readings are written in.
    #[allow(missing_docs, reason = "each is its own symbol")]
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

/// The word is not in the closed list.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct NotAWord;

/// The JSON form, field by field.
#[derive(Deserialize, Serialize)]
struct Wire {
    v: u8,
    meter: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    maker: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    model: Option<String>,
    protocol: Protocol,
    time: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    time_source: Option<TimeSource>,
    integrity: Integrity,
    values: Vec<WireValue>,
}

#[derive(Deserialize, Serialize)]
struct WireValue {
    register: String,
    quantity: Option<Quantity>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    phase: Option<Phase>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tariff: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    channel: Option<u8>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    storage: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    time: Option<String>,
    value: String,
    unit: Option<Unit>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    error: Option<ValueError>,
}

impl From<Reading> for Wire {
    fn from(reading: Reading) -> Self {
        Self {
            v: VERSION,
            meter: reading.meter.map(String::from),
            maker: reading.maker.map(String::from),
            model: reading.model.map(String::from),
            protocol: reading.protocol,
            time: reading.time.map(|time| time.to_string()),
            time_source: reading.time.map(|_| reading.time_source),
            integrity: reading.integrity,
            values: reading.values.into_iter().map(WireValue::from).collect(),
        }
    }
}

impl From<Measurement> for WireValue {
    fn from(measurement: Measurement) -> Self {
        Self {
            register: measurement.register.to_string(),
            quantity: measurement.quantity,
            phase: measurement.phase,
            tariff: measurement.tariff,
            channel: measurement.channel,
            storage: measurement.storage,
            time: measurement.time.map(|time| time.to_string()),
            value: measurement.value.to_string(),
            unit: measurement.unit,
            error: measurement.error,
        }
    }
}

impl TryFrom<Wire> for Reading {
    type Error = &'static str;

    fn try_from(wire: Wire) -> Result<Self, &'static str> {
        if wire.v != VERSION {
            return Err("a reading of another version");
        }
        Ok(Self {
            meter: wire.meter.map(SmolStr::from),
            maker: wire.maker.map(SmolStr::from),
            model: wire.model.map(SmolStr::from),
            protocol: wire.protocol,
            time: moment(wire.time)?,
            time_source: wire.time_source.unwrap_or(TimeSource::Meter),
            integrity: wire.integrity,
            values: wire.values.into_iter().map(Measurement::try_from).collect::<Result<_, _>>()?,
        })
    }
}

impl TryFrom<WireValue> for Measurement {
    type Error = &'static str;

    fn try_from(wire: WireValue) -> Result<Self, &'static str> {
        Ok(Self {
            register: wire.register.parse().map_err(|_| "a register of no known form")?,
            quantity: wire.quantity,
            phase: wire.phase,
            tariff: wire.tariff,
            channel: wire.channel,
            storage: wire.storage,
            time: moment(wire.time)?,
            value: value(wire.value, wire.quantity),
            unit: wire.unit,
            error: wire.error,
            scaling: Scaling::Unstated,
        })
    }
}

fn moment(text: Option<String>) -> Result<Option<MeterTime>, &'static str> {
    text.map(|text| text.parse().map_err(|_| "a time that is not RFC 3339")).transpose()
}

/// JSON does not tell a number from digits that are a name: the quantity does, and where there is none, what is written
/// back is the same either way.
fn value(text: String, quantity: Option<Quantity>) -> Value {
    match text.parse::<Number>() {
        Ok(number) if quantity.is_none_or(Quantity::is_number) && number.to_string() == text => {
            Value::Number(number)
        }
        _ => Value::Text(text.into()),
    }
}

const VERSION: u8 = 1;

impl Quantity {
    /// Whether its values are numbers; all others are text.
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

    /// Whether its values are never numbers.
    #[must_use]
    pub(crate) const fn is_text(self) -> bool {
        matches!(self, Self::Message | Self::MeterId | Self::MeterModel | Self::ListVersion | Self::Clock)
    }

    /// The unit that its values are written in, where it has one.
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
            | Self::DemandImportPeak
            | Self::DemandExport
            | Self::DemandExportPeak
            | Self::LimiterThreshold
            | Self::HeatPower => Unit::Watt,
            Self::ReactivePowerImport | Self::ReactivePowerExport => Unit::Var,
            Self::ApparentPowerImport | Self::ApparentPowerExport => Unit::VoltAmpere,
            Self::Voltage => Unit::Volt,
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
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the contract, without the values that this version cannot have yet.
    const EXAMPLE: &str = concat!(
        r#"{"v":1,"meter":"KFM-6970631405353535","maker":"KFM","model":"MA304H3E","protocol":"dlms-hdlc","#,
        r#""time":"2026-11-21T02:30:10+01:00","time_source":"meter","integrity":"checked","values":["#,
        r#"{"register":"1-0:1.7.0","quantity":"active-power-import","value":"1380","unit":"W"},"#,
        r#"{"register":"1-0:32.7.0","quantity":"voltage","phase":"l1","value":"230.2","unit":"V"},"#,
        r#"{"register":"1-0:1.8.1","quantity":"active-energy-import","tariff":1,"value":"10329.481","unit":"kWh"},"#,
        r#"{"register":"0-1:24.2.1","quantity":"gas-volume","channel":1,"time":"2026-11-21T02:25:00+01:00","#,
        r#""value":"2104.512","unit":"m3"},"#,
        r#"{"register":"1-0:99.97.0","quantity":null,"value":"(1)(0-0:96.7.19)","unit":null}]}"#,
    );

    #[test]
    fn the_contracts_example_round_trips_to_the_letter() {
        let reading: Reading = serde_json::from_str(EXAMPLE).unwrap();
        assert_eq!(reading.values[1].value, Value::Number(Number::new(2302, -1)));
        assert_eq!(reading.values[4].quantity, None);
        assert_eq!(serde_json::to_string(&reading).unwrap(), EXAMPLE);
    }

    #[test]
    fn a_reading_of_another_version_is_refused() {
        let other = EXAMPLE.replacen("\"v\":1", "\"v\":2", 1);
        assert!(serde_json::from_str::<Reading>(&other).is_err());
    }

    #[test]
    fn digits_that_are_a_name_stay_as_they_are() {
        assert_eq!(value("0007".into(), None), Value::Text("0007".into()));
        assert_eq!(value("7".into(), None), Value::Number(Number::whole(7)));
        let giai = "6970631405353535";
        assert_eq!(value(giai.into(), Some(Quantity::MeterId)), Value::Text(giai.into()));
        assert_eq!(value("2".into(), Some(Quantity::TariffIndicator)), Value::Number(Number::whole(2)));
    }
}
