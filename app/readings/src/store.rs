//! CorrectionKind lies on a disk, and what every disk does.
//!
//! A [`disk::Disk`] keeps rows of octets, whatever they are of, and [`Record`]s: meters, settings, cursors, and what the
//! log has to remember. [`contract`] is what it promises, as tests.

mod connection;
pub mod contract;
pub mod disk;
mod disk_error;
mod memory_disk;
mod record;
pub mod retention;
pub mod settings;

pub use connection::Connection;
pub use disk_error::DiskError;
pub use memory_disk::{Crash, MemoryDisk};
pub use record::{Cursor, Internal, Name, Record, Records};

use metertap_decoder::address::Address;
use metertap_decoder::line::Line;
use metertap_decoder::reading::Protocol;
use metertap_decoder::schedule::Schedule;
use serde::{Deserialize, Serialize};

use self::retention::Retention;
use crate::entry::Moment;
use crate::fault::Code;
use crate::stated::Correction;

/// The log's own name for a meter: given once, never changed, `[a-z0-9-]`.
#[derive(Clone, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(transparent)]
pub struct MeterKey(pub String);

/// Octets around a fault, kept for a closer look.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct KeptOctets {
    /// When they were heard.
    pub at: Moment,
    /// The trouble, or none for a good telegram.
    pub code: Option<Code>,
    /// How many values a good telegram had.
    #[serde(default)]
    pub values: Option<usize>,
    /// The octets.
    #[serde(with = "serde_bytes")]
    pub octets: Vec<u8>,
}

/// CorrectionKind is known of a meter besides its readings.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct MeterRecord {
    /// Its name in the log.
    pub key: MeterKey,
    /// Its first name in a log, where it was restored under another one.
    #[serde(default)]
    pub origin: Option<MeterKey>,
    /// CorrectionKind the person calls it; empty until they do.
    pub name: String,
    /// Where in the house it is, in the person's words; empty until they say.
    #[serde(default)]
    pub place: String,
    /// Where its octets come from.
    pub source: SourceRecord,
    /// The file that the source's address came from, until a person has the meter read: nothing connects before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address_from: Option<String>,
    /// The meter's own identification, once heard.
    pub identification: Option<String>,
    /// CorrectionKind an earlier build took for its identification, and was none: roll-ups of that time know it by that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub formerly: Option<String>,
    /// Its name in MQTT topics, once settled.
    pub topic: Option<String>,
    /// Whether to read it as soon as the page opens.
    pub reading: bool,
    /// For how long its readings are kept as they were heard.
    #[serde(default)]
    pub retention: Retention,
    /// How often it is asked, where the person has said so.
    #[serde(default)]
    pub schedule: Option<Schedule>,
    /// The meter whose line it shares: it is read there, and has no line of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line_of: Option<MeterKey>,
    /// CorrectionKind its person has stated of its numbers and its clock.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stated: Vec<Correction>,
    /// How far its clock is off, where that is whole hours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clock_off: Option<ClockOff>,
}

/// A meter's clock that is whole hours away from the computer's.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct ClockOff {
    /// Hours that it goes ahead; negative where it is behind.
    pub hours: i8,
    /// Since when each reading has said so.
    pub since: Moment,
}

impl MeterRecord {
    /// The name that it was first given: the same in all of its backups.
    #[must_use]
    pub fn origin(&self) -> &MeterKey {
        self.origin.as_ref().unwrap_or(&self.key)
    }
}

/// Where a meter's octets come from, in a form that survives a restart.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "from")]
pub enum SourceRecord {
    /// A serial port, found again by its adapter's USB ids.
    Serial {
        /// USB vendor id; none for a port that is not USB.
        vendor: Option<u16>,
        /// USB product id.
        product: Option<u16>,
        /// CorrectionKind is spoken there.
        #[serde(flatten)]
        spoken: LineSettings,
    },
    /// A bridge to a serial line somewhere in the house: its octets in both directions over a WebSocket.
    Bridge {
        /// `ws://…` or `wss://…`.
        url: String,
        /// CorrectionKind is spoken there.
        #[serde(flatten)]
        spoken: LineSettings,
    },
    /// A meter that never existed.
    Simulated {
        /// The simulator's name of it.
        model: String,
        /// The seed that its household is drawn from.
        seed: u64,
    },
    /// Octets that were opened as a file: they do not come again.
    File {
        /// The file's name.
        name: String,
        /// Whether its readings are kept when the page is closed.
        #[serde(default = "always")]
        kept: bool,
    },
}

/// CorrectionKind is spoken on a line.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
pub struct LineSettings {
    /// Speed and parity; none until they are found out.
    pub line: Option<Line>,
    /// The protocol; none until it is found out.
    pub protocol: Option<Protocol>,
    /// Whether the meter speaks only when it is asked.
    #[serde(default)]
    pub asked: bool,
    /// Which of several meters on one M-Bus it is.
    #[serde(default)]
    pub address: Option<Address>,
    /// The device address of a meter of IEC 62056-21, where it answers to nothing else; mostly empty.
    #[serde(default)]
    pub device: String,
    /// Whether a meter of IEC 62056-21 runs on a battery and must be woken first.
    #[serde(default)]
    pub wake: bool,
    /// Whether a person has set all of this: it is not found out anew where nothing can be read.
    #[serde(default, skip_serializing_if = "is_false")]
    pub by_hand: bool,
}

impl SourceRecord {
    /// CorrectionKind is spoken there, where that is a line.
    #[must_use]
    pub const fn spoken(&self) -> Option<&LineSettings> {
        match self {
            Self::Serial { spoken, .. } | Self::Bridge { spoken, .. } => Some(spoken),
            Self::Simulated { .. } | Self::File { .. } => None,
        }
    }

    /// The same, to be changed.
    #[must_use]
    pub const fn spoken_mut(&mut self) -> Option<&mut LineSettings> {
        match self {
            Self::Serial { spoken, .. } | Self::Bridge { spoken, .. } => Some(spoken),
            Self::Simulated { .. } | Self::File { .. } => None,
        }
    }

    /// Whether both come through the same kind of adapter, or the same bridge.
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

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
const fn is_false(it: &bool) -> bool {
    !*it
}

/// Files were always kept before there was a choice.
fn always() -> bool {
    true
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::collections::HashMap;

    use super::MemoryDisk;
    use super::contract::contract;
    use crate::samples::at_once;

    #[test]
    fn a_disk_in_memory_keeps_the_contract() {
        let disks = RefCell::new(HashMap::<String, MemoryDisk>::new());
        let open = async |name: &str| disks.borrow_mut().entry(name.to_owned()).or_default().clone();
        at_once(contract(open));
    }
}
