//! The log as a whole: logs that are made in one go, from a backup or another program's file, and what lies beside them.
//!
//! Whoever begins such a log says so first, and all that makes it count comes with one last transaction: a log that was
//! begun and never finished is removed the next time that the page opens. So is one that was replaced.

use metertap_decoder::reading::Reading;
use metertap_readings::entry::Moment;
use metertap_readings::files::backup::{Cursor, Finished, Setting};
use metertap_readings::files::import::Import;
use metertap_readings::log::journal::{LogError, Restoring};
use metertap_readings::store::disk::Shelf;
use metertap_readings::store::{MeterKey, Store};
use wasm_bindgen::JsValue;

use super::internal;
use super::objects::INTERNAL;
use super::{
    CURSORS, CursorRow, IndexedDisk, KEPT, Log, METERS, MeterRow, SETTINGS, SettingRow, ZONE, add, failed,
    json, of_meter, put, row_from,
};
use crate::browser::indexed_db::{DatabaseError, Transaction};

impl Log {
    /// What was imported.
    pub(crate) fn imports(&self) -> Vec<Import> {
        self.ledger.borrow().imports.clone()
    }

    /// The name of the log of a meter's next import.
    pub(crate) fn next_import(&self, meter: &MeterKey) -> MeterKey {
        self.ledger.borrow().next_import(meter)
    }

    /// The names of the logs that no meter has: imports, and what was begun or is on its way out.
    pub(crate) fn other_logs(&self) -> Vec<MeterKey> {
        self.ledger.borrow().logs().cloned().collect()
    }

    /// Says that a log is begun, so that it goes should it never be finished.
    pub(crate) async fn begin(&self, log: &MeterKey) -> Result<(), DatabaseError> {
        self.change_ledger(|ledger| ledger.begin(log)).await
    }

