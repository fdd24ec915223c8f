//! [`Store`]: the log and what is kept beside it. One trait, so that the same tests run over memory and IndexedDB.
//!
//! Readings go in, numbered entries come out. Promised to every reader of the log: what has a number survives a crash,
//! numbers have no gaps, and an entry never changes. [`contract`] is these promises as tests.

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

use std::ops::RangeInclusive;

use metertap_decoder::address::Address;
use metertap_decoder::line::Line;
use metertap_decoder::reading::{Protocol, Reading};
use metertap_decoder::schedule::Schedule;
use serde::{Deserialize, Serialize};

use self::retention::Retention;
use crate::entry::{Entry, Moment};
use crate::fault::Code;

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
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address_from: Option<String>,
    /// The meter's own identification, once heard.
    pub identification: Option<String>,
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
        /// What is spoken there.
        #[serde(flatten)]
        spoken: Spoken,
    },
    /// A bridge to a serial line somewhere in the house: its octets in both directions over a WebSocket.
    Bridge {
        /// `ws://…` or `wss://…`.
        url: String,
        /// What is spoken there.
        #[serde(flatten)]
        spoken: Spoken,
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

/// What is spoken on a line.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
pub struct Spoken {
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
}

impl SourceRecord {
    /// What is spoken there, where that is a line.
    #[must_use]
    pub const fn spoken(&self) -> Option<&Spoken> {
        match self {
            Self::Serial { spoken, .. } | Self::Bridge { spoken, .. } => Some(spoken),
            Self::Simulated { .. } | Self::File { .. } => None,
        }
    }

    /// The same, to be changed.
    #[must_use]
    pub const fn spoken_mut(&mut self) -> Option<&mut Spoken> {
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

/// Files were always kept before there was a choice.
fn always() -> bool {
    true
}

/// An append-only log per meter, with cursors, and the records of the meters.
///
/// Every method that writes answers only when the data would survive a crash of the program. A meter's log does not
/// need the meter's record, nor the other way round. A range whose start lies behind its end is empty.
pub trait Store {
    /// Why the store could not do it.
    type Error: std::fmt::Debug;

    /// Appends a reading and answers with its number: one more than the meter's last, from 1.
    async fn append(&self, meter: &MeterKey, received: Moment, reading: &Reading)
    -> Result<u64, Self::Error>;

    /// Entries with these numbers, in the order of their numbers, at most `most` of them.
    async fn range(
        &self,
        meter: &MeterKey,
        seqs: RangeInclusive<u64>,
        most: usize,
    ) -> Result<Vec<Entry>, Self::Error>;

    /// Entries received in this span of time, at most `most` of them, in the order of the moments and then of the
    /// numbers. The two orders differ where the computer's clock was set back.
    async fn received(
        &self,
        meter: &MeterKey,
        moments: RangeInclusive<Moment>,
        most: usize,
    ) -> Result<Vec<Entry>, Self::Error>;

    /// The first and the last number held; `None` for an empty log.
    async fn span(&self, meter: &MeterKey) -> Result<Option<(u64, u64)>, Self::Error>;

    /// All meters, in the order of their keys.
    async fn meters(&self) -> Result<Vec<MeterRecord>, Self::Error>;

    /// Writes a meter's record, new or changed.
    async fn keep_meter(&self, meter: &MeterRecord) -> Result<(), Self::Error>;

    /// Removes a meter with its log and its cursors; a meter that is not there is removed already.
    async fn remove_meter(&self, meter: &MeterKey) -> Result<(), Self::Error>;

    /// The number of the last entry that this reader of the log has done with; 0 at first.
    async fn cursor(&self, reader: &str, meter: &MeterKey) -> Result<u64, Self::Error>;

    /// Moves a cursor, forwards or back.
    async fn set_cursor(&self, reader: &str, meter: &MeterKey, seq: u64) -> Result<(), Self::Error>;

    /// A small setting by name, as JSON text.
    async fn setting(&self, name: &str) -> Result<Option<String>, Self::Error>;

    /// Writes a setting; `None` removes it.
    async fn set_setting(&self, name: &str, value: Option<&str>) -> Result<(), Self::Error>;
}
