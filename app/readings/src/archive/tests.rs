mod cleared;

use std::collections::HashMap;

use metertap_decoder::reading::Quantity;
use serde_json::Value;

use super::contract::contract;
use super::*;
use crate::history::calendar::{Period, Span};
use crate::history::completeness::gaps_seen;
use crate::history::question::{Answer, Question};
use crate::samples::{at_once, earlier_build, entry, han_list_1, measurement, reading};
use crate::store::contract::{key, record};
use crate::store::disk::Shelf;
use crate::store::{Crash, MemoryDisk};

/// 2026-11-21T00:00:00Z.
const START: i64 = 1_795_219_200_000;

fn oslo() -> Zone {
    Zone::named("Europe/Oslo").unwrap()
}

fn open(disk: &MemoryDisk) -> Archive<MemoryDisk> {
    at_once(Archive::open(disk.clone(), oslo())).unwrap()
}

fn look(disk: &MemoryDisk) -> Archive<MemoryDisk> {
    at_once(Archive::look(disk.clone(), oslo())).unwrap()
}

fn append(archive: &Archive<MemoryDisk>, meter: &str, place: i64) -> u64 {
    let received = Moment(START + place * 10_000);
    at_once(archive.append(&key(meter), received, &han_list_1("7"))).unwrap()
}

#[test]
fn keeps_the_contract() {
    let disks = RefCell::new(HashMap::<String, MemoryDisk>::new());
    let open = async |name: &str| {
        let disk = disks.borrow_mut().entry(name.to_owned()).or_default().another();
        Archive::open(disk, oslo()).await.unwrap()
    };
    at_once(contract(open));
}

/// A browser test asserts the same with this database in IndexedDB.
#[test]
fn a_database_of_an_earlier_build_opens_and_keeps_everything() {
    let disk = earlier_build();
    // The first opening changes the log. The second one must still find everything.
    for _ in 0..2 {
        let archive = open(&disk);
        let meters = at_once(archive.meters()).unwrap();
        assert_eq!(meters.len(), 2);
        let recorded = meters.iter().find(|meter| meter.key.0.starts_with("p1-")).unwrap();
        assert_eq!(recorded.identification.as_deref(), Some("SIM-M5000000000000097"));
        assert_eq!(at_once(archive.span(&recorded.key)), Ok(Some((1, 1081))));
        assert_eq!(at_once(archive.range(&recorded.key, 0..=u64::MAX, 2000)).unwrap().len(), 1081);
        let import = MeterKey(format!("{}+1", recorded.key.0));
        assert_eq!(at_once(archive.span(&import)), Ok(Some((1, 4))), "what was imported counts");
        let broker = at_once(archive.setting("broker")).unwrap().unwrap();
        assert_eq!(serde_json::from_str::<Value>(&broker).unwrap()["url"], "ws://localhost:9/");
        assert_eq!(archive.damaged(), []);
    }
    let own = |disk: &MemoryDisk| at_once(disk.records(&Records::Internal)).unwrap();
    assert_eq!(own(&disk).len(), 1, "only the record that was rewritten has moved");
}

#[test]
fn rows_of_version_1_become_chunks() {
    let disk = MemoryDisk::default();
    let written = |meter: &str, last: i64| {
        for seq in 1..=last {
            disk.has_version_1(&key(meter), entry(seq.unsigned_abs(), START + seq * 60_000, han_list_1("7")));
        }
    };
    written("one", 200);
    written("other", 3);
    // An earlier conversion was interrupted.
    let journal = Journal::new(disk.clone(), Zone::default());
    let begun = (1..=50).map(|seq| (Moment(START + seq * 60_000), han_list_1("7")));
    at_once(journal.append_all(&key("one"), begun)).unwrap();
    for _ in 0..2 {
        let archive = open(&disk);
        let all = at_once(archive.range(&key("one"), 0..=u64::MAX, 1000)).unwrap();
        let expected =
            (1_i64..=200).map(|seq| entry(seq.unsigned_abs(), START + seq * 60_000, han_list_1("7")));
        assert_eq!(all, expected.collect::<Vec<_>>());
        assert_eq!(at_once(archive.span(&key("other"))), Ok(Some((1, 3))));
    }
    assert_eq!(append(&open(&disk), "one", 2000), 201);
}

