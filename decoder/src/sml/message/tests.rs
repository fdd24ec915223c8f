//! Files, messages and entries.

use super::*;
use crate::frame::testing::{kermit, x25};
use alloc::string::{String, ToString};
use alloc::vec;

/// SML 1.04, clause 5.1: a message around a body, with its checksum.
fn message(body: &[u8], checksum: fn(&[u8]) -> [u8; 2]) -> Vec<u8> {
    let head = [0x76, 0x03, 0x12, 0x34, 0x62, 0x00, 0x62, 0x00, 0x72];
    let mut bytes = [&head[..], body].concat();
    let [first, second] = checksum(&bytes);
    bytes.extend([0x63, first, second, 0x00]);
    bytes
}

/// A GetList.Res with these entries, between an open and a close response.
fn file(time: &[u8], entries: &[&[u8]], checksum: fn(&[u8]) -> [u8; 2]) -> Vec<u8> {
    let server = [0x0B, 0x0A, 0x01, b'D', b'Z', b'G', 0x00, 0x02, 0x82, 0x22, 0x5E];
    let count = 0x70 | u8::try_from(entries.len()).unwrap();
    let head = [&[0x63, 0x07, 0x01, 0x77, 0x01][..], &server, &[0x01], time, &[count]].concat();
    let list = [&head[..], &entries.concat(), &[0x01, 0x01]].concat();
    let open = [&[0x63, 0x01, 0x01, 0x76, 0x01, 0x01, 0x02, 0x31][..], &server, &[0x01, 0x01]].concat();
    let close = [0x63, 0x02, 0x01, 0x71, 0x01];
    [&message(&open, checksum)[..], &message(&list, checksum), &message(&close, checksum), &[0]].concat()
}

/// Clause 5.1.15.1: an entry with the fields after its name.
fn entry(obis: [u8; 6], rest: &[u8]) -> Vec<u8> {
    [&[0x77, 0x07][..], &obis, rest].concat()
}

fn read(bytes: &[u8]) -> (Result<File, Error>, Vec<String>) {
    let mut registers = Vec::new();
    let is_dzg = |server: &[u8]| server.get(2..5) == Some(b"DZG");
    let file = parse(bytes, Check::X25, is_dzg, &mut registers);
    let line = |register: &Register| {
        let unit = if let RawUnit::Dlms(unit) = register.unit { unit } else { 0 };
        alloc::format!("{} {} {unit}", register.id, register.value)
    };
    (file, registers.iter().map(line).collect())
}

const MAKER: [u8; 6] = [129, 129, 199, 130, 3, 255];
const ENERGY: [u8; 6] = [1, 0, 1, 8, 0, 255];
const POWER: [u8; 6] = [1, 0, 16, 7, 0, 255];

/// Every optional field, present and omitted.
#[test]
fn reads_entries_of_every_kind() {
    let bytes = file(
        &[0x01],
        &[
            &entry(MAKER, &[1, 1, 1, 1, 0x04, b'E', b'M', b'H', 1]),
            &entry(
                ENERGY,
                &[0x63, 1, 0x82, 0x72, 0x62, 1, 0x62, 9, 0x62, 30, 0x52, 0xFF, 0x56, 0, 0, 0, 1, 2, 1],
            ),
            &entry(
                [1, 0, 2, 8, 0, 255],
                &[1, 0x65, 0, 0, 0, 9, 0x62, 30, 1, 0x69, 255, 255, 255, 255, 255, 255, 255, 255, 1],
            ),
            &entry([1, 0, 36, 7, 0, 255], &[1, 1, 0x62, 27, 0x52, 0xFE, 0x55, 0xFF, 0xFF, 0xFF, 0x9C, 1]),
            &entry([1, 0, 96, 5, 0, 255], &[1, 1, 1, 1, 0x42, 1, 1]),
            &entry([1, 0, 96, 50, 2, 6], &[1, 1, 1, 1, 1, 1]),
            &entry([1, 0, 96, 50, 2, 7], &[1, 1, 1, 1, 0x72, 0x62, 1, 0x62, 5, 1]),
        ],
        x25,
    );
    let (file, registers) = read(&bytes);
    let server = Some([10, 1, b'D', b'Z', b'G', 0, 2, 130, 34, 94]);
    assert_eq!(file, Ok(File { exports: Some(false), server, ..File::default() }));
    assert_eq!(
        registers,
        [
            "129-129:199.130.3 EMH 0",
            "1-0:1.8.0 25.8 30",
            "1-0:2.8.0 18446744073709551615 30",
            "1-0:36.7.0 -1.00 27",
            "1-0:96.5.0 1 0",
            "1-0:96.50.2*6  0",
            "1-0:96.50.2*7 7262016205 0",
        ]
    );
}

