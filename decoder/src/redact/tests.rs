use super::*;
use crate::cipher;
use crate::frame::testing::{packet, with_crc};
use crate::{hex, mbus};
use alloc::format;
use alloc::string::String;
use std::vec;

fn setup(stack: Stack) -> Setup {
    Setup { stack, ..Setup::default() }
}

fn redacted(setup: &Setup, bytes: &[u8], said: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let redaction = Redaction::of(setup, &[(Instant(0), bytes)], said, &[]);
    (redaction.heard(0..bytes.len()), redaction.said(0..said.len()))
}

/// DSMR 5.0.2, 5.2.1: the equipment identifier is the hex of a text.
fn telegram(id: &str, value: &str) -> String {
    with_crc(&format!("/ISk5\\2MT382-1000\r\n\r\n0-0:96.1.1({id})\r\n1-0:1.7.0({value}*kW)\r\n!"))
}

#[test]
fn a_number_is_replaced_and_the_crc_recomputed() {
    let line = telegram("4530303331313233343536", "01.193") + &telegram("4530303331313233343536", "01.194");
    let (heard, _) = redacted(&setup(Stack::P1), line.as_bytes(), b"");
    let wanted = telegram("4530303030303030303031", "01.193") + &telegram("4530303030303030303031", "01.194");
    assert_eq!(String::from_utf8(heard).unwrap(), wanted);
}

#[test]
fn parts_of_a_number_in_messages_are_replaced() {
    let hex = |text: &str| hex::upper(text.as_bytes());
    for (id, message) in [
        ("E0043007059785119", "E00430070"),
        ("E0043007059785119", "ref 300705978 ok"),
        ("E0043007059785119", "785119"),
        ("E0043005978511K", "5978511"),
    ] {
        let line = telegram(&format!("{})\r\n0-0:96.13.0({}", hex(id), hex(message)), "01.193");
        let (heard, _) = redacted(&setup(Stack::P1), line.as_bytes(), b"");
        let heard = String::from_utf8(heard).unwrap();
        assert!(!heard.contains(&hex(message)), "{message}: {heard}");
    }
}

#[test]
fn a_damaged_number_outside_a_telegram_blanks_all_bytes_around_it() {
    let whole = telegram("4530303331313233343536", "01.193");
    let damaged = whole.replacen("3031", "3O31", 1).replace("1.193", "1.1#3");
    let line = format!("{}{whole}", &damaged[40..]);
    let (heard, _) = redacted(&setup(Stack::P1), line.as_bytes(), b"");
    let start = line.len() - whole.len();
    assert!(heard[..start].iter().all(|byte| *byte == 0), "{:?}", String::from_utf8_lossy(&heard[..start]));
    assert!(heard[start..].starts_with(b"/ISk5"));
}

/// A meter was exchanged for another model, and only the number of the old one is known.
#[test]
fn a_number_known_from_elsewhere_does_not_prove_that_all_was_found() {
    let known = ["KFM4530303331313233343536"];
    let whole = telegram("4530303331313233343536", "01.193");
    let told =
        |bytes: &[u8]| Redaction::of(&setup(Stack::P1), &[(Instant(0), bytes)], b"", &known).identities;
    assert_eq!(told(&[0x7E, 0xA0, 0x2A, 0x41, 0x08, 0x83, 0x13]), 0);
    assert_eq!(told(whole.as_bytes()), 1);
}

#[test]
fn harmless_noise_stays() {
    let line = format!("no meter\r\n{}", telegram("4530303331313233343536", "01.193"));
    let (heard, _) = redacted(&setup(Stack::P1), line.as_bytes(), b"");
    assert!(heard.starts_with(b"no meter\r\n/"));
}

/// The address in the request is the meter's number (IEC 62056-21, 6.3.1).
#[test]
fn an_address_is_replaced_in_the_request() {
    let (_, said) = redacted(&setup(Stack::Iec62056), b"", b"/?12345678!\r\n");
    assert_eq!(said, b"/?10000001!\r\n");
}

/// EN 13757-7, 7.5: a selection by secondary address, as sent and as an echo, with recomputed sums.
#[test]
fn a_secondary_address_is_replaced() {
    let frame = |id: [u8; 4]| mbus::frame::long(0x73, 0xFD, 0x52, &[id, [0xFF; 4]].concat());
    let (heard, said) =
        redacted(&setup(Stack::Mbus), &frame([0x78, 0x56, 0x34, 0x12]), &frame([0x78, 0x56, 0x34, 0x12]));
    assert_eq!(said, frame([0x01, 0x00, 0x00, 0x10]));
    assert_eq!(heard, said);
}

