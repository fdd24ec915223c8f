//! [`MemoryDisk`]: a disk in memory for tests. It keeps its content when it is opened again, and fails on demand.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::future::poll_fn;
use std::ops::RangeInclusive;
use std::pin::pin;
use std::rc::Rc;
use std::task::{Poll, Waker};

use futures_channel::oneshot::{self, Sender};
use futures_util::FutureExt;
use futures_util::future::{Either, select};

use super::disk::{Change, Disk, Row, RowChange, Shelf};
use super::{Connection, DiskError, MeterKey, Name, Record, Records};
use crate::entry::Entry;

/// A disk in memory. Clones share the disk and the connection.
#[derive(Clone, Debug, Default)]
pub struct MemoryDisk {
    shared: Rc<Shared>,
    link: Rc<RefCell<Link>>,
}

#[derive(Debug, Default)]
struct Shared {
    all: RefCell<All>,
    room: Cell<Option<usize>>,
    crash: Cell<Option<Crash>>,
    failure: RefCell<Option<DiskError>>,
    slow: RefCell<Option<MeterKey>>,
    swallow: Cell<bool>,
    waiting: RefCell<Vec<Waker>>,
}

type All = BTreeMap<Key, Value>;

#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Key {
    Row(Shelf, MeterKey, i64),
    Record(Name),
    Version1(MeterKey, u64),
}

#[derive(Clone, Debug)]
#[allow(clippy::large_enum_variant, reason = "a house has a handful of meters, and each has one record")]
enum Value {
    Row(Vec<u8>),
    Record(Record),
    Version1(Entry),
}

#[derive(Debug)]
struct Link {
    connection: Connection,
    /// Dropping it ends the connection.
    lasts: Result<Sender<()>, DiskError>,
}

/// When the program crashes during a change.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Crash {
    /// Before the disk has stored any of it.
    Before,
    /// After the disk has stored all of it, but before it confirmed.
    After,
}

impl MemoryDisk {
    /// The same disk over another connection, as another tab would have it.
    #[must_use]
    pub fn another(&self) -> Self {
        Self { shared: Rc::clone(&self.shared), link: Rc::default() }
    }

    /// Limits the room to about this many bytes; `None` removes the limit. As in browsers, a change that only deletes
    /// is made even on a full disk.
    pub fn limit(&self, room: Option<usize>) {
        self.shared.room.set(room);
    }

    /// Makes the next change end in a crash: the caller gets [`DiskError::Closed`].
    pub fn crash(&self, crash: Crash) {
        self.shared.crash.set(Some(crash));
    }

    /// Makes the next change fail with this error.
    pub fn fail(&self, error: DiskError) {
        self.shared.failure.replace(Some(error));
    }

    /// Drops the next change that inserts a row, but reports success. No real disk has this fault; it shows whether the
    /// checks notice a missing row.
    pub fn swallow(&self) {
        self.shared.swallow.set(true);
    }

    /// Makes changes to this meter's rows wait until `slow` is called with another meter or `None`.
    pub fn slow(&self, meter: Option<&MeterKey>) {
        self.shared.slow.replace(meter.cloned());
        self.shared.waiting.take().into_iter().for_each(Waker::wake);
    }

    /// Ends the connection for this reason. Other connections to the same disk continue.
    pub fn cut(&self, why: DiskError) {
        let lasted = std::mem::replace(&mut self.link.borrow_mut().lasts, Err(why));
        drop(lasted);
    }

    /// Deletes everything, as when a browser clears its storage.
    pub fn clear(&self) {
        self.shared.all.borrow_mut().clear();
    }

    /// Changes a byte in the middle of a row, as a dying disk would. Returns whether there is such a row.
    pub fn damage(&self, shelf: Shelf, meter: &MeterKey, number: i64) -> bool {
        let mut all = self.shared.all.borrow_mut();
        let Some(Value::Row(bytes)) = all.get_mut(&Key::Row(shelf, meter.clone(), number)) else {
            return false;
        };
        let middle = bytes.len() / 2;
        bytes.get_mut(middle).map(|byte| *byte ^= 0x40).is_some()
    }

    /// Adds an entry as version 1 stored it.
    pub fn has_version_1(&self, meter: &MeterKey, entry: Entry) {
        let key = Key::Version1(meter.clone(), entry.seq);
        self.shared.all.borrow_mut().insert(key, Value::Version1(entry));
    }

