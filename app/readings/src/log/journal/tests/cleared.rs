//! A disk that is cleared under an open journal.

use std::future::{Ready, ready};

use super::*;
use crate::store::{Crash, DiskError};

/// The disk is back, maybe empty, and this meter's log is to continue.
fn again() -> Ready<Result<Vec<MeterKey>, DiskError>> {
    ready(Ok(vec![meter()]))
}

fn append(journal: &Journal<MemoryDisk>, moment: i64) -> Result<u64, LogError> {
    at_once(journal.append(&meter(), Moment(moment), &said(moment)))
}

fn hours(from: i64, to: i64, readings: u64) -> Gone {
    Gone { readings, span: Some((Moment(START + from * HOUR), Moment(START + to * HOUR - 10_000))) }
}

#[test]
fn lost_chunks_are_reported_and_the_newest_hour_and_numbering_continue() {
    let disk = MemoryDisk::default();
    let open = journal(&disk);
    append_hours(&open, 0..3);
    let newest = all(&open).split_off(720);
    disk.clear();
    assert_eq!(at_once(open.renew(again())), Ok(vec![(meter(), hours(0, 2, 720))]));
    assert_eq!(all(&open), newest);
    append_hours(&open, 3..5);
    for journal in [&open, &journal(&disk)] {
        assert_eq!(seqs(&all(journal)), (721..=1800).collect::<Vec<_>>());
        assert_eq!(every_quarter(journal), quarters(&all(journal)), "totals are those of what is held");
    }
    assert_eq!(disk.numbers(Shelf::Chunks, &meter()), [721, 1081]);
    assert_eq!(hours(0, 2, 720).to_string(), {
        "720 readings from 2026-11-21T00:00:00.000Z to 2026-11-21T01:59:50.000Z"
    });
}

#[test]
fn a_disk_that_lost_nothing_reports_and_restores_nothing() {
    let disk = MemoryDisk::default();
    let open = journal(&disk);
    append_hours(&open, 0..2);
    let before = all(&open);
    assert_eq!(at_once(open.renew(again())), Ok(Vec::new()));
    assert_eq!(all(&open), before);
    append_hours(&open, 2..3);
    assert_eq!(seqs(&all(&journal(&disk))), (1..=1080).collect::<Vec<_>>());
}

/// The change in progress when the disk was cleared does not count, whether the disk had stored it or not: its reading
/// is appended once more, and gets the number that it would have had.
#[test]
fn a_reading_in_progress_takes_no_number_and_loses_no_other() {
    for (hour, gone) in [(0, Gone::default()), (1, hours(0, 1, 360))] {
        for crash in [Crash::Before, Crash::After] {
            let disk = MemoryDisk::default();
            let open = journal(&disk);
            append_hours(&open, 0..1);
            append_hours(&open, 1..1 + hour);
            // The first reading of an hour makes a chunk of the hour before.
            let next = START + (1 + hour) * HOUR - i64::from(hour == 0) * 10_000;
            disk.crash(crash);
            assert!(append(&open, next).is_err());
            disk.clear();
            let found = at_once(open.renew(again())).unwrap();
            let named: u64 = found.iter().map(|(_, gone)| gone.readings).sum();
            let held = seqs(&all(&open));
            assert_eq!(named + held.len() as u64, 360 + 360 * hour.unsigned_abs(), "{crash:?}: {found:?}");
            assert!(named >= gone.readings, "{crash:?}");
            assert_eq!(append(&open, next), Ok(361 + 360 * hour.unsigned_abs()));
        }
    }
}

/// The first reading of an hour makes a chunk of the hour before, and reads totals from the disk for it. If the disk is
/// gone by then, the hour is still in memory.
#[test]
fn an_hour_survives_a_disk_that_is_cleared_as_the_hour_ends() {
    let disk = MemoryDisk::default();
    let open = journal(&disk);
    append_hours(&open, 0..1);
    let before = all(&open);
    disk.cut(DiskError::Closed);
    disk.clear();
    assert!(append(&open, START + HOUR).is_err());
    let again = async {
        disk.reopen().await?;
        again().await
    };
    assert_eq!(at_once(open.renew(again)), Ok(vec![(meter(), Gone::default())]));
    assert_eq!(all(&open), before);
    assert_eq!(append(&open, START + HOUR), Ok(361));
}

/// A disk that was not cleared has stored a change without confirming it. The next reading does not get the number of
/// the stored one.
#[test]
fn a_change_whose_answer_was_lost_is_detected() {
    let disk = MemoryDisk::default();
    let open = journal(&disk);
    append_hours(&open, 0..1);
    disk.crash(Crash::After);
    assert!(append(&open, START + HOUR - 1).is_err());
    assert_eq!(at_once(open.renew(again())), Ok(Vec::new()));
    assert_eq!(seqs(&all(&open)), (1..=361).collect::<Vec<_>>());
    assert_eq!(append(&open, START + HOUR), Ok(362));
}

