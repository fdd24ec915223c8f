//! The log as a whole: logs that are made in one go, from a backup or another program's file, and what lies beside them.
//!
//! Whoever begins such a log says so first, and all that makes it count comes with one last transaction: a log that was
//! begun and never finished is removed the next time that the page opens. So is one that was replaced.

use metertap_decoder::reading::Reading;
use metertap_readings::backup::{Cursor, Setting};
use metertap_readings::entry::Moment;
use metertap_readings::import::Import;
use metertap_readings::log::certain::Certain;
use metertap_readings::log::journal::{LogError, Restoring};
use metertap_readings::store::disk::Shelf;
use metertap_readings::store::{MeterKey, MeterRecord};
use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::JsValue;

use super::{
    CURSORS, CursorRow, KEPT, Log, METERS, MeterRow, Rows, SETTINGS, SettingRow, ZONE, failed, json,
    of_meter, put, row_from,
};
use crate::browser::indexed_db::{DatabaseError, Transaction};

/// What a finished log comes with.
#[derive(Debug, Default)]
pub(crate) struct Finished {
    /// Meters, new or changed.
    pub(crate) meters: Vec<MeterRecord>,
    /// Settings, new or changed.
    pub(crate) settings: Vec<Setting>,
    /// How far readers have come.
    pub(crate) cursors: Vec<Cursor>,
    /// Imports that are new.
    pub(crate) imports: Vec<Import>,
    /// Meters that go, with everything that is theirs.
    pub(crate) gone: Vec<MeterKey>,
}

impl Log {
    /// What was imported.
    pub(crate) fn imports(&self) -> Vec<Import> {
        self.imports.borrow().clone()
    }

    /// The name of the log of a meter's next import.
    pub(crate) fn next_import(&self, meter: &MeterKey) -> MeterKey {
        Import::next_log(meter, &self.imports.borrow())
    }

    /// Says that a log is begun, so that it goes should it never be finished.
    pub(crate) async fn begin(&self, log: &MeterKey) -> Result<(), DatabaseError> {
        let transaction = self.database.write(&[SETTINGS])?;
        let mut unfinished: Vec<MeterKey> = listed(&transaction, UNFINISHED).await?;
        unfinished.push(log.clone());
        list(&transaction, UNFINISHED, &unfinished)?;
        transaction.commit().await
    }

