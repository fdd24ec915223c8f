use super::*;
use crate::log::arbitrary::entries;
use crate::log::later;
use crate::log::read_anything;
use crate::samples::bytes;
use crate::samples::{entry, measurement, reading};
use metertap_decoder::number::Number;
use metertap_decoder::reading::{Measurement, Quantity};
use metertap_decoder::register::Value;
use metertap_decoder::time::MeterTime;
use proptest::prelude::*;

fn round(entries: &[Entry]) -> Vec<Entry> {
    Chunk::open(&Chunk::write(entries).unwrap()).unwrap().entries().unwrap()
}

fn number(register: &str, quantity: Quantity, mantissa: i128, scaler: i8) -> Measurement {
    Measurement { value: Value::Number(Number::new(mantissa, scaler)), ..measurement(register, quantity, "") }
}

/// An hour, a reading every ten seconds: a power, a counter, a voltage, and the clock as text, as in a P1 telegram.
fn hour() -> Vec<Entry> {
    let entry_at = |place: i64| {
        let time = MeterTime::from_unix(1_795_222_800 + 10 * place, 60);
        let mut reading = reading(vec![
            measurement("0-0:1.0.0", Quantity::Clock, &time.unwrap().to_string()),
            number("1-0:1.7.0", Quantity::ActivePowerImport, (1380 + place % 7).into(), 0),
            number("1-0:1.8.0", Quantity::ActiveEnergyImport, (10_329_481 + 4 * place).into(), -3),
            number("1-0:32.7.0", Quantity::Voltage, (2302 + place % 3).into(), -1),
        ]);
        reading.time = time;
        entry(place.unsigned_abs() + 77, 1_795_222_800_012 + 10_000 * place, reading)
    };
    (0..360).map(entry_at).collect()
}

#[test]
fn entries_round_trip() {
    assert_eq!(round(&[]), []);
    assert_eq!(round(&hour()), hour());
    let one = &hour()[..1];
    assert_eq!(round(one), one);
}

/// Bytes as they lie on users' disks: the first version wrote three readings of [`hour`] like this, and every later
/// version reads them.
#[test]
fn bytes_of_version_1_are_read() {
    let bytes = bytes(&OF_VERSION_1.concat());
    assert_eq!(Chunk::open(&bytes).unwrap().entries().unwrap(), hour()[..3]);
}

/// Three values and a clock take less than two bytes a reading, because they rise evenly or change in small steps.
#[test]
fn an_hour_is_small() {
    let bytes = Chunk::write(&hour()).unwrap();
    assert!(bytes.len() < 360 * 2, "{} bytes", bytes.len());
}

#[test]
fn ordinary_readings_round_trip() {
    let mut entries = hour();
    let (id, long) = ("6970631405353536", "x".repeat(700));
    // One reading each with a long text, a register less, a number of 128 bits, more decimal places, a value sent
    // twice, and no values.
    entries[5].reading.values.insert(1, measurement("0-0:96.13.0", Quantity::Message, &long));
    entries[6].reading.values.remove(3);
    entries[7].reading.values[2].value = Value::Number(Number::new(i128::MAX, -3));
    entries[8].reading.values[3].value = Value::Number(Number::new(23_021, -2));
    let twice = entries[9].reading.values[1].clone();
    entries[9].reading.values.push(twice);
    entries[10].reading.values.clear();
    // A gap, a clock set back, a telegram sent twice, a damaged row left out.
    entries[20..].iter_mut().for_each(|entry| entry.received.0 += 3_000_000);
    entries[30..].iter_mut().for_each(|entry| entry.received.0 -= 90_000_000);
    entries[40] = Entry { seq: entries[40].seq, ..entries[39].clone() };
    entries.remove(50);
    // Another meter whose counter begins at zero, the last second of the year 9999, and a reading without a time.
    entries[100..].iter_mut().for_each(|entry| entry.reading.meter = Some(id.into()));
    entries[100].reading.values[2].value = Value::Number(Number::new(0, -3));
    entries[101].reading.time = MeterTime::new(9999, 12, 31, (23, 59, 59), i16::MIN);
    entries[102].reading.time = None;
    assert_eq!(round(&entries), entries);
}

#[test]
fn only_the_requested_registers_are_read() {
    let (bytes, hour) = (Chunk::write(&hour()).unwrap(), hour());
    let chunk = Chunk::open(&bytes).unwrap();
    let volts: Vec<Entry> =
        chunk.only(|shape| shape.quantity == Some(Quantity::Voltage)).unwrap().map(Result::unwrap).collect();
    assert_eq!(volts.len(), 360);
    for (volts, all) in volts.iter().zip(&hour) {
        assert_eq!(volts.reading.values, all.reading.values[3..]);
        assert_eq!((volts.received, volts.reading.time), (all.received, all.reading.time));
    }
}

