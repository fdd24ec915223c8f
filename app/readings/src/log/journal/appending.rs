//! Appending to a journal: readings become entries of the tail, and the tail becomes a chunk when its hour is over.

use futures_util::future::join;
use metertap_decoder::reading::Reading;

use super::rolling::Rolling;
use super::{Journal, LogError, Volume};
use crate::entry::{Entry, Moment};
use crate::log::format::chunk::{Chunk, TooLarge};
use crate::log::journal::tail::{Tail, number};
use crate::store::MeterKey;
use crate::store::disk::{Disk, RowChange, Shelf};

#[derive(Debug, Default)]
struct Batch {
    changes: Vec<RowChange>,
    chunks: usize,
    rolling: Rolling,
}

impl<D: Disk> Journal<D> {
    /// Appends a reading and returns its number once both would survive a crash.
    ///
    /// # Errors
    /// If the disk does not confirm that it has stored the reading, if the reading is too large, or if a newer version
    /// has written the log. The next reading then gets this one's number, unless the disk has stored this one after
    /// all.
    pub async fn append(
        &self,
        meter: &MeterKey,
        received: Moment,
        reading: &Reading,
    ) -> Result<u64, LogError> {
        self.append_all(meter, [(received, reading.clone())]).await
    }

    /// Appends many readings, about thirty hours of them per commit to the disk, and returns the last number given.
    ///
    /// # Errors
    /// If the disk does not store all readings. It then holds a first part of them, or none, and numbers continue after
    /// that part.
    pub async fn append_all(
        &self,
        meter: &MeterKey,
        readings: impl IntoIterator<Item = (Moment, Reading)>,
    ) -> Result<u64, LogError> {
        let mut one = self.volumes.one(meter).await;
        let mut volume = self.taken(meter, &mut one).await?;
        let next = volume.next;
        match self.append_to(meter, &mut volume, readings.into_iter()).await {
            Ok(()) => {
                self.before.borrow_mut().forget(meter);
                let last = volume.next - 1;
                *one = Some(volume);
                Ok(last)
            }
            Err(error) => {
                self.before.borrow_mut().keep(meter, volume, next);
                Err(error)
            }
        }
    }

    async fn append_to(
        &self,
        meter: &MeterKey,
        volume: &mut Volume,
        mut readings: impl Iterator<Item = (Moment, Reading)>,
    ) -> Result<(), LogError> {
        volume.all_is_known()?;
        let (mut changes, mut goes_on) = self.take(meter, volume, &mut readings).await?;
        // While the disk writes some hours, the next ones are encoded as columns.
        while goes_on {
            let next = self.take(meter, volume, &mut readings);
            let (committed, next) = join(self.commit(meter, changes), next).await;
            committed?;
            (changes, goes_on) = next?;
        }
        self.commit(meter, changes).await
    }

    /// Takes the next hours of readings. Returns the changes to the disk's rows, and whether there may be more
    /// readings.
    async fn take(
        &self,
        meter: &MeterKey,
        volume: &mut Volume,
        readings: &mut impl Iterator<Item = (Moment, Reading)>,
    ) -> Result<(Vec<RowChange>, bool), LogError> {
        // How many entries of the tail are on the disk.
        let mut kept = volume.tail.entries().len();
        let mut batch = Batch::default();
        while batch.chunks < CHUNKS_AT_ONCE
            && let Some((received, reading)) = readings.next()
        {
            let entry = Entry { reading, received, seq: volume.next };
            if volume.tail.is_due(&entry) {
                self.close(meter, volume, kept, &mut batch).await?;
                kept = 0;
            }
            volume.tail.push(entry);
            volume.next += 1;
        }
        let goes_on = batch.chunks == CHUNKS_AT_ONCE;
        let mut changes = self.finish(meter, volume, batch).await?;
        let new = volume.tail.entries().get(kept..).unwrap_or_default();
        if let Some(newest) = new.last() {
            // The row is stored under its last number. So this number is not given again, even if the row is damaged.
            let row = Chunk::write(new).map_err(|TooLarge| LogError::TooLarge)?;
            changes.push(RowChange::Insert(Shelf::Tail, number(newest.seq), row));
        }
        Ok((changes, goes_on))
    }

    /// Makes a chunk of the tail; `kept` of its entries are already on the disk.
    async fn close(
        &self,
        meter: &MeterKey,
        volume: &mut Volume,
        kept: usize,
        batch: &mut Batch,
    ) -> Result<(), LogError> {
        let closing = volume.tail.close(kept).map_err(|TooLarge| LogError::TooLarge)?;
        let Some(span) = closing.span else { return Ok(()) };
        batch.rolling.begin_with(&mut volume.newest);
        self.roll_up(meter, &volume.directory, volume.tail.entries(), &mut batch.rolling).await?;
        // If the disk cannot be read, the tail is still known, and is written back if the disk has lost it.
        volume.tail = Tail::default();
        batch.changes.extend(closing.changes);
        batch.chunks += 1;
        volume.directory.push(span);
        Ok(())
    }

    async fn finish(
        &self,
        meter: &MeterKey,
        volume: &mut Volume,
        batch: Batch,
    ) -> Result<Vec<RowChange>, LogError> {
        let Batch { mut changes, chunks, rolling } = batch;
        if chunks > 0 {
            changes.extend(volume.directory.rows_of(chunks));
            let (rolled, newest) = self.rolled(meter, &volume.directory, rolling).await?;
            changes.extend(rolled);
            volume.newest = newest;
        }
        Ok(changes)
    }
}

/// How many chunks are written with one commit: about thirty hours. While the disk writes them, the next batch is
/// encoded, so two batches are in memory.
const CHUNKS_AT_ONCE: usize = 32;
