//! A disk that is full, slow, closed by the browser or cleared.

use metertap_native::World;
use metertap_protocol::{Command, Event, SourceState};
use metertap_readings::fault::Code;
use metertap_readings::store::disk::Shelf;
use metertap_readings::store::retention::Retention;
use metertap_readings::store::{Crash, DiskError};
use metertap_simulator::Model;

use crate::house::*;

fn room(world: &World) -> usize {
    Shelf::ALL.iter().map(|shelf| world.disks().log().bytes(*shelf)).sum()
}

#[test]
fn on_a_full_disk_the_oldest_readings_are_deleted_for_new_ones() {
    let world = World::default();
    let tab = opened(&world);
    let key = add(&world, &tab, simulated(Model::Dsmr4, 1));
    // The limit is set at 10:56 UTC. At eleven, the readings of the hour become one row, which frees space by itself.
    world.run(12 * HOUR + 43 * MINUTE);
    // The 1000 bytes are for records, which take some space besides the rows.
    world.disks().log().limit(Some(room(&world) + 1000));
    world.run(10 * MINUTE);
    let told = tab.events().into_iter().filter_map(|event| match event {
        Event::Notice { trouble, .. } if trouble.code == Code::StoreThinned => Some(trouble.detail),
        _ => None,
    });
    let told: Vec<String> = told.collect();
    let name = state(&tab, &key).record.identification.expect("it was received");
    let count = |told: &String| told.strip_prefix(&format!("{name}: "))?.split(' ').next()?.parse().ok();
    let counts: Option<Vec<usize>> = told.iter().map(count).collect();
    let gone = tab.readings(&key).len() - export(&world, &tab, &key).len();
    assert_eq!(
        counts.map(|counts| counts.iter().sum()),
        Some(gone),
        "whose they were, and how many: {told:?}"
    );
    assert!(gone > 0);
    let readings = tab.readings(&key);
    assert_whole(&readings);
    let last = readings.last().expect("it was read").received;
    assert!(world.moment().0 - last.0 < 60_000, "reading continues: {last}");
}

#[test]
fn a_full_disk_with_nothing_to_delete_is_an_error_until_there_is_room() {
    let world = World::default();
    let tab = opened(&world);
    let key = add(&world, &tab, simulated(Model::Dsmr5, 1));
    world.run(10 * SECOND);
    world.disks().log().limit(Some(0));
    world.run(30 * SECOND);
    assert_eq!(state(&tab, &key).trouble.map(|trouble| trouble.code), Some(Code::StoreFull));
    world.disks().log().limit(None);
    world.run(MINUTE);
    assert_eq!((source(&tab, &key), state(&tab, &key).trouble), (SourceState::Live, None));
    assert_whole(&tab.readings(&key));
}

#[test]
fn a_closed_log_is_reopened_and_nothing_is_stored_twice() {
    for crash in [None, Some(Crash::Before), Some(Crash::After)] {
        let world = World::default();
        let tab = opened(&world);
        let key = add(&world, &tab, simulated(Model::Dsmr5, 1));
        world.run(10 * SECOND);
        match crash {
            Some(crash) => world.disks().log().crash(crash),
            None => tab.cut(DiskError::Closed),
        }
        world.run(MINUTE);
        let readings = tab.readings(&key);
        assert_whole(&readings);
        assert!(readings.len() >= 68, "{crash:?}: {}", readings.len());
        let said =
            |entry: &metertap_readings::entry::Entry| entry.reading.time.map(|time| time.unix_seconds());
        let times: std::collections::BTreeSet<_> = readings.iter().map(said).collect();
        assert_eq!(times.len(), readings.len(), "{crash:?}: none was kept twice");
    }
}

/// The disk has removed the meter or not, and its answer is lost.
#[test]
fn a_removal_whose_answer_is_lost_is_whole_or_not_done() {
    for crash in [Crash::After, Crash::Before] {
        let world = World::default();
        let tab = opened(&world);
        let key = add(&world, &tab, simulated(Model::Dsmr5, 1));
        world.run(10 * SECOND);
        let before = tab.readings(&key).len();
        world.disks().log().crash(crash);
        tab.send(Command::Remove { meter: key.clone() });
        world.run(MINUTE);
        assert_eq!(tab.notices(), [], "nothing is lost that the user wanted to keep");
        let is_gone = matches!(crash, Crash::After);
        assert_eq!(keys(&tab).is_empty(), is_gone, "{crash:?}");
        tab.crash();
        let later = opened(&world);
        assert_eq!(keys(&later).is_empty(), is_gone, "{crash:?}");
        if !is_gone {
            assert!(export(&world, &later, &key).len() >= before);
        }
    }
}

