//! Exports, imports, backups and restores.

use std::rc::Rc;

use metertap_native::{File, Handle, Tab, World};
use metertap_protocol::{Command, Event, ExportEnd, ExportOptions, ImportState, RestoreHow, RestoreState};
use metertap_readings::fault::Code;
use metertap_readings::files::backup::daily::Daily;
use metertap_readings::store::DiskError;
use metertap_readings::store::disk::Shelf;
use metertap_simulator::Model;

use crate::house::*;

fn end_of_export(tab: &Tab) -> Option<ExportEnd> {
    tab.last(|event| match event {
        Event::Export { end, .. } => Some(end.clone()),
        _ => None,
    })
    .flatten()
}

pub(crate) fn import_state(tab: &Tab) -> ImportState {
    tab.last(|event| match event {
        Event::Import { state, .. } => Some(state.clone()),
        _ => None,
    })
    .expect("it is reported")
}

fn restore_state(tab: &Tab) -> RestoreState {
    tab.last(|event| match event {
        Event::Restore { state, .. } => Some(state.clone()),
        _ => None,
    })
    .expect("it is reported")
}

fn daily(tab: &Tab) -> (Option<Daily>, Option<Code>) {
    tab.last(|event| match event {
        Event::Daily { daily, trouble, .. } => {
            Some((daily.clone(), trouble.as_ref().map(|trouble| trouble.code.clone())))
        }
        _ => None,
    })
    .expect("it is reported")
}

/// A house that was read for some time, and its whole log as JSON Lines.
pub(crate) fn exported(world: &World) -> (Tab, Rc<File>) {
    let tab = opened(world);
    let key = add(world, &tab, simulated(Model::Dsmr4, 1));
    world.run(20 * MINUTE);
    tab.send(Command::Read { meter: key.clone(), on: false });
    let file = File::new("house.jsonl", Vec::new());
    let options = ExportOptions::default();
    let export = Command::Export { id: 1, meters: vec![key], from: None, to: None, options, into_file: true };
    tab.send_beside(export, Handle::File(Rc::clone(&file)));
    world.run(MINUTE);
    assert_eq!(end_of_export(&tab), Some(ExportEnd::Complete));
    (tab, file)
}

/// A meter that was read for a minute and then stopped.
fn house(world: &World, tab: &Tab) {
    let key = add(world, tab, simulated(Model::Aidon6525, 1));
    world.run(MINUTE);
    tab.send(Command::Read { meter: key, on: false });
    world.run(SECOND);
}

/// A backup of all meters of this house, with its secrets.
fn backed_up(world: &World, tab: &Tab) -> Rc<File> {
    let file = File::new("house.metertap", Vec::new());
    tab.send_beside(
        Command::BackUp { id: 7, secrets: true, into_file: true },
        Handle::File(Rc::clone(&file)),
    );
    world.run(MINUTE);
    assert_eq!(end_of_export(tab), Some(ExportEnd::Complete));
    file
}

#[test]
fn an_export_has_a_line_for_each_reading() {
    let world = World::default();
    let (tab, file) = exported(&world);
    let [key] = keys(&tab).try_into().expect("one meter");
    let lines = String::from_utf8(file.octets()).expect("text").lines().count();
    assert_eq!(lines, tab.readings(&key).len());
}

#[test]
fn an_export_without_room_is_reported_and_leaves_no_file() {
    let world = World::default();
    let tab = opened(&world);
    let key = add(&world, &tab, simulated(Model::Dsmr4, 1));
    world.run(10 * MINUTE);
    let file = File::new("house.jsonl", Vec::new());
    file.limit(Some(100));
    let options = ExportOptions::default();
    let export = Command::Export { id: 1, meters: vec![key], from: None, to: None, options, into_file: true };
    tab.send_beside(export, Handle::File(Rc::clone(&file)));
    world.run(MINUTE);
    let Some(ExportEnd::Failed(trouble)) = end_of_export(&tab) else { panic!("{:?}", end_of_export(&tab)) };
    assert_eq!((trouble.code, file.octets()), (Code::FileNotWritten, Vec::new()), "no partial file is left");
}

