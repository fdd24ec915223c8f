//! The tests that an [`Archive`] must pass on every disk: natively over memory, in a browser over IndexedDB.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests, which are also compiled for other crates that test their disks"
)]

use std::ops::AsyncFn;

use metertap_decoder::address::Address;
use metertap_decoder::line::Line;
use metertap_decoder::number::Number;
use metertap_decoder::rail::By;
use metertap_decoder::reading::{
    Integrity, Measurement, Phase, Protocol, Quantity, Reading, TimeSource, ValueError,
};
use metertap_decoder::register::{Obis, RegisterId, Value};
use metertap_decoder::time::MeterTime;

use super::Archive;
use crate::entry::{Entry, Moment};
use crate::store::contract::{key, measurement, must, reading, record};
use crate::store::disk::Disk;
use crate::store::{Internal, KeptOctets, LineSettings, MeterKey, MeterRecord, SourceRecord};

/// Runs all of these tests.
///
/// `open` opens the archive with the given name. An archive with a new name is empty. An archive with a known name has
/// what was kept under that name. The archive opened earlier under that name has been dropped by then.
///
/// # Panics
///
/// If the archive breaks a promise or returns an error.
pub async fn contract<D: Disk>(open: impl AsyncFn(&str) -> Archive<D>) {
    numbers_count_up_without_gaps(&open).await;
    entries_round_trip(&open).await;
    ranges_keep_their_bounds(&open).await;
    moments_keep_their_bounds(&open).await;
    meters_are_sorted_by_their_keys(&open).await;
    a_removed_meter_leaves_nothing(&open).await;
    cursors_belong_to_reader_and_meter(&open).await;
    settings_are_kept_by_name(&open).await;
    settings_cannot_set_the_logs_own_records(&open).await;
    the_newest_octets_around_faults_are_kept(&open).await;
}

async fn numbers_count_up_without_gaps<D: Disk>(open: &impl AsyncFn(&str) -> Archive<D>) {
    let (one, other) = (key("one"), key("other"));
    {
        let archive = open("numbers").await;
        assert_eq!(must(archive.span(&one).await), None, "an empty log has no span");
        for seq in 1..=3 {
            assert_eq!(must(archive.append(&one, Moment(5), &reading(1)).await), seq);
        }
        assert_eq!(must(archive.append(&other, Moment(5), &reading(1)).await), 1, "each meter counts alone");
        assert_eq!(must(archive.append(&one, Moment(4), &reading(1)).await), 4);
    }
    let archive = open("numbers").await;
    assert_eq!(must(archive.append(&one, Moment(6), &reading(1)).await), 5, "counting survives reopening");
    assert_eq!(must(archive.span(&one).await), Some((1, 5)));
    assert_eq!(must(archive.span(&other).await), Some((1, 1)));
}

async fn entries_round_trip<D: Disk>(open: &impl AsyncFn(&str) -> Archive<D>) {
    let (meter, full) = (key("meter"), full_reading());
    {
        let archive = open("entries").await;
        must(archive.append(&meter, Moment(1_795_224_610_123), &full).await);
    }
    let archive = open("entries").await;
    let expected = [Entry { reading: full, received: Moment(1_795_224_610_123), seq: 1 }];
    assert_eq!(must(archive.range(&meter, 1..=1, 10).await), expected);
    assert_eq!(must(archive.range(&key("nobody"), 1..=1, 10).await), []);
}

async fn ranges_keep_their_bounds<D: Disk>(open: &impl AsyncFn(&str) -> Archive<D>) {
    let (meter, archive) = (key("meter"), open("ranges").await);
    for watts in 1..=5 {
        must(archive.append(&meter, Moment(1000), &reading(watts)).await);
        must(archive.append(&key("another"), Moment(1000), &reading(-watts)).await);
    }
    let range = async |seqs, most| numbers(&must(archive.range(&meter, seqs, most).await));
    assert_eq!(range(1..=5, 10).await, [1, 2, 3, 4, 5]);
    assert_eq!(range(2..=4, 10).await, [2, 3, 4], "both ends belong to a range");
    assert_eq!(range(2..=5, 2).await, [2, 3], "`most` keeps the first ones");
    assert_eq!(range(4..=u64::MAX, 10).await, [4, 5]);
    assert_eq!(range(0..=1, 10).await, [1]);
    assert_eq!(range(6..=9, 10).await, NONE);
    assert_eq!(range(1..=5, 0).await, NONE);
    #[allow(clippy::reversed_empty_ranges, reason = "that such a range is empty is the promise")]
    let reversed = 4..=2;
    assert_eq!(range(reversed, 10).await, NONE);
    let second = must(archive.range(&meter, 2..=2, 1).await);
    assert_eq!(second.first().map(|entry| &entry.reading), Some(&reading(2)), "of this meter");
}

