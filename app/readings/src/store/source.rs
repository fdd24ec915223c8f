//! [`SourceRecord`]: where a meter's bytes come from.

use metertap_decoder::address::Address;
use metertap_decoder::line::Line;
use metertap_decoder::rail::By;
use metertap_decoder::reading::Protocol;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Where a meter's bytes come from, in a form that survives a restart. Its JSON is one flat object, in which `from`
/// names the kind.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(remote = "Self")]
pub enum SourceRecord {
    /// A serial port, recognised by its adapter's USB ids.
    Serial {
        /// USB vendor id; `None` for a port that is not USB.
        vendor: Option<u16>,
        /// USB product id.
        product: Option<u16>,
        /// How to talk to the meter.
        spoken: LineSettings,
    },
    /// A bridge to a serial line somewhere in the house, which carries the line's bytes in both directions over a
    /// WebSocket.
    Bridge {
        /// `ws://…` or `wss://…`.
        url: String,
        /// How to talk to the meter.
        spoken: LineSettings,
    },
    /// A simulated meter.
    Simulated {
        /// The simulator's name of the model.
        model: String,
        /// The seed that its household is drawn from.
        seed: u64,
    },
    /// Bytes from a file, read once.
    File {
        /// The file's name.
        name: String,
        /// Whether its readings are kept when the page is closed.
        kept: bool,
    },
}

/// How to talk to a meter on a line.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
pub struct LineSettings {
    /// Baud rate and parity; `None` until they are known.
    pub line: Option<Line>,
    /// The protocol; `None` until it is known.
    pub protocol: Option<Protocol>,
    /// Whether the meter sends only when it is asked.
    #[serde(default)]
    pub asked: bool,
    /// The meter's address among several on one bus.
    #[serde(default)]
    pub address: Option<Address>,
    /// The profile of a Modbus meter on a DIN rail; empty if none is known.
    #[serde(default)]
    pub profile: String,
    /// Who chose the profile.
    #[serde(default)]
    pub profile_by: By,
    /// The device address of an IEC 62056-21 meter that answers only to its address; mostly empty.
    #[serde(default)]
    pub device: String,
    /// Whether an IEC 62056-21 meter runs on a battery and must be woken first.
    #[serde(default)]
    pub wake: bool,
    /// Whether the user has set all of this. If so, it is not searched for again when nothing can be read.
    #[serde(default)]
    pub by_hand: bool,
}

impl SourceRecord {
    /// The line settings; `None` if the source is not a line.
    #[must_use]
    pub const fn spoken(&self) -> Option<&LineSettings> {
        match self {
            Self::Serial { spoken, .. } | Self::Bridge { spoken, .. } => Some(spoken),
            Self::Simulated { .. } | Self::File { .. } => None,
        }
    }

    /// The line settings, to be changed; `None` if the source is not a line.
    #[must_use]
    pub const fn spoken_mut(&mut self) -> Option<&mut LineSettings> {
        match self {
            Self::Serial { spoken, .. } | Self::Bridge { spoken, .. } => Some(spoken),
            Self::Simulated { .. } | Self::File { .. } => None,
        }
    }

    /// Whether both sources use the same kind of adapter, or the same bridge.
    #[must_use]
    pub fn is_beside(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Serial { vendor, product, .. }, Self::Serial { vendor: v, product: p, .. }) => {
                (vendor, product) == (v, p)
            }
            (Self::Bridge { url, .. }, Self::Bridge { url: same, .. }) => url == same,
            _ => false,
        }
    }
}

impl Serialize for SourceRecord {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            return Flat::of(self.clone()).serialize(serializer);
        }
        Self::serialize(self, serializer)
    }
}

impl<'de> Deserialize<'de> for SourceRecord {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            let flat = Flat::deserialize(deserializer)?;
            return flat.source().ok_or_else(|| D::Error::custom("a field of the source is missing"));
        }
        Self::deserialize(deserializer)
    }
}

/// The JSON of all kinds. Serde could derive it with a tag and a flattened struct. But such code buffers everything in
/// memory first, and is several times as large.
#[derive(Default, Deserialize, Serialize)]
#[serde(default)]
struct Flat {
    from: Option<Kind>,
    #[serde(skip_serializing_if = "Option::is_none")]
    vendor: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    product: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<Line>,
    #[serde(skip_serializing_if = "Option::is_none")]
    protocol: Option<Protocol>,
    #[serde(skip_serializing_if = "Option::is_none")]
    asked: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<Address>,
    #[serde(skip_serializing_if = "Option::is_none")]
    profile: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    profile_by: Option<By>,
    #[serde(skip_serializing_if = "Option::is_none")]
    device: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    wake: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    by_hand: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    model: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    seed: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    kept: Option<bool>,
}

