//! A meter's number does not leave the page, wherever a telegram contains it and in any notation. The telegrams are
//! invented: no known meter sends them.

use std::collections::BTreeSet;

use metertap_decoder::crc::crc16_arc;
use metertap_decoder::hex;
use metertap_decoder::session::Setup;
use metertap_decoder::stack::Stack;
use metertap_tests::leaks::Case;
use metertap_tests::spelled::spellings;
use proptest::prelude::*;
use proptest::sample::select;

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn nothing_leaves_with_a_p1_telegram_or_a_readout(
        number in "[A-Z]{0,4}[0-9]{6,12}",
        spelling in select(SPELLINGS),
        place in select(PLACES),
        (code, is_hex) in select(IDENTIFICATIONS),
        (before, behind) in select(AROUND),
        id_comes_first: bool,
        stack in select(vec![Stack::P1, Stack::Iec62056]),
    ) {
        prop_assume!(is_number(&number));
        let (head, line) = place(&format!("{before}{}{behind}", spelling(&number)));
        let id = format!("{code}({})", if is_hex { hex(&number) } else { number.clone() });
        let mut lines = vec!["1-0:1.8.1(000812.421*kWh)".to_owned(), line];
        lines.insert(if id_comes_first { 0 } else { 2 }, id);
        let head = head.unwrap_or_else(|| r"\2MT382-1000".into());
        stays_at_home(stack, telegram(stack, &head, &lines), number)?;
    }

    /// Eight or more digits in the place of the model are treated as the meter's number, even if no register contains
    /// them. The exception is `53769484_A` and similar texts, which all meters of Fluvius send.
    #[test]
    fn nothing_leaves_with_an_identification_line(
        number in "[1-9][0-9]{7,11}",
        (before, behind) in select(AROUND),
        stack in select(vec![Stack::P1, Stack::Iec62056]),
    ) {
        prop_assume!(is_number(&number) && !(number.starts_with("53") && behind == "_A"));
        let lines = ["1-0:1.8.1(000812.421*kWh)".to_owned()];
        stays_at_home(stack, telegram(stack, &format!("{before}{number}{behind}"), &lines), number)?;
    }

    /// The number comes as a text, forwards or backwards, as BCD digits in either byte order, or as an integer. The
    /// maker's own data at the end of the telegram contain it too.
    #[test]
    fn nothing_leaves_with_an_mbus_telegram(
        number in "[1-9][0-9]{7}",
        vif in select(vec![&[0xFD, 0x0C][..], &[0xFD, 0x0F], &[0xFD, 0x11], &[0x78], &[0x79], &[0xFD, 0x3B]]),
        (before, behind) in select(AROUND),
        coding in 0..5,
    ) {
        prop_assume!(is_number(&number));
        let digits = binary_digits(&number);
        let spelled = format!("{before}{number}{behind}").into_bytes();
        let text = |text: &[u8]| [&[u8::try_from(text.len()).unwrap()], text].concat();
        let (dif, data) = match coding {
            0 => (0x0D, text(&backwards(&spelled))),
            1 => (0x0D, text(&spelled)),
            2 => (0x0C, backwards(&digits)),
            3 => (0x04, number.parse::<u32>().unwrap().to_le_bytes().to_vec()),
            _ => (0x0C, digits.clone()),
        };
        let address = [&backwards(&digits)[..], &[0x2D, 0x2C, 1, 4, 0, 0, 0, 0]].concat();
        let volume = [0x0C, 0x13, 0x78, 0x21, 0, 0];
        let makers_own = [&[0x0F][..], &backwards(&digits), &digits, &spelled].concat();
        let body = [&[0x08, 1, 0x72][..], &address, &volume, &[dif], vif, &data, &makers_own].concat();
        let length = u8::try_from(body.len()).unwrap();
        let sum = body.iter().fold(0, |sum: u8, byte| sum.wrapping_add(*byte));
        let frame = [&[0x68, length, length, 0x68][..], &body, &[sum, 0x16]].concat();
        stays_at_home(Stack::Mbus, frame, number)?;
    }

    /// The telegram is a data-notification of register names and values (IEC 62056-5-3, 8.3), without a link layer.
    #[test]
    fn nothing_leaves_with_a_dlms_notification(
        number in "[A-Z]{0,3}[1-9][0-9]{7,15}",
        register in select(vec![[0, 0, 96, 13, 0, 255], [1, 0, 0, 2, 0, 255], [1, 1, 96, 1, 1, 255], [0, 1, 96, 1, 0, 255]]),
        id in select(vec![[0, 0, 96, 1, 0, 255], [0, 0, 42, 0, 0, 255], [1, 1, 0, 0, 5, 255], [1, 1, 0, 0, 1, 255]]),
        (before, behind) in select(AROUND),
        coding in 0..7,
    ) {
        prop_assume!(is_number(&number));
        let text = format!("{before}{number}{behind}").into_bytes();
        let digits = binary_digits(number.trim_start_matches(|letter: char| letter.is_ascii_uppercase()));
        let value = match coding {
            0 => text,
            1 => backwards(&text),
            2 => hex(&number).into_bytes(),
            3 => digits,
            4 => backwards(&digits),
            5 => [&digits[..], &[0xFF]].concat(),
            _ => [number.as_bytes(), &[0, 0, 0]].concat(),
        };
        let said = |name: [u8; 6], value: &[u8]| {
            [&[2, 2, 9, 6][..], &name, &[9, u8::try_from(value.len()).unwrap()], value].concat()
        };
        let power = [&[2, 2, 9, 6, 1, 0, 1, 7, 0, 255][..], &[6, 0, 0, 5, 0x64]].concat();
        let list = [said(id, number.as_bytes()), said(register, &value), power].concat();
        let bytes = [&[0x0F, 0x40, 0, 0, 0, 0, 2, 3][..], &list].concat();
        stays_at_home(Stack::RawDlms, bytes, number)?;
    }
}

