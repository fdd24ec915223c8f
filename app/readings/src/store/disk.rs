//! [`Disk`]: numbered rows of octets, and changes to many of them as one.
//!
//! What lies between the log's decisions and the browser's database: everything that needs thinking is on this side of
//! it, so that little can go wrong on the other.

use std::ops::RangeInclusive;

use super::{DiskError, MeterKey};

/// Rows of octets, by shelf, meter and number.
pub trait Disk {
    /// The rows with these numbers, in the order of the numbers, at most `most` of them. A range whose start lies behind
    /// its end is empty.
    async fn rows(
        &self,
        shelf: Shelf,
        meter: &MeterKey,
        numbers: RangeInclusive<i64>,
        most: usize,
    ) -> Result<Vec<Row>, DiskError>;

    /// Makes all of these changes, one after the other, or none. Answers when they would survive a crash of the program.
    async fn commit(&self, changes: Vec<Change>) -> Result<(), DiskError>;
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
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Change {
    /// Changes to the rows of this meter.
    Rows(MeterKey, Vec<RowChange>),
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
