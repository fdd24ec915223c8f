//! What is stored on a disk, and the interface of every disk.
//!
//! A [`disk::Disk`] stores rows of bytes, whatever they hold, and [`Record`]s: meters, settings, cursors, and what the
//! log has to remember. [`contract`] tests what every disk promises.

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

/// The bytes of a telegram, or those around a fault, kept for inspection.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct KeptOctets {
    /// When they were received.
    pub at: Moment,
    /// The fault; `None` for a telegram without a fault.
    pub code: Option<Code>,
    /// How many values a telegram without a fault had.
    #[serde(default)]
    pub values: Option<usize>,
    /// The bytes.
    #[serde(with = "serde_bytes")]
    pub octets: Vec<u8>,
}

/// What is known of a meter besides its readings.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct MeterRecord {
    /// The meter's key in the log.
    pub key: MeterKey,
    /// The key that it first had, if it was restored under another one.
    #[serde(default)]
    pub origin: Option<MeterKey>,
    /// The name that the user gave it; empty until they do.
    pub name: String,
    /// Where in the house it is, in the user's words; empty until they say.
    #[serde(default)]
    pub place: String,
    /// Where its bytes come from.
    pub source: SourceRecord,
    /// The file that the source's address came from. Nothing connects to that address until the user has started
    /// reading the meter.
    #[serde(default)]
    pub address_from: Option<String>,
    /// The meter's own identification, once received.
    pub identification: Option<String>,
    /// What an earlier build mistook for the identification. Roll-ups of that build identify the meter by it.
    #[serde(default)]
    pub formerly: Option<String>,
    /// Its name in MQTT topics; `None` until it has one.
    pub topic: Option<String>,
    /// Whether to read it as soon as the page opens.
    pub reading: bool,
    /// For how long its raw readings are kept.
    #[serde(default)]
    pub retention: Retention,
    /// How often the meter is polled, if the user has set it.
    #[serde(default)]
    pub schedule: Option<Schedule>,
    /// The meter whose line it shares: it is read there, and has no line of its own.
    #[serde(default)]
    pub line_of: Option<MeterKey>,
    /// What the user has stated about it.
    #[serde(default)]
    pub stated: Vec<Correction>,
    /// How far its clock is off, if by whole hours.
    #[serde(default)]
    pub clock_off: Option<ClockOff>,
    /// What the meter measures in the house, if the user has set it; otherwise it is guessed from what the meter sends.
    #[serde(default)]
    pub role: Option<Role>,
    /// The main fuse of each phase in amperes, if the user has set it.
    #[serde(default)]
    pub fuse: Option<u16>,
    /// When its load profile was fetched; `None` if it still has to be.
    #[serde(default)]
    pub fetched: Option<Moment>,
}

/// A meter's clock that differs from the computer's by whole hours.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct ClockOff {
    /// How many hours it is ahead; negative if it is behind.
    pub hours: i8,
    /// When this difference was first seen. No later reading has shown another number of whole hours.
    pub since: Moment,
}

/// The largest main fuse that a house can have, in amperes. Larger connections are behind transformers.
pub const LARGEST_FUSE: u16 = 1000;

impl MeterRecord {
    /// The key that it was first given, which is the same in all of its backups.
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
