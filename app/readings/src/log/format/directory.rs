//! [`Directory`]: which chunks there are, and when their entries were received.
//!
//! The directory is read when a meter's log is opened and stays in memory, so that the chunks of a period are found
//! without touching others. On the disk, each row lists 1024 chunks. A new chunk rewrites the last row. A chunk that
//! was thinned is forgotten without rewriting anything, because a full disk accepts only changes that delete.

use std::ops::RangeInclusive;

use super::bytes::{Bytes, Write, open, sealed};
use super::chunk::{Chunk, Damage};
use super::integers;
use crate::entry::{Entry, Moment};
use crate::store::disk::{RowChange, Shelf};

/// What is known of a chunk without reading it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Span {
    /// The number of its first entry.
    pub first: u64,
    /// The number of its last entry.
    pub last: u64,
    /// How many entries it has: fewer than there are numbers from the first to the last, if some were damaged.
    pub entries: u64,
    /// The earliest moment of reception in it.
    pub from: Moment,
    /// The latest moment of reception in it.
    pub to: Moment,
    /// Its size in bytes.
    pub bytes: u64,
}

impl Span {
    /// The span of entries in log order, stored in this many bytes; `None` if there are no entries.
    #[must_use]
    pub fn of(entries: &[Entry], bytes: usize) -> Option<Self> {
        let moments = || entries.iter().map(|entry| entry.received);
        Some(Self {
            first: entries.first()?.seq,
            last: entries.last()?.seq,
            entries: entries.len() as u64,
            from: moments().min()?,
            to: moments().max()?,
            bytes: bytes as u64,
        })
    }

    /// The span of a chunk on the disk; `None` if the chunk has no entries.
    ///
    /// # Errors
    /// If the chunk is damaged.
    pub fn of_chunk(bytes: &[u8]) -> Result<Option<Self>, Damage> {
        let entries: Vec<Entry> = Chunk::open(bytes)?.only(|_| false)?.collect::<Result<_, _>>()?;
        Ok(Self::of(&entries, bytes.len()))
    }

    /// Whether some of its moments may lie in this range.
    #[must_use]
    pub fn meets(&self, moments: &RangeInclusive<Moment>) -> bool {
        self.from <= *moments.end() && self.to >= *moments.start()
    }
}

/// All chunks of a meter, in log order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Directory {
    spans: Vec<Span>,
    /// How many chunks before the first span are gone.
    gone: usize,
}

impl Directory {
    /// The spans of the chunks, the oldest first.
    #[must_use]
    pub fn spans(&self) -> &[Span] {
        &self.spans
    }

    /// The chunks that hold entries with this number or later ones.
    #[must_use]
    pub fn since(&self, seq: u64) -> &[Span] {
        let place = self.spans.partition_point(|span| span.last < seq);
        self.spans.get(place..).unwrap_or_default()
    }

    pub(in crate::log) fn push(&mut self, span: Span) {
        self.spans.push(span);
    }

    /// Returns the changes that write the rows in which the newest chunks are listed. `newest` is the number of these
    /// chunks.
    pub(in crate::log) fn rows_of(&self, newest: usize) -> impl Iterator<Item = RowChange> {
        let all = self.gone + self.spans.len();
        let rows = all.saturating_sub(newest) / CHUNKS_A_ROW..all.div_ceil(CHUNKS_A_ROW);
        rows.map(move |row| {
            let place = |row: usize| (row * CHUNKS_A_ROW).saturating_sub(self.gone).min(self.spans.len());
            let spans = self.spans.get(place(row)..place(row + 1)).unwrap_or_default();
            RowChange::Put(Shelf::Directory, row as i64, written(spans))
        })
    }

    /// Forgets the chunks before the one that begins with this number. Returns the change that deletes the rows that
    /// are no longer needed.
    pub(in crate::log) fn forget_before(&mut self, first: u64) -> RowChange {
        let gone = self.spans.partition_point(|span| span.first < first);
        self.spans.drain(..gone);
        self.gone += gone;
        let row = self.gone / CHUNKS_A_ROW;
        RowChange::Delete(Shelf::Directory, i64::MIN..=row as i64 - 1)
    }

    /// Builds a directory of these chunks, and the changes that rewrite all of its rows.
    pub(in crate::log) fn rewrite(spans: Vec<Span>) -> (Self, Vec<RowChange>) {
        let rows = spans.chunks(CHUNKS_A_ROW).map(written);
        let rows = (0..).zip(rows).map(|(row, bytes)| RowChange::Put(Shelf::Directory, row, bytes));
        let changes =
            std::iter::once(RowChange::Delete(Shelf::Directory, i64::MIN..=i64::MAX)).chain(rows).collect();
        (Self { spans, gone: 0 }, changes)
    }

    /// Adds the chunks that the next row on the disk lists.
    ///
    /// # Errors
    /// If the row is damaged. The directory can be rebuilt from the chunks.
    pub(in crate::log) fn read_row(&mut self, row: i64, bytes: &[u8]) -> Result<(), Damage> {
        let spans = spans(open(MAGIC, VERSION, bytes)?.1).ok_or(Damage::Malformed)?;
        // The chunks missing before this row were thinned.
        let place = usize::try_from(row).unwrap_or_default().saturating_mul(CHUNKS_A_ROW);
        self.gone = place.saturating_sub(self.spans.len()).max(self.gone);
        self.spans.extend(spans);
        Ok(())
    }
}

fn written(spans: &[Span]) -> Vec<u8> {
    let mut body = Vec::new();
    body.count(spans.len());
    let parts: [fn(&Span) -> i128; 6] = [
        |span| span.first.into(),
        |span| i128::from(span.last) - i128::from(span.first),
        |span| span.entries.into(),
        |span| span.from.0.into(),
        |span| i128::from(span.to.0) - i128::from(span.from.0),
        |span| span.bytes.into(),
    ];
    for part in parts {
        let mut bytes = Vec::new();
        integers::write(&spans.iter().map(part).collect(), &mut bytes);
        body.stretch(&bytes);
    }
    sealed(MAGIC, VERSION, &body)
}

fn spans(mut bytes: Bytes<'_>) -> Option<Vec<Span>> {
    let count = bytes.count(CHUNKS_A_ROW)?;
    let parts = (0..6).map(|_| integers::read(bytes.stretch()?, count)).collect::<Option<Vec<_>>>()?;
    bytes.end()?;
    let [firsts, lasts, entries, froms, tos, sizes] = parts.try_into().ok()?;
    let span = |place| {
        let (first, from) = (firsts.at(place)?, froms.at(place)?);
        Some(Span {
            first: first.try_into().ok()?,
            last: first.checked_add(lasts.at(place)?)?.try_into().ok()?,
            entries: entries.narrow(place)?,
            from: Moment(from.try_into().ok()?),
            to: Moment(from.checked_add(tos.at(place)?)?.try_into().ok()?),
            bytes: sizes.narrow(place)?,
        })
    };
    (0..count).map(span).collect()
}

/// How many chunks a row lists: about six weeks of hours.
const CHUNKS_A_ROW: usize = 1024;
const MAGIC: &[u8] = b"MTD";
const VERSION: u8 = 1;

#[cfg(test)]
mod tests;
