//! Reads all logs of a meter: its own and those imported for it.

use std::ops::RangeInclusive;

use super::Archive;
use crate::entry::{Entry, Moment};
use crate::files::import::Import;
use crate::log::format::chunk::Shape;
use crate::log::journal::{Grain, LogError};
use crate::log::totals::block::Block;
use crate::log::totals::track::Track;
use crate::store::MeterKey;
use crate::store::disk::Disk;
use crate::view::series::Series;

impl<D: Disk> Archive<D> {
    /// The logs that hold a meter's readings, the oldest first and its own last.
    #[must_use]
    pub fn logs(&self, meter: &MeterKey) -> Vec<MeterKey> {
        Import::logs(meter, &self.0.ledger.borrow().imports)
    }

    /// Passes the next entries of one log to `to`; see [`Journal::walk`](crate::log::journal::Journal::walk).
    ///
    /// # Errors
    /// If the disk cannot be read.
    pub async fn walk(
        &self,
        log: &MeterKey,
        seqs: RangeInclusive<u64>,
        moments: &RangeInclusive<Moment>,
        to: impl FnMut(&Entry),
    ) -> Result<Option<u64>, LogError> {
        self.journal().walk(log, seqs, moments, to).await
    }

    /// Passes the next lists of registers of one log to `to`; see
    /// [`Journal::walk_lists`](crate::log::journal::Journal::walk_lists).
    ///
    /// # Errors
    /// If the disk cannot be read.
    pub async fn walk_lists(
        &self,
        log: &MeterKey,
        seqs: RangeInclusive<u64>,
        moments: &RangeInclusive<Moment>,
        to: impl FnMut(&mut dyn Iterator<Item = &Shape>),
    ) -> Result<Option<u64>, LogError> {
        self.journal().walk_lists(log, seqs, moments, to).await
    }

    /// Returns the roll-ups of the next quarters or days of a meter, over all of its logs, and where to continue.
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
        let (mut all, mut end): (Block, Option<i64>) = (Block::default(), None);
        for log in self.logs(meter) {
            let walked = self.journal().walk_periods(&log, grain, range.clone(), &wanted).await;
            let (Block(periods), next) = walked?;
            // A day may have begun in one log and ended in another.
            for (period, rolled) in periods {
                all.0.entry(period).or_default().join(&rolled);
            }
            end = end.into_iter().chain(next).min();
        }
        if let Some(end) = end {
            all.0.retain(|period, _| *period < end);
        }
        Ok((all, end))
    }

    /// How many entries were received in this span of time.
    ///
    /// # Errors
    /// If the disk cannot be read.
    pub async fn count(&self, meter: &MeterKey, moments: RangeInclusive<Moment>) -> Result<u64, LogError> {
        let mut count = 0;
        for log in self.logs(meter) {
            count += self.journal().count(&log, moments.clone()).await?;
        }
        Ok(count)
    }

    /// The lowest and the highest power in each column of a chart of a meter's history.
    ///
    /// # Errors
    /// If the disk cannot be read.
    pub async fn picture(
        &self,
        meter: &MeterKey,
        span: (Moment, Moment),
        columns: u32,
    ) -> Result<Series, LogError> {
        self.curve(meter, Track::NetPower, span, columns).await
    }

    /// The lowest and the highest value of a track in each column of a chart of a meter's history.
    ///
    /// # Errors
    /// If the disk cannot be read.
    pub async fn curve(
        &self,
        meter: &MeterKey,
        track: Track,
        (from, to): (Moment, Moment),
        columns: u32,
    ) -> Result<Series, LogError> {
        let mut all = Series::new(from, to, columns);
        for (member, time) in self.timeline(meter).members() {
            for log in self.logs(member) {
                let put = |moment, least, most| all.put_watts(moment, least, most);
                self.journal().extremes(&log, track, (from, to), columns, &(time.from..time.to), put).await?;
            }
        }
        Ok(all)
    }
}
