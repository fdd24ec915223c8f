//! [`IndexedDisk`]: the log's disk as a database of the browser. `objects` describes its object stores.

mod objects;

pub use self::objects::{Entries, create_rows, entries_of};

use std::ops::RangeInclusive;
use std::pin::pin;

use futures_util::FutureExt;
use futures_util::future::{Either, LocalBoxFuture, ready, select};
use idb::ObjectStore;
use metertap_readings::entry::Entry;
use metertap_readings::store::disk::{Change, Disk, Row, RowChange, Shelf};
use metertap_readings::store::{Connection, DiskError, MeterKey, Name, Record, Records};
use wasm_bindgen::JsValue;

use self::objects::{
    READINGS, all_from, entry_key, key_of, number, octets, of_meter, place, record_from, row_of,
    rows_between, store_of, stores_of, value,
};
use crate::browser::clock::sleep;
use crate::browser::indexed_db::{Database, DatabaseError, Transaction};
use crate::fetching::{Fetched, NotFetched};

/// A database with rows and records.
#[derive(Clone, Debug)]
pub struct IndexedDisk {
    database: Database,
    entries: ReadEntries,
}

/// Decodes rows of the log's first version, once the code for it is there.
pub type ReadEntries = fn(Vec<JsValue>) -> Fetched<Entries>;

impl IndexedDisk {
    /// The disk in this database.
    #[must_use]
    pub fn new(database: Database) -> Self {
        Self { database, entries: |rows| ready(Ok(entries_of(rows))).boxed_local() }
    }

    /// Opens the database with this name, or creates it.
    ///
    /// # Errors
    /// If the browser provides no storage, or a newer version has written the database.
    pub async fn open(name: &str) -> Result<Self, DiskError> {
        Ok(Self::new(open(name).await?))
    }

    /// Like [`IndexedDisk::open`], with `entries` to decode rows of the first version. A program that calls only this
    /// function does not contain the code that decodes them.
    ///
    /// # Errors
    /// Those of [`IndexedDisk::open`].
    pub(super) async fn open_reading(name: &str, entries: ReadEntries) -> Result<Self, DiskError> {
        Ok(Self { database: open(name).await?, entries })
    }

    async fn read(
        &self,
        shelf: Shelf,
        meter: &MeterKey,
        numbers: RangeInclusive<i64>,
        most: usize,
    ) -> Result<Vec<Row>, DatabaseError> {
        let most = u32::try_from(most).ok();
        let store = self.database.read(&[shelf.as_str()])?.store(shelf.as_str())?;
        let keys = store.get_all_keys(Some(rows_between(meter, &numbers)?), most)?;
        let values = store.get_all(Some(rows_between(meter, &numbers)?), most)?;
        let (keys, values) = (keys.await?, values.await?);
        Ok(keys.into_iter().zip(values).map(|(key, value)| (number(key), octets(value))).collect())
    }

    async fn find(&self, of: &Records) -> Result<Vec<JsValue>, DatabaseError> {
        let (store, query) = all_from(of)?;
        Ok(self.database.read(&[store])?.store(store)?.get_all(query, None)?.await?)
    }

    async fn find_version_1(&self, from: JsValue, most: usize) -> Result<Vec<JsValue>, DatabaseError> {
        let query = objects::from_key(&from)?;
        let most = u32::try_from(most).ok();
        Ok(self.database.read(&[READINGS])?.store(READINGS)?.get_all(Some(query), most)?.await?)
    }

    /// Returns [`DiskError::Taken`] unless the disk holds what each [`Change::Expect`] expects. The transaction goes on
    /// afterwards.
    async fn is_expected(&self, transaction: &Transaction, changes: &[Change]) -> Result<(), DiskError> {
        let expected = changes.iter().filter_map(|change| match change {
            Change::Expect(name, record) => Some((name, record)),
            _ => None,
        });
        for (name, record) in expected {
            let request =
                transaction.store(store_of(name))?.get(key_of(name)).map_err(DatabaseError::from)?;
            let found = self.lasting(async { Ok(request.await?) }).await?;
            let found = found.map(|row| record_from(&kind_of(name), row)).transpose()?.flatten();
            if found != *record {
                return Err(DiskError::Taken);
            }
        }
        Ok(())
    }

    /// Runs work, and stops waiting when the connection is over: while an answer is awaited the log is locked, so the
    /// wait must not be endless.
    async fn lasting<T>(&self, work: impl Future<Output = Result<T, DatabaseError>>) -> Result<T, DiskError> {
        match select(self.over(), pin!(work)).await {
            Either::Left(_) => Err(DiskError::Closed),
            Either::Right((done, _)) => Ok(done?),
        }
    }

    /// Waits until the connection ends. A browser that has been silent for too long is taken to have ended it.
    fn over(&self) -> LocalBoxFuture<'_, ()> {
        let connection = self.database.connection();
        async move {
            // Waits second by second, so that the time for which the computer sleeps counts as one second.
            for _ in 0..SILENT {
                if let Either::Left(_) = select(pin!(connection.over()), pin!(sleep(1000))).await {
                    return;
                }
            }
            self.database.close();
        }
        .boxed_local()
    }
}

impl Disk for IndexedDisk {
    async fn rows(
        &self,
        shelf: Shelf,
        meter: &MeterKey,
        numbers: RangeInclusive<i64>,
        most: usize,
    ) -> Result<Vec<Row>, DiskError> {
        if numbers.is_empty() || most == 0 {
            return Ok(Vec::new());
        }
        self.lasting(self.read(shelf, meter, numbers, most)).await
    }

