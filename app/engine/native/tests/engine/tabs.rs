//! Several tabs of one browser.

use metertap_native::{Handle, Tab, World};
use metertap_protocol::{Breakdown, Command, Event};
use metertap_readings::store::{DiskError, MeterKey};
use metertap_simulator::Model;

use crate::files::exported;
use crate::house::*;

#[test]
fn a_second_tab_watches_and_changes_nothing_on_the_disk() {
    let world = World::default();
    let one = opened(&world);
    let key = add(&world, &one, simulated(Model::Dsmr5, 1));
    world.run(10 * SECOND);
    let two = opened(&world);
    assert_eq!(two.watches(), Some(true));
    world.run(MINUTE);
    assert_eq!(two.commits(), 0);
    assert_eq!(one.readings(&key).last(), two.readings(&key).last(), "it shows what the first one reports");
}

#[test]
fn when_the_writer_closes_the_watcher_continues_with_the_next_number() {
    for crashes in [false, true] {
        let world = World::default();
        let one = opened(&world);
        let key = add(&world, &one, simulated(Model::Dsmr5, 1));
        world.run(10 * SECOND);
        let two = opened(&world);
        world.run(10 * SECOND);
        let last = one.readings(&key).last().map(|entry| entry.seq);
        if crashes {
            one.crash()
        } else {
            one.close()
        }
        assert!(world.run_until(10 * SECOND, || two.watches() == Some(false)), "crashes: {crashes}");
        world.run(10 * SECOND);
        let readings = two.readings(&key);
        assert_whole(&readings);
        assert!(readings.last().map(|entry| entry.seq) > last);
        assert!(two.commits() > 0);
    }
}

/// Windows show the newest readings of an import, whose numbers are not those of the meter's own log. The next writer
/// must not conclude that the browser has cleared that log.
#[test]
fn an_imported_meter_is_whole_after_the_writer_crashes() {
    let (_, file) = exported(&World::default());
    let world = World::default();
    let one = opened(&world);
    let two = opened(&world);
    one.send_beside(Command::Import { id: 2, meter: None, plan: None, run: true }, Handle::File(file));
    world.run(MINUTE);
    let [key] = keys(&two).try_into().expect("one meter");
    let before = export(&world, &two, &key);
    one.crash();
    assert!(world.run_until(10 * SECOND, || two.watches() == Some(false)), "the other one writes");
    world.run(5 * SECOND);
    assert_eq!(two.last(|event| matches!(event, Event::Notice { .. }).then(|| event.clone())), None);
    assert_eq!(export(&world, &two, &key), before);
}

#[test]
fn a_watchers_command_is_carried_out_by_the_writer() {
    let world = World::default();
    let one = opened(&world);
    let key = add(&world, &one, simulated(Model::Dsmr5, 1));
    let two = opened(&world);
    two.send(Command::Rename { meter: key.clone(), name: "house".to_owned() });
    world.run(SECOND);
    assert_eq!(state(&one, &key).record.name, "house");
    assert_eq!(state(&two, &key).record.name, "house");
    assert_eq!(two.commits(), 0);
}

#[test]
fn a_refused_lock_is_requested_again() {
    let world = World::default();
    world.locks().refuse(5);
    let tab = opened(&world);
    assert_eq!(tab.watches(), Some(false));
}

/// The case of blocked site data.
#[test]
fn locks_that_are_always_refused_are_reported_and_requested_again() {
    let world = World::default();
    world.locks().refuse(u32::MAX);
    let tab = metertap_native::Tab::open(&world);
    world.run(10 * SECOND);
    let broken = tab.last(|event| match event {
        Event::Broken { why } => Some(*why),
        _ => None,
    });
    assert_eq!((broken, tab.watches()), (Some(Breakdown::NoLocks), None));
    world.locks().refuse(0);
    assert!(world.run_until(5 * SECOND, || tab.watches() == Some(false)));
}

#[test]
fn a_tab_that_cannot_write_the_log_hands_over_to_another() {
    let world = World::default();
    let one = opened(&world);
    let key = add(&world, &one, simulated(Model::Dsmr5, 1));
    let two = opened(&world);
    world.run(5 * SECOND);
    // Only the first tab has lost its disk.
    world.disks().fail(Some(DiskError::Unavailable));
    one.cut(DiskError::Closed);
    world.run(4 * SECOND);
    world.disks().fail(None);
    assert!(world.run_until(20 * SECOND, || two.watches() == Some(false)), "the other one writes");
    let broken = one.last(|event| match event {
        Event::Broken { why } => Some(*why),
        _ => None,
    });
    assert_eq!(broken, Some(Breakdown::NoStorage));
    world.run(20 * SECOND);
    assert_eq!(one.watches(), Some(true), "it watches once it can open the log again");
    assert_whole(&two.readings(&key));
}

