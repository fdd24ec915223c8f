//! [`Disk`]: numbered rows of bytes, named records, and transactions that change many of them.
//!
//! This is the interface between the log and the browser's database. Every decision is made on the log's side, so that
//! little can go wrong on the other.

use std::ops::RangeInclusive;

use super::{Connection, DiskError, MeterKey, Name, Record, Records};
use crate::entry::Entry;

/// Rows of bytes by shelf, meter and number, and records. Clones share one connection.
pub trait Disk: Clone + 'static {
    /// Returns the rows with these numbers, in the order of the numbers, at most `most` of them. A range whose start
    /// lies after its end is empty.
    async fn rows(
        &self,
        shelf: Shelf,
        meter: &MeterKey,
        numbers: RangeInclusive<i64>,
        most: usize,
    ) -> Result<Vec<Row>, DiskError>;

    /// Returns these records, in the order of their names.
    async fn records(&self, of: &Records) -> Result<Vec<Record>, DiskError>;

    /// Makes all of these changes in order, or none. Returns once they would survive a crash of the program.
    async fn commit(&self, changes: Vec<Change>) -> Result<(), DiskError>;

    /// Returns at most `most` readings of version 1 of the log, which stored each reading as a row. They are ordered by
    /// meter and number, and begin with `from` or the next one after it.
    async fn version_1(
        &self,
        from: (&MeterKey, u64),
        most: usize,
    ) -> Result<Vec<(MeterKey, Entry)>, DiskError>;

    /// The current connection, or the last one. Once it has ended, every operation fails until the disk is reopened.
    fn connection(&self) -> Connection;

    /// Why the connection has ended; `None` while it has not.
    fn why_closed(&self) -> Option<DiskError>;

    /// Ends the connection, because it no longer works.
    fn close(&self);

    /// Opens the disk again for all clones. The disk is empty if it was deleted. Returns within about a second.
    async fn reopen(&self) -> Result<(), DiskError>;
}

/// A row's number and its bytes.
pub type Row = (i64, Vec<u8>);

/// The kinds of rows.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Shelf {
    /// The newest entries. Entries appended together share a row, under the number of the last of them.
    Tail,
    /// Chunks of older entries, under the number of their first entry.
    Chunks,
    /// Which chunks there are and when their entries were received, many chunks per row.
    Directory,
    /// Roll-ups of quarters of an hour, a row for each UTC day.
    Quarters,
    /// Roll-ups of days.
    Days,
}

impl Shelf {
    /// All of them.
    pub const ALL: &'static [Self] = &[Self::Tail, Self::Chunks, Self::Directory, Self::Quarters, Self::Days];

    /// Its name in a database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Tail => "tail",
            Self::Chunks => "chunks",
            Self::Directory => "directory",
            Self::Quarters => "quarters",
            Self::Days => "days",
        }
    }
}

/// A change to a disk.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// Changes to the rows of this meter.
    Rows(MeterKey, Vec<RowChange>),
    /// Adds a record. If there is already one with this name, none of the changes is made.
    Add(Record),
    /// Stores a record, new or in place of another.
    Keep(Record),
    /// Deletes the record with this name.
    Drop(Name),
    /// Deletes all of these records.
    DropAll(Records),
    /// Requires that exactly this record is stored under this name, or, for `None`, that no record is. Otherwise, none
    /// of the changes is made. This is checked before the first change.
    Expect(Name, Option<Record>),
    /// Deletes all readings that version 1 has written of this meter.
    DropVersion1(MeterKey),
}

/// A change to the rows of one meter.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum RowChange {
    /// Inserts a row. If there is already one with this number, none of the changes is made.
    Insert(Shelf, i64, Vec<u8>),
    /// Stores a row, new or in place of another.
    Put(Shelf, i64, Vec<u8>),
    /// Deletes all rows with these numbers.
    Delete(Shelf, RangeInclusive<i64>),
}

impl Change {
    /// Deletes all rows of a meter.
    #[must_use]
    pub fn no_rows(meter: &MeterKey) -> Self {
        let all = |shelf: &Shelf| RowChange::Delete(*shelf, i64::MIN..=i64::MAX);
        Self::Rows(meter.clone(), Shelf::ALL.iter().map(all).collect())
    }
}
