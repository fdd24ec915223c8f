//! [`Journal`]: the log of all meters on a [`Disk`].
//!
//! Readings go in and get numbers; entries, chart values and roll-ups come out. The journal promises: an entry with a
//! number is on the disk; numbers count up from 1, by one unless damage hides how far they have come; a damaged row is
//! left out and reported, and everything else can still be read. A log written by a newer version of this program is
//! read as far as possible, and not changed. Only one journal at a time writes a disk: another tab must give up writing
//! it first.
//!
//! ```text
//! append ─► tail, row by row ─ when its hour is over ─► chunk + directory + quarters + days, one change
//! range, page, picture ◄─ chunks ◄─ directory, in memory;  then the tail, in memory
//! ```

mod appending;
mod backing;
pub mod held;
mod picture;
mod reading;
mod recomputing;
mod renewing;
mod rolling;
mod stating;
pub mod tail;
mod thinning;
mod volumes;
mod walking;

pub use crate::log::journal::thinning::Thinned;
pub use backing::Restoring;
pub use recomputing::{HeldBack, Recomputed};
pub use renewing::Gone;
pub use walking::Grain;

use std::cell::{Cell, RefCell};
use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::rc::Rc;

use metertap_decoder::time::Zone;

use self::picture::{Remembered, Touched};
use self::renewing::Before;
use self::rolling::Known;
use self::volumes::Volumes;
use crate::entry::Moment;
use crate::log::format::chunk::{Chunk, Damage, MOST_ENTRIES, TooLarge};
use crate::log::format::directory::{Directory, Span};
use crate::log::journal::tail::{Tail, number};
use crate::stated::Stated;
use crate::store::disk::{Change, Disk, RowChange, Shelf};
use crate::store::{DiskError, MeterKey};

/// The log of all meters.
#[derive(Debug)]
pub struct Journal<D> {
    disk: D,
    zone: Cell<Zone>,
    /// Whether another journal has the right to write the disk, and this one only reads.
    watches: Cell<bool>,
    /// The open logs. Only the holder of a meter's lock writes its log.
    volumes: Volumes,
    /// The last known state of each log that was closed because it is uncertain what the disk holds.
    before: RefCell<Before>,
    damaged: RefCell<Vec<Damaged>>,
    /// For each meter, the times of reception of the readings that a user has confirmed.
    confirmed: RefCell<HashMap<MeterKey, BTreeSet<Moment>>>,
    /// What the user has stated, by log.
    stated: RefCell<HashMap<MeterKey, Rc<Stated>>>,
    /// For each log, its meter's current name, and the earliest name, by which its roll-ups know the meter.
    called: RefCell<HashMap<MeterKey, (String, String)>>,
    remembered: RefCell<Remembered>,
}

/// What is kept in memory of a meter's log.
#[derive(Clone, Debug, Default)]
struct Volume {
    directory: Directory,
    tail: Tail,
    next: u64,
    /// The newest roll-ups on the disk. The next chunk most likely changes these.
    newest: Known,
    /// The version of a row that only a newer program can read. If it is set, nothing is written to the log.
    newer: Option<u8>,
}

impl<D: Disk> Journal<D> {
    /// Creates a journal of the log on this disk. Days begin at midnight in this zone.
    pub fn new(disk: D, zone: Zone) -> Self {
        Self {
            disk,
            zone: Cell::new(zone),
            watches: Cell::new(false),
            volumes: Volumes::default(),
            before: RefCell::default(),
            damaged: RefCell::new(Vec::new()),
            confirmed: RefCell::default(),
            stated: RefCell::default(),
            called: RefCell::default(),
            remembered: RefCell::default(),
        }
    }

    /// The rows that have been found damaged so far.
    #[must_use]
    pub fn damaged(&self) -> Vec<Damaged> {
        self.damaged.borrow().clone()
    }

    /// Forgets what is in memory of a meter, because its rows were changed without this journal.
    pub async fn forget(&self, meter: &MeterKey) {
        self.volumes.one(meter).await.take();
        self.before.borrow_mut().forget(meter);
        *self.remembered.borrow_mut() = Remembered::default();
    }