/// What version 1 wrote stays readable forever. The bytes are in a file; the entries are given here.
#[test]
fn a_chunk_of_version_1_is_read() {
    let bytes = bytes(include_str!("version-1.hex"));
    let expected = [
        r#"{"v":1,"meter":"KFM-6970631405353535","maker":"KFM","model":"MA304H3E","protocol":"dlms-hdlc","time":"2026-11-21T02:30:10+01:00","time_source":"meter","integrity":"checked","values":[{"register":"1-0:1.7.0","quantity":"active-power-import","value":"1380","unit":"W"},{"register":"1-0:32.7.0","quantity":"voltage","phase":"l1","value":"230.2","unit":"V"},{"register":"0-1:24.2.1","quantity":"gas-volume","channel":1,"time":"2026-11-21T02:25:00+01:00","value":"2104.512","unit":"m3","error":"invalid"}],"received":"2026-11-21T01:30:10.123Z","seq":7}"#,
        r#"{"v":1,"meter":"KFM-6970631405353535","protocol":"iec62056-21","time":null,"integrity":"unchecked","values":[{"register":"F.F","quantity":"error-flags","value":"00f0","unit":null},{"register":"mbus:3","quantity":null,"storage":2,"value":"170141183460469231731687303715884105727","unit":null},{"register":"kmp:60","quantity":"heat-energy","tariff":2,"value":"12.5","unit":"GJ"},{"register":"0-0:1.0.0","quantity":"clock","value":"2026-11-21T02:30:20+01:00","unit":null},{"register":"list:9","quantity":"message","value":"æøå","unit":null}],"received":"2026-11-21T01:30:20.125Z","seq":8}"#,
    ];
    let entries = Chunk::open(&bytes).unwrap().entries().unwrap();
    assert_eq!(entries.iter().map(Entry::to_json).collect::<Vec<_>>(), expected);
}

#[test]
fn damage_is_reported_by_kind() {
    let bytes = Chunk::write(&hour()).unwrap();
    let open = |bytes: &[u8]| Chunk::open(bytes).map(|chunk| chunk.len());
    assert_eq!(open(&bytes), Ok(360));
    assert_eq!(open(b"PK\x03\x04"), Err(Damage::Foreign));
    assert_eq!(open(b"MTC\x09"), Err(Damage::Version(9)));
    assert_eq!(open(&later(&bytes)), Err(Damage::Version(9)));
    // The checksum shows that only the version is damaged.
    for bit in 0..8 {
        let mut damaged = bytes.clone();
        damaged[MAGIC.len()] ^= 1 << bit;
        assert_eq!(open(&damaged), Ok(360), "bit {bit}");
    }
    for place in 4..bytes.len() {
        let mut damaged = bytes.clone();
        damaged[place] ^= 0x10;
        assert_eq!(open(&damaged), Err(Damage::Checksum), "byte {place}");
    }
    for length in 4..bytes.len() {
        assert_eq!(open(&bytes[..length]), Err(Damage::Checksum));
    }
}

#[test]
fn too_many_entries_are_refused() {
    let full = vec![hour()[0].clone(); MOST_ENTRIES];
    assert!(Chunk::write(&full).is_ok());
    assert_eq!(Chunk::write(&[full.as_slice(), &full[..1]].concat()), Err(TooLarge));
    let long = measurement("0-0:96.13.0", Quantity::Message, &"x".repeat(MOST_TEXT + 1));
    assert_eq!(Chunk::write(&[entry(1, 0, reading(vec![long]))]), Err(TooLarge));
}

/// A table with one string of 60 kB, and an entry of 60,000 values that all refer to it, would take 3.6 GB.
#[test]
fn a_chunk_cannot_ask_for_more_memory_than_is_stated() {
    let text = measurement("0-0:96.13.0", Quantity::Message, &"x".repeat(60_000));
    let greedy = vec![text; 60_000];
    assert_eq!(Chunk::write(&[entry(1, 0, reading(greedy))]), Err(TooLarge));
    // The same made by hand: reading refuses what writing refuses.
    let text = measurement("0-0:96.13.0", Quantity::Message, &"x".repeat(60_000));
    let greedy = entry(1, 0, reading(vec![text; 100]));
    let body = Columns::of(std::slice::from_ref(&greedy)).write();
    assert_eq!(Chunk::open(&sealed(MAGIC, VERSION, &body)).unwrap().entries(), Err(Damage::Malformed));
}

proptest! {
    #[test]
    fn any_series_round_trips(entries in entries(40)) {
        prop_assert_eq!(round(&entries), entries);
    }

    #[test]
    fn no_bytes_panic(body in prop::collection::vec(any::<u8>(), 0..300)) {
        read_anything(&body);
        read_anything(&sealed(MAGIC, VERSION, &body));
    }

    #[test]
    fn no_changed_bytes_panic(
        entries in entries(12),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut body = Chunk::write(&entries).unwrap().split_off(8);
        for (place, byte) in changes {
            let place = place.index(body.len());
            body[place] = byte;
        }
        read_anything(&sealed(MAGIC, VERSION, &body));
        body.truncate(cut.index(body.len()));
        read_anything(&sealed(MAGIC, VERSION, &body));
    }
}

const OF_VERSION_1: &[&str] = &[
    "4d544301f44689710303144b464d2d36393730363331343035333533353335034b464d084d4133303448334504000000",
    "010000ff36000000000000000300000100010700ff0c000000000100000000000100010800ff01000000000400000000",
    "000100200700ff120000000007000000000101020302010001040001020304069a01020a06989af0b9bf68a09c010104",
    "0706c0ec87b00d140205780706c0ec87b00d140205780406c815020104060692f6ec09080205050406fc2302020501",
];
