//! What lies on a disk, and what every disk does.
//!
//! A [`disk::Disk`] keeps rows of octets, whatever they are of, and [`Record`]s: meters, settings, cursors, and what the
//! log has to remember. [`contract`] is what it promises, as tests.

mod connection;
pub mod contract;
pub mod disk;
mod disk_error;
mod leased;
mod memory_disk;
mod record;
pub mod retention;
mod role;
pub mod settings;
mod source;

pub use connection::Connection;
pub use disk_error::DiskError;
pub use leased::Leased;
pub use memory_disk::{Crash, MemoryDisk};
pub use record::{Cursor, Internal, Name, Record, Records};
pub use role::Role;
pub use source::{LineSettings, SourceRecord};

pub use crate::meter_key::MeterKey;

use metertap_decoder::schedule::Schedule;
use serde::{Deserialize, Serialize};

use self::retention::Retention;
use crate::entry::Moment;
use crate::fault::Code;
use crate::stated::Correction;

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

/// What is known of a meter besides its readings.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct MeterRecord {
    /// Its name in the log.
    pub key: MeterKey,
    /// Its first name in a log, where it was restored under another one.
    #[serde(default)]
    pub origin: Option<MeterKey>,
    /// What the person calls it; empty until they do.
    pub name: String,
    /// Where in the house it is, in the person's words; empty until they say.
    #[serde(default)]
    pub place: String,
    /// Where its octets come from.
    pub source: SourceRecord,
    /// The file that the source's address came from, until a person has the meter read: nothing connects before.
    #[serde(default)]
    pub address_from: Option<String>,
    /// The meter's own identification, once heard.
    pub identification: Option<String>,
    /// What an earlier build took for its identification, and was none: roll-ups of that time know it by that.
    #[serde(default)]
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
    #[serde(default)]
    pub line_of: Option<MeterKey>,
    /// What its person has stated of its numbers and its clock.
    #[serde(default)]
    pub stated: Vec<Correction>,
    /// How far its clock is off, where that is whole hours.
    #[serde(default)]
    pub clock_off: Option<ClockOff>,
    /// What it is to the house, where its person has said so; otherwise that is guessed from what it sends.
    #[serde(default)]
    pub role: Option<Role>,
    /// Amperes of the main fuse of each phase, where its person has said so.
    #[serde(default)]
    pub fuse: Option<u16>,
    /// When the load profile that it remembers was fetched; none where it still is to be.
    #[serde(default)]
    pub fetched: Option<Moment>,
}

/// A meter's clock that is whole hours away from the computer's.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct ClockOff {
    /// Hours that it goes ahead; negative where it is behind.
    pub hours: i8,
    /// Since when each reading has said so.
    pub since: Moment,
}

/// Amperes. A house's main fuse is no larger: what is, is behind transformers.
pub const LARGEST_FUSE: u16 = 1000;

impl MeterRecord {
    /// The name that it was first given: the same in all of its backups.
    #[must_use]
    pub fn origin(&self) -> &MeterKey {
        self.origin.as_ref().unwrap_or(&self.key)
    }
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