#[derive(Clone, Copy, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Kind {
    Serial,
    Bridge,
    Simulated,
    File,
}

impl Flat {
    fn of(source: SourceRecord) -> Self {
        match source {
            SourceRecord::Serial { vendor, product, spoken } => {
                Self { from: Some(Kind::Serial), vendor, product, ..Self::speaking(spoken) }
            }
            SourceRecord::Bridge { url, spoken } => {
                Self { from: Some(Kind::Bridge), url: Some(url), ..Self::speaking(spoken) }
            }
            SourceRecord::Simulated { model, seed } => {
                Self { from: Some(Kind::Simulated), model: Some(model), seed: Some(seed), ..Self::default() }
            }
            SourceRecord::File { name, kept } => {
                Self { from: Some(Kind::File), name: Some(name), kept: Some(kept), ..Self::default() }
            }
        }
    }

    fn speaking(spoken: LineSettings) -> Self {
        let LineSettings { line, protocol, asked, address, profile, profile_by, device, wake, by_hand } =
            spoken;
        let profile = Some(profile).filter(|profile| !profile.is_empty());
        let profile_by = profile.as_ref().map(|_| profile_by);
        let (asked, device, wake) = (Some(asked), Some(device), Some(wake));
        let by_hand = Some(by_hand).filter(|by_hand| *by_hand);
        Self { line, protocol, asked, address, profile, profile_by, device, wake, by_hand, ..Self::default() }
    }

    /// The source; `None` if something is missing that its kind must have.
    fn source(self) -> Option<SourceRecord> {
        let spoken = LineSettings {
            line: self.line,
            protocol: self.protocol,
            asked: self.asked.unwrap_or_default(),
            address: self.address,
            profile: self.profile.unwrap_or_default(),
            profile_by: self.profile_by.unwrap_or_default(),
            device: self.device.unwrap_or_default(),
            wake: self.wake.unwrap_or_default(),
            by_hand: self.by_hand.unwrap_or_default(),
        };
        Some(match self.from? {
            Kind::Serial => SourceRecord::Serial { vendor: self.vendor, product: self.product, spoken },
            Kind::Bridge => SourceRecord::Bridge { url: self.url?, spoken },
            Kind::Simulated => SourceRecord::Simulated { model: self.model?, seed: self.seed? },
            // Before there was a choice, the readings of a file were always kept.
            Kind::File => SourceRecord::File { name: self.name?, kept: self.kept.unwrap_or(true) },
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{from_str, to_string};

    use super::*;

    #[test]
    fn sources_are_read_as_build_e888b7f_wrote_them() {
        // As serde derived them, with a tag and a flattened struct.
        let serial = r#"{"from":"serial","vendor":1027,"product":null,"line":{"baud":2400,"data_bits":8,
            "parity":"Even","stop_bits":1},"protocol":"p1","asked":true,"address":null,"device":"7","wake":false}"#;
        let spoken = LineSettings {
            line: Some(Line::HAN),
            protocol: Some(Protocol::P1),
            asked: true,
            device: "7".to_owned(),
            ..LineSettings::default()
        };
        let expected = SourceRecord::Serial { vendor: Some(1027), product: None, spoken };
        assert_eq!(from_str::<SourceRecord>(serial).unwrap(), expected);
        let file = SourceRecord::File { name: "a.csv".to_owned(), kept: true };
        assert_eq!(from_str::<SourceRecord>(r#"{"from":"file","name":"a.csv"}"#).unwrap(), file);
        let bridge = SourceRecord::Bridge { url: "ws://pi/".to_owned(), spoken: LineSettings::default() };
        let earlier = r#"{"from":"bridge","url":"ws://pi/","line":null,"protocol":null}"#;
        assert_eq!(from_str::<SourceRecord>(earlier).unwrap(), bridge);
        for source in [expected, file, bridge] {
            assert_eq!(from_str::<SourceRecord>(&to_string(&source).unwrap()).unwrap(), source);
        }
    }

    #[test]
    fn an_incomplete_source_is_refused() {
        for text in [
            "{}",
            r#"{"from":"moon"}"#,
            r#"{"from":"bridge"}"#,
            r#"{"from":"simulated","model":"dsmr-5"}"#,
            r#"{"from":"file","kept":true}"#,
        ] {
            assert!(from_str::<SourceRecord>(text).is_err(), "{text}");
        }
    }
}
