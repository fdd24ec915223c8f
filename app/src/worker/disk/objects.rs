//! The object stores of a log, their history, and the contents of their rows.
//!
//! There is one store for each [`Shelf`]: a row's key is its meter and number, and its value is just the bytes. In
//! addition there are these stores, whose values contain their keys:
//!
//! | store | key | value | since |
//! |---|---|---|---|
//! | `meters` | meter | the record's JSON | 1 |
//! | `cursors` | meter, reader | the number | 1 |
//! | `settings` | name | the user's settings: `broker`, and `keys.` followed by a meter; JSON | 1 |
//! | `kept` | meter, number | bytes of a fault, the newest 50 of a meter | 1 |
//! | `internal` | name | the log's own records and the installation's: [`Internal`] | 3 |
//! | `readings` | meter, number | a row for each entry, before version 2 introduced chunks | 1 |
//!
//! Version 2 kept the log's own records among the settings. A record that is still there is valid until it is written
//! again, to `internal`.

use std::ops::RangeInclusive;

use idb::{IndexParams, KeyPath, KeyRange, ObjectStore, ObjectStoreParams, Query};
use js_sys::{Array, Uint8Array};
use metertap_readings::entry::Entry;
use metertap_readings::store::disk::{Change, RowChange, Shelf};
use metertap_readings::store::{Cursor, DiskError, Internal, KeptOctets, MeterKey, Name, Record, Records};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_wasm_bindgen::{Serializer, from_value};
use wasm_bindgen::{JsCast, JsValue};

use crate::browser::indexed_db::{DatabaseError, beginning_with, between, key};

/// A row of version 1.
#[derive(Deserialize)]
struct EntryRow {
    meter: MeterKey,
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

/// A setting or one of the log's own records, as JSON.
#[derive(Deserialize, Serialize)]
struct SettingRow {
    name: String,
    value: String,
}

/// Bytes of a fault.
#[derive(Deserialize, Serialize)]
struct KeptRow {
    meter: MeterKey,
    number: u64,
    kept: KeptOctets,
}

/// Upgrades a database of any earlier version to [`VERSION`], one version after the other.
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

/// Creates the object stores of rows during an upgrade.
///
/// # Errors
/// If the database has them already.
pub fn create_rows(database: &idb::Database) -> Result<(), idb::Error> {
    for shelf in Shelf::ALL {
        database.create_object_store(shelf.as_str(), ObjectStoreParams::new())?;
    }
    Ok(())
}

fn create(database: &idb::Database, store: &str, key: KeyPath) -> Result<ObjectStore, idb::Error> {
    let mut params = ObjectStoreParams::new();
    params.key_path(Some(key));
    database.create_object_store(store, params)
}

pub(super) const fn store_of(name: &Name) -> &'static str {
    match name {
        Name::Meter(_) => METERS,
        Name::Setting(_) => SETTINGS,
        Name::Internal(_) => INTERNAL,
        Name::Cursor(..) => CURSORS,
        Name::Kept(..) => KEPT,
    }
}

pub(super) fn key_of(name: &Name) -> JsValue {
    match name {
        Name::Meter(meter) => JsValue::from_str(&meter.0),
        Name::Setting(name) => JsValue::from_str(name),
        Name::Internal(own) => JsValue::from_str(own.as_str()),
        Name::Cursor(meter, reader) => key([meter.0.as_str().into(), reader.as_str().into()]),
        Name::Kept(meter, number) => entry_key(meter, *number),
    }
}

/// The store that holds these records, and which of its rows they are.
pub(super) fn all_from(records: &Records) -> Result<(&'static str, Option<Query>), DatabaseError> {
    Ok(match records {
        Records::Meters => (METERS, None),
        Records::Settings => (SETTINGS, None),
        Records::Internal => (INTERNAL, None),
        Records::Cursors => (CURSORS, None),
        Records::CursorsOf(meter) => (CURSORS, Some(of_meter(meter)?)),
        Records::KeptOf(meter) => (KEPT, Some(of_meter(meter)?)),
    })
}

pub(super) fn stores_of(change: &Change) -> Vec<&'static str> {
    match change {
        Change::Rows(_, changes) => changes.iter().map(|change| shelf(change).as_str()).collect(),
        Change::Add(record) | Change::Keep(record) => vec![store_of(&record.name())],
        Change::Drop(name) | Change::Expect(name, _) => vec![store_of(name)],
        Change::DropAll(records) => vec![match records {
            Records::Meters => METERS,
            Records::Settings => SETTINGS,
            Records::Internal => INTERNAL,
            Records::Cursors | Records::CursorsOf(_) => CURSORS,
            Records::KeptOf(_) => KEPT,
        }],
        Change::DropVersion1(_) => vec![READINGS],
    }
}

