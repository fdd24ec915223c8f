//! Walks through a journal: over all entries of a period in log order, chunk by chunk, keeping none of them.

use std::ops::RangeInclusive;

use super::super::calendar::{Day, Quarter};
use super::rolling::{DAYS_A_BLOCK, QUARTERS_A_BLOCK};
use super::{Journal, LogError};
use crate::entry::{Entry, Moment};
use crate::log::format::chunk::{Chunk, Damage, Shape};
use crate::log::format::directory::Span;
use crate::log::journal::tail::number;
use crate::log::totals::block::Block;
use crate::log::totals::stating::{self, told};
use crate::log::totals::track::Track;
use crate::store::MeterKey;
use crate::store::disk::{Disk, Shelf};

/// The period of a roll-up.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Grain {
    /// Quarters of an hour.
    Quarters,
    /// Days in the house's zone.
    Days,
}

impl<D: Disk> Journal<D> {
    /// Passes to `to` the entries with these numbers that were received in this period: those of the next chunks or,
    /// after the last chunk, those that are in no chunk yet. Returns the number to continue from; `None` at the end.
    ///
    /// # Errors
    /// If the disk cannot be read.
    pub async fn walk(
        &self,
        meter: &MeterKey,
        seqs: RangeInclusive<u64>,
        moments: &RangeInclusive<Moment>,
        mut to: impl FnMut(&Entry),
    ) -> Result<Option<u64>, LogError> {
        let stated = self.stated(meter);
        let mut only_wanted = |entry: &Entry| {
            if !seqs.contains(&entry.seq) || !moments.contains(&entry.received) {
                return;
            }
            if stated.is_empty() { to(entry) } else { to(&told(entry.clone(), &stated)) }
        };
        let newest = |newest: &[Entry]| newest.iter().for_each(&mut only_wanted);
        let Some(spans) = self.next(meter, &seqs, moments, newest).await? else { return Ok(None) };
        self.each_of(meter, &spans, |chunk| chunk.each(|_| true, &mut only_wanted)).await
    }

    /// Like [`walk`](Self::walk), but passes shapes to `to` instead of entries: the shapes of each list of registers,
    /// in their order. No values are read. Lists of readings outside the period may be included.
    ///
    /// # Errors
    /// If the disk cannot be read.
    pub async fn walk_lists(
        &self,
        meter: &MeterKey,
        seqs: RangeInclusive<u64>,
        moments: &RangeInclusive<Moment>,
        mut to: impl FnMut(&mut dyn Iterator<Item = &Shape>),
    ) -> Result<Option<u64>, LogError> {
        let stated = self.stated(meter);
        let mut tell = |shapes: &mut dyn Iterator<Item = &Shape>| {
            if stated.is_empty() {
                return to(shapes);
            }
            let all: Vec<Shape> = shapes.flat_map(|shape| stating::shapes(shape, &stated)).collect();
            to(&mut all.iter());
        };
        let newest = |newest: &[Entry]| {
            for entry in newest {
                let shapes: Vec<Shape> = entry.reading.values.iter().map(Shape::of).collect();
                tell(&mut shapes.iter());
            }
        };
        let Some(spans) = self.next(meter, &seqs, moments, newest).await? else { return Ok(None) };
        let each_list = |chunk: &Chunk<'_>| {
            chunk.lists().for_each(|mut list| tell(&mut list));
            Ok(())
        };
        self.each_of(meter, &spans, each_list).await
    }

    /// Returns the roll-ups of the next quarters of an hour or days in a range, and the number to continue from; `None`
    /// at the end. However long the range is, one call reads only a few blocks.
    ///
    /// # Errors
    /// If the disk cannot be read.
    pub async fn walk_periods(
        &self,
        meter: &MeterKey,
        grain: Grain,
        range: RangeInclusive<i64>,
        wanted: impl Fn(Track) -> bool,
    ) -> Result<(Block, Option<i64>), LogError> {
        let (shelf, a_block) = match grain {
            Grain::Quarters => (Shelf::Quarters, QUARTERS_A_BLOCK),
            Grain::Days => (Shelf::Days, DAYS_A_BLOCK),
        };
        let blocks = range.start().div_euclid(a_block)..=range.end().div_euclid(a_block);
        let rows = self.rows(shelf, meter, blocks, BLOCKS).await?;
        let end = match rows.last() {
            Some((row, _)) if rows.len() == BLOCKS => row.saturating_add(1).saturating_mul(a_block) - 1,
            _ => i64::MAX,
        };
        let (start, last) = (*range.start(), *range.end().min(&end));
        let block = match grain {
            Grain::Quarters => self.quarters(meter, Quarter(start)..=Quarter(last), wanted).await?,
            Grain::Days => self.days(meter, Day(start)..=Day(last), wanted).await?,
        };
        Ok((block, (last < *range.end()).then(|| last + 1)))
    }

    /// Returns the next chunks. If there are none, passes the entries that are in no chunk to `newest`. Both happen
    /// under one lock, so that no entry can move into a chunk unseen.
    async fn next(
        &self,
        meter: &MeterKey,
        seqs: &RangeInclusive<u64>,
        moments: &RangeInclusive<Moment>,
        newest: impl FnOnce(&[Entry]),
    ) -> Result<Option<Vec<Span>>, LogError> {
        self.look(meter, |volume| {
            let spans = volume.directory.since(*seqs.start()).iter();
            let before_end = spans.take_while(|span| span.first <= *seqs.end());
            let met =
                before_end.skip_while(|span| !span.meets(moments)).take_while(|span| span.meets(moments));
            let next: Vec<Span> = met.take(CHUNKS).copied().collect();
            if next.is_empty() {
                newest(volume.tail.entries());
            }
            (!next.is_empty()).then_some(next)
        })
        .await
    }

    /// Walks over chunks, which are read together. Returns the number after them.
    async fn each_of(
        &self,
        meter: &MeterKey,
        spans: &[Span],
        mut look: impl FnMut(&Chunk<'_>) -> Result<(), Damage>,
    ) -> Result<Option<u64>, LogError> {
        let (Some(first), Some(last)) = (spans.first(), spans.last()) else { return Ok(None) };
        let rows = number(first.first)..=number(last.first);
        for (row, bytes) in self.rows(Shelf::Chunks, meter, rows, usize::MAX).await? {
            if let Err(damage) = Chunk::open(&bytes).and_then(|chunk| look(&chunk)) {
                let lost = spans.iter().find(|span| number(span.first) == row).copied();
                self.report(meter, Shelf::Chunks, row, damage, lost);
            }
        }
        Ok(Some(last.last + 1))
    }
}

/// How many chunks are read at once: half a day of hours.
const CHUNKS: usize = 12;
/// How many blocks are walked over at once: a week of quarters, or more than a year of days.
const BLOCKS: usize = 7;
