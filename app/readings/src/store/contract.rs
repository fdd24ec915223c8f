//! The tests that every [`Disk`] must pass: natively over memory, in a browser over IndexedDB.
//!
//! Each test panics if a promise is broken.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests, which are also compiled for other crates that test their disks"
)]

use std::ops::AsyncFn;

use metertap_decoder::number::Number;
use metertap_decoder::reading::{Integrity, Measurement, Protocol, Quantity, Reading, Scaling, TimeSource};
use metertap_decoder::register::{Obis, Value};
use metertap_decoder::schedule::Schedule;

use super::disk::{Change, Disk, Row, RowChange, Shelf};
use super::retention::Retention;
use super::{
    ClockOff, Cursor, DiskError, Internal, KeptOctets, MeterKey, MeterRecord, Name, Record, Records, Role,
    SourceRecord,
};
use crate::entry::Moment;
use crate::stated::{Correction, CorrectionKind};

/// Runs all of these tests.
///
/// `open` opens the disk with the given name. For a new name, it opens an empty disk; for a known one, it opens what
/// was kept under that name.
///
/// # Panics
///
/// If the disk breaks a promise or returns an error.
pub async fn contract<D: Disk>(open: impl AsyncFn(&str) -> D) {
    rows_come_in_the_order_of_their_numbers(&open).await;
    changes_are_made_together_or_not_at_all(&open).await;
    shelves_and_meters_are_separate(&open).await;
    records_come_back_as_they_went_in(&open).await;
    records_are_changed_together_with_rows_or_not_at_all(&open).await;
    a_failed_expectation_changes_nothing(&open).await;
    records_are_deleted_by_name_and_by_meter(&open).await;
    a_disk_that_was_closed_opens_again(&open).await;
}

async fn rows_come_in_the_order_of_their_numbers<D: Disk>(open: &impl AsyncFn(&str) -> D) {
    let meter = key("meter");
    // Numbers must not be sorted as text, where "10" comes before "9". All whole numbers up to LARGEST must work, and
    // their negatives.
    let numbers = [-LARGEST, -10, -9, 0, 1, 9, 10, LARGEST];
    {
        let disk = open("rows").await;
        for number in [10, -9, 0, LARGEST, 9, -10, 1, -LARGEST] {
            let bytes = number.to_le_bytes().to_vec();
            must(commit(&disk, &meter, vec![RowChange::Insert(Shelf::Chunks, number, bytes)]).await);
        }
    }
    let disk = open("rows").await;
    let rows = async |numbers, most| must(disk.rows(Shelf::Chunks, &meter, numbers, most).await);
    let all: Vec<Row> = numbers.iter().map(|number| (*number, number.to_le_bytes().to_vec())).collect();
    assert_eq!(rows(i64::MIN..=i64::MAX, usize::MAX).await, all, "reopened, in order, to the byte");
    assert_eq!(rows(-9..=9, 9).await, all[2..6], "both ends belong to a range");
    assert_eq!(rows(-9..=i64::MAX, 2).await, all[2..4], "`most` keeps the first ones");
    assert_eq!(rows(2..=8, 9).await, []);
    assert_eq!(rows(0..=0, 0).await, []);
    #[allow(clippy::reversed_empty_ranges, reason = "that such a range is empty is the promise")]
    let reversed = 9..=-9;
    assert_eq!(rows(reversed, 9).await, []);
}

