//! Modbus frames (Modbus Application Protocol 1.1b3, 6). Only the question states which registers an answer contains.
//! The values that the session found in an answer show how to divide its bytes.

use super::Stage;
use super::layout::Layout;
use super::told::{Told, label, value};
use crate::crc::crc16_modbus;
use crate::emi;
use crate::hex;
use crate::modbus::frame::{REFUSED, whole};
use crate::reading::Measurement;
use crate::register::RegisterId;

/// Lays out consecutive questions and answers, and the noise between them.
pub(super) fn frames(layout: &mut Layout<'_>, told: &mut Told<'_>, is_noise: bool) {
    while !layout.rest().is_empty() {
        let rest = layout.rest();
        let frame_at = |at: &usize| rest.get(*at..).is_some_and(|behind| whole(behind).is_some());
        match whole(rest) {
            Some((length, is_question)) => {
                let outer = layout.bound(length);
                frame(layout, told, is_question);
                layout.unbound(outer);
            }
            None if is_noise => {
                let length = (1..rest.len()).find(frame_at).unwrap_or(rest.len());
                layout.field(length, Stage::Unknown, "noise");
            }
            None => frame(layout, told, false),
        }
    }
}

fn frame(layout: &mut Layout<'_>, told: &mut Told<'_>, is_question: bool) {
    let bytes = layout.rest();
    let opened = layout.open(Stage::Framing, if is_question { "question" } else { "answer" });
    layout.field(1, Stage::Framing, "address");
    let function = layout.field(1, Stage::Structure, "function").first().copied().unwrap_or_default();
    layout.says(hex::lower(&[function]));
    let body = bytes.len().saturating_sub(4);
    if function & REFUSED != 0 {
        layout.field(body, Stage::Value, "exception");
    } else if is_question {
        let first = layout.field(body.min(2), Stage::Name, "first register");
        let says = hex::lower(first);
        if !first.is_empty() {
            layout.says(says);
        }
        layout.field(body.saturating_sub(2), Stage::Structure, "number of registers");
    } else if body > 0 {
        layout.field(1, Stage::Structure, "octet count");
        let outer = layout.bound(body - 1);
        registers(layout, told);
        layout.unbound(outer);
    }
    let (covered, check) =
        bytes.split_last_chunk::<2>().map_or((bytes, [0; 2]), |(body, check)| (body, *check));
    layout.check(2, "CRC", u16::from_le_bytes(check), crc16_modbus(covered));
    layout.close(opened);
}

fn registers(layout: &mut Layout<'_>, told: &mut Told<'_>) {
    while let Some(measured) = told.next() {
        let length = told.ahead().and_then(|next| bytes_of(&measured, next)).unwrap_or(layout.rest().len());
        let opened = layout.open(Stage::Structure, "register");
        layout.says_of(&opened, label(&measured));
        layout.field(length, Stage::Value, "value");
        layout.says(value(&measured));
        layout.close(opened);
    }
    layout.field(layout.rest().len(), Stage::Unknown, "unknown octets");
}

/// The number of bytes of a value. The next value's address tells it, or for EMI meters the register's name.
fn bytes_of(measured: &Measurement, next: &Measurement) -> Option<usize> {
    match (measured.register, next.register) {
        (RegisterId::Modbus { address, .. }, RegisterId::Modbus { address: next, .. }) => {
            Some(2 * usize::from(next.checked_sub(address)?))
        }
        (RegisterId::Obis(name), _) => emi::octets_of(name, measured.time.is_some()),
        _ => None,
    }
}
