//! A full disk, and what is deleted to make room.

use super::*;

#[test]
fn a_full_disk_keeps_its_data_and_thinning_makes_room() {
    let disk = MemoryDisk::default();
    let journal = journal(&disk);
    append_hours(&journal, 0..6);
    let used: usize = Shelf::ALL.iter().map(|shelf| disk.bytes(*shelf)).sum();
    disk.limit(Some(used));
    let next = START + 6 * HOUR;
    let append = || at_once(journal.append(&meter(), Moment(next), &said(next)));
    disk.limit(Some(1000));
    assert_eq!(append(), Err(LogError::Disk(DiskError::Full)));
    let (before, totals, of_days) = (all(&journal), every_quarter(&journal), every_day(&journal));
    assert_eq!(before.len(), 6 * 360, "nothing is lost");
    let thinned = at_once(journal.thin(&meter(), Moment(START + 3 * HOUR), FAR)).unwrap();
    assert_eq!(thinned.entries, 3 * 360, "a full disk accepts deletions");
    disk.limit(None);
    assert_eq!(append(), Ok(6 * 360 + 1));
    assert_eq!(seqs(&all(&journal)), (3 * 360 + 1..=6 * 360 + 1).collect::<Vec<_>>());
    assert!(totals.0.iter().all(|(quarter, rolled)| every_quarter(&journal).0.get(quarter) == Some(rolled)));
    assert_eq!(of_days.0.len(), 1);
    assert_eq!(every_day(&journal).0.values().next().unwrap().readings, 6 * 360 + 1);
}

/// One meter has readings of a whole day, another of the last two hours only. The oldest readings are deleted first,
/// whichever meter they belong to, a tenth at a time.
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
    let used: usize = Shelf::ALL.iter().map(|shelf| disk.bytes(*shelf)).sum();
    disk.limit(Some(used));
    let meters = [meter(), other.clone()];
    let (mut acknowledged, mut steps) = (Vec::new(), 0);
    for moment in (START + 24 * HOUR..START + 34 * HOUR).step_by(10_000) {
        loop {
            match at_once(journal.append(&meter(), Moment(moment), &said(moment))) {
                Ok(seq) => break acknowledged.push(seq),
                Err(error) => assert_eq!(error, LogError::Disk(DiskError::Full)),
            }
            let gone = at_once(journal.make_room(&meters, FAR)).unwrap();
            assert!(!gone.is_empty(), "there is something to delete");
            for (whose, gone) in gone {
                assert!(gone.entries > 0 && gone.span.unwrap().1 < Moment(moment), "{whose:?}");
            }
            steps += 1;
        }
    }
    assert!((1..12).contains(&steps), "{steps} steps for ten hours");
    assert_eq!(acknowledged, (24 * 360 + 1..=34 * 360).collect::<Vec<_>>());
    let held = seqs(&all(&journal));
    assert_eq!(held, (held[0]..=34 * 360).collect::<Vec<_>>());
    assert!(held[0] > 1 && held[0] < 22 * 360, "the oldest readings were deleted: {}", held[0]);
    assert_eq!(at_once(journal.span(&other)), Ok(Some((1, 720))), "the later readings are all there");
    assert!(totals.0.iter().all(|(quarter, rolled)| every_quarter(&journal).0.get(quarter) == Some(rolled)));
    assert!(of_days.0.keys().all(|day| every_day(&journal).0.contains_key(day)));
}

/// Appends an hour of readings received under a clock that was wrong by `wrong_by`.
fn append_hour(journal: &Journal<MemoryDisk>, meter: &MeterKey, hour: i64, wrong_by: i64) {
    for moment in (START + hour * HOUR..START + (hour + 1) * HOUR).step_by(10_000) {
        at_once(journal.append(meter, Moment(moment + wrong_by), &said(moment))).unwrap();
    }
}

const THREE_YEARS: i64 = 3 * 8766 * HOUR;

#[test]
fn an_hour_with_a_wrong_clock_is_as_old_as_its_place_in_the_log() {
    for wrong_by in [THREE_YEARS, -THREE_YEARS, -START] {
        let disk = MemoryDisk::default();
        let journal = journal(&disk);
        for hour in 0..6 {
            append_hour(&journal, &meter(), hour, if hour == 2 { wrong_by } else { 0 });
        }
        let thin = |hours: i64| {
            let (before, now) = (Moment(START + hours * HOUR), Moment(START + 6 * HOUR));
            let older = at_once(journal.older(&meter(), before, now)).unwrap();
            let thinned = at_once(journal.thin(&meter(), before, now)).unwrap();
            assert_eq!(older, thinned, "`older` announces what `thin` deletes");
            thinned.entries
        };
        assert_eq!(thin(1), 360, "{wrong_by}");
        assert_eq!(thin(1), 0, "it is not older than what came before it, {wrong_by}");
        let (two, three, four) = (thin(2), thin(3), thin(4));
        assert_eq!(two + three + four, 3 * 360, "and it does not keep later hours, {wrong_by}");
        assert!(four == 360 || three == 0, "{wrong_by}");
    }
}

