use super::*;
use crate::log::arbitrary;
use crate::log::block::Block;
use crate::log::calendar::{Day, Quarter};
use crate::log::chunk::Shape;
use crate::log::tail::{day_of, days_of, quarters};
use crate::log::track::Track;
use crate::samples::{at_once, measurement, reading};
use crate::series::Series;
use crate::store::{Crash, MemoryDisk, MemoryError};
use metertap_decoder::reading::Quantity;
use proptest::prelude::*;

/// 2026-11-21T00:00:00Z.
const START: i64 = 1_795_219_200_000;
const HOUR: i64 = 3_600_000;

fn meter() -> MeterKey {
    MeterKey("house".into())
}

fn journal(disk: &MemoryDisk) -> Journal<MemoryDisk> {
    Journal::new(disk.clone(), Zone::default())
}

/// What the meter says at that moment: a power that is a function of it, and a counter.
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

/// The days that these quarters come to.
fn days(quarters: &Block) -> Block {
    let zone = Zone::default();
    let of_day =
        |Day(day)| (day, day_of(quarters.0.range(Day(day).quarters(zone)).map(|(_, rolled)| rolled)));
    let all = days_of(quarters.0.keys(), zone).into_iter().map(of_day);
    // A moment beyond the calendar is of no day.
    Block(all.filter(|(_, rolled)| rolled.readings > 0).collect())
}