#[test]
fn a_meter_is_read_again_within_five_seconds_after_the_log_is_cleared() {
    let world = World::default();
    let tab = opened(&world);
    let key = add(&world, &tab, simulated(Model::Dsmr5, 1));
    world.run(MINUTE);
    world.disks().log().clear();
    tab.cut(DiskError::Closed);
    let cleared = world.moment();
    let is_read = || tab.readings(&key).iter().any(|entry| entry.received > cleared);
    assert!(world.run_until(5 * SECOND, is_read));
}

#[test]
fn storage_that_the_browser_clears_is_restored_as_far_as_known() {
    let world = World::default();
    let tab = opened(&world);
    let key = add(&world, &tab, simulated(Model::Dsmr5, 1));
    tab.send(Command::Rename { meter: key.clone(), name: "house".to_owned() });
    world.run(MINUTE);
    world.disks().log().clear();
    tab.cut(DiskError::Closed);
    world.run(MINUTE);
    assert!(tab.notices().contains(&Code::StoreCleared), "{:?}", tab.notices());
    assert_eq!(source(&tab, &key), SourceState::Live);
    tab.crash();
    let tab = opened(&world);
    assert_eq!(state(&tab, &key).record.name, "house");
    assert!(!tab.newest(&key).is_empty(), "reading continued");
}

#[test]
fn opening_a_disk_is_retried() {
    let world = World::default();
    world.disks().fail(Some(DiskError::Unavailable));
    let tab = metertap_native::Tab::open(&world);
    world.run(10 * SECOND);
    assert!(tab.events().iter().any(|event| matches!(event, Event::Broken { .. })));
    assert_eq!(tab.watches(), None);
    world.disks().fail(None);
    world.run(10 * SECOND);
    assert_eq!(tab.watches(), Some(false));
}

#[test]
fn readings_past_their_retention_are_deleted_and_their_totals_stay() {
    let world = World::default();
    let tab = opened(&world);
    let key = add(&world, &tab, simulated(Model::Aidon6525, 1));
    world.run(2 * HOUR);
    tab.send(Command::Read { meter: key.clone(), on: false });
    world.run(2 * DAY);
    let days = world.disks().log().numbers(Shelf::Days, &key);
    tab.send(Command::Retain { meter: key.clone(), retention: Retention::Days(1) });
    world.run(SECOND);
    let first = state(&tab, &key).first;
    assert!(tab.notices().contains(&Code::StoreAged), "{:?} {first:?}", tab.notices());
    assert!(days.iter().all(|day| world.disks().log().numbers(Shelf::Days, &key).contains(day)));
}

#[test]
fn a_clock_that_jumps_ahead_deletes_nothing() {
    let world = World::default();
    let tab = opened(&world);
    let key = add(&world, &tab, simulated(Model::Aidon6525, 1));
    tab.send(Command::Retain { meter: key.clone(), retention: Retention::Days(31) });
    world.run(70 * MINUTE);
    let before = world.disks().log().numbers(Shelf::Chunks, &key);
    assert!(!before.is_empty());
    world.set_clock(metertap_readings::entry::Moment(world.moment().0 + 400 * 86_400_000));
    world.run(70 * MINUTE);
    assert!(
        tab.last(|event| match event {
            Event::Clock { trouble } => Some(trouble.is_some()),
            _ => None,
        }) == Some(true)
    );
    assert!(before.iter().all(|row| world.disks().log().numbers(Shelf::Chunks, &key).contains(row)));
}

#[test]
fn a_slow_commit_of_one_meter_does_not_delay_another() {
    let world = World::default();
    let tab = opened(&world);
    let slow = add(&world, &tab, simulated(Model::Dsmr5, 1));
    let other = add(&world, &tab, simulated(Model::Dsmr5, 2));
    world.run(5 * SECOND);
    world.disks().log().slow(Some(&slow));
    let (one, two) = (tab.readings(&slow).len(), tab.readings(&other).len());
    world.run(20 * SECOND);
    assert!(tab.readings(&slow).len() <= one + 1);
    assert!(tab.readings(&other).len() >= two + 18);
    world.disks().log().slow(None);
    world.run(30 * SECOND);
    assert_whole(&tab.readings(&slow));
    assert!(tab.readings(&slow).len() > one + 20);
}
