//! [`MemoryStore`]: a [`Store`] for tests, which survives nothing but being opened twice, and [`MemoryDisk`] below it,
//! which fails on demand.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, HashMap};
use std::ops::RangeInclusive;
use std::rc::Rc;

use metertap_decoder::reading::Reading;
use metertap_decoder::time::Zone;

use super::disk::{Change, Disk, Row, Shelf};
use super::{MeterKey, MeterRecord, Store};
use crate::entry::{Entry, Moment};
use crate::log::journal::{Journal, LogError};

/// Rows in memory. Clones are views of one and the same disk.
#[derive(Clone, Debug, Default)]
pub struct MemoryDisk(Rc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    rows: RefCell<Rows>,
    room: Cell<Option<usize>>,
    crash: Cell<Option<Crash>>,
}

type Rows = BTreeMap<Key, Vec<u8>>;
type Key = (Shelf, MeterKey, i64);

/// When the program ends in the middle of a change.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Crash {
    /// Before the disk has anything of it.
    Before,
    /// When the disk has all of it, but nobody heard.
    After,
}

/// Why a disk in memory did not do it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum MemoryError {
    /// There is no room left for the rows.
    Full,
    /// A new row has the number of one that is there.
    Taken,
    /// The crash that was asked for.
    Crashed,
}

impl MemoryDisk {
    /// From now on there is room for so many octets in rows; none for any number of them. As in browsers, what only
    /// deletes is done on a disk that is too full for anything else.
    pub fn limit(&self, room: Option<usize>) {
        self.0.room.set(room);
    }

    /// The next change ends in a crash.
    pub fn crash(&self, crash: Crash) {
        self.0.crash.set(Some(crash));
    }

    /// All rows are gone, as when a browser clears its storage.
    pub fn clear(&self) {
        self.0.rows.borrow_mut().clear();
    }

    /// Changes an octet in the middle of a row, as a dying disk would; answers whether there is such a row.
    pub fn damage(&self, shelf: Shelf, meter: &MeterKey, number: i64) -> bool {
        let mut rows = self.0.rows.borrow_mut();
        let Some(octets) = rows.get_mut(&(shelf, meter.clone(), number)) else { return false };
        let middle = octets.len() / 2;
        octets.get_mut(middle).map(|octet| *octet ^= 0x40).is_some()
    }

    /// The numbers of a shelf's rows.
    #[must_use]
    pub fn numbers(&self, shelf: Shelf, meter: &MeterKey) -> Vec<i64> {
        let of = |(on, of, _): &&Key| *on == shelf && of == meter;
        self.0.rows.borrow().keys().filter(of).map(|(_, _, number)| *number).collect()
    }

    /// How many octets a shelf's rows have.
    #[must_use]
    pub fn octets(&self, shelf: Shelf) -> usize {
        self.0.rows.borrow().iter().filter(|((on, ..), _)| *on == shelf).map(|(_, octets)| octets.len()).sum()
    }
}

impl Disk for MemoryDisk {
    type Error = MemoryError;

    async fn rows(
        &self,
        shelf: Shelf,
        meter: &MeterKey,
        numbers: RangeInclusive<i64>,
        most: usize,
    ) -> Result<Vec<Row>, MemoryError> {
        if numbers.is_empty() {
            return Ok(Vec::new());
        }
        let key = |number: &i64| (shelf, meter.clone(), *number);
        let rows = self.0.rows.borrow();
        let found = rows.range(key(numbers.start())..=key(numbers.end())).take(most);
        Ok(found.map(|((.., number), octets)| (*number, octets.clone())).collect())
    }

    async fn commit(&self, meter: &MeterKey, changes: Vec<Change>) -> Result<(), MemoryError> {
        let crash = self.0.crash.take();
        if crash == Some(Crash::Before) {
            return Err(MemoryError::Crashed);
        }
        let mut rows = self.0.rows.borrow_mut();
        let mut undo = Vec::new();
        let mut put = |rows: &mut Rows, key: Key, octets: Option<Vec<u8>>| {
            let before = match octets {
                Some(octets) => rows.insert(key.clone(), octets),
                None => rows.remove(&key),
            };
            let is_new = before.is_none();
            undo.push((key, before));
            is_new
        };
        let mut failed = None;
        let writes = changes.iter().any(|change| !matches!(change, Change::Delete(..)));
        for change in changes {
            match change {
                Change::Insert(shelf, number, octets) => {
                    if !put(&mut rows, (shelf, meter.clone(), number), Some(octets)) {
                        failed = Some(MemoryError::Taken);
                    }
                }
                Change::Put(shelf, number, octets) => {
                    put(&mut rows, (shelf, meter.clone(), number), Some(octets));
                }
                Change::Delete(shelf, numbers) => {
                    let key = |number: &i64| (shelf, meter.clone(), *number);
                    let gone = rows.range(key(numbers.start())..=key(numbers.end()));
                    let gone: Vec<Key> = gone.map(|(key, _)| key.clone()).collect();
                    gone.into_iter().for_each(|key| {
                        put(&mut rows, key, None);
                    });
                }
            }
        }
        if writes && self.0.room.get().is_some_and(|room| rows.values().map(Vec::len).sum::<usize>() > room) {
            failed = Some(MemoryError::Full);
        }
        if let Some(error) = failed {
            for (key, before) in undo.into_iter().rev() {
                match before {
                    Some(octets) => rows.insert(key, octets),
                    None => rows.remove(&key),
                };
            }
            return Err(error);
        }
        if crash == Some(Crash::After) { Err(MemoryError::Crashed) } else { Ok(()) }
    }
}

/// A store in memory. Clones are views of one and the same log.
#[derive(Clone, Debug)]
pub struct MemoryStore {
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
    type Error = LogError<MemoryError>;

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::at_once;

    #[test]
    fn keeps_the_contract() {
        let stores = RefCell::new(HashMap::<String, MemoryStore>::new());
        let open = async |name: &str| stores.borrow_mut().entry(name.to_owned()).or_default().clone();
        at_once(super::super::contract::contract(open));
    }

    #[test]
    fn the_disk_keeps_its_contract() {
        let disks = RefCell::new(HashMap::<String, MemoryDisk>::new());
        let open = async |name: &str| disks.borrow_mut().entry(name.to_owned()).or_default().clone();
        at_once(super::super::contract::disk_contract(open));
    }
}
