//! Reads a journal's entries by number and by time.

use std::ops::RangeInclusive;

use super::{Journal, LogError};
use crate::entry::{Entry, Moment};
use crate::log::format::chunk::{Chunk, Shape};
use crate::log::format::directory::Span;
use crate::log::journal::tail::number;
use crate::store::MeterKey;
use crate::store::disk::{Disk, Shelf};

impl<D: Disk> Journal<D> {
    /// Returns the entries with these numbers, in log order, at most `most` of them. If it returns fewer, no more
    /// follow.
    ///
    /// # Errors
    /// If the disk cannot be read.
    pub async fn range(
        &self,
        meter: &MeterKey,
        seqs: RangeInclusive<u64>,
        most: usize,
    ) -> Result<Vec<Entry>, LogError> {
        Ok(self.told(meter, self.range_as_received(meter, seqs, most).await?))
    }

    /// The same as [`range`](Self::range), without applying what the user has stated about the meter.
    ///
    /// # Errors
    /// If the disk cannot be read.
    pub async fn range_as_received(
        &self,
        meter: &MeterKey,
        seqs: RangeInclusive<u64>,
        most: usize,
    ) -> Result<Vec<Entry>, LogError> {
        let (mut found, mut next) = (Vec::new(), *seqs.start());
        if seqs.is_empty() || most == 0 {
            return Ok(found);
        }
        loop {
            let next_chunk = self.look(meter, |volume| {
                let span =
                    volume.directory.since(next).first().filter(|span| span.first <= *seqs.end()).copied();
                span.ok_or_else(|| within(volume.tail.entries(), &(next..=*seqs.end()), most - found.len()))
            });
            match next_chunk.await? {
                Ok(span) => {
                    let entries = self.chunk(meter, &span, |_| true).await?;
                    let wanted = entries.into_iter().filter(|entry| seqs.contains(&entry.seq));
                    found.extend(wanted.take(most - found.len()));
                    next = span.last + 1;
                }
                Err(tail) => {
                    found.extend(tail);
                    return Ok(found);
                }
            }
            if found.len() == most {
                return Ok(found);
            }
        }
    }

    /// Returns the entries received from `from` until `to`, ordered by moment and then by number, at most `most` of
    /// them. Of the entries received exactly at `from`, those numbered below `seq` are left out.
    ///
    /// # Errors
    /// If the disk cannot be read.
    pub async fn page(
        &self,
        meter: &MeterKey,
        (from, seq): (Moment, u64),
        to: Moment,
        most: usize,
    ) -> Result<Vec<Entry>, LogError> {
        if from > to || most == 0 {
            return Ok(Vec::new());
        }
        let (mut spans, mut found) = self.within(meter, &(from..=to)).await?;
        spans.sort_by_key(|span| span.from);
        let wanted = |entry: &Entry| (entry.received, entry.seq) >= (from, seq) && entry.received <= to;
        let place = |entry: &Entry| (entry.received, entry.seq);
        found.retain(wanted);
        found.sort_by_key(place);
        for span in &spans {
            // Chunks that begin later than the last entry on the page add nothing to it.
            if most
                .checked_sub(1)
                .and_then(|last| found.get(last))
                .is_some_and(|last| last.received < span.from)
            {
                break;
            }
            let entries = self.chunk(meter, span, |_| true).await?.into_iter().filter(wanted);
            found.extend(self.told(meter, entries.collect()));
            found.sort_by_key(place);
        }
        found.truncate(most);
        Ok(found)
    }

    /// How many entries were received in this time. Chunks that lie completely in it are not read.
    ///
    /// # Errors
    /// If the disk cannot be read.
    pub async fn count(&self, meter: &MeterKey, moments: RangeInclusive<Moment>) -> Result<u64, LogError> {
        let (spans, tail) = self.within(meter, &moments).await?;
        let mut count = tail.len() as u64;
        for span in &spans {
            count += if moments.contains(&span.from) && moments.contains(&span.to) {
                span.entries
            } else {
                let entries = self.chunk(meter, span, |_| false).await?;
                entries.iter().filter(|entry| moments.contains(&entry.received)).count() as u64
            };
        }
        Ok(count)
    }

    /// The chunks that overlap these moments, and the newest entries that lie in them.
    pub(super) async fn within(
        &self,
        meter: &MeterKey,
        moments: &RangeInclusive<Moment>,
    ) -> Result<(Vec<Span>, Vec<Entry>), LogError> {
        let within = self.look(meter, |volume| {
            let spans = volume.directory.spans().iter().filter(|span| span.meets(moments)).copied().collect();
            let tail = volume.tail.entries().iter().filter(|entry| moments.contains(&entry.received));
            (spans, tail.cloned().collect())
        });
        let (spans, tail) = within.await?;
        Ok((spans, self.told(meter, tail)))
    }

    /// The entries of a chunk as the meter sent them, with the columns that are `wanted`. A damaged chunk gives the
    /// entries before the damage. A chunk that was deleted meanwhile gives none.
    pub(super) async fn chunk(
        &self,
        meter: &MeterKey,
        span: &Span,
        wanted: impl Fn(&Shape) -> bool,
    ) -> Result<Vec<Entry>, LogError> {
        let mut entries = Vec::new();
        self.each(meter, span, wanted, |entry| entries.push(entry.clone())).await?;
        Ok(entries)
    }

    /// The same as [`chunk`](Self::chunk), but passes each entry to `to` and keeps none.
    pub(super) async fn each(
        &self,
        meter: &MeterKey,
        span: &Span,
        wanted: impl Fn(&Shape) -> bool,
        to: impl FnMut(&Entry),
    ) -> Result<(), LogError> {
        let row = number(span.first);
        let rows = self.rows(Shelf::Chunks, meter, row..=row, 1).await?;
        let Some((_, bytes)) = rows.first() else { return Ok(()) };
        if let Err(damage) = Chunk::open(bytes).and_then(|chunk| chunk.each(wanted, to)) {
            self.report(meter, Shelf::Chunks, row, damage, Some(*span));
        }
        Ok(())
    }
}

fn within(entries: &[Entry], seqs: &RangeInclusive<u64>, most: usize) -> Vec<Entry> {
    entries.iter().filter(|entry| seqs.contains(&entry.seq)).take(most).cloned().collect()
}
