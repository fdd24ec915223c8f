//! Computing a journal's roll-ups anew from the readings that are kept.
//!
//! Quarters whose readings are all there come out as they would today; quarters of which some readings have been thinned
//! stay as they are, because nothing else knows what was in them.

use std::collections::BTreeSet;

use super::super::block::Block;
use super::super::tail::days_of;
use super::rolling::{Known, Rolling};
use super::{AT_ONCE, Journal, LogError, Volume};
use crate::store::MeterKey;
use crate::store::disk::{Disk, Shelf};

/// How far computing anew has come.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Recomputed {
    /// How many quarters of an hour count otherwise than before.
    pub changed: u64,
    /// Where to go on; none at the end.
    pub next: Option<i64>,
}

impl<D: Disk> Journal<D> {
    /// Computes the next month of a meter's roll-ups anew, from the row of that number on; `i64::MIN` is the beginning.
    ///
    /// # Errors
    /// Where the disk cannot, or a newer version has written the log: what was computed before stays.
    pub async fn recompute(&self, meter: &MeterKey, from: i64) -> Result<Recomputed, LogError<D::Error>> {
        let mut volumes = self.volumes.lock().await;
        let volume = match volumes.remove(meter) {
            Some(volume) => volume,
            None => self.open(meter).await?,
        };
        volume.all_is_known()?;
        let rows = self.rows(Shelf::Quarters, meter, from..=i64::MAX, AT_ONCE).await?;
        let next = rows.last().filter(|_| rows.len() == AT_ONCE).map(|(row, _)| row.saturating_add(1));
        let (mut rolling, mut changed) = (Rolling::default(), 0);
        for (row, octets) in rows {
            let known = match Block::read(&octets) {
                Ok(block) => block,
                Err(damage) => {
                    self.report(meter, Shelf::Quarters, row, damage, None);
                    damage.newer().map_or(Ok(()), |version| Err(LogError::Newer(version)))?;
                    Block::default()
                }
            };
            let mut block = self.quarters_anew(meter, &volume.directory, row).await?;
            for (quarter, before) in &known.0 {
                let whole = block.0.get(quarter).is_some_and(|anew| anew.readings >= before.readings);
                if !whole {
                    block.0.insert(*quarter, before.clone());
                }
            }
            let differ = |quarter: &&i64| known.0.get(quarter) != block.0.get(quarter);
            let different: BTreeSet<i64> = block.0.keys().filter(differ).copied().collect();
            let counts_otherwise = |quarter: &&i64| match (known.0.get(quarter), block.0.get(quarter)) {
                (Some(before), Some(anew)) => !before.counts_like(anew),
                _ => true,
            };
            changed += different.iter().filter(counts_otherwise).count() as u64;
            rolling.replace(row, block, &days_of(&different, self.zone.get()));
        }
        let (changes, _) = self.rolled(meter, &volume.directory, rolling).await?;
        self.commit(meter, changes).await?;
        volumes.insert(meter.clone(), Volume { newest: Known::default(), ..volume });
        Ok(Recomputed { changed, next })
    }
}