/// Hourly positions of 0.5 kWh each. Those from 06:15 on 21 November to 06:00 on 24 November, in Oslo, are missing.
#[test]
fn amounts_after_a_gap_tell_since_when_they_are_counted() {
    const HOUR: i64 = 3_600_000;
    let archive = open(&MemoryDisk::default());
    at_once(archive.keep_meter(&record("one"))).unwrap();
    for hour in (0..=5).chain(77..90) {
        let position = format!("{}.{}", 100 + hour / 2, hour % 2 * 5);
        let values = vec![measurement("1-0:1.8.0", Quantity::ActiveEnergyImport, &position)];
        at_once(archive.append(&key("one"), Moment(START + hour * HOUR), &reading(values))).unwrap();
    }
    let day = Period::Day.around(Moment(START + 77 * HOUR), oslo()).unwrap();
    let now = (Moment(START + 90 * HOUR), oslo());
    let ask = |question: Question| at_once(archive.answer(&key("one"), question, now)).unwrap();
    let Answer::Totals(totals) = ask(Question::Totals { spans: vec![day] }) else { panic!() };
    assert_eq!(totals[0].amounts[0].total.to_string(), "42.0", "from hour 5 to hour 89, at half a kWh each");
    let (last, next) = (START + 5 * HOUR + HOUR / 4, START + 77 * HOUR);
    assert_eq!(totals[0].since, Some(Moment(last)));
    let wide = Span { from: Moment(day.from.0 - 96 * HOUR), to: day.to };
    let Answer::Completeness(days) = ask(Question::Completeness { span: wide }) else { panic!() };
    let gap = Span { from: Moment(last), to: Moment(next) };
    assert_eq!(gaps_seen(&days, day, 3), [gap]);
}

/// Build e888b7f silently took New York for Central Europe. A zone's rules may also change by law.
#[test]
fn days_are_recomputed_when_the_zones_rules_change() {
    let days =
        |disk: &MemoryDisk| at_once(disk.rows(Shelf::Days, &key("one"), i64::MIN..=i64::MAX, 99)).unwrap();
    let written = |zone: Zone| {
        let disk = MemoryDisk::default();
        let archive = at_once(Archive::open(disk.clone(), zone)).unwrap();
        at_once(archive.keep_meter(&record("one"))).unwrap();
        for minutes in 0..3000 {
            append(&archive, "one", minutes * 6);
        }
        (disk, archive)
    };
    let new_york = Zone::named("America/New_York").unwrap();
    let (wrong, archive) = written(oslo());
    at_once(archive.set_internal(Internal::DaysZone, Some("America/New_York"))).unwrap();
    let (right, _) = written(new_york);
    assert_ne!(days(&wrong), days(&right));
    at_once(Archive::open(wrong.clone(), new_york)).unwrap();
    assert_eq!(days(&wrong), days(&right));
}

/// An imported file may contain wrong times.
#[test]
fn a_reading_in_the_far_future_removes_no_record() {
    let archive = open(&MemoryDisk::default());
    at_once(archive.keep_meter(&record("one"))).unwrap();
    for minutes in 0..60 {
        append(&archive, "one", minutes * 6);
    }
    let now = Moment(START + 2 * 3_600_000);
    let records = || {
        let answer = at_once(archive.answer(&key("one"), Question::Records, (now, oslo())));
        let Ok(Answer::Records(records)) = answer else { panic!("{answer:?}") };
        records
    };
    let before = records();
    assert!(before.power.is_some());
    // 9999-06-01T00:00:00Z.
    at_once(archive.append(&key("one"), Moment(253_383_811_200_000), &han_list_1("9"))).unwrap();
    assert_eq!(records(), before);
}

