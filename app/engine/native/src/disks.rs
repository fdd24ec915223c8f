//! [`Disks`]: the disks of a browser. [`TabDisk`]: a disk that one tab has open.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::ops::RangeInclusive;
use std::rc::Rc;

use metertap_readings::entry::Entry;
use metertap_readings::store::disk::{Change, Disk, Row, Shelf};
use metertap_readings::store::{Connection, DiskError, MemoryDisk, MeterKey, Record, Records};

use crate::timers::Timers;

/// All disks, by name. Clones share them.
#[derive(Clone, Debug)]
pub struct Disks(Rc<Inner>);

#[derive(Debug)]
struct Inner {
    timers: Timers,
    disks: RefCell<HashMap<String, MemoryDisk>>,
    /// The error that every attempt to open a disk returns.
    failure: RefCell<Option<DiskError>>,
}

impl Disks {
    pub(crate) fn new(timers: Timers) -> Self {
        Self(Rc::new(Inner { timers, disks: RefCell::default(), failure: RefCell::default() }))
    }

    /// The disk of the log.
    #[must_use]
    pub fn log(&self) -> MemoryDisk {
        self.0.disks.borrow_mut().entry("metertap".to_owned()).or_default().clone()
    }

    /// Makes every open fail with this error from now on. `None` lets disks open again.
    pub fn fail(&self, why: Option<DiskError>) {
        self.0.failure.replace(why);
    }

    pub(crate) fn open(&self, name: &str, commits: Rc<Cell<usize>>) -> Result<TabDisk, DiskError> {
        if let Some(why) = self.0.failure.borrow().clone() {
            return Err(why);
        }
        let disk = self.0.disks.borrow_mut().entry(name.to_owned()).or_default().another();
        Ok(TabDisk { disk, timers: self.0.timers.clone(), commits, disks: self.clone() })
    }
}

/// A disk that one tab has open.
#[derive(Clone, Debug)]
pub struct TabDisk {
    pub(crate) disk: MemoryDisk,
    timers: Timers,
    /// The number of commits that this tab has attempted.
    commits: Rc<Cell<usize>>,
    disks: Disks,
}

impl TabDisk {
    /// Lets other tasks run first, since no operation on a real disk completes at once.
    async fn turn(&self) {
        self.timers.at(self.timers.now()).await;
    }
}

impl Disk for TabDisk {
    async fn rows(
        &self,
        shelf: Shelf,
        meter: &MeterKey,
        numbers: RangeInclusive<i64>,
        most: usize,
    ) -> Result<Vec<Row>, DiskError> {
        self.turn().await;
        self.disk.rows(shelf, meter, numbers, most).await
    }

    async fn records(&self, of: &Records) -> Result<Vec<Record>, DiskError> {
        self.turn().await;
        self.disk.records(of).await
    }

    async fn commit(&self, changes: Vec<Change>) -> Result<(), DiskError> {
        self.turn().await;
        self.commits.set(self.commits.get() + 1);
        self.disk.commit(changes).await
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
        self.turn().await;
        if let Some(why) = self.disks.0.failure.borrow().clone() {
            return Err(why);
        }
        self.disk.reopen().await
    }
}
