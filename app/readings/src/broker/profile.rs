//! [`Profile`]: the harmonised MQTT profile, version 1, which turns entries of the log into topics and payloads.
//!
//! A profile accepts entries and the newest values only if they are [`Cleared`] of what must stay private. Numbers keep
//! the meter's own digits.

use std::collections::BTreeSet;
use std::fmt::Write;

use metertap_decoder::reading::{Measurement, Protocol, Quantity, Unit};
use metertap_decoder::register::Value;
use serde::Serialize;

use crate::broker::leaving::{Cleared, Leaving};
use crate::broker::mqtt::Message;
use crate::entry::Entry;
use crate::names::flat_name;
use crate::power::of_the_past;
use crate::view::newest::Newest;

/// The topics of one meter.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Profile {
    /// The topic prefix: `meters` unless changed.
    pub base: String,
    /// The meter's name in topics: see [`topic`](crate::names::topic).
    pub topic: String,
    /// Whether the meter's own identification may leave the machine.
    pub identified: bool,
}

impl Profile {
    /// The filter for what may leave the machine. `remembered` is the meter's identification as last received.
    #[must_use]
    pub fn leaving(&self, remembered: Option<&str>) -> Leaving {
        Leaving::new(self.identified, &self.topic, remembered)
    }

    /// `status`: whether the meter is being read. `offline` is the connection's will.
    #[must_use]
    pub fn status(&self, online: bool) -> Message {
        let payload = if online { "online" } else { "offline" };
        Message { topic: self.named("status"), payload: payload.to_owned(), retain: true }
    }

    /// `info`: the kind of meter, and the version of the application that reads it.
    #[must_use]
    pub fn info(&self, newest: &Cleared<Newest>, app: &str) -> Message {
        let newest = newest.get();
        let info = Info {
            v: VERSION,
            id: &self.topic,
            kind: kind(newest),
            maker: newest.maker.as_deref(),
            model: newest.model.as_deref(),
            protocol: newest.protocol,
            app,
        };
        // This cannot fail: every key is a string, and writing to a string in memory always succeeds.
        let payload = serde_json::to_string(&info).unwrap_or_default();
        Message { topic: self.named("info"), payload, retain: true }
    }

    /// `reading`: an entry as it is appended to the log.
    #[must_use]
    pub fn reading(&self, entry: &Cleared<Entry>) -> Message {
        Message { topic: self.named("reading"), payload: entry.get().to_json(), retain: false }
    }

    /// `history`: an entry that had to wait for the broker.
    #[must_use]
    pub fn history(&self, entry: &Cleared<Entry>) -> Message {
        Message { topic: self.named("history"), payload: entry.get().to_json(), retain: false }
    }

    /// `state`: the newest number of every quantity, as a flat object, from all lists that the meter sends.
    ///
    /// Left out are texts, past billing periods, unknown registers, invalid and implausible values, numbers of unknown
    /// unit, and sub-meters that were removed. If the meter sends energy by tariff only, the total is added.
    #[must_use]
    pub fn state(&self, newest: &Cleared<Newest>) -> Message {
        let mut said = BTreeSet::new();
        let mut payload = String::from("{");
        for known in newest.get().values.iter().filter(|known| !newest.get().is_of_a_dead_channel(known)) {
            let measurement = &known.measurement;
            let Measurement { quantity, phase, tariff, channel, value, error, .. } = measurement;
            let (Some(quantity), Value::Number(number), None) = (quantity, value, error) else { continue };
            let name = flat_name(*quantity, *phase, *tariff, *channel);
            if of_the_past(measurement) || is_of_unknown_size(measurement) || !said.insert(name.clone()) {
                continue;
            }
            let comma = if said.len() > 1 { "," } else { "" };
            // Written by hand, because a JSON library would pass the number through a float. The names need no
            // escaping.
            let _ = write!(payload, "{comma}\"{name}\":{number}");
        }
        for quantity in [Quantity::ActiveEnergyImport, Quantity::ActiveEnergyExport] {
            let name = flat_name(quantity, None, None, None);
            if let Some(total) = newest.get().total_of_tariffs(quantity).filter(|_| said.insert(name.clone()))
            {
                let _ = write!(payload, ",\"{name}\":{total}");
            }
        }
        payload.push('}');
        Message { topic: self.named("state"), payload, retain: true }
    }

    fn named(&self, leaf: &str) -> String {
        format!("{}/{}/{leaf}", self.base, self.topic)
    }
}

#[derive(Serialize)]
struct Info<'a> {
    v: u8,
    id: &'a str,
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    maker: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    model: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    protocol: Option<Protocol>,
    app: &'a str,
}

/// Whether the unit of the number is unknown. `state` contains no units, so subscribers would assume the quantity's
/// usual unit.
fn is_of_unknown_size(measurement: &Measurement) -> bool {
    let own = measurement.quantity.and_then(Quantity::unit);
    measurement.unit.is_none() && own.is_some_and(|unit| unit != Unit::One)
}

