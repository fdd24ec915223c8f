//! [`Row`]: an entry of a log on its way to a window.

use metertap_readings::entry::{Entry, Moment};
use metertap_readings::log::format::row::{read, write};
use serde::{Deserialize, Serialize};

/// An entry, as few octets as it takes.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Row {
    /// Its number.
    pub seq: u64,
    /// What was read, and when.
    #[serde(with = "serde_bytes")]
    octets: Vec<u8>,
}

impl Row {
    /// That of an entry.
    #[must_use]
    pub fn of(entry: &Entry) -> Self {
        Self { seq: entry.seq, octets: write(entry.received, &entry.reading) }
    }

    /// That of an entry whose octets are written already.
    #[must_use]
    pub const fn written(seq: u64, octets: Vec<u8>) -> Self {
        Self { seq, octets }
    }

    /// The entry; none where the octets are of none.
    #[must_use]
    pub fn entry(&self) -> Option<Entry> {
        let (received, reading): (Moment, _) = read(&self.octets)?;
        Some(Entry { reading, received, seq: self.seq })
    }
}
