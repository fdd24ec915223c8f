//! Telegrams as received on a line, whole and damaged.

use super::*;
use crate::crc::crc16_x25;
use crate::frame::testing::{in_words, with_crc};
use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

fn telegram(body: &str) -> String {
    with_crc(&format!("/MTP5\\2TEST\r\n\r\n{body}!"))
}

fn hear(bytes: &str) -> Vec<String> {
    in_words::<Deframer>([bytes.as_bytes()], shown)
}

fn shown(frame: Frame<'_>) -> String {
    let check = if frame.checked { "checked" } else { "bare" };
    format!("{check}{}", if frame.cut { " cut" } else { "" })
}

#[test]
fn accepts_the_crc_in_every_notation() {
    let good = telegram("1-0:1.7.0(01.193*kW)\r\n");
    let length = good.len();
    assert_eq!(hear(&good), vec![format!("checked {length}")]);
    assert_eq!(hear(good.trim_end()), vec![format!("checked {}", length - 2)]);
    let (text, crc) = good.split_at(length - 6);
    assert_eq!(hear(&format!("{text}{}", crc.to_lowercase())), vec![format!("checked {length}")]);
    let short = (0..2000)
        .map(|n| telegram(&format!("1-0:1.7.0({n:05}*W)\r\n")))
        .find(|text| text.contains("!0") && !text.contains("!00"))
        .unwrap();
    let unpadded = short.replace("!0", "!");
    assert_eq!(hear(&unpadded), vec![format!("checked {}", short.len() - 1)]);
}

#[test]
fn versions_without_a_crc_are_unchecked_but_a_lost_crc_is_a_fault() {
    let good = telegram("1-0:1.7.0(01.193*kW)\r\n");
    let bare = format!("{}!\r\n", good.split('!').next().unwrap());
    assert_eq!(hear(&bare), vec![format!("bare {}", bare.len())]);
    assert_eq!(hear(bare.trim_end()), vec![format!("bare {}", bare.len() - 2)]);
    let lost = vec![format!("checked {}", good.len()), format!("frame.checksum-missing {}", bare.len())];
    assert_eq!(hear(&format!("{good}{bare}")), lost);
}

/// An identification contains no `!` (IEC 62056-21, 6.3.2); found by fuzzing.
#[test]
fn an_end_mark_before_the_first_line_end_begins_no_encrypted_telegram() {
    let bytes = b"/ABC!?\r\n\x00\x81\x06\x30\x00\x00\x00\x00\xAB";
    let heard = |pieces: usize| in_words::<Deframer>(bytes.chunks(pieces), shown).remove(0);
    assert!((1..=bytes.len()).all(|pieces| heard(pieces) == "frame.malformed 5"), "{}", heard(bytes.len()));
}

/// A maker's three letters follow a `/` (IEC 62056-21, 6.3.2); found by fuzzing.
#[test]
fn a_slash_without_a_flag_code_is_noise_in_any_pieces() {
    let bytes = b"/!\n\r5\r\n";
    let noise = |pieces: usize| {
        let heard = in_words::<Deframer>(bytes.chunks(pieces), shown);
        heard.iter().all(|heard| heard.starts_with("noise"))
    };
    assert!((1..=bytes.len()).all(noise));
}

/// IEC 62056-21, 6.3.2, forbids a `/` here, but makers print it.
#[test]
fn a_slash_inside_an_identification_begins_no_telegram() {
    let text = "/ISK5\\2M550T/1012\r\n\r\n1-0:1.7.0(01.193*kW)\r\n!";
    let good = with_crc(text);
    assert_eq!(hear(&good.repeat(2)), vec![format!("checked {}", good.len()); 2]);
    let bare = format!("{text}\r\n");
    assert_eq!(hear(&bare.repeat(2)), vec![format!("bare {}", bare.len()); 2]);
    // The beginning of one telegram, followed by a whole one.
    let cut = format!("/ISK5\\2M5{bare}");
    assert_eq!(hear(&cut), vec!["frame.truncated 9".into(), format!("bare {}", bare.len())]);
    let checked = format!("/ISK5\\2M5{good}");
    assert_eq!(hear(&checked), vec!["frame.truncated 9".into(), format!("checked {}", good.len())]);
}

#[test]
fn whole_lines_without_an_end_are_kept_if_no_crc_can_be_missing() {
    let old = "/MTP5TEST\r\n\r\n1-0:1.7.0(01.193*kW)\r\n";
    assert_eq!(hear(old), vec![format!("bare cut {}", old.len())]);
    let within = format!("{old}1-0:2.7.0(00.0");
    assert_eq!(hear(&within), vec![format!("frame.truncated {}", within.len())]);
    let newer = format!("{old}0-0:1.0.0(101209113020W)\r\n");
    assert_eq!(hear(&newer), vec![format!("frame.truncated {}", newer.len())]);
    let good = telegram("1-0:1.7.0(01.193*kW)\r\n");
    let cut = good.split('!').next().unwrap();
    assert_eq!(hear(&format!("{good}{cut}")).last(), Some(&format!("frame.truncated {}", cut.len())));
}

#[test]
fn holley_meters_compute_another_crc() {
    let text = "/HLY5TEST\r\n\r\n1-0:1.7.0(01.193*kW)\r\n!";
    let with = |crc: u16| format!("{text}{crc:04X}\r\n");
    assert_eq!(hear(&with(crc16_x25(text.as_bytes()))), vec![format!("checked {}", text.len() + 6)]);
    assert_eq!(hear(&with(crc16_arc(text.as_bytes()))), vec![format!("frame.checksum {}", text.len() + 6)]);
}