/// The kind of meter, by what it measures itself, without its sub-meters.
fn kind(newest: &Newest) -> &'static str {
    let own = newest.values.iter().map(|known| &known.measurement).filter(|value| value.channel.is_none());
    let told = own.filter_map(|value| match value.quantity? {
        Quantity::GasVolume | Quantity::GasVolumeCorrected => Some("gas"),
        Quantity::WaterVolume => Some("water"),
        Quantity::HeatEnergy | Quantity::HeatPower | Quantity::HeatVolume => Some("heat"),
        Quantity::CoolingEnergy => Some("cooling"),
        _ => None,
    });
    told.into_iter().next().unwrap_or("electricity")
}

const VERSION: u8 = 1;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{entry, measurement, reading};
    use metertap_decoder::reading::{Phase, ValueError};

    fn profile(identified: bool) -> Profile {
        Profile { base: "meters".into(), topic: "kfm-12345678".into(), identified }
    }

    fn newest(values: Vec<Measurement>) -> Cleared<Newest> {
        let mut newest = Newest::default();
        newest.take(&entry(1, 0, reading(values)));
        profile(false).leaving(None).newest(&newest)
    }

    #[test]
    fn state_is_flat_and_keeps_the_meters_digits() {
        let voltage = measurement("1-0:32.7.0", Quantity::Voltage, "230.20");
        let energy = measurement("1-0:1.8.1", Quantity::ActiveEnergyImport, "9007199254740993.001");
        let gas = measurement("0-1:24.2.1", Quantity::GasVolume, "2104.512");
        let current = measurement("1-0:31.7.0", Quantity::Current, "5");
        let message = profile(false).state(&newest(vec![
            Measurement { phase: Some(Phase::L1), ..voltage },
            Measurement { tariff: Some(1), ..energy },
            Measurement { channel: Some(1), ..gas },
            Measurement { error: Some(ValueError::Invalid), ..current },
            measurement("1-0:1.6.0", Quantity::DemandImportPeak, "-7"),
            measurement("1-0:1.6.0*1", Quantity::DemandImportPeak, "8"),
            measurement("0-0:96.13.0", Quantity::Message, "hello"),
        ]));
        assert_eq!(message.topic, "meters/kfm-12345678/state");
        assert!(message.retain);
        assert_eq!(
            message.payload,
            concat!(
                r#"{"voltage_l1":230.20,"active_energy_import_t1":9007199254740993.001,"#,
                r#""gas_volume_ch1":2104.512,"demand_import_peak":-7}"#
            )
        );
        let nothing = profile(false).leaving(None).newest(&Newest::default());
        assert_eq!(profile(false).state(&nothing).payload, "{}");
        let all = flat_name(Quantity::ActiveEnergyImport, Some(Phase::L1), Some(2), Some(3));
        assert_eq!(all, "active_energy_import_l1_t2_ch3");
    }

    #[test]
    fn state_omits_a_dead_channel_and_sums_tariffs() {
        let gas = |channel: u8, time: &str| Measurement {
            channel: Some(channel),
            time: time.parse().ok(),
            ..measurement(&format!("0-{channel}:24.2.1"), Quantity::GasVolume, "12.5")
        };
        let tariff = |tariff: u32| Measurement {
            tariff: Some(tariff),
            ..measurement(&format!("1-0:1.8.{tariff}"), Quantity::ActiveEnergyImport, "10.25")
        };
        let old = gas(1, "2021-03-16T10:00:00+01:00");
        let state = newest(vec![old, gas(2, "2026-11-21T02:00:00+01:00"), tariff(1), tariff(2)]);
        assert_eq!(
            profile(false).state(&state).payload,
            concat!(
                r#"{"gas_volume_ch2":12.5,"active_energy_import_t1":10.25,"active_energy_import_t2":10.25,"#,
                r#""active_energy_import":20.50}"#
            )
        );
    }

    /// EG.D's meters send neither scale nor unit: 3000 may be watt hours.
    #[test]
    fn a_value_of_unknown_unit_is_not_kilowatt_hours() {
        let energy = measurement("1-0:1.8.0", Quantity::ActiveEnergyImport, "3000");
        let tariff = |tariff: u32| Measurement { tariff: Some(tariff), unit: None, ..energy.clone() };
        let values = vec![
            Measurement { unit: None, ..energy.clone() },
            tariff(1),
            tariff(2),
            measurement("0-0:96.7.21", Quantity::PowerFailures, "4"),
        ];
        assert_eq!(profile(false).state(&newest(values)).payload, r#"{"power_failures":4}"#);
    }

    #[test]
    fn info_has_the_documented_fields() {
        let message = profile(false).info(&newest(vec![]), "0.1.0");
        let info: serde_json::Value = serde_json::from_str(&message.payload).unwrap();
        assert_eq!(
            info,
            serde_json::json!({"v": 1, "id": "kfm-12345678", "kind": "electricity", "maker": "KFM",
                "model": "MA304H3E", "protocol": "dlms-hdlc", "app": "0.1.0"})
        );
        let heat = newest(vec![measurement("6-0:1.0.0", Quantity::HeatEnergy, "5")]);
        assert!(profile(false).info(&heat, "").payload.contains(r#""kind":"heat""#));
    }
}
