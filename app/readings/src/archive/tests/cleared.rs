//! A disk that is cleared under an open archive.

use super::*;
use crate::files::backup::Finished;
use crate::files::import::Import;

/// Writes the records of a home: a meter, settings, a cursor and some of the log's own.
fn furnish(archive: &Archive<MemoryDisk>) {
    at_once(archive.keep_meter(&record("one"))).unwrap();
    at_once(archive.set_setting("broker", Some(r#"{"url":"ws://pi:9001/"}"#))).unwrap();
    at_once(archive.set_setting("keys.one", Some(r#"{"encryption":"00"}"#))).unwrap();
    at_once(archive.set_cursor("mqtt ws://pi:9001/", &key("one"), 2)).unwrap();
    for (own, value) in [
        (Internal::Installation, "9f3a52c100112233"),
        (Internal::DailyBackup, r#"{"folder":"Backups","secrets":false}"#),
        (Internal::CertainTime, "certain"),
        (Internal::Confirmed, r#"{"one":["2026-11-21T00:00:00.000Z"]}"#),
    ] {
        at_once(archive.set_internal(own, Some(value))).unwrap();
    }
}

fn append_four(archive: &Archive<MemoryDisk>) {
    for place in 0..4 {
        append(archive, "one", place);
    }
}

/// All records, except those that describe rows.
fn records(disk: &MemoryDisk) -> Vec<Record> {
    let mut all = Vec::new();
    for records in [Records::Meters, Records::Settings, Records::Internal, Records::Cursors] {
        all.extend(at_once(disk.records(&records)).unwrap());
    }
    let of_rows = [Internal::DaysZone, Internal::Imports, Internal::Unfinished].map(Name::Internal);
    all.retain(|record| !of_rows.contains(&record.name()));
    all
}

fn renew(archive: &Archive<MemoryDisk>) -> Lost {
    let mut lost = Lost::default();
    at_once(archive.renew(&mut lost)).unwrap();
    lost
}

/// The browser takes the disk away and gives back an empty one.
fn clear(disk: &MemoryDisk) {
    disk.cut(DiskError::Closed);
    disk.clear();
}

#[test]
fn everything_stored_beside_the_readings_is_restored() {
    let disk = MemoryDisk::default();
    furnish(&open(&disk));
    // Found on the disk, and changed since.
    let archive = open(&disk);
    at_once(archive.set_cursor("mqtt ws://pi:9001/", &key("one"), 3)).unwrap();
    at_once(archive.keep_meter(&MeterRecord { name: "Garage".into(), ..record("one") })).unwrap();
    append_four(&archive);
    let before = records(&disk);
    for _ in 0..2 {
        clear(&disk);
        let lost = renew(&archive);
        assert!(lost.cleared);
        assert_eq!(records(&disk), before);
        assert_eq!(at_once(archive.span(&key("one"))), Ok(Some((1, 4))), "and the newest readings");
    }
    assert_eq!(append(&archive, "one", 4), 5);
}

#[test]
fn nothing_is_restored_when_nothing_was_lost() {
    let disk = MemoryDisk::default();
    let archive = open(&disk);
    furnish(&archive);
    let before = records(&disk);
    disk.cut(DiskError::Closed);
    let renamed = MeterRecord { name: "Garage".into(), ..record("one") };
    assert_eq!(at_once(archive.keep_meter(&renamed)), Err(DiskError::Closed.into()));
    assert!(!renew(&archive).cleared);
    assert_eq!(records(&disk), before);
}

/// While there was no disk, the user renamed the meter, and a forwarder moved its cursor.
#[test]
fn changes_made_without_a_disk_are_restored_too() {
    let disk = MemoryDisk::default();
    let archive = open(&disk);
    furnish(&archive);
    clear(&disk);
    let renamed = MeterRecord { name: "Garage".into(), ..record("one") };
    assert_eq!(at_once(archive.keep_meter(&renamed)), Err(DiskError::Closed.into()));
    assert!(at_once(archive.set_cursor("mqtt ws://pi:9001/", &key("one"), 9)).is_err());
    assert!(at_once(archive.set_setting("broker", None)).is_err());
    renew(&archive);
    assert_eq!(at_once(archive.meters()), Ok(vec![renamed]));
    assert_eq!(at_once(archive.cursor("mqtt ws://pi:9001/", &key("one"))), Ok(9));
    assert_eq!(at_once(archive.setting("broker")), Ok(None));
}

/// The user never saw the addition of a meter for which there was no room, or the removal that failed.
#[test]
fn a_failed_addition_or_removal_of_a_meter_is_not_restored() {
    let disk = MemoryDisk::default();
    let archive = open(&disk);
    at_once(archive.keep_meter(&record("stays"))).unwrap();
    disk.fail(DiskError::Full);
    assert!(at_once(archive.keep_meter(&record("new"))).is_err());
    disk.fail(DiskError::Closed);
    assert!(at_once(archive.remove_meter(&key("stays"))).is_err());
    assert!(!renew(&archive).cleared);
    at_once(archive.keep_meter(&record("gone"))).unwrap();
    at_once(archive.remove_meter(&key("gone"))).unwrap();
    clear(&disk);
    assert!(renew(&archive).cleared);
    assert_eq!(at_once(archive.meters()), Ok(vec![record("stays")]));
}

#[test]
fn lost_imports_are_reported_and_leave_the_list() {
    let disk = MemoryDisk::default();
    let archive = open(&disk);
    furnish(&archive);
    let span = (Moment(START), Moment(START));
    let import = Import {
        log: key("one+1"),
        meter: key("one"),
        file: "a.csv".into(),
        at: Moment(0),
        readings: 1,
        span,
        heard: false,
        typed: false,
        stated: Vec::new(),
    };
    at_once(archive.begin(&import.log)).unwrap();
    at_once(archive.begin(&key("one+2"))).unwrap();
    at_once(archive.finish(Finished { imports: vec![import.clone()], ..Finished::default() })).unwrap();
    clear(&disk);
    assert_eq!(renew(&archive).imports, [import]);
    assert_eq!((archive.imports(), archive.other_logs()), (vec![], vec![]));
    let own = at_once(disk.records(&Records::Internal)).unwrap();
    assert_eq!(own.len(), 4, "{own:?}");
}

/// The tab that wrote the log is gone, and so is the disk. What that tab reported about meters counts. Of what this tab
/// found when it opened the disk, only what is probably still true counts: there may be another broker by now.
#[test]
fn a_tab_that_takes_over_restores_what_it_was_sent() {
    let disk = MemoryDisk::default();
    let writer = open(&disk);
    furnish(&writer);
    at_once(writer.keep_meter(&record("gone"))).unwrap();
    let watcher = look(&disk.another());
    at_once(writer.remove_meter(&key("gone"))).unwrap();
    at_once(writer.set_setting("broker", None)).unwrap();
    let told = MeterRecord { name: "Garage".into(), ..record("one") };
    at_once(writer.keep_meter(&told)).unwrap();
    append_four(&writer);
    let newest = at_once(writer.range(&key("one"), 3..=4, 9)).unwrap();
    drop(writer);
    disk.clear();

    at_once(watcher.write(oslo())).unwrap();
    watcher.hear([(&told, Some(Moment(START)), newest.as_slice())]);
    assert!(renew(&watcher).cleared);
    assert_eq!(at_once(watcher.meters()), Ok(vec![told]));
    assert_eq!(at_once(watcher.setting("keys.one")).unwrap().as_deref(), Some(r#"{"encryption":"00"}"#));
    assert_eq!(at_once(watcher.setting("broker")), Ok(None));
    let installation = at_once(watcher.internal(Internal::Installation)).unwrap();
    assert_eq!(installation.as_deref(), Some("9f3a52c100112233"));
    assert_eq!(append(&watcher, "one", 4), 5, "no number is given twice");
}

/// The disk was not cleared, so from then on only what it holds counts.
#[test]
fn a_tab_that_takes_over_knows_what_the_disk_holds() {
    let disk = MemoryDisk::default();
    let writer = open(&disk);
    furnish(&writer);
    let watcher = look(&disk);
    at_once(writer.set_setting("broker", Some(r#"{"url":"ws://other/"}"#))).unwrap();
    at_once(writer.keep_meter(&record("more"))).unwrap();
    drop(writer);
    at_once(watcher.write(oslo())).unwrap();
    watcher.hear([(&record("one"), None, [].as_slice()), (&record("more"), None, [].as_slice())]);
    let before = records(&disk);
    assert!(!renew(&watcher).cleared);
    assert_eq!(records(&disk), before);
    clear(&disk);
    assert!(renew(&watcher).cleared);
    assert_eq!(records(&disk), before);
}

/// In the tab that wrote, all meters were removed and the broker was switched off: neither counts as lost.
#[test]
fn a_tab_that_takes_over_restores_nothing_that_was_removed() {
    let disk = MemoryDisk::default();
    let writer = open(&disk);
    furnish(&writer);
    let watcher = look(&disk);
    at_once(writer.remove_meter(&key("one"))).unwrap();
    at_once(writer.set_setting("broker", None)).unwrap();
    at_once(watcher.write(oslo())).unwrap();
    watcher.hear([]);
    assert!(!renew(&watcher).cleared);
    assert_eq!(at_once(watcher.meters()), Ok(vec![]));
    assert_eq!(at_once(watcher.settings()), Ok(vec![]));
}

/// Two tabs write for a moment. The other one writes first after the disk was cleared.
#[test]
fn nothing_restored_overwrites_another_tabs_changes() {
    let disk = MemoryDisk::default();
    let (one, other) = (open(&disk), open(&disk.another()));
    furnish(&one);
    clear(&disk);
    at_once(other.set_setting("broker", Some(r#"{"url":"ws://other/"}"#))).unwrap();
    assert!(!renew(&one).cleared);
    let broker = at_once(one.setting("broker")).unwrap();
    assert_eq!(broker.as_deref(), Some(r#"{"url":"ws://other/"}"#));
}

#[test]
fn the_archive_stays_closed_until_the_disk_opens() {
    let disk = MemoryDisk::default();
    let archive = open(&disk);
    furnish(&archive);
    clear(&disk);
    disk.fail(DiskError::Full);
    let mut lost = Lost::default();
    assert_eq!(at_once(archive.renew(&mut lost)), Err(DiskError::Full.into()));
    assert_eq!(archive.why_closed(), Some(DiskError::Closed), "numbers would start again");
    at_once(archive.renew(&mut lost)).unwrap();
    assert!(lost.cleared);
    assert_eq!(at_once(archive.meters()), Ok(vec![record("one")]));
}
