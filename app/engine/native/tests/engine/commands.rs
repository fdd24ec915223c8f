//! Commands of the user that have no test file of their own.

use std::rc::Rc;

use metertap_native::{File, Handle, Tab, World};
use metertap_protocol::{
    Command, Event, ExportEnd, ExportOptions, ImportState, KeptOctets, RestoreHow, RestoreState, SourceState,
};
use metertap_readings::entry::Moment;
use metertap_readings::fault::Code;
use metertap_readings::files::export::ExportForm;
use metertap_readings::store::{DiskError, MeterKey};
use metertap_simulator::Model;

use crate::house::*;

fn refused(tab: &Tab) -> Option<Code> {
    tab.last(|event| match event {
        Event::Refused { trouble } => Some(trouble.code.clone()),
        _ => None,
    })
}

fn bytes(tab: &Tab, key: &MeterKey) -> Vec<KeptOctets> {
    let kept = tab.last(|event| match event {
        Event::Octets { meter, kept } if meter == key => Some(kept.clone()),
        _ => None,
    });
    kept.expect("it is reported")
}

fn end_of(tab: &Tab, number: u32) -> Option<ExportEnd> {
    tab.last(|event| match event {
        Event::Export { id, end: Some(end), .. } if *id == number => Some(end.clone()),
        _ => None,
    })
}

/// A page with a meter that was read for some time.
fn read_for(world: &World, model: Model, milliseconds: u64) -> (Tab, MeterKey) {
    let tab = opened(world);
    let key = add(world, &tab, simulated(model, 1));
    world.run(milliseconds);
    (tab, key)
}

#[test]
fn a_chart_shows_the_readings() {
    let world = World::default();
    let (tab, key) = read_for(&world, Model::Dsmr5, MINUTE);
    let (from, to) = (Moment(world.moment().0 - 120_000), world.moment());
    tab.send(Command::Series { id: 4, meter: key, from, to, columns: 12 });
    world.run(SECOND);
    let columns = tab.last(|event| match event {
        Event::Series { id: 4, columns } => Some(columns.clone()),
        _ => None,
    });
    let columns = columns.expect("it is reported");
    assert_eq!(columns.len(), 12);
    assert!(columns.iter().take(5).all(Option::is_none), "nothing was read before the meter was added");
    assert!(columns.iter().skip(7).all(Option::is_some), "{columns:?}");
}

#[test]
fn the_bytes_of_the_newest_telegrams_can_be_inspected() {
    let world = World::default();
    let (tab, key) = read_for(&world, Model::Dsmr5, 5 * SECOND);
    tab.send(Command::Octets { meter: key.clone() });
    world.run(SECOND);
    let kept = bytes(&tab, &key);
    assert!(kept.len() >= 4 && kept.iter().all(|kept| kept.code.is_none()));
    let telegram = kept.last().expect("some").octets.clone();
    tab.send(Command::Inspect { meter: key.clone(), octets: telegram.clone() });
    world.run(SECOND);
    let layers = tab.last(|event| match event {
        Event::Anatomy { meter, layers } if *meter == key => Some(layers.clone()),
        _ => None,
    });
    let layers = layers.expect("it is reported");
    assert_eq!(layers[0].octets, telegram);
    assert!(layers[0].fields.len() > 20, "its registers have names");
}

#[test]
fn recomputing_correct_totals_changes_nothing() {
    let world = World::default();
    let (tab, _) = read_for(&world, Model::Aidon6525, 2 * HOUR);
    tab.send(Command::Recompute);
    world.run(MINUTE);
    let changed = tab.last(|event| match event {
        Event::Recomputed { changed } => *changed,
        _ => None,
    });
    assert_eq!(changed, Some(0));
    let held = tab.last(|event| match event {
        Event::Room { meters, steps } => Some((meters.len(), steps.len())),
        _ => None,
    });
    assert_eq!(held, Some((1, 0)), "the stored amount is reported afterwards");
}

