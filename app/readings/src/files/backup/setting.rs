//! [`Setting`]: the settings in a backup. The list is closed: a file cannot set anything else.

use serde::{Deserialize, Serialize};

use crate::store::MeterKey;
use crate::store::settings::{Broker, MeterKeys};

/// A setting that a backup may contain.
#[derive(Clone, Debug, PartialEq)]
pub enum Setting {
    /// The broker that readings go to.
    Broker(Broker),
    /// The keys of a meter.
    Keys(MeterKey, MeterKeys),
}

/// A setting as it is stored in a file.
#[derive(Deserialize, Serialize)]
pub(super) struct Named {
    name: String,
    value: String,
}

impl Setting {
    /// Returns the setting with this name and value. Returns `None` if no setting has the name, or if the value is not
    /// valid JSON for it.
    #[must_use]
    pub fn of(name: &str, value: &str) -> Option<Self> {
        if name == Self::BROKER {
            return serde_json::from_str(value).ok().map(Self::Broker);
        }
        let meter = MeterKey(name.strip_prefix(KEYS)?.to_owned());
        serde_json::from_str(value).ok().map(|keys| Self::Keys(meter, keys))
    }

    /// Its name, such as `broker` or `keys.p1-0a`.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Broker(_) => Self::BROKER.to_owned(),
            Self::Keys(meter, _) => Self::of_keys(meter),
        }
    }

    /// Its value as JSON.
    #[must_use]
    pub fn value(&self) -> String {
        // This cannot fail: every key is a string, and writing to a string in memory always succeeds.
        match self {
            Self::Broker(broker) => serde_json::to_string(broker),
            Self::Keys(_, keys) => serde_json::to_string(keys),
        }
        .unwrap_or_default()
    }

    /// Whether a backup of these logs contains the setting. The keys of other meters are left out.
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

const KEYS: &str = "keys.";
