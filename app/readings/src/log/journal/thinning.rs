//! Upkeep of a journal: thins old readings, makes room on a full disk, recomputes days for another zone, and removes a
//! meter.
//!
//! Making room only deletes. A browser whose storage is full refuses every change that writes, however much the change
//! would free. It accepts every change that only deletes.

use std::collections::BTreeSet;

use metertap_decoder::time::Zone;

use super::super::calendar::{Day, Quarter};
use super::rolling::{DAYS_A_BLOCK, Known, QUARTERS_A_BLOCK};
use super::{AT_ONCE, Journal, LogError, Volume};
use crate::entry::Moment;
use crate::log::format::directory::Span;
use crate::log::journal::held::{Held, ages, count_for_room, ends};
use crate::log::journal::tail::number;
use crate::log::totals::block::Block;
use crate::store::MeterKey;
use crate::store::disk::{Disk, RowChange, Shelf};

/// What thinning deleted.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Thinned {
    /// The number of entries.
    pub entries: u64,
    /// The bytes that they took.
    pub bytes: u64,
    /// When the first and the last of them were received; `None` if none was deleted.
    pub span: Option<(Moment, Moment)>,
}

impl Thinned {
    /// Adds up what was deleted in two places.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        let spans = || self.span.into_iter().chain(other.span);
        let (from, to) = (spans().map(|(from, _)| from).min(), spans().map(|(_, to)| to).max());
        Self { entries: self.entries + other.entries, bytes: self.bytes + other.bytes, span: from.zip(to) }
    }

    fn of(spans: &[Span]) -> Self {
        let each = spans.iter().map(|span| Self {
            entries: span.entries,
            bytes: span.bytes,
            span: Some((span.from, span.to)),
        });
        each.fold(Self::default(), Self::and)
    }
}

impl<D: Disk> Journal<D> {
    /// Deletes the oldest chunks whose entries were all received before this moment. `certain` is the moment that has
    /// certainly been reached; it tells which clocks to believe. Roll-ups stay, and so does the newest chunk, which
    /// knows how far the numbers have come.
    ///
    /// # Errors
    /// If the disk cannot be read or written; nothing is deleted in that case.
    pub async fn thin(&self, meter: &MeterKey, before: Moment, certain: Moment) -> Result<Thinned, LogError> {
        self.delete_oldest(meter, |volume| older(volume, before, certain)).await
    }

    /// What [`Self::thin`] would delete.
    ///
    /// # Errors
    /// If the disk cannot be read.
    pub async fn older(
        &self,
        meter: &MeterKey,
        before: Moment,
        certain: Moment,
    ) -> Result<Thinned, LogError> {
        let sized = |volume: &Volume| Thinned::of(oldest(volume, older(volume, before, certain)));
        self.look(meter, sized).await
    }

    /// Deletes the oldest tenth of the bytes that these meters' chunks take together, at least one chunk, and returns
    /// what was deleted from each log. Deletes nothing if no chunk is left that may be deleted. `certain` tells which
    /// clocks to believe.
    ///
    /// # Errors
    /// If the disk cannot be read or written; nothing is deleted in that case.
    pub async fn make_room(
        &self,
        meters: &[MeterKey],
        certain: Moment,
    ) -> Result<Vec<(MeterKey, Thinned)>, LogError> {
        let mut chunks = Vec::new();
        for meter in meters {
            let aged = |volume: &Volume| {
                let sizes = old(volume).iter().map(|span| span.bytes);
                ages(volume.directory.spans(), certain).into_iter().zip(sizes).collect::<Vec<_>>()
            };
            chunks.extend(self.look(meter, aged).await?.into_iter().map(|(age, size)| (age, meter, size)));
        }
        chunks.sort_by_key(|(age, ..)| *age);
        let sizes: Vec<u64> = chunks.iter().map(|(.., size)| *size).collect();
        let tenth = sizes.iter().sum::<u64>() / 10;
        chunks.truncate(count_for_room(&sizes, tenth.max(1)).unwrap_or_default());
        let mut gone = Vec::new();
        for meter in meters {
            // A meter's own chunks are sorted by age.
            let count = chunks.iter().filter(|(_, whose, _)| *whose == meter).count();
            match self.delete_oldest(meter, |_| count).await {
                Ok(thinned) if thinned.entries > 0 => gone.push((meter.clone(), thinned)),
                Ok(_) => {}
                // What was already deleted must be reported despite the error.
                Err(error) if gone.is_empty() => return Err(error),
                Err(_) => break,
            }
        }
        Ok(gone)
    }