async fn changes_are_made_together_or_not_at_all<D: Disk>(open: &impl AsyncFn(&str) -> D) {
    let meter = key("meter");
    let disk = open("changes").await;
    let before = vec![
        RowChange::Insert(Shelf::Tail, 1, vec![1]),
        RowChange::Insert(Shelf::Tail, 2, Vec::new()),
        RowChange::Put(Shelf::Days, 1, vec![3]),
    ];
    must(commit(&disk, &meter, before).await);
    let taken = vec![
        RowChange::Delete(Shelf::Tail, 1..=1),
        RowChange::Put(Shelf::Days, 1, vec![4]),
        RowChange::Insert(Shelf::Quarters, 1, vec![5]),
        RowChange::Insert(Shelf::Tail, 2, vec![6]),
    ];
    assert!(commit(&disk, &meter, taken).await.is_err(), "a new row must not have the number of another");
    let rows = async |shelf| must(disk.rows(shelf, &meter, i64::MIN..=i64::MAX, 9).await);
    assert_eq!(rows(Shelf::Tail).await, [(1, vec![1]), (2, Vec::new())]);
    assert_eq!(rows(Shelf::Days).await, [(1, vec![3])]);
    assert_eq!(rows(Shelf::Quarters).await, []);
    let together = vec![
        RowChange::Delete(Shelf::Tail, i64::MIN..=2),
        RowChange::Insert(Shelf::Tail, 2, vec![7]),
        RowChange::Put(Shelf::Days, 1, vec![8]),
    ];
    must(commit(&disk, &meter, together).await);
    assert_eq!(rows(Shelf::Tail).await, [(2, vec![7])], "one change after the other");
    assert_eq!(rows(Shelf::Days).await, [(1, vec![8])]);
    must(commit(&disk, &meter, Vec::new()).await);
}

async fn shelves_and_meters_are_separate<D: Disk>(open: &impl AsyncFn(&str) -> D) {
    let disk = open("apart").await;
    for name in ["a", "aa", "b"] {
        let of_all = Shelf::ALL.iter().map(|shelf| RowChange::Insert(*shelf, 1, name.into()));
        must(commit(&disk, &key(name), of_all.collect()).await);
    }
    must(commit(&disk, &key("a"), vec![RowChange::Delete(Shelf::Days, i64::MIN..=i64::MAX)]).await);
    for name in ["a", "aa", "b"] {
        for shelf in Shelf::ALL {
            let rows = must(disk.rows(*shelf, &key(name), i64::MIN..=i64::MAX, 9).await);
            let expected: &[Row] =
                if (name, *shelf) == ("a", Shelf::Days) { &[] } else { &[(1, name.into())] };
            assert_eq!(rows, expected, "{name} {shelf:?}");
        }
    }
}

async fn records_come_back_as_they_went_in<D: Disk>(open: &impl AsyncFn(&str) -> D) {
    let all = some_records();
    {
        let disk = open("records").await;
        must(disk.commit(all.iter().rev().cloned().map(Change::Add).collect()).await);
    }
    let disk = open("records").await;
    let records = async |of: Records| must(disk.records(&of).await);
    assert_eq!(records(Records::Meters).await, all[..2], "reopened, and in the order of their names");
    assert_eq!(records(Records::Settings).await, all[2..4]);
    assert_eq!(records(Records::Internal).await, all[4..5], "a setting of the same name is separate");
    assert_eq!(records(Records::Cursors).await, all[5..8]);
    assert_eq!(records(Records::CursorsOf(key("a"))).await, all[5..7]);
    assert_eq!(records(Records::KeptOf(key("a"))).await, all[8..10]);
    assert_eq!(records(Records::KeptOf(key("nobody"))).await, []);
    let renamed = Record::Meter(MeterRecord { name: "Garage".into(), ..record("a") });
    must(disk.commit(vec![Change::Keep(renamed.clone())]).await);
    assert_eq!(records(Records::Meters).await, [renamed, all[1].clone()]);
}

async fn records_are_changed_together_with_rows_or_not_at_all<D: Disk>(open: &impl AsyncFn(&str) -> D) {
    let disk = open("together").await;
    let (kept, row) = (Record::Meter(record("a")), RowChange::Put(Shelf::Tail, 1, vec![1]));
    let both = vec![Change::Add(kept.clone()), Change::Rows(key("a"), vec![row.clone()])];
    must(disk.commit(both).await);
    let other = RowChange::Put(Shelf::Tail, 1, vec![2]);
    let taken = vec![
        Change::Rows(key("b"), vec![row]),
        Change::Rows(key("a"), vec![other]),
        Change::Keep(Record::Setting("broker".into(), "{}".into())),
        Change::Add(Record::Meter(MeterRecord { name: "Garage".into(), ..record("a") })),
    ];
    assert_eq!(disk.commit(taken).await, Err(DiskError::Taken));
    assert_eq!(must(disk.records(&Records::Meters).await), [kept]);
    assert_eq!(must(disk.records(&Records::Settings).await), []);
    for (meter, expected) in [("a", vec![(1, vec![1])]), ("b", Vec::new())] {
        let rows = must(disk.rows(Shelf::Tail, &key(meter), i64::MIN..=i64::MAX, 9).await);
        assert_eq!(rows, expected, "{meter}");
    }
}

