//! A database that build e888b7f wrote can be opened, and its contents are unchanged.

use js_sys::{JSON, Uint8Array};
use metertap_app::browser::indexed_db::{Database, DatabaseError};
use metertap_app::worker::disk::create_rows;
use metertap_app::worker::log;
use metertap_decoder::hex;
use metertap_readings::store::MeterKey;
use metertap_readings::store::disk::Shelf;
use serde_json::Value;
use wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::stores;

#[wasm_bindgen_test]
async fn a_database_of_an_earlier_build_opens_and_keeps_everything() {
    let database: Value = serde_json::from_str(DATABASE).unwrap();
    put("earlier", &database).await;
    // Opened twice: the changes of the first opening must not lose anything.
    for _ in 0..2 {
        let log = log::open("earlier").await.unwrap();
        let meters = log.meters().await.unwrap();
        assert_eq!(meters.len(), 2);
        let recorded = meters.iter().find(|meter| meter.key.0.starts_with("p1-")).unwrap();
        assert_eq!(recorded.identification.as_deref(), Some("SIM-M5000000000000097"));
        assert_eq!(log.span(&recorded.key).await.unwrap(), Some((1, 1081)));
        assert_eq!(log.range(&recorded.key, 0..=u64::MAX, 2000).await.unwrap().len(), 1081);
        let import = MeterKey(format!("{}+1", recorded.key.0));
        assert_eq!(log.span(&import).await.unwrap(), Some((1, 4)), "the imported readings are there");
        let broker: Value = serde_json::from_str(&log.setting("broker").await.unwrap().unwrap()).unwrap();
        assert_eq!(broker["url"], "ws://localhost:9/");
        assert_eq!(log.damaged(), []);
    }
}

/// Creates a database of version 2, as that build had it.
async fn put(name: &str, database: &Value) {
    let old = Database::open(name, 2, |database, _| {
        stores::create_version_1(database)?;
        create_rows(database)
    });
    let old = old.await.unwrap();
    for (store, rows) in database["stores"].as_object().unwrap() {
        for row in rows.as_array().unwrap() {
            put_row(&old, store, &row[0], &row[1]).await.unwrap();
        }
    }
}

async fn put_row(database: &Database, store: &str, key: &Value, value: &Value) -> Result<(), DatabaseError> {
    let transaction = database.write(&[store])?;
    let js = |value: &Value| JSON::parse(&value.to_string()).unwrap();
    // Rows of bytes have their key beside them. Other rows contain their key.
    let (value, key): (JsValue, Option<JsValue>) =
        match Shelf::ALL.iter().any(|shelf| shelf.as_str() == store) {
            true => (
                Uint8Array::from(hex::read(value["hex"].as_str().unwrap()).unwrap().as_slice()).into(),
                Some(js(key)),
            ),
            false => (js(value), None),
        };
    transaction.store(store)?.put(&value, key.as_ref())?;
    transaction.commit().await
}

const DATABASE: &str = include_str!("../../../databases/e888b7f.json");
