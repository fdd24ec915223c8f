use super::super::tests::{manifest, meter, read, record, sealed, written};
use super::*;
use crate::files::backup::Writer;
use crate::files::import::Import;
use crate::log::later;
use crate::store::MeterRecord;

#[test]
fn rows_that_no_log_can_hold_are_refused() {
    let row = |shelf, number, row: &[u8]| Piece::Row(shelf, number, row.to_vec());
    let log = || Piece::Log(meter());
    let chunk = |first: u64| {
        Chunk::write(&[crate::samples::entry(first, 0, crate::samples::han_list_1("5"))]).unwrap()
    };
    for frames in [
        vec![],
        vec![log()],
        vec![manifest(), manifest()],
        vec![manifest(), row(Shelf::Tail, 1, &chunk(1))],
        vec![manifest(), Piece::Log(MeterKey("../../up".into()))],
        vec![manifest(), log(), log()],
        vec![manifest(), log(), row(Shelf::Chunks, 2, &chunk(1))],
        vec![manifest(), log(), row(Shelf::Chunks, 1, &chunk(1)), row(Shelf::Chunks, 1, &chunk(1))],
        vec![manifest(), log(), row(Shelf::Chunks, 1, b"nothing")],
        vec![manifest(), log(), row(Shelf::Quarters, 1, &chunk(1))],
        vec![manifest(), log(), row(Shelf::Directory, 1, &chunk(1))],
    ] {
        let (mut writer, mut out) = (Writer::default(), Vec::new());
        frames.iter().for_each(|frame| writer.frame(frame, &mut out));
        if frames.is_empty() {
            out.extend_from_slice(b"MTBACKUP\x01");
        }
        writer.end(&mut out);
        assert!(read(&out, 99).is_err(), "{frames:?}");
    }
}

fn refused(frames: &[Piece]) -> Option<Refusal> {
    let frames = [&[manifest()], frames].concat();
    read(&sealed(&frames.iter().map(written).collect::<Vec<_>>()), 1 << 20).err()
}

/// Rows that can be read, but are in the wrong place or order, or leave no numbers for later readings.
#[test]
fn rows_that_would_spoil_a_log_later_are_refused() {
    let said = |seq: u64| crate::samples::entry(seq, 0, crate::samples::han_list_1("5"));
    let row = |shelf, number, seqs: &[u64]| {
        let entries: Vec<Entry> = seqs.iter().map(|seq| said(*seq)).collect();
        Piece::Row(shelf, number, Chunk::write(&entries).unwrap())
    };
    let block = |shelf, number, period| {
        let rolled = crate::log::totals::rollup::RollUp::default();
        Piece::Row(shelf, number, crate::log::totals::block::Block([(period, rolled)].into()).write())
    };
    let (chunks, tail) = (Shelf::Chunks, Shelf::Tail);
    let far = 1 << 40;
    for (rows, is_sound) in [
        (
            vec![row(chunks, 3, &[3, 5]), row(chunks, 7, &[7]), row(tail, 9, &[8, 9]), row(tail, 10, &[10])],
            true,
        ),
        (vec![row(chunks, 2, &[3, 5])], false),
        (vec![row(tail, 8, &[8, 9])], false),
        (vec![row(chunks, 0, &[0])], false),
        (vec![row(chunks, 3, &[3, 5]), row(chunks, 5, &[5])], false),
        (vec![row(chunks, 3, &[3, 5]), row(tail, 5, &[5])], false),
        (vec![row(tail, 5, &[5]), row(chunks, 6, &[6])], false),
        (vec![row(tail, far, &[1 << 40])], true),
        (vec![row(tail, far + 1, &[(1 << 40) + 1])], false),
        (vec![row(tail, i64::MAX, &[i64::MAX as u64])], false),
        (vec![row(tail, -1, &[u64::MAX])], false),
        (
            vec![block(Shelf::Quarters, -1, -1), block(Shelf::Quarters, 0, 95), block(Shelf::Days, 0, 63)],
            true,
        ),
        (vec![block(Shelf::Quarters, 0, 96)], false),
        (vec![block(Shelf::Quarters, i64::MAX / 96, i64::MAX)], false),
        (vec![block(Shelf::Days, 1, 63)], false),
        (vec![block(Shelf::Days, i64::MAX / 64, i64::MAX)], false),
    ] {
        let frames = [&[Piece::Log(meter())], rows.as_slice()].concat();
        assert_eq!(refused(&frames).is_none(), is_sound, "{rows:?}");
    }
}

