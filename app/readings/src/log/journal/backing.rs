//! Hands out a journal's rows for a backup, and restores them.

use super::{AT_ONCE, Journal, LogError};
use crate::log::format::chunk::{Chunk, TooLarge};
use crate::log::format::directory::{Directory, Span};
use crate::log::journal::tail::number;
use crate::store::MeterKey;
use crate::store::disk::{Disk, RowChange, Shelf};

impl<D: Disk> Journal<D> {
    /// Passes to `to` every row of a meter's log that a backup needs: its roll-ups, its chunks and its newest entries.
    /// These rows show the log at one moment: nothing is appended to the log until the roll-ups have been passed on,
    /// and chunks never change.
    ///
    /// # Errors
    /// If the disk cannot be read, a newer version has written the log, or `to` fails.
    pub async fn back_up<E: From<LogError>>(
        &self,
        meter: &MeterKey,
        mut to: impl AsyncFnMut(Shelf, i64, Vec<u8>) -> Result<(), E>,
    ) -> Result<(), E> {
        let (spans, newest) = {
            let mut one = self.volumes.one(meter).await;
            let volume = self.opened(meter, &mut one).await?;
            volume.all_is_known()?;
            for shelf in [Shelf::Quarters, Shelf::Days] {
                let mut next = i64::MIN;
                loop {
                    let rows = self.rows(shelf, meter, next..=i64::MAX, AT_ONCE).await?;
                    let Some((last, _)) = rows.last() else { break };
                    next = last.saturating_add(1);
                    for (row, bytes) in rows {
                        to(shelf, row, bytes).await?;
                    }
                }
            }
            (volume.directory.spans().to_vec(), volume.tail.entries().to_vec())
        };
        for span in spans {
            let row = number(span.first);
            // The totals still contain the readings of a chunk that was deleted meanwhile.
            for (row, bytes) in self.rows(Shelf::Chunks, meter, row..=row, 1).await? {
                to(Shelf::Chunks, row, bytes).await?;
            }
        }
        for entry in newest {
            let row = Chunk::write(std::slice::from_ref(&entry)).map_err(|TooLarge| LogError::TooLarge)?;
            to(Shelf::Tail, number(entry.seq), row).await?;
        }
        Ok(())
    }

    /// Begins to restore a log row by row. Whatever the disk holds of that log is deleted first.
    ///
    /// # Errors
    /// If the disk cannot be read or written.
    pub async fn restore(&self, meter: &MeterKey) -> Result<Restoring<'_, D>, LogError> {
        self.remove(meter).await?;
        Ok(Restoring {
            journal: self,
            meter: meter.clone(),
            changes: Vec::new(),
            bytes: 0,
            spans: Vec::new(),
        })
    }
}

/// A log that is being restored: no part of it may be read or appended to before [`Restoring::end`].
#[derive(Debug)]
pub struct Restoring<'a, D> {
    journal: &'a Journal<D>,
    meter: MeterKey,
    changes: Vec<RowChange>,
    bytes: usize,
    spans: Vec<Span>,
}

impl<D: Disk> Restoring<'_, D> {
    /// Adds a row as [`Journal::back_up`] passed it on. A damaged chunk is reported and left out, as it would be when
    /// it is read.
    ///
    /// # Errors
    /// If the disk cannot be read or written.
    pub async fn row(&mut self, shelf: Shelf, row: i64, bytes: Vec<u8>) -> Result<(), LogError> {
        if shelf == Shelf::Chunks {
            match Span::of_chunk(&bytes) {
                Ok(span) => self.spans.extend(span),
                Err(damage) => {
                    self.journal.report(&self.meter, shelf, row, damage, None);
                    return Ok(());
                }
            }
        }
        self.bytes += bytes.len();
        self.changes.push(RowChange::Put(shelf, row, bytes));
        if self.bytes >= WORTH_IT { self.commit().await } else { Ok(()) }
    }

    /// Finishes the log: all its rows have been added.
    ///
    /// # Errors
    /// If the disk cannot be read or written.
    pub async fn end(mut self) -> Result<(), LogError> {
        self.spans.sort_by_key(|span| span.first);
        let (_, changes) = Directory::rewrite(std::mem::take(&mut self.spans));
        self.changes.extend(changes);
        self.commit().await
    }

    async fn commit(&mut self) -> Result<(), LogError> {
        self.bytes = 0;
        let changes = std::mem::take(&mut self.changes);
        self.journal.commit(&self.meter, changes).await
    }
}

/// Rows are collected until they have this many bytes, and then written at once.
const WORTH_IT: usize = 1 << 20;
