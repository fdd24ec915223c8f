//! [`Entry`]: a reading with its place in the log.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use metertap_decoder::reading::Reading;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A reading as the log holds it; its JSON is the reading's with `received` and `seq`.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Entry {
    /// What the meter said.
    #[serde(flatten)]
    pub reading: Reading,
    /// When it was heard.
    pub received: Moment,
    /// Its number: per meter, without gaps, from 1.
    pub seq: u64,
}

impl Entry {
    /// The entry as the contract's JSON, on one line, without a line end.
    #[must_use]
    pub fn to_json(&self) -> String {
        // Nothing of it can fail: every key is a string, and text in memory takes what is written to it.
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// A moment by the computer's clock: milliseconds since 1970-01-01T00:00:00Z. Its JSON is RFC 3339, UTC.
#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub struct Moment(pub i64);

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let moment = Timestamp::from_millisecond(self.0).unwrap_or_default();
        write!(f, "{moment:.3}")
    }
}

impl FromStr for Moment {
    type Err = jiff::Error;

    fn from_str(text: &str) -> Result<Self, jiff::Error> {
        text.parse::<Timestamp>().map(|moment| Self(moment.as_millisecond()))
    }
}

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}
