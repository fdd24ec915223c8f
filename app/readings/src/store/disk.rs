//! [`Disk`]: numbered rows of octets, records under names, and changes to many of them as one.
//!
//! What lies between the log's decisions and the browser's database: everything that needs thinking is on this side of
//! it, so that little can go wrong on the other.

use std::ops::RangeInclusive;

use super::{Connection, DiskError, MeterKey, Name, Record, Records};
use crate::entry::Entry;

/// Rows of octets, by shelf, meter and number; and records. Clones share one connection to it.
pub trait Disk: Clone + 'static {
    /// The rows with these numbers, in the order of the numbers, at most `most` of them. A range whose start lies behind
    /// its end is empty.
    async fn rows(
        &self,
        shelf: Shelf,
        meter: &MeterKey,
        numbers: RangeInclusive<i64>,
        most: usize,
    ) -> Result<Vec<Row>, DiskError>;

    /// These records, in the order of their names.
    async fn records(&self, of: &Records) -> Result<Vec<Record>, DiskError>;

    /// Makes all of these changes, one after the other, or none. Answers when they would survive a crash of the program.
    async fn commit(&self, changes: Vec<Change>) -> Result<(), DiskError>;

    /// Readings of version 1 of the log, a row each, in the order of meters and numbers: from this one on, at most `most`
    /// of them.
    async fn version_1(
        &self,
        from: (&MeterKey, u64),
        most: usize,
    ) -> Result<Vec<(MeterKey, Entry)>, DiskError>;

    /// The connection that there is now, or that was there last. When it is over, everything fails until the disk is
    /// opened again.
    fn connection(&self) -> Connection;

    /// Why the connection is over; `None` as long as it is not.
    fn why_closed(&self) -> Option<DiskError>;

    /// Ends the connection, because it was found to be of no use.
    fn close(&self);

    /// Opens the disk once more, for all clones: an empty one should it have been deleted. Answers within a second or so.
    async fn reopen(&self) -> Result<(), DiskError>;
}

/// A row's number and its octets.
pub type Row = (i64, Vec<u8>);

/// What kind of rows lie together.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Shelf {
    /// The newest entries, those that came together in one row, by the number of its last.
    Tail,
    /// Chunks of older entries, by the number of their first.
    Chunks,
    /// Which chunks there are and when their entries were received, so many of them a row.
    Directory,
    /// Roll-ups of quarters of an hour, a row for each day by UTC.
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

/// A change of what is on a disk.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// Changes to the rows of this meter.
    Rows(MeterKey, Vec<RowChange>),
    /// A new record; where there is one of this name already, none of the changes is made.
    Add(Record),
    /// A record, new or in place of another.
    Keep(Record),
    /// The record of this name is gone.
    Drop(Name),
    /// All of these records are gone.
    DropAll(Records),
    /// Under this name there is this record, or none; otherwise none of the changes is made. It is looked at before any
    /// of them.
    Expect(Name, Option<Record>),
    /// All readings that version 1 has written of this meter are gone.
    DropVersion1(MeterKey),
}

/// A change to the rows of one meter.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum RowChange {
    /// A new row; where there is one of this number already, none of the changes is made.
    Insert(Shelf, i64, Vec<u8>),
    /// A row, new or in place of another.
    Put(Shelf, i64, Vec<u8>),
    /// All rows with these numbers are gone.
    Delete(Shelf, RangeInclusive<i64>),
}

impl Change {
    /// All rows of a meter are gone.
    #[must_use]
    pub fn no_rows(meter: &MeterKey) -> Self {
        let all = |shelf: &Shelf| RowChange::Delete(*shelf, i64::MIN..=i64::MAX);
        Self::Rows(meter.clone(), Shelf::ALL.iter().map(all).collect())
    }
}