/// The same text is in every entry of a row, but only once in the file.
#[test]
fn rows_too_large_for_memory_are_refused() {
    let mut said = crate::samples::entry(1, 0, crate::samples::han_list_1("5"));
    let of = |said: &Entry, count: u64| -> Vec<Entry> {
        (1..=count).map(|seq| Entry { seq, ..said.clone() }).collect()
    };
    let long = of(&said, 4096);
    said.reading.meter = Some("x".repeat((1 << 20) - 100).into());
    let (few, many) = (of(&said, 60), of(&said, 100));
    for (entries, is_sound) in [(&long, true), (&few, true), (&many, false)] {
        let row = Chunk::write(entries).unwrap();
        assert!(row.len() < 2 << 20);
        let frames = [Piece::Log(meter()), Piece::Row(Shelf::Chunks, 1, row)];
        assert_eq!(refused(&frames).is_none(), is_sound, "{} entries", entries.len());
    }
    // The newest entries are in memory all at once, and become one chunk.
    let tail = |entries: &[Entry]| {
        let rows = entries.iter().map(|entry| {
            let row = Chunk::write(std::slice::from_ref(entry)).unwrap();
            Piece::Row(Shelf::Tail, entry.seq.cast_signed(), row)
        });
        std::iter::once(Piece::Log(meter())).chain(rows).collect::<Vec<_>>()
    };
    let longer = [long.as_slice(), &[Entry { seq: 4097, ..long[0].clone() }]].concat();
    for (entries, is_sound) in [(&long, true), (&longer, false)] {
        assert_eq!(refused(&tail(entries)).is_none(), is_sound, "{} entries", entries.len());
    }
}

#[test]
fn names_that_no_log_has_are_refused() {
    let key = |name: &str| MeterKey(name.into());
    let called = |name: &str| Piece::Meter(MeterRecord { key: key(name), ..record() });
    let origin = |name: &str| Piece::Meter(MeterRecord { origin: Some(key(name)), ..record() });
    let import = |log: &str, meter: &str| {
        let (log, meter, file) = (key(log), key(meter), String::new());
        let span = (Moment(0), Moment(1));
        Piece::Import(Import {
            log,
            meter,
            file,
            at: Moment(0),
            readings: 1,
            span,
            heard: false,
            typed: false,
            stated: Vec::new(),
        })
    };
    let log = |name: &str| Piece::Log(key(name));
    let long = "a".repeat(201);
    for (frame, is_sound) in [
        (called("p1-0a"), true),
        (called("p1-0a+1"), false),
        (called("P1"), false),
        (called(""), false),
        (called(&long), false),
        (origin("p1-0a"), true),
        (origin("p1-0a+1"), false),
        (origin("../up"), false),
        (log("p1-0a"), true),
        (log("p1-0a+12"), true),
        (log("p1-0a+"), false),
        (log("p1-0a+x"), false),
        (log("p1-0a+1+1"), false),
        (log("+1"), false),
        (import("p1-0a+1", "p1-0a"), true),
        (import("p1-0a", "p1-0a"), false),
        (import("p1-0b+1", "p1-0a"), false),
        (import("p1-0a+1+1", "p1-0a+1"), false),
    ] {
        assert_eq!(refused(std::slice::from_ref(&frame)).is_none(), is_sound, "{frame:?}");
    }
}

#[test]
fn rows_of_a_newer_version_are_refused_with_their_version() {
    let entry = crate::samples::entry(1, 0, crate::samples::han_list_1("5"));
    let quarters = crate::log::journal::tail::quarters([&entry]).write();
    let chunk = Chunk::write(&[entry]).unwrap();
    for (shelf, bytes) in [(Shelf::Chunks, &chunk), (Shelf::Tail, &chunk), (Shelf::Quarters, &quarters)] {
        let (mut writer, mut out) = (Writer::default(), Vec::new());
        let frames = [manifest(), Piece::Log(meter()), Piece::Row(shelf, 1, later(bytes))];
        frames.iter().for_each(|frame| writer.frame(frame, &mut out));
        writer.end(&mut out);
        assert_eq!(read(&out, 99).map(drop), Err(Refusal::Version(9)), "{shelf:?}");
    }
}

#[test]
fn a_file_with_too_many_meters_is_refused() {
    let mut check = Check::default();
    check.take(&manifest()).unwrap();
    let meter = |number: u32| Piece::Meter(MeterRecord { key: MeterKey(format!("m-{number}")), ..record() });
    assert_eq!((0..1_000_000).find_map(|number| check.take(&meter(number)).err()), Some(Refusal::Malformed));
}