    /// The numbers of a shelf's rows.
    #[must_use]
    pub fn numbers(&self, shelf: Shelf, meter: &MeterKey) -> Vec<i64> {
        let all = self.shared.all.borrow();
        let of = |key: &Key| match key {
            Key::Row(on, of, number) if *on == shelf && of == meter => Some(*number),
            _ => None,
        };
        all.keys().filter_map(of).collect()
    }

    /// The number of bytes in a shelf's rows.
    #[must_use]
    pub fn bytes(&self, shelf: Shelf) -> usize {
        let all = self.shared.all.borrow();
        let of = |(key, value): (&Key, &Value)| {
            matches!(key, Key::Row(on, ..) if *on == shelf).then(|| value.size())
        };
        all.iter().filter_map(of).sum()
    }

    fn is_open(&self) -> Result<(), DiskError> {
        self.link.borrow().lasts.as_ref().map(drop).map_err(Clone::clone)
    }

    /// Waits while these changes include rows of the slow meter.
    async fn in_time(&self, changes: &[Change]) -> Result<(), DiskError> {
        let is_slow = |meter: &MeterKey| self.shared.slow.borrow().as_ref() == Some(meter);
        let waits =
            || changes.iter().any(|change| matches!(change, Change::Rows(meter, _) if is_slow(meter)));
        let quick = poll_fn(|context| {
            if !waits() {
                return Poll::Ready(());
            }
            self.shared.waiting.borrow_mut().push(context.waker().clone());
            Poll::Pending
        });
        match select(quick, pin!(self.connection().over())).await {
            Either::Left(_) => self.is_open(),
            Either::Right(_) => Err(DiskError::Closed),
        }
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
        self.is_open()?;
        if numbers.is_empty() {
            return Ok(Vec::new());
        }
        let key = |number: &i64| Key::Row(shelf, meter.clone(), *number);
        let all = self.shared.all.borrow();
        let found = all.range(key(numbers.start())..=key(numbers.end())).filter_map(|found| match found {
            (Key::Row(.., number), Value::Row(bytes)) => Some((*number, bytes.clone())),
            _ => None,
        });
        Ok(found.take(most).collect())
    }

    async fn records(&self, of: &Records) -> Result<Vec<Record>, DiskError> {
        self.is_open()?;
        let all = self.shared.all.borrow();
        let found = all.iter().filter_map(|found| match found {
            (Key::Record(name), Value::Record(record)) if of.contains(name) => Some(record.clone()),
            _ => None,
        });
        Ok(found.collect())
    }

    async fn commit(&self, changes: Vec<Change>) -> Result<(), DiskError> {
        self.in_time(&changes).await?;
        if let Some(error) = self.shared.failure.take() {
            return Err(error);
        }
        if changes.iter().any(inserts) && self.shared.swallow.take() {
            return Ok(());
        }
        let crash = self.shared.crash.take();
        if crash == Some(Crash::Before) {
            return Err(DiskError::Closed);
        }
        Changing { all: &mut self.shared.all.borrow_mut(), undo: Vec::new() }
            .make(changes, self.shared.room.get())?;
        if crash == Some(Crash::After) { Err(DiskError::Closed) } else { Ok(()) }
    }

    async fn version_1(
        &self,
        (meter, seq): (&MeterKey, u64),
        most: usize,
    ) -> Result<Vec<(MeterKey, Entry)>, DiskError> {
        self.is_open()?;
        let all = self.shared.all.borrow();
        let found = all.range(Key::Version1(meter.clone(), seq)..).filter_map(|found| match found {
            (Key::Version1(meter, _), Value::Version1(entry)) => Some((meter.clone(), entry.clone())),
            _ => None,
        });
        Ok(found.take(most).collect())
    }

    fn connection(&self) -> Connection {
        self.link.borrow().connection.clone()
    }

    fn why_closed(&self) -> Option<DiskError> {
        self.is_open().err()
    }

    fn close(&self) {
        if self.is_open().is_ok() {
            self.cut(DiskError::Closed);
        }
    }

    async fn reopen(&self) -> Result<(), DiskError> {
        drop(self.link.replace(Link::default()));
        Ok(())
    }
}

struct Changing<'a> {
    all: &'a mut All,
    undo: Vec<(Key, Option<Value>)>,
}

