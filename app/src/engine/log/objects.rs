//! The object stores of a log, and how they came to be.
//!
//! There are those of [`rows`], and, each value with its key inside:
//!
//! | store | key | value | since |
//! |---|---|---|---|
//! | `meters` | meter | the record's JSON | 1 |
//! | `cursors` | meter, reader | the number | 1 |
//! | `settings` | name | what a person has set: `broker`, and `keys.` with a meter behind it; its JSON | 1 |
//! | `kept` | meter, number | octets around a fault, the newest 50 of a meter | 1 |
//! | `internal` | name | the log's and the installation's own, told in `internal`: `unfinished`, `imports`, `days-zone`, `installation`, `daily-backup` | 3 |
//!
//! Version 2 had the last ones among the settings. A row that is still there counts until it is written anew.

use idb::{CursorDirection, IndexParams, KeyPath, ObjectStore, ObjectStoreParams};
use js_sys::Array;
use metertap_readings::entry::Entry;
use metertap_readings::store::MeterKey;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_wasm_bindgen::{Serializer, from_value};
use wasm_bindgen::{JsCast, JsValue};

use crate::browser::indexed_db::{DatabaseError, beginning_with, key};
use crate::engine::disk::create_rows;
use crate::protocol::KeptOctets;

/// A row of version 1.
#[derive(Deserialize)]
pub(super) struct EntryRow {
    pub(super) meter: MeterKey,
    pub(super) entry: String,
}

/// A meter's record, as JSON.
#[derive(Deserialize, Serialize)]
pub(super) struct MeterRow {
    pub(super) meter: MeterKey,
    pub(super) record: String,
}

/// How far a reader of a meter's log has come.
#[derive(Deserialize, Serialize)]
pub(super) struct CursorRow {
    pub(super) meter: MeterKey,
    pub(super) reader: String,
    pub(super) seq: u64,
}

/// A setting, as JSON.
#[derive(Deserialize, Serialize)]
pub(super) struct SettingRow {
    pub(super) name: String,
    pub(super) value: String,
}

/// Octets around a fault.
#[derive(Deserialize, Serialize)]
pub(super) struct KeptRow {
    pub(super) meter: MeterKey,
    pub(super) number: u64,
    pub(super) kept: KeptOctets,
}

/// Brings a database of any earlier version up to [`VERSION`], one version after the other.
pub(super) fn upgrade(database: &idb::Database, found: u32) -> Result<(), idb::Error> {
    if found < 1 {
        create(database, METERS, KeyPath::new_single("meter"))?;
        create(database, SETTINGS, KeyPath::new_single("name"))?;
        create(database, CURSORS, KeyPath::new_array(["meter", "reader"]))?;
        create(database, KEPT, KeyPath::new_array(["meter", "number"]))?;
        let readings = create(database, READINGS, KeyPath::new_array(["meter", "seq"]))?;
        let by_received = KeyPath::new_array(["meter", "received", "seq"]);
        readings.create_index(RECEIVED, by_received, Some(IndexParams::new()))?;
    }
    if found < 2 {
        create_rows(database)?;
    }
    if found < 3 {
        create(database, INTERNAL, KeyPath::new_single("name"))?;
    }
    Ok(())
}

fn create(database: &idb::Database, store: &str, key: KeyPath) -> Result<ObjectStore, idb::Error> {
    let mut params = ObjectStoreParams::new();
    params.key_path(Some(key));
    database.create_object_store(store, params)
}

/// The number at the end of a meter's keys: the last one going backwards, the first one going forwards.
pub(super) async fn last_number(
    store: &ObjectStore,
    meter: &MeterKey,
    direction: CursorDirection,
) -> Result<Option<u64>, DatabaseError> {
    let cursor = store.open_key_cursor(Some(of_meter(meter)?), Some(direction))?.await?;
    let Some(cursor) = cursor else { return Ok(None) };
    let key: Array = cursor.key()?.unchecked_into();
    Ok(key.get(1).as_f64().map(|number| number as u64))
}

/// All keys of a meter.
pub(super) fn of_meter(meter: &MeterKey) -> Result<idb::Query, DatabaseError> {
    beginning_with(&JsValue::from_str(&meter.0))
}

/// The key of an entry, or of octets that are kept.
pub(super) fn entry_key(meter: &MeterKey, seq: u64) -> JsValue {
    key([meter.0.as_str().into(), (seq as f64).into()])
}

/// The entry in a row of version 1.
pub(super) fn entry_from(row: JsValue) -> Result<Entry, DatabaseError> {
    from_json(&row_from::<EntryRow>(row)?.entry)
}

/// Puts a row into its object store; the transaction's end tells whether it is kept.
pub(super) fn put(store: &ObjectStore, row: &impl Serialize) -> Result<(), DatabaseError> {
    store.put(&js(row)?, None)?;
    Ok(())
}

/// The same, where no row may have its key: the whole transaction fails otherwise.
pub(super) fn add(store: &ObjectStore, row: &impl Serialize) -> Result<(), DatabaseError> {
    store.add(&js(row)?, None)?;
    Ok(())
}

fn js(row: &impl Serialize) -> Result<JsValue, DatabaseError> {
    row.serialize(&Serializer::json_compatible().serialize_bytes_as_arrays(false))
        .map_err(|error| DatabaseError::Failed(error.to_string()))
}

pub(super) fn row_from<T: DeserializeOwned>(row: JsValue) -> Result<T, DatabaseError> {
    from_value(row).map_err(|error| DatabaseError::Failed(error.to_string()))
}

pub(super) fn json(value: &impl Serialize) -> Result<String, DatabaseError> {
    serde_json::to_string(value).map_err(|error| DatabaseError::Failed(error.to_string()))
}

pub(super) fn from_json<T: DeserializeOwned>(text: &str) -> Result<T, DatabaseError> {
    serde_json::from_str(text).map_err(|error| DatabaseError::Failed(error.to_string()))
}

pub(super) const VERSION: u32 = 3;

pub(super) const READINGS: &str = "readings";
const RECEIVED: &str = "received";
pub(super) const METERS: &str = "meters";
pub(super) const CURSORS: &str = "cursors";
pub(super) const SETTINGS: &str = "settings";
pub(super) const INTERNAL: &str = "internal";
pub(super) const KEPT: &str = "kept";
