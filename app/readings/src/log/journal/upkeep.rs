//! Upkeep of a journal: thinning old readings, and removing a meter.

use super::super::directory::Directory;
use super::super::tail::number;
use super::{Journal, LogError};
use crate::entry::Moment;
use crate::store::MeterKey;
use crate::store::disk::{Change, Disk, Shelf};

/// What thinning let go of.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Thinned {
    /// How many entries.
    pub entries: u64,
    /// How many octets they took.
    pub octets: u64,
}

impl<D: Disk> Journal<D> {
    /// Lets go of the oldest chunks, as far as all of their entries were received before this moment. Roll-ups stay, and
    /// so does the newest chunk, which knows how far the numbers have come.
    ///
    /// # Errors
    /// Where the disk cannot: nothing is gone then.
    pub async fn thin(&self, meter: &MeterKey, before: Moment) -> Result<Thinned, LogError<D::Error>> {
        let mut volumes = self.volumes.lock().await;
        let mut volume = match volumes.remove(meter) {
            Some(volume) => volume,
            None => self.open(meter).await?,
        };
        let spans = volume.directory.spans();
        let newest = spans.len().saturating_sub(1);
        let gone = spans.iter().take(newest).take_while(|span| span.to < before).count();
        let (gone, kept) = spans.split_at(gone);
        let thinned = Thinned {
            entries: gone.iter().map(|span| span.entries).sum(),
            octets: gone.iter().map(|span| span.octets).sum(),
        };
        if let Some(last) = gone.last() {
            let (directory, mut changes) = Directory::rewrite(kept.to_vec());
            changes.push(Change::Delete(Shelf::Chunks, i64::MIN..=number(last.first)));
            self.disk.commit(meter, changes).await.map_err(LogError::Disk)?;
            volume.directory = directory;
        }
        volumes.insert(meter.clone(), volume);
        Ok(thinned)
    }

    /// Removes a meter's log; one that is not there is removed already.
    ///
    /// # Errors
    /// Where the disk cannot: nothing is gone then.
    pub async fn remove(&self, meter: &MeterKey) -> Result<(), LogError<D::Error>> {
        let mut volumes = self.volumes.lock().await;
        volumes.remove(meter);
        let all = |shelf: &Shelf| Change::Delete(*shelf, i64::MIN..=i64::MAX);
        self.disk.commit(meter, Shelf::ALL.iter().map(all).collect()).await.map_err(LogError::Disk)
    }
}
