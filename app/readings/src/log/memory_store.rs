//! [`MemoryStore`]: a [`Store`] over a disk in memory. It and its disk keep their contracts.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::ops::RangeInclusive;
use std::rc::Rc;

use metertap_decoder::reading::Reading;
use metertap_decoder::time::Zone;

use super::contract::disk_contract;
use super::journal::{Journal, LogError};
use crate::entry::{Entry, Moment};
use crate::samples::at_once;
use crate::store::contract::contract;
use crate::store::{DiskError, MemoryDisk, MeterKey, MeterRecord, Store};

/// A store in memory. Clones are views of one and the same log.
#[derive(Clone, Debug)]
struct MemoryStore {
    journal: Rc<Journal<MemoryDisk>>,
    records: Rc<RefCell<Records>>,
}

#[derive(Debug, Default)]
struct Records {
    meters: BTreeMap<MeterKey, MeterRecord>,
    cursors: HashMap<(MeterKey, String), u64>,
    settings: HashMap<String, String>,
}

impl Default for MemoryStore {
    fn default() -> Self {
        let journal = Journal::new(MemoryDisk::default(), Zone::default());
        Self { journal: Rc::new(journal), records: Rc::default() }
    }
}

impl Store for MemoryStore {
    type Error = LogError;

    async fn append(
        &self,
        meter: &MeterKey,
        received: Moment,
        reading: &Reading,
    ) -> Result<u64, Self::Error> {
        self.journal.append(meter, received, reading).await
    }

    async fn range(
        &self,
        meter: &MeterKey,
        seqs: RangeInclusive<u64>,
        most: usize,
    ) -> Result<Vec<Entry>, Self::Error> {
        self.journal.range(meter, seqs, most).await
    }

    async fn received(
        &self,
        meter: &MeterKey,
        moments: RangeInclusive<Moment>,
        most: usize,
    ) -> Result<Vec<Entry>, Self::Error> {
        self.journal.page(meter, (*moments.start(), 0), *moments.end(), most).await
    }

    async fn span(&self, meter: &MeterKey) -> Result<Option<(u64, u64)>, Self::Error> {
        self.journal.span(meter).await
    }

    async fn meters(&self) -> Result<Vec<MeterRecord>, Self::Error> {
        Ok(self.records.borrow().meters.values().cloned().collect())
    }

    async fn keep_meter(&self, meter: &MeterRecord) -> Result<(), Self::Error> {
        self.records.borrow_mut().meters.insert(meter.key.clone(), meter.clone());
        Ok(())
    }

    async fn remove_meter(&self, meter: &MeterKey) -> Result<(), Self::Error> {
        self.journal.remove(meter).await?;
        let mut records = self.records.borrow_mut();
        records.meters.remove(meter);
        records.cursors.retain(|(of, _), _| of != meter);
        Ok(())
    }

    async fn cursor(&self, reader: &str, meter: &MeterKey) -> Result<u64, Self::Error> {
        let place = (meter.clone(), reader.to_owned());
        Ok(self.records.borrow().cursors.get(&place).copied().unwrap_or_default())
    }

    async fn set_cursor(&self, reader: &str, meter: &MeterKey, seq: u64) -> Result<(), Self::Error> {
        self.records.borrow_mut().cursors.insert((meter.clone(), reader.to_owned()), seq);
        Ok(())
    }

    async fn setting(&self, name: &str) -> Result<Option<String>, Self::Error> {
        Ok(self.records.borrow().settings.get(name).cloned())
    }

    async fn set_setting(&self, name: &str, value: Option<&str>) -> Result<(), Self::Error> {
        let settings = &mut self.records.borrow_mut().settings;
        match value {
            Some(value) => settings.insert(name.to_owned(), value.to_owned()),
            None => settings.remove(name),
        };
        Ok(())
    }
}

#[test]
fn keeps_the_contract() {
    let stores = RefCell::new(HashMap::<String, MemoryStore>::new());
    let open = async |name: &str| stores.borrow_mut().entry(name.to_owned()).or_default().clone();
    at_once(contract(open));
}

#[test]
fn the_disk_keeps_its_contract() {
    let disks = RefCell::new(HashMap::<String, MemoryDisk>::new());
    let open = async |name: &str| disks.borrow_mut().entry(name.to_owned()).or_default().clone();
    at_once(disk_contract(open));
}
