//! [`Log`]: the store on IndexedDB. What lies in its object stores is told in `objects`.
//!
//! Version 1 had an object store `readings` with a row for each entry, its JSON as in the contract (`"v":1`). Its rows
//! become chunks when a database of that version is opened, meter by meter: whoever is interrupted goes on where the
//! rows that have arrived end.

mod internal;
mod joined;
mod objects;
mod recomputing;
mod renewal;
mod whole;

pub(crate) use renewal::{Known, Lost};

use std::cell::RefCell;
use std::ops::RangeInclusive;
use std::rc::Rc;

use idb::CursorDirection;
use metertap_decoder::reading::Reading;
use metertap_decoder::time::Zone;
use metertap_readings::entry::{Entry, Moment};
use metertap_readings::files::backup::Ledger;
use metertap_readings::log::certain::Certain;
use metertap_readings::log::format::chunk::TooLarge;
use metertap_readings::log::journal::held::Held;
use metertap_readings::log::journal::{Damaged, Journal, LogError, Thinned};
use metertap_readings::store::disk::Shelf;
use metertap_readings::store::{MeterKey, MeterRecord, Store};
use wasm_bindgen::JsValue;

use self::objects::{
    CURSORS, CursorRow, EntryRow, KEPT, KeptRow, METERS, MeterRow, READINGS, SETTINGS, SettingRow, VERSION,
    add, entry_from, entry_key, from_json, json, last_number, of_meter, put, row_from, upgrade,
};
use super::disk::IndexedDisk;
use crate::browser::indexed_db::{Database, DatabaseError, between, key};
use crate::browser::locale::zone;
use crate::protocol::KeptOctets;

/// The log of all meters, in this browser.
#[derive(Clone, Debug)]
pub struct Log {
    database: Database,
    journal: Rc<Journal<IndexedDisk>>,
    /// Which logs count, as the disk has it.
    ledger: Rc<RefCell<Ledger>>,
}

impl Log {
    /// Opens the log of that name and writes it; a new one where there is none.
    ///
    /// # Errors
    /// Where the browser gives no storage, or a newer version has written the log.
    pub async fn open(name: &str) -> Result<Self, DatabaseError> {
        let log = Self::look(name).await?;
        log.write().await?;
        Ok(log)
    }

    /// Opens the log of that name for reading, because another tab writes it.
    ///
    /// # Errors
    /// Where the browser gives no storage, or a newer version has written the log.
    pub async fn look(name: &str) -> Result<Self, DatabaseError> {
        let database = Database::open(name, VERSION, upgrade).await?;
        let journal = Rc::new(Journal::new(IndexedDisk::new(database.clone()), here()));
        journal.watch(true).await;
        let log = Self { database, journal, ledger: Rc::default() };
        log.find_ledger().await?;
        log.find_confirmed().await?;
        Ok(log)
    }

    /// From now on it is ours to write, and to put in order: what an earlier version left behind, and days of another
    /// time zone.
    ///
    /// # Errors
    /// Where the browser has taken the storage away.
    pub async fn write(&self) -> Result<(), DatabaseError> {
        self.journal.watch(false).await;
        self.take_over().await?;
        self.tidy_up().await?;
        // Days that begin elsewhere are a blemish; a log that does not open would be a loss.
        let _ = self.settle_days().await;
        Ok(())
    }

    /// Another tab may have written since: what is in memory is read again.
    ///
    /// # Errors
    /// Where the browser has taken the storage away.
    pub(crate) async fn look_again(&self) -> Result<(), DatabaseError> {
        self.journal.watch(true).await;
        self.find_confirmed().await?;
        self.find_ledger().await
    }

    /// What is held of a meter's readings, imported ones included, and what they take.
    pub(crate) async fn held(&self, meter: &MeterKey) -> Result<Held, DatabaseError> {
        let mut all = Held::default();
        for log in self.logs(meter) {
            all = all.and(&self.journal.held(&log).await.map_err(failed)?);
        }
        Ok(all)
    }

    /// Lets go of a meter's readings from before this moment, imported ones included; their totals stay. What is certain now
    /// tells which clocks to believe.
    ///
    /// # Errors
    /// Where the browser has taken the storage away.
    pub async fn thin(
        &self,
        meter: &MeterKey,
        before: Moment,
        certain: Moment,
    ) -> Result<Thinned, DatabaseError> {
        let mut thinned = Thinned::default();
        for log in self.logs(meter) {
            thinned = thinned.and(self.journal.thin(&log, before, certain).await.map_err(failed)?);
        }
        Ok(thinned)
    }