    async fn records(&self, of: &Records) -> Result<Vec<Record>, DiskError> {
        let rows = self.lasting(self.find(of)).await?;
        rows.into_iter().filter_map(|row| record_from(of, row).transpose()).collect()
    }

    async fn commit(&self, changes: Vec<Change>) -> Result<(), DiskError> {
        let mut stores: Vec<&str> = changes.iter().flat_map(stores_of).collect();
        stores.sort_unstable();
        stores.dedup();
        // A transaction over no stores is refused (Indexed Database API 3.0, clause 4.4).
        if stores.is_empty() {
            return Ok(());
        }
        let transaction = self.database.write(&stores)?;
        self.is_expected(&transaction, &changes).await?;
        for change in changes {
            make(&transaction, change)?;
        }
        self.lasting(transaction.commit()).await
    }

    async fn version_1(
        &self,
        (meter, seq): (&MeterKey, u64),
        most: usize,
    ) -> Result<Vec<(MeterKey, Entry)>, DiskError> {
        let rows = self.lasting(self.find_version_1(entry_key(meter, seq), most)).await?;
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        (self.entries)(rows).await.unwrap_or_else(|NotFetched| Err(DiskError::Failed(NOT_FETCHED.to_owned())))
    }

    fn connection(&self) -> Connection {
        let connection = self.database.connection();
        Connection::until(async move { connection.over().await })
    }

    fn why_closed(&self) -> Option<DiskError> {
        self.database.why_closed().map(DiskError::from)
    }

    fn close(&self) {
        self.database.close();
    }

    async fn reopen(&self) -> Result<(), DiskError> {
        match select(pin!(self.database.reopen()), pin!(sleep(ANSWER))).await {
            Either::Left((opened, _)) => Ok(opened?),
            Either::Right(_) => Err(DiskError::Closed),
        }
    }
}

async fn open(name: &str) -> Result<Database, DatabaseError> {
    Database::open(name, objects::VERSION, objects::upgrade).await
}

/// Requests a change. The end of the transaction reports whether it was made.
fn make(transaction: &Transaction, change: Change) -> Result<(), DiskError> {
    match change {
        Change::Rows(meter, changes) => {
            for change in changes {
                change_rows(transaction, &meter, change)?;
            }
        }
        Change::Add(record) => {
            let (store, row) = row_of(&record)?;
            transaction.store(store)?.add(&row, None).map_err(DatabaseError::from)?;
        }
        Change::Keep(record) => {
            let (store, row) = row_of(&record)?;
            transaction.store(store)?.put(&row, None).map_err(DatabaseError::from)?;
        }
        Change::Drop(name) => {
            transaction.store(store_of(&name))?.delete(key_of(&name)).map_err(DatabaseError::from)?;
        }
        Change::DropAll(records) => {
            let (store, query) = all_from(&records)?;
            let store = transaction.store(store)?;
            match query {
                Some(query) => drop(store.delete(query).map_err(DatabaseError::from)?),
                None => drop(store.clear().map_err(DatabaseError::from)?),
            }
        }
        Change::Expect(..) => {}
        Change::DropVersion1(meter) => {
            transaction.store(READINGS)?.delete(of_meter(&meter)?).map_err(DatabaseError::from)?;
        }
    }
    Ok(())
}

fn change_rows(transaction: &Transaction, meter: &MeterKey, change: RowChange) -> Result<(), DatabaseError> {
    let store = |shelf: Shelf| -> Result<ObjectStore, DatabaseError> { transaction.store(shelf.as_str()) };
    match change {
        RowChange::Insert(shelf, number, octets) => {
            store(shelf)?.add(&value(&octets), Some(&place(meter, number)))?;
        }
        RowChange::Put(shelf, number, octets) => {
            store(shelf)?.put(&value(&octets), Some(&place(meter, number)))?;
        }
        RowChange::Delete(_, numbers) if numbers.is_empty() => {}
        RowChange::Delete(shelf, numbers) => {
            store(shelf)?.delete(rows_between(meter, &numbers)?)?;
        }
    }
    Ok(())
}

fn kind_of(name: &Name) -> Records {
    match name {
        Name::Meter(_) => Records::Meters,
        Name::Setting(_) => Records::Settings,
        Name::Internal(_) => Records::Internal,
        Name::Cursor(..) => Records::Cursors,
        Name::Kept(meter, _) => Records::KeptOf(meter.clone()),
    }
}

impl From<DatabaseError> for DiskError {
    fn from(error: DatabaseError) -> Self {
        match error {
            DatabaseError::Unavailable => Self::Unavailable,
            DatabaseError::Closed => Self::Closed,
            DatabaseError::Full => Self::Full,
            DatabaseError::Newer => Self::Newer,
            DatabaseError::Taken => Self::Taken,
            DatabaseError::Failed(text) => Self::Failed(text),
        }
    }
}

/// Milliseconds after which opening the database is tried again: while Chromium clears storage, it sometimes never
/// answers a request.
const ANSWER: u64 = 1000;

/// Seconds in which the browser must answer a request. After a site's data were cleared, Chromium sometimes neither
/// ends a transaction nor closes its connection.
const SILENT: u32 = 20;

/// The error for rows of the first version if the code that reads them could not be fetched.
const NOT_FETCHED: &str = "the part of the page that reads the log of an older build could not be fetched";
