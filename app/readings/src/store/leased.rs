//! [`Leased`]: a disk that only one of several tabs may write, for browsers without locks that decide which one.
//!
//! A tab that begins to write stores a number on the disk. Each of its changes is made only if no other tab's number
//! has replaced that number. So if a tab was asleep while another began to write, it changes nothing when it wakes up.

use std::cell::RefCell;
use std::ops::RangeInclusive;
use std::rc::Rc;

use super::disk::{Change, Disk, Row, Shelf};
use super::{Connection, DiskError, Internal, MeterKey, Name, Record, Records};
use crate::entry::Entry;

/// A disk, and the lease on it. Clones share both.
#[derive(Clone, Debug)]
pub struct Leased<D> {
    disk: D,
    lease: Rc<RefCell<Lease>>,
}

#[derive(Debug, Default)]
struct Lease {
    /// The record that must be on the disk; `None` if something else decides who writes.
    ours: Option<Record>,
    /// Whether a change was refused because another tab has taken the lease.
    is_lost: bool,
}

impl<D: Disk> Leased<D> {
    pub(crate) fn new(disk: D) -> Self {
        Self { disk, lease: Rc::default() }
    }

    /// Takes the lease from its holder. Without a number there is no lease, because something else decides who writes.
    ///
    /// # Errors
    /// If the disk cannot be read or written.
    pub(crate) async fn take(&self, number: Option<u32>) -> Result<(), DiskError> {
        self.lease.replace(Lease::default());
        let Some(number) = number else { return Ok(()) };
        let ours = Record::Internal(Internal::Writer, number.to_string());
        match self.disk.commit(vec![Change::Keep(ours.clone())]).await {
            // At least the other tab's number is deleted. Ours is written with the first change that finds room.
            Err(DiskError::Full) => self.disk.commit(vec![Change::Drop(NAME)]).await?,
            taken => taken?,
        }
        self.lease.borrow_mut().ours = Some(ours);
        Ok(())
    }

    pub(crate) fn is_lost(&self) -> bool {
        self.lease.borrow().is_lost
    }

    async fn holder(&self) -> Result<Option<Record>, DiskError> {
        let mut records = self.disk.records(&Records::Internal).await?.into_iter();
        Ok(records.find(|record| record.name() == NAME))
    }
}

impl<D: Disk> Disk for Leased<D> {
    async fn rows(
        &self,
        shelf: Shelf,
        meter: &MeterKey,
        numbers: RangeInclusive<i64>,
        most: usize,
    ) -> Result<Vec<Row>, DiskError> {
        self.disk.rows(shelf, meter, numbers, most).await
    }

    /// Leaves out the lease, so that it is not restored with the other records after the browser has cleared the disk.
    async fn records(&self, of: &Records) -> Result<Vec<Record>, DiskError> {
        let mut records = self.disk.records(of).await?;
        records.retain(|record| record.name() != NAME);
        Ok(records)
    }

    async fn commit(&self, changes: Vec<Change>) -> Result<(), DiskError> {
        let ours = self.lease.borrow().ours.clone();
        let Some(ours) = ours else { return self.disk.commit(changes).await };
        let expected = Change::Expect(NAME, Some(ours.clone()));
        let made = self.disk.commit([vec![expected], changes.clone()].concat()).await;
        if made != Err(DiskError::Taken) {
            return made;
        }
        match self.holder().await? {
            Some(holder) if holder == ours => made,
            Some(_) => {
                self.lease.borrow_mut().is_lost = true;
                self.disk.close();
                Err(DiskError::Closed)
            }
            // The browser has cleared the lease together with everything else.
            None => {
                let renewed = vec![Change::Expect(NAME, None), Change::Keep(ours)];
                self.disk.commit([renewed, changes].concat()).await
            }
        }
    }

    async fn version_1(
        &self,
        from: (&MeterKey, u64),
        most: usize,
    ) -> Result<Vec<(MeterKey, Entry)>, DiskError> {
        self.disk.version_1(from, most).await
    }

    fn connection(&self) -> Connection {
        self.disk.connection()
    }

    fn why_closed(&self) -> Option<DiskError> {
        self.disk.why_closed()
    }

    fn close(&self) {
        self.disk.close();
    }

    async fn reopen(&self) -> Result<(), DiskError> {
        self.disk.reopen().await
    }
}

const NAME: Name = Name::Internal(Internal::Writer);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::at_once;
    use crate::store::MemoryDisk;

    fn keep(disk: &Leased<MemoryDisk>, value: &str) -> Result<(), DiskError> {
        at_once(disk.commit(vec![Change::Keep(Record::Setting("a".into(), value.into()))]))
    }

    fn value(disk: &Leased<MemoryDisk>) -> Option<String> {
        at_once(disk.records(&Records::Settings)).unwrap().into_iter().find_map(|record| match record {
            Record::Setting(_, value) => Some(value),
            _ => None,
        })
    }

    #[test]
    fn only_the_last_lease_holder_writes() {
        let disk = MemoryDisk::default();
        let (one, two) = (Leased::new(disk.clone()), Leased::new(disk.another()));
        at_once(one.take(Some(1))).unwrap();
        assert_eq!(keep(&one, "one"), Ok(()));
        at_once(two.take(Some(2))).unwrap();
        assert_eq!((keep(&one, "late"), one.is_lost()), (Err(DiskError::Closed), true));
        assert!(one.why_closed().is_some());
        assert_eq!((keep(&two, "two"), two.is_lost()), (Ok(()), false));
        assert_eq!(value(&two).as_deref(), Some("two"));
        assert_eq!(at_once(two.records(&Records::Internal)), Ok(vec![]), "the lease is not visible");
    }

    #[test]
    fn a_cleared_lease_is_acquired_again() {
        let disk = MemoryDisk::default();
        let one = Leased::new(disk.clone());
        at_once(one.take(Some(1))).unwrap();
        disk.clear();
        assert_eq!(keep(&one, "again"), Ok(()));
        assert_eq!(keep(&one, "and again"), Ok(()));
        assert!(!one.is_lost());
    }

    #[test]
    fn a_name_already_taken_is_not_a_lost_lease() {
        let one = Leased::new(MemoryDisk::default());
        at_once(one.take(Some(1))).unwrap();
        let new = || vec![Change::Add(Record::Setting("a".into(), "1".into()))];
        assert_eq!(at_once(one.commit(new())), Ok(()));
        assert_eq!((at_once(one.commit(new())), one.is_lost()), (Err(DiskError::Taken), false));
    }

    #[test]
    fn a_full_disk_grants_the_lease_once_there_is_room() {
        let disk = MemoryDisk::default();
        let (one, two) = (Leased::new(disk.clone()), Leased::new(disk.another()));
        at_once(one.take(Some(1))).unwrap();
        disk.limit(Some(0));
        assert_eq!(at_once(two.take(Some(2))), Ok(()));
        assert_eq!(keep(&two, "two"), Err(DiskError::Full));
        disk.limit(None);
        assert_eq!(keep(&two, "two"), Ok(()));
        assert_eq!(keep(&one, "one"), Err(DiskError::Closed));
    }
}