    /// Whether that would let go of any.
    pub(crate) async fn has_older(&self, meter: &MeterKey, before: Moment) -> Result<bool, DatabaseError> {
        for log in self.logs(meter) {
            if self.journal.older(&log, before, before).await.map_err(failed)?.entries > 0 {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Lets go of the oldest tenth of all readings; `None` where there is nothing old to let go of.
    pub(crate) async fn make_room(&self, certain: Moment) -> Result<Option<Thinned>, DatabaseError> {
        self.journal.make_room(&self.all_logs().await?, certain).await.map_err(failed)
    }

    /// What was certain of time when the page was last open.
    pub(crate) async fn certain(&self) -> Result<Option<String>, DatabaseError> {
        self.internal(Certain::SETTING).await
    }

    /// Keeps what is certain of time.
    pub(crate) async fn set_certain(&self, certain: &str) -> Result<(), DatabaseError> {
        self.set_internal(Certain::SETTING, Some(certain)).await
    }

    async fn all_logs(&self) -> Result<Vec<MeterKey>, DatabaseError> {
        Ok(self.meters().await?.iter().flat_map(|record| self.logs(&record.key)).collect())
    }

    /// Takes note of what the tab that writes has told of a meter's log.
    pub(crate) fn heard_of(&self, meter: &MeterKey, first: Option<Moment>, newest: &[Entry]) {
        self.journal.heard_of(meter, first, newest);
    }

    /// What of the log was found damaged so far.
    #[must_use]
    pub fn damaged(&self) -> Vec<Damaged> {
        self.journal.damaged()
    }

    /// Computes days anew that are those of another time zone.
    async fn settle_days(&self) -> Result<(), DatabaseError> {
        let name = zone();
        if self.internal(ZONE).await?.as_deref() == Some(&name) {
            return Ok(());
        }
        for log in self.all_logs().await? {
            self.journal.count_days_in(here(), &log).await.map_err(failed)?;
        }
        self.set_internal(ZONE, Some(&name)).await
    }

    /// Makes chunks of what version 1 left behind.
    async fn take_over(&self) -> Result<(), DatabaseError> {
        loop {
            let transaction = self.database.read(&[READINGS])?;
            let first = transaction.store(READINGS)?.get_all(None, Some(1))?.await?;
            let Some(first) = first.into_iter().next() else { return Ok(()) };
            let meter = row_from::<EntryRow>(first)?.meter;
            let mut next = self.journal.span(&meter).await.map_err(failed)?.map_or(1, |(_, last)| last + 1);
            loop {
                let transaction = self.database.read(&[READINGS])?;
                let query = between(&entry_key(&meter, next), &entry_key(&meter, u64::MAX))?;
                let rows = transaction.store(READINGS)?.get_all(Some(query), Some(ROWS_AT_ONCE))?.await?;
                let rows = rows.into_iter().map(entry_from).collect::<Result<Vec<_>, _>>()?;
                let Some(last) = rows.last() else { break };
                next = last.seq + 1;
                let readings = rows.into_iter().map(|entry| (entry.received, entry.reading));
                self.journal.append_all(&meter, readings).await.map_err(failed)?;
            }
            let transaction = self.database.write(&[READINGS])?;
            transaction.store(READINGS)?.delete(of_meter(&meter)?)?;
            transaction.commit().await?;
        }
    }

    /// Keeps octets around a fault, and lets go of the oldest.
    ///
    /// # Errors
    /// Where the browser's storage is full, or gone.
    pub async fn keep_octets(&self, meter: &MeterKey, kept: &KeptOctets) -> Result<(), DatabaseError> {
        let transaction = self.database.write(&[KEPT])?;
        let store = transaction.store(KEPT)?;
        let number = last_number(&store, meter, CursorDirection::Prev).await?.unwrap_or(0) + 1;
        put(&store, &KeptRow { meter: meter.clone(), number, kept: kept.clone() })?;
        if let Some(old) = number.checked_sub(FAULTS_KEPT) {
            store.delete(between(&entry_key(meter, 0), &entry_key(meter, old))?)?;
        }
        transaction.commit().await
    }

    /// The octets kept around faults, the oldest first.
    ///
    /// # Errors
    /// Where the browser's storage is gone.
    pub async fn kept_octets(&self, meter: &MeterKey) -> Result<Vec<KeptOctets>, DatabaseError> {
        let transaction = self.database.read(&[KEPT])?;
        let rows = transaction.store(KEPT)?.get_all(Some(of_meter(meter)?), None)?.await?;
        rows.into_iter().map(|row| Ok(row_from::<KeptRow>(row)?.kept)).collect()
    }
}

impl Store for Log {
    type Error = DatabaseError;

    async fn append(
        &self,
        meter: &MeterKey,
        received: Moment,
        reading: &Reading,
    ) -> Result<u64, DatabaseError> {
        self.journal.append(meter, received, reading).await.map_err(failed)
    }

    async fn range(
        &self,
        meter: &MeterKey,
        seqs: RangeInclusive<u64>,
        most: usize,
    ) -> Result<Vec<Entry>, DatabaseError> {
        self.journal.range(meter, seqs, most).await.map_err(failed)
    }

    async fn received(
        &self,
        meter: &MeterKey,
        moments: RangeInclusive<Moment>,
        most: usize,
    ) -> Result<Vec<Entry>, DatabaseError> {
        self.journal.page(meter, (*moments.start(), 0), *moments.end(), most).await.map_err(failed)
    }

    async fn span(&self, meter: &MeterKey) -> Result<Option<(u64, u64)>, DatabaseError> {
        self.journal.span(meter).await.map_err(failed)
    }

    async fn meters(&self) -> Result<Vec<MeterRecord>, DatabaseError> {
        let transaction = self.database.read(&[METERS])?;
        let rows = transaction.store(METERS)?.get_all(None, None)?.await?;
        rows.into_iter().map(|row| from_json(&row_from::<MeterRow>(row)?.record)).collect()
    }

    async fn keep_meter(&self, meter: &MeterRecord) -> Result<(), DatabaseError> {
        let transaction = self.database.write(&[METERS])?;
        let row = MeterRow { meter: meter.key.clone(), record: json(meter)? };
        put(&transaction.store(METERS)?, &row)?;
        transaction.commit().await
    }

    async fn remove_meter(&self, meter: &MeterKey) -> Result<(), DatabaseError> {
        self.remove_imports_of(meter).await?;
        let shelves = Shelf::ALL.iter().map(|shelf| shelf.as_str());
        let stores: Vec<&str> = shelves.chain([READINGS, CURSORS, KEPT]).collect();
        let transaction = self.database.write(&[stores.as_slice(), &[METERS]].concat())?;
        transaction.store(METERS)?.delete(JsValue::from_str(&meter.0))?;
        for store in stores {
            transaction.store(store)?.delete(of_meter(meter)?)?;
        }
        transaction.commit().await?;
        self.journal.forget(meter).await;
        // What is left of it says nothing of any other meter.
        let _ = self.forget_confirmed(meter).await;
        Ok(())
    }

    async fn cursor(&self, reader: &str, meter: &MeterKey) -> Result<u64, DatabaseError> {
        let transaction = self.database.read(&[CURSORS])?;
        let key = key([meter.0.as_str().into(), reader.into()]);
        let row = transaction.store(CURSORS)?.get(key)?.await?;
        row.map_or(Ok(0), |row| Ok(row_from::<CursorRow>(row)?.seq))
    }

    async fn set_cursor(&self, reader: &str, meter: &MeterKey, seq: u64) -> Result<(), DatabaseError> {
        let transaction = self.database.write(&[CURSORS])?;
        let row = CursorRow { meter: meter.clone(), reader: reader.to_owned(), seq };
        put(&transaction.store(CURSORS)?, &row)?;
        transaction.commit().await
    }

    async fn setting(&self, name: &str) -> Result<Option<String>, DatabaseError> {
        let transaction = self.database.read(&[SETTINGS])?;
        let row = transaction.store(SETTINGS)?.get(JsValue::from_str(name))?.await?;
        row.map(|row| Ok(row_from::<SettingRow>(row)?.value)).transpose()
    }

    async fn set_setting(&self, name: &str, value: Option<&str>) -> Result<(), DatabaseError> {
        let transaction = self.database.write(&[SETTINGS])?;
        let store = transaction.store(SETTINGS)?;
        match value {
            Some(value) => put(&store, &SettingRow { name: name.to_owned(), value: value.to_owned() })?,
            None => drop(store.delete(JsValue::from_str(name))?),
        }
        transaction.commit().await
    }
}

/// The zone of the place: days are those of it.
fn here() -> Zone {
    Zone::named(&zone()).unwrap_or_default()
}

pub(super) fn failed(error: LogError) -> DatabaseError {
    match error {
        LogError::Disk(error) => error.into(),
        LogError::TooLarge => DatabaseError::Failed(TooLarge::CODE.to_string()),
        LogError::Newer(_) => DatabaseError::Newer,
    }
}

/// How many faults of a meter are kept with their octets.
const FAULTS_KEPT: u64 = 50;

/// Half a day at ten seconds: what is taken over at once.
const ROWS_AT_ONCE: u32 = 4096;

/// The record that holds the name of the zone whose days the log has.
const ZONE: &str = "days-zone";
