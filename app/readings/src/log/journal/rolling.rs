//! A journal's roll-ups: reads them, updates them with each new chunk, and recomputes damaged ones.

use std::collections::btree_map::Entry::Vacant;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

use super::super::calendar::{Day, Quarter};
use super::{Journal, LogError, Volume};
use crate::entry::{Entry, Moment};
use crate::log::format::directory::Directory;
use crate::log::journal::tail::{add_to, by_block, day_of, days_of};
use crate::log::totals::block::Block;
use crate::log::totals::rollup::RollUp;
use crate::log::totals::stating::{may_be, on_time, scale};
use crate::log::totals::track::Track;
use crate::log::totals::when;
use crate::store::MeterKey;
use crate::store::disk::{Disk, RowChange, Shelf};

/// Blocks by their numbers; an empty block if the disk has none.
type Blocks = BTreeMap<i64, Block>;

/// Blocks as they are on the disk, so that they need not be read for the next chunk.
#[derive(Clone, Debug, Default)]
pub(super) struct Known {
    quarters: Blocks,
    days: Blocks,
}

/// Roll-ups that grow chunk by chunk before they are written.
#[derive(Debug, Default)]
pub(super) struct Rolling {
    known: Known,
    /// Which blocks of quarters differ from those on the disk.
    changed: BTreeSet<i64>,
    /// The days that overlap a changed quarter.
    days: BTreeSet<Day>,
}

impl Rolling {
    pub(super) fn begin_with(&mut self, known: &mut Known) {
        self.known.quarters.append(&mut known.quarters);
        self.known.days.append(&mut known.days);
    }

    /// Takes a block of quarters as known. If `days` is not empty, the block also replaces the one on the disk, and
    /// these days are recomputed.
    pub(super) fn replace(&mut self, row: i64, block: Block, days: &BTreeSet<Day>) {
        if !days.is_empty() {
            self.days.extend(days);
            self.changed.insert(row);
        }
        self.known.quarters.insert(row, block);
    }
}

impl<D: Disk> Journal<D> {
    /// Returns the roll-ups of quarters of an hour, the newest entries included, with only the tracks that are
    /// `wanted`.
    ///
    /// # Errors
    /// If the disk cannot be read.
    pub async fn quarters(
        &self,
        meter: &MeterKey,
        range: RangeInclusive<Quarter>,
        wanted: impl Fn(Track) -> bool,
    ) -> Result<Block, LogError> {
        let periods = range.start().0..=range.end().0;
        let (context, stated) = (self.context(meter), self.stated(meter));
        let may_be = |track| may_be(track, &stated, &wanted);
        let mut all =
            self.periods(meter, Shelf::Quarters, periods.clone(), QUARTERS_A_BLOCK, &may_be).await?;
        self.look(meter, |volume| {
            add_to(&mut all, on_time(volume.tail.entries(), &stated).iter(), &context, &periods, &may_be);
        })
        .await?;
        all.0.iter_mut().for_each(|(quarter, rolled)| scale(rolled, &stated, Quarter(*quarter).start()));
        // Scaling turns tracks into others, which may not be wanted.
        all.0.values_mut().for_each(|rolled| rolled.tracks.retain(|track, _| wanted(*track)));
        Ok(all)
    }

    /// Returns the roll-ups of days, the newest entries included.
    ///
    /// # Errors
    /// If the disk cannot be read.
    pub async fn days(
        &self,
        meter: &MeterKey,
        range: RangeInclusive<Day>,
        wanted: impl Fn(Track) -> bool,
    ) -> Result<Block, LogError> {
        let periods = range.start().0..=range.end().0;
        let stated = self.stated(meter);
        let may_be = |track| may_be(track, &stated, &wanted);
        let mut all = self.periods(meter, Shelf::Days, periods.clone(), DAYS_A_BLOCK, &may_be).await?;
        let quarters = |volume: &Volume| -> BTreeSet<i64> {
            on_time(volume.tail.entries(), &stated).iter().flat_map(when::quarters).collect()
        };
        let newest = self.look(meter, quarters).await?;
        let mut of_quarters = days_of(&newest, self.zone.get());
        of_quarters.retain(|Day(day)| periods.contains(day));
        for (day, rolled) in &mut all.0 {
            let of_day = Day(*day).quarters(self.zone.get());
            let (start, end) = (Quarter(of_day.start).start(), Quarter(of_day.end - 1).start());
            if stated.changes_between(start, end) {
                of_quarters.insert(Day(*day));
            }
            scale(rolled, &stated, start);
            rolled.tracks.retain(|track, _| wanted(*track));
        }
        for Day(day) in of_quarters {
            let of_day = Day(day).quarters(self.zone.get());
            if !of_day.is_empty() {
                let of_day =
                    self.quarters(meter, Quarter(of_day.start)..=Quarter(of_day.end - 1), &wanted).await?;
                all.0.insert(day, day_of(of_day.0.values()));
            }
        }
        Ok(all)
    }