    /// A log that is made of the rows of a backup.
    pub(crate) async fn restore(&self, log: &MeterKey) -> Result<Restoring<'_, Rows>, DatabaseError> {
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
    pub(crate) async fn back_up<E: From<LogError<DatabaseError>>>(
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
    /// it or nothing. The latter are unfinished from then on, and so is what was begun and is not among the former.
    pub(crate) async fn finish(&self, finished: Finished) -> Result<(), DatabaseError> {
        let transaction = self.database.write(&[METERS, SETTINGS, CURSORS, KEPT])?;
        let (meters, settings) = (transaction.store(METERS)?, transaction.store(SETTINGS)?);
        let (mut unfinished, mut imports): (Vec<MeterKey>, Vec<Import>) =
            (listed(&transaction, UNFINISHED).await?, listed(&transaction, IMPORTS).await?);
        let new = finished.meters.iter().map(|meter| &meter.key);
        let new: Vec<&MeterKey> = new.chain(finished.imports.iter().map(|import| &import.log)).collect();
        unfinished.retain(|log| !new.contains(&log));
        unfinished.extend(finished.gone.iter().flat_map(|meter| Import::logs(meter, &imports)));
        imports.retain(|import| !finished.gone.contains(&import.meter));
        imports.extend(finished.imports);
        list(&transaction, UNFINISHED, &unfinished)?;
        list(&transaction, IMPORTS, &imports)?;
        for meter in &finished.gone {
            meters.delete(JsValue::from_str(&meter.0))?;
            settings.delete(JsValue::from_str(&Setting::of_keys(meter)))?;
            for store in [CURSORS, KEPT] {
                transaction.store(store)?.delete(of_meter(meter)?)?;
            }
        }
        for record in &finished.meters {
            put(&meters, &MeterRow { meter: record.key.clone(), record: json(record)? })?;
        }
        for Cursor { meter, reader, seq } in finished.cursors {
            put(&transaction.store(CURSORS)?, &CursorRow { meter, reader, seq })?;
        }
        // Days that were restored may be those of another place: they are computed anew when the log is next opened.
        let zone = Setting { name: ZONE.to_owned(), value: String::new() };
        for Setting { name, value } in finished.settings.into_iter().chain([zone]) {
            put(&settings, &SettingRow { name, value })?;
        }
        transaction.commit().await?;
        *self.imports.borrow_mut() = imports;
        Ok(())
    }

    /// Forgets an import with all its readings.
    pub(crate) async fn remove_import(&self, log: &MeterKey) -> Result<(), DatabaseError> {
        let transaction = self.database.write(&[SETTINGS])?;
        let (mut unfinished, mut imports): (Vec<MeterKey>, Vec<Import>) =
            (listed(&transaction, UNFINISHED).await?, listed(&transaction, IMPORTS).await?);
        imports.retain(|import| import.log != *log);
        unfinished.push(log.clone());
        list(&transaction, UNFINISHED, &unfinished)?;
        list(&transaction, IMPORTS, &imports)?;
        transaction.commit().await?;
        *self.imports.borrow_mut() = imports;
        // Another log may be on its way meanwhile: that one is left alone.
        self.remove_begun(std::slice::from_ref(log)).await
    }

    pub(super) async fn remove_imports_of(&self, meter: &MeterKey) -> Result<(), DatabaseError> {
        for import in self.imports().into_iter().filter(|import| import.meter == *meter) {
            self.remove_import(&import.log).await?;
        }
        Ok(())
    }

    /// Removes what was begun and never finished, and finds the imports.
    pub(super) async fn tidy_up(&self) -> Result<(), DatabaseError> {
        self.remove_unfinished().await?;
        self.find_imports().await
    }

    pub(super) async fn find_imports(&self) -> Result<(), DatabaseError> {
        let imports = listed(&self.database.read(&[SETTINGS])?, IMPORTS).await?;
        *self.imports.borrow_mut() = imports;
        Ok(())
    }

    /// Removes all that was begun and does not count. Nobody else may have begun anything that is to count.
    pub(crate) async fn remove_unfinished(&self) -> Result<(), DatabaseError> {
        let unfinished: Vec<MeterKey> = listed(&self.database.read(&[SETTINGS])?, UNFINISHED).await?;
        self.remove_begun(&unfinished).await
    }

    async fn remove_begun(&self, logs: &[MeterKey]) -> Result<(), DatabaseError> {
        if logs.is_empty() {
            return Ok(());
        }
        for log in logs {
            self.journal.remove(log).await.map_err(failed)?;
        }
        let transaction = self.database.write(&[SETTINGS])?;
        let mut unfinished: Vec<MeterKey> = listed(&transaction, UNFINISHED).await?;
        unfinished.retain(|log| !logs.contains(log));
        list(&transaction, UNFINISHED, &unfinished)?;
        transaction.commit().await
    }

    /// All settings that are anybody's business but the log's own.
    pub(crate) async fn settings(&self) -> Result<Vec<Setting>, DatabaseError> {
        let transaction = self.database.read(&[SETTINGS])?;
        let rows = transaction.store(SETTINGS)?.get_all(None, None)?.await?;
        let settings = rows.into_iter().map(|row| {
            let SettingRow { name, value } = row_from(row)?;
            Ok(Setting { name, value })
        });
        let settings: Vec<Setting> = settings.collect::<Result<_, DatabaseError>>()?;
        Ok(settings
            .into_iter()
            .filter(|setting| ![IMPORTS, UNFINISHED, ZONE, Certain::SETTING].contains(&setting.name.as_str()))
            .collect())
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

/// The list that a setting holds.
async fn listed<T: DeserializeOwned>(transaction: &Transaction, name: &str) -> Result<Vec<T>, DatabaseError> {
    let row = transaction.store(SETTINGS)?.get(JsValue::from_str(name))?.await?;
    let Some(row) = row else { return Ok(Vec::new()) };
    Ok(serde_json::from_str(&row_from::<SettingRow>(row)?.value).unwrap_or_default())
}

/// Makes a setting hold this list. One without anything in it is deleted, which a full disk takes as well.
fn list(transaction: &Transaction, name: &str, list: &[impl Serialize]) -> Result<(), DatabaseError> {
    let settings = transaction.store(SETTINGS)?;
    if list.is_empty() {
        settings.delete(JsValue::from_str(name))?;
        return Ok(());
    }
    put(&settings, &SettingRow { name: name.to_owned(), value: json(&list)? })
}

const IMPORTS: &str = "imports";
const UNFINISHED: &str = "unfinished";