#[test]
fn a_meters_place_and_line_settings_are_remembered() {
    let world = World::default();
    let adapter = world.adapters().plug_in(USB, Model::Dsmr5, 1);
    let tab = opened(&world);
    let key = add(&world, &tab, wired(Model::Dsmr5));
    world.run(5 * SECOND);
    let spoken = state(&tab, &key).record.source.spoken().cloned().expect("it is on a line");
    let asked = metertap_readings::store::LineSettings { device: "7".to_owned(), ..spoken };
    tab.send(Command::Ask { meter: key.clone(), spoken: asked.clone() });
    tab.send(Command::Place { meter: key.clone(), place: "cellar".to_owned() });
    world.run(5 * SECOND);
    assert!(adapter.is_open(), "reading continues");
    tab.crash();
    let tab = opened(&world);
    let record = state(&tab, &key).record;
    assert_eq!((record.source.spoken(), record.place.as_str()), (Some(&asked), "cellar"));
}

#[test]
fn detection_can_be_repeated() {
    let world = World::default();
    let adapter = world.adapters().plug_in(USB, Model::Dsmr5, 1);
    let tab = opened(&world);
    let key = add(&world, &tab, wired(Model::Dsmr5));
    world.run(5 * SECOND);
    let other = world.adapters().plug_in((1, 2), Model::Aidon6525, 2);
    adapter.swap(&other);
    tab.send(Command::Detect { meter: key.clone() });
    let is_found = || protocol(&state(&tab, &key)) == Some(metertap_decoder::reading::Protocol::DlmsHdlc);
    assert!(world.run_until(5 * MINUTE, is_found));
    let tried = |event: &Event| matches!(event, Event::Meter { state } if state.record.key == key && state.trying.is_some());
    assert!(tab.events().iter().any(tried), "the attempts are reported");
    assert_eq!(state(&tab, &key).trying, None);
}

#[test]
fn a_silent_port_is_reported() {
    let world = World::default();
    let adapter = world.adapters().plug_in(USB, Model::Dsmr5, 1);
    adapter.mute(true);
    let tab = opened(&world);
    let key = add(&world, &tab, unknown());
    let code = || state(&tab, &key).trouble.map(|trouble| trouble.code);
    assert!(world.run_until(10 * MINUTE, || code() == Some(Code::SearchSilence)), "{:?}", code());
}

#[test]
fn an_invalid_key_is_refused() {
    let world = World::default();
    let (tab, key) = read_for(&world, Model::Dsmr5, SECOND);
    let unlock = |encryption: &str| Command::Unlock {
        meter: key.clone(),
        encryption: encryption.to_owned(),
        authentication: String::new(),
    };
    tab.send(unlock("00112233"));
    // Before the next reading clears the error.
    world.run(1);
    assert_eq!(state(&tab, &key).trouble.map(|trouble| trouble.code), Some(Code::KeyForm));
    tab.send(unlock(&"00".repeat(16)));
    world.run(SECOND);
    assert!(state(&tab, &key).keyed);
}

#[test]
fn a_flawed_capture_is_refused_with_its_line() {
    let world = World::default();
    let tab = opened(&world);
    let bytes = b"metertap capture 1\n\n0 < 2F zz\n".to_vec();
    tab.send(Command::Open { name: "flawed.txt".to_owned(), octets: bytes, paced: false, kept: false });
    world.run(SECOND);
    assert_eq!(refused(&tab), Some(Code::FileFlaw));
    assert_eq!(tab.meters(), []);
}

#[test]
fn an_opened_file_that_is_not_kept_is_gone_after_a_restart() {
    let world = World::default();
    let tab = opened(&world);
    let bytes = metertap_simulator::Meter::new(Model::Dsmr5, 5, 1_700_000_000).next().expect("one").bytes;
    tab.send(Command::Open { name: "p1.bin".to_owned(), octets: bytes, paced: false, kept: false });
    world.run(5 * SECOND);
    assert_eq!(keys(&tab).len(), 1);
    tab.crash();
    let tab = opened(&world);
    assert_eq!(tab.meters(), []);
}