#[test]
fn an_export_can_be_imported_elsewhere_and_undone() {
    let (tab, file) = exported(&World::default());
    let [key] = keys(&tab).try_into().expect("one meter");
    let readings = tab.readings(&key).len();
    let world = World::default();
    let tab = opened(&world);
    tab.send_beside(
        Command::Import { id: 2, meter: None, plan: None, run: true },
        Handle::File(Rc::clone(&file)),
    );
    world.run(MINUTE);
    let ImportState::Complete(report) = import_state(&tab) else { panic!("{:?}", import_state(&tab)) };
    assert_eq!((report.new, report.refused), (readings as u64, 0));
    let imports = tab.last(|event| match event {
        Event::Imports { imports } => Some(imports.clone()),
        _ => None,
    });
    let [import] = imports.expect("it is reported").try_into().expect("one import");
    assert_eq!(keys(&tab), std::slice::from_ref(&import.meter));
    tab.send(Command::UndoImport { log: import.log });
    world.run(SECOND);
    assert_eq!(tab.meters(), []);
}

#[test]
fn a_meter_is_read_during_an_import_into_it() {
    let (_, file) = exported(&World::default());
    let world = World::default();
    let tab = opened(&world);
    world.set_clock(metertap_readings::entry::Moment(world.moment().0 + 2 * 86_400_000));
    let key = add(&world, &tab, simulated(Model::Dsmr4, 1));
    world.run(10 * SECOND);
    tab.send_beside(
        Command::Import { id: 2, meter: Some(key.clone()), plan: None, run: true },
        Handle::File(Rc::clone(&file)),
    );
    world.run(10 * SECOND);
    assert!(matches!(import_state(&tab), ImportState::Complete(_)), "{:?}", import_state(&tab));
    assert!(tab.readings(&key).len() >= 2);
    assert_whole(&tab.readings(&key));
}

#[test]
fn a_meter_that_is_removed_during_an_import_leaves_nothing_behind() {
    let (_, file) = exported(&World::default());
    let world = World::default();
    let tab = opened(&world);
    let key = add(&world, &tab, simulated(Model::Dsmr4, 1));
    world.run(10 * SECOND);
    tab.send_beside(
        Command::Import { id: 2, meter: Some(key.clone()), plan: None, run: true },
        Handle::File(Rc::clone(&file)),
    );
    tab.send(Command::Remove { meter: key.clone() });
    world.run(MINUTE);
    tab.crash();
    let tab = opened(&world);
    world.run(SECOND);
    assert_eq!(tab.meters(), []);
    for log in [key.0.clone(), format!("{}+1", key.0)] {
        let log = metertap_readings::store::MeterKey(log);
        for shelf in Shelf::ALL {
            assert_eq!(world.disks().log().numbers(*shelf, &log), Vec::<i64>::new(), "{log:?} {shelf:?}");
        }
    }
}

#[test]
fn an_unknown_file_is_refused() {
    let world = World::default();
    let tab = opened(&world);
    let file = File::new("photo.jpg", vec![0xFF; 3000]);
    tab.send_beside(Command::Import { id: 2, meter: None, plan: None, run: true }, Handle::File(file));
    world.run(SECOND);
    let ImportState::Refused(trouble) = import_state(&tab) else { panic!("{:?}", import_state(&tab)) };
    assert_eq!((trouble.code, trouble.detail.as_str()), (Code::ImportUnknown, "photo.jpg"));
}

#[test]
fn an_import_without_room_changes_nothing() {
    let (_, file) = exported(&World::default());
    let world = World::default();
    let tab = opened(&world);
    let before: usize = Shelf::ALL.iter().map(|shelf| world.disks().log().bytes(*shelf)).sum();
    world.disks().log().limit(Some(600));
    tab.send_beside(Command::Import { id: 2, meter: None, plan: None, run: true }, Handle::File(file));
    world.run(MINUTE);
    let ImportState::Refused(trouble) = import_state(&tab) else { panic!("{:?}", import_state(&tab)) };
    assert_eq!(trouble.code, Code::StoreFull);
    assert_eq!(tab.meters(), []);
    assert_eq!(Shelf::ALL.iter().map(|shelf| world.disks().log().bytes(*shelf)).sum::<usize>(), before);
}

