//! DLMS payloads: ciphered, blocks of a transfer, or a notification of A-XDR values (IEC 62056-5-3, 8 and IEC
//! 62056-6-2, 4.1.5).
//!
//! The decoder makes registers of the values in a list, in the same order. So the first value that equals the next
//! register is the value of that register.

use alloc::collections::VecDeque;
use alloc::string::String;
use alloc::vec::Vec;

use super::Stage::{self, Structure};
use super::cipher;
use super::layout::{Layout, printed, text};
use super::told::{Told, label, value};
use crate::cipher::is_ciphered;
use crate::dlms::apdu::{self, DATA_NOTIFICATION, DATE_TIME, EVENT_NOTIFICATION, date_time};
use crate::dlms::axdr::{Datum, List, Reader};
use crate::dlms::object_list::{Objects, obis};
use crate::dlms::tag::STRUCTURE;
use crate::dlms::{block, list};
use crate::error::{Flaw, FrameError, ParseError};
use crate::hex;
use crate::register::{Obis, RawTime, Register, RegisterId, Value};

pub(super) fn payload(layout: &mut Layout<'_>, told: &mut Told<'_>) {
    let bytes = layout.rest();
    if is_ciphered(bytes) {
        if let Some(plain) = cipher::ciphered(layout, told) {
            told.layer("Deciphered", &plain, payload);
        }
    } else if block::is_block(bytes) {
        part(layout, told);
    } else {
        notification(layout, told);
    }
}

/// Lays out a block of a general block transfer.
fn part(layout: &mut Layout<'_>, told: &mut Told<'_>) {
    let opened = layout.open(Structure, "general-block-transfer");
    let cut = FrameError::Truncated;
    layout.field(1, Structure, "service");
    let control = layout.whole(1, Structure, "block control", cut);
    let is_last = control.first().is_some_and(|control| control & 0x80 != 0);
    layout.says(if is_last { "last block" } else { "more blocks follow" });
    let number = layout.whole(2, Structure, "block number", cut);
    let number = number.try_into().map_or(0, u16::from_be_bytes);
    layout.says(text(&number));
    if number != told.count + 1 {
        layout.doubt(FrameError::Malformed(Flaw::OutOfSequence));
    }
    layout.whole(2, Structure, "block number acknowledged", cut);
    let length = cipher::length(layout, "block length");
    let block = layout.whole(length, Structure, "block", cut);
    layout.close(opened);
    told.count = number.min(u16::MAX - 1);
    told.blocks.extend_from_slice(block);
    if is_last {
        let joined = core::mem::take(&mut told.blocks);
        told.count = 0;
        told.layer("Joined from blocks", &joined, payload);
    }
}

/// Lays out a notification, or the bare list that some meters send.
fn notification(layout: &mut Layout<'_>, told: &mut Told<'_>) {
    let bytes = layout.rest();
    let Some(tag) = bytes.first() else { return };
    let parsed = apdu::parse(bytes, told.zone);
    let name = match *tag {
        DATA_NOTIFICATION => "data-notification",
        EVENT_NOTIFICATION => "event-notification-request",
        _ => "list",
    };
    let opened = layout.open(Structure, name);
    let header = parsed.as_ref().map_or(usize::MAX, |notification| notification.header);
    let outer = layout.bound(header);
    match *tag {
        DATA_NOTIFICATION => {
            layout.field(1, Structure, "service");
            layout.whole(4, Structure, "long-invoke-id-and-priority", ParseError::Truncated);
            moment(layout, told);
        }
        EVENT_NOTIFICATION => {
            layout.field(1, Structure, "service");
            let is_there = layout.whole(1, Structure, "time given", ParseError::Truncated);
            if is_there.first().is_some_and(|flag| *flag != 0) {
                moment(layout, told);
            }
            layout.whole(2, Structure, "class_id", ParseError::Truncated);
            let name = layout.whole(6, Stage::Name, "logical name", ParseError::Truncated);
            if let Ok(name) = name.try_into() {
                layout.says(text(&Obis(name)));
            }
            layout.whole(1, Structure, "attribute", ParseError::Truncated);
        }
        _ => {}
    }
    if let Err(error) = &parsed {
        layout.field(1, Structure, "service");
        layout.doubt(*error);
    }
    layout.unbound(outer);
    if let Ok(notification) = parsed {
        let mut body = notification.body;
        let mut registers = Vec::new();
        list::registers(notification, told.zone, &mut registers);
        let mut walk = Walk { told, registers: registers.into(), is_named: false };
        if walk.datum(layout, &mut body).is_none()
            && let Some(fault) = body.fault()
        {
            layout.unknown();
            layout.doubt(fault);
        }
    }
    layout.unknown();
    layout.close(opened);
}