#[test]
fn a_deciphered_text_holds_one_telegram() {
    let good = telegram("1-0:1.7.0(01.193*kW)\r\n");
    let padded = format!("{good}\0\0");
    let (frame, fault) = whole(padded.as_bytes()).unwrap();
    assert_eq!((frame.bytes.len(), frame.checked, fault), (good.len() - 6, true, None));
    let (frame, fault) = whole(&good.as_bytes()[..good.len() - 6]).unwrap();
    assert_eq!((frame.checked, fault), (false, None));
    let damaged = good.replace("1.193", "1.194");
    assert!(matches!(whole(damaged.as_bytes()), Some((_, Some(FrameError::Checksum { .. })))));
    assert_eq!(whole(b"no telegram"), None);
    assert_eq!(whole(format!("{good}and more").as_bytes()), None);
}

#[test]
fn damage_loses_only_the_telegram_that_it_touches() {
    let good = telegram("1-0:1.7.0(01.193*kW)\r\n");
    let (half, whole) = (good.len() / 2, format!("checked {}", good.len()));
    let cut = format!("{}{good}", &good[..half]);
    assert_eq!(hear(&cut), vec![format!("frame.truncated {half}"), whole.clone()]);
    let flipped = format!("{}{good}", good.replace("1.193", "1.194"));
    assert_eq!(hear(&flipped), vec![format!("frame.checksum {}", good.len()), whole.clone()]);
    assert_eq!(hear(&format!("no/ise{good}")), vec!["noise 2".into(), "frame.truncated 4".into(), whole]);
}

/// An Iskra M551T at 7E1, received at 8N1.
#[test]
fn valid_parity_bits_are_stripped() {
    let good = telegram("1-0:1.7.0(01.193*kW)\r\n");
    let even = |byte: u8| byte | if byte.count_ones() % 2 == 1 { 0x80 } else { 0 };
    // In pieces, as a line delivers it.
    let hear = |bytes: &[u8]| in_words::<Deframer>(bytes.chunks(7), shown);
    let mut bytes: Vec<u8> = good.bytes().map(even).collect();
    let whole = format!("checked {}", good.len());
    assert_eq!(hear(&bytes), core::slice::from_ref(&whole));
    assert_eq!(hear(&[&b"\x81\xAF"[..], &bytes, &bytes].concat()), ["noise 2".into(), whole.clone(), whole]);
    bytes[20] ^= 0x80;
    assert_eq!(hear(&bytes), [format!("frame.malformed {}", good.len())]);
}

/// The CRC was computed with CR LF, so it proves how the line ends have changed.
#[test]
fn a_telegram_whose_line_ends_were_all_changed_passes_its_crc() {
    let good = telegram("1-0:1.7.0(01.193*kW)\r\n");
    for changed in ["\n", "\r\r\n"] {
        let text = good.replace("\r\n", changed);
        assert!(hear(&text)[0].starts_with("checked "), "{changed:?}");
        let flipped = text.replace("1.193", "1.194");
        assert!(hear(&flipped)[0].starts_with("frame.checksum "), "{changed:?}");
    }
    let one = good.replacen("\r\n", "\n", 1);
    assert_eq!(hear(&one), [format!("frame.checksum {}", one.len())]);
    let lines = |end: &str| good.trim_end().replace("\r\n", end);
    assert_eq!(hear(&lines("\n\n")), [format!("checked {}", lines("\n\n").len())]);
    assert_eq!(hear(&lines("\r")), [format!("checked {}", lines("\r").len())]);
}

/// Two flipped bits: one turns a `-` into `/`, and the CRC of the text after the `/` may be correct by chance.
#[test]
fn a_slash_without_a_flag_code_begins_no_telegram() {
    let inner = "/0:96.1.4(50217)\r\n1-0:1.7.0(01.193*kW)\r\n!";
    let text = format!("/MTP5\\2TEST\r\n\r\n0{inner}{:04X}\r\n", crc16_arc(inner.as_bytes()));
    assert_eq!(hear(&text), [format!("frame.checksum {}", text.len())]);
}

/// Found by libFuzzer: the result must not depend on whether more bytes follow.
#[test]
fn an_end_without_a_crc_has_the_line_ends_of_its_telegram() {
    let bare = "/MTP5\\2TEST\r\n\r\n1-0:1.7.0(01.193*kW)\r\n!\n";
    let refused = format!("frame.malformed {}", bare.len());
    assert_eq!(hear(bare), core::slice::from_ref(&refused));
    assert_eq!(hear(&format!("{bare}x")), [refused, "noise 1".into()]);
}

#[test]
fn an_end_mark_in_the_middle_of_a_telegram_is_damage() {
    let text = telegram("1-0:1.7.0(01.193*kW)\r\n").replace("TEST\r\n", "TES!\r\n");
    assert_eq!(hear(&text).first().map(String::as_str), Some("frame.malformed 13"));
    let two = telegram("1-0:1.7.0(01.193*kW)\r\n1-0:2.7.0(00.000*kW)\r\n").replace("1-0:2", "!\r0:2");
    assert_eq!(hear(&two).first().map(String::as_str), Some("frame.malformed 39"));
    let feed = "/MTP5\r\n1-0:1.7.0(1*kW)\r\n!\n";
    assert_eq!(hear(feed), ["frame.malformed 26"]);
    assert_eq!(hear(&format!("{feed}more")), ["frame.malformed 26", "noise 4"]);
}

#[test]
fn a_telegram_without_end_is_dropped_at_the_limit() {
    let endless = format!("/MTP5\r\n{}", "1".repeat(LONGEST));
    assert_eq!(hear(&endless), [format!("frame.too-long {LONGEST}"), "noise 7".into()]);
}
