//! Lists in the layouts that meters use.

use super::*;
use alloc::string::{String, ToString};

const POWER: &[u8] = &[9, 6, 1, 0, 1, 7, 0, 255];
const VOLTAGE: &[u8] = &[9, 6, 1, 0, 32, 7, 0, 255];
const TENTHS_OF_VOLTS: &[u8] = &[2, 2, 0x0F, 0xFF, 0x16, 35];
const MOMENT: &[u8] = &[9, 12, 0x07, 0xEA, 1, 1, 4, 12, 0, 5, 0xFF, 0x80, 0, 0];

fn list(tag: u8, items: &[&[u8]]) -> Vec<u8> {
    [&[tag, u8::try_from(items.len()).unwrap()][..], &items.concat()].concat()
}

fn structure(items: &[&[u8]]) -> Vec<u8> {
    list(2, items)
}

fn registers_of(body: &[u8]) -> (Vec<Register>, Found) {
    let mut read = Vec::new();
    let notification = Notification { time: None, object: None, body: Reader::new(body), header: 0 };
    let found = registers(notification, Zone::default(), &mut read);
    (read, found)
}

fn read(body: &[u8]) -> Vec<(String, String)> {
    let shown = |register: &Register| (register.id.to_string(), register.value.to_string());
    registers_of(body).0.iter().map(shown).collect()
}

fn pair(id: &str, value: &str) -> (String, String) {
    (id.into(), value.into())
}

#[test]
fn reads_structures_with_scaler_and_unit() {
    let body = list(
        1,
        &[&structure(&[POWER, &[6, 0, 0, 4, 0x62]]), &structure(&[VOLTAGE, &[0x12, 9, 3], TENTHS_OF_VOLTS])],
    );
    assert_eq!(read(&body), [pair("1-0:1.7.0", "1122"), pair("1-0:32.7.0", "230.7")]);
    assert_eq!(registers_of(&body).0[1].unit, RawUnit::Dlms(35));
}

/// A length may take one byte or two. Only a register with one-byte lengths is read in one step.
#[test]
fn registers_read_at_once_equal_those_read_value_by_value() {
    for value in [
        &[6, 0, 0, 4, 0x62][..],
        &[6, 9, 0, 1, 0, 0, 7, 0xFF],
        &[5, 0xFF, 0xFF, 0xFF, 0xFE],
        &[0x12, 0xFF, 0xFF],
        &[0x10, 0xFF, 0xFF],
        &[0x11, 7],
        &[0x0A, 1, b'x'],
        &[0],
    ] {
        for scale in [TENTHS_OF_VOLTS, &[2, 2, 0x0F, 3, 0x16, 30], &[2, 2, 0x0F, 3, 0x11, 30], &[0x0F, 3]] {
            let items = [VOLTAGE, value, scale].concat();
            let [short, long] = [&[2, 3][..], &[2, 0x81, 3]].map(|head| {
                let object = [head, &items].concat();
                registers_of(&list(1, &[&object, &object]))
            });
            assert_eq!(short.0, long.0, "{value:x?} {scale:x?}");
        }
    }
}

#[test]
fn registers_end_at_the_limit_of_values() {
    let object = structure(&[VOLTAGE, &[0x12, 9, 3], TENTHS_OF_VOLTS]);
    let (read, found) = registers_of(&[&[1, 0x81, 200][..], &object.repeat(200)].concat());
    assert_eq!((read.len(), found.fault), (171, Some(ParseError::TooMany { limit: 1024 })));
}

#[test]
fn reads_alternating_codes_and_values_and_skips_absent_phases() {
    let version = [&[0x0A, 14][..], b"Kamstrup_V0001"].concat();
    let body =
        structure(&[&version, POWER, &[6, 0, 0, 7, 0x68], &[0], &[0], VOLTAGE, &[0x12, 0, 225], POWER, &[0]]);
    let wanted = [
        pair("1-1:0.2.129", "Kamstrup_V0001"),
        pair("1-0:1.7.0", "1896"),
        pair("1-0:32.7.0", "225"),
        pair("1-0:1.7.0", ""),
    ];
    assert_eq!(read(&body), wanted);
}

