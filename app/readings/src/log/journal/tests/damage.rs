//! Crashes in the middle of a change, rows that are damaged, and rows of a newer version.

use super::*;
use crate::log::later;
use crate::store::Crash;

/// After a crash at any moment, every confirmed reading is stored exactly once, and every unconfirmed reading at most
/// once.
#[test]
fn no_crash_loses_or_doubles_an_acknowledged_reading() {
    let disk = MemoryDisk::default();
    let (mut journal_now, mut acknowledged) = (journal(&disk), Vec::new());
    for step in 0..800_i64 {
        let moment = START + step * 10_000;
        // The appends that close a chunk, the 361st and the 721st, are among those that crash.
        let crash = match step {
            step if step % 36 == 0 => Some(Crash::Before),
            step if step % 36 == 1 => Some(Crash::After),
            _ => None,
        };
        if let Some(crash) = crash {
            disk.crash(crash);
        }
        match at_once(journal_now.append(&meter(), Moment(moment), &said(moment))) {
            Ok(seq) => acknowledged.push((seq, moment)),
            Err(error) => {
                assert_eq!(error, LogError::Disk(DiskError::Closed));
                journal_now = journal(&disk);
                if crash == Some(Crash::After) {
                    let last = at_once(journal_now.span(&meter())).unwrap().unwrap().1;
                    acknowledged.push((last, moment));
                }
            }
        }
    }
    let found = all(&journal_now);
    assert_eq!(seqs(&found), (1..=found.len() as u64).collect::<Vec<_>>());
    let found: Vec<_> = found.iter().map(|entry| (entry.seq, entry.received.0)).collect();
    assert_eq!(found, acknowledged);
    assert_eq!(disk.numbers(Shelf::Chunks, &meter()).len(), 2);
    assert_eq!(every_quarter(&journal_now), quarters(&all(&journal_now)));
}

#[test]
fn a_failed_append_leaves_the_journal_intact() {
    let disk = MemoryDisk::default();
    let journal = journal(&disk);
    append_hours(&journal, 0..1);
    disk.crash(Crash::Before);
    assert!(at_once(journal.append(&meter(), Moment(START + HOUR), &said(START))).is_err());
    disk.crash(Crash::After);
    assert!(at_once(journal.append(&meter(), Moment(START + HOUR), &said(START))).is_err());
    assert_eq!(at_once(journal.append(&meter(), Moment(START + HOUR), &said(START))), Ok(362));
    assert_eq!(seqs(&all(&journal)), (1..=362).collect::<Vec<_>>());
}

#[test]
fn a_damaged_chunk_is_skipped_and_reported_and_its_totals_stay() {
    let disk = MemoryDisk::default();
    append_hours(&journal(&disk), 0..4);
    let totals = every_quarter(&journal(&disk));
    assert!(disk.damage(Shelf::Chunks, &meter(), 361));
    let journal = journal(&disk);
    let rest: Vec<u64> = (1..=360).chain(721..=1440).collect();
    assert_eq!(seqs(&all(&journal)), rest);
    let [Damaged { meter: of, shelf: Shelf::Chunks, row: 361, damage: Damage::Checksum, lost: Some(lost) }] =
        &journal.damaged()[..]
    else {
        panic!("the damage is not reported exactly once: {:?}", journal.damaged());
    };
    let hour = (Moment(START + HOUR), Moment(START + 2 * HOUR - 10_000));
    assert_eq!((of, lost.first, lost.last, (lost.from, lost.to)), (&meter(), 361, 720, hour));
    assert_eq!(every_quarter(&journal), totals);
    let walked = at_once(journal.range(&meter(), 300..=u64::MAX, 100)).unwrap();
    assert_eq!(seqs(&walked), (300..=360).chain(721..=759).collect::<Vec<_>>());
}

#[test]
fn a_damaged_row_of_the_tail_keeps_its_number() {
    let disk = MemoryDisk::default();
    append_hours(&journal(&disk), 0..1);
    assert!(disk.damage(Shelf::Tail, &meter(), 360));
    assert!(disk.damage(Shelf::Tail, &meter(), 100));
    let journal = journal(&disk);
    append_hours(&journal, 1..2);
    assert_eq!(disk.numbers(Shelf::Chunks, &meter()), [1]);
    let rest: Vec<u64> = (1..=720).filter(|seq| ![100, 360].contains(seq)).collect();
    assert_eq!(seqs(&all(&journal)), rest, "a number is never given twice");
    assert_eq!(journal.damaged().len(), 2);
}

