//! Files with a correct SHA-256 and any contents.

use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use crate::log::arbitrary;
use crate::samples::entry;

/// Usually a name that a log here has or could have; rarely, and only if `is_odd`, an impossible one.
fn name(is_odd: bool) -> impl Strategy<Value = String> {
    let odd = ["p1-0a+1+1", "p1-0a+", "+1", "", "p1-0A", "unfinished/"].to_vec();
    let meters = ["p1-0a", "sml-0b", "x", "y", "p1-0a-2"].to_vec();
    let numbers = prop_oneof![4 => Just(""), 1 => Just("+1"), 1 => Just("+2")];
    let usual = (select(meters), numbers).prop_map(|(meter, import)| format!("{meter}{import}"));
    prop_oneof![20 => usual, u32::from(is_odd) => select(odd).prop_map(str::to_owned)]
}

fn key_name() -> impl Strategy<Value = String> {
    name(false).prop_map(|name| name.split('+').next().unwrap_or_default().to_owned())
}

fn meter() -> impl Strategy<Value = Piece> {
    let source = select([
        r#"{"from":"bridge","url":"ws://evil/","line":null,"protocol":"p1"}"#,
        r#"{"from":"bridge","url":"ws://pi/","line":null,"protocol":"p1","asked":true,"device":"\u0000"}"#,
        r#"{"from":"serial","vendor":1027,"product":null,"line":null,"protocol":"sml"}"#,
        r#"{"from":"simulated","model":"dsmr-5","seed":18446744073709551615}"#,
        r#"{"from":"file","name":"a.csv","kept":false}"#,
    ]
    .as_slice());
    let called = option::of(select(["4530303434303037", "other"].as_slice()));
    let topic = option::of(select(["hall", "garage", "hall/#", ""].as_slice()));
    let called_in_file = prop_oneof![12 => key_name(), 1 => name(true)];
    (
        called_in_file,
        option::of(key_name()),
        source,
        called,
        topic,
        select([0, 1, 31].to_vec()),
        any::<bool>(),
    )
        .prop_map(|(name, origin, source, called, topic, days, reading)| {
            Piece::Meter(MeterRecord {
                origin: origin.map(MeterKey),
                source: serde_json::from_str::<SourceRecord>(source).unwrap(),
                identification: called.map(Into::into),
                topic: topic.map(Into::into),
                retention: Retention::Days(days),
                reading,
                ..record(&name)
            })
        })
}

/// The rows of a valid log, whose numbers are small or near the largest accepted one.
fn rows() -> impl Strategy<Value = Vec<Piece>> {
    let numbers = prop_oneof![4 => 1_u64..40, 1 => (1_u64 << 40) - 30..(1 << 40) - 20];
    (vec(arbitrary::entries(6), 0..3), numbers, 0_i64..100).prop_map(|(chunks, mut seq, hour)| {
        let mut rows = Vec::new();
        for mut entries in chunks.into_iter().filter(|entries| !entries.is_empty()) {
            let first = seq;
            for entry in &mut entries {
                entry.seq = seq;
                seq += 1;
            }
            rows.push(Piece::Row(Shelf::Chunks, first.cast_signed(), Chunk::write(&entries).unwrap()));
        }
        let newest = entry(seq, 1_795_219_200_000 + hour * 3_600_000, han_list_1("9"));
        rows.push(Piece::Row(Shelf::Tail, seq.cast_signed(), Chunk::write(&[newest]).unwrap()));
        rows
    })
}

fn setting() -> impl Strategy<Value = Vec<u8>> {
    let names = [
        "unfinished",
        "imports",
        "days-zone",
        "installation",
        "daily-backup",
        "certain-time",
        "broker",
        "keys.p1-0a",
        "keys.x",
        "keys.sml-0b",
    ];
    let values = [
        r#"["p1-0a","p1-0a+1","sml-0b","x"]"#,
        "[]",
        "null",
        r#"{"url":"ws://evil/","user":"","password":"","base":""}"#,
        r#"{"url":"ws://pi:9001","user":"","password":"","base":"","on":true}"#,
        r#"{"encryption":"FF0102030405060708090A0B0C0D0E0F","authentication":null}"#,
    ];
    (select(names.to_vec()), select(values.to_vec()))
        .prop_map(|(name, value)| super::super::tests::setting(name, value))
}

fn import() -> impl Strategy<Value = Piece> {
    let span = (any::<i32>(), any::<i32>()).prop_map(|(from, to)| (Moment(from.into()), Moment(to.into())));
    (key_name(), 1..3, any::<u64>(), span).prop_map(|(meter, number, readings, span)| {
        let (log, meter, file) = (MeterKey(format!("{meter}+{number}")), MeterKey(meter), "a.csv".to_owned());
        Piece::Import(Import {
            log,
            meter,
            file,
            at: Moment(0),
            readings,
            span,
            heard: true,
            typed: false,
            stated: Vec::new(),
        })
    })
}

fn cursor() -> impl Strategy<Value = Piece> {
    let readers = select([READER, "mqtt ws://evil/"].to_vec());
    (name(true), readers, any::<u64>()).prop_map(|(meter, reader, seq)| {
        Piece::Cursor(Cursor { meter: MeterKey(meter), reader: reader.into(), seq })
    })
}

/// A frame that may be invalid.
fn odd() -> impl Strategy<Value = Piece> {
    let row = (select(Shelf::ALL), any::<i64>(), vec(any::<u8>(), 0..9));
    prop_oneof![
        row.prop_map(|(shelf, number, row)| Piece::Row(shelf, number, row)),
        name(true).prop_map(|name| Piece::Log(MeterKey(name))),
        name(true).prop_map(|name| Piece::Meter(record(&name))),
        (name(true), import()).prop_map(|(log, import)| match import {
            Piece::Import(import) => Piece::Import(Import { log: MeterKey(log), ..import }),
            other => other,
        }),
    ]
}

/// A file with a correct SHA-256. Impossible contents are rare, so that most files are accepted.
pub(super) fn file() -> impl Strategy<Value = Vec<u8>> {
    let written = super::super::tests::written;
    let few = prop_oneof![
        1 => cursor().prop_map(move |frame| written(&frame)),
        2 => setting(),
        2 => import().prop_map(move |frame| written(&frame)),
    ];
    let logs = btree_map(name(false), rows(), 0..5);
    let odd = option::weighted(0.1, odd());
    (vec(meter(), 0..5), vec(few, 0..5), logs, odd).prop_map(move |(meters, few, logs, odd)| {
        let mut pieces = vec![written(&super::super::tests::secret_manifest())];
        pieces.extend(meters.iter().map(written));
        pieces.extend(few);
        for (name, rows) in logs {
            pieces.push(written(&Piece::Log(MeterKey(name))));
            pieces.extend(rows.iter().map(written));
        }
        pieces.extend(odd.iter().map(written));
        super::super::tests::sealed(&pieces)
    })
}