/// Lays out the time of a notification, an octet string that may be empty. Kaifa's meters send the tag of the
/// octet string before its length.
fn moment(layout: &mut Layout<'_>, told: &Told<'_>) {
    if layout.rest().starts_with(&[9, 12]) {
        layout.field(1, Structure, "octet-string");
    }
    let length = cipher::length(layout, "date-time length");
    let bytes = layout.whole(length, Stage::Value, "date-time", ParseError::Truncated);
    if !bytes.is_empty() {
        layout.says(stamp(bytes, told).unwrap_or_else(|| printed(bytes)));
    }
}

fn stamp(bytes: &[u8], told: &Told<'_>) -> Option<String> {
    match date_time(bytes, told.zone)? {
        RawTime::Valid(time) => Some(text(&time)),
        RawTime::Invalid => Some("not a valid time".into()),
    }
}

/// A walk through the values of a list, with the registers made from them.
struct Walk<'w, 's> {
    told: &'w mut Told<'s>,
    registers: VecDeque<Register>,
    /// Whether the name of the next value was seen.
    is_named: bool,
}

impl Walk<'_, '_> {
    /// Lays out a value with everything in it.
    fn datum(&mut self, layout: &mut Layout<'_>, reader: &mut Reader<'_>) -> Option<()> {
        let (before, has_tag) = (reader.position(), !reader.ahead().is_empty());
        let datum = reader.next()?;
        let length = reader.position() - before;
        let Datum::List(list) = datum else {
            self.scalar(layout, datum, length, has_tag);
            return Some(());
        };
        let name = type_name(layout.rest().first().copied().filter(|_| has_tag).unwrap_or(STRUCTURE));
        let opened = layout.open(Structure, name);
        layout.says_of(&opened, text(&list.elements) + " elements");
        if has_tag {
            layout.field(1, Structure, "type");
            layout.says(name);
        }
        let has_description = name == COMPACT_ARRAY;
        let head = if has_description { "type description" } else { "number of elements" };
        layout.field(length.saturating_sub(usize::from(has_tag)), Structure, head);
        let walked = self.elements(layout, reader, list);
        layout.close(opened);
        walked
    }

