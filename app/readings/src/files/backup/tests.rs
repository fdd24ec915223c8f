use super::*;
use crate::entry::Entry;
use crate::log::arbitrary;
use crate::log::calendar::{Day, Quarter};
use crate::log::journal::{Journal, LogError, Restoring};
use crate::samples::at_once;
use crate::store::retention::Retention;
use crate::store::settings::Broker;
use crate::store::{Crash, DiskError, MemoryDisk, SourceRecord};
use metertap_decoder::time::Zone;
use proptest::prelude::*;
use sha2::{Digest, Sha256};

pub(super) fn meter() -> MeterKey {
    MeterKey("house-1".into())
}

fn journal() -> Journal<MemoryDisk> {
    Journal::new(MemoryDisk::default(), Zone::default())
}

pub(super) fn manifest() -> Piece {
    let at = "2026-11-21T02:30:10Z".parse().unwrap();
    Piece::Manifest(Manifest { at, app: "0.1.0".into(), zone: "Europe/Oslo".into(), secrets: false })
}

pub(super) fn secret_manifest() -> Piece {
    let Piece::Manifest(manifest) = manifest() else { unreachable!() };
    Piece::Manifest(Manifest { secrets: true, ..manifest })
}

pub(super) fn record() -> MeterRecord {
    MeterRecord {
        key: meter(),
        origin: None,
        name: "Målerskap".into(),
        source: SourceRecord::File { name: "a.bin".into(), kept: true },
        address_from: None,
        identification: None,
        formerly: None,
        topic: None,
        reading: false,
        place: String::new(),
        schedule: None,
        line_of: None,
        stated: Vec::new(),
        clock_off: None,
        role: None,
        fuse: None,
        fetched: None,
        retention: Retention::default(),
    }
}

fn backup(journal: &Journal<MemoryDisk>) -> Vec<u8> {
    let (mut writer, mut out) = (Writer::default(), Vec::new());
    writer.frame(&manifest(), &mut out);
    writer.frame(&Piece::Meter(record()), &mut out);
    writer.frame(&Piece::Cursor(Cursor { meter: meter(), reader: "mqtt".into(), seq: 7 }), &mut out);
    writer.frame(&Piece::Setting(Setting::Broker(Broker::default())), &mut out);
    writer.frame(&Piece::Log(meter()), &mut out);
    let meter = meter();
    let saved = journal.back_up(&meter, async |shelf, number, row| {
        writer.frame(&Piece::Row(shelf, number, row), &mut out);
        Ok::<_, LogError>(())
    });
    at_once(saved).unwrap();
    writer.end(&mut out);
    out
}

pub(super) fn read(bytes: &[u8], at_once: usize) -> Result<(Contents, Vec<Piece>), Refusal> {
    let (mut reader, mut check, mut frames) = (Reader::default(), Check::default(), Vec::new());
    for piece in bytes.chunks(at_once) {
        reader.push(piece);
        while let Some(frame) = reader.next() {
            let frame = frame?;
            check.take(&frame)?;
            frames.push(frame);
        }
    }
    reader.finish()?;
    Ok((check.finish()?, frames))
}

fn restored(frames: &[Piece]) -> Journal<MemoryDisk> {
    let journal = journal();
    let mut restoring = at_once(journal.restore(&meter())).unwrap();
    for frame in frames {
        if let Piece::Row(shelf, number, row) = frame {
            at_once(restoring.row(*shelf, *number, row.clone())).unwrap();
        }
    }
    at_once(restoring.end()).unwrap();
    journal
}

fn entries(journal: &Journal<MemoryDisk>) -> Vec<Entry> {
    at_once(journal.range(&meter(), 0..=u64::MAX, usize::MAX)).unwrap()
}

fn assert_same(one: &Journal<MemoryDisk>, other: &Journal<MemoryDisk>) {
    assert_eq!(entries(one), entries(other));
    let quarters = |journal: &Journal<_>| {
        at_once(journal.quarters(&meter(), Quarter(i64::MIN)..=Quarter(i64::MAX), |_| true)).unwrap()
    };
    let days = |journal: &Journal<_>| {
        at_once(journal.days(&meter(), Day(i64::MIN)..=Day(i64::MAX), |_| true)).unwrap()
    };
    assert_eq!(quarters(one), quarters(other));
    assert_eq!(days(one), days(other));
    assert_eq!(at_once(one.chunks(&meter())), at_once(other.chunks(&meter())));
    assert_eq!(at_once(one.span(&meter())), at_once(other.span(&meter())));
}

/// A log with a reading every ten seconds, in chunks and a tail.
fn spoken(count: i64) -> Journal<MemoryDisk> {
    spoken_on(MemoryDisk::default(), count)
}