#[test]
fn a_workbook_and_a_table_are_both_exported() {
    let world = World::default();
    let (tab, key) = read_for(&world, Model::Dsmr4, 20 * MINUTE);
    let mut written = Vec::new();
    for (id, form) in [(1, ExportForm::Csv), (2, ExportForm::Workbook)] {
        let options = ExportOptions { form, ..ExportOptions::default() };
        let meters = vec![key.clone()];
        tab.send(Command::Export { id, meters, from: None, to: None, options, into_file: false });
        world.run(MINUTE);
        assert_eq!(end_of(&tab, id), Some(ExportEnd::Complete), "{form:?}");
        let Some(Handle::Blob(blob)) = tab.handed_over() else { panic!("no file") };
        written.push(blob.bytes.clone());
    }
    assert!(written.iter().all(|bytes| bytes.len() > 1000));
}

#[test]
fn a_stopped_job_reports_that_it_was_stopped() {
    let world = World::default();
    let (tab, key) = read_for(&world, Model::Dsmr4, 20 * MINUTE);
    let (file, options) = (File::new("all.jsonl", Vec::new()), ExportOptions::default());
    let export = Command::Export { id: 1, meters: vec![key], from: None, to: None, options, into_file: true };
    tab.send_beside(export, Handle::File(Rc::clone(&file)));
    tab.send(Command::StopExport { id: 1 });
    tab.send_beside(
        Command::BackUp { id: 2, secrets: false, into_file: true },
        Handle::File(Rc::clone(&file)),
    );
    tab.send(Command::StopExport { id: 2 });
    world.run(MINUTE);
    assert_eq!((end_of(&tab, 1), end_of(&tab, 2)), (Some(ExportEnd::Stopped), Some(ExportEnd::Stopped)));
    assert!(file.octets().is_empty());
}

#[test]
fn backups_are_checked_one_after_another() {
    let world = World::default();
    let (tab, key) = read_for(&world, Model::Dsmr4, 20 * MINUTE);
    tab.send(Command::Read { meter: key.clone(), on: false });
    let backup = File::new("house.metertap", Vec::new());
    tab.send_beside(
        Command::BackUp { id: 1, secrets: false, into_file: true },
        Handle::File(Rc::clone(&backup)),
    );
    world.run(MINUTE);
    let before = tab.events().len();
    for id in 2..5 {
        let how = RestoreHow::Check;
        tab.send_beside(Command::Restore { id, how }, Handle::File(Rc::clone(&backup)));
    }
    world.run(MINUTE);
    let ends: Vec<u32> = tab.events()[before..]
        .iter()
        .filter_map(|event| match event {
            Event::Restore { id, state: RestoreState::Seen(contents), .. } => {
                assert_eq!(contents.meters, 1);
                Some(*id)
            }
            _ => None,
        })
        .collect();
    assert_eq!(ends, [2, 3, 4]);
}

#[test]
fn a_file_that_disappears_while_it_is_restored_is_refused() {
    let world = World::default();
    let (tab, key) = read_for(&world, Model::Dsmr4, 20 * MINUTE);
    let file = File::new("house.metertap", Vec::new());
    tab.send_beside(
        Command::BackUp { id: 1, secrets: false, into_file: true },
        Handle::File(Rc::clone(&file)),
    );
    world.run(MINUTE);
    tab.send_beside(Command::Restore { id: 2, how: RestoreHow::Replace }, Handle::File(Rc::clone(&file)));
    file.remove();
    world.run(MINUTE);
    let state = tab.last(|event| match event {
        Event::Restore { state, .. } => Some(state.clone()),
        _ => None,
    });
    let Some(RestoreState::Refused(trouble)) = state else { panic!("{state:?}") };
    assert_eq!((trouble.code, keys(&tab)), (Code::FileGone, vec![key]));
}

