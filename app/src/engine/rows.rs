//! [`Rows`]: the log's rows in IndexedDB.
//!
//! An object store for each [`Shelf`]; a row's key is its meter and number, its value the octets and nothing else.

use std::ops::RangeInclusive;
use std::pin::pin;

use futures_util::future::{Either, select};
use idb::{ObjectStore, ObjectStoreParams, Query};
use js_sys::{Array, Uint8Array};
use metertap_readings::store::disk::{Change, Disk, Row, RowChange, Shelf};
use metertap_readings::store::{DiskError, MeterKey};
use wasm_bindgen::{JsCast, JsValue};

use crate::browser::indexed_db::{Database, DatabaseError, Transaction, between};

/// The rows of a database.
#[derive(Clone, Debug)]
pub struct Rows(pub Database);

impl Disk for Rows {
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
        // Whoever waits for rows has the log to themselves, and must not wait for ever.
        let connection = self.0.connection();
        match select(pin!(connection.over()), pin!(self.read(shelf, meter, numbers, most))).await {
            Either::Left(_) => Err(DiskError::Closed),
            Either::Right((read, _)) => Ok(read?),
        }
    }

    async fn commit(&self, changes: Vec<Change>) -> Result<(), DiskError> {
        if changes.is_empty() {
            return Ok(());
        }
        let mut shelves: Vec<&str> = changes
            .iter()
            .flat_map(|Change::Rows(_, changes)| changes)
            .map(|change| shelf(change).as_str())
            .collect();
        shelves.sort_unstable();
        shelves.dedup();
        let transaction = self.0.write(&shelves)?;
        for Change::Rows(meter, changes) in changes {
            let meter = name(&meter);
            changes.into_iter().try_for_each(|change| make(&transaction, &meter, change))?;
        }
        Ok(transaction.commit().await?)
    }
}

impl Rows {
    async fn read(
        &self,
        shelf: Shelf,
        meter: &MeterKey,
        numbers: RangeInclusive<i64>,
        most: usize,
    ) -> Result<Vec<Row>, DatabaseError> {
        let most = u32::try_from(most).ok();
        let transaction = self.0.read(&[shelf.as_str()])?;
        let (store, meter) = (transaction.store(shelf.as_str())?, name(meter));
        let keys = store.get_all_keys(Some(of(&meter, &numbers)?), most)?;
        let values = store.get_all(Some(of(&meter, &numbers)?), most)?;
        let (keys, values) = (keys.await?, values.await?);
        Ok(keys.into_iter().zip(values).map(|(key, value)| (number(key), octets(value))).collect())
    }
}

/// Makes the object stores of an empty log, while a database is upgraded.
///
/// # Errors
/// Where the database has them already.
pub fn create(database: &idb::Database) -> Result<(), idb::Error> {
    for shelf in Shelf::ALL {
        database.create_object_store(shelf.as_str(), ObjectStoreParams::new())?;
    }
    Ok(())
}

fn shelf(change: &RowChange) -> Shelf {
    match change {
        RowChange::Insert(shelf, ..) | RowChange::Put(shelf, ..) | RowChange::Delete(shelf, _) => *shelf,
    }
}

fn make(transaction: &Transaction, meter: &JsValue, change: RowChange) -> Result<(), DatabaseError> {
    let store: ObjectStore = transaction.store(shelf(&change).as_str())?;
    match change {
        RowChange::Insert(_, number, octets) => {
            drop(store.add(&value(&octets), Some(&place(meter, number)))?)
        }
        RowChange::Put(_, number, octets) => drop(store.put(&value(&octets), Some(&place(meter, number)))?),
        RowChange::Delete(_, numbers) if numbers.is_empty() => {}
        RowChange::Delete(_, numbers) => drop(store.delete(of(meter, &numbers)?)?),
    }
    Ok(())
}

fn name(meter: &MeterKey) -> JsValue {
    JsValue::from_str(&meter.0)
}

fn place(meter: &JsValue, number: i64) -> JsValue {
    Array::of2(meter, &(number as f64).into()).into()
}

fn of(meter: &JsValue, numbers: &RangeInclusive<i64>) -> Result<Query, DatabaseError> {
    between(&place(meter, *numbers.start()), &place(meter, *numbers.end()))
}

fn value(octets: &[u8]) -> JsValue {
    Uint8Array::from(octets).into()
}

/// Octets; none where the row holds something else, which the log then calls damaged.
fn octets(value: JsValue) -> Vec<u8> {
    value.dyn_into::<Uint8Array>().map(|octets| octets.to_vec()).unwrap_or_default()
}

fn number(key: JsValue) -> i64 {
    key.unchecked_into::<Array>().get(1).as_f64().unwrap_or_default() as i64
}

impl From<DiskError> for DatabaseError {
    fn from(error: DiskError) -> Self {
        match error {
            DiskError::Unavailable => Self::Unavailable,
            DiskError::Closed => Self::Closed,
            DiskError::Full => Self::Full,
            DiskError::Newer => Self::Newer,
            DiskError::Taken => Self::Taken,
            DiskError::Failed(text) => Self::Failed(text),
        }
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