fn spoken_on(disk: MemoryDisk, count: i64) -> Journal<MemoryDisk> {
    let journal = Journal::new(disk, Zone::default());
    let all = (0..count).map(|step| {
        let received = Moment(1_795_219_200_000 + step * 10_000);
        (received, crate::samples::han_list_1(&(step % 900).to_string()))
    });
    at_once(journal.append_all(&meter(), all)).unwrap();
    journal
}

#[test]
fn a_restored_log_equals_the_saved_one_and_continues() {
    let journal = spoken(1200);
    let bytes = backup(&journal);
    for piece in [1, 7, 1 << 20] {
        let (contents, frames) = read(&bytes, piece).unwrap();
        assert_eq!((contents.meters, contents.readings), (1, 1200));
        let (from, to) = contents.span.unwrap();
        assert_eq!((from.0, to.0 - from.0), (1_795_219_200_000, 11_990_000));
        assert_eq!(contents.manifest.map(Piece::Manifest), Some(manifest()));
        let restored = restored(&frames);
        assert_same(&journal, &restored);
        let next = crate::samples::han_list_1("5");
        assert_eq!(at_once(restored.append(&meter(), Moment(1_795_240_000_000), &next)), Ok(1201));
    }
}

#[test]
fn totals_of_thinned_readings_are_included() {
    let journal = spoken(1200);
    at_once(journal.thin(&meter(), Moment(1_795_219_200_000 + 2 * 3_600_000), Moment(i64::MAX))).unwrap();
    let (contents, frames) = read(&backup(&journal), 4096).unwrap();
    assert_eq!(contents.readings, 480);
    assert_same(&journal, &restored(&frames));
}

#[test]
fn a_damaged_or_truncated_backup_is_refused() {
    let bytes = backup(&spoken(400));
    for length in (0..bytes.len()).step_by(101).chain(bytes.len() - 40..bytes.len()) {
        let refused = read(&bytes[..length], 4096).map(drop);
        assert_eq!(refused, Err(Refusal::Truncated), "{length} of {}", bytes.len());
    }
    for place in (0..bytes.len()).step_by(101).chain(bytes.len() - 40..bytes.len()) {
        let mut damaged = bytes.clone();
        damaged[place] ^= 0x10;
        assert!(read(&damaged, 4096).is_err(), "byte {place}");
    }
    assert_eq!(read(b"PK\x03\x04 a spreadsheet", 99).map(drop), Err(Refusal::Foreign));
    let longer = [bytes.as_slice(), b"!"].concat();
    assert_eq!(read(&longer, 99).map(drop), Err(Refusal::Malformed));
    let mut newer = bytes.clone();
    newer[8] = 9;
    assert_eq!(read(&newer, 99).map(drop), Err(Refusal::Version(9)));
}

