//! [`Row`]: an entry of a log, as it is sent to a window.

use metertap_readings::entry::{Entry, Moment};
use metertap_readings::log::format::row::{read, write};
use serde::{Deserialize, Serialize};

/// An entry, encoded in few bytes.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Row {
    /// The entry's number in the log.
    pub seq: u64,
    /// The encoded entry: what was read, and when.
    #[serde(with = "serde_bytes")]
    octets: Vec<u8>,
}

impl Row {
    /// Encodes an entry.
    #[must_use]
    pub fn of(entry: &Entry) -> Self {
        Self { seq: entry.seq, octets: write(entry.received, &entry.reading) }
    }

    /// Wraps an entry that is encoded already.
    #[must_use]
    pub const fn written(seq: u64, octets: Vec<u8>) -> Self {
        Self { seq, octets }
    }

    /// Decodes the entry. Returns `None` if the bytes are not an entry.
    #[must_use]
    pub fn entry(&self) -> Option<Entry> {
        let (received, reading): (Moment, _) = read(&self.octets)?;
        Some(Entry { reading, received, seq: self.seq })
    }
}
