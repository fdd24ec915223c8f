//! The log on IndexedDB passes the contract tests of an archive and of a disk, and tests of its own features.

use idb::ObjectStoreParams;

use metertap_app::browser::indexed_db::{Database, DatabaseError, key};
use metertap_app::protocol::KeptOctets;
use metertap_app::worker::disk::{IndexedDisk, create_rows};
use metertap_app::worker::log;
use metertap_decoder::reading::Reading;
use metertap_decoder::time::Zone;
use metertap_readings::archive;
use metertap_readings::entry::{Entry, Moment};
use metertap_readings::fault::Code;
use metertap_readings::log::contract::a_log_of_hours_survives_reopening;
use metertap_readings::log::journal::Journal;
use metertap_readings::store;
use metertap_readings::store::disk::{Change, Disk, RowChange, Shelf};
use metertap_readings::store::{DiskError, Internal, MeterKey, MeterRecord};
use wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::stores;

#[wasm_bindgen_test]
async fn the_log_fulfils_the_contract_of_an_archive() {
    archive::contract::contract(async |name: &str| log::open(&format!("contract-{name}")).await.unwrap())
        .await;
}

#[wasm_bindgen_test]
async fn the_logs_disk_fulfils_the_contract_of_a_disk() {
    let open = async |name: &str| IndexedDisk::open(&format!("disk-{name}")).await.unwrap();
    store::contract::contract(open).await;
    a_log_of_hours_survives_reopening(open).await;
}

/// Two hundred entries of version 1, a minute apart, as that version wrote them. Then one more of this version.
#[wasm_bindgen_test]
async fn rows_of_version_1_are_taken_over() {
    let entry = |seq: u64| json(seq, Moment(1_795_219_200_000 + seq as i64 * 60_000));
    let old = Database::open("version-1", 1, |database, _| stores::create_version_1(database));
    // An open connection closes by itself when the next version opens the database.
    let old = old.await.unwrap();
    let transaction = old.write(&["readings"]).unwrap();
    for (meter, seq) in [("one", 200), ("other", 3)]
        .into_iter()
        .flat_map(|(meter, last)| (1..=last).map(move |seq| (meter, seq)))
    {
        let row = object(&[
            ("meter", meter.into()),
            ("seq", (seq as f64).into()),
            ("received", 0.0.into()),
            ("entry", entry(seq).into()),
        ]);
        transaction.store("readings").unwrap().put(&row, None).unwrap();
    }
    transaction.commit().await.unwrap();
    let (one, other) = (MeterKey("one".into()), MeterKey("other".into()));
    for _ in 0..2 {
        let log = log::open("version-1").await.unwrap();
        let all = log.range(&one, 0..=u64::MAX, 1000).await.unwrap();
        assert_eq!(
            all.iter().map(Entry::to_json).collect::<Vec<_>>(),
            (1..=200).map(entry).collect::<Vec<_>>()
        );
        assert_eq!(log.span(&other).await.unwrap(), Some((1, 3)));
        assert_eq!(log.damaged(), []);
    }
    let log = log::open("version-1").await.unwrap();
    let newest = log.range(&one, 200..=200, 1).await.unwrap().remove(0);
    assert_eq!(log.append(&one, newest.received, &newest.reading).await.unwrap(), 201);
}

/// The database was upgraded by a later version of the page. This version reports that, and leaves the database
/// unchanged.
#[wasm_bindgen_test]
async fn a_database_of_a_later_version_is_refused_and_unchanged() {
    // An open connection closes by itself when the next version opens the database.
    let _ours = log::open("later").await.unwrap();
    let later = Database::open("later", 4, |database, found| {
        assert_eq!(found, 3);
        database.create_object_store("of version 4", ObjectStoreParams::new()).map(drop)
    });
    let later = later.await.unwrap();
    assert_eq!(log::open("later").await.map(drop), Err(DiskError::Newer.into()));
    assert_eq!(log::look("later").await.map(drop), Err(DiskError::Newer.into()));
    assert!(later.read(&["of version 4"]).is_ok());
}