fn stays_at_home(stack: Stack, bytes: Vec<u8>, number: String) -> Result<(), TestCaseError> {
    let (name, setup) = (String::from_utf8_lossy(&bytes).into_owned(), Setup { stack, ..Setup::default() });
    let leaks = Case { name, setup, bytes }.leaks_of(&BTreeSet::from([number]));
    prop_assert!(leaks.searched, "nothing was read");
    prop_assert!(leaks.found.is_empty(), "{}", leaks.found.join("\n"));
    Ok(())
}

/// A telegram with an identification line, data lines and a CRC (DSMR 5.0.2, 5.2). A readout has no CRC, and here no
/// block check either (IEC 62056-21, 6.5).
fn telegram(stack: Stack, head: &str, lines: &[String]) -> Vec<u8> {
    let text = format!("/AUX5{head}\r\n\r\n{}\r\n!", lines.join("\r\n"));
    let end = if stack == Stack::P1 { format!("{:04X}", crc16_arc(text.as_bytes())) } else { String::new() };
    format!("{text}{end}\r\n").into_bytes()
}

/// Whether the number is long enough and has several different digits. A number of zeros would be found anywhere, even
/// in the text that replaces a number.
fn is_number(text: &str) -> bool {
    let digits: BTreeSet<u8> = text.bytes().filter(|byte| matches!(byte, b'1'..=b'9')).collect();
    digits.len() >= 4 && !spellings(text).is_empty()
}

fn hex(text: &str) -> String {
    hex::upper(text.as_bytes())
}

fn backwards(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().rev().copied().collect()
}

fn binary_digits(number: &str) -> Vec<u8> {
    let even = format!("{}{number}", if number.len() % 2 == 1 { "0" } else { "" });
    even.as_bytes().chunks(2).map(|pair| (pair[0] & 15) << 4 | pair[1] & 15).collect()
}

fn grouped(text: &str, by: usize, gap: &str) -> String {
    text.as_bytes().chunks(by).map(|group| str::from_utf8(group).unwrap()).collect::<Vec<_>>().join(gap)
}

type Spelling = fn(&str) -> String;
type Leak = fn(&str) -> (Option<String>, String);

const SPELLINGS: &[Spelling] = &[
    |number| number.into(),
    |number| number.to_lowercase(),
    |number| hex(number),
    |number| hex(number).to_lowercase(),
    |number| grouped(number, 2, " "),
    |number| grouped(number, 4, "  "),
    |number| grouped(number, 3, "-"),
    |number| hex(&grouped(number, 4, " ")),
    |number| grouped(&hex(number), 2, " "),
    |number| number.chars().rev().collect(),
    |number| hex(&number.chars().rev().collect::<String>()),
    |number| number.trim_start_matches(|letter: char| !letter.is_ascii_digit() || letter == '0').into(),
    |number| format!("000{number}"),
];

/// The text in the place of the model, if it is not the usual one, and a data line.
const PLACES: &[Leak] = &[
    |spelled| (Some(spelled.into()), "0-0:96.14.0(0001)".into()),
    |spelled| (Some(format!(r"\2{spelled}")), "0-0:96.14.0(0001)".into()),
    |spelled| (Some(format!(r"\{spelled}")), "0-0:96.14.0(0001)".into()),
    |spelled| (None, format!("0-0:96.13.0({spelled})")),
    |spelled| (None, format!("0-0:96.13.1({})", hex(spelled))),
    |spelled| (None, format!("0-0:77.1.0({spelled})")),
    |spelled| (None, format!("1-0:0.2.0({spelled})")),
    |spelled| (None, format!("0-0:96.1.4({spelled})")),
    |spelled| (None, format!("0-0:96.1.7({spelled})")),
    |spelled| (None, format!("0-0:96.14.0({spelled})")),
    |spelled| (None, format!("0-0:1.0.0({spelled})")),
    |spelled| (None, format!("C.90({spelled})")),
    |spelled| (None, format!("{}(1)", grouped(spelled, 16, "(1)\r\n"))),
    |spelled| (None, format!("0-1:96.1.0({})", hex(spelled))),
    |spelled| (None, format!("0-2:96.1.1({spelled})")),
    |spelled| (None, format!("0-3:24.1.0({spelled})")),
    |spelled| (None, format!("0-4:96.1.2({spelled})")),
    |spelled| (None, format!("1-0:99.97.0(1)(0-0:96.7.19)(230817171430S)({spelled})")),
    |spelled| (None, format!("1-0:77.7.0({spelled}*foo)")),
];

/// The registers in which a telegram contains the number itself, and whether as hex digits.
const IDENTIFICATIONS: &[(&str, bool)] = &[
    ("0-0:96.1.1", true),
    ("0-0:96.1.0", false),
    ("0-0:42.0.0", false),
    ("1-1:0.0.1", false),
    ("0-0:96.1.9", true),
    ("C.1.0", false),
    ("0.0.0", false),
];

const AROUND: &[(&str, &str)] = &[("", ""), ("SN", ""), ("Q3D-", " V3"), ("No. ", ";"), ("", "_A")];