    async fn delete_oldest(
        &self,
        meter: &MeterKey,
        count: impl FnOnce(&Volume) -> usize,
    ) -> Result<Thinned, LogError> {
        let mut one = self.volumes.one(meter).await;
        let mut volume = self.taken(meter, &mut one).await?;
        let gone = oldest(&volume, count(&volume));
        let thinned = Thinned::of(gone);
        if let Some(last) = gone.last().copied() {
            let rows = volume.directory.forget_before(last.last + 1);
            let changes = vec![RowChange::Delete(Shelf::Chunks, i64::MIN..=number(last.first)), rows];
            if let Err(error) = self.commit(meter, changes).await {
                let next = volume.next;
                self.before.borrow_mut().keep(meter, volume, next);
                return Err(error);
            }
        }
        *one = Some(volume);
        Ok(thinned)
    }

    /// How many of a meter's readings are held, and how much space they take.
    ///
    /// # Errors
    /// If the disk cannot be read.
    pub async fn held(&self, meter: &MeterKey) -> Result<Held, LogError> {
        self.look(meter, |volume| Held::of(volume.directory.spans(), volume.tail.entries())).await
    }

    /// Changes the time zone of days: all days of a meter are recomputed from its quarters.
    ///
    /// # Errors
    /// If the disk cannot be read or written. The disk then keeps the days of the previous zone, and they can be
    /// recomputed later.
    pub async fn count_days_in(&self, zone: Zone, meter: &MeterKey) -> Result<(), LogError> {
        // All volumes are locked: the days of a meter's next chunk must not be counted in two zones.
        let mut all = self.volumes.all().await;
        let volume = match all.take_one(meter) {
            Some(volume) => volume,
            None => self.open(meter).await?,
        };
        volume.all_is_known()?;
        for (row, bytes) in self.all_rows(Shelf::Days, meter).await? {
            if let Err(damage) = Block::read_tracks(&bytes, |_| false) {
                self.report(meter, Shelf::Days, row, damage, None);
                damage.newer().map_or(Ok(()), |version| Err(LogError::Newer(version)))?;
            }
        }
        self.zone.set(zone);
        let (mut blocks, mut next) = (BTreeSet::new(), i64::MIN);
        loop {
            let rows = self.rows(Shelf::Quarters, meter, next..=i64::MAX, AT_ONCE).await?;
            let Some((last, _)) = rows.last() else { break };
            next = last.saturating_add(1);
            for (row, _) in rows {
                let first = row.saturating_mul(QUARTERS_A_BLOCK);
                let days = [first, first.saturating_add(QUARTERS_A_BLOCK - 1)];
                blocks.extend(days.map(|quarter| Day::of(Quarter(quarter), zone).0.div_euclid(DAYS_A_BLOCK)));
            }
        }
        let mut changes = vec![RowChange::Delete(Shelf::Days, i64::MIN..=i64::MAX)];
        for row in blocks {
            let block = self.recomputed_days(meter, &volume.directory, row).await?;
            changes.push(RowChange::Put(Shelf::Days, row, block.write()));
        }
        self.commit(meter, changes).await?;
        let volume = Volume { newest: Known::default(), ..volume };
        all.put(meter, volume);
        Ok(())
    }

    /// Removes a meter's log. Does nothing if there is none.
    ///
    /// # Errors
    /// If the disk cannot be read or written; nothing is deleted in that case.
    pub async fn remove(&self, meter: &MeterKey) -> Result<(), LogError> {
        let mut one = self.volumes.one(meter).await;
        one.take();
        self.before.borrow_mut().forget(meter);
        let all = |shelf: &Shelf| RowChange::Delete(*shelf, i64::MIN..=i64::MAX);
        self.commit(meter, Shelf::ALL.iter().map(all).collect()).await
    }
}

/// The chunks that may be thinned: all but the newest, and none if a newer version has written the log.
fn old(volume: &Volume) -> &[Span] {
    match volume.directory.spans().split_last() {
        Some((_, old)) if volume.newer.is_none() => old,
        _ => &[],
    }
}

/// How many chunks ended before this moment.
fn older(volume: &Volume, before: Moment, certain: Moment) -> usize {
    ends(volume.directory.spans(), certain).partition_point(|end| *end < before)
}

/// The oldest chunks, at most `count`, as far as they may be thinned.
fn oldest(volume: &Volume, count: usize) -> &[Span] {
    let old = old(volume);
    old.get(..count.min(old.len())).unwrap_or_default()
}