/// An hour and six minutes of readings. Then one byte of a chunk and one of the tail are damaged.
#[wasm_bindgen_test]
async fn damaged_rows_are_skipped_and_reported() {
    let meter = MeterKey("one".into());
    let log = log::open("damaged").await.unwrap();
    for place in 0..400 {
        let (received, reading) = spoken(place);
        assert_eq!(log.append(&meter, received, &reading).await.unwrap(), place + 1);
    }
    let rows = IndexedDisk::open("damaged").await.unwrap();
    for (shelf, row) in [(Shelf::Chunks, 1), (Shelf::Tail, 380)] {
        let mut octets = rows.rows(shelf, &meter, row..=row, 1).await.unwrap().remove(0).1;
        let middle = octets.len() / 2;
        octets[middle] ^= 0x10;
        rows.commit(vec![Change::Rows(meter.clone(), vec![RowChange::Put(shelf, row, octets)])])
            .await
            .unwrap();
    }
    let log = log::open("damaged").await.unwrap();
    let (received, reading) = spoken(400);
    assert_eq!(log.append(&meter, received, &reading).await.unwrap(), 401);
    let seqs = |entries: Vec<Entry>| entries.iter().map(|entry| entry.seq).collect::<Vec<_>>();
    let rest: Vec<u64> = (361..=401).filter(|seq| *seq != 380).collect();
    assert_eq!(seqs(log.range(&meter, 0..=u64::MAX, 1000).await.unwrap()), rest);
    let damaged = log.damaged();
    let found: Vec<_> = damaged.iter().map(|damaged| (damaged.shelf, damaged.row)).collect();
    assert_eq!(found, [(Shelf::Tail, 380), (Shelf::Chunks, 1)]);
    let lost = damaged[1].lost.unwrap();
    assert_eq!((lost.first, lost.last, lost.from, lost.to), (1, 360, spoken(0).0, spoken(359).0));
}

#[wasm_bindgen_test]
async fn thinned_readings_stay_thinned_and_a_watcher_sees_what_the_writer_has() {
    let meter = MeterKey("one".into());
    let writer = log::open("thinned").await.unwrap();
    writer.keep_meter(&record(&meter)).await.unwrap();
    for place in (0..1100).step_by(5) {
        let (received, reading) = spoken(place);
        writer.append(&meter, received, &reading).await.unwrap();
    }
    writer.thin(&meter, spoken(720).0, spoken(720).0).await.unwrap();
    let watcher = log::look("thinned").await.unwrap();
    assert_eq!(watcher.span(&meter).await.unwrap(), Some((145, 220)));
    let all = watcher.range(&meter, 0..=u64::MAX, 1000).await.unwrap();
    assert_eq!(all.iter().map(|entry| entry.seq).collect::<Vec<_>>(), (145..=220).collect::<Vec<_>>());
    // The writer is gone, and the watcher becomes the writer.
    drop(writer);
    watcher.write(log::here()).await.unwrap();
    let (received, reading) = spoken(1100);
    assert_eq!(watcher.append(&meter, received, &reading).await.unwrap(), 221);
}