    pub(super) async fn periods(
        &self,
        meter: &MeterKey,
        shelf: Shelf,
        periods: RangeInclusive<i64>,
        a_block: i64,
        wanted: &impl Fn(Track) -> bool,
    ) -> Result<Block, LogError> {
        let blocks = periods.start().div_euclid(a_block)..=periods.end().div_euclid(a_block);
        let mut all = Block::default();
        for (row, bytes) in self.rows(shelf, meter, blocks, usize::MAX).await? {
            match Block::read_tracks(&bytes, wanted) {
                Ok(block) => all.0.extend(block.0),
                Err(damage) => self.report(meter, shelf, row, damage, None),
            }
        }
        all.0.retain(|period, _| periods.contains(period));
        Ok(all)
    }

    pub(super) async fn roll_up(
        &self,
        meter: &MeterKey,
        directory: &Directory,
        entries: &[Entry],
        rolling: &mut Rolling,
    ) -> Result<(), LogError> {
        let (context, entries) = (self.context(meter), on_time(entries, &self.stated(meter)));
        let quarters: BTreeSet<i64> = entries.iter().flat_map(when::quarters).collect();
        rolling.days.extend(days_of(&quarters, self.zone.get()));
        let rows: BTreeSet<i64> =
            quarters.iter().map(|quarter| quarter.div_euclid(QUARTERS_A_BLOCK)).collect();
        for row in rows {
            self.know_quarters(meter, directory, row, &mut rolling.known.quarters).await?;
            let Some(block) = rolling.known.quarters.get_mut(&row) else { continue };
            add_to(block, entries.iter(), &context, &of_block(row), &|_| true);
            rolling.changed.insert(row);
        }
        Ok(())
    }

    /// Returns the changes to the roll-ups' rows, days included, and the newest blocks as they are after these changes.
    pub(super) async fn rolled(
        &self,
        meter: &MeterKey,
        directory: &Directory,
        rolling: Rolling,
    ) -> Result<(Vec<RowChange>, Known), LogError> {
        let Rolling { mut known, changed, days } = rolling;
        let rows = changed.iter().filter_map(|row| Some((*row, known.quarters.get(row)?)));
        let mut changes: Vec<RowChange> =
            rows.map(|(row, block)| RowChange::Put(Shelf::Quarters, row, block.write())).collect();
        let mut of_days = Block::default();
        for day in days {
            let rolled = self.day(meter, directory, day, &mut known.quarters).await?;
            if rolled.readings > 0 {
                of_days.0.insert(day.0, rolled);
            }
        }
        for (row, part) in by_block(of_days, DAYS_A_BLOCK) {
            let mut block = match known.days.remove(&row) {
                Some(block) => block,
                None => self.day_block(meter, directory, row).await?,
            };
            block.0.extend(part.0);
            changes.push(RowChange::Put(Shelf::Days, row, block.write()));
            known.days.insert(row, block);
        }
        keep_newest(&mut known.quarters, 2 * AHEAD);
        keep_newest(&mut known.days, 1);
        Ok((changes, known))
    }

    async fn day(
        &self,
        meter: &MeterKey,
        directory: &Directory,
        day: Day,
        known: &mut Blocks,
    ) -> Result<RollUp, LogError> {
        let quarters = day.quarters(self.zone.get());
        if quarters.is_empty() {
            return Ok(RollUp::default());
        }
        let rows =
            quarters.start.div_euclid(QUARTERS_A_BLOCK)..=(quarters.end - 1).div_euclid(QUARTERS_A_BLOCK);
        for row in rows.clone() {
            self.know_quarters(meter, directory, row, known).await?;
        }
        Ok(day_of(
            known
                .range(rows)
                .flat_map(|(_, block)| block.0.range(quarters.clone()))
                .map(|(_, rolled)| rolled),
        ))
    }

