//! [`Setting`]: what a backup carries beside meters and their readings. The list is closed: whoever writes a file names
//! nothing else, however it is spelt.

use serde::{Deserialize, Serialize};

use crate::store::MeterKey;
use crate::store::settings::{Broker, MeterKeys};

/// A setting that a backup may carry.
#[derive(Clone, Debug, PartialEq)]
pub enum Setting {
    /// The broker that readings go to.
    Broker(Broker),
    /// The keys of a meter.
    Keys(MeterKey, MeterKeys),
}

/// As it lies in a file and on the disk: a name and JSON.
#[derive(Deserialize, Serialize)]
pub(super) struct Named {
    name: String,
    value: String,
}

impl Setting {
    /// The setting of that name; none of any other name, and none where the value is no such setting.
    #[must_use]
    pub fn of(name: &str, value: &str) -> Option<Self> {
        if name == Self::BROKER {
            return serde_json::from_str(value).ok().map(Self::Broker);
        }
        let meter = MeterKey(name.strip_prefix(KEYS)?.to_owned());
        serde_json::from_str(value).ok().map(|keys| Self::Keys(meter, keys))
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Broker(_) => Self::BROKER.to_owned(),
            Self::Keys(meter, _) => Self::of_keys(meter),
        }
    }

    /// Its JSON.
    #[must_use]
    pub fn value(&self) -> String {
        // Nothing of it can fail: every key is a string, and text in memory takes what is written to it.
        match self {
            Self::Broker(broker) => serde_json::to_string(broker),
            Self::Keys(_, keys) => serde_json::to_string(keys),
        }
        .unwrap_or_default()
    }

    /// Whether a backup of these logs carries it: keys of a meter that is not in it are nobody's.
    #[must_use]
    pub fn is_of(&self, logs: &[MeterKey]) -> bool {
        match self {
            Self::Broker(_) => true,
            Self::Keys(meter, _) => logs.contains(meter),
        }
    }

    /// The name of the setting that holds a meter's keys.
    #[must_use]
    pub fn of_keys(meter: &MeterKey) -> String {
        [KEYS, meter.0.as_str()].concat()
    }

    /// The name of the setting that holds the broker.
    pub const BROKER: &str = "broker";
}

impl From<&Setting> for Named {
    fn from(setting: &Setting) -> Self {
        Self { name: setting.name(), value: setting.value() }
    }
}

impl Named {
    pub(super) fn setting(&self) -> Option<Setting> {
        Setting::of(&self.name, &self.value)
    }
}

/// What the names of settings begin with that hold keys.
const KEYS: &str = "keys.";
