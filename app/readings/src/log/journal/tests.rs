mod apart;
mod cleared;
mod damage;
mod full_disk;
mod picture;
mod recomputing;
mod totals;

use super::*;
use crate::entry::{Entry, Moment};
use crate::log::calendar::{Day, Quarter};
use crate::log::format::chunk::Shape;
use crate::log::journal::tail::{day_of, days_of, quarters};
use crate::log::totals::block::Block;
use crate::samples::{at_once, measurement, reading};
use crate::store::{DiskError, MemoryDisk};
use metertap_decoder::reading::{Quantity, Reading};

/// 2026-11-21T00:00:00Z.
const START: i64 = 1_795_219_200_000;
const HOUR: i64 = 3_600_000;
/// A moment later than every moment in these tests.
const FAR: Moment = Moment(i64::MAX);

fn meter() -> MeterKey {
    MeterKey("house".into())
}

fn journal(disk: &MemoryDisk) -> Journal<MemoryDisk> {
    Journal::new(disk.clone(), Zone::default())
}

/// The reading of a meter at this moment: a power that is a function of the moment, and a counter.
fn said(moment: i64) -> Reading {
    let power = (moment / 1000 * 7919).rem_euclid(3000) - 500;
    reading(vec![
        measurement("1-0:16.7.0", Quantity::ActivePower, &power.to_string()),
        measurement(
            "1-0:1.8.0",
            Quantity::ActiveEnergyImport,
            &format!("10000.{:03}", (moment - START) / 20_000),
        ),
    ])
}

/// Appends a reading every ten seconds.
fn append_hours(journal: &Journal<MemoryDisk>, hours: std::ops::Range<i64>) {
    for moment in (START + hours.start * HOUR..START + hours.end * HOUR).step_by(10_000) {
        at_once(journal.append(&meter(), Moment(moment), &said(moment))).unwrap();
    }
}

fn all(journal: &Journal<MemoryDisk>) -> Vec<Entry> {
    at_once(journal.range(&meter(), 0..=u64::MAX, usize::MAX)).unwrap()
}

fn seqs(entries: &[Entry]) -> Vec<u64> {
    entries.iter().map(|entry| entry.seq).collect()
}

fn every_quarter(journal: &Journal<MemoryDisk>) -> Block {
    at_once(journal.quarters(&meter(), Quarter(i64::MIN)..=Quarter(i64::MAX), |_| true)).unwrap()
}

fn every_day(journal: &Journal<MemoryDisk>) -> Block {
    at_once(journal.days(&meter(), Day(i64::MIN)..=Day(i64::MAX), |_| true)).unwrap()
}

/// The days that these quarters add up to.
fn days(quarters: &Block) -> Block {
    let zone = Zone::default();
    let of_day =
        |Day(day)| (day, day_of(quarters.0.range(Day(day).quarters(zone)).map(|(_, rolled)| rolled)));
    let all = days_of(quarters.0.keys(), zone).into_iter().map(of_day);
    // A day at either end of the calendar lists no quarters, so it has no roll-up.
    Block(all.filter(|(_, rolled)| rolled.readings > 0).collect())
}

#[test]
fn keeps_the_contract() {
    let disk = MemoryDisk::default();
    at_once(crate::log::contract::a_log_of_hours_survives_reopening(async |_: &str| disk.clone()));
}

#[test]
fn hours_become_chunks_and_readers_cross_them() {
    let disk = MemoryDisk::default();
    append_hours(&journal(&disk), 0..3);
    assert_eq!(disk.numbers(Shelf::Chunks, &meter()), [1, 361]);
    assert_eq!(disk.numbers(Shelf::Tail, &meter()), (721..=1080).collect::<Vec<_>>());
    let journal = journal(&disk);
    assert_eq!(at_once(journal.span(&meter())), Ok(Some((1, 1080))));
    for start in [1, 2, 360, 361, 700, 720, 721, 1080] {
        let walked = at_once(journal.range(&meter(), start..=u64::MAX, 400)).unwrap();
        assert_eq!(seqs(&walked), (start..=1080).take(400).collect::<Vec<_>>(), "from {start}");
    }
    for entry in all(&journal) {
        assert_eq!(entry.reading, said(entry.received.0));
    }
    let moments = Moment(START + HOUR - 5000)..=Moment(START + 2 * HOUR);
    let page = at_once(journal.page(&meter(), (*moments.start(), 0), *moments.end(), 1000)).unwrap();
    assert_eq!(seqs(&page), (361..=721).collect::<Vec<_>>());
    assert_eq!(at_once(journal.count(&meter(), moments)), Ok(361));
}