#[test]
fn a_preview_of_an_import_reports_duplicates_and_imports_nothing() {
    let world = World::default();
    let (tab, key) = read_for(&world, Model::Dsmr4, 20 * MINUTE);
    let file = File::new("house.jsonl", Vec::new());
    let options = ExportOptions::default();
    let meters = vec![key.clone()];
    tab.send_beside(
        Command::Export { id: 1, meters, from: None, to: None, options, into_file: true },
        Handle::File(Rc::clone(&file)),
    );
    world.run(MINUTE);
    let commits = tab.commits();
    tab.send(Command::Read { meter: key.clone(), on: false });
    world.run(SECOND);
    let look = Command::Import { id: 2, meter: Some(key), plan: None, run: false };
    tab.send_beside(look, Handle::File(file));
    world.run(MINUTE);
    let state = tab.last(|event| match event {
        Event::Import { state, .. } => Some(state.clone()),
        _ => None,
    });
    let Some(ImportState::Seen((_, report))) = state else { panic!("{state:?}") };
    assert_eq!(report.new, 0, "everything is already here");
    assert!(report.doubles > 100 && tab.commits() <= commits + 4, "only the clock and the meter are written");
}

#[test]
fn a_daily_backup_into_a_missing_folder_is_reported() {
    let world = World::default();
    let (tab, _) = read_for(&world, Model::Aidon6525, MINUTE);
    let folder = begin_daily(&world, &tab);
    folder.remove();
    tab.send(Command::DailyNow);
    world.run(MINUTE);
    assert!(tab.notices().contains(&Code::FolderGone), "{:?}", tab.notices());
}

#[test]
fn the_user_can_confirm_the_clock() {
    let world = World::default();
    let (tab, key) = read_for(&world, Model::Dsmr4, MINUTE);
    let retention = metertap_readings::store::retention::Retention::Days(31);
    tab.send(Command::Retain { meter: key, retention });
    world.set_clock(Moment(world.moment().0 + 40 * 86_400_000));
    world.run(2 * MINUTE);
    let doubted = |tab: &Tab| {
        tab.last(|event| match event {
            Event::Clock { trouble } => Some(trouble.is_some()),
            _ => None,
        })
    };
    assert_eq!(doubted(&tab), Some(true));
    tab.send(Command::TrustClock);
    world.run(SECOND);
    assert_eq!(doubted(&tab), Some(false));
}

#[test]
fn a_meter_whose_record_cannot_be_stored_is_refused() {
    let world = World::default();
    let tab = opened(&world);
    world.disks().log().limit(Some(0));
    tab.send(Command::Add { source: simulated(Model::Dsmr5, 1), search: None });
    world.run(SECOND);
    assert_eq!((refused(&tab), tab.meters()), (Some(Code::StoreFull), Vec::new()));
}

#[test]
fn a_reloaded_window_receives_everything_again() {
    let world = World::default();
    let (tab, key) = read_for(&world, Model::Dsmr5, 10 * SECOND);
    let before = tab.events().len();
    let version = metertap_protocol::VERSION;
    tab.send(Command::Hello { version, looks_back: false });
    world.run(SECOND);
    let again = &tab.events()[before..];
    assert!(again.iter().any(|event| matches!(event, Event::Ready { meters, .. } if meters.len() == 1)));
    assert_eq!(source(&tab, &key), SourceState::Live);
    assert!(tab.newest(&key).last().map(|entry| entry.seq) > Some(5), "with its newest readings");
}

/// While the log is unavailable, a reader's outputs wait. A command that stops the reader waits with them.
#[test]
fn a_meter_can_be_stopped_while_the_log_is_closed() {
    let world = World::default();
    let (tab, key) = read_for(&world, Model::Dsmr5, 10 * SECOND);
    world.disks().fail(Some(DiskError::Unavailable));
    tab.cut(DiskError::Closed);
    world.run(1500);
    tab.send(Command::Read { meter: key.clone(), on: false });
    world.disks().fail(None);
    world.run(10 * SECOND);
    assert_eq!(source(&tab, &key), SourceState::Off);
    let before = tab.readings(&key).len();
    world.run(10 * SECOND);
    assert_eq!(tab.readings(&key).len(), before);
    assert_whole(&tab.readings(&key));
}
