//! [`Log`]: the store on IndexedDB.
//!
//! Object stores of version 1, each value with its key inside:
//!
//! | store | key | value |
//! |---|---|---|
//! | `readings` | meter, seq | the entry's JSON as in the contract (`"v":1`), and when it was heard; indexed by meter, moment, seq |
//! | `meters` | meter | the record's JSON |
//! | `cursors` | meter, reader | the number |
//! | `settings` | name | its JSON |
//! | `kept` | meter, number | octets around a fault, the newest 50 of a meter |
//!
//! A number is drawn in the transaction that writes its entry, so that two writers never draw the same one.

use std::ops::RangeInclusive;

use idb::{CursorDirection, IndexParams, KeyPath, ObjectStore, ObjectStoreParams};
use js_sys::Array;
use metertap_decoder::reading::Reading;
use metertap_readings::entry::{Entry, Moment};
use metertap_readings::store::{MeterKey, MeterRecord, Store};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_wasm_bindgen::{Serializer, from_value};
use wasm_bindgen::{JsCast, JsValue};

use crate::browser::indexed_db::{Database, DatabaseError, beginning_with, between, key};
use crate::protocol::KeptOctets;

/// The log of all meters, in this browser.
#[derive(Clone, Debug)]
pub struct Log {
    database: Database,
}

impl Log {
    /// Opens the log of that name; a new one where there is none.
    ///
    /// # Errors
    /// Where the browser gives no storage.
    pub async fn open(name: &str) -> Result<Self, DatabaseError> {
        Ok(Self { database: Database::open(name, VERSION, upgrade).await? })
    }

    /// Entries from this moment and number on until `to`, in the order of time, at most `most` of them.
    pub(crate) async fn page(
        &self,
        meter: &MeterKey,
        (from, seq): (Moment, u64),
        to: Moment,
        most: u32,
    ) -> Result<Vec<Entry>, DatabaseError> {
        if from > to {
            return Ok(Vec::new());
        }
        let first = key([meter.0.as_str().into(), (from.0 as f64).into(), (seq as f64).into()]);
        let query = between(&first, &behind(meter, to))?;
        let transaction = self.database.read(&[READINGS])?;
        let rows = transaction.store(READINGS)?.index(RECEIVED)?.get_all(Some(query), Some(most))?.await?;
        rows.into_iter().map(entry_from).collect()
    }

    /// How many entries were received in this span of time.
    pub(crate) async fn count(
        &self,
        meter: &MeterKey,
        moments: RangeInclusive<Moment>,
    ) -> Result<u64, DatabaseError> {
        if moments.is_empty() {
            return Ok(0);
        }
        let first = key([meter.0.as_str().into(), (moments.start().0 as f64).into()]);
        let query = between(&first, &behind(meter, *moments.end()))?;
        let transaction = self.database.read(&[READINGS])?;
        let count = transaction.store(READINGS)?.index(RECEIVED)?.count(Some(query))?.await?;
        Ok(u64::from(count))
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
        let transaction = self.database.write(&[READINGS])?;
        let store = transaction.store(READINGS)?;
        let seq = last_number(&store, meter, CursorDirection::Prev).await?.unwrap_or(0) + 1;
        let entry = Entry { reading: reading.clone(), received, seq };
        let row = EntryRow { meter: meter.clone(), seq, received: received.0, entry: json(&entry)? };
        store.add(&js(&row)?, None)?;
        transaction.commit().await?;
        Ok(seq)
    }

    async fn range(
        &self,
        meter: &MeterKey,
        seqs: RangeInclusive<u64>,
        most: usize,
    ) -> Result<Vec<Entry>, DatabaseError> {
        if seqs.is_empty() || most == 0 {
            return Ok(Vec::new());
        }
        let query = between(&entry_key(meter, *seqs.start()), &entry_key(meter, *seqs.end()))?;
        let transaction = self.database.read(&[READINGS])?;
        let rows = transaction.store(READINGS)?.get_all(Some(query), u32::try_from(most).ok())?.await?;
        rows.into_iter().map(entry_from).collect()
    }

    async fn received(
        &self,
        meter: &MeterKey,
        moments: RangeInclusive<Moment>,
        most: usize,
    ) -> Result<Vec<Entry>, DatabaseError> {
        let most = u32::try_from(most).unwrap_or(u32::MAX);
        if most == 0 {
            return Ok(Vec::new());
        }
        self.page(meter, (*moments.start(), 0), *moments.end(), most).await
    }