/// A head may take one byte or two. Only an entry with one-byte heads is read in one step.
#[test]
fn an_entry_read_at_once_equals_one_read_field_by_field() {
    let unit_and_scaler = [1, 1, 0x62, 27, 0x52, 0xFE];
    for value in [
        &[0x52, 0x9C][..],
        &[0x53, 0x8B, 0x28],
        &[0x63, 0x8B, 0x28],
        &[0x59, 255, 255, 255, 255, 255, 255, 255, 255],
        &[0x69, 255, 255, 255, 255, 255, 255, 255, 255],
        &[0x5A, 255, 255, 255, 255, 255, 255, 255, 255, 255],
        &[0x51],
        &[0x50],
        &[0x42, 1],
        &[0x03, b'a', b'b'],
        &[0xD0, 0x04, 1, 2],
        &[1],
    ] {
        for last in [&[1][..], &[0x62, 1], &[]] {
            let rest = [&[7][..], &POWER, &unit_and_scaler, value, last].concat();
            let [short, long] = [&[0x77][..], &[0xF0, 0x07]].map(|head| {
                let entry = [head, &rest].concat();
                read(&file(&[0x01], &[&entry, &entry], x25))
            });
            assert_eq!(short, long, "{value:x?} {last:x?}");
        }
    }
}

/// Clause 5.1.5; the last form is what Holley sends.
#[test]
fn only_seconds_since_1970_are_a_time() {
    let power = entry(POWER, &[1, 1, 0x62, 27, 0x52, 0, 0x52, 5, 1]);
    let time = |bytes: &[u8]| match read(&file(bytes, &[&power], x25)).0.unwrap().time {
        Some(RawTime::Valid(time)) => time.to_string(),
        other => alloc::format!("{other:?}"),
    };
    let seconds = [0x65, 0x6B, 0x00, 0xF4, 0x22];
    assert_eq!(time(&[&[0x72, 0x62, 2][..], &seconds].concat()), "2026-11-21T01:30:10+00:00");
    let local = [&[0x72, 0x62, 3, 0x73][..], &seconds, &[0x53, 0, 60, 0x52, 0]].concat();
    assert_eq!(time(&local), "2026-11-21T02:30:10+01:00");
    assert_eq!(time(&[0x72, 0x62, 2, 0x62, 0]), "Some(Invalid)");
    assert_eq!(time(&[&[0x72, 0x62, 1][..], &seconds].concat()), "None");
    assert_eq!(time(&seconds), "None");
}

/// The power of libsml-testing's DVS74, whose display showed 356.24 W, and the power of a meter that exports.
#[test]
fn the_status_word_gives_the_direction_of_a_short_power() {
    let import = |status: [u8; 3]| {
        entry(ENERGY, &[&[0x64][..], &status, &[1, 0x62, 30, 0x52, 0xFF, 0x62, 9, 1]].concat())
    };
    let power = entry(POWER, &[1, 1, 0x62, 27, 0x52, 0xFE, 0x53, 0x8B, 0x28, 1]);
    let long = entry(POWER, &[1, 1, 0x62, 27, 0x52, 0xFE, 0x55, 0xFF, 0xFF, 0x8B, 0x28, 1]);
    let second = |status, power: &[u8]| read(&file(&[1], &[&import(status), power], x25)).1[1].clone();
    assert_eq!(second([0x1C, 0x01, 0x04], &power), "1-0:16.7.0 356.24 27");
    assert_eq!(second([0x1C, 0x79, 0x04], &power), "1-0:16.7.0 -299.12 27");
    assert_eq!(second([0x1C, 0x01, 0x04], &long), "1-0:16.7.0 -299.12 27");
}

