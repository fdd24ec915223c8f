//! Reopens an archive whose disk was taken away, and restores what the page still knows.

use std::collections::BTreeMap;

use super::Archive;
use crate::entry::{Entry, Moment};
use crate::files::import::Import;
use crate::log::journal::{Gone, LogError};
use crate::store::disk::{Change, Disk};
use crate::store::{Connection, DiskError, MeterKey, MeterRecord, Name, Record, Records};

/// What the disk has lost.
#[derive(Debug, Default)]
pub struct Lost {
    /// Whether anything that was kept on the disk is missing there, even if it was restored.
    pub cleared: bool,
    /// Readings that are gone.
    pub readings: Vec<(MeterKey, Gone)>,
    /// Imports that are gone.
    pub imports: Vec<Import>,
}

impl<D: Disk> Archive<D> {
    /// The current connection to the disk, or the last one.
    #[must_use]
    pub fn connection(&self) -> Connection {
        self.0.disk.connection()
    }

    /// Why there is no connection; `None` if there is one.
    #[must_use]
    pub fn why_closed(&self) -> Option<DiskError> {
        self.0.disk.why_closed()
    }

    /// Ends the connection, because it no longer works.
    pub fn close(&self) {
        self.0.disk.close();
    }

    /// Notes what the tab that wrote until now has reported: its meters, when their first entries were received, and
    /// their newest entries. The archive uses the report if the disk turns out to hold less.
    pub fn hear<'a>(&self, told: impl IntoIterator<Item = (&'a MeterRecord, Option<Moment>, &'a [Entry])>) {
        let mut meters = Vec::new();
        for (meter, first, newest) in told {
            self.journal().heard_of(&meter.key, first, newest);
            meters.push(meter.clone());
        }
        self.0.mirror.borrow_mut().hear(meters);
        self.apply_statements();
    }

    /// Opens the disk again for reading, because another tab writes it, or may write it.
    ///
    /// # Errors
    /// If the disk does not open, or cannot be read.
    pub async fn reopen(&self) -> Result<(), LogError> {
        self.0.disk.reopen().await?;
        self.connection().unbroken(self.look_again()).await
    }

    /// Finds out what has been lost, and restores all records if the disk has lost them. Opens the disk first if there
    /// is no connection.
    ///
    /// # Errors
    /// If the disk does not open, or cannot be read or written. In that case, the connection is closed, because numbers
    /// would start again in an incomplete log.
    pub async fn renew(&self, lost: &mut Lost) -> Result<(), LogError> {
        let again = async {
            // Changes to records wait until this is done.
            let _alone = self.0.alone.lock().await;
            if self.why_closed().is_some() {
                self.0.disk.reopen().await?;
            }
            let before = self.imports();
            let put_back = async {
                let logs = self.put_back(lost).await?;
                self.find_ledger().await?;
                Ok(logs)
            };
            let logs = self.connection().unbroken::<_, DiskError>(put_back).await?;
            let now = self.imports();
            lost.imports.extend(before.into_iter().filter(|import| !now.contains(import)));
            Ok(logs)
        };
        match self.journal().renew(again).await {
            Ok(gone) => {
                lost.cleared |= !gone.is_empty() || !lost.imports.is_empty();
                lost.readings.extend(gone);
                Ok(())
            }
            Err(error) => {
                self.close();
                Err(error)
            }
        }
    }

    /// Restores the records if the disk has lost them. Returns the keys of the meters' logs.
    async fn put_back(&self, lost: &mut Lost) -> Result<Vec<MeterKey>, DiskError> {
        let mut there = BTreeMap::<Name, Record>::new();
        let cursors = self.0.disk.records(&Records::Cursors).await?;
        let meters = self.0.disk.records(&Records::Meters).await?;
        for record in self.own_records().await?.into_iter().chain(meters).chain(cursors) {
            there.insert(record.name(), record);
        }
        let (logs, missing) = {
            let mirror = self.0.mirror.borrow();
            let logs: Vec<MeterKey> = mirror.meters().map(|meter| meter.key.clone()).collect();
            (logs, mirror.missing(&there))
        };
        if let Some((records, is_missed)) = missing {
            lost.cleared |= is_missed;
            // If another tab has restored something by now, the whole commit fails, so nothing is overwritten.
            self.0.disk.commit(records.iter().cloned().map(Change::Add).collect()).await?;
            there.extend(records.into_iter().map(|record| (record.name(), record)));
        }
        self.0.mirror.borrow_mut().settle(there);
        self.apply_statements();
        Ok(logs)
    }
}