    /// Reads a block of quarters that is not known yet, together with some of the next ones. A damaged block is
    /// recomputed from the chunks that are left. A block of a newer version is an error.
    async fn know_quarters(
        &self,
        meter: &MeterKey,
        directory: &Directory,
        row: i64,
        known: &mut Blocks,
    ) -> Result<(), LogError> {
        if known.contains_key(&row) {
            return Ok(());
        }
        let rows = row..=row.saturating_add(AHEAD - 1);
        for (row, bytes) in self.rows(Shelf::Quarters, meter, rows.clone(), usize::MAX).await? {
            // A known block may be ahead of the disk.
            let Vacant(place) = known.entry(row) else { continue };
            match Block::read(&bytes) {
                Ok(block) => place.insert(block),
                Err(damage) => {
                    self.report(meter, Shelf::Quarters, row, damage, None);
                    if let Some(version) = damage.newer() {
                        return Err(LogError::Newer(version));
                    }
                    place.insert(self.recomputed_quarters(meter, directory, row).await?)
                }
            };
        }
        for row in rows {
            known.entry(row).or_default();
        }
        Ok(())
    }

    pub(super) async fn recomputed_quarters(
        &self,
        meter: &MeterKey,
        directory: &Directory,
        row: i64,
    ) -> Result<Block, LogError> {
        let wanted = of_block(row);
        // Some values of these quarters may have been received later.
        let latest = Quarter(*wanted.end()).end().0.saturating_add(when::LATEST);
        let moments: RangeInclusive<Moment> = Quarter(*wanted.start()).start()..=Moment(latest);
        let (mut block, context) = (Block::default(), self.context(meter));
        for span in directory.spans().iter().filter(|span| span.meets(&moments)) {
            let entries = self.chunk(meter, span, |shape| shape.quantity.is_some()).await?;
            add_to(&mut block, on_time(&entries, &self.stated(meter)).iter(), &context, &wanted, &|_| true);
        }
        Ok(block)
    }

    /// Reads a block of days. A damaged one is recomputed from the quarters.
    async fn day_block(&self, meter: &MeterKey, directory: &Directory, row: i64) -> Result<Block, LogError> {
        let rows = self.rows(Shelf::Days, meter, row..=row, 1).await?;
        let Some((_, bytes)) = rows.first() else { return Ok(Block::default()) };
        let damage = match Block::read(bytes) {
            Ok(block) => return Ok(block),
            Err(damage) => damage,
        };
        self.report(meter, Shelf::Days, row, damage, None);
        match damage.newer() {
            Some(version) => Err(LogError::Newer(version)),
            None => self.recomputed_days(meter, directory, row).await,
        }
    }

    /// Computes a block of days from their quarters. Days without a reading are left out.
    pub(super) async fn recomputed_days(
        &self,
        meter: &MeterKey,
        directory: &Directory,
        row: i64,
    ) -> Result<Block, LogError> {
        let first = row.saturating_mul(DAYS_A_BLOCK);
        let (mut block, mut known) = (Block::default(), Blocks::new());
        for day in first..first.saturating_add(DAYS_A_BLOCK) {
            let rolled = self.day(meter, directory, Day(day), &mut known).await?;
            if rolled.readings > 0 {
                block.0.insert(day, rolled);
            }
        }
        Ok(block)
    }
}

fn of_block(row: i64) -> RangeInclusive<i64> {
    let first = row.saturating_mul(QUARTERS_A_BLOCK);
    first..=first.saturating_add(QUARTERS_A_BLOCK - 1)
}

fn keep_newest(blocks: &mut Blocks, most: i64) {
    while blocks.len() as i64 > most {
        blocks.pop_first();
    }
}

/// How many blocks of quarters are read at once: a week, so that an import of years needs few reads.
const AHEAD: i64 = 7;
pub(super) const QUARTERS_A_BLOCK: i64 = 96;
pub(super) const DAYS_A_BLOCK: i64 = 64;
