//! Recomputing corrects totals that were computed when a glitch was still counted.

use super::*;
use crate::log::totals::track::Track;
use crate::samples::earlier_build;

fn disk_of_an_earlier_build() -> (MemoryDisk, MeterKey) {
    (earlier_build(), MeterKey("p1-e8f4".into()))
}

/// What each quarter, and each day, counted for the import.
fn counted(journal: &Journal<MemoryDisk>, meter: &MeterKey) -> (Vec<String>, Vec<String>) {
    let import =
        |track: Track| matches!(track, Track::Register { quantity: Quantity::ActiveEnergyImport, .. });
    let of = |block: Block| {
        let sums = block.0.into_values().flat_map(|rolled| rolled.tracks.into_values());
        sums.map(|sum| sum.counted().unwrap().to_string()).collect::<Vec<_>>()
    };
    let quarters = at_once(journal.quarters(meter, Quarter(i64::MIN)..=Quarter(i64::MAX), import)).unwrap();
    let days = at_once(journal.days(meter, Day(i64::MIN)..=Day(i64::MAX), import)).unwrap();
    (of(quarters), of(days))
}

fn recompute(journal: &Journal<MemoryDisk>, meter: &MeterKey) -> u64 {
    let (mut changed, mut next) = (0, Some(i64::MIN));
    while let Some(from) = next {
        let recomputed = at_once(journal.recompute(meter, from)).unwrap();
        (changed, next) = (changed + recomputed.changed, recomputed.next);
    }
    changed
}

#[test]
fn totals_of_an_earlier_build_stay_until_recomputed() {
    let (disk, meter) = disk_of_an_earlier_build();
    let before = counted(&journal(&disk), &meter);
    assert_eq!(before.1, ["2000501.779"], "as that build's page showed it");
    assert_eq!(recompute(&journal(&disk), &meter), 3, "quarters with a glitch in them");
    let (quarters, days) = counted(&journal(&disk), &meter);
    assert_eq!(days, ["1.080"], "501.080 less 500.000");
    // A quarter has ninety readings, with 89 steps between them. The last reading, three hours after the first, is
    // alone in its quarter.
    let expected = |place| match place {
        // Quarter 2 begins with a glitch, and quarter 4 ends with one.
        2 | 4 => "0.088",
        12 => "0.000",
        _ => "0.089",
    };
    assert_eq!(quarters, (0..13).map(expected).collect::<Vec<_>>());
    assert_eq!(recompute(&journal(&disk), &meter), 0, "once is enough");
    assert_eq!(at_once(journal(&disk).span(&meter)), Ok(Some((1, 1081))));
}

#[test]
fn totals_of_deleted_readings_stay() {
    let (disk, meter) = disk_of_an_earlier_build();
    let before = counted(&journal(&disk), &meter);
    // The first of three hours is deleted: its glitch stays in the totals, and the other two glitches are corrected.
    let second_hour: Moment = "2026-11-20T11:00:00Z".parse().unwrap();
    at_once(journal(&disk).thin(&meter, second_hour, Moment(second_hour.0 + 3 * HOUR))).unwrap();
    assert_eq!(recompute(&journal(&disk), &meter), 2);
    let after = counted(&journal(&disk), &meter);
    assert_eq!(after.0[..4], before.0[..4]);
    assert_eq!(
        after.0[4..],
        ["0.088", "0.089", "0.089", "0.089", "0.089", "0.089", "0.089", "0.089", "0.000"]
    );
}

/// A counter that jumped and stands still is held back. It counts once the user confirms it, after a restart too.
#[test]
fn a_step_that_the_user_confirms_counts() {
    let disk = MemoryDisk::default();
    let energy = |value: &str| reading(vec![measurement("1-0:1.8.0", Quantity::ActiveEnergyImport, value)]);
    for (place, value) in (0..).zip(["500.000", "500.010", "600.000", "600.000"]) {
        let received = Moment(START + place * 10_000);
        at_once(journal(&disk).append(&meter(), received, &energy(value))).unwrap();
    }
    let held = at_once(journal(&disk).held_back(&meter())).unwrap().remove(0);
    assert_eq!((held.from.to_string(), held.to.to_string()), ("500.010".into(), "600.000".into()));
    assert_eq!(held.at, Moment(START + 20_000));
    assert_eq!(counted(&journal(&disk), &meter()).1, ["0.010"]);
    let confirming = || {
        let journal = journal(&disk);
        journal.confirm(&meter(), [held.at].into());
        journal
    };
    assert_eq!(counted(&confirming(), &meter()).1, ["100.000"]);
    assert_eq!(at_once(confirming().held_back(&meter())), Ok(vec![]));
    append_hours(&confirming(), 1..3);
    recompute(&confirming(), &meter());
    assert_eq!(counted(&confirming(), &meter()).0[0], "100.000");
}

/// A clock that is 400 days ahead for one reading hides nothing from the user.
#[test]
fn a_step_is_reported_despite_an_earlier_wrong_clock() {
    let journal = journal(&MemoryDisk::default());
    let energy = |value: &str| reading(vec![measurement("1-0:1.8.0", Quantity::ActiveEnergyImport, value)]);
    let days = [0, 400 * 24 * HOUR, 20_000, 30_000, 40_000];
    for (ahead, value) in days.into_iter().zip(["500.000", "500.010", "500.020", "600.000", "600.000"]) {
        at_once(journal.append(&meter(), Moment(START + ahead), &energy(value))).unwrap();
    }
    assert_eq!(at_once(journal.held_back(&meter())).unwrap().len(), 1);
}

/// A computer without a battery says 1970 until its clock is set from the network. What was counted meanwhile counts
/// with the next reading.
#[test]
fn readings_before_the_clock_is_set_are_in_no_day() {
    let journal = journal(&MemoryDisk::default());
    let energy = |value: &str| reading(vec![measurement("1-0:1.8.0", Quantity::ActiveEnergyImport, value)]);
    let said = [(START, "500.000"), (START + HOUR, "501.000"), (9_000, "501.500"), (19_000, "501.501")];
    for (received, value) in said.into_iter().chain([(START + 2 * HOUR, "502.000")]) {
        at_once(journal.append(&meter(), Moment(received), &energy(value))).unwrap();
    }
    assert_eq!(counted(&journal, &meter()).1, ["2.000"]);
    assert_eq!(all(&journal).len(), 5);
}