/// A tab that reads a meter while Chromium clears its site: locks, databases and connections.
fn cleared() -> (World, Tab, MeterKey) {
    let world = World::default();
    let tab = opened(&world);
    let key = add(&world, &tab, simulated(Model::Dsmr5, 1));
    world.run(5 * SECOND);
    world.disks().log().clear();
    tab.cut(DiskError::Closed);
    world.forget_locks();
    (world, tab, key)
}

#[test]
fn forgotten_locks_make_no_second_writer() {
    let (world, one, key) = cleared();
    world.run(10 * SECOND);
    let two = opened(&world);
    world.run(10 * SECOND);
    assert_eq!((one.watches(), two.watches()), (Some(false), Some(true)));
    assert_eq!(two.commits(), 0);
    assert_eq!(keys(&two), [key]);
}

#[test]
fn a_tab_that_lost_its_lock_during_refusals_gets_it_again() {
    let (world, one, key) = cleared();
    world.locks().refuse(u32::MAX);
    world.run(90 * SECOND);
    world.locks().refuse(0);
    world.run(90 * SECOND);
    let two = opened(&world);
    world.run(10 * SECOND);
    assert_eq!((one.watches(), two.watches()), (Some(false), Some(true)));
    assert_eq!(keys(&two), [key]);
}

#[test]
fn a_third_tab_writes_after_the_second() {
    let world = World::default();
    let (one, two) = (opened(&world), opened(&world));
    let three = opened(&world);
    one.close();
    world.run(5 * SECOND);
    assert_eq!((two.watches(), three.watches()), (Some(false), Some(true)));
    two.crash();
    world.run(5 * SECOND);
    assert_eq!(three.watches(), Some(false));
}

#[test]
fn a_window_of_another_build_is_told_to_reload() {
    let world = World::default();
    let tab = opened(&world);
    tab.send(Command::Hello { version: 1, looks_back: false });
    world.run(SECOND);
    let broken = tab.last(|event| match event {
        Event::Broken { why } => Some(*why),
        _ => None,
    });
    assert_eq!(broken, Some(Breakdown::OtherBuild));
}

/// A tab that has the turn to write but cannot write the log must give up the turn.
#[test]
fn a_tab_whose_first_change_fails_hands_over_to_another() {
    let world = World::default();
    let tab = opened(&world);
    let key = add(&world, &tab, simulated(Model::Dsmr5, 1));
    world.run(5 * SECOND);
    let entry = tab.readings(&key).remove(0);

    let world = World::default();
    // The engine first migrates the data of version 1.
    world.disks().log().has_version_1(&key, entry);
    world.disks().log().fail(DiskError::Failed("tried and refused".to_owned()));
    let (one, two) = (metertap_native::Tab::open(&world), metertap_native::Tab::open(&world));
    assert!(world.run_until(5 * SECOND, || two.watches() == Some(false)), "{:?}", two.events());
    assert!(one.events().iter().any(|event| matches!(event, Event::Broken { .. })), "{:?}", one.events());
    world.run(20 * SECOND);
    assert_eq!(one.watches(), Some(true));
}

/// The case of plain HTTP, where browsers give no locks.
#[test]
fn without_locks_one_tab_writes_and_the_other_takes_over() {
    for crashes in [false, true] {
        let world = World::default();
        world.locks().support(false);
        let one = opened(&world);
        let key = add(&world, &one, simulated(Model::Dsmr5, 1));
        let two = opened(&world);
        world.run(10 * SECOND);
        assert_eq!((one.watches(), two.watches()), (Some(false), Some(true)));
        assert_eq!(two.commits(), 0);
        if crashes {
            one.crash()
        } else {
            one.close()
        }
        assert!(world.run_until(15 * SECOND, || two.watches() == Some(false)), "crashes: {crashes}");
        world.run(5 * SECOND);
        assert!(two.commits() > 0);
        assert_whole(&two.readings(&key));
    }
}