impl Changing<'_> {
    fn make(mut self, changes: Vec<Change>, room: Option<usize>) -> Result<(), DiskError> {
        let is_expected = |change: &Change| match change {
            Change::Expect(name, expected) => match self.all.get(&Key::Record(name.clone())) {
                Some(Value::Record(record)) => Some(record) == expected.as_ref(),
                _ => expected.is_none(),
            },
            _ => true,
        };
        if !changes.iter().all(is_expected) {
            return Err(DiskError::Taken);
        }
        let writes = changes.iter().any(writes);
        let mut made = changes.into_iter().try_for_each(|change| self.change(change));
        if writes && room.is_some_and(|room| self.all.values().map(Value::size).sum::<usize>() > room) {
            made = Err(DiskError::Full);
        }
        if made.is_err() {
            for (key, before) in self.undo.into_iter().rev() {
                match before {
                    Some(value) => self.all.insert(key, value),
                    None => self.all.remove(&key),
                };
            }
        }
        made
    }

    fn change(&mut self, change: Change) -> Result<(), DiskError> {
        match change {
            Change::Rows(meter, changes) => {
                return changes.into_iter().try_for_each(|change| self.change_rows(&meter, change));
            }
            Change::Add(record) => return self.insert(Key::Record(record.name()), Value::Record(record)),
            Change::Keep(record) => self.put(Key::Record(record.name()), Value::Record(record)),
            Change::Drop(name) => self.remove([Key::Record(name)]),
            Change::DropAll(records) => {
                self.remove_where(|key| matches!(key, Key::Record(name) if records.contains(name)));
            }
            Change::Expect(..) => {}
            Change::DropVersion1(meter) => {
                self.remove_where(|key| matches!(key, Key::Version1(of, _) if *of == meter));
            }
        }
        Ok(())
    }

    fn change_rows(&mut self, meter: &MeterKey, change: RowChange) -> Result<(), DiskError> {
        match change {
            RowChange::Insert(shelf, number, bytes) => {
                return self.insert(Key::Row(shelf, meter.clone(), number), Value::Row(bytes));
            }
            RowChange::Put(shelf, number, bytes) => {
                self.put(Key::Row(shelf, meter.clone(), number), Value::Row(bytes));
            }
            RowChange::Delete(_, numbers) if numbers.is_empty() => {}
            RowChange::Delete(shelf, numbers) => {
                let key = |number: &i64| Key::Row(shelf, meter.clone(), *number);
                let gone = self.all.range(key(numbers.start())..=key(numbers.end()));
                let gone: Vec<Key> = gone.map(|(key, _)| key.clone()).collect();
                self.remove(gone);
            }
        }
        Ok(())
    }

    fn insert(&mut self, key: Key, value: Value) -> Result<(), DiskError> {
        if self.all.contains_key(&key) {
            return Err(DiskError::Taken);
        }
        self.put(key, value);
        Ok(())
    }

    fn put(&mut self, key: Key, value: Value) {
        let before = self.all.insert(key.clone(), value);
        self.undo.push((key, before));
    }

    fn remove_where(&mut self, is_gone: impl Fn(&Key) -> bool) {
        let gone: Vec<Key> = self.all.keys().filter(|key| is_gone(key)).cloned().collect();
        self.remove(gone);
    }

    fn remove(&mut self, gone: impl IntoIterator<Item = Key>) {
        for key in gone {
            let before = self.all.remove(&key);
            self.undo.push((key, before));
        }
    }
}

fn inserts(change: &Change) -> bool {
    matches!(change, Change::Rows(_, changes) if changes.iter().any(|change| matches!(change, RowChange::Insert(..))))
}

fn writes(change: &Change) -> bool {
    match change {
        Change::Rows(_, changes) => !changes.iter().all(|change| matches!(change, RowChange::Delete(..))),
        Change::Add(_) | Change::Keep(_) => true,
        Change::Drop(_) | Change::DropAll(_) | Change::Expect(..) | Change::DropVersion1(_) => false,
    }
}

impl Value {
    /// Its approximate size in bytes.
    fn size(&self) -> usize {
        match self {
            Self::Row(bytes) => bytes.len(),
            Self::Record(Record::Setting(_, text) | Record::Internal(_, text)) => text.len(),
            Self::Record(Record::Kept(.., kept)) => kept.octets.len(),
            Self::Record(_) | Self::Version1(_) => 100,
        }
    }
}

impl Default for Link {
    fn default() -> Self {
        let (lasts, over) = oneshot::channel::<()>();
        // Nothing is ever sent: dropping the sender ends the connection.
        let connection = Connection::until(over.map(|_| ()));
        Self { connection, lasts: Ok(lasts) }
    }
}