async fn a_failed_expectation_changes_nothing<D: Disk>(open: &impl AsyncFn(&str) -> D) {
    let disk = open("expected").await;
    let own = |text: &str| Record::Internal(Internal::Imports, text.into());
    let (name, put) = (Name::Internal(Internal::Imports), |text: &str| Change::Keep(own(text)));
    let expect = |record: Option<&str>| Change::Expect(name.clone(), record.map(own));
    // An expectation's place among the changes makes no difference.
    must(disk.commit(vec![put("one"), expect(None)]).await);
    assert_eq!(disk.commit(vec![expect(None), put("two")]).await, Err(DiskError::Taken));
    assert_eq!(disk.commit(vec![put("two"), expect(Some("other"))]).await, Err(DiskError::Taken));
    assert_eq!(must(disk.records(&Records::Internal).await), [own("one")]);
    must(disk.commit(vec![put("two"), expect(Some("one"))]).await);
    assert_eq!(must(disk.records(&Records::Internal).await), [own("two")]);
    for expected in some_records() {
        must(disk.commit(vec![Change::Keep(expected.clone())]).await);
        must(disk.commit(vec![Change::Expect(expected.name(), Some(expected))]).await);
    }
}

async fn records_are_deleted_by_name_and_by_meter<D: Disk>(open: &impl AsyncFn(&str) -> D) {
    let disk = open("gone").await;
    let all = some_records();
    must(disk.commit(all.iter().cloned().map(Change::Keep).collect()).await);
    let drops = vec![
        Change::Drop(Name::Meter(key("a"))),
        Change::Drop(Name::Setting("broker".into())),
        Change::Drop(Name::Internal(Internal::Imports)),
        Change::Drop(Name::Meter(key("nobody"))),
        Change::DropAll(Records::CursorsOf(key("a"))),
        Change::Drop(Name::Kept(key("a"), 9)),
    ];
    must(disk.commit(drops).await);
    let records = async |of: Records| must(disk.records(&of).await);
    assert_eq!(records(Records::Meters).await, all[1..2]);
    assert_eq!(records(Records::Settings).await, all[3..4]);
    assert_eq!(records(Records::Internal).await, []);
    assert_eq!(records(Records::Cursors).await, all[7..8], "cursors of a meter whose name begins alike stay");
    assert_eq!(records(Records::KeptOf(key("a"))).await, all[9..10]);
    must(disk.commit(vec![Change::DropAll(Records::KeptOf(key("a")))]).await);
    assert_eq!(records(Records::KeptOf(key("a"))).await, []);
}

async fn a_disk_that_was_closed_opens_again<D: Disk>(open: &impl AsyncFn(&str) -> D) {
    let disk = open("closed").await;
    let (clone, connection) = (disk.clone(), disk.connection());
    let kept = Record::Setting("broker".into(), "{}".into());
    must(disk.commit(vec![Change::Keep(kept.clone())]).await);
    assert_eq!((disk.why_closed(), connection.check()), (None, Ok(())));
    disk.close();
    connection.over().await;
    assert_eq!(clone.why_closed(), Some(DiskError::Closed), "clones share a connection");
    assert_eq!(clone.records(&Records::Settings).await, Err(DiskError::Closed));
    assert_eq!(clone.commit(vec![Change::Drop(kept.name())]).await, Err(DiskError::Closed));
    must(clone.reopen().await);
    assert_eq!((disk.why_closed(), disk.connection().check()), (None, Ok(())));
    assert_eq!(
        connection.check(),
        Err(DiskError::Closed),
        "work begun on the old connection does not continue on the new one"
    );
    assert_eq!(must(disk.records(&Records::Settings).await), [kept]);
}