/// The record in a row of a store; `None` if a newer version has written it.
pub(super) fn record_from(among: &Records, row: JsValue) -> Result<Option<Record>, DiskError> {
    Ok(Some(match among {
        Records::Meters => Record::Meter(from_json(&row_from::<MeterRow>(row)?.record)?),
        Records::Settings => {
            let SettingRow { name, value } = row_from(row)?;
            Record::Setting(name, value)
        }
        Records::Internal => {
            let SettingRow { name, value } = row_from(row)?;
            let Some(own) = Internal::of(&name) else { return Ok(None) };
            Record::Internal(own, value)
        }
        Records::Cursors | Records::CursorsOf(_) => {
            let CursorRow { meter, reader, seq } = row_from(row)?;
            Record::Cursor(Cursor { meter, reader, seq })
        }
        Records::KeptOf(_) => {
            let KeptRow { meter, number, kept } = row_from(row)?;
            Record::Kept(meter, number, kept)
        }
    }))
}

pub(super) fn row_of(record: &Record) -> Result<(&'static str, JsValue), DiskError> {
    let row = match record {
        Record::Meter(meter) => js(&MeterRow { meter: meter.key.clone(), record: json(meter)? }),
        Record::Setting(name, value) => js(&SettingRow { name: name.clone(), value: value.clone() }),
        Record::Internal(own, value) => {
            js(&SettingRow { name: own.as_str().to_owned(), value: value.clone() })
        }
        Record::Cursor(Cursor { meter, reader, seq }) => {
            js(&CursorRow { meter: meter.clone(), reader: reader.clone(), seq: *seq })
        }
        Record::Kept(meter, number, kept) => {
            js(&KeptRow { meter: meter.clone(), number: *number, kept: kept.clone() })
        }
    };
    Ok((store_of(&record.name()), row?))
}

/// A query for all keys that begin with this meter.
pub(super) fn of_meter(meter: &MeterKey) -> Result<Query, DatabaseError> {
    beginning_with(&JsValue::from_str(&meter.0))
}

/// The key of an entry, or of kept bytes.
pub(super) fn entry_key(meter: &MeterKey, seq: u64) -> JsValue {
    key([meter.0.as_str().into(), (seq as f64).into()])
}

/// A query for all keys from this one on.
pub(super) fn from_key(first: &JsValue) -> Result<Query, DatabaseError> {
    Ok(Query::KeyRange(KeyRange::lower_bound(first, None)?))
}

/// Readings, each with its meter.
pub type Entries = Result<Vec<(MeterKey, Entry)>, DiskError>;

/// Decodes the entries in rows of version 1.
///
/// # Errors
/// If a row contains something else.
pub fn entries_of(rows: Vec<JsValue>) -> Entries {
    rows.into_iter().map(entry_from).collect()
}

fn entry_from(row: JsValue) -> Result<(MeterKey, Entry), DiskError> {
    let EntryRow { meter, entry } = row_from(row)?;
    Ok((meter, from_json(&entry)?))
}

pub(super) fn place(meter: &MeterKey, number: i64) -> JsValue {
    Array::of2(&JsValue::from_str(&meter.0), &(number as f64).into()).into()
}

/// A query for the keys of a meter's rows with these numbers.
pub(super) fn rows_between(meter: &MeterKey, numbers: &RangeInclusive<i64>) -> Result<Query, DatabaseError> {
    between(&place(meter, *numbers.start()), &place(meter, *numbers.end()))
}

pub(super) fn value(octets: &[u8]) -> JsValue {
    Uint8Array::from(octets).into()
}

/// The bytes of a row; empty if the row holds something else, which the log then reports as damaged.
pub(super) fn octets(value: JsValue) -> Vec<u8> {
    value.dyn_into::<Uint8Array>().map(|octets| octets.to_vec()).unwrap_or_default()
}

pub(super) fn number(key: JsValue) -> i64 {
    key.unchecked_into::<Array>().get(1).as_f64().unwrap_or_default() as i64
}

fn shelf(change: &RowChange) -> Shelf {
    match change {
        RowChange::Insert(shelf, ..) | RowChange::Put(shelf, ..) | RowChange::Delete(shelf, _) => *shelf,
    }
}

fn js(row: &impl Serialize) -> Result<JsValue, DiskError> {
    row.serialize(&Serializer::json_compatible().serialize_bytes_as_arrays(false))
        .map_err(|error| DiskError::Failed(error.to_string()))
}

fn row_from<T: DeserializeOwned>(row: JsValue) -> Result<T, DiskError> {
    from_value(row).map_err(|error| DiskError::Failed(error.to_string()))
}

fn json(value: &impl Serialize) -> Result<String, DiskError> {
    serde_json::to_string(value).map_err(|error| DiskError::Failed(error.to_string()))
}

fn from_json<T: DeserializeOwned>(text: &str) -> Result<T, DiskError> {
    serde_json::from_str(text).map_err(|error| DiskError::Failed(error.to_string()))
}

pub(super) const VERSION: u32 = 3;

pub(super) const READINGS: &str = "readings";
const RECEIVED: &str = "received";
const METERS: &str = "meters";
const CURSORS: &str = "cursors";
const SETTINGS: &str = "settings";
const INTERNAL: &str = "internal";
const KEPT: &str = "kept";