    /// Forgets what is in memory of all meters, and sets whether this journal only reads the disk from now on. A
    /// journal that only reads leaves repairs to the tab that writes the disk. A journal that has written until now
    /// remembers how far its numbers have come. So it gives no number twice, even if it later writes another disk.
    pub async fn watch(&self, watches: bool) {
        let mut all = self.volumes.all().await;
        let known = all.take();
        if self.watches.get() {
            known.for_each(drop);
        } else {
            self.before.borrow_mut().keep_all(known);
        }
        *self.remembered.borrow_mut() = Remembered::default();
        self.watches.set(watches);
    }

    /// The first number held, and the last number given; `None` if the log holds no entry.
    ///
    /// # Errors
    /// If the disk cannot be read.
    pub async fn span(&self, meter: &MeterKey) -> Result<Option<(u64, u64)>, LogError> {
        self.look(meter, |volume| {
            let first_chunk = volume.directory.spans().first().map(|span| span.first);
            let first = first_chunk.or_else(|| volume.tail.entries().first().map(|entry| entry.seq));
            first.map(|first| (first, volume.next - 1))
        })
        .await
    }

    /// A meter's chunks. They tell how much space its readings take on the disk.
    ///
    /// # Errors
    /// If the disk cannot be read.
    pub async fn chunks(&self, meter: &MeterKey) -> Result<Vec<Span>, LogError> {
        self.look(meter, |volume| volume.directory.spans().to_vec()).await
    }

    /// Looks at a meter's volume in memory, reading it from the disk first if necessary.
    async fn look<T>(&self, meter: &MeterKey, at: impl FnOnce(&Volume) -> T) -> Result<T, LogError> {
        let mut one = self.volumes.one(meter).await;
        Ok(at(self.opened(meter, &mut one).await?))
    }

    async fn opened<'a>(
        &self,
        meter: &MeterKey,
        one: &'a mut Option<Volume>,
    ) -> Result<&'a mut Volume, LogError> {
        let volume = self.taken(meter, one).await?;
        Ok(one.insert(volume))
    }

    /// Takes a meter's volume out of memory for as long as it is uncertain what the disk holds. If the caller fails or
    /// is dropped half-way, no wrong volume is left in memory.
    async fn taken(&self, meter: &MeterKey, one: &mut Option<Volume>) -> Result<Volume, LogError> {
        match one.take() {
            Some(volume) => Ok(volume),
            None => self.open(meter).await,
        }
    }

    async fn open(&self, meter: &MeterKey) -> Result<Volume, LogError> {
        let (mut volume, mut unused) = (Volume { next: 1, ..Volume::default() }, 1);
        for (row, bytes) in self.all_rows(Shelf::Directory, meter).await? {
            if let Err(damage) = volume.directory.read_row(row, &bytes) {
                self.report(meter, Shelf::Directory, row, damage, None);
                volume.newer = damage.newer();
                unused = self.find_chunks(meter, &mut volume).await?;
                break;
            }
        }
        if let Some(last) = volume.directory.spans().last().copied() {
            volume.next = last.last + 1;
            // A later chunk never has an older version, so the newest chunk has the newest version.
            let row = number(last.first);
            let newest = self.rows(Shelf::Chunks, meter, row..=row, 1).await?;
            let opened = newest.first().map_or(Ok(()), |(_, bytes)| Chunk::open(bytes).map(drop));
            if let Err(damage @ Damage::Version(version)) = opened {
                self.report(meter, Shelf::Chunks, row, damage, Some(last));
                volume.newer = volume.newer.max(Some(version));
            }
        }
        // Rows of the directory may still list chunks that were deleted.
        let oldest = self.rows(Shelf::Chunks, meter, i64::MIN..=i64::MAX, 1).await?;
        if let Some((first, _)) = oldest.first() {
            let _ = volume.directory.forget_before(first.unsigned_abs());
        }
        let tail = self.all_rows(Shelf::Tail, meter).await?;
        if tail.is_empty() {
            volume.next = volume.next.max(unused);
        }
        for (row, bytes) in tail {
            volume.next = volume.next.max(row.unsigned_abs() + 1);
            match Chunk::open(&bytes).and_then(|chunk| chunk.entries()) {
                Ok(entries) => entries.into_iter().for_each(|entry| volume.tail.push(entry)),
                Err(damage) => {
                    self.report(meter, Shelf::Tail, row, damage, None);
                    volume.newer = volume.newer.max(damage.newer());
                }
            }
        }
        Ok(volume)
    }

    /// Commits all of these changes, or none.
    async fn commit(&self, meter: &MeterKey, changes: Vec<RowChange>) -> Result<(), LogError> {
        let touched = Touched::by(&changes);
        self.disk.commit(vec![Change::Rows(meter.clone(), changes)]).await?;
        // Points read from the old rows must not be used for the next chart.
        self.remembered.borrow_mut().forget(meter, &touched);
        Ok(())
    }

    /// Rebuilds the directory from the chunks themselves. Returns a number that no entry of a damaged chunk can have; 1
    /// if no chunk is damaged. If no tail tells how far the numbers have come, it is better to skip some numbers than
    /// to give one twice.
    async fn find_chunks(&self, meter: &MeterKey, volume: &mut Volume) -> Result<u64, LogError> {
        let (mut spans, mut unused, mut next) = (Vec::new(), 1, i64::MIN);
        loop {
            let rows = self.rows(Shelf::Chunks, meter, next..=i64::MAX, AT_ONCE).await?;
            let Some((last, _)) = rows.last() else { break };
            next = last.saturating_add(1);
            for (row, bytes) in &rows {
                match Span::of_chunk(bytes) {
                    Ok(span) => spans.extend(span),
                    Err(damage) => {
                        unused = row.unsigned_abs() + MOST_ENTRIES as u64;
                        self.report(meter, Shelf::Chunks, *row, damage, None);
                        volume.newer = volume.newer.max(damage.newer());
                    }
                }
            }
        }
        let (directory, changes) = Directory::rewrite(spans);
        volume.directory = directory;
        if !self.watches.get() && volume.newer.is_none() {
            self.commit(meter, changes).await?;
        }
        Ok(unused)
    }

    async fn all_rows(&self, shelf: Shelf, meter: &MeterKey) -> Result<Vec<(i64, Vec<u8>)>, LogError> {
        self.rows(shelf, meter, i64::MIN..=i64::MAX, usize::MAX).await
    }

    async fn rows(
        &self,
        shelf: Shelf,
        meter: &MeterKey,
        numbers: std::ops::RangeInclusive<i64>,
        most: usize,
    ) -> Result<Vec<(i64, Vec<u8>)>, LogError> {
        Ok(self.disk.rows(shelf, meter, numbers, most).await?)
    }

    fn report(&self, meter: &MeterKey, shelf: Shelf, row: i64, damage: Damage, lost: Option<Span>) {
        let found = Damaged { meter: meter.clone(), shelf, row, damage, lost };
        let mut damaged = self.damaged.borrow_mut();
        let is_known = damaged
            .iter()
            .any(|known| (&known.meter, known.shelf, known.row) == (&found.meter, found.shelf, found.row));
        if !is_known {
            damaged.push(found);
        }
    }
}

