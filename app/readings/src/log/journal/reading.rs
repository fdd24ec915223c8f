//! Reading a journal: entries by number and by time, and pictures.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use super::super::calendar::Quarter;
use super::super::chunk::{Chunk, Shape};
use super::super::directory::Span;
use super::super::tail::number;
use super::super::track::Track;
use super::rolling::QUARTERS_A_BLOCK;
use super::{Journal, LogError};
use crate::entry::{Entry, Moment};
use crate::series::Series;
use crate::store::MeterKey;
use crate::store::disk::{Disk, Shelf};

impl<D: Disk> Journal<D> {
    /// Entries with these numbers, in the order of the log, at most `most` of them. Fewer means that there are no more.
    ///
    /// # Errors
    /// Where the disk cannot be read.
    pub async fn range(
        &self,
        meter: &MeterKey,
        seqs: RangeInclusive<u64>,
        most: usize,
    ) -> Result<Vec<Entry>, LogError<D::Error>> {
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

    /// Entries from this moment and number on until `to`, in the order of the moments and then of the numbers, at most
    /// `most` of them.
    ///
    /// # Errors
    /// Where the disk cannot be read.
    pub async fn page(
        &self,
        meter: &MeterKey,
        (from, seq): (Moment, u64),
        to: Moment,
        most: usize,
    ) -> Result<Vec<Entry>, LogError<D::Error>> {
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
            // Chunks that begin later than the last one that is wanted have nothing to add.
            if most
                .checked_sub(1)
                .and_then(|last| found.get(last))
                .is_some_and(|last| last.received < span.from)
            {
                break;
            }
            found.extend(self.chunk(meter, span, |_| true).await?.into_iter().filter(wanted));
            found.sort_by_key(place);
        }
        found.truncate(most);
        Ok(found)
    }

