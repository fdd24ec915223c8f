//! The tests that every [`Disk`] must pass, and the log on it: natively over memory, in a browser over IndexedDB.

use std::ops::AsyncFn;

use metertap_decoder::time::Zone;

use super::calendar::{Day, Quarter};
use super::journal::Journal;
use crate::entry::{Entry, Moment};
use crate::log::journal::tail::{day_of, quarters};
use crate::store::contract::{key, must, reading, record};
use crate::store::disk::{Change, Disk, Row, RowChange, Shelf};
use crate::store::{
    Cursor, DiskError, Internal, KeptOctets, MeterKey, MeterRecord, Name, Record, Records, SourceRecord,
};

/// Runs them all.
///
/// `open` opens the disk of that name: an empty one for a new name, and for a name that it has seen what was kept there
/// before.
///
/// # Panics
///
/// Where the disk breaks a promise, or fails.
pub async fn disk_contract<D: Disk>(open: impl AsyncFn(&str) -> D) {
    rows_come_in_the_order_of_their_numbers(&open).await;
    changes_are_made_together_or_not_at_all(&open).await;
    shelves_and_meters_are_apart(&open).await;
    records_come_back_as_they_went_in(&open).await;
    records_are_changed_together_with_rows_or_not_at_all(&open).await;
    what_is_not_as_expected_is_not_changed(&open).await;
    records_go_by_name_and_by_meter(&open).await;
    a_disk_that_was_closed_opens_again(&open).await;
    a_log_of_hours_survives_reopening(&open).await;
}

async fn rows_come_in_the_order_of_their_numbers<D: Disk>(open: &impl AsyncFn(&str) -> D) {
    let meter = key("meter");
    // Nine is beyond the numbers of one digit, and all of an i64 that a float holds must do.
    let numbers = [-LARGEST, -10, -9, 0, 1, 9, 10, LARGEST];
    {
        let disk = open("rows").await;
        for number in [10, -9, 0, LARGEST, 9, -10, 1, -LARGEST] {
            let octets = number.to_le_bytes().to_vec();
            must(commit(&disk, &meter, vec![RowChange::Insert(Shelf::Chunks, number, octets)]).await);
        }
    }
    let disk = open("rows").await;
    let rows = async |numbers, most| must(disk.rows(Shelf::Chunks, &meter, numbers, most).await);
    let all: Vec<Row> = numbers.iter().map(|number| (*number, number.to_le_bytes().to_vec())).collect();
    assert_eq!(rows(i64::MIN..=i64::MAX, usize::MAX).await, all, "reopened, in order, to the octet");
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
}

async fn shelves_and_meters_are_apart<D: Disk>(open: &impl AsyncFn(&str) -> D) {
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
    assert_eq!(records(Records::Internal).await, all[4..5], "whatever settings are called");
    assert_eq!(records(Records::Cursors).await, all[5..8]);
    assert_eq!(records(Records::CursorsOf(key("a"))).await, all[5..7]);
    assert_eq!(records(Records::KeptOf(key("a"))).await, all[8..10]);
    assert_eq!(records(Records::KeptOf(key("nobody"))).await, []);
    let renamed = Record::Meter(MeterRecord { name: "Garage".into(), ..file("a") });
    must(disk.commit(vec![Change::Keep(renamed.clone())]).await);
    assert_eq!(records(Records::Meters).await, [renamed, all[1].clone()]);
}

async fn records_are_changed_together_with_rows_or_not_at_all<D: Disk>(open: &impl AsyncFn(&str) -> D) {
    let disk = open("together").await;
    let (kept, row) = (Record::Meter(file("a")), RowChange::Put(Shelf::Tail, 1, vec![1]));
    let both = vec![Change::Add(kept.clone()), Change::Rows(key("a"), vec![row.clone()])];
    must(disk.commit(both).await);
    let other = RowChange::Put(Shelf::Tail, 1, vec![2]);
    let taken = vec![
        Change::Rows(key("b"), vec![row]),
        Change::Rows(key("a"), vec![other]),
        Change::Keep(Record::Setting("broker".into(), "{}".into())),
        Change::Add(Record::Meter(MeterRecord { name: "Garage".into(), ..file("a") })),
    ];
    assert_eq!(disk.commit(taken).await, Err(DiskError::Taken));
    assert_eq!(must(disk.records(&Records::Meters).await), [kept]);
    assert_eq!(must(disk.records(&Records::Settings).await), []);
    for (meter, expected) in [("a", vec![(1, vec![1])]), ("b", Vec::new())] {
        let rows = must(disk.rows(Shelf::Tail, &key(meter), i64::MIN..=i64::MAX, 9).await);
        assert_eq!(rows, expected, "{meter}");
    }
}

