//! Recovers a journal whose disk was taken away: compares what was known of its logs with what the disk holds now, and
//! continues every log that can be continued.
//!
//! A browser may clear its storage under an open page. The page still knows the newest entries of a log, and how far
//! its numbers have come. Both are written back to the disk, so that no number is ever given twice. What is missing is
//! reported.

use std::collections::HashMap;
use std::fmt;

use super::picture::Remembered;
use super::{Journal, LogError, Volume};
use crate::entry::{Entry, Moment};
use crate::log::format::chunk::{Chunk, TooLarge};
use crate::log::format::directory::Span;
use crate::log::journal::tail::{Tail, number};
use crate::store::disk::{Disk, RowChange, Shelf};
use crate::store::{DiskError, MeterKey};

/// What was known of logs before their disk was taken away, or before it became unknown what the disk holds.
#[derive(Debug, Default)]
pub(super) struct Before(HashMap<MeterKey, Known>);

#[derive(Debug)]
struct Known {
    volume: Volume,
    /// What is lost of the log, once that has been found out.
    gone: Option<Gone>,
}

/// Readings that are lost.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Gone {
    /// The number of readings.
    pub readings: u64,
    /// When the first and the last of them were received.
    pub span: Option<(Moment, Moment)>,
}

impl fmt::Display for Gone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.span {
            Some((from, to)) => write!(f, "{} readings from {from} to {to}", self.readings),
            None => write!(f, "{} readings", self.readings),
        }
    }
}

impl<D: Disk> Journal<D> {
    /// Recovers the disk by running `again`, which returns the logs that are to continue. Nothing is read or appended
    /// meanwhile. Returns what those logs have lost.
    ///
    /// # Errors
    /// If the disk fails again. The journal then still remembers its logs, but nothing may be appended until another
    /// try succeeds.
    pub async fn renew(
        &self,
        again: impl Future<Output = Result<Vec<MeterKey>, DiskError>>,
    ) -> Result<Vec<(MeterKey, Gone)>, LogError> {
        let mut all = self.volumes.all().await;
        self.before.borrow_mut().keep_all(all.take());
        *self.remembered.borrow_mut() = Remembered::default();
        let logs = again.await?;
        for log in &logs {
            let Some((next, newest)) = self.before.borrow().newest(log) else { continue };
            let mut now = self.open(log).await?;
            if now.next < next {
                self.before.borrow_mut().compare(log, &now);
                self.put_back(log, &mut now, next, newest).await?;
            }
            all.put(log, now);
        }
        let before = std::mem::take(&mut *self.before.borrow_mut());
        Ok(before.0.into_iter().filter_map(|(log, known)| Some((log, known.gone?))).collect())
    }

    /// Notes what another tab has reported about a log: when its first entry was received, and its newest entries. The
    /// journal uses the report if the disk turns out to hold less.
    pub fn heard_of(&self, log: &MeterKey, first: Option<Moment>, newest: &[Entry]) {
        let (Some(oldest), Some(last)) = (newest.first(), newest.last()) else { return };
        let mut volume = Volume { next: last.seq + 1, ..Volume::default() };
        newest.iter().for_each(|entry| volume.tail.push(entry.clone()));
        let entries = last.seq.saturating_sub(newest.len() as u64);
        if entries > 0 {
            let from = first.unwrap_or(oldest.received);
            // All other entries, as if they were one chunk: it is unknown when each of them was received.
            let span = Span { first: 1, last: last.seq, entries, from, to: last.received, bytes: 0 };
            volume.directory.push(span);
        }
        let mut before = self.before.borrow_mut();
        // A journal that has written the log knows more, unless another one has continued the log since.
        if before.0.get(log).is_none_or(|known| known.volume.next < volume.next) {
            before.insert(log.clone(), volume);
        }
    }

    /// Writes back entries that the disk has lost, and lets the numbers continue from `next`.
    async fn put_back(
        &self,
        log: &MeterKey,
        volume: &mut Volume,
        next: u64,
        newest: Vec<Entry>,
    ) -> Result<(), LogError> {
        let missing: Vec<Entry> = newest.into_iter().filter(|entry| entry.seq >= volume.next).collect();
        // A row without an entry also tells which numbers were given.
        let row = Chunk::write(&missing).map_err(|TooLarge| LogError::TooLarge)?;
        self.commit(log, vec![RowChange::Insert(Shelf::Tail, number(next - 1), row)]).await?;
        missing.into_iter().for_each(|entry| volume.tail.push(entry));
        volume.next = next;
        Ok(())
    }
}

impl Before {
    pub(super) fn keep_all(&mut self, volumes: impl Iterator<Item = (MeterKey, Volume)>) {
        volumes.for_each(|(log, volume)| self.insert(log, volume));
    }

    /// Keeps what is still known of a log after a failed change: everything before this number.
    pub(super) fn keep(&mut self, log: &MeterKey, mut volume: Volume, next: u64) {
        let mut tail = Tail::default();
        let kept = volume.tail.entries().iter().filter(|entry| entry.seq < next);
        kept.for_each(|entry| tail.push(entry.clone()));
        (volume.tail, volume.next) = (tail, next);
        self.insert(log.clone(), volume);
    }

    /// Keeps a volume, unless the known one has come further: a log that was found empty does not replace what another
    /// tab reported about it.
    fn insert(&mut self, log: MeterKey, volume: Volume) {
        match self.0.get_mut(&log) {
            // `gone` stays: that loss has not been reported yet.
            Some(known) if known.volume.next <= volume.next => known.volume = volume,
            Some(_) => {}
            None => drop(self.0.insert(log, Known { volume, gone: None })),
        }
    }

    /// Forgets what was kept of a log, because the disk's rows are known again.
    pub(super) fn forget(&mut self, log: &MeterKey) {
        self.0.remove(log);
    }

    /// The number that the log's next entry would have got, and the newest entries before it.
    fn newest(&self, log: &MeterKey) -> Option<(u64, Vec<Entry>)> {
        self.0.get(log).map(|known| (known.volume.next, known.volume.tail.entries().to_vec()))
    }

    /// Finds out what a log has lost: the chunks that are no longer there. Its newest entries do not count as lost,
    /// because they are written back.
    fn compare(&mut self, log: &MeterKey, now: &Volume) {
        let Some(known) = self.0.get_mut(log) else { return };
        let is_there = |first| now.directory.spans().iter().any(|span| span.first == first);
        let spans = known.volume.directory.spans().iter().filter(|span| !is_there(span.first));
        let mut gone = Gone::default();
        for span in spans {
            let (from, to) = gone.span.unwrap_or((span.from, span.to));
            gone.readings += span.entries;
            gone.span = Some((from.min(span.from), to.max(span.to)));
        }
        known.gone.get_or_insert(gone);
    }
}
