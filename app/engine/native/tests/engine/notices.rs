//! Notices about a house: each is announced once, stored, and shown in every window.

use metertap_native::{Tab, World};
use metertap_protocol::{Broker, Command, Event, SourceState, bytes};
use metertap_readings::fault::Code;
use metertap_readings::notices::limits::Limits;
use metertap_readings::notices::list::{Board, Noticed};
use metertap_simulator::Model;

use crate::house::*;

fn board(tab: &Tab) -> Board {
    let told = tab.last(|event| match event {
        Event::Noticed { open, board } => Some((*open, bytes::read::<Board>(board)?)),
        _ => None,
    });
    let (open, board) = told.expect("something is watched");
    assert_eq!(open as usize, board.list.iter().filter(|noticed| noticed.to.is_none()).count());
    board
}

fn rules(board: &Board) -> Vec<(&str, bool)> {
    board.list.iter().map(|noticed| (noticed.rule.as_str(), noticed.to.is_some())).collect()
}

fn watch(tab: &Tab, limits: &Limits) {
    tab.send(Command::Watch { limits: bytes::write(limits) });
}

#[test]
fn a_silent_meter_has_a_notice_until_it_sends_again() {
    let world = World::default();
    let adapter = world.adapters().plug_in(USB, Model::Dsmr4, 3);
    let tab = opened(&world);
    let key = add(&world, &tab, wired(Model::Dsmr4));
    world.run(10 * MINUTE);
    assert_eq!(board(&tab).list, []);
    adapter.pull_out();
    world.run(10 * MINUTE);
    assert_eq!(rules(&board(&tab)), [("silent", false)]);
    adapter.plug_in();
    world.run(2 * MINUTE);
    let noticed: Noticed = board(&tab).list.remove(0);
    assert_eq!((noticed.meter.as_ref(), noticed.to.is_some()), (Some(&key), true));
    // Notifications of the system are off by default.
    assert_eq!(tab.notified(), [""; 0]);
    let told = tab.events().iter().filter(|event| matches!(event, Event::Noticed { .. })).count();
    assert!(told <= 4, "told {told} times");
}

/// Here nothing can be deleted to make room: the log is minutes old.
#[test]
fn a_full_disk_has_a_notice_and_its_meter_is_not_called_silent() {
    let world = World::default();
    let _adapter = world.adapters().plug_in(USB, Model::Dsmr4, 3);
    let tab = opened(&world);
    let key = add(&world, &tab, wired(Model::Dsmr4));
    world.run(10 * MINUTE);
    world.disks().log().limit(Some(0));
    world.run(10 * MINUTE);
    assert_eq!(state(&tab, &key).trouble.map(|trouble| trouble.code), Some(Code::StoreFull));
    assert_eq!(rules(&board(&tab)), [("storage", false)]);
    world.disks().log().limit(None);
    world.run(MINUTE);
    assert_eq!(source(&tab, &key), SourceState::Live);
}

#[test]
fn limits_and_notices_survive_a_restart() {
    let world = World::default();
    let _adapter = world.adapters().plug_in(USB, Model::Dsmr4, 3);
    let tab = opened(&world);
    add(&world, &tab, wired(Model::Dsmr4));
    watch(&tab, &Limits { power: Some(1), system: true, ..Limits::default() });
    world.run(10 * MINUTE);
    let before = board(&tab);
    assert_eq!((rules(&before), before.limits.power), (vec![("power", false)], Some(1)));
    assert_eq!(tab.notified(), ["High power"]);
    tab.close();
    world.run(HOUR);
    let tab = opened(&world);
    world.run(5 * MINUTE);
    let after = board(&tab);
    assert_eq!(
        (after.limits, rules(&Board { list: after.list.clone(), ..Board::default() })),
        (before.limits, vec![("power", false), ("gap", true)])
    );
    assert_eq!(tab.notified(), [""; 0], "a gap is kept, and an unchanged power is not news");
    // A notice ends when its rule is switched off.
    watch(&tab, &Limits { off: vec!["power".to_owned()], ..Limits::default() });
    world.run(MINUTE);
    assert_eq!(rules(&board(&tab)), [("power", true), ("gap", true)]);
    tab.send(Command::ClearNotices);
    world.run(MINUTE);
    assert_eq!(board(&tab).list, []);
}

#[test]
fn a_watching_tab_shows_notices_and_sets_limits() {
    let world = World::default();
    let adapter = world.adapters().plug_in(USB, Model::Dsmr4, 3);
    let tab = opened(&world);
    add(&world, &tab, wired(Model::Dsmr4));
    world.run(MINUTE);
    let other = Tab::open(&world);
    world.run(MINUTE);
    assert_eq!((other.watches(), board(&other)), (Some(true), Board::default()));
    watch(&other, &Limits { fuse: Some(25), ..Limits::default() });
    adapter.pull_out();
    world.run(10 * MINUTE);
    for tab in [&tab, &other] {
        assert_eq!((rules(&board(tab)), board(tab).limits.fuse), (vec![("silent", false)], Some(25)));
    }
}

#[test]
fn a_meter_that_is_paused_or_removed_is_not_silent() {
    let world = World::default();
    let adapter = world.adapters().plug_in(USB, Model::Dsmr4, 3);
    let tab = opened(&world);
    let key = add(&world, &tab, wired(Model::Dsmr4));
    world.run(10 * MINUTE);
    tab.send(Command::Read { meter: key.clone(), on: false });
    world.run(HOUR);
    assert_eq!(board(&tab).list, []);
    tab.send(Command::Read { meter: key.clone(), on: true });
    world.run(5 * MINUTE);
    adapter.pull_out();
    world.run(10 * MINUTE);
    assert_eq!(rules(&board(&tab)), [("silent", false)]);
    tab.send(Command::Remove { meter: key });
    world.run(MINUTE);
    assert_eq!(rules(&board(&tab)), [("silent", true)]);
}

#[test]
fn readings_that_no_broker_accepts_cause_a_notice() {
    let world = World::default();
    let _adapter = world.adapters().plug_in(USB, Model::Dsmr4, 3);
    let tab = opened(&world);
    add(&world, &tab, wired(Model::Dsmr4));
    let url = "ws://nobody:9001".to_owned();
    let broker = Broker { url, base: "meters".to_owned(), ..Broker::default() };
    tab.send(Command::Forward { broker: Some(broker) });
    world.run(30 * MINUTE);
    assert_eq!(rules(&board(&tab)), [("not-forwarded", false)]);
    tab.send(Command::Forward { broker: None });
    world.run(MINUTE);
    assert_eq!(rules(&board(&tab)), [("not-forwarded", true)]);
}