/// The data of the page of version 0.1.0: a valid import, two unfinished logs, and internal records among the settings.
/// The list of unfinished logs also names the log of a meter, which only a crafted file could do.
#[wasm_bindgen_test]
async fn a_log_of_version_2_is_upgraded_and_keeps_its_readings() {
    let old = Database::open("version-2", 2, |database, _| {
        stores::create_version_1(database)?;
        create_rows(database)
    });
    let old = old.await.unwrap();
    let one = MeterKey("one".into());
    let logs = ["one", "one+1", "one+2", "gone"].map(|log| MeterKey(log.into()));
    let journal = Journal::new(IndexedDisk::new(old.clone()), Zone::default());
    for (place, log) in (0..).zip(&logs) {
        let (received, reading) = spoken(place * 400 + 1);
        journal.append(log, received, &reading).await.unwrap();
    }
    let span = r#"["2026-11-21T00:00:00Z","2026-11-21T01:00:00Z"]"#;
    let import = format!(
        r#"[{{"log":"one+1","meter":"one","file":"a.csv","at":"2026-11-21T00:00:00Z","readings":1,"span":{span}}}]"#
    );
    let settings = [
        ("imports", import.as_str()),
        ("unfinished", r#"["one","one+2","gone"]"#),
        ("days-zone", "Atlantis/Capital"),
        ("installation", "9f3a52c100112233"),
        ("daily-backup", r#"{"folder":"Backups","secrets":false}"#),
        ("broker", r#"{"url":"ws://pi:9001","user":"","password":"","base":"meters"}"#),
    ];
    let transaction = old.write(&["settings", "meters"]).unwrap();
    let text = |text: &str| JsValue::from_str(text);
    for (name, value) in settings {
        let row = object(&[("name", text(name)), ("value", text(value))]);
        transaction.store("settings").unwrap().put(&row, None).unwrap();
    }
    let record = serde_json::to_string(&record(&one)).unwrap();
    let row = object(&[("meter", text("one")), ("record", text(&record))]);
    transaction.store("meters").unwrap().put(&row, None).unwrap();
    transaction.commit().await.unwrap();

    for _ in 0..2 {
        let log = log::open("version-2").await.unwrap();
        let mut spans = Vec::new();
        for name in &logs {
            spans.push(log.span(name).await.unwrap());
        }
        assert_eq!(spans, [Some((1, 1)), Some((1, 1)), None, None], "only meter and import stay");
        let day = (spoken(0).0, spoken(402).0);
        let drawn = log.picture(&one, day, 2).await.unwrap().into_columns();
        assert_eq!(drawn.iter().flatten().count(), 2, "the chart contains the import");
        let installation = log.internal(Internal::Installation).await.unwrap();
        assert_eq!(installation.as_deref(), Some("9f3a52c100112233"));
        let daily = log.internal(Internal::DailyBackup).await.unwrap();
        assert_eq!(daily.as_deref(), Some(r#"{"folder":"Backups","secrets":false}"#));
        let zone = log.internal(Internal::DaysZone).await.unwrap();
        assert!(
            zone.is_some_and(|zone| zone.starts_with(log::here().name())),
            "days are those of the browser's time zone"
        );
        assert!(log.setting("broker").await.unwrap().is_some());
    }
    // The internal records have moved, and no setting is an internal record.
    let log = log::open("version-2").await.unwrap();
    for name in ["unfinished", "days-zone"] {
        assert_eq!(log.setting(name).await.unwrap(), None, "{name}");
    }
    log.set_internal(Internal::Installation, Some("new")).await.unwrap();
    log.set_setting("imports", Some("[]")).await.unwrap();
    log.set_setting("installation", Some("outside")).await.unwrap();
    assert_eq!(log.internal(Internal::Installation).await.unwrap().as_deref(), Some("new"));
    log.set_internal(Internal::Installation, None).await.unwrap();
    assert_eq!(log.internal(Internal::Installation).await.unwrap(), None);
}

/// A row of an object store.
fn object(fields: &[(&str, JsValue)]) -> js_sys::Object {
    let row = js_sys::Object::new();
    for (name, value) in fields {
        js_sys::Reflect::set(&row, &(*name).into(), value).unwrap();
    }
    row
}

/// The log records the time zone of its days. The record is corrected if it names another zone.
#[wasm_bindgen_test]
async fn a_wrong_recorded_zone_is_corrected_when_the_log_is_opened() {
    let log = log::open("zone").await.unwrap();
    let here = log.internal(Internal::DaysZone).await.unwrap();
    assert!(here.is_some());
    log.keep_meter(&record(&MeterKey("one".into()))).await.unwrap();
    log.set_internal(Internal::DaysZone, Some("Atlantis/Capital")).await.unwrap();
    let again = log::open("zone").await.unwrap();
    assert_eq!(again.internal(Internal::DaysZone).await.unwrap(), here);
}

/// The reading at this place, from a meter that sends every ten seconds from a full hour on.
fn spoken(place: u64) -> (Moment, Reading) {
    let received = Moment(1_795_219_200_000 + place as i64 * 10_000);
    let entry: Entry = serde_json::from_str(&json(place, received)).unwrap();
    (received, entry.reading)
}

fn record(meter: &MeterKey) -> MeterRecord {
    let record = serde_json::json!({
        "key": meter.0, "name": "", "source": { "from": "file", "name": "a file" },
        "identification": null, "topic": null, "reading": false,
    });
    serde_json::from_value(record).unwrap()
}

/// An entry as version 1 wrote it.
fn json(seq: u64, received: Moment) -> String {
    format!(
        r#"{{"v":1,"meter":null,"protocol":"p1","time":null,"integrity":"checked","values":[{{"register":"1-0:1.7.0","quantity":"active-power-import","value":"{seq}","unit":"W"}}],"received":"{received}","seq":{seq}}}"#
    )
}

#[wasm_bindgen_test]
async fn the_newest_faults_are_kept_with_their_bytes() {
    let log = log::open("kept").await.unwrap();
    let (meter, other) = (MeterKey("one".into()), MeterKey("one-more".into()));
    for number in 0..60_u8 {
        let code = Some(Code::FrameChecksum);
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
async fn the_log_closes_for_a_later_version() {
    let log = log::open("versions").await.unwrap();
    log.set_setting("name", Some("1")).await.unwrap();
    // An upgrade waits until every open connection is closed. This connection closes by itself.
    let upgraded = Database::open("versions", 4, |_, found| {
        assert_eq!(found, 3);
        Ok(())
    });
    upgraded.await.unwrap();
    assert!(log.set_setting("name", Some("2")).await.is_err());
}

#[wasm_bindgen_test]
async fn a_transaction_is_stored_whole_or_returns_an_error() {
    let database = Database::open("whole", 1, |database, _| {
        database.create_object_store("rows", ObjectStoreParams::new()).map(drop)
    });
    let database = database.await.unwrap();
    let row = key(["row".into()]);
    for again in [false, true] {
        let transaction = database.write(&["rows"]).unwrap();
        let rows = transaction.store("rows").unwrap();
        rows.put(&again.into(), Some(&"other".into())).unwrap();
        // A key can be added only once.
        rows.add(&row, Some(&row)).unwrap();
        let kept = transaction.commit().await;
        assert_eq!(kept, if again { Err(DatabaseError::Taken) } else { Ok(()) });
    }
    let rows = database.read(&["rows"]).unwrap().store("rows").unwrap();
    let other = rows.get(JsValue::from_str("other")).unwrap().await.unwrap();
    assert_eq!(other, Some(false.into()));
}
