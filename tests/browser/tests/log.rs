//! The log on IndexedDB keeps what every store promises, and what only this one has.
#![cfg(target_arch = "wasm32")]
#![allow(clippy::unwrap_used, reason = "a test may fail")]

use idb::ObjectStoreParams;
use metertap_app::browser::indexed_db::{Database, DatabaseError, key};
use metertap_app::engine::log::Log;
use metertap_app::protocol::KeptOctets;
use metertap_readings::entry::Moment;
use metertap_readings::store::contract::contract;
use metertap_readings::store::{MeterKey, Store};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_dedicated_worker);

#[wasm_bindgen_test]
async fn keeps_the_contract_of_a_store() {
    contract(async |name: &str| Log::open(&format!("contract-{name}")).await.unwrap()).await;
}

#[wasm_bindgen_test]
async fn keeps_the_newest_faults_with_their_octets() {
    let log = Log::open("kept").await.unwrap();
    let (meter, other) = (MeterKey("one".into()), MeterKey("one-more".into()));
    for number in 0..60_u8 {
        let code = Some("frame.checksum".to_owned());
        let kept = KeptOctets { at: Moment(i64::from(number)), code, octets: vec![number, 0, 0xFF] };
        log.keep_octets(&meter, &kept).await.unwrap();
    }
    let kept = log.kept_octets(&meter).await.unwrap();
    let moments: Vec<i64> = kept.iter().map(|kept| kept.at.0).collect();
    assert_eq!(moments, (10..60).collect::<Vec<_>>());
    assert_eq!(kept.first().unwrap().octets, [10, 0, 0xFF]);
    assert!(log.kept_octets(&other).await.unwrap().is_empty());
    log.remove_meter(&meter).await.unwrap();
    assert!(log.kept_octets(&meter).await.unwrap().is_empty());
}

#[wasm_bindgen_test]
async fn makes_way_for_a_version_to_come() {
    let log = Log::open("versions").await.unwrap();
    log.set_setting("name", Some("1")).await.unwrap();
    // An upgrade waits until every open connection is closed: this one closes by itself.
    let upgraded = Database::open("versions", 2, |_, found| {
        assert_eq!(found, 1);
        Ok(())
    });
    upgraded.await.unwrap();
    assert!(log.set_setting("name", Some("2")).await.is_err());
}

#[wasm_bindgen_test]
async fn a_transaction_is_kept_as_a_whole_or_tells_why_not() {
    let database = Database::open("whole", 1, |database, _| {
        database.create_object_store("rows", ObjectStoreParams::new()).map(drop)
    });
    let database = database.await.unwrap();
    let row = key(["row".into()]);
    for again in [false, true] {
        let transaction = database.write(&["rows"]).unwrap();
        let rows = transaction.store("rows").unwrap();
        rows.put(&again.into(), Some(&"other".into())).unwrap();
        // A key can be added once.
        rows.add(&row, Some(&row)).unwrap();
        let kept = transaction.commit().await;
        let told = matches!(&kept, Err(DatabaseError::Failed(why)) if why.contains("ConstraintError"));
        assert_eq!((kept.is_ok(), told), (!again, again), "{kept:?}");
    }
    let rows = database.read(&["rows"]).unwrap().store("rows").unwrap();
    let other = rows.get(wasm_bindgen::JsValue::from_str("other")).unwrap().await.unwrap();
    assert_eq!(other, Some(false.into()));
}
