//! KMP answers, and anything else that an optical head receives: Kamstrup's protocol description, 3 and 6.2.

use alloc::string::String;
use alloc::vec::Vec;

use super::Stage::{self, Structure};
use super::layout::{Layout, text};
use super::told::{Told, label, value};
use crate::crc::crc16_xmodem;
use crate::error::{Flaw, FrameError, ParseError};
use crate::kmp::frame::{ACKNOWLEDGEMENT, ESCAPE, REQUEST, START, STOP, unescape};
use crate::kmp::response::{
    GET_REGISTER, GET_SERIAL_NUMBER, GET_TYPE, METER_TYPE, SERIAL_NUMBER, SOFTWARE_REVISION,
};
use crate::register::RegisterId;

pub(super) fn frames(layout: &mut Layout<'_>, told: &mut Told<'_>) {
    while let Some(first) = layout.rest().first().copied() {
        let rest = layout.rest();
        let ends = |byte: &u8| matches!(*byte, START | REQUEST | STOP);
        let length = rest.iter().skip(1).position(ends).map_or(rest.len(), |end| end + 1);
        match first {
            START | REQUEST => frame(layout, length, told),
            ACKNOWLEDGEMENT => {
                layout.field(1, Stage::Framing, "acknowledgement");
            }
            _ => {
                layout.field(length, Stage::Unknown, "noise");
            }
        }
    }
}

/// Lays out an answer, or a request that the optical head echoed. `length` is the number of bytes before the stop byte.
fn frame(layout: &mut Layout<'_>, length: usize, told: &mut Told<'_>) {
    let is_answer = layout.rest().first() == Some(&START);
    let opened = layout.open(Stage::Framing, if is_answer { "answer" } else { "request" });
    layout.field(1, Stage::Framing, "start");
    let inside = layout.rest().get(..length - 1).unwrap_or_default();
    let body = if is_answer { answer } else { request };
    if inside.contains(&ESCAPE) && told.goes_deeper() {
        layout.field(inside.len(), Structure, "octets with escapes");
        let mut plain = Vec::new();
        if unescape(inside, &mut plain) {
            told.layer("Without escapes", &plain, body);
        } else {
            layout.doubt(FrameError::Malformed(Flaw::Escape));
        }
    } else {
        let outer = layout.bound(inside.len());
        body(layout, told);
        layout.unbound(outer);
    }
    if layout.rest().first() == Some(&STOP) {
        layout.field(1, Stage::Framing, "stop");
    } else {
        layout.doubt(FrameError::Truncated);
    }
    layout.close(opened);
}

fn request(layout: &mut Layout<'_>, told: &mut Told<'_>) {
    body(layout, told, |layout, _, _| {
        layout.field(usize::MAX, Structure, "requested data");
    });
}

fn answer(layout: &mut Layout<'_>, told: &mut Told<'_>) {
    body(layout, told, |layout, command, told| match command {
        GET_REGISTER => {
            while !layout.rest().is_empty() {
                register(layout, told);
            }
        }
        GET_TYPE => {
            of(layout, 2, "meter type", METER_TYPE, told);
            of(layout, 2, "software revision", SOFTWARE_REVISION, told);
        }
        GET_SERIAL_NUMBER => of(layout, 4, "serial number", SERIAL_NUMBER, told),
        other => {
            layout.doubt(ParseError::Unsupported(other));
            layout.unknown();
        }
    });
}

/// Lays out the address, the command, its data by means of `within`, and the CRC over all of these.
fn body(layout: &mut Layout<'_>, told: &mut Told<'_>, within: fn(&mut Layout<'_>, u8, &mut Told<'_>)) {
    let (covered, check) = layout.rest().split_last_chunk::<2>().unwrap_or((layout.rest(), &[0, 0]));
    let outer = layout.bound(covered.len());
    layout.whole(1, Stage::Framing, "address", FrameError::Truncated);
    let command = layout.whole(1, Structure, "CID", FrameError::Truncated).first().copied();
    if let Some(command) = command {
        layout.says(match command {
            GET_REGISTER => "GetRegister",
            GET_TYPE => "GetType",
            GET_SERIAL_NUMBER => "GetSerialNo",
            _ => "another command",
        });
        within(layout, command, told);
    }
    layout.unbound(outer);
    if !layout.rest().is_empty() {
        layout.check(2, "CRC", u16::from_be_bytes(*check), crc16_xmodem(covered));
    }
}

fn register(layout: &mut Layout<'_>, told: &mut Told<'_>) {
    let opened = layout.open(Structure, "register");
    let cut = ParseError::Truncated;
    let id = layout.whole(2, Stage::Name, "register id", cut);
    let id = id.try_into().map_or(0, u16::from_be_bytes);
    let measured = told.of(RegisterId::Kmp(id));
    let name = measured.as_ref().map_or_else(|| text(&RegisterId::Kmp(id)), label);
    layout.says(name.clone());
    layout.says_of(&opened, name);
    let unit = layout.whole(1, Structure, "unit", cut);
    layout.says(text(&unit.first().copied().unwrap_or_default()));
    let length = layout.whole(1, Structure, "length", cut).first().copied().unwrap_or_default();
    layout.says(text(&length));
    let exponent = layout.whole(1, Structure, "sign-exponent", cut).first().copied().unwrap_or_default();
    layout.says(power(exponent));
    layout.whole(length.into(), Stage::Value, "value", cut);
    if let Some(measured) = measured {
        layout.says(value(&measured));
    }
    layout.close(opened);
}

/// Lays out a value that the meter sends without a register number, and labels it as this register.
fn of(layout: &mut Layout<'_>, length: usize, name: &'static str, register: u16, told: &mut Told<'_>) {
    layout.whole(length, Stage::Value, name, ParseError::Truncated);
    if let Some(measured) = told.of(RegisterId::Kmp(register)) {
        layout.says(label(&measured) + ": " + &value(&measured));
    }
}

/// The factor of a value: sign of the mantissa, sign of the exponent, six bits of exponent (protocol description, 4.2).
fn power(exponent: u8) -> String {
    let mantissa = if exponent & 0x80 == 0 { "× 10^" } else { "-1 × 10^" };
    let sign = if exponent & 0x40 == 0 { "" } else { "-" };
    [mantissa, sign, &text(&(exponent & 0x3F))].concat()
}