impl Volume {
    /// Returns an error if some rows are of a newer version, for operations that need all rows: a chunk made from the
    /// tail would drop those rows, and roll-ups or a backup without them would be wrong.
    fn all_is_known(&self) -> Result<(), LogError> {
        self.newer.map_or(Ok(()), |version| Err(LogError::Newer(version)))
    }
}

/// A row that cannot be read.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Damaged {
    /// The meter whose row it is.
    pub meter: MeterKey,
    /// What kind of row it is.
    pub shelf: Shelf,
    /// Its number.
    pub row: i64,
    /// What is wrong with it.
    pub damage: Damage,
    /// What the directory knows of the readings that are lost with the row.
    pub lost: Option<Span>,
}

/// Why an operation on the log failed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum LogError {
    /// The disk returned an error.
    Disk(DiskError),
    /// The reading does not fit into a chunk. No meter sends such a reading.
    TooLarge,
    /// A newer version of this program has written the log. Holds the version of the row.
    Newer(u8),
}

impl LogError {
    /// Whether a newer version of this program has written the disk.
    #[must_use]
    pub const fn is_newer(&self) -> bool {
        matches!(self, Self::Newer(_) | Self::Disk(DiskError::Newer))
    }
}

impl From<DiskError> for LogError {
    fn from(error: DiskError) -> Self {
        Self::Disk(error)
    }
}

impl fmt::Display for LogError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Disk(error) => write!(f, "{error}"),
            Self::TooLarge => write!(f, "{}", TooLarge::CODE),
            Self::Newer(_) => write!(f, "{}", DiskError::Newer),
        }
    }
}

impl std::error::Error for LogError {}

/// How many rows are in memory at once while all rows of one kind are walked.
const AT_ONCE: usize = 32;

#[cfg(test)]
mod tests;