/// Writes the logs of a backup that is to replace the existing meter. The existing log stays in use. Returns the names
/// of the new logs, and the result.
fn replace(journal: &Journal<MemoryDisk>, frames: &[Piece]) -> (Vec<MeterKey>, Result<(), LogError>) {
    let mut arrivals = Arrivals::new(vec![record()], [], "whole.metertap", &Contents::default(), true);
    let (mut logs, mut restoring) = (Vec::new(), None::<Restoring<'_, MemoryDisk>>);
    let mut run = || {
        for frame in frames {
            match frame {
                Piece::Meter(_) => arrivals.take(frame.clone()),
                Piece::Log(name) => {
                    let Destination::Whole(log) = arrivals.place(name) else {
                        panic!("{name:?} is not taken as a whole")
                    };
                    logs.push(log.clone());
                    if let Some(before) = restoring.replace(at_once(journal.restore(&log))?) {
                        at_once(before.end())?;
                    }
                }
                Piece::Row(shelf, number, row) => {
                    at_once(restoring.as_mut().unwrap().row(*shelf, *number, row.clone()))?;
                }
                _ => {}
            }
        }
        at_once(restoring.take().unwrap().end())
    };
    let ended = run();
    (logs, ended)
}

#[test]
fn a_disk_that_fails_half_way_keeps_the_old_data() {
    let here = spoken(500);
    let (_, mut frames) = read(&backup(&spoken(1200)), 4096).unwrap();
    // Each import in the backup has its own log.
    let own = frames.iter().position(|frame| matches!(frame, Piece::Log(_))).unwrap();
    let rows = frames[own + 1..].to_vec();
    for import in ["house-1+1", "house-1+2", "house-1+3"] {
        frames.push(Piece::Log(MeterKey(import.into())));
        frames.extend(rows.clone());
    }
    let disk = MemoryDisk::default();
    let journal = spoken_on(disk.clone(), 500);
    let full = || Shelf::ALL.iter().map(|shelf| disk.bytes(*shelf)).sum::<usize>();
    let before = full();
    let (mut room, mut failures, mut most) = (before, 0, 0);
    loop {
        disk.limit(Some(room));
        let (logs, ended) = replace(&journal, &frames);
        assert!(!logs.contains(&meter()));
        assert_same(&journal, &here);
        if ended.is_ok() {
            break;
        }
        assert_eq!(ended, Err(LogError::Disk(DiskError::Full)));
        failures += 1;
        room += 3_000;
        most = most.max(logs.len());
        // Unfinished logs are removed, even on a full disk, and nothing else is.
        logs.iter().for_each(|log| at_once(journal.remove(log)).unwrap());
        assert_eq!(full(), before);
        assert_same(&journal, &here);
    }
    assert!(failures > 3 && most == 4, "it failed {failures} times, the last time in log {most}");
    for crash in [Crash::Before, Crash::After] {
        disk.crash(crash);
        let (logs, ended) = replace(&journal, &frames);
        assert_eq!(ended, Err(LogError::Disk(DiskError::Closed)));
        logs.iter().for_each(|log| at_once(journal.remove(log)).unwrap());
        assert_same(&Journal::new(disk.clone(), Zone::default()), &here);
    }
    let next = crate::samples::han_list_1("5");
    disk.limit(None);
    assert_eq!(at_once(journal.append(&meter(), Moment(1_795_240_000_000), &next)), Ok(501));
}

/// A frame with a setting of any name.
pub(super) fn setting(name: &str, value: &str) -> Vec<u8> {
    let json = serde_json::json!({ "name": name, "value": value }).to_string();
    let length = u32::try_from(json.len()).unwrap().to_le_bytes();
    [&[SETTING], length.as_slice(), json.as_bytes()].concat()
}

/// A backup of hand-written frames, with the SHA-256 of its contents.
pub(super) fn sealed(frames: &[Vec<u8>]) -> Vec<u8> {
    let bytes = [MAGIC, &[VERSION], &frames.concat()].concat();
    let digest = Sha256::digest(&bytes);
    [&bytes, &[END, 32, 0, 0, 0][..], &digest].concat()
}

pub(super) fn written(frame: &Piece) -> Vec<u8> {
    let mut out = Vec::new();
    Writer::default().frame(frame, &mut out);
    out.split_off(MAGIC.len() + 1)
}

/// The names as version 0.1.0 of the page wrote them.
#[test]
fn only_two_kinds_of_settings_are_in_a_backup() {
    let broker = r#"{"url":"ws://pi:9001","user":"","password":"p","base":"meters"}"#;
    let keys = r#"{"encryption":"000102030405060708090A0B0C0D0E0F","authentication":null}"#;
    let known = [setting("broker", broker), setting("keys.house-1", keys)];
    let others = [
        "unfinished",
        "imports",
        "days-zone",
        "installation",
        "daily-backup",
        "certain-time",
        "zone",
        "Broker",
        "keys",
        "keys",
        " broker",
        "",
    ];
    let others = others.map(|name| setting(name, r#"["house-1"]"#));
    let broken = [setting("broker", "[]"), setting("broker", "no JSON"), setting("keys.house-1", "1")];
    let frames = [&[written(&manifest())], &others[..], &known, &broken].concat();
    let (_, frames) = read(&sealed(&frames), 7).unwrap();
    assert_eq!(frames.len(), 3, "{frames:?}");
    for (frame, bytes) in frames[1..].iter().zip(&known) {
        assert!(matches!(frame, Piece::Setting(_)), "{frame:?}");
        assert_eq!(written(frame), *bytes, "written again, it is the same");
    }
    let none = sealed(&[written(&manifest()), vec![SETTING, 2, 0, 0, 0, b'[', b']']]);
    assert_eq!(read(&none, 7).map(drop), Err(Refusal::Malformed));
}

#[test]
fn a_file_changed_after_its_check_has_another_checksum() {
    let seal = |bytes: &[u8]| {
        let mut reader = Reader::default();
        reader.push(bytes);
        while let Some(frame) = reader.next() {
            frame.unwrap();
        }
        reader.finish().unwrap()
    };
    let whole = backup(&spoken(400));
    assert_eq!(seal(&whole), seal(&whole));
    assert_ne!(seal(&whole), seal(&backup(&spoken(401))));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn any_log_is_restored_unchanged(all in arbitrary::entries(200)) {
        let journal = journal();
        let readings = all.iter().map(|entry| (entry.received, entry.reading.clone()));
        at_once(journal.append_all(&meter(), readings)).unwrap();
        let (_, frames) = read(&backup(&journal), 333).unwrap();
        assert_same(&journal, &restored(&frames));
    }

    #[test]
    fn arbitrary_bytes_do_not_panic(bytes in prop::collection::vec(any::<u8>(), 0..600), kind in 0..8_u8) {
        read_anything(&bytes);
        let length = u32::try_from(bytes.len()).unwrap().to_le_bytes();
        read_anything(&[MAGIC, &[VERSION, kind], &length, &bytes].concat());
    }
}
