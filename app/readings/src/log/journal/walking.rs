//! Walking through a journal: all entries of a time in the order of the log, a chunk at a time and none of them kept.

use std::ops::RangeInclusive;

use super::super::block::Block;
use super::super::calendar::{Day, Quarter};
use super::super::chunk::{Chunk, Shape};
use super::super::directory::Span;
use super::super::tail::number;
use super::super::track::Track;
use super::rolling::{DAYS_A_BLOCK, QUARTERS_A_BLOCK};
use super::{Journal, LogError};
use crate::entry::{Entry, Moment};
use crate::store::MeterKey;
use crate::store::disk::{Disk, Shelf};

/// What roll-ups are of.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Grain {
    /// Quarters of an hour.
    Quarters,
    /// Days of the house.
    Days,
}

impl<D: Disk> Journal<D> {
    /// Hands the entries of the next chunk to `to`, or those that are in none yet, as far as they have these numbers and
    /// were received in this time. Answers with the number to go on from; none at the end.
    ///
    /// # Errors
    /// Where the disk cannot be read.
    pub async fn walk(
        &self,
        meter: &MeterKey,
        seqs: RangeInclusive<u64>,
        moments: &RangeInclusive<Moment>,
        mut to: impl FnMut(&Entry),
    ) -> Result<Option<u64>, LogError<D::Error>> {
        let wanted = |entry: &Entry| seqs.contains(&entry.seq) && moments.contains(&entry.received);
        let span = match self.next(meter, &seqs, moments).await? {
            Ok(span) => span,
            Err(newest) => {
                newest.iter().filter(|entry| wanted(entry)).for_each(to);
                return Ok(None);
            }
        };
        let only_wanted = |entry: &Entry| {
            if wanted(entry) {
                to(entry);
            }
        };
        self.each(meter, &span, |_| true, only_wanted).await?;
        Ok(Some(span.last + 1))
    }

    /// The same, and instead of entries what their values are: the shapes of each list of registers, in their order. No
    /// value is read for that, and lists of readings beyond the borders of the time may be among them.
    ///
    /// # Errors
    /// Where the disk cannot be read.
    pub async fn walk_lists(
        &self,
        meter: &MeterKey,
        seqs: RangeInclusive<u64>,
        moments: &RangeInclusive<Moment>,
        mut to: impl FnMut(&mut dyn Iterator<Item = &Shape>),
    ) -> Result<Option<u64>, LogError<D::Error>> {
        let span = match self.next(meter, &seqs, moments).await? {
            Ok(span) => span,
            Err(newest) => {
                for entry in newest {
                    let shapes: Vec<Shape> = entry.reading.values.iter().map(Shape::of).collect();
                    to(&mut shapes.iter());
                }
                return Ok(None);
            }
        };
        let row = number(span.first);
        let rows = self.rows(Shelf::Chunks, meter, row..=row, 1).await?;
        if let Some((_, octets)) = rows.first() {
            match Chunk::open(octets) {
                Ok(chunk) => chunk.lists().for_each(|mut list| to(&mut list)),
                Err(damage) => self.report(meter, Shelf::Chunks, row, damage, Some(span)),
            }
        }
        Ok(Some(span.last + 1))
    }

    /// What the next quarters of an hour or days of a time came to, and the number to go on from; none at the end. However
    /// long the time is, no more is read than a few blocks.
    ///
    /// # Errors
    /// Where the disk cannot be read.
    pub async fn walk_periods(
        &self,
        meter: &MeterKey,
        grain: Grain,
        range: RangeInclusive<i64>,
        wanted: impl Fn(Track) -> bool,
    ) -> Result<(Block, Option<i64>), LogError<D::Error>> {
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

    /// The next chunk, or else the entries that are in none: at one look, so that none can go from here to there unseen.
    async fn next(
        &self,
        meter: &MeterKey,
        seqs: &RangeInclusive<u64>,
        moments: &RangeInclusive<Moment>,
    ) -> Result<Result<Span, Vec<Entry>>, LogError<D::Error>> {
        self.look(meter, |volume| {
            let spans = volume.directory.since(*seqs.start()).iter();
            let mut before_end = spans.take_while(|span| span.first <= *seqs.end());
            let next = before_end.find(|span| span.meets(moments)).copied();
            next.ok_or_else(|| volume.tail.entries().to_vec())
        })
        .await
    }
}

/// How many blocks are walked over at once: a week, or a year of days.
const BLOCKS: usize = 7;
