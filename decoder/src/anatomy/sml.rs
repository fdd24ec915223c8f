//! SML files: transport version 1 (SML 1.04, clause 8), and their messages (clauses 5 and 6).

use alloc::string::String;
use alloc::vec::Vec;

use super::Stage::{self, Structure};
use super::layout::{Layout, printed, text};
use super::told::{Told, label, value};
use crate::error::{FrameError, ParseError};
use crate::reading::Measurement;
use crate::sml::field::{Field, Fields, LIST, signed, unsigned};
use crate::sml::frame::{Check, ESCAPE, SEQUENCE, unescape};
use crate::sml::message::{GET_LIST_RESPONSE, NO_LIST};

pub(super) fn file(layout: &mut Layout<'_>, told: &mut Told<'_>) {
    let bytes = layout.rest();
    layout.field(ESCAPE.len(), Stage::Framing, "escape sequence");
    layout.field(4, Stage::Framing, "version 1 begins");
    let (length, has_escapes) = within(layout.rest());
    if has_escapes && told.goes_deeper() {
        let escaped = layout.field(length, Structure, "messages with escapes");
        let mut plain = Vec::new();
        unescape(escaped, &mut plain);
        told.layer("Without escapes", &plain, messages);
    } else {
        let outer = layout.bound(length);
        messages(layout, told);
        layout.unbound(outer);
    }
    if layout.rest().len() < SEQUENCE {
        layout.unknown();
        return layout.doubt(FrameError::Truncated);
    }
    layout.field(ESCAPE.len(), Stage::Framing, "escape sequence");
    layout.field(1, Stage::Framing, "end of file");
    let fill = layout.field(1, Stage::Framing, "fill octets");
    layout.says(text(&fill.first().copied().unwrap_or_default()));
    let covered = bytes.get(..bytes.len() - layout.rest().len()).unwrap_or_default();
    check(layout, 2, covered);
    layout.unknown();
}

fn messages(layout: &mut Layout<'_>, told: &mut Told<'_>) {
    while layout.rest().iter().any(|byte| *byte != 0) {
        let before = layout.at;
        message(layout, told);
        if layout.at == before {
            break;
        }
    }
    let is_fill = layout.rest().iter().all(|byte| *byte == 0);
    layout.field(usize::MAX, if is_fill { Structure } else { Stage::Unknown }, "fill");
}

fn message(layout: &mut Layout<'_>, told: &mut Told<'_>) {
    let opened = layout.open(Structure, "message");
    if parts(layout, told).is_none() {
        layout.unknown();
        layout.doubt(ParseError::Truncated);
    }
    layout.close(opened);
}

fn parts(layout: &mut Layout<'_>, told: &mut Told<'_>) -> Option<()> {
    let (bytes, begin) = (layout.rest(), layout.at);
    head(layout, "type and length", 6)?;
    for name in ["transactionId", "groupNo", "abortOnError"] {
        any(layout, name, DEEPEST)?;
    }
    head(layout, "messageBody", 2)?;
    let kind = any(layout, "type of message", DEEPEST)?;
    let (name, names): (_, &[&'static str]) = match kind {
        Some(OPEN_RESPONSE) => ("getOpenResponse", &OPEN),
        Some(CLOSE_RESPONSE) => ("getCloseResponse", &["globalSignature"]),
        Some(GET_LIST_RESPONSE) => ("getListResponse", &[]),
        _ => ("another message", &[]),
    };
    layout.says(name);
    if kind == Some(GET_LIST_RESPONSE) {
        list(layout, told)?;
    } else {
        layout.doubt(ParseError::Unsupported(NO_LIST));
        named(layout, names)?;
    }
    let covered = bytes.get(..layout.at - begin).unwrap_or_default();
    let head = layout.rest().first().copied()?;
    layout.field(1, Structure, "type and length");
    check(layout, usize::from(head & 0x0F).saturating_sub(1), covered);
    layout.whole(1, Stage::Framing, "endOfSmlMsg", ParseError::Truncated).first().map(|_| ())
}

fn list(layout: &mut Layout<'_>, told: &mut Told<'_>) -> Option<()> {
    head(layout, "type and length", 7)?;
    for name in ["clientId", "serverId", "listName", "actSensorTime"] {
        any(layout, name, DEEPEST)?;
    }
    match Fields::new(layout.rest()).next() {
        Ok(Field::List(entries)) => {
            let opened = layout.open(Structure, "valList");
            layout.says_of(&opened, text(&entries) + " values");
            let walked = token(layout, "type and length")
                .and_then(|_| (0..entries).try_for_each(|_| entry(layout, told.next().as_ref())));
            layout.close(opened);
            walked?;
        }
        _ => {
            any(layout, "valList", DEEPEST)?;
        }
    }
    any(layout, "listSignature", DEEPEST)?;
    any(layout, "actGatewayTime", DEEPEST).map(|_| ())
}

fn entry(layout: &mut Layout<'_>, measured: Option<&Measurement>) -> Option<()> {
    let opened = layout.open(Structure, "valListEntry");
    if let Some(measured) = measured {
        layout.says_of(&opened, label(measured));
    }
    let mut walk = || {
        head(layout, "type and length", 7)?;
        let names = ["objName", "status", "valTime", "unit", "scaler", "value", "valueSignature"];
        for name in names {
            any(layout, name, DEEPEST)?;
            match (name, measured) {
                ("objName", Some(measured)) => layout.says(label(measured)),
                ("value", Some(measured)) => layout.says(value(measured)),
                _ => {}
            }
        }
        Some(())
    };
    let walked = walk();
    layout.close(opened);
    walked
}

/// Lays out a list whose fields have these names.
fn named(layout: &mut Layout<'_>, names: &[&'static str]) -> Option<()> {
    let Ok(Field::List(count)) = Fields::new(layout.rest()).next() else {
        return any(layout, "body", DEEPEST).map(|_| ());
    };
    token(layout, "type and length")?;
    (0..count).try_for_each(|at| any(layout, names.get(at).copied().unwrap_or("field"), DEEPEST).map(|_| ()))
}