async fn moments_keep_their_bounds<D: Disk>(open: &impl AsyncFn(&str) -> Archive<D>) {
    let (meter, archive) = (key("meter"), open("moments").await);
    // The clock is set back between the second reading and the third.
    for received in [1000, 3000, 2000, 2000, 4000] {
        must(archive.append(&meter, Moment(received), &reading(1)).await);
        must(archive.append(&key("another"), Moment(received), &reading(1)).await);
    }
    let received = async |from, to, most| {
        numbers(&must(archive.received(&meter, Moment(from)..=Moment(to), most).await))
    };
    assert_eq!(received(1000, 4000, 10).await, [1, 3, 4, 2, 5]);
    assert_eq!(received(2000, 3000, 10).await, [3, 4, 2], "both ends belong to a span");
    assert_eq!(received(2001, 2999, 10).await, NONE);
    assert_eq!(received(i64::MIN, i64::MAX, 2).await, [1, 3]);
    assert_eq!(received(1000, 4000, 0).await, NONE);
    assert_eq!(received(4000, 1000, 10).await, NONE);
}

async fn meters_are_sorted_by_their_keys<D: Disk>(open: &impl AsyncFn(&str) -> Archive<D>) {
    let all = [
        record("a"),
        from("b", SourceRecord::Simulated { model: "kaifa-ma304h3e".into(), seed: u64::from(u32::MAX) }),
        from(
            "c",
            SourceRecord::Serial {
                vendor: Some(0x0403),
                product: None,
                spoken: LineSettings {
                    line: Some(Line::HAN),
                    protocol: Some(Protocol::Mbus),
                    asked: true,
                    address: Some(Address::Primary(5)),
                    device: "00000001".into(),
                    wake: true,
                    by_hand: true,
                    profile: "eastron-3p".into(),
                    profile_by: By::Meter,
                },
            },
        ),
        from("d", SourceRecord::Serial { vendor: None, product: None, spoken: LineSettings::default() }),
        from(
            "e",
            SourceRecord::Bridge { url: "ws://bridge.home:8080/".into(), spoken: LineSettings::default() },
        ),
    ];
    {
        let archive = open("meters").await;
        assert_eq!(must(archive.meters().await), []);
        for record in all.iter().rev() {
            must(archive.keep_meter(record).await);
        }
    }
    let archive = open("meters").await;
    assert_eq!(must(archive.meters().await), all);
    let renamed = MeterRecord { name: "Garage".into(), ..all[1].clone() };
    must(archive.keep_meter(&renamed).await);
    assert_eq!(must(archive.meters().await), [&all[..1], &[renamed], &all[2..]].concat());
}

async fn a_removed_meter_leaves_nothing<D: Disk>(open: &impl AsyncFn(&str) -> Archive<D>) {
    let (gone, stays) = (key("gone"), key("stays"));
    {
        let archive = open("removed").await;
        for meter in [&gone, &stays] {
            must(archive.keep_meter(&record(&meter.0)).await);
            must(archive.keep_octets(meter, &bytes(1)).await);
            must(archive.append(meter, Moment(1000), &reading(1)).await);
            must(archive.set_cursor("reader", meter, 1).await);
        }
        must(archive.set_setting("gone", Some("1")).await);
        must(archive.remove_meter(&gone).await);
        must(archive.remove_meter(&key("never-there")).await);
    }
    let archive = open("removed").await;
    let left: Vec<MeterKey> = must(archive.meters().await).into_iter().map(|record| record.key).collect();
    assert_eq!(left, std::slice::from_ref(&stays));
    assert_eq!(must(archive.span(&gone).await), None);
    assert_eq!(must(archive.received(&gone, Moment(0)..=Moment(9999), 10).await), []);
    assert_eq!(must(archive.cursor("reader", &gone).await), 0);
    assert_eq!(must(archive.append(&gone, Moment(1000), &reading(1)).await), 1, "a new log begins at 1");
    assert_eq!(must(archive.span(&stays).await), Some((1, 1)), "others keep their log");
    assert_eq!(must(archive.cursor("reader", &stays).await), 1, "others keep their cursors");
    assert_eq!(must(archive.setting("gone").await).as_deref(), Some("1"), "settings belong to no meter");
}