/// A clock that has never been set is not believed, even if nothing came before it.
#[test]
fn a_log_that_starts_at_1970_is_as_old_as_what_follows() {
    let journal = journal(&MemoryDisk::default());
    for hour in 0..6 {
        append_hour(&journal, &meter(), hour, if hour < 2 { -START } else { 0 });
    }
    let thin = |hours: i64| {
        at_once(journal.thin(&meter(), Moment(START + hours * HOUR), Moment(START + 6 * HOUR))).unwrap()
    };
    assert_eq!(thin(2).entries, 0);
    let thinned = thin(3);
    assert_eq!(thinned.entries, 3 * 360);
    assert_eq!(thinned.span, Some((Moment(0), Moment(START + 3 * HOUR - 10_000))));
}

#[test]
fn room_is_made_in_log_order_despite_wrong_clocks() {
    for wrong_by in [THREE_YEARS, -THREE_YEARS, -START] {
        let journal = journal(&MemoryDisk::default());
        let other = MeterKey("garage".into());
        for hour in 0..10 {
            append_hour(&journal, &meter(), hour, if hour == 0 || hour == 8 { wrong_by } else { 0 });
            append_hour(&journal, &other, hour + 5, 0);
        }
        let now = Moment(START + 15 * HOUR);
        for _ in 0..4 {
            let gone = at_once(journal.make_room(&[meter(), other.clone()], now)).unwrap();
            assert!(gone.iter().any(|(_, gone)| gone.entries > 0), "{wrong_by}");
        }
        let first = |meter: &MeterKey| at_once(journal.span(meter)).unwrap().unwrap().0;
        assert!((4 * 360 + 1..8 * 360).contains(&first(&meter())), "{wrong_by}: {}", first(&meter()));
        assert!(first(&other) < 4 * 360, "{wrong_by}: {}", first(&other));
    }
}

/// Nothing but the computer's clock has told the time, and a log was restored from a file that is months old: certain
/// time lies before most of what was read here. Still, a tenth of both meters' readings is deleted.
#[test]
fn with_a_doubtful_clock_a_tenth_is_deleted() {
    for certain in [START - 60 * 24 * HOUR, START - THREE_YEARS, START + 2 * HOUR] {
        let journal = journal(&MemoryDisk::default());
        let other = MeterKey("garage".into());
        for hour in 0..20 {
            append_hour(&journal, &meter(), hour, 0);
            append_hour(&journal, &other, hour, 0);
        }
        let mut gone = 0;
        for _ in 0..3 {
            let room = at_once(journal.make_room(&[meter(), other.clone()], Moment(certain))).unwrap();
            gone += room.iter().map(|(_, gone)| gone.entries).sum::<u64>();
        }
        let firsts = [meter(), other].map(|meter| at_once(journal.span(&meter)).unwrap().unwrap().0);
        assert_eq!(firsts[0] + firsts[1] - 2, gone);
        assert!((6 * 360..=13 * 360).contains(&gone), "three tenths of forty hours: {gone}");
        assert!(firsts[0].abs_diff(firsts[1]) <= 360, "the oldest of both meters are deleted: {firsts:?}");
    }
}

#[test]
fn without_old_readings_no_room_is_made() {
    let disk = MemoryDisk::default();
    let journal = journal(&disk);
    assert_eq!(at_once(journal.make_room(&[meter()], FAR)), Ok(Vec::new()));
    append_hours(&journal, 0..2);
    assert_eq!(at_once(journal.make_room(&[meter()], FAR)), Ok(Vec::new()));
    assert_eq!(all(&journal).len(), 720);
}

#[test]
fn contents_are_reported_with_their_size() {
    let disk = MemoryDisk::default();
    append_hours(&journal(&disk), 0..5);
    let journal = journal(&disk);
    let held = at_once(journal.held(&meter())).unwrap();
    assert_eq!((held.readings, held.since, held.gone), (5 * 360, Some(Moment(START)), 0));
    assert_eq!(held.octets, disk.bytes(Shelf::Chunks) as u64);
    assert!(held.octets_a_day.is_some_and(|bytes| bytes > held.octets * 4));
    at_once(journal.thin(&meter(), Moment(START + 2 * HOUR), FAR)).unwrap();
    let held = at_once(journal.held(&meter())).unwrap();
    assert_eq!((held.readings, held.since, held.gone), (3 * 360, Some(Moment(START + 2 * HOUR)), 2 * 360));
}

#[test]
fn counting_continues_after_everything_is_thinned() {
    let disk = MemoryDisk::default();
    append_hours(&journal(&disk), 0..3);
    at_once(journal(&disk).thin(&meter(), Moment(i64::MAX), FAR)).unwrap();
    let journal = journal(&disk);
    assert_eq!(at_once(journal.span(&meter())), Ok(Some((361, 1080))), "the newest chunk stays");
    assert_eq!(at_once(journal.append(&meter(), Moment(START), &said(START))), Ok(1081));
}