#[test]
fn without_locks_only_one_of_three_simultaneous_tabs_writes() {
    let world = World::default();
    world.locks().support(false);
    let tabs = [(); 3].map(|()| metertap_native::Tab::open(&world));
    world.run(15 * SECOND);
    let writers = tabs.iter().filter(|tab| tab.watches() == Some(false)).count();
    assert_eq!(writers, 1, "{:?}", tabs.iter().map(metertap_native::Tab::watches).collect::<Vec<_>>());
}

#[test]
fn the_channel_is_used_only_while_there_are_other_tabs() {
    let world = World::default();
    let one = opened(&world);
    let key = add(&world, &one, simulated(Model::Dsmr5, 1));
    let before = world.messages();
    world.run(10 * MINUTE);
    assert_eq!(world.messages(), before, "no other tab listens");
    let two = opened(&world);
    world.run(10 * MINUTE);
    assert_eq!(one.readings(&key).last(), two.readings(&key).last(), "it still receives readings later");
    assert_whole(&two.readings(&key));
    two.close();
    world.run(4 * MINUTE);
    let before = world.messages();
    world.run(10 * MINUTE);
    assert_eq!(world.messages(), before, "the other tab is gone");
}

#[test]
fn a_watcher_saves_no_recording_and_says_why() {
    let world = World::default();
    let one = opened(&world);
    let key = add(&world, &one, simulated(Model::Dsmr5, 1));
    let two = opened(&world);
    two.send(Command::SaveCapture { meter: key, whole: false });
    world.run(SECOND);
    let refused = two.last(|event| match event {
        Event::Refused { trouble } => Some(trouble.code.clone()),
        _ => None,
    });
    assert_eq!(refused, Some(metertap_readings::fault::Code::EngineWatches));
    assert!(one.handed_over().is_none());
}

#[test]
fn a_watcher_draws_charts_and_inspects_bytes_itself() {
    let world = World::default();
    let one = opened(&world);
    let key = add(&world, &one, simulated(Model::Dsmr5, 1));
    world.run(MINUTE);
    let two = opened(&world);
    world.run(SECOND);
    let (from, to) = (metertap_readings::entry::Moment(world.moment().0 - 60_000), world.moment());
    two.send(Command::Series { id: 9, meter: key.clone(), from, to, columns: 10 });
    two.send(Command::Octets { meter: key.clone() });
    two.send(Command::Room);
    world.run(SECOND);
    let columns = two.last(|event| match event {
        Event::Series { id: 9, columns } => Some(columns.iter().flatten().count()),
        _ => None,
    });
    assert!(columns.is_some_and(|columns| columns >= 5), "{columns:?}");
    assert!(two.last(|event| matches!(event, Event::Octets { .. }).then_some(())).is_some());
    let held = two.last(|event| match event {
        Event::Room { meters, .. } => Some(meters.len()),
        _ => None,
    });
    assert_eq!((held, two.commits()), (Some(1), 0));
}

/// The case of a computer that sleeps, or of a tab that the browser freezes. When the tab wakes up, its state is
/// outdated.
#[test]
fn without_locks_a_tab_that_wakes_up_late_changes_nothing() {
    let world = World::default();
    world.locks().support(false);
    let one = opened(&world);
    let key = add(&world, &one, simulated(Model::Dsmr5, 1));
    let two = opened(&world);
    world.run(5 * SECOND);
    one.freeze(true);
    assert!(world.run_until(20 * SECOND, || two.watches() == Some(false)), "the other one writes");
    world.run(5 * SECOND);
    let before = one.readings(&key).len();
    one.freeze(false);
    world.run(30 * SECOND);
    let writers = [&one, &two].into_iter().filter(|tab| tab.watches() == Some(false));
    assert_eq!(writers.count(), 1);
    let mut told = one.readings(&key);
    assert!(told.split_off(before).is_empty() || one.watches() == Some(true));
    // A page that is opened later finds the log complete: no number occurs twice, and none is missing.
    one.crash();
    two.crash();
    let three = opened(&world);
    world.run(5 * SECOND);
    let lines = export(&world, &three, &key);
    let seqs: Vec<u64> = lines.iter().map(|entry| entry.seq).collect();
    assert_eq!(seqs, (1..=seqs.len() as u64).collect::<Vec<_>>());
    let mut moments: Vec<_> = lines.iter().map(|entry| entry.received).collect();
    moments.dedup();
    assert_eq!(moments.len(), lines.len(), "a meter that sends each second is received once a second");
}