#[test]
fn a_batch_equals_single_appends() {
    let (disk, other) = (MemoryDisk::default(), MemoryDisk::default());
    append_hours(&journal(&disk), 0..3);
    let all_hours = (START..START + 3 * HOUR).step_by(10_000).map(|moment| (Moment(moment), said(moment)));
    let (first, rest) = (all_hours.clone().take(100), all_hours.skip(100));
    assert_eq!(at_once(journal(&other).append_all(&meter(), first)), Ok(100));
    assert_eq!(at_once(journal(&other).append_all(&meter(), rest)), Ok(1080));
    assert_eq!(at_once(journal(&other).append_all(&meter(), [])), Ok(1080));
    for shelf in Shelf::ALL.iter().filter(|shelf| **shelf != Shelf::Tail) {
        let rows = |disk: &MemoryDisk| at_once(disk.rows(*shelf, &meter(), i64::MIN..=i64::MAX, usize::MAX));
        assert_eq!(rows(&disk), rows(&other), "{shelf:?}");
    }
    assert_eq!(disk.numbers(Shelf::Tail, &meter()), (721..=1080).collect::<Vec<_>>(), "a row for each");
    assert_eq!(other.numbers(Shelf::Tail, &meter()), [1080], "a row for all of them");
    assert_eq!(all(&journal(&disk)), all(&journal(&other)));
    assert!(other.damage(Shelf::Tail, &meter(), 1080));
    append_hours(&journal(&other), 3..4);
    assert_eq!(at_once(journal(&other).span(&meter())), Ok(Some((1, 1440))), "no number is given twice");
}

#[test]
fn a_clock_set_back_loses_nothing() {
    let disk = MemoryDisk::default();
    append_hours(&journal(&disk), 0..2);
    append_hours(&journal(&disk), 1..3);
    let journal = journal(&disk);
    assert_eq!(seqs(&all(&journal)), (1..=1440).collect::<Vec<_>>());
    let page =
        at_once(journal.page(&meter(), (Moment(START + HOUR), 0), Moment(START + HOUR + 10_000), 9)).unwrap();
    assert_eq!(seqs(&page), [361, 721, 362, 722]);
    assert_eq!(every_quarter(&journal), quarters(&all(&journal)));
}

#[test]
fn two_writers_never_give_the_same_number() {
    let disk = MemoryDisk::default();
    let (one, other) = (journal(&disk), journal(&disk));
    assert_eq!(at_once(one.append(&meter(), Moment(START), &said(START))), Ok(1));
    assert_eq!(at_once(other.append(&meter(), Moment(START), &said(START))), Ok(2));
    let late = at_once(one.append(&meter(), Moment(START), &said(START)));
    assert_eq!(late, Err(LogError::Disk(DiskError::Taken)));
    assert_eq!(
        at_once(one.append(&meter(), Moment(START), &said(START))),
        Ok(3),
        "it has read the disk again"
    );
}

/// Two tabs: the one that only watches sees what the other writes, and leaves the disk as it is.
#[test]
fn a_watcher_reads_everything_and_changes_nothing() {
    let disk = MemoryDisk::default();
    let (writer, watcher) = (journal(&disk), journal(&disk));
    at_once(watcher.watch(true));
    append_hours(&writer, 0..2);
    assert_eq!(all(&watcher).len(), 720);
    append_hours(&writer, 2..3);
    at_once(watcher.watch(true));
    assert_eq!(all(&watcher), all(&writer));
    assert!(disk.damage(Shelf::Directory, &meter(), 0));
    let row = |disk: &MemoryDisk| at_once(disk.rows(Shelf::Directory, &meter(), 0..=0, 1));
    let (damaged, watcher) = (row(&disk), journal(&disk));
    at_once(watcher.watch(true));
    assert_eq!(all(&watcher).len(), 1080);
    assert_eq!(row(&disk), damaged, "only the writer repairs it");
    // The writer's tab is closed. The other tab continues with the next numbers.
    drop(writer);
    at_once(watcher.watch(false));
    append_hours(&watcher, 3..4);
    assert_eq!(seqs(&all(&journal(&disk))), (1..=1440).collect::<Vec<_>>());
    assert_ne!(row(&disk), damaged);
}