/// Status words of an EMH ED300L, an Iskra MT175 and a DZG DVS7420, importing and exporting (libsml-testing).
#[test]
fn the_status_word_has_the_direction() {
    let energy = |status: &[u8]| {
        let status = [&[0x61 + u8::try_from(status.len()).unwrap()][..], status].concat();
        entry(ENERGY, &[&status[..], &[1, 0x62, 30, 0x52, 0xFF, 0x62, 9, 1]].concat())
    };
    let exports = |status: &[u8]| read(&file(&[1], &[&energy(status)], x25)).0.unwrap().exports;
    for import in [&[0x01, 0x82][..], &[0x00, 0x01, 0x01, 0x82], &[0x1C, 0x00, 0x04]] {
        assert_eq!(exports(import), Some(false), "{import:x?}");
    }
    for export in [&[0x01, 0xB0][..], &[0x00, 0x01, 0x01, 0xA2], &[0x1C, 0x69, 0x04]] {
        assert_eq!(exports(export), Some(true), "{export:x?}");
    }
}

#[test]
fn whole_kilowatt_hours_without_power_mean_a_locked_meter() {
    let energy = |scaler| entry(ENERGY, &[1, 1, 0x62, 30, 0x52, scaler, 0x62, 9, 1]);
    let power = entry(POWER, &[1, 1, 0x62, 27, 0x52, 0, 0x52, 5, 1]);
    let fault = |entries: &[&[u8]]| read(&file(&[1], entries, x25)).0.unwrap().fault;
    assert_eq!(fault(&[&energy(3)]), Some(ParseError::Locked));
    assert_eq!(fault(&[&energy(3), &power]), None);
    assert_eq!(fault(&[&energy(0xFF)]), None);
}

#[test]
fn all_messages_must_have_checksums_of_one_kind() {
    let power = entry(POWER, &[1, 1, 0x62, 27, 0x52, 0, 0x52, 5, 1]);
    let (holley, standard) = (file(&[1], &[&power], kermit), file(&[1], &[&power], x25));
    assert_eq!(read(&holley).1, ["1-0:16.7.0 5 27"]);
    let mixed = [&holley[..holley.len() / 2], &standard[standard.len() / 2..]].concat();
    assert!(matches!(read(&mixed).0, Err(Error::Frame(_))));
    let registers = &mut vec![];
    assert!(parse(&holley, Check::Kermit, |_| false, registers).is_ok());
    assert!(parse(&standard, Check::Kermit, |_| false, registers).is_err());
}

#[test]
fn entries_before_a_fault_are_kept() {
    let power = entry(POWER, &[1, 1, 0x62, 27, 0x52, 0, 0x52, 5, 1]);
    let (file, registers) = read(&file(&[1], &[&power, &[0x73, 1, 1, 1]], x25));
    let error = ParseError::TypeUnexpected { wanted: 0x77, found: 0x73 };
    assert_eq!((file.map(|file| file.fault), registers.len()), (Ok(Some(error)), 1));
    // In a Holley meter's file, two flipped bits may make the other kind of checksum match at the end of the file. Then
    // nothing proves the entries of the broken message, whose own checksum is not reached.
    let other = [0x63, 0x02, 0x01, 0x71, 0x01];
    for (kind, is_refused) in [(kermit as fn(&[u8]) -> [u8; 2], true), (x25, false)] {
        let broken = super::tests::file(&[1], &[&power, &[0x73, 1, 1, 1]], kind);
        let bytes = [message(&other, kind), broken].concat();
        let parsed = parse(&bytes, Check::X25, |_| false, &mut vec![]);
        assert_eq!(parsed.is_err(), is_refused);
    }
    assert_eq!(read(&[0x76, 0x01]).0, Err(ParseError::Truncated.into()));
    assert_eq!(
        read(&message(&[0x63, 0x02, 0x01, 0x71, 0x01], x25)).0,
        Err(ParseError::Unsupported(0x07).into())
    );
}