/// Two meters, two settings, one of the log's own records, three cursors, the bytes of a telegram, and those around a
/// fault.
fn some_records() -> Vec<Record> {
    let cursor = |meter: &str, reader: &str, seq| {
        Record::Cursor(Cursor { meter: key(meter), reader: reader.into(), seq })
    };
    let kept = |number: u64, code: Option<&str>| {
        let bytes = vec![0, 0x7E, u8::try_from(number).unwrap_or_default()];
        let at = Moment(1_795_224_610_123);
        let kept = KeptOctets { at, code: code.map(Into::into), values: Some(3), octets: bytes };
        Record::Kept(key("a"), number, kept)
    };
    vec![
        Record::Meter(record("a")),
        Record::Meter(record("aa")),
        Record::Setting("broker".into(), r#"{"url":"wss://ø"}"#.into()),
        Record::Setting("imports".into(), "[]".into()),
        Record::Internal(Internal::Imports, r#"[{"log":"a+1"}]"#.into()),
        cursor("a", "copy", u64::from(u32::MAX) + 1),
        cursor("a", "mqtt wss://ø", 7),
        cursor("aa", "mqtt wss://ø", 8),
        kept(9, None),
        kept(10, Some("frame.checksum")),
    ]
}

async fn commit<D: Disk>(disk: &D, meter: &MeterKey, changes: Vec<RowChange>) -> Result<(), DiskError> {
    disk.commit(vec![Change::Rows(meter.clone(), changes)]).await
}

pub(crate) fn must<T, E: std::fmt::Debug>(answer: Result<T, E>) -> T {
    match answer {
        Ok(answer) => answer,
        Err(error) => panic!("the store failed: {error:?}"),
    }
}

pub(crate) fn key(name: &str) -> MeterKey {
    MeterKey(name.to_owned())
}

/// A record with something in most fields.
pub(crate) fn record(name: &str) -> MeterRecord {
    MeterRecord {
        key: key(name),
        origin: Some(key("before")),
        name: "Målerskap".into(),
        place: "Kjeller".into(),
        source: SourceRecord::File { name: "evening.bin".into(), kept: true },
        address_from: Some("a.metertap".into()),
        identification: Some("6970631405353535".into()),
        formerly: Some("00000000".into()),
        topic: None,
        reading: true,
        retention: Retention::Days(92),
        schedule: Some(Schedule { aligned: true, ..Schedule::every(300) }),
        line_of: Some(key("line")),
        stated: vec![Correction { from: Moment(0), what: CorrectionKind::Clock { minutes: -60 } }],
        clock_off: Some(ClockOff { hours: 1, since: Moment(7) }),
        role: Some(Role::Part { of: key("grid") }),
        fuse: None,
        fetched: None,
    }
}

pub(crate) fn reading(watts: i128) -> Reading {
    let power = measurement(Obis::new(1, 0, 1, 7, 0), Quantity::ActivePowerImport, Number::whole(watts));
    Reading {
        meter: None,
        maker: None,
        model: None,
        protocol: Protocol::DlmsHdlc,
        time: None,
        time_source: TimeSource::Meter,
        integrity: Integrity::Checked,
        values: vec![power],
    }
}

pub(crate) fn measurement(register: Obis, quantity: Quantity, value: Number) -> Measurement {
    Measurement {
        register: register.into(),
        quantity: Some(quantity),
        phase: None,
        tariff: None,
        channel: None,
        storage: None,
        time: None,
        value: Value::Number(value),
        unit: quantity.unit(),
        error: None,
        scaling: Scaling::Unstated,
    }
}

/// 2⁵³ − 1, the largest number of a row that must work: the databases of browsers count with floats, which hold all
/// whole numbers up to it.
const LARGEST: i64 = 9_007_199_254_740_991;