async fn what_is_not_as_expected_is_not_changed<D: Disk>(open: &impl AsyncFn(&str) -> D) {
    let disk = open("expected").await;
    let own = |text: &str| Record::Internal(Internal::Imports, text.into());
    let (name, put) = (Name::Internal(Internal::Imports), |text: &str| Change::Keep(own(text)));
    let expect = |record: Option<&str>| Change::Expect(name.clone(), record.map(own));
    // Its place among the changes makes no difference.
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

async fn records_go_by_name_and_by_meter<D: Disk>(open: &impl AsyncFn(&str) -> D) {
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
    assert_eq!(records(Records::Cursors).await, all[7..8], "those of a meter whose name begins alike stay");
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
    assert_eq!(connection.check(), Err(DiskError::Closed), "what began on the old one is not of the new one");
    assert_eq!(must(disk.records(&Records::Settings).await), [kept]);
}

/// Two meters, two settings, one of the log's own, three cursors, and octets around two faults.
fn some_records() -> Vec<Record> {
    let cursor = |meter: &str, reader: &str, seq| {
        Record::Cursor(Cursor { meter: key(meter), reader: reader.into(), seq })
    };
    let kept = |number: u64, code: Option<&str>| {
        let octets = vec![0, 0x7E, u8::try_from(number).unwrap_or_default()];
        let at = Moment(1_795_224_610_123);
        let kept = KeptOctets { at, code: code.map(Into::into), values: Some(3), octets };
        Record::Kept(key("a"), number, kept)
    };
    vec![
        Record::Meter(file("a")),
        Record::Meter(file("aa")),
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

fn file(meter: &str) -> MeterRecord {
    record(meter, SourceRecord::File { name: "evening.bin".into(), kept: true })
}

/// Changes rows of one meter.
async fn commit<D: Disk>(disk: &D, meter: &MeterKey, changes: Vec<RowChange>) -> Result<(), DiskError> {
    disk.commit(vec![Change::Rows(meter.clone(), changes)]).await
}

/// Three hours and a bit, a reading a minute, and the clock set back by one of them on the way.
async fn a_log_of_hours_survives_reopening<D: Disk>(open: &impl AsyncFn(&str) -> D) {
    let (meter, zone) = (key("meter"), Zone::default());
    let moments: Vec<i64> = (0..120).chain(60..150).map(|minute| START + minute * 60_000).collect();
    for (place, moment) in (0..).zip(&moments) {
        // Whoever opens it anew at any moment goes on where the last one was.
        let journal = Journal::new(open("hours").await, zone);
        let seq = must(journal.append(&meter, Moment(*moment), &reading(place)).await);
        assert_eq!(i128::from(seq), place + 1);
    }
    let journal = Journal::new(open("hours").await, zone);
    let all = must(journal.range(&meter, 0..=u64::MAX, usize::MAX).await);
    let expected = (1..).zip(&moments).map(|(seq, moment)| Entry {
        reading: reading(i128::from(seq) - 1),
        received: Moment(*moment),
        seq,
    });
    assert_eq!(all, expected.collect::<Vec<_>>());
    assert!(must(journal.chunks(&meter).await).len() > 1, "hours became chunks");
    assert_eq!(journal.damaged(), []);
    for start in [1, 59, 61, 121, 200, 210] {
        let rest = must(journal.range(&meter, start..=u64::MAX, 70).await);
        assert_eq!(rest, all.iter().filter(|entry| entry.seq >= start).take(70).cloned().collect::<Vec<_>>());
    }
    let of_quarters = quarters(&all);
    let every = Quarter::of(Moment(START - 1))..=Quarter::of(Moment(START + 86_400_000));
    assert_eq!(must(journal.quarters(&meter, every, |_| true).await), of_quarters);
    let day = Day::of(Quarter::of(Moment(START)), zone);
    let days = must(journal.days(&meter, day..=day, |_| true).await);
    assert_eq!(days.0.get(&day.0), Some(&day_of(of_quarters.0.values())));
    must(journal.remove(&meter).await);
    assert_eq!(must(journal.span(&meter).await), None);
}

/// 2026-11-21T00:00:00Z.
const START: i64 = 1_795_219_200_000;
/// The largest whole number below which a float holds all of them, as databases of browsers count.
const LARGEST: i64 = 9_007_199_254_740_991;