#[test]
fn a_second_failure_loses_no_more() {
    let disk = MemoryDisk::default();
    let open = journal(&disk);
    append_hours(&open, 0..3);
    disk.clear();
    let failed = at_once(open.renew(ready(Err(DiskError::Closed))));
    assert_eq!(failed, Err(LogError::Disk(DiskError::Closed)));
    for crash in [Crash::Before, Crash::After] {
        disk.crash(crash);
        assert_eq!(at_once(open.renew(again())), Err(LogError::Disk(DiskError::Closed)));
        // The disk is cleared once more, before the loss was reported.
        disk.clear();
    }
    // Meanwhile, the writer lets another tab write. That tab finds nothing and does nothing.
    at_once(open.watch(true));
    at_once(open.watch(false));
    assert_eq!(at_once(open.renew(again())), Ok(vec![(meter(), hours(0, 2, 720))]));
    assert_eq!(append(&open, START + 3 * HOUR), Ok(1081));
    assert_eq!(at_once(open.renew(again())), Ok(Vec::new()), "reported once");
}

/// The newest entries may all be damaged when the disk is cleared.
#[test]
fn numbering_continues_without_a_known_entry() {
    let disk = MemoryDisk::default();
    append_hours(&journal(&disk), 0..1);
    for row in 1..=360 {
        assert!(disk.damage(Shelf::Tail, &meter(), row));
    }
    let open = journal(&disk);
    assert_eq!(seqs(&all(&open)), [0; 0]);
    disk.clear();
    assert_eq!(at_once(open.renew(again())), Ok(vec![(meter(), Gone::default())]));
    let open = journal(&disk);
    assert_eq!(at_once(open.span(&meter())), Ok(None));
    assert_eq!(append(&open, START + HOUR), Ok(361));
    append_hours(&open, 2..4);
    assert_eq!(seqs(&all(&journal(&disk))), (361..=1081).collect::<Vec<_>>());
    assert_eq!(journal(&disk).damaged(), []);
}

/// The tab that wrote the log is gone, and so is the disk. Another tab was told what the first one wrote.
#[test]
fn another_tabs_report_of_a_log_is_continued() {
    let disk = MemoryDisk::default();
    let writer = journal(&disk);
    append_hours(&writer, 0..2);
    let told = all(&writer).split_off(718);
    let watcher = journal(&disk);
    at_once(watcher.watch(true));
    watcher.heard_of(&meter(), Some(Moment(START)), &told);
    at_once(watcher.watch(false));

    // While the disk is there, only the disk counts.
    assert_eq!(at_once(watcher.renew(again())), Ok(Vec::new()));
    assert_eq!(seqs(&all(&watcher)), (1..=720).collect::<Vec<_>>());

    let watcher = journal(&disk);
    watcher.heard_of(&meter(), Some(Moment(START)), &told);
    disk.clear();
    // The lost span reaches to the last reported entry: it is unknown when the lost entries were received.
    let (readings, span) = (718, Some((Moment(START), told[1].received)));
    assert_eq!(at_once(watcher.renew(again())), Ok(vec![(meter(), Gone { readings, span })]));
    assert_eq!(all(&watcher), told);
    assert_eq!(append(&watcher, START + 2 * HOUR), Ok(721));
}

/// The tab that takes over recomputes its days first, and finds an empty log.
#[test]
fn another_tabs_report_is_continued_in_an_empty_log() {
    let gone = MemoryDisk::default();
    append_hours(&journal(&gone), 0..2);
    let told = all(&journal(&gone)).split_off(718);
    let watcher = journal(&MemoryDisk::default());
    at_once(watcher.count_days_in(Zone::default(), &meter())).unwrap();
    watcher.heard_of(&meter(), Some(Moment(START)), &told);
    assert_eq!(at_once(watcher.renew(again())).unwrap().len(), 1, "the loss is reported");
    assert_eq!(append(&watcher, START + 2 * HOUR), Ok(721));
}

#[test]
fn a_removed_or_orphaned_log_is_not_restored() {
    let disk = MemoryDisk::default();
    let open = journal(&disk);
    append_hours(&open, 0..1);
    at_once(open.append(&MeterKey("house+1".into()), Moment(START), &said(START))).unwrap();
    disk.clear();
    at_once(open.remove(&meter())).unwrap();
    assert_eq!(at_once(open.renew(again())), Ok(Vec::new()));
    assert!(Shelf::ALL.iter().all(|shelf| disk.bytes(*shelf) == 0));
    assert_eq!(append(&open, START), Ok(1));
}
