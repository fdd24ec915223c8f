//! [`MemoryDisk`]: a disk for tests, which survives nothing but being opened twice, and fails on demand.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::rc::Rc;

use super::disk::{Change, Disk, Row, RowChange, Shelf};
use super::{DiskError, MeterKey};

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
    async fn rows(
        &self,
        shelf: Shelf,
        meter: &MeterKey,
        numbers: RangeInclusive<i64>,
        most: usize,
    ) -> Result<Vec<Row>, DiskError> {
        if numbers.is_empty() {
            return Ok(Vec::new());
        }
        let key = |number: &i64| (shelf, meter.clone(), *number);
        let rows = self.0.rows.borrow();
        let found = rows.range(key(numbers.start())..=key(numbers.end())).take(most);
        Ok(found.map(|((.., number), octets)| (*number, octets.clone())).collect())
    }

    async fn commit(&self, changes: Vec<Change>) -> Result<(), DiskError> {
        let crash = self.0.crash.take();
        if crash == Some(Crash::Before) {
            return Err(DiskError::Closed);
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
        let changes = changes.into_iter().flat_map(|Change::Rows(meter, changes)| {
            changes.into_iter().map(move |change| (meter.clone(), change))
        });
        let mut writes = false;
        for (meter, change) in changes {
            writes |= !matches!(change, RowChange::Delete(..));
            match change {
                RowChange::Insert(shelf, number, octets) => {
                    if !put(&mut rows, (shelf, meter.clone(), number), Some(octets)) {
                        failed = Some(DiskError::Taken);
                    }
                }
                RowChange::Put(shelf, number, octets) => {
                    put(&mut rows, (shelf, meter.clone(), number), Some(octets));
                }
                RowChange::Delete(shelf, numbers) => {
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
            failed = Some(DiskError::Full);
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
        if crash == Some(Crash::After) { Err(DiskError::Closed) } else { Ok(()) }
    }
}