#[test]
fn a_watching_archive_changes_nothing() {
    let disk = earlier_build();
    disk.fail(DiskError::Failed("changed".into()));
    let archive = look(&disk);
    at_once(archive.look_again()).unwrap();
    let recorded = key("p1-e8f4");
    assert_eq!(at_once(archive.held(&recorded)).unwrap().readings, 1085);
    assert!(at_once(archive.has_older(&recorded, Moment(i64::MAX))).unwrap());
    assert_eq!(at_once(archive.keep_meter(&record("one"))), Err(DiskError::Failed("changed".into()).into()));
}

/// Two tabs write for a moment, because the browser has forgotten the turn of one of them.
#[test]
fn changes_of_another_tab_are_not_overwritten() {
    let disk = MemoryDisk::default();
    let (one, other) = (open(&disk), open(&disk.another()));
    at_once(one.begin(&key("a+1"))).unwrap();
    at_once(other.begin(&key("b+1"))).unwrap();
    let both = [key("a+1"), key("b+1")];
    assert_eq!(other.other_logs(), both, "the second tab read the first one's entry before it wrote");
    let books = at_once(disk.records(&Records::Internal)).unwrap();
    let unfinished = books.into_iter().find(|record| record.name() == Name::Internal(Internal::Unfinished));
    let expected = Record::Internal(Internal::Unfinished, r#"["a+1","b+1"]"#.into());
    assert_eq!(unfinished, Some(expected));
    // Two new meters get the same key.
    let finished = || crate::files::backup::Finished { meters: vec![record("new")], ..Default::default() };
    at_once(one.finish(finished())).unwrap();
    let late = MeterRecord { name: "Garage".into(), ..record("new") };
    let late = crate::files::backup::Finished { meters: vec![late], ..Default::default() };
    assert_eq!(at_once(other.finish(late)).map(drop), Err(DiskError::Taken.into()));
    assert_eq!(at_once(other.meters()), Ok(vec![record("new")]));
    // From then on the other tab knows the new meter.
    disk.clear();
    at_once(other.renew(&mut Lost::default())).unwrap();
    assert_eq!(at_once(other.meters()), Ok(vec![record("new")]));
}

/// The disk has removed the meter, but the answer is lost. The meter is not restored, and its numbers do not continue as
/// if its readings were there.
#[test]
fn after_a_lost_answer_the_disk_is_compared() {
    let disk = MemoryDisk::default();
    let archive = open(&disk);
    at_once(archive.keep_meter(&record("one"))).unwrap();
    append(&archive, "one", 0);
    disk.crash(Crash::After);
    assert_eq!(at_once(archive.remove_meter(&key("one"))), Err(DiskError::Closed.into()));
    assert_eq!(archive.why_closed(), Some(DiskError::Closed));
    let mut lost = Lost::default();
    at_once(archive.renew(&mut lost)).unwrap();
    assert!(!lost.cleared);
    assert_eq!(at_once(archive.meters()), Ok(Vec::new()));
    at_once(archive.keep_meter(&record("one"))).unwrap();
    append(&archive, "one", 0);
    assert_eq!(at_once(archive.span(&key("one"))), Ok(Some((1, 1))));
}

#[test]
fn a_full_disk_accepts_removals() {
    let disk = MemoryDisk::default();
    let archive = open(&disk);
    at_once(archive.keep_meter(&record("one"))).unwrap();
    at_once(archive.keep_meter(&record("other"))).unwrap();
    append(&archive, "one", 0);
    at_once(archive.begin(&key("one+1"))).unwrap();
    disk.limit(Some(0));
    assert_eq!(at_once(archive.keep_meter(&record("one"))), Err(DiskError::Full.into()));
    at_once(archive.remove_unfinished()).unwrap();
    at_once(archive.remove_meter(&key("one"))).unwrap();
    assert_eq!(at_once(archive.meters()), Ok(vec![record("other")]));
    assert_eq!(disk.bytes(Shelf::Tail), 0);
}
