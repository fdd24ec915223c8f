//! [`Chunk`]: entries of one meter as columns.
//!
//! ```text
//! "MTC" │ version │ CRC-32 of what follows │ number of entries
//! strings │ shapes │ layouts                       what the columns mean: see `shape`
//! seqs │ received │ layouts │ times │ offsets      a column each, the last two only of the entries with a clock
//! for each shape: values │ their own times         see `Shape::parts`
//! ```
//!
//! Entries are decoded exactly as they were encoded: their numbers and moments, the order of values, and the resolution
//! of each value. Numbers may have gaps, clocks may run backwards, and each reading may have different registers from
//! the one before. A single entry is a chunk as well: the newest entries of a meter are stored like this, until there
//! are enough of them for columns to save space.
//!
//! The bytes may be damaged, or crafted if they come from a backup: reading such bytes returns an error. Reading
//! entries one by one takes memory for at most [`MOST_VALUES`] values in columns and for one entry.

mod read;
mod write;

pub use super::bytes::Damage;
pub use super::shape::Shape;
pub use read::Entries;

use self::write::Columns;
use super::bytes::{Bytes, open, sealed};
use super::integers::{self, Column};
use super::shape::Layout;
use crate::entry::Entry;
use crate::fault::Code;

/// Entries in their columns.
#[derive(Clone, Debug)]
pub struct Chunk<'a> {
    strings: Vec<&'a [u8]>,
    shapes: Vec<Shape>,
    layouts: Vec<Layout>,
    layout_of: Vec<usize>,
    seqs: Column,
    received: Column,
    clocks: [Column; 2],
    /// The parts of each shape's column.
    parts: Vec<Vec<&'a [u8]>>,
}

impl<'a> Chunk<'a> {
    /// Encodes entries as bytes.
    ///
    /// # Errors
    /// If there are more than [`MOST_ENTRIES`] entries or [`MOST_VALUES`] values, or if a reading has more than
    /// [`MOST_TEXT`] bytes of text. A single reading from a decoder's session always fits.
    pub fn write(entries: &[Entry]) -> Result<Vec<u8>, TooLarge> {
        let values: usize = entries.iter().map(|entry| entry.reading.values.len()).sum();
        if entries.len() > MOST_ENTRIES || values > MOST_VALUES {
            return Err(TooLarge);
        }
        let columns = Columns::of(entries);
        if columns.most_text > MOST_TEXT {
            Err(TooLarge)
        } else {
            Ok(sealed(MAGIC, VERSION, &columns.write()))
        }
    }

    /// Opens the chunk in these bytes, checked and ready to be read.
    ///
    /// # Errors
    /// If the bytes are damaged, are not a chunk, or were written by a newer version.
    pub fn open(bytes: &'a [u8]) -> Result<Self, Damage> {
        Self::read(open(MAGIC, VERSION, bytes)?.1).ok_or(Damage::Malformed)
    }

    /// The number of entries.
    #[must_use]
    pub fn len(&self) -> usize {
        self.layout_of.len()
    }

    /// Whether it has no entries.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.layout_of.is_empty()
    }

    /// The shapes of its columns.
    #[must_use]
    pub fn shapes(&self) -> &[Shape] {
        &self.shapes
    }

    /// For each list of registers in the chunk, the shapes of its values in their order.
    pub fn lists(&self) -> impl Iterator<Item = impl Iterator<Item = &Shape>> {
        self.layouts.iter().map(|layout| layout.columns.iter().filter_map(|column| self.shapes.get(*column)))
    }

    /// All entries.
    ///
    /// # Errors
    /// If a column is damaged.
    pub fn entries(&self) -> Result<Vec<Entry>, Damage> {
        self.only(|_| true)?.collect()
    }

    /// The entries one after the other, with only the values that are `wanted`. Other columns are not decoded.
    ///
    /// # Errors
    /// If a column that is wanted is damaged.
    pub fn only(&self, wanted: impl Fn(&Shape) -> bool) -> Result<Entries<'_>, Damage> {
        Entries::new(self, wanted).ok_or(Damage::Malformed)
    }

    /// Passes the entries to `to` one after the other, with only the values that are wanted, and keeps none of them.
    ///
    /// # Errors
    /// If the chunk is damaged. Entries before the damage have been passed to `to`.
    pub fn each(&self, wanted: impl Fn(&Shape) -> bool, mut to: impl FnMut(&Entry)) -> Result<(), Damage> {
        let mut entries = self.only(wanted)?;
        let mut entry = Entries::blank();
        while let Some(read) = entries.next_into(&mut entry) {
            read?;
            to(&entry);
        }
        Ok(())
    }

    fn read(mut bytes: Bytes<'a>) -> Option<Self> {
        let count = bytes.count(MOST_ENTRIES)?;
        // Each string takes at least one byte.
        let strings = bytes.count(bytes.0.len())?;
        let strings = (0..strings).map(|_| bytes.stretch()).collect::<Option<_>>()?;
        let shapes = bytes.count(bytes.0.len())?;
        let shapes = (0..shapes).map(|_| Shape::read(&mut bytes)).collect::<Option<Vec<_>>>()?;
        let layouts = bytes.count(bytes.0.len())?;
        let layouts = (0..layouts).map(|_| Layout::read(&mut bytes)).collect::<Option<Vec<_>>>()?;
        let known = |layout: &Layout| layout.columns.iter().all(|column| *column < shapes.len());
        if !layouts.iter().all(known) {
            return None;
        }
        let seqs = integers::read(bytes.stretch()?, count)?;
        let received = integers::read(bytes.stretch()?, count)?;
        let places = integers::read(bytes.stretch()?, count)?;
        let layout_of = (0..count).map(|entry| places.narrow(entry)).collect::<Option<Vec<usize>>>()?;
        let layout_of_each = || layout_of.iter().map(|layout| layouts.get(*layout));
        let clocks = layout_of_each().filter(|layout| layout.is_some_and(|layout| layout.timed)).count();
        let values = layout_of_each().map(|layout| Some(layout?.columns.len())).sum::<Option<usize>>()?;
        if values > MOST_VALUES {
            return None;
        }
        let clocks = [integers::read(bytes.stretch()?, clocks)?, integers::read(bytes.stretch()?, clocks)?];
        let parts = |shape: &Shape| (0..shape.parts()).map(|_| bytes.stretch()).collect::<Option<_>>();
        let parts = shapes.iter().map(parts).collect::<Option<_>>()?;
        bytes.end()?;
        Some(Self { strings, shapes, layouts, layout_of, seqs, received, clocks, parts })
    }
}

/// The entries do not fit into one chunk.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct TooLarge;

impl TooLarge {
    /// The fault code that users see.
    pub const CODE: Code = Code::StoreTooLarge;
}

/// The most entries in a chunk: more than an hour of a meter that sends every second.
pub const MOST_ENTRIES: usize = 4096;
/// The most values of a chunk.
pub const MOST_VALUES: usize = 65_536;
/// The most bytes of text that a reading may have.
pub const MOST_TEXT: usize = 1 << 20;

const MAGIC: &[u8] = b"MTC";
const VERSION: u8 = 1;

#[cfg(test)]
mod tests;
