//! Arbitrary bytes never cause a panic and never exceed the memory limit. Keys are never printed.

use metertap_decoder::cipher::Keys;
use metertap_decoder::session::{Session, Setup};
use metertap_decoder::stack::Stack;
use metertap_decoder::time::Instant;
use metertap_tests::{decode, drain};
use proptest::prelude::*;

/// A valid HDLC frame around any payload, so that checksums do not protect the parsers.
fn framed(payload: &[u8]) -> Vec<u8> {
    let information = [&[0xE6, 0xE7, 0x00][..], payload].concat();
    let length = u16::try_from(information.len() + 10).unwrap_or_default() | 0xA000;
    let mut bytes = [&length.to_be_bytes()[..], &[0x41, 0x08, 0x83, 0x13]].concat();
    bytes.extend_from_slice(&metertap_decoder::crc::crc16_x25(&bytes).to_le_bytes());
    bytes.extend_from_slice(&information);
    bytes.extend_from_slice(&metertap_decoder::crc::crc16_x25(&bytes).to_le_bytes());
    [&[0x7E][..], &bytes, &[0x7E]].concat()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_bytes_stay_below_the_memory_limit(
        stack in prop::sample::select(Stack::ALL),
        pieces in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..5000), 0..12),
    ) {
        let mut session = Session::new(Setup { stack, ..Setup::default() }, Instant(0));
        for piece in pieces {
            session.handle_bytes(Instant(0), &piece);
            drain(&mut session);
            prop_assert!(session.memory() <= Session::MEMORY);
        }
    }

    #[test]
    fn arbitrary_payloads_in_good_frames_do_not_panic(
        service in prop::sample::select(&[0x0F_u8, 0xDB, 0xC0][..]),
        payload in prop::collection::vec(prop_oneof![any::<u8>(), 0_u8..28], 0..400),
    ) {
        let setup = Setup { stack: Stack::HdlcDlms, ..Setup::default() };
        let payload = [&[service, 0, 0, 0, 0, 0][..], &payload].concat();
        prop_assert!(!decode(&setup, &framed(&payload)).is_empty());
    }

    #[test]
    fn arbitrary_records_in_good_m_bus_frames_do_not_panic(
        ci in prop::sample::select(&[0x72_u8, 0x73, 0x78, 0x7A, 0x70, 0x71][..]),
        header in prop::collection::vec(any::<u8>(), 12),
        records in prop::collection::vec(prop_oneof![any::<u8>(), 0_u8..16, Just(0x8D), Just(0xFD), Just(0x6D)], 0..230),
    ) {
        let body = [&[0x08, 0x01, ci][..], &header, &records].concat();
        let length = u8::try_from(body.len()).unwrap();
        let sum = body.iter().fold(0_u8, |sum, byte| sum.wrapping_add(*byte));
        let bytes = [&[0x68, length, length, 0x68][..], &body, &[sum, 0x16]].concat();
        let keys = Keys { encryption: Some([1; 16]), authentication: None };
        let setup = Setup { stack: Stack::Mbus, keys, ..Setup::default() };
        prop_assert!(!decode(&setup, &bytes).is_empty());
    }

    #[test]
    fn arbitrary_fields_in_good_sml_files_do_not_panic(
        fields in prop::collection::vec(prop_oneof![any::<u8>(), 0x50_u8..0x7A, Just(1), Just(0x83), Just(0xF1)], 0..300),
    ) {
        let head = [0x76, 0x02, 0x12, 0x62, 0x00, 0x62, 0x00, 0x72, 0x63, 0x07, 0x01, 0x77, 0x01, 0x01, 0x01];
        let start = [0x1B, 0x1B, 0x1B, 0x1B, 1, 1, 1, 1];
        let mut bytes = [&start[..], &head, &fields, &[0x1B, 0x1B, 0x1B, 0x1B, 0x1A, 0]].concat();
        bytes.extend(metertap_decoder::crc::crc16_x25(&bytes).to_le_bytes());
        let setup = Setup { stack: Stack::Sml, ..Setup::default() };
        prop_assert!(!decode(&setup, &bytes).is_empty());
    }

    #[test]
    fn arbitrary_data_in_good_readouts_do_not_panic(data in "[0-9A-F.:*()&\r\n-]{0,400}") {
        let data = format!("{data}\r\n!\r\n\u{3}");
        let check = data.bytes().fold(0, |check, byte| check ^ byte);
        let bytes = [b"/SIM5METERTAP\r\n\x02", data.as_bytes(), &[check]].concat();
        let setup = Setup { stack: Stack::Iec62056, ..Setup::default() };
        prop_assert!(!decode(&setup, &bytes).is_empty());
    }

    #[test]
    fn arbitrary_lines_in_good_telegrams_do_not_panic(body in "[ -~]{0,300}(\r\n[0-9.:*()-]{0,80}){0,12}") {
        let text = format!("/MTP5{}\r\n!", body.replace(['/', '!'], ""));
        let crc = metertap_decoder::crc::crc16_arc(text.as_bytes());
        prop_assert_eq!(decode(&Setup::default(), format!("{text}{crc:04X}\r\n").as_bytes()).is_empty(), false);
    }
}

#[test]
fn endless_nesting_is_refused() {
    let setup = Setup { stack: Stack::HdlcDlms, ..Setup::default() };
    let nested = [&[0x0F, 0, 0, 0, 0, 0][..], &[2, 1].repeat(900)].concat();
    assert!(format!("{:?}", decode(&setup, &framed(&nested))).contains("TooDeep"));
}

#[test]
fn keys_are_never_printed() {
    let keys = Keys { encryption: Some([0x5A; 16]), authentication: Some([0xA5; 16]) };
    let setup = Setup { keys, stack: Stack::HdlcDlms, ..Setup::default() };
    let outputs = decode(&setup, &framed(&[0xDB, 8, 1, 2, 3, 4, 5, 6, 7, 8, 20]));
    let printed = format!("{setup:?} {:?} {outputs:?}", Session::new(setup.clone(), Instant(0)));
    for secret in ["90, 90", "165, 165", "5a5a", "5A5A", "a5a5", "A5A5"] {
        assert!(!printed.contains(secret), "{printed}");
    }
}