#[test]
fn a_backup_restores_the_meters_in_another_browser() {
    let world = World::default();
    let tab = opened(&world);
    let key = add(&world, &tab, simulated(Model::Dsmr4, 1));
    tab.send(Command::Rename { meter: key.clone(), name: "house".to_owned() });
    world.run(20 * MINUTE);
    tab.send(Command::Read { meter: key.clone(), on: false });
    let file = backed_up(&world, &tab);
    let newest = tab.readings(&key).last().cloned();

    let world = World::default();
    let tab = opened(&world);
    tab.send_beside(Command::Restore { id: 3, how: RestoreHow::Check }, Handle::File(Rc::clone(&file)));
    world.run(SECOND);
    let RestoreState::Seen(contents) = restore_state(&tab) else { panic!("{:?}", restore_state(&tab)) };
    assert_eq!(contents.meters, 1);
    assert_eq!(tab.meters(), [], "it was only previewed");
    tab.send_beside(Command::Restore { id: 4, how: RestoreHow::Merge }, Handle::File(file));
    world.run(MINUTE);
    assert_eq!(restore_state(&tab), RestoreState::Complete(contents.readings));
    assert_eq!(keys(&tab), std::slice::from_ref(&key));
    assert_eq!(state(&tab, &key).record.name, "house");
    assert_eq!(tab.newest(&key).last(), newest.as_ref());
}

#[test]
fn a_backup_that_replaces_everything_removes_the_other_meters() {
    let world = World::default();
    let tab = opened(&world);
    let key = add(&world, &tab, simulated(Model::Dsmr4, 1));
    world.run(10 * MINUTE);
    let file = backed_up(&world, &tab);
    let world = World::default();
    let tab = opened(&world);
    let other = add(&world, &tab, simulated(Model::Aidon6525, 9));
    world.run(MINUTE);
    assert_ne!(other, key);
    tab.send_beside(Command::Restore { id: 4, how: RestoreHow::Replace }, Handle::File(file));
    world.run(MINUTE);
    assert_eq!(keys(&tab), std::slice::from_ref(&key));
    assert!(!tab.readings(&key).is_empty(), "reading continues, as on the computer of the backup");
    for shelf in Shelf::ALL {
        assert_eq!(world.disks().log().numbers(*shelf, &other), Vec::<i64>::new(), "{shelf:?}");
    }
}

#[test]
fn a_backup_that_is_cut_short_changes_nothing() {
    let world = World::default();
    let tab = opened(&world);
    add(&world, &tab, simulated(Model::Dsmr4, 1));
    world.run(10 * MINUTE);
    let file = backed_up(&world, &tab);
    let mut bytes = file.octets();
    bytes.truncate(bytes.len() - 10);
    let world = World::default();
    let tab = opened(&world);
    let broken = File::new("house.metertap", bytes);
    tab.send_beside(Command::Restore { id: 4, how: RestoreHow::Replace }, Handle::File(broken));
    world.run(MINUTE);
    let RestoreState::Refused(trouble) = restore_state(&tab) else { panic!("{:?}", restore_state(&tab)) };
    assert_eq!((trouble.code, tab.meters()), (Code::BackupTruncated, Vec::new()));
}

#[test]
fn an_interrupted_restore_changes_nothing() {
    let world = World::default();
    let tab = opened(&world);
    add(&world, &tab, simulated(Model::Dsmr4, 1));
    world.run(20 * MINUTE);
    let file = backed_up(&world, &tab);
    let world = World::default();
    let tab = opened(&world);
    let other = add(&world, &tab, simulated(Model::Dsmr5, 9));
    world.run(MINUTE);
    tab.send_beside(Command::Restore { id: 4, how: RestoreHow::Replace }, Handle::File(file));
    tab.cut(DiskError::Closed);
    world.run(MINUTE);
    let RestoreState::Refused(trouble) = restore_state(&tab) else { panic!("{:?}", restore_state(&tab)) };
    assert_eq!((trouble.code, keys(&tab)), (Code::StoreClosed, vec![other.clone()]));
    assert_whole(&tab.readings(&other));
}