    fn elements<'a>(
        &mut self,
        layout: &mut Layout<'_>,
        reader: &mut Reader<'a>,
        list: List<'a>,
    ) -> Option<()> {
        if let Some((scaler, unit)) = reader.scaler_unit(list) {
            layout.field(1, Structure, "integer");
            layout.field(1, Structure, "scaler");
            layout.says(text(&scaler));
            layout.field(1, Structure, "enum");
            layout.field(1, Structure, "unit");
            layout.says(text(&unit));
            return Some(());
        }
        let describes = Objects::at(reader, list).is_some();
        reader.elements(list, |reader, at| {
            if at > 0 || !describes {
                return self.datum(layout, reader);
            }
            // The push object list describes the other elements, and contains no register.
            let registers = core::mem::take(&mut self.registers);
            let walked = self.datum(layout, reader);
            self.registers = registers;
            walked
        })
    }

    fn scalar(&mut self, layout: &mut Layout<'_>, datum: Datum<'_>, length: usize, has_tag: bool) {
        let bytes = match datum {
            Datum::Octets(bytes) | Datum::Text(bytes) => bytes.len(),
            _ => length.saturating_sub(usize::from(has_tag)),
        };
        let tag = layout.rest().first().copied().filter(|_| has_tag);
        // Sagemcom's XT211 sends class, name and attribute without types: nine bytes with a name of six bytes in the
        // middle. They begin with a zero byte; an octet string begins with its tag, which is not zero.
        let is_descriptor = (tag, bytes, length) == (Some(0), 6, 9);
        if is_descriptor {
            layout.field(2, Structure, "class_id");
        } else {
            if let Some(tag) = tag {
                layout.field(1, Structure, "type");
                layout.says(type_name(tag));
            }
            layout.field(length.saturating_sub(bytes + usize::from(has_tag)), Structure, "length");
        }
        self.value(layout, datum, bytes);
        if is_descriptor {
            layout.field(1, Structure, "attribute");
        }
    }

    /// Lays out a value without its type and length.
    fn value(&mut self, layout: &mut Layout<'_>, datum: Datum<'_>, length: usize) {
        if self.registers.front().is_some_and(|register| is_of(register, datum)) {
            self.registers.pop_front();
            // Nulls and empty strings have no bytes of their own: the field before them gets the value.
            layout.field(length, Stage::Value, "value");
            layout.says(match self.told.next() {
                Some(measured) if self.is_named => value(&measured),
                Some(measured) => label(&measured) + ": " + &value(&measured),
                None => raw(datum, self.told),
            });
            self.is_named = false;
            return;
        }
        let name = match datum {
            Datum::Octets(bytes) => obis(bytes),
            _ => None,
        };
        if let Some(name) = name {
            layout.field(length, Stage::Name, "logical name");
            let next = self.told.ahead().filter(|ahead| ahead.register == RegisterId::Obis(name));
            layout.says(next.map_or_else(|| text(&name), label));
            self.is_named = true;
        } else if length > 0 {
            layout.field(length, Stage::Value, "value");
            layout.says(raw(datum, self.told));
        }
    }
}

/// Whether the register was made from this value.
fn is_of(register: &Register, datum: Datum<'_>) -> bool {
    let counts = |number: i128| matches!(register.value, Value::Number(own) if own.mantissa == number);
    match (datum, &register.value) {
        (Datum::Integer(number), _) => counts(number.into()),
        (Datum::Unsigned(number) | Datum::Enum(number), _) => counts(number.into()),
        (Datum::Delta(_), Value::Text(_)) | (Datum::Float(_), _) => true,
        (Datum::Null, Value::Text(text)) => text.is_empty() && register.time.is_none(),
        // A clock's register keeps only the time, not the bytes.
        (Datum::Octets(bytes), Value::Text(text)) if text.is_empty() => {
            bytes.len() == usize::from(DATE_TIME) && register.time.is_some()
        }
        (Datum::Octets(bytes) | Datum::Text(bytes), Value::Text(text)) => text.as_bytes() == bytes,
        (Datum::Octets(bytes) | Datum::Text(bytes), Value::Octets(kept)) => **kept == *bytes,
        _ => false,
    }
}

fn raw(datum: Datum<'_>, told: &Told<'_>) -> String {
    match datum {
        Datum::Null => String::new(),
        Datum::Integer(number) | Datum::Delta(number) => text(&number),
        Datum::Unsigned(number) | Datum::Enum(number) => text(&number),
        Datum::Float(bytes) => hex::lower(bytes),
        Datum::Octets(bytes) => stamp(bytes, told).unwrap_or_else(|| printed(bytes)),
        Datum::Text(bytes) => printed(bytes),
        Datum::List(list) => text(&list.elements),
    }
}

/// The name of a type in IEC 62056-6-2, 4.1.5.
fn type_name(tag: u8) -> &'static str {
    match tag {
        0 => "null-data",
        1 => "array",
        STRUCTURE => "structure",
        3 => "boolean",
        4 => "bit-string",
        5 => "double-long",
        6 => "double-long-unsigned",
        9 => "octet-string",
        10 => "visible-string",
        12 => "utf8-string",
        13 => "bcd",
        15 => "integer",
        16 => "long",
        17 => "unsigned",
        18 => "long-unsigned",
        19 => COMPACT_ARRAY,
        20 => "long64",
        21 => "long64-unsigned",
        22 => "enum",
        23 => "float32",
        24 => "float64",
        25 => "date-time",
        26 => "date",
        27 => "time",
        28..=33 => "delta",
        0xFF => "dont-care",
        _ => "unknown type",
    }
}

const COMPACT_ARRAY: &str = "compact-array";