#[test]
fn numbering_continues_when_directory_and_newest_chunk_are_damaged() {
    let disk = MemoryDisk::default();
    append_hours(&journal(&disk), 0..3);
    assert!(disk.damage(Shelf::Directory, &meter(), 0));
    assert!(disk.damage(Shelf::Chunks, &meter(), 361));
    let journal = journal(&disk);
    append_hours(&journal, 3..5);
    let rest: Vec<u64> = (1..=360).chain(721..=1800).collect();
    assert_eq!(seqs(&all(&journal)), rest);
}

/// An older program reads the log of a newer one that writes one kind of rows in a new form. It reports such a row,
/// reads the others, and leaves all of them as they are. It may still thin the log if only roll-ups have the new form.
#[test]
fn rows_of_a_newer_version_are_reported_and_kept() {
    for newer in Shelf::ALL {
        let disk = MemoryDisk::default();
        append_hours(&journal(&disk), 0..3);
        let row = *disk.numbers(*newer, &meter()).last().unwrap();
        let bytes = || at_once(disk.rows(*newer, &meter(), row..=row, 1)).unwrap();
        let changed = later(&bytes()[0].1);
        at_once(disk.commit(vec![Change::Rows(meter(), vec![RowChange::Put(*newer, row, changed.clone())])]))
            .unwrap();
        let rows = |shelf: &Shelf| at_once(disk.rows(*shelf, &meter(), i64::MIN..=i64::MAX, usize::MAX));
        let all_rows = || Shelf::ALL.iter().map(rows).collect::<Vec<_>>();

        let (before, journal) = (all_rows(), journal(&disk));
        let left_out = match newer {
            Shelf::Tail => 1080..=1080,
            Shelf::Chunks => 361..=720,
            Shelf::Directory | Shelf::Quarters | Shelf::Days => 0..=0,
        };
        let rest: Vec<u64> = (1..=1080).filter(|seq| !left_out.contains(seq)).collect();
        assert_eq!(seqs(&all(&journal)), rest, "{newer:?}");
        // The next reading begins another hour: a chunk is closed, and its quarters and its day are rolled up.
        let moment = START + 3 * HOUR;
        let appended = at_once(journal.append(&meter(), Moment(moment), &said(moment)));
        let settled = at_once(journal.count_days_in(Zone::default(), &meter()));
        assert_eq!((appended, settled), (Err(LogError::Newer(9)), Err(LogError::Newer(9))), "{newer:?}");
        assert_eq!(all_rows(), before, "{newer:?}");
        let backed_up = at_once(journal.back_up(&meter(), async |_, _, _| Ok(())));
        // A backup takes roll-ups as they are. It is refused if rows of the other kinds cannot be read.
        let is_refused = !matches!(newer, Shelf::Quarters | Shelf::Days);
        assert_eq!(backed_up, if is_refused { Err(LogError::Newer(9)) } else { Ok(()) }, "{newer:?}");
        let named =
            |found: &Damaged| (found.shelf, found.row, found.damage) == (*newer, row, Damage::Version(9));
        assert!(journal.damaged().iter().any(named), "{newer:?}: {:?}", journal.damaged());
        at_once(journal.thin(&meter(), Moment(i64::MAX), FAR)).unwrap();
        assert_eq!(bytes(), [(row, changed)], "{newer:?}");
    }
}

#[test]
fn damaged_directories_and_totals_are_recomputed() {
    let disk = MemoryDisk::default();
    append_hours(&journal(&disk), 0..3);
    let (entries, of_quarters, of_days) =
        (all(&journal(&disk)), every_quarter(&journal(&disk)), every_day(&journal(&disk)));
    for shelf in [Shelf::Directory, Shelf::Quarters, Shelf::Days] {
        let number = disk.numbers(shelf, &meter())[0];
        assert!(disk.damage(shelf, &meter(), number));
    }
    let journal = journal(&disk);
    assert_eq!(all(&journal), entries);
    append_hours(&journal, 3..5);
    let damaged: Vec<_> = journal.damaged().iter().map(|damaged| damaged.shelf).collect();
    assert_eq!(damaged, [Shelf::Directory, Shelf::Quarters, Shelf::Days]);
    assert!(
        of_quarters.0.iter().all(|(quarter, rolled)| every_quarter(&journal).0.get(quarter) == Some(rolled))
    );
    assert_eq!(every_day(&journal), days(&quarters(&all(&journal))));
    assert_ne!(every_day(&journal), of_days);
}