/// The CI field of the frame is 0x72. With the bytes after it, it looks like the number 72162616, high byte first.
#[test]
fn fields_before_an_answer_are_not_redacted() {
    let frame = |id: [u8; 4]| {
        let rest = [0xA7, 0x32, 0x07, 0x04, 0, 0, 0, 0, 0x0C, 0x06, 0x61, 0x93, 0x11, 0x00];
        mbus::frame::long(0x08, 0x01, 0x72, &[&id[..], &rest].concat())
    };
    let (heard, _) = redacted(&setup(Stack::Mbus), &frame([0x16, 0x26, 0x16, 0x72]), b"");
    assert_eq!(heard, frame([0x01, 0x00, 0x00, 0x70]));
}

/// Some makers put the number in place of the model, and no register repeats it.
#[test]
fn a_number_in_the_identification_line_is_replaced() {
    let telegram = |number: &str| with_crc(&format!("/AUX5{number}\r\n\r\n1-0:1.7.0(00.250*kW)\r\n!"));
    let (heard, _) = redacted(&setup(Stack::P1), telegram("SX 99 1234 5678").as_bytes(), b"");
    assert_eq!(String::from_utf8(heard).unwrap(), telegram("SX 90 0000 0001"));
    let kind = telegram("\\2MT382-1000");
    let (heard, _) = redacted(&setup(Stack::P1), kind.as_bytes(), b"");
    assert_eq!(String::from_utf8(heard).unwrap(), kind);

    let plain = telegram("9912345678");
    let length = u8::try_from(plain.len() + 17).unwrap();
    let mut packet = packet(b"SAG12345", &[0x81, length], plain.len() + 12);
    let keys = Keys { encryption: Some([1; 16]), authentication: Some([2; 16]) };
    cipher::encipher(&keys, &mut packet, plain.as_bytes()).unwrap();
    let setup = Setup { keys, ..setup(Stack::P1Encrypted) };
    let redaction = Redaction::of(&setup, &[(Instant(0), &packet)], b"", &[]);
    let mut opened = Vec::new();
    cipher::decipher(&redaction.keys, &redaction.heard(0..packet.len()), &mut opened).unwrap();
    // The second number of the capture; the first one is the system title.
    assert_eq!(String::from_utf8(opened).unwrap(), telegram("9000000002"));
}

/// DIN 43863-5: the number on the meter's front, in a server id that no register repeats.
#[test]
fn a_server_id_is_replaced() {
    let mut identities = Identities::default();
    let id = |number: u32| [&[10, 1, b'E', b'M', b'H', 0][..], &number.to_be_bytes()].concat();
    let list = [&[0x77, 0x01, 0x0B][..], &id(43_210_987), &[0x01]].concat();
    text::collect(Stack::Sml, &text::keys(&setup(Stack::Sml)), &list, &mut identities);
    identities.settle();
    let mut bytes = [&list[..], b"no. 43 21 09 87"].concat();
    identities.replace(&mut bytes);
    assert_eq!(bytes, [&[0x77, 0x01, 0x0B][..], &id(40_000_001), &[0x01], b"no. 40 00 00 02"].concat());
}

#[test]
fn undecipherable_telegrams_are_blanked() {
    let packet = packet(b"SAG12345", &[22], 17);
    let setup = setup(Stack::P1Encrypted);
    let redaction = Redaction::of(&setup, &[(Instant(0), &packet)], b"", &[]);
    assert_eq!(redaction.left_out, 1);
    assert_eq!(redaction.heard(0..packet.len()), vec![0; packet.len()]);
}

/// Only the question gives a Modbus answer its meaning, so a recording alone reveals no number. The meter's known
/// number is searched for, and the caller is told that nothing proves the absence of others.
#[test]
fn the_serial_number_in_an_answer_over_modbus_is_replaced() {
    let serial = 21_050_001_u32.to_be_bytes();
    let mut answer = [&[1, 3, 4][..], &serial].concat();
    let check = crate::crc::crc16_modbus(&answer).to_le_bytes();
    answer.extend(check);
    let redaction = Redaction::of(&setup(Stack::Modbus), &[(Instant(0), &answer)], &[], &["21050001"]);
    let heard = redaction.heard(0..answer.len());
    assert!(!heard.windows(4).any(|window| window == serial), "{heard:x?}");
    assert_eq!((heard.len(), redaction.identities), (answer.len(), 0));
}
