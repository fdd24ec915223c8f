//! Quarters and days add up to what all entries say.

use super::*;
use crate::log::arbitrary;
use proptest::prelude::*;

/// A laptop moves from Norway to Finland: its days begin at other moments, and their sum stays the same.
#[test]
fn days_are_recomputed_for_another_zone() {
    let disk = MemoryDisk::default();
    let zone = |name| Zone::named(name).unwrap();
    let before = Journal::new(disk.clone(), zone("Europe/Oslo"));
    append_hours(&before, 0..60);
    let there = zone("Europe/Helsinki");
    at_once(before.count_days_in(there, &meter())).unwrap();
    let reopened = Journal::new(disk.clone(), there);
    assert_eq!(every_day(&reopened), every_day(&before));
    let other = MemoryDisk::default();
    let never_elsewhere = Journal::new(other.clone(), there);
    append_hours(&never_elsewhere, 0..60);
    assert_eq!(every_day(&reopened), every_day(&never_elsewhere));
    let rows = |disk: &MemoryDisk| at_once(disk.rows(Shelf::Days, &meter(), i64::MIN..=i64::MAX, 99));
    assert_eq!(rows(&disk), rows(&other));
    let readings: u64 = every_day(&reopened).0.values().map(|day| day.readings).sum();
    assert_eq!(readings, 60 * 360);
}

/// 2026-03-29 and 2026-10-25 in Central Europe, with a reading in each quarter of an hour.
#[test]
fn days_of_92_and_100_quarters_are_complete() {
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

#[test]
fn a_walk_over_periods_visits_each_once() {
    let journal = journal(&MemoryDisk::default());
    // A reading a day: more blocks of quarters than are read at once, and the newest readings in no chunk.
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
    fn roll_ups_equal_those_of_all_entries(entries in arbitrary::entries(260)) {
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
