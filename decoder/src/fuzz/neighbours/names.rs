//! Neighbours of meters' identifications: numbers in any register, spelling and order.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::Choices;
use crate::fuzz::read_from;
use crate::harmonise::{Known, Origin};
use crate::hex;
use crate::identity::is_same_meter;
use crate::reading::{Integrity, Protocol};
use crate::register::{RawUnit, Register, RegisterId, Value};
use crate::time::Zone;

/// Writes registers, and checks the meter's name in the reading. At most one register contains the number; the others
/// are empty or contain only padding.
pub(super) fn identification(choices: &mut Choices<'_>) {
    let protocol = choices.of(PROTOCOLS);
    let protocol = PROTOCOLS_OF.get(protocol).copied().unwrap_or(Protocol::P1);
    let letters = choices.of(&["", "", "E", "1EMH", "ISK"]);
    let number = format!("{letters}{}", digits(choices));
    let codes: &[&str] = match protocol {
        Protocol::Iec62056 => &["0.0.0", "0.0.9", "1-0:0.0.0", "C.1.0", "0.0.1"],
        _ => &["0-0:96.1.1", "1-0:96.1.0", "0-0:96.1.0", "1-0:0.0.0", "1-1:0.0.1", "1-1:0.0.5", "0-0:42.0.0"],
    };
    let (first, count) = (choices.below(codes.len()), 1 + choices.below(3));
    let holder = choices.below(count + 1);
    let mut registers = Vec::new();
    for place in 0..count {
        let code = codes.get((first + place) % codes.len()).copied().unwrap_or_default();
        let Ok(id) = code.parse::<RegisterId>() else { return };
        let value = if place == holder { filled(choices, &number, protocol) } else { empty(choices) };
        registers.push(Register { id, value, unit: RawUnit::None, time: None });
    }
    let said = format!("{registers:?}");
    let zone = Zone::default();
    let origin = Origin { protocol, integrity: Integrity::Checked, announced: None, time: None, zone };
    let reading = read_from(Known::default(), origin, registers);
    match &reading.meter {
        Some(name) => assert!(holder < count && is_same_meter(name, &number), "{name} of {said}"),
        None => assert_eq!(holder, count, "{number} is not in {said}"),
    }
}

/// Eight digits; the last one is not zero.
fn digits(choices: &mut Choices<'_>) -> String {
    format!("{}{}", String::from_utf8(choices.digits(7)).unwrap_or_default(), 1 + choices.below(9))
}

/// The number in one of the spellings that this protocol uses.
fn filled(choices: &mut Choices<'_>, number: &str, protocol: Protocol) -> Value {
    let padding = choices.of(&["", "", " ", "    "]);
    let text = if choices.one_in(2) { format!("{padding}{number}") } else { format!("{number}{padding}") };
    let nuls = [0; 8];
    let bytes = [text.as_bytes(), nuls.get(..choices.below(9)).unwrap_or_default()].concat();
    match protocol {
        Protocol::P1 if choices.one_in(2) => Value::Text(hex::upper(&bytes).to_ascii_lowercase().into()),
        Protocol::DlmsHdlc | Protocol::Sml if choices.one_in(2) => Value::Octets(bytes.into()),
        _ => Value::Text(text.into()),
    }
}

/// The content of a register that was never filled.
fn empty(choices: &mut Choices<'_>) -> Value {
    let text = choices.of(&["", "0", "00000000", "        ", " 000 ", "0000000000000000000000000000000000"]);
    if choices.one_in(3) { Value::Octets(text.as_bytes().into()) } else { Value::Text(text.into()) }
}

const PROTOCOLS: &[usize] = &[0, 1, 2, 3];
const PROTOCOLS_OF: [Protocol; 4] = [Protocol::P1, Protocol::DlmsHdlc, Protocol::Sml, Protocol::Iec62056];