    /// How many entries were received in this time. Chunks that lie in it are not read.
    ///
    /// # Errors
    /// Where the disk cannot be read.
    pub async fn count(
        &self,
        meter: &MeterKey,
        moments: RangeInclusive<Moment>,
    ) -> Result<u64, LogError<D::Error>> {
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

    /// The lowest and the highest value of a track in each column of a picture.
    ///
    /// Quarters of an hour that lie in one column come from their roll-ups, so that a year costs its quarters and not its
    /// readings; only what lies in two columns, and columns narrower than that, are read from the chunks. See [`fitted`]
    /// for pictures in which nothing lies in two. A quarter whose chunks are gone is shown where it begins.
    ///
    /// # Errors
    /// Where the disk cannot be read.
    pub async fn picture(
        &self,
        meter: &MeterKey,
        track: Track,
        (from, to): (Moment, Moment),
        columns: u32,
    ) -> Result<Series, LogError<D::Error>> {
        let mut series = Series::new(from, to, columns);
        if from >= to || columns == 0 {
            return Ok(series);
        }
        let (spans, tail) = self.within(meter, &(from..=to)).await?;
        let add = |series: &mut Series, entry: &Entry| {
            if let Some(value) = track.value(entry) {
                series.put(entry.received, value, value);
            }
        };
        tail.iter().for_each(|entry| add(&mut series, entry));
        if i128::from(to.0) - i128::from(from.0) < i128::from(columns) * i128::from(Quarter::MILLISECONDS) {
            for span in &spans {
                self.each(meter, span, |shape| track.wants(shape), |entry| add(&mut series, entry)).await?;
            }
            return Ok(series);
        }
        let quarters = Quarter::of(from).0..=Quarter::of(to).0;
        let rolled =
            self.periods(meter, Shelf::Quarters, quarters, QUARTERS_A_BLOCK, &|other| other == track).await?;
        let rolled: Vec<_> = rolled
            .0
            .iter()
            .filter_map(|(quarter, rolled)| Some((quarter, rolled.tracks.get(&track)?)))
            .collect();
        let mut divided: BTreeSet<i64> = BTreeSet::new();
        for &(quarter, sum) in &rolled {
            let (start, end) = (Quarter(*quarter).start(), Quarter(*quarter).end());
            if series.column(start).is_some() && series.column(start) == series.column(end) {
                let (least, most) = sum.extent();
                series.put(start, least, most);
            } else {
                divided.insert(*quarter);
            }
        }
        let mut left = divided.clone();
        let touched =
            |span: &&Span| divided.range(Quarter::of(span.from).0..=Quarter::of(span.to).0).next().is_some();
        for span in spans.iter().filter(touched) {
            let add_divided = |entry: &Entry| {
                let quarter = Quarter::of(entry.received).0;
                if divided.contains(&quarter) {
                    left.remove(&quarter);
                    add(&mut series, entry);
                }
            };
            self.each(meter, span, |shape| track.wants(shape), add_divided).await?;
        }
        for (quarter, sum) in rolled.iter().filter(|(quarter, _)| left.contains(quarter)) {
            let (least, most) = sum.extent();
            series.put(Quarter(**quarter).start().max(from), least, most);
        }
        Ok(series)
    }

    /// The chunks that meet these moments, and the newest entries of them.
    async fn within(
        &self,
        meter: &MeterKey,
        moments: &RangeInclusive<Moment>,
    ) -> Result<(Vec<Span>, Vec<Entry>), LogError<D::Error>> {
        self.look(meter, |volume| {
            let spans = volume.directory.spans().iter().filter(|span| span.meets(moments)).copied().collect();
            let tail = volume.tail.entries().iter().filter(|entry| moments.contains(&entry.received));
            (spans, tail.cloned().collect())
        })
        .await
    }

    /// The entries of a chunk with the columns that are `wanted`; none where it is damaged, or was thinned meanwhile.
    pub(super) async fn chunk(
        &self,
        meter: &MeterKey,
        span: &Span,
        wanted: impl Fn(&Shape) -> bool,
    ) -> Result<Vec<Entry>, LogError<D::Error>> {
        let mut entries = Vec::new();
        self.each(meter, span, wanted, |entry| entries.push(entry.clone())).await?;
        Ok(entries)
    }

    /// The same, each handed to `to` and not kept.
    pub(super) async fn each(
        &self,
        meter: &MeterKey,
        span: &Span,
        wanted: impl Fn(&Shape) -> bool,
        to: impl FnMut(&Entry),
    ) -> Result<(), LogError<D::Error>> {
        let row = number(span.first);
        let rows = self.rows(Shelf::Chunks, meter, row..=row, 1).await?;
        let Some((_, octets)) = rows.first() else { return Ok(()) };
        if let Err(damage) = Chunk::open(octets).and_then(|chunk| chunk.each(wanted, to)) {
            self.report(meter, Shelf::Chunks, row, damage, Some(*span));
        }
        Ok(())
    }
}

fn within(entries: &[Entry], seqs: &RangeInclusive<u64>, most: usize) -> Vec<Entry> {
    entries.iter().filter(|entry| seqs.contains(&entry.seq)).take(most).cloned().collect()
}

/// A picture's span and columns, as near to these as may be, with columns of whole quarters of an hour where they are
/// that wide: then roll-ups are all that is read.
#[must_use]
pub fn fitted((from, to): (Moment, Moment), columns: u32) -> ((Moment, Moment), u32) {
    let span = i128::from(to.0) - i128::from(from.0);
    let wide = span / i128::from(columns.max(1)) / i128::from(Quarter::MILLISECONDS);
    let quarters_each = match i64::try_from(wide) {
        Ok(quarters) if quarters >= 1 => quarters.saturating_add(1),
        _ => return ((from, to), columns),
    };
    let first = Quarter::of(from).0.div_euclid(quarters_each);
    let last = Quarter::of(to).0.div_euclid(quarters_each);
    let count = u32::try_from(last.saturating_sub(first).saturating_add(1)).unwrap_or(columns);
    let start = Quarter(first.saturating_mul(quarters_each)).start();
    let end = Quarter(last.saturating_add(1).saturating_mul(quarters_each)).start();
    // The last moment of a picture belongs to its last column.
    ((start, Moment(end.0.saturating_sub(1))), count)
}
