//! An archive whose disk was taken away: opened anew, and what the page still knows put back.

use std::collections::BTreeMap;

use super::Archive;
use crate::entry::{Entry, Moment};
use crate::files::import::Import;
use crate::log::journal::{Gone, LogError};
use crate::store::disk::{Change, Disk};
use crate::store::{Connection, DiskError, MeterKey, MeterRecord, Name, Record, Records};

/// What was kept, and is not any more.
#[derive(Debug, Default)]
pub struct Lost {
    /// Whether anything that was kept is not there, be it put back or not.
    pub cleared: bool,
    /// Readings that are gone.
    pub readings: Vec<(MeterKey, Gone)>,
    /// Imports that are gone.
    pub imports: Vec<Import>,
}

impl<D: Disk> Archive<D> {
    /// The connection to the disk that there is now, or that was there last.
    #[must_use]
    pub fn connection(&self) -> Connection {
        self.0.disk.connection()
    }

    /// Why there is no connection; `None` where there is.
    #[must_use]
    pub fn why_closed(&self) -> Option<DiskError> {
        self.0.disk.why_closed()
    }

    /// Ends the connection, because it was found to be of no use.
    pub fn close(&self) {
        self.0.disk.close();
    }

    /// Takes note of all that the tab that wrote until now has told: its meters, when their first entries were received,
    /// and their newest ones. They count should the disk turn out to hold less.
    pub fn hear<'a>(&self, told: impl IntoIterator<Item = (&'a MeterRecord, Option<Moment>, &'a [Entry])>) {
        let mut meters = Vec::new();
        for (meter, first, newest) in told {
            self.journal().heard_of(&meter.key, first, newest);
            meters.push(meter.clone());
        }
        self.0.mirror.borrow_mut().hear(meters);
        self.heed();
    }

    /// Opens the disk anew for reading, because another tab writes it, or may.
    ///
    /// # Errors
    /// Where it does not open, or cannot be read.
    pub async fn reopen(&self) -> Result<(), LogError> {
        self.0.disk.reopen().await?;
        self.connection().unbroken(self.look_again()).await
    }

    /// Finds out what is gone that was there before, and puts back all records should the disk have lost them. It is
    /// opened first if there is no connection.
    ///
    /// # Errors
    /// Where the disk does not open. There is no connection then: in a log that is not whole, numbers would begin anew.
    pub async fn renew(&self, lost: &mut Lost) -> Result<(), LogError> {
        let again = async {
            // Whoever changes a record comes after it.
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

    /// Puts back records, if not one is there; the answer are the meters' logs.
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
            // Should another tab have put something back by now, all of this fails: nothing is written over.
            self.0.disk.commit(records.iter().cloned().map(Change::Add).collect()).await?;
            there.extend(records.into_iter().map(|record| (record.name(), record)));
        }
        self.0.mirror.borrow_mut().settle(there);
        self.heed();
        Ok(logs)
    }
}