    async fn span(&self, meter: &MeterKey) -> Result<Option<(u64, u64)>, DatabaseError> {
        let transaction = self.database.read(&[READINGS])?;
        let store = transaction.store(READINGS)?;
        let first = last_number(&store, meter, CursorDirection::Next).await?;
        let last = last_number(&store, meter, CursorDirection::Prev).await?;
        Ok(first.zip(last))
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
        let transaction = self.database.write(&[READINGS, METERS, CURSORS, KEPT])?;
        transaction.store(METERS)?.delete(JsValue::from_str(&meter.0))?;
        for store in [READINGS, CURSORS, KEPT] {
            transaction.store(store)?.delete(of_meter(meter)?)?;
        }
        transaction.commit().await
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

#[derive(Deserialize, Serialize)]
struct EntryRow {
    meter: MeterKey,
    seq: u64,
    received: i64,
    entry: String,
}

#[derive(Deserialize, Serialize)]
struct MeterRow {
    meter: MeterKey,
    record: String,
}

#[derive(Deserialize, Serialize)]
struct CursorRow {
    meter: MeterKey,
    reader: String,
    seq: u64,
}

#[derive(Deserialize, Serialize)]
struct SettingRow {
    name: String,
    value: String,
}

#[derive(Deserialize, Serialize)]
struct KeptRow {
    meter: MeterKey,
    number: u64,
    kept: KeptOctets,
}

/// Brings a database of any earlier version up to [`VERSION`], one version after the other.
fn upgrade(database: &idb::Database, found: u32) -> Result<(), idb::Error> {
    if found < 1 {
        create(database, METERS, KeyPath::new_single("meter"))?;
        create(database, SETTINGS, KeyPath::new_single("name"))?;
        create(database, CURSORS, KeyPath::new_array(["meter", "reader"]))?;
        create(database, KEPT, KeyPath::new_array(["meter", "number"]))?;
        let readings = create(database, READINGS, KeyPath::new_array(["meter", "seq"]))?;
        let by_received = KeyPath::new_array(["meter", "received", "seq"]);
        readings.create_index(RECEIVED, by_received, Some(IndexParams::new()))?;
    }
    Ok(())
}

fn create(database: &idb::Database, store: &str, key: KeyPath) -> Result<ObjectStore, idb::Error> {
    let mut params = ObjectStoreParams::new();
    params.key_path(Some(key));
    database.create_object_store(store, params)
}

/// The number at the end of a meter's keys: the last one going backwards, the first one going forwards.
async fn last_number(
    store: &ObjectStore,
    meter: &MeterKey,
    direction: CursorDirection,
) -> Result<Option<u64>, DatabaseError> {
    let cursor = store.open_key_cursor(Some(of_meter(meter)?), Some(direction))?.await?;
    let Some(cursor) = cursor else { return Ok(None) };
    let key: Array = cursor.key()?.unchecked_into();
    Ok(key.get(1).as_f64().map(|number| number as u64))
}

fn of_meter(meter: &MeterKey) -> Result<idb::Query, DatabaseError> {
    beginning_with(&JsValue::from_str(&meter.0))
}

fn entry_key(meter: &MeterKey, seq: u64) -> JsValue {
    key([meter.0.as_str().into(), (seq as f64).into()])
}

/// The place in the index of moments behind everything of this moment.
fn behind(meter: &MeterKey, moment: Moment) -> JsValue {
    key([meter.0.as_str().into(), (moment.0 as f64).into(), Array::new().into()])
}

fn entry_from(row: JsValue) -> Result<Entry, DatabaseError> {
    from_json(&row_from::<EntryRow>(row)?.entry)
}

fn put(store: &ObjectStore, row: &impl Serialize) -> Result<(), DatabaseError> {
    store.put(&js(row)?, None)?;
    Ok(())
}

fn js(row: &impl Serialize) -> Result<JsValue, DatabaseError> {
    row.serialize(&Serializer::json_compatible().serialize_bytes_as_arrays(false))
        .map_err(|error| DatabaseError::Failed(error.to_string()))
}

fn row_from<T: DeserializeOwned>(row: JsValue) -> Result<T, DatabaseError> {
    from_value(row).map_err(|error| DatabaseError::Failed(error.to_string()))
}

fn json(value: &impl Serialize) -> Result<String, DatabaseError> {
    serde_json::to_string(value).map_err(|error| DatabaseError::Failed(error.to_string()))
}

fn from_json<T: DeserializeOwned>(text: &str) -> Result<T, DatabaseError> {
    serde_json::from_str(text).map_err(|error| DatabaseError::Failed(error.to_string()))
}

/// How many faults of a meter are kept with their octets.
const FAULTS_KEPT: u64 = 50;

const VERSION: u32 = 1;

const READINGS: &str = "readings";
const RECEIVED: &str = "received";
const METERS: &str = "meters";
const CURSORS: &str = "cursors";
const SETTINGS: &str = "settings";
const KEPT: &str = "kept";
