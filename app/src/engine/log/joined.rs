//! Reading a meter's logs: its own and what was imported for it.

use std::ops::RangeInclusive;

use metertap_readings::entry::{Entry, Moment};
use metertap_readings::files::import::Import;
use metertap_readings::log::format::chunk::Shape;
use metertap_readings::log::journal::Grain;
use metertap_readings::log::totals::block::Block;
use metertap_readings::log::totals::track::Track;
use metertap_readings::store::MeterKey;
use metertap_readings::view::series::Series;

use super::{Log, failed};
use crate::browser::indexed_db::DatabaseError;

impl Log {
    /// The logs that a meter's readings are in, the oldest first, and its own last.
    pub(crate) fn logs(&self, meter: &MeterKey) -> Vec<MeterKey> {
        Import::logs(meter, &self.ledger.borrow().imports)
    }

    /// The next entries of one log; see [`Journal::walk`](metertap_readings::log::journal::Journal::walk).
    pub(crate) async fn walk(
        &self,
        log: &MeterKey,
        seqs: RangeInclusive<u64>,
        moments: &RangeInclusive<Moment>,
        to: impl FnMut(&Entry),
    ) -> Result<Option<u64>, DatabaseError> {
        self.journal.walk(log, seqs, moments, to).await.map_err(failed)
    }

    /// The next lists of registers of one log.
    pub(crate) async fn walk_lists(
        &self,
        log: &MeterKey,
        seqs: RangeInclusive<u64>,
        moments: &RangeInclusive<Moment>,
        to: impl FnMut(&mut dyn Iterator<Item = &Shape>),
    ) -> Result<Option<u64>, DatabaseError> {
        self.journal.walk_lists(log, seqs, moments, to).await.map_err(failed)
    }

    /// What the next quarters or days of a meter came to in all of its logs, and where to go on.
    pub(crate) async fn walk_periods(
        &self,
        meter: &MeterKey,
        grain: Grain,
        range: RangeInclusive<i64>,
        wanted: impl Fn(Track) -> bool,
    ) -> Result<(Block, Option<i64>), DatabaseError> {
        let (mut all, mut end): (Block, Option<i64>) = (Block::default(), None);
        for log in self.logs(meter) {
            let walked = self.journal.walk_periods(&log, grain, range.clone(), &wanted).await;
            let (Block(periods), next) = walked.map_err(failed)?;
            // A quarter has one log; a day may have begun in one and ended in another.
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
    pub(crate) async fn count(
        &self,
        meter: &MeterKey,
        moments: RangeInclusive<Moment>,
    ) -> Result<u64, DatabaseError> {
        let mut count = 0;
        for log in self.logs(meter) {
            count += self.journal.count(&log, moments.clone()).await.map_err(failed)?;
        }
        Ok(count)
    }

    /// Lowest and highest power of each column of a picture.
    ///
    /// # Errors
    /// Where the browser has taken the storage away.
    pub async fn picture(
        &self,
        meter: &MeterKey,
        (from, to): (Moment, Moment),
        columns: u32,
    ) -> Result<Series, DatabaseError> {
        let mut all = Series::new(from, to, columns);
        for log in self.logs(meter) {
            let put = |moment, least, most| all.put_watts(moment, least, most);
            let drawn = self.journal.extremes(&log, Track::NetPower, (from, to), columns, put).await;
            drawn.map_err(failed)?;
        }
        Ok(all)
    }
}