/// The computer sleeps for nine hours. Then its clock is wrong by two days and is set back. Numbers continue, and
/// nothing is counted twice.
#[test]
fn sleep_and_clock_jumps_lose_nothing() {
    let disk = MemoryDisk::default();
    let mut moments = Vec::new();
    for (from, to) in [(0, 2), (11, 12), (60, 61), (12, 14), (13, 15)] {
        append_hours(&journal(&disk), from..to);
        moments.extend((START + from * HOUR..START + to * HOUR).step_by(10_000));
    }
    let journal = journal(&disk);
    let found: Vec<_> = all(&journal).iter().map(|entry| (entry.seq, entry.received.0)).collect();
    assert_eq!(found, (1..).zip(moments.clone()).collect::<Vec<_>>());
    assert_eq!(every_quarter(&journal), quarters(&all(&journal)));
    let paged = at_once(journal.page(&meter(), (Moment(i64::MIN), 0), Moment(i64::MAX), 9999)).unwrap();
    moments.sort_unstable();
    assert_eq!(paged.iter().map(|entry| entry.received.0).collect::<Vec<_>>(), moments, "once each");
}

#[test]
fn a_walk_visits_every_entry_and_list_once() {
    let disk = MemoryDisk::default();
    append_hours(&journal(&disk), 0..3);
    append_hours(&journal(&disk), 1..2);
    let journal = journal(&disk);
    let entries = all(&journal);
    for (seqs, moments) in [
        (0..=u64::MAX, Moment(i64::MIN)..=Moment(i64::MAX)),
        (0..=1300, Moment(START + HOUR)..=Moment(START + 2 * HOUR)),
        (500..=u64::MAX, Moment(START + 100_000)..=Moment(START + HOUR)),
    ] {
        let (mut walked, mut lists, mut next) = (Vec::new(), Vec::new(), Some(*seqs.start()));
        while let Some(seq) = next {
            let to = |entry: &Entry| walked.push(entry.clone());
            next = at_once(journal.walk(&meter(), seq..=*seqs.end(), &moments, to)).unwrap();
        }
        let wanted = |entry: &&Entry| seqs.contains(&entry.seq) && moments.contains(&entry.received);
        assert_eq!(walked, entries.iter().filter(wanted).cloned().collect::<Vec<_>>());
        next = Some(*seqs.start());
        while let Some(seq) = next {
            let to = |list: &mut dyn Iterator<Item = &Shape>| {
                lists.push(list.map(|shape| shape.register).collect::<Vec<_>>());
            };
            next = at_once(journal.walk_lists(&meter(), seq..=*seqs.end(), &moments, to)).unwrap();
        }
        for entry in walked {
            let list: Vec<_> = entry.reading.values.iter().map(|value| value.register).collect();
            assert!(lists.contains(&list), "{list:?}");
        }
    }
}

/// A reading that cannot be stored affects neither earlier readings nor later ones, even if it would have closed a
/// chunk.
#[test]
fn only_the_too_large_reading_is_refused() {
    let disk = MemoryDisk::default();
    let journal = journal(&disk);
    append_hours(&journal, 0..1);
    let text = measurement("0-0:96.13.0", Quantity::Message, &"x".repeat(60_000));
    let large = reading(vec![text; 100]);
    for received in [START + HOUR - 1, START + HOUR] {
        assert_eq!(at_once(journal.append(&meter(), Moment(received), &large)), Err(LogError::TooLarge));
    }
    append_hours(&journal, 1..2);
    assert_eq!(seqs(&all(&journal)), (1..=720).collect::<Vec<_>>());
}