/// The order of Netz Niederösterreich: clock, then code, value and scaler side by side, and a number without a name.
#[test]
fn reads_codes_values_and_scalers_side_by_side() {
    let (volts, watts) = ([0x12, 9, 0x21], [6, 0, 0, 0, 7]);
    let number = [&[9, 4][..], b"1812"].concat();
    let body = structure(&[MOMENT, VOLTAGE, &volts, TENTHS_OF_VOLTS, POWER, &watts, &number]);
    let read = registers_of(&body).0;
    assert_eq!(read[0].id.to_string(), "0-0:1.0.0");
    assert!(read[0].time.is_some());
    let rest: Vec<_> =
        read[1..].iter().map(|register| (register.id.to_string(), register.value.to_string())).collect();
    assert_eq!(rest, [pair("1-0:32.7.0", "233.7"), pair("1-0:1.7.0", "7"), pair("list:1", "1812")]);
}

fn row(class: u8, name: &[u8], attribute: u8) -> Vec<u8> {
    structure(&[&[0x12, 0, class], name, &[0x0F, attribute], &[0x12, 0, 0]])
}

#[test]
fn reads_a_list_that_is_described_by_its_first_element() {
    let objects = list(1, &[&row(3, POWER, 2), &row(3, VOLTAGE, 2), &row(3, VOLTAGE, 3)]);
    let body = structure(&[&objects, &[0x11, 7], &[0x12, 8, 0xFD], TENTHS_OF_VOLTS]);
    assert_eq!(read(&body), [pair("1-0:1.7.0", "7"), pair("1-0:32.7.0", "230.1")]);
    let found = registers_of(&body).1;
    assert_eq!((found.announced, found.fault), (Some(4), None));
    // The first row may describe the list itself.
    let objects = list(1, &[&row(40, &[9, 6, 0, 6, 25, 9, 0, 255], 2), &row(3, POWER, 2)]);
    assert_eq!(read(&structure(&[&objects, &[0x11, 7]])), [pair("1-0:1.7.0", "7")]);
}

/// IEC 62056-6-2, 4.3.3.
#[test]
fn extended_registers_have_status_and_time() {
    let rows = [row(4, POWER, 2), row(4, POWER, 4), row(4, POWER, 5)];
    let objects = list(1, &[&rows[0], &rows[1], &rows[2]]);
    let body = structure(&[&objects, &[0x11, 7], &[0x11, 1], MOMENT]);
    assert_eq!(read(&body), [pair("1-0:1.7.0", "7"), pair("list:1", "1")]);
    assert!(registers_of(&body).0[0].time.is_some());
    let flat = list(1, &[&structure(&[POWER, &[0x11, 7], &[2, 2, 0x0F, 0, 0x16, 27], &[0x11, 1], MOMENT])]);
    assert_eq!(read(&flat), [pair("1-0:1.7.0", "7"), pair("list:1", "1")]);
    assert!(registers_of(&flat).0[0].time.is_some());
}

#[test]
fn values_without_names_are_numbered() {
    let version = [&[9, 7][..], b"KFM_001"].concat();
    let body = structure(&[&version, &[0x11, 5], &[9, 2, 1, 2]]);
    assert_eq!(read(&body), [pair("list:1", "KFM_001"), pair("list:2", "5"), pair("list:3", "0102")]);
    // The logical name of the push setup does not name the value after it.
    let push = [9, 6, 0, 6, 25, 9, 0, 255];
    let body = structure(&[&push, &version, &[0x11, 5], &[0x11, 6], &[0x11, 7], &[0x11, 8], &[0]]);
    assert_eq!(read(&body)[..2], [pair("list:1", "0006190900ff"), pair("list:2", "KFM_001")]);
    assert_eq!(read(&body).len(), 7);
    assert_eq!(read(&[0x11, 5]), [pair("list:1", "5")]);
}

#[test]
fn values_before_a_cut_are_kept() {
    let body = structure(&[POWER, &[0x11, 7], VOLTAGE, &[0x12, 8]]);
    assert_eq!(read(&body), [pair("1-0:1.7.0", "7")]);
    let found = registers_of(&body).1;
    assert_eq!((found.announced, found.fault), (Some(4), Some(ParseError::Truncated)));
}
