//! Recomputes a journal's roll-ups from the readings that are kept.
//!
//! Quarters whose readings are all kept are computed by today's rules. Quarters that lost readings to thinning stay as
//! they are, because nothing else knows what these readings counted.

use std::collections::{BTreeMap, BTreeSet};

use metertap_decoder::number::Number;

use super::super::calendar::{Day, Quarter};
use super::rolling::{Known, Rolling};
use super::{AT_ONCE, Journal, LogError};
use crate::entry::Moment;
use crate::log::journal::tail::{day_of, days_of};
use crate::log::totals::block::Block;
use crate::log::totals::track::Track;
use crate::store::MeterKey;
use crate::store::disk::{Disk, Shelf};

/// How far recomputing has come.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Recomputed {
    /// How many quarters of an hour count differently now.
    pub changed: u64,
    /// Where to continue; `None` at the end.
    pub next: Option<i64>,
}

/// A jump at which a counter is held back: see [`Sum::held_back`](crate::log::totals::rollup::Sum::held_back).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HeldBack {
    /// The counter.
    pub track: Track,
    /// The position before the jump.
    pub from: Number,
    /// The position that the meter reports.
    pub to: Number,
    /// When the meter first reported it.
    pub at: Moment,
}

impl<D: Disk> Journal<D> {
    /// Sets the times of reception of the readings that the user has confirmed for a meter. The confirmations apply to
    /// roll-ups computed from now on.
    pub fn confirm(&self, meter: &MeterKey, moments: BTreeSet<Moment>) {
        if moments.is_empty() {
            self.confirmed.borrow_mut().remove(meter);
        } else {
            self.confirmed.borrow_mut().insert(meter.clone(), moments);
        }
    }

    /// The moments confirmed for a meter.
    #[must_use]
    pub fn confirmed(&self, meter: &MeterKey) -> BTreeSet<Moment> {
        self.confirmed.borrow().get(meter).cloned().unwrap_or_default()
    }

    /// The moments confirmed for all meters.
    #[must_use]
    pub fn all_confirmed(&self) -> BTreeMap<MeterKey, BTreeSet<Moment>> {
        self.confirmed.borrow().iter().map(|(meter, moments)| (meter.clone(), moments.clone())).collect()
    }

    /// The jumps at which a meter's counters are held back now.
    ///
    /// # Errors
    /// If the disk cannot be read.
    pub async fn held_back(&self, meter: &MeterKey) -> Result<Vec<HeldBack>, LogError> {
        // The newest entry in log order, not by its time: the clock may once have been ahead.
        let newest = self.look(meter, |volume| {
            let of_chunks = volume.directory.spans().iter().map(|span| span.to);
            of_chunks.chain(volume.tail.entries().iter().map(|entry| entry.received)).last()
        });
        let Some(newest) = newest.await? else { return Ok(Vec::new()) };
        let last = Day::of(Quarter::of(newest), self.zone.get());
        let since = Day(last.0.saturating_sub(DAYS_BACK));
        let days = self.days(meter, since..=Day(i64::MAX), Track::is_counter).await?;
        let all = day_of(days.0.values());
        let held = all.tracks.into_iter().filter_map(|(track, sum)| {
            let (from, to, at) = sum.held_back()?;
            Some(HeldBack { track, from, to, at: at? })
        });
        Ok(held.collect())
    }

    /// Recomputes the next month of a meter's roll-ups, starting with the row of this number; `i64::MIN` is the
    /// beginning.
    ///
    /// # Errors
    /// If the disk cannot be read or written, or a newer version has written the log. In that case, the previous totals
    /// stay.
    pub async fn recompute(&self, meter: &MeterKey, from: i64) -> Result<Recomputed, LogError> {
        let mut one = self.volumes.one(meter).await;
        let volume = self.opened(meter, &mut one).await?;
        volume.all_is_known()?;
        // The next chunk reads the blocks again, even if recomputing fails.
        volume.newest = Known::default();
        let rows = self.rows(Shelf::Quarters, meter, from..=i64::MAX, AT_ONCE).await?;
        let next = rows.last().filter(|_| rows.len() == AT_ONCE).map(|(row, _)| row.saturating_add(1));
        let (mut rolling, mut changed) = (Rolling::default(), 0);
        for (row, bytes) in rows {
            let known = match Block::read(&bytes) {
                Ok(block) => block,
                Err(damage) => {
                    self.report(meter, Shelf::Quarters, row, damage, None);
                    damage.newer().map_or(Ok(()), |version| Err(LogError::Newer(version)))?;
                    Block::default()
                }
            };
            let mut block = self.recomputed_quarters(meter, &volume.directory, row).await?;
            for (quarter, before) in &known.0 {
                let whole = block.0.get(quarter).is_some_and(|new| new.readings >= before.readings);
                if !whole {
                    block.0.insert(*quarter, before.clone());
                }
            }
            let differ = |quarter: &&i64| known.0.get(quarter) != block.0.get(quarter);
            let different: BTreeSet<i64> = block.0.keys().filter(differ).copied().collect();
            let counts_otherwise = |quarter: &&i64| match (known.0.get(quarter), block.0.get(quarter)) {
                (Some(before), Some(new)) => !before.counts_like(new),
                _ => true,
            };
            changed += different.iter().filter(counts_otherwise).count() as u64;
            rolling.replace(row, block, &days_of(&different, self.zone.get()));
        }
        let (changes, _) = self.rolled(meter, &volume.directory, rolling).await?;
        self.commit(meter, changes).await?;
        Ok(Recomputed { changed, next })
    }
}

/// How many days of roll-ups are searched for jumps. A jump that has been held back for longer is no longer found.
const DAYS_BACK: i64 = 40;
