//! The tests that every [`Disk`] must pass, and the log on it: natively over memory, in a browser over IndexedDB.

use std::ops::AsyncFn;

use metertap_decoder::time::Zone;

use super::calendar::{Day, Quarter};
use super::journal::Journal;
use crate::entry::{Entry, Moment};
use crate::log::journal::tail::{day_of, quarters};
use crate::store::contract::{key, must, reading};
use crate::store::disk::{Change, Disk, Row, RowChange, Shelf};
use crate::store::{DiskError, MeterKey};

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
