//! The log on IndexedDB keeps what every store promises, and what only this one has.
#![cfg(target_arch = "wasm32")]
#![allow(clippy::unwrap_used, reason = "a test may fail")]

use idb::{KeyPath, ObjectStoreParams};
use metertap_app::browser::indexed_db::{Database, DatabaseError, key};
use metertap_app::engine::log::Log;
use metertap_app::engine::rows::{self, Rows};
use metertap_app::protocol::KeptOctets;
use metertap_readings::entry::{Entry, Moment};
use metertap_readings::store::contract::{contract, disk_contract};
use metertap_readings::store::{MeterKey, Store};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_dedicated_worker);

#[wasm_bindgen_test]
async fn keeps_the_contract_of_a_store() {
    contract(async |name: &str| Log::open(&format!("contract-{name}")).await.unwrap()).await;
}

#[wasm_bindgen_test]
async fn its_rows_keep_the_contract_of_a_disk() {
    disk_contract(async |name: &str| {
        let name = format!("disk-{name}");
        Rows(Database::open(&name, 1, |database, _| rows::create(database)).await.unwrap())
    })
    .await;
}

/// Two hundred entries of version 1, a minute apart, as that version wrote them; then one more of this one.
#[wasm_bindgen_test]
async fn takes_over_what_version_1_wrote() {
    let entry = |seq: u64| {
        let received = Moment(1_795_219_200_000 + seq as i64 * 60_000);
        format!(
            r#"{{"v":1,"meter":null,"protocol":"p1","time":null,"integrity":"checked","values":[{{"register":"1-0:1.7.0","quantity":"active-power-import","value":"{seq}","unit":"W"}}],"received":"{received}","seq":{seq}}}"#
        )
    };
    let old = Database::open("version-1", 1, |database, _| {
        for (name, path) in [
            ("meters", KeyPath::new_single("meter")),
            ("settings", KeyPath::new_single("name")),
            ("cursors", KeyPath::new_array(["meter", "reader"])),
            ("kept", KeyPath::new_array(["meter", "number"])),
            ("readings", KeyPath::new_array(["meter", "seq"])),
        ] {
            let mut params = ObjectStoreParams::new();
            params.key_path(Some(path));
            database.create_object_store(name, params)?;
        }
        Ok(())
    });
    // It closes by itself when the next version opens, as long as it is held.
    let old = old.await.unwrap();
    let transaction = old.write(&["readings"]).unwrap();
    for (meter, seq) in [("one", 200), ("other", 3)]
        .into_iter()
        .flat_map(|(meter, last)| (1..=last).map(move |seq| (meter, seq)))
    {
        let row = js_sys::Object::new();
        for (name, value) in [
            ("meter", meter.into()),
            ("seq", (seq as f64).into()),
            ("received", 0.0.into()),
            ("entry", entry(seq).into()),
        ] {
            js_sys::Reflect::set(&row, &name.into(), &value).unwrap();
        }
        transaction.store("readings").unwrap().put(&row, None).unwrap();
    }
    transaction.commit().await.unwrap();
    let (one, other) = (MeterKey("one".into()), MeterKey("other".into()));
    for _ in 0..2 {
        let log = Log::open("version-1").await.unwrap();
        let all = log.range(&one, 0..=u64::MAX, 1000).await.unwrap();
        assert_eq!(
            all.iter().map(Entry::to_json).collect::<Vec<_>>(),
            (1..=200).map(entry).collect::<Vec<_>>()
        );
        assert_eq!(log.span(&other).await.unwrap(), Some((1, 3)));
        assert_eq!(log.damaged(), []);
    }
    let log = Log::open("version-1").await.unwrap();
    let newest = log.range(&one, 200..=200, 1).await.unwrap().remove(0);
    assert_eq!(log.append(&one, newest.received, &newest.reading).await.unwrap(), 201);
}

#[wasm_bindgen_test]
async fn keeps_the_newest_faults_with_their_octets() {
    let log = Log::open("kept").await.unwrap();
    let (meter, other) = (MeterKey("one".into()), MeterKey("one-more".into()));
    for number in 0..60_u8 {
        let code = Some("frame.checksum".to_owned());
        let kept =
            KeptOctets { at: Moment(i64::from(number)), code, values: None, octets: vec![number, 0, 0xFF] };
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
    let upgraded = Database::open("versions", 3, |_, found| {
        assert_eq!(found, 2);
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