/// Lays out the head of a list that must have this many fields.
fn head(layout: &mut Layout<'_>, name: &'static str, wanted: u8) -> Option<()> {
    let found = layout.rest().first().copied()?;
    token(layout, name)?;
    if found != LIST | wanted {
        layout.doubt(ParseError::TypeUnexpected { wanted: LIST | wanted, found });
        return None;
    }
    Some(())
}

/// Lays out a field with everything in it. Returns `None` if it is faulty, and `Some(Some(value))` if it is an unsigned
/// number.
fn any(layout: &mut Layout<'_>, name: &'static str, deepest: u8) -> Option<Option<u64>> {
    let field = Fields::new(layout.rest()).next();
    let Ok(Field::List(count)) = field else { return token(layout, name) };
    let opened = layout.open(Structure, name);
    let mut walked = token(layout, "type and length").filter(|_| deepest > 0);
    for at in 0..count {
        let name = match (name, at) {
            ("actSensorTime" | "valTime" | "refTime" | "actGatewayTime", 0) => "kind of time",
            ("actSensorTime" | "valTime" | "refTime" | "actGatewayTime", 1) => "time",
            _ => "field",
        };
        walked = walked.and_then(|_| any(layout, name, deepest - 1));
        if walked.is_none() {
            break;
        }
    }
    layout.close(opened);
    walked.map(|_| None)
}

/// Lays out the next field, or only the head of a list. Returns the same as [`any`].
fn token(layout: &mut Layout<'_>, name: &'static str) -> Option<Option<u64>> {
    let bytes = layout.rest();
    let mut fields = Fields::new(bytes);
    let field = match fields.next() {
        Ok(field) => field,
        Err(error) => {
            layout.unknown();
            layout.doubt(error);
            return None;
        }
    };
    let length = bytes.len() - fields.rest().len();
    let (content, number, says): (usize, _, String) = match field {
        Field::Absent => (0, None, "left out".into()),
        Field::End => (0, None, "end of message".into()),
        Field::List(count) => (0, None, text(&count) + " fields"),
        Field::Octets(bytes) => (bytes.len(), None, printed(bytes)),
        Field::Boolean(is_set) => (1, None, text(&is_set)),
        Field::Signed(bytes) => (bytes.len(), None, text(&signed(bytes))),
        Field::Unsigned(bytes) => (bytes.len(), Some(unsigned(bytes)), text(&unsigned(bytes))),
    };
    let stage = match name {
        _ if content == 0 => Structure,
        "objName" => Stage::Name,
        "unit" | "scaler" | "groupNo" | "abortOnError" | "type of message" | "kind of time" => Structure,
        _ => Stage::Value,
    };
    if content > 0 {
        layout.field(length - content, Structure, "type and length");
    }
    layout.field(if content > 0 { content } else { length }, stage, name);
    layout.says(says);
    Some(number)
}

/// Lays out a checksum of either kind that [`Check`] knows.
fn check(layout: &mut Layout<'_>, length: usize, covered: &[u8]) {
    let Some(sent) = layout.rest().first_chunk::<2>().filter(|_| length == 2) else {
        layout.field(length, Stage::Checksum, "crc16");
        return;
    };
    match Check::of(covered, *sent) {
        Err(FrameError::Checksum { found, computed }) => layout.check(2, "crc16", found, computed),
        _ => layout.check(2, "crc16", 0, 0),
    }
}

/// The number of bytes before the end sequence, and whether some of them are escaped.
fn within(bytes: &[u8]) -> (usize, bool) {
    let (mut at, mut has_escapes) = (0, false);
    while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
        if !rest.starts_with(&ESCAPE) {
            at += 1;
        } else if rest.get(ESCAPE.len()..).is_some_and(|behind| behind.starts_with(&ESCAPE)) {
            has_escapes = true;
            at += SEQUENCE;
        } else {
            return (at, has_escapes);
        }
    }
    (bytes.len(), has_escapes)
}

const OPEN_RESPONSE: u64 = 0x0101;
const CLOSE_RESPONSE: u64 = 0x0201;
const OPEN: [&str; 6] = ["codepage", "clientId", "reqFileId", "serverId", "refTime", "smlVersion"];
const DEEPEST: u8 = 8;
