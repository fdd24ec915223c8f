//! The bytes around faults: for each meter, those of its newest faults.

use super::Archive;
use crate::log::journal::LogError;
use crate::store::disk::{Change, Disk};
use crate::store::{DiskError, KeptOctets, MeterKey, Name, Record, Records};

impl<D: Disk> Archive<D> {
    /// Stores the bytes around a fault, and deletes the bytes of faults that are too old.
    ///
    /// # Errors
    /// If the disk cannot be read or written.
    pub async fn keep_octets(&self, meter: &MeterKey, kept: &KeptOctets) -> Result<(), LogError> {
        let _alone = self.0.alone.lock().await;
        let known = self.0.last_octets.borrow().get(meter).copied();
        let (last, mut changes) = match known {
            Some(last) => (last, Vec::new()),
            None => self.last_octets(meter).await?,
        };
        let number = last + 1;
        changes.push(Change::Add(Record::Kept(meter.clone(), number, kept.clone())));
        if let Some(old) = number.checked_sub(FAULTS_KEPT) {
            changes.push(Change::Drop(Name::Kept(meter.clone(), old)));
        }
        // If the write fails, the next call looks again at what the disk has.
        self.0.last_octets.borrow_mut().remove(meter);
        self.0.disk.commit(changes).await?;
        self.0.last_octets.borrow_mut().insert(meter.clone(), number);
        Ok(())
    }

    /// Returns the bytes kept around faults, the oldest first.
    ///
    /// # Errors
    /// If the disk cannot be read.
    pub async fn kept_octets(&self, meter: &MeterKey) -> Result<Vec<KeptOctets>, LogError> {
        let records = self.0.disk.records(&Records::KeptOf(meter.clone())).await?.into_iter();
        let kept =
            records.filter_map(|record| if let Record::Kept(.., kept) = record { Some(kept) } else { None });
        Ok(kept.collect())
    }

    /// The number of the newest kept bytes, and the changes that delete those that are too old by now.
    async fn last_octets(&self, meter: &MeterKey) -> Result<(u64, Vec<Change>), DiskError> {
        let records = self.0.disk.records(&Records::KeptOf(meter.clone())).await?;
        let numbers =
            records.iter().map(|record| if let Record::Kept(_, number, _) = record { *number } else { 0 });
        let last = numbers.clone().max().unwrap_or_default();
        let old = numbers.filter(|number| number.saturating_add(FAULTS_KEPT) <= last);
        Ok((last, old.map(|number| Change::Drop(Name::Kept(meter.clone(), number))).collect()))
    }
}

/// For how many faults of a meter the bytes are kept.
const FAULTS_KEPT: u64 = 50;
