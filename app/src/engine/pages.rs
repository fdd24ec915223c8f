//! [`Pages`]: a walk through a meter's log in the order of time, a page at a time.

use metertap_readings::entry::{Entry, Moment};
use metertap_readings::store::MeterKey;

use super::log::Log;
use crate::browser::indexed_db::DatabaseError;

/// The entries that were received in a span of time and were in the log when the walk began.
pub(crate) struct Pages<'a> {
    log: &'a Log,
    meter: &'a MeterKey,
    /// The next entry has this moment and this number, or comes later.
    next: (Moment, u64),
    to: Moment,
    last: u64,
}

impl<'a> Pages<'a> {
    /// From the first moment up to and including the last; entries behind this number are left out, however early
    /// they were received.
    pub(crate) fn new(log: &'a Log, meter: &'a MeterKey, (from, to): (Moment, Moment), last: u64) -> Self {
        Self { log, meter, next: (from, 0), to, last }
    }

    /// How many entries the whole walk meets at most.
    pub(crate) async fn entries(&self) -> Result<u64, DatabaseError> {
        self.log.count(self.meter, self.next.0..=self.to).await
    }

    /// The next entries; none at the end.
    pub(crate) async fn next(&mut self) -> Result<Vec<Entry>, DatabaseError> {
        loop {
            let mut page = self.log.page(self.meter, self.next, self.to, PAGE).await?;
            let Some(end) = page.last() else { return Ok(page) };
            self.next = (end.received, end.seq + 1);
            page.retain(|entry| entry.seq <= self.last);
            if !page.is_empty() {
                return Ok(page);
            }
        }
    }
}

const PAGE: u32 = 500;
