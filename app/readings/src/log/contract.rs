//! The tests that a journal must pass on every disk: natively over memory, in a browser over IndexedDB.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests, which are also compiled for other crates that test their disks"
)]

use std::ops::AsyncFn;

use metertap_decoder::time::Zone;

use super::calendar::{Day, Quarter};
use super::journal::Journal;
use crate::entry::{Entry, Moment};
use crate::log::journal::tail::{day_of, quarters};
use crate::store::contract::{key, must, reading};
use crate::store::disk::Disk;

/// Logs three and a half hours at a reading a minute, and sets the clock back by an hour in between. `open` opens the
/// disk with the given name.
///
/// # Panics
///
/// If the journal breaks a promise, or the disk fails.
pub async fn a_log_of_hours_survives_reopening<D: Disk>(open: impl AsyncFn(&str) -> D) {
    let (meter, zone) = (key("meter"), Zone::default());
    let moments: Vec<i64> = (0..120).chain(60..150).map(|minute| START + minute * 60_000).collect();
    for (place, moment) in (0..).zip(&moments) {
        // Reopened at any moment, a journal continues where the previous one ended.
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
