//! The log when the browser has taken its database away: opened anew, and what the page still knows put back.

use std::pin::pin;

use futures_util::TryFutureExt;
use futures_util::future::{Either, select};
use metertap_readings::files::backup::{Cursor, Setting};
use metertap_readings::files::import::Import;
use metertap_readings::log::journal::Gone;
use metertap_readings::store::{DiskError, MeterKey, MeterRecord};
use wasm_bindgen::JsValue;

use super::objects::INTERNAL;
use super::{CURSORS, CursorRow, Log, METERS, MeterRow, SETTINGS, SettingRow, failed, internal, json, put};
use crate::browser::clock::sleep;
use crate::browser::indexed_db::{Connection, DatabaseError};

/// What a page knows of a log and needs to go on.
#[derive(Debug, Default)]
pub(crate) struct Known {
    /// The meters.
    pub(crate) meters: Vec<MeterRecord>,
    /// What a person has set.
    pub(crate) settings: Vec<Setting>,
    /// The log's own records.
    pub(crate) internal: Vec<(&'static str, String)>,
    /// How far readers have come.
    pub(crate) cursors: Vec<Cursor>,
}

/// What was kept, and is not any more.
#[derive(Debug, Default)]
pub(crate) struct Lost {
    /// Whether anything that was kept is not there, be it put back or not.
    pub(crate) cleared: bool,
    /// Readings that are gone.
    pub(crate) readings: Vec<(MeterKey, Gone)>,
    /// Imports that are gone.
    pub(crate) imports: Vec<Import>,
}

impl Log {
    /// The connection to the database that there is now, or that was there last.
    pub(crate) fn connection(&self) -> Connection {
        self.database.connection()
    }

    /// Why there is no connection; `None` where there is.
    pub(crate) fn why_closed(&self) -> Option<DatabaseError> {
        self.database.why_closed()
    }

    /// Ends the connection, because it was found to be of no use.
    pub(crate) fn close(&self) {
        self.database.close();
    }

    /// Opens the database anew for reading, because another tab writes it, or may.
    pub(crate) async fn reopen(&self) -> Result<(), DatabaseError> {
        self.connect().await?;
        self.connection().unbroken(self.look_again()).await
    }

    /// Finds out what of the log is gone that was there before, and puts back what is `known`. The database is opened
    /// first if there is no connection.
    ///
    /// # Errors
    /// Where the browser does not give it back. There is no connection then: in a log that is not whole, numbers would
    /// begin anew.
    pub(crate) async fn renew(
        &self,
        known: impl FnOnce() -> Known,
        lost: &mut Lost,
    ) -> Result<(), DatabaseError> {
        let again = async {
            if self.why_closed().is_some() {
                self.connect().await?;
            }
            let before = self.imports();
            let put_back = async {
                // The first change of the new connection: whoever changes a record comes after it.
                let logs = self.put_back(known, lost).await?;
                self.find_ledger().await?;
                Ok(logs)
            };
            let logs = self.connection().unbroken::<_, DatabaseError>(put_back).await?;
            let now = self.imports();
            lost.imports.extend(before.into_iter().filter(|import| !now.contains(import)));
            Ok(logs)
        };
        match self.journal.renew(again.map_err(DiskError::from)).await {
            Ok(gone) => {
                lost.cleared |= !gone.is_empty() || !lost.imports.is_empty();
                lost.readings.extend(gone);
                Ok(())
            }
            Err(error) => {
                self.close();
                Err(failed(error))
            }
        }
    }

    async fn connect(&self) -> Result<(), DatabaseError> {
        match select(pin!(self.database.reopen()), pin!(sleep(ANSWER))).await {
            Either::Left((opened, _)) => opened,
            Either::Right(_) => Err(DatabaseError::Closed),
        }
    }

    /// Puts back records, settings and cursors, if not one is there; the answer are the meters' logs.
    async fn put_back(
        &self,
        known: impl FnOnce() -> Known,
        lost: &mut Lost,
    ) -> Result<Vec<MeterKey>, DatabaseError> {
        let transaction = self.database.write(&[METERS, SETTINGS, INTERNAL, CURSORS])?;
        let meters = transaction.store(METERS)?.get_all_keys(None, None)?;
        let settings = transaction.store(SETTINGS)?.get_all_keys(None, None)?;
        let internal = transaction.store(INTERNAL)?.get_all_keys(None, None)?;
        let (meters, settings, internal) = (meters.await?, settings.await?, internal.await?);
        let mut known = known();
        known.internal.extend(self.known_confirmed()?);
        let logs: Vec<MeterKey> = known.meters.iter().map(|meter| meter.key.clone()).collect();
        let is_there = |there: &[JsValue], name: &str| there.contains(&JsValue::from_str(name));
        let is_anything_set = !(logs.is_empty() && known.settings.is_empty());
        let is_any_there = if is_anything_set {
            logs.iter().any(|log| is_there(&meters, &log.0))
                || known.settings.iter().any(|setting| is_there(&settings, &setting.name()))
        } else {
            // Nobody misses the log's own records, which are put back.
            known.internal.iter().any(|(name, _)| is_there(&internal, name) || is_there(&settings, name))
        };
        if !is_any_there {
            lost.cleared |= is_anything_set;
            for meter in &known.meters {
                let row = MeterRow { meter: meter.key.clone(), record: json(meter)? };
                put(&transaction.store(METERS)?, &row)?;
            }
            for setting in known.settings {
                let row = SettingRow { name: setting.name(), value: setting.value() };
                put(&transaction.store(SETTINGS)?, &row)?;
            }
            for (name, value) in known.internal {
                internal::set_internal(&transaction, name, Some(&value))?;
            }
            for Cursor { meter, reader, seq } in known.cursors {
                put(&transaction.store(CURSORS)?, &CursorRow { meter, reader, seq })?;
            }
        }
        transaction.commit().await?;
        Ok(logs)
    }
}

/// Milliseconds after which it is asked once more to open the database: what Chromium is asked while it clears storage is
/// sometimes not answered at all.
const ANSWER: u64 = 1000;