    /// A log that is made of the rows of a backup.
    pub(crate) async fn restore(&self, log: &MeterKey) -> Result<Restoring<'_, IndexedDisk>, DatabaseError> {
        self.journal.restore(log).await.map_err(failed)
    }

    /// Appends many readings at once, and answers with the last one's number.
    ///
    /// # Errors
    /// Where the browser's storage is full, or gone: some of the first may be there then.
    pub async fn append_all(
        &self,
        log: &MeterKey,
        readings: impl IntoIterator<Item = (Moment, Reading)>,
    ) -> Result<u64, DatabaseError> {
        self.journal.append_all(log, readings).await.map_err(failed)
    }

    /// Hands over all rows of a log for a backup.
    pub(crate) async fn back_up<E: From<LogError>>(
        &self,
        log: &MeterKey,
        to: impl AsyncFnMut(Shelf, i64, Vec<u8>) -> Result<(), E>,
    ) -> Result<(), E> {
        self.journal.back_up(log, to).await
    }

    /// How many octets a backup of that log has, about.
    pub(crate) async fn octets(&self, log: &MeterKey) -> Result<u64, DatabaseError> {
        let chunks = self.journal.chunks(log).await.map_err(failed)?;
        Ok(chunks.iter().map(|span| span.octets).sum())
    }

    /// The logs of these meters and imports count from now on, with what belongs to them, and those that go do not; all of
    /// it or nothing. The latter are unfinished from then on, and so is what was begun and is not among the former. Answers
    /// with the settings that were written.
    pub(crate) async fn finish(&self, finished: Finished) -> Result<Vec<Setting>, DatabaseError> {
        let transaction = self.database.write(&[METERS, SETTINGS, INTERNAL, CURSORS, KEPT])?;
        let (meters, settings) = (transaction.store(METERS)?, transaction.store(SETTINGS)?);
        let known = meters.get_all_keys(None, None)?.await?;
        let known: Vec<MeterKey> = known.iter().filter_map(JsValue::as_string).map(MeterKey).collect();
        let before = internal::ledger(&transaction).await?;
        let mut after = before.clone();
        after.finish(&finished, &known);
        internal::keep_ledger(&transaction, &before, &after)?;
        // What was set here meanwhile is here as well.
        let new = finished.settings.beside(&all_settings(&transaction).await?);
        for meter in &finished.gone {
            meters.delete(JsValue::from_str(&meter.0))?;
            settings.delete(JsValue::from_str(&Setting::of_keys(meter)))?;
            for store in [CURSORS, KEPT] {
                transaction.store(store)?.delete(of_meter(meter)?)?;
            }
        }
        for record in &finished.meters {
            // Should the name have been given meanwhile, all of it fails: no record is written over.
            add(&meters, &MeterRow { meter: record.key.clone(), record: json(record)? })?;
        }
        for Cursor { meter, reader, seq } in finished.cursors {
            put(&transaction.store(CURSORS)?, &CursorRow { meter, reader, seq })?;
        }
        for setting in &new {
            put(&settings, &SettingRow { name: setting.name(), value: setting.value() })?;
        }
        // Days that were restored may be those of another place: they are computed anew when the log is next opened.
        internal::set_internal(&transaction, ZONE, Some(""))?;
        transaction.commit().await?;
        *self.ledger.borrow_mut() = after;
        Ok(new)
    }

    /// Forgets an import with all its readings.
    pub(crate) async fn remove_import(&self, log: &MeterKey) -> Result<(), DatabaseError> {
        self.change_ledger(|ledger| ledger.forget(log)).await?;
        // Another log may be on its way meanwhile: that one is left alone.
        self.remove_begun(std::slice::from_ref(log)).await
    }

    pub(super) async fn remove_imports_of(&self, meter: &MeterKey) -> Result<(), DatabaseError> {
        for import in self.imports().into_iter().filter(|import| import.meter == *meter) {
            self.remove_import(&import.log).await?;
        }
        Ok(())
    }

    /// Removes what was begun and never finished.
    pub(super) async fn tidy_up(&self) -> Result<(), DatabaseError> {
        self.find_ledger().await?;
        self.remove_unfinished().await
    }

    /// Removes all that was begun and does not count. Nobody else may have begun anything that is to count.
    pub(crate) async fn remove_unfinished(&self) -> Result<(), DatabaseError> {
        let unfinished = self.ledger.borrow().unfinished.clone();
        self.remove_begun(&unfinished).await
    }

    async fn remove_begun(&self, logs: &[MeterKey]) -> Result<(), DatabaseError> {
        if logs.is_empty() {
            return Ok(());
        }
        let meters = self.meters().await?.into_iter().map(|record| record.key).collect::<Vec<_>>();
        let leftovers = self.ledger.borrow().leftovers(&meters);
        for log in leftovers.iter().filter(|log| logs.contains(log)) {
            self.journal.remove(log).await.map_err(failed)?;
        }
        self.change_ledger(|ledger| ledger.settle(logs)).await
    }

    /// All settings that a backup may carry.
    pub(crate) async fn settings(&self) -> Result<Vec<Setting>, DatabaseError> {
        all_settings(&self.database.read(&[SETTINGS])?).await
    }

    /// How far all readers of a meter's log have come.
    pub(crate) async fn cursors(&self, meter: &MeterKey) -> Result<Vec<Cursor>, DatabaseError> {
        let transaction = self.database.read(&[CURSORS])?;
        let rows = transaction.store(CURSORS)?.get_all(Some(of_meter(meter)?), None)?.await?;
        let cursors = rows.into_iter().map(|row| {
            let CursorRow { meter, reader, seq } = row_from(row)?;
            Ok(Cursor { meter, reader, seq })
        });
        cursors.collect()
    }
}

async fn all_settings(transaction: &Transaction) -> Result<Vec<Setting>, DatabaseError> {
    let rows = transaction.store(SETTINGS)?.get_all(None, None)?.await?;
    let setting = |row: SettingRow| Setting::of(&row.name, &row.value);
    rows.into_iter().filter_map(|row| row_from(row).map(setting).transpose()).collect()
}
