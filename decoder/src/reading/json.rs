//! The JSON of a reading, version 1, field by field.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::{
    Integrity, Measurement, Phase, Protocol, Quantity, Reading, Scaling, TimeSource, Unit, ValueError,
};
use crate::number::Number;
use crate::register::Value;
use crate::time::MeterTime;

#[derive(Deserialize, Serialize)]
pub(super) struct Wire {
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
    #[serde(default, skip_serializing_if = "Option::is_none")]
    scaling: Option<WireScaling>,
}

/// Where the scale or the unit comes from, if not from the telegram.
#[derive(Clone, Copy, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
enum WireScaling {
    Table,
    Inferred,
    Stated,
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
            scaling: match measurement.scaling {
                Scaling::Unstated | Scaling::Wire => None,
                Scaling::Table => Some(WireScaling::Table),
                Scaling::Inferred => Some(WireScaling::Inferred),
                Scaling::Stated => Some(WireScaling::Stated),
            },
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
            register: wire.register.parse().map_err(|_| "a register name of unknown form")?,
            quantity: wire.quantity,
            phase: wire.phase,
            tariff: wire.tariff,
            channel: wire.channel,
            storage: wire.storage,
            time: moment(wire.time)?,
            value: value(wire.value, wire.quantity),
            unit: wire.unit,
            error: wire.error,
            scaling: match wire.scaling {
                None => Scaling::Unstated,
                Some(WireScaling::Table) => Scaling::Table,
                Some(WireScaling::Inferred) => Scaling::Inferred,
                Some(WireScaling::Stated) => Scaling::Stated,
            },
        })
    }
}

fn moment(text: Option<String>) -> Result<Option<MeterTime>, &'static str> {
    text.map(|text| text.parse().map_err(|_| "a time that is not RFC 3339")).transpose()
}

/// JSON does not distinguish a number from a name made of digits. The quantity decides. Without a quantity, both are
/// written back the same way.
fn value(text: String, quantity: Option<Quantity>) -> Value {
    match text.parse::<Number>() {
        Ok(number) if quantity.is_none_or(Quantity::is_number) && number.to_string() == text => {
            Value::Number(number)
        }
        _ => Value::Text(text.into()),
    }
}

const VERSION: u8 = 1;

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of `docs/reading.md`, with a text in place of `…as sent…`.
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
    fn the_contracts_example_round_trips_exactly() {
        let reading: Reading = serde_json::from_str(EXAMPLE).unwrap();
        assert_eq!(reading.values[1].value, Value::Number(Number::new(2302, -1)));
        assert_eq!(reading.values[4].quantity, None);
        assert_eq!(serde_json::to_string(&reading).unwrap(), EXAMPLE);
    }

    #[test]
    fn a_scale_that_the_telegram_does_not_state_is_marked() {
        for (word, scaling) in
            [("table", Scaling::Table), ("inferred", Scaling::Inferred), ("stated", Scaling::Stated)]
        {
            let told = EXAMPLE.replacen(
                "\"unit\":\"V\"",
                &alloc::format!("\"unit\":\"V\",\"scaling\":\"{word}\""),
                1,
            );
            let reading: Reading = serde_json::from_str(&told).unwrap();
            assert_eq!((reading.values[0].scaling, reading.values[1].scaling), (Scaling::Unstated, scaling));
            assert_eq!(serde_json::to_string(&reading).unwrap(), told);
        }
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