#[test]
fn a_backup_is_written_into_the_folder_each_day() {
    let world = World::default();
    let tab = opened(&world);
    house(&world, &tab);
    let folder = begin_daily(&world, &tab);
    assert_eq!(folder.names().len(), 1, "the first at once");
    world.run(2 * DAY);
    assert_eq!(folder.names().len(), 3);
    assert!(folder.names().iter().all(|name| !folder.file(name).expect("it is there").octets().is_empty()));
    tab.send(Command::DailyStop);
    world.run(2 * DAY);
    assert_eq!(folder.names().len(), 3);
}

#[test]
fn a_daily_backup_that_is_under_way_is_not_begun_again_and_can_be_stopped() {
    let world = World::default();
    let tab = opened(&world);
    house(&world, &tab);
    let folder = begin_daily(&world, &tab);
    world.run(DAY);
    let before = folder.names().len();
    let file = |place: usize| folder.file(&folder.names()[place]).expect("it is there");
    file(before - 1).change(Vec::new());
    drop(tab.take_events());
    for _ in 0..3 {
        tab.send(Command::DailyNow);
    }
    tab.send(Command::DailyStop);
    world.run(MINUTE);
    let is_begun = |event: &&Event| matches!(event, Event::Daily { writing: true, .. });
    let begun = tab.events().iter().filter(is_begun).count();
    assert_eq!((begun, file(before - 1).octets().len()), (1, 0));
}

#[test]
fn a_folder_without_write_permission_is_reported_once() {
    let world = World::default();
    let tab = opened(&world);
    house(&world, &tab);
    let folder = begin_daily(&world, &tab);
    folder.allow(false);
    world.run(2 * DAY);
    assert_eq!(daily(&tab).1, Some(Code::FolderPermission));
    assert_eq!(tab.notices().iter().filter(|code| **code == Code::FolderPermission).count(), 1);
    folder.allow(true);
    tab.send(Command::DailyNow);
    world.run(MINUTE);
    assert_eq!(daily(&tab).1, None);
}

#[test]
fn the_folder_is_remembered_after_a_restart() {
    let world = World::default();
    let tab = opened(&world);
    house(&world, &tab);
    let folder = begin_daily(&world, &tab);
    tab.crash();
    let tab = opened(&world);
    world.run(DAY);
    assert_eq!(daily(&tab).0.map(|daily| daily.folder), Some("backups".to_owned()));
    assert_eq!(folder.names().len(), 2);
}

#[test]
fn a_watching_tab_exports_from_the_same_disk() {
    let world = World::default();
    let one = opened(&world);
    let key = add(&world, &one, simulated(Model::Dsmr4, 1));
    world.run(MINUTE);
    let two = opened(&world);
    world.run(SECOND);
    let file = File::new("house.jsonl", Vec::new());
    let options = ExportOptions::default();
    let export = Command::Export { id: 1, meters: vec![key], from: None, to: None, options, into_file: true };
    two.send_beside(export, Handle::File(Rc::clone(&file)));
    world.run(SECOND);
    assert_eq!(end_of_export(&two), Some(ExportEnd::Complete));
    assert!(String::from_utf8(file.octets()).expect("text").lines().count() >= 6);
    assert_eq!(two.commits(), 0);
}

#[test]
fn a_closed_page_writes_no_backups_and_has_no_timers() {
    let world = World::default();
    let tab = opened(&world);
    house(&world, &tab);
    let folder = begin_daily(&world, &tab);
    tab.send(Command::Goodbye);
    world.run(SECOND);
    assert_eq!(world.timers(), 0);
    world.run(2 * DAY);
    assert_eq!(folder.names().len(), 1, "only the first");
}