#[test]
fn hours_become_chunks_and_any_reader_walks_over_them() {
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
fn many_at_once_are_the_same_as_one_after_the_other() {
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

/// What was acknowledged is there once after a crash at any moment; what was not is there once or not at all.
#[test]
fn no_crash_loses_or_doubles_what_was_acknowledged() {
    let disk = MemoryDisk::default();
    let (mut journal_now, mut acknowledged) = (journal(&disk), Vec::new());
    for step in 0..800_i64 {
        let moment = START + step * 10_000;
        // Among them the appends at which a chunk is closed: the 361st and the 721st.
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
                assert_eq!(error, LogError::Disk(MemoryError::Crashed));
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
fn a_failed_append_leaves_the_same_journal_sound() {
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
fn two_writers_never_give_the_same_number() {
    let disk = MemoryDisk::default();
    let (one, other) = (journal(&disk), journal(&disk));
    assert_eq!(at_once(one.append(&meter(), Moment(START), &said(START))), Ok(1));
    assert_eq!(at_once(other.append(&meter(), Moment(START), &said(START))), Ok(2));
    let late = at_once(one.append(&meter(), Moment(START), &said(START)));
    assert_eq!(late, Err(LogError::Disk(MemoryError::Taken)));
    assert_eq!(at_once(one.append(&meter(), Moment(START), &said(START))), Ok(3), "it has looked again");
}

#[test]
fn a_full_disk_keeps_what_it_has_and_thinning_makes_room() {
    let disk = MemoryDisk::default();
    let journal = journal(&disk);
    append_hours(&journal, 0..6);
    let used: usize = Shelf::ALL.iter().map(|shelf| disk.octets(*shelf)).sum();
    disk.limit(Some(used));
    let next = START + 6 * HOUR;
    let append = || at_once(journal.append(&meter(), Moment(next), &said(next)));
    disk.limit(Some(1000));
    assert_eq!(append(), Err(LogError::Disk(MemoryError::Full)));
    let (before, totals, of_days) = (all(&journal), every_quarter(&journal), every_day(&journal));
    assert_eq!(before.len(), 6 * 360, "nothing is lost");
    let thinned = at_once(journal.thin(&meter(), Moment(START + 3 * HOUR))).unwrap();
    assert_eq!(thinned.entries, 3 * 360, "a full disk lets go all the same");
    disk.limit(None);
    assert_eq!(append(), Ok(6 * 360 + 1));
    assert_eq!(seqs(&all(&journal)), (3 * 360 + 1..=6 * 360 + 1).collect::<Vec<_>>());
    assert!(totals.0.iter().all(|(quarter, rolled)| every_quarter(&journal).0.get(quarter) == Some(rolled)));
    assert_eq!(of_days.0.len(), 1);
    assert_eq!(every_day(&journal).0.values().next().unwrap().readings, 6 * 360 + 1);
}

/// A day of a meter, and two hours of another that came later: the readings that are oldest go first, whosever they
/// are, and no more of them than the next reading needs.
#[test]
fn on_a_full_disk_the_oldest_readings_make_room_step_by_step() {
    let disk = MemoryDisk::default();
    let journal = journal(&disk);
    append_hours(&journal, 0..24);
    let other = MeterKey("garage".into());
    for moment in (START + 22 * HOUR..START + 24 * HOUR).step_by(10_000) {
        at_once(journal.append(&other, Moment(moment), &said(moment))).unwrap();
    }
    let (totals, of_days) = (every_quarter(&journal), every_day(&journal));
    let used: usize = Shelf::ALL.iter().map(|shelf| disk.octets(*shelf)).sum();
    disk.limit(Some(used));
    let meters = [meter(), other.clone()];
    let (mut acknowledged, mut steps) = (Vec::new(), 0);
    for moment in (START + 24 * HOUR..START + 34 * HOUR).step_by(10_000) {
        loop {
            match at_once(journal.append(&meter(), Moment(moment), &said(moment))) {
                Ok(seq) => break acknowledged.push(seq),
                Err(error) => assert_eq!(error, LogError::Disk(MemoryError::Full)),
            }
            let room = at_once(journal.make_room(&meters)).unwrap().expect("there is something to let go");
            assert!(room.thinned.entries > 0 && room.before <= Moment(moment));
            steps += 1;
        }
    }
    assert!((1..12).contains(&steps), "{steps} steps for ten hours");
    assert_eq!(acknowledged, (24 * 360 + 1..=34 * 360).collect::<Vec<_>>());
    let held = seqs(&all(&journal));
    assert_eq!(held, (held[0]..=34 * 360).collect::<Vec<_>>());
    assert!(held[0] > 1 && held[0] < 22 * 360, "it was the oldest that went: {}", held[0]);
    assert_eq!(at_once(journal.span(&other)), Ok(Some((1, 720))), "what came later is all there");
    assert!(totals.0.iter().all(|(quarter, rolled)| every_quarter(&journal).0.get(quarter) == Some(rolled)));
    assert!(of_days.0.keys().all(|day| every_day(&journal).0.contains_key(day)));
}

#[test]
fn where_nothing_old_is_left_no_room_is_made() {
    let disk = MemoryDisk::default();
    let journal = journal(&disk);
    assert_eq!(at_once(journal.make_room(&[meter()])), Ok(None));
    append_hours(&journal, 0..2);
    assert_eq!(at_once(journal.make_room(&[meter()])), Ok(None));
    assert_eq!(all(&journal).len(), 720);
}

#[test]
fn what_is_held_is_told_with_what_it_takes() {
    let disk = MemoryDisk::default();
    append_hours(&journal(&disk), 0..5);
    let journal = journal(&disk);
    let held = at_once(journal.held(&meter())).unwrap();
    assert_eq!((held.readings, held.since), (5 * 360, Some(Moment(START))));
    assert_eq!(held.octets, disk.octets(Shelf::Chunks) as u64);
    assert!(held.octets_a_day.is_some_and(|octets| octets > held.octets * 4));
    at_once(journal.thin(&meter(), Moment(START + 2 * HOUR))).unwrap();
    let held = at_once(journal.held(&meter())).unwrap();
    assert_eq!((held.readings, held.since), (3 * 360, Some(Moment(START + 2 * HOUR))));
}

#[test]
fn thinning_everything_goes_on_counting() {
    let disk = MemoryDisk::default();
    append_hours(&journal(&disk), 0..3);
    at_once(journal(&disk).thin(&meter(), Moment(i64::MAX))).unwrap();
    let journal = journal(&disk);
    assert_eq!(at_once(journal.span(&meter())), Ok(Some((361, 1080))), "the newest chunk stays");
    assert_eq!(at_once(journal.append(&meter(), Moment(START), &said(START))), Ok(1081));
}

#[test]
fn a_damaged_chunk_is_left_out_named_and_its_totals_stay() {
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
        panic!("once, however often it is met: {:?}", journal.damaged());
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
fn where_directory_and_newest_chunk_are_damaged_numbers_still_go_on() {
    let disk = MemoryDisk::default();
    append_hours(&journal(&disk), 0..3);
    assert!(disk.damage(Shelf::Directory, &meter(), 0));
    assert!(disk.damage(Shelf::Chunks, &meter(), 361));
    let journal = journal(&disk);
    append_hours(&journal, 3..5);
    let rest: Vec<u64> = (1..=360).chain(721..=1800).collect();
    assert_eq!(seqs(&all(&journal)), rest);
}

/// An older program on the log of a newer one, which writes one kind of rows in a form of its own: it names the row, reads
/// the others, and leaves all as they are. What is too old may still go, but for rows that it cannot read.
#[test]
fn rows_of_a_newer_version_are_named_and_neither_replaced_nor_removed() {
    for newer in Shelf::ALL {
        let disk = MemoryDisk::default();
        append_hours(&journal(&disk), 0..3);
        let row = *disk.numbers(*newer, &meter()).last().unwrap();
        let octets = || at_once(disk.rows(*newer, &meter(), row..=row, 1)).unwrap();
        let mut changed = octets().remove(0).1;
        changed["MTC".len()] = 9;
        at_once(disk.commit(&meter(), vec![Change::Put(*newer, row, changed.clone())])).unwrap();
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
        let named =
            |found: &Damaged| (found.shelf, found.row, found.damage) == (*newer, row, Damage::Version(9));
        assert!(journal.damaged().iter().any(named), "{newer:?}: {:?}", journal.damaged());
        at_once(journal.thin(&meter(), Moment(i64::MAX))).unwrap();
        assert_eq!(octets(), [(row, changed)], "{newer:?}");
    }
}

/// Two tabs: the one that only watches sees what the other writes, and leaves the disk as it is.
#[test]
fn whoever_watches_reads_everything_and_changes_nothing() {
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
    assert_eq!(row(&disk), damaged, "it is the writer's to put in order");
    // The writer's tab is closed: the other goes on with its numbers.
    drop(writer);
    at_once(watcher.watch(false));
    append_hours(&watcher, 3..4);
    assert_eq!(seqs(&all(&journal(&disk))), (1..=1440).collect::<Vec<_>>());
    assert_ne!(row(&disk), damaged);
}

/// Asleep for nine hours, then a clock that was wrong by two days and is set back: numbers go on, nothing is doubled.
#[test]
fn a_computer_that_slept_and_a_clock_that_jumped_cost_nothing() {
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

/// A laptop that moves from Norway to Finland: its days begin elsewhere, and come to the same in all.
#[test]
fn days_are_computed_anew_for_another_zone() {
    let disk = MemoryDisk::default();
    let zone = |name| Zone::named(name).unwrap();
    let before = Journal::new(disk.clone(), zone("Europe/Oslo"));
    append_hours(&before, 0..60);
    let there = zone("Europe/Helsinki");
    at_once(before.count_days_in(there, &meter())).unwrap();
    let anew = Journal::new(disk.clone(), there);
    assert_eq!(every_day(&anew), every_day(&before));
    let other = MemoryDisk::default();
    let never_elsewhere = Journal::new(other.clone(), there);
    append_hours(&never_elsewhere, 0..60);
    assert_eq!(every_day(&anew), every_day(&never_elsewhere));
    let rows = |disk: &MemoryDisk| at_once(disk.rows(Shelf::Days, &meter(), i64::MIN..=i64::MAX, 99));
    assert_eq!(rows(&disk), rows(&other));
    let readings: u64 = every_day(&anew).0.values().map(|day| day.readings).sum();
    assert_eq!(readings, 60 * 360);
}

#[test]
fn what_can_be_computed_anew_is() {
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

/// 2026-03-29 and 2026-10-25 in Central Europe, a reading in each quarter of an hour.
#[test]
fn days_of_92_and_100_quarters_are_whole() {
    for (midnight, expected) in [("2026-03-28T23:00:00Z", 92), ("2026-10-24T22:00:00Z", 100)] {
        let journal = journal(&MemoryDisk::default());
        let midnight: Moment = midnight.parse().unwrap();
        for quarter in -10..110 {
            let moment = Moment(midnight.0 + quarter * 900_000);
            at_once(journal.append(&meter(), moment, &said(START))).unwrap();
        }
        let day = Day::of(Quarter::of(midnight), Zone::default());
        assert_eq!(every_day(&journal).0.get(&day.0).map(|day| day.readings), Some(expected));
    }
}

fn picture_by_hand(entries: &[Entry], track: Track, (from, to): (Moment, Moment), columns: u32) -> Series {
    let mut series = Series::new(from, to, columns);
    for entry in entries {
        if let Some(value) = track.value(entry) {
            series.put(entry.received, value, value);
        }
    }
    series
}

/// Entries as a picture with wide columns has them: what is in chunks in the middle of its quarter of an hour.
fn coarse(entries: &[Entry], (from, to): (Moment, Moment)) -> Vec<Entry> {
    let in_chunks = |entry: &Entry| entry.received.0 < START + 11 * HOUR;
    let meets = |entry: &&Entry| {
        !in_chunks(entry) || (Quarter::of(from)..=Quarter::of(to)).contains(&Quarter::of(entry.received))
    };
    let middle =
        |entry: &Entry| Moment((Quarter::of(entry.received).start().0 + 450_000).clamp(from.0, to.0));
    entries
        .iter()
        .filter(meets)
        .map(|entry| match in_chunks(entry) {
            true => Entry { received: middle(entry), ..entry.clone() },
            false => entry.clone(),
        })
        .collect()
}

#[test]
fn a_picture_is_exact_to_the_column_at_any_zoom() {
    let disk = MemoryDisk::default();
    append_hours(&journal(&disk), 0..12);
    let journal = journal(&disk);
    let entries = all(&journal);
    for (from, to, columns) in
        [(0, 12, 7), (0, 12, 12), (-5, 20, 1), (3, 4, 500), (0, 2, 3), (11, 12, 2), (1, 11, 39), (1, 11, 41)]
    {
        let span = (Moment(START + from * HOUR + 1234), Moment(START + to * HOUR + 77));
        let is_wide = span.1.0 - span.0.0 >= i64::from(columns) * 900_000;
        let expected = if is_wide { coarse(&entries, span) } else { entries.clone() };
        let expected = picture_by_hand(&expected, Track::NetPower, span, columns);
        // The second time it is remembered.
        for _ in 0..2 {
            let drawn = at_once(journal.picture(&meter(), Track::NetPower, span, columns)).unwrap();
            assert_eq!(drawn, expected, "{from}..{to} in {columns}");
        }
    }
}

#[test]
fn a_picture_shows_what_came_after_it_was_remembered() {
    let disk = MemoryDisk::default();
    let journal = journal(&disk);
    append_hours(&journal, 0..2);
    let whole = (Moment(START), Moment(START + 24 * HOUR));
    let drawn = || at_once(journal.picture(&meter(), Track::NetPower, whole, 96)).unwrap().into_columns();
    assert_eq!(drawn().iter().flatten().count(), 8);
    append_hours(&journal, 2..5);
    assert_eq!(drawn().iter().flatten().count(), 20);
    at_once(journal.remove(&meter())).unwrap();
    assert_eq!(drawn().iter().flatten().count(), 0);
}

#[test]
fn a_wide_picture_reads_no_chunk() {
    let disk = MemoryDisk::default();
    append_hours(&journal(&disk), 0..12);
    disk.numbers(Shelf::Chunks, &meter())
        .iter()
        .for_each(|row| assert!(disk.damage(Shelf::Chunks, &meter(), *row)));
    let journal = journal(&disk);
    let span = (Moment(START), Moment(START + 12 * HOUR));
    let drawn = at_once(journal.picture(&meter(), Track::NetPower, span, 48)).unwrap();
    assert_eq!(journal.damaged(), []);
    assert_eq!(drawn.into_columns().iter().flatten().count(), 48);
}

#[test]
fn a_walk_meets_every_entry_once_and_every_list() {
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

#[test]
fn a_walk_over_periods_meets_each_once() {
    let journal = journal(&MemoryDisk::default());
    // A reading a day: more blocks of quarters than are read at once, and the newest in no chunk.
    for day in 0..40 {
        let moment = Moment(START + day * 24 * HOUR);
        at_once(journal.append(&meter(), moment, &said(START))).unwrap();
    }
    append_hours(&journal, 40 * 24..40 * 24 + 2);
    for (grain, expected) in [(Grain::Quarters, every_quarter(&journal)), (Grain::Days, every_day(&journal))]
    {
        for range in
            [i64::MIN..=i64::MAX, *expected.0.keys().nth(3).unwrap()..=*expected.0.keys().nth(30).unwrap()]
        {
            let (mut walked, mut next) = (Block::default(), Some(*range.start()));
            while let Some(start) = next {
                let (block, behind) =
                    at_once(journal.walk_periods(&meter(), grain, start..=*range.end(), |_| true)).unwrap();
                assert!(block.0.keys().all(|period| !walked.0.contains_key(period)));
                walked.0.extend(block.0);
                next = behind;
            }
            let mut expected = expected.clone();
            expected.0.retain(|period, _| range.contains(period));
            assert_eq!(walked, expected, "{grain:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn roll_ups_are_those_of_all_entries_whatever_they_are(entries in arbitrary::entries(260)) {
        let disk = MemoryDisk::default();
        for entry in &entries {
            at_once(journal(&disk).append(&meter(), entry.received, &entry.reading)).unwrap();
        }
        let journal = journal(&disk);
        let kept = all(&journal);
        prop_assert_eq!(kept.len(), entries.len());
        for (kept, (seq, entry)) in kept.iter().zip((1..).zip(&entries)) {
            prop_assert_eq!((kept.seq, kept.received, &kept.reading), (seq, entry.received, &entry.reading));
        }
        prop_assert_eq!(every_quarter(&journal), quarters(&entries));
        prop_assert_eq!(every_day(&journal), days(&quarters(&entries)));
    }
}