async fn cursors_belong_to_reader_and_meter<D: Disk>(open: &impl AsyncFn(&str) -> Archive<D>) {
    let (one, other) = (key("one"), key("other"));
    {
        let archive = open("cursors").await;
        assert_eq!(must(archive.cursor("mqtt", &one).await), 0, "a cursor begins at 0");
        must(archive.set_cursor("mqtt", &one, 7).await);
        must(archive.set_cursor("mqtt", &other, 8).await);
        must(archive.set_cursor("copy", &one, 9).await);
        must(archive.set_cursor("mqtt", &one, 6).await);
    }
    let archive = open("cursors").await;
    assert_eq!(must(archive.cursor("mqtt", &one).await), 6);
    assert_eq!(must(archive.cursor("mqtt", &other).await), 8);
    assert_eq!(must(archive.cursor("copy", &one).await), 9);
    assert_eq!(must(archive.cursor("copy", &other).await), 0);
}

async fn settings_are_kept_by_name<D: Disk>(open: &impl AsyncFn(&str) -> Archive<D>) {
    {
        let archive = open("settings").await;
        assert_eq!(must(archive.setting("zone").await), None);
        must(archive.set_setting("zone", Some(r#""Europe/Oslo""#)).await);
        must(archive.set_setting("broker", Some(r#"{"url":"wss://ø"}"#)).await);
        must(archive.set_setting("zone", Some(r#""Europe/Paris""#)).await);
        must(archive.set_setting("broker", None).await);
    }
    let archive = open("settings").await;
    assert_eq!(must(archive.setting("zone").await).as_deref(), Some(r#""Europe/Paris""#));
    assert_eq!(must(archive.setting("broker").await), None);
}

async fn settings_cannot_set_the_logs_own_records<D: Disk>(open: &impl AsyncFn(&str) -> Archive<D>) {
    {
        let archive = open("own").await;
        assert_eq!(must(archive.internal(Internal::Installation).await), None);
        must(archive.set_internal(Internal::Installation, Some("9f3a52c100112233")).await);
        must(archive.set_setting("installation", Some("outside")).await);
    }
    let archive = open("own").await;
    let own = async || must(archive.internal(Internal::Installation).await);
    assert_eq!(own().await.as_deref(), Some("9f3a52c100112233"));
    must(archive.set_internal(Internal::Installation, None).await);
    assert_eq!(own().await, None);
}

async fn the_newest_octets_around_faults_are_kept<D: Disk>(open: &impl AsyncFn(&str) -> Archive<D>) {
    let (meter, other) = (key("one"), key("one-more"));
    for numbers in [0..30, 30..60] {
        let archive = open("octets").await;
        for number in numbers {
            must(archive.keep_octets(&meter, &bytes(number)).await);
        }
    }
    let archive = open("octets").await;
    assert_eq!(must(archive.kept_octets(&meter).await), (10..60).map(bytes).collect::<Vec<_>>());
    assert_eq!(must(archive.kept_octets(&other).await), []);
}

fn bytes(number: u8) -> KeptOctets {
    let (at, code) = (Moment(number.into()), Some("frame.checksum".into()));
    KeptOctets { at, code, values: None, octets: vec![number, 0, 0xFF] }
}

fn from(name: &str, source: SourceRecord) -> MeterRecord {
    MeterRecord { source, ..record(name) }
}

fn numbers(entries: &[Entry]) -> Vec<u64> {
    entries.iter().map(|entry| entry.seq).collect()
}

/// A reading with something in every field, and numbers that no float holds.
fn full_reading() -> Reading {
    let time = MeterTime::new(2026, 10, 25, (2, 30, 10), 120);
    let voltage = measurement(Obis::new(1, 0, 32, 7, 0), Quantity::Voltage, Number::new(2302, -1));
    let energy = measurement(
        Obis::new(1, 0, 1, 8, 1),
        Quantity::ActiveEnergyImport,
        Number::new(18_446_744_073_709_551_615, -3),
    );
    let gas = measurement(Obis::new(0, 1, 24, 2, 1), Quantity::GasVolume, Number::new(2_104_510, -3));
    let unknown = Measurement {
        register: RegisterId::Position(7),
        quantity: None,
        unit: None,
        value: Value::Text("\"quoted\", æøå\n".into()),
        ..voltage.clone()
    };
    Reading {
        meter: Some("KFM-6970631405353535".into()),
        maker: Some("KFM".into()),
        model: Some("MA304H3E".into()),
        time,
        time_source: TimeSource::Received,
        integrity: Integrity::Authenticated,
        values: vec![
            Measurement { phase: Some(Phase::L1), ..voltage },
            Measurement { tariff: Some(1), ..energy },
            Measurement { channel: Some(1), time, error: Some(ValueError::Invalid), ..gas },
            unknown,
        ],
        ..reading(0)
    }
}

const NONE: [u64; 0] = [];
