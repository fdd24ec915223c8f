//! M-Bus frames (EN 13757-2, 5.2), with records (EN 13757-3, 6 and EN 13757-7, 7) or with DLMS in them (EN 13757-1).

use alloc::string::String;
use alloc::vec::Vec;

use super::Stage::{self, Structure};
use super::dlms;
use super::layout::{Layout, printed, text};
use super::told::{Told, label, value};
use crate::cipher::decipher_blocks;
use crate::error::{CipherError, Flaw, FrameError, ParseError};
use crate::hex;
use crate::mbus::answer::{Answer, Header, Security};
use crate::mbus::frame::{self, SHORT_START, START, STOP, body_length};
use crate::mbus::poll::ACKNOWLEDGEMENT;
use crate::mbus::record::{FILLER, MAKERS_OWN, MAKERS_OWN_AND_MORE, SPECIAL};
use crate::mbus::segment::{LAST, NUMBER};
use crate::mbus::value::DATA_FIELD;
use crate::mbus::vib::{ALTERNATE_EXTENSION, MAIN_EXTENSION, SPELLED};
use crate::mbus::{EXTENDED, MOST_EXTENSIONS, turned};
use crate::register::RegisterId;
use crate::stack::Stack;

pub(super) fn frames(layout: &mut Layout<'_>, told: &mut Told<'_>) {
    loop {
        match *layout.rest() {
            [] => return,
            [START, _, _, START, ..] | [START, _, _] | [START, _] | [START] => long(layout, told),
            [SHORT_START, _, _, _, STOP, ..] => short(layout),
            [ACKNOWLEDGEMENT, ..] => {
                layout.field(1, Stage::Framing, "acknowledgement");
            }
            [_, ref rest @ ..] => {
                let is_start = |byte: &u8| matches!(*byte, START | SHORT_START);
                let length = rest.iter().position(is_start).unwrap_or(rest.len());
                layout.field(1 + length, Stage::Unknown, "noise");
            }
        }
    }
}

fn short(layout: &mut Layout<'_>) {
    let opened = layout.open(Stage::Framing, "short frame");
    let computed = frame::sum(layout.rest().get(1..3).unwrap_or_default());
    layout.field(1, Stage::Framing, "start");
    layout.field(1, Stage::Framing, "C field");
    layout.field(1, Stage::Framing, "A field");
    sum(layout, computed);
    layout.field(1, Stage::Framing, "stop");
    layout.close(opened);
}

fn long(layout: &mut Layout<'_>, told: &mut Told<'_>) {
    let opened = layout.open(Stage::Framing, "long frame");
    let cut = FrameError::Truncated;
    layout.field(1, Stage::Framing, "start");
    let length = layout.whole(1, Stage::Framing, "L field", cut).first().copied().unwrap_or_default();
    layout.says(text(&length));
    let again = layout.whole(1, Stage::Framing, "L field", cut);
    if again.first().is_some_and(|again| *again != length) {
        layout.doubt(FrameError::Malformed(Flaw::Lengths));
        layout.close(opened);
        return layout.unknown();
    }
    layout.whole(1, Stage::Framing, "start", cut);
    let length = body_length(length);
    let body = layout.rest();
    let body = body.get(..length).unwrap_or(body);
    let outer = layout.bound(length);
    layout.whole(1, Stage::Framing, "C field", cut);
    layout.whole(1, Stage::Framing, "A field", cut);
    let ci = layout.whole(1, Structure, "CI field", cut).first().copied();
    if let Some(ci) = ci {
        user(layout, ci, told);
    }
    layout.unbound(outer);
    if body.len() < length {
        layout.doubt(cut);
    }
    sum(layout, frame::sum(body));
    let stop = layout.field(1, Stage::Framing, "stop");
    if stop.first().is_some_and(|stop| *stop != STOP) {
        layout.doubt(FrameError::Malformed(Flaw::Stop));
    }
    layout.close(opened);
}

fn sum(layout: &mut Layout<'_>, computed: u8) {
    if let Some(found) = layout.rest().first().copied() {
        layout.check(1, "checksum", found.into(), computed.into());
    }
}

/// Lays out the bytes after the CI field.
fn user(layout: &mut Layout<'_>, ci: u8, told: &mut Told<'_>) {
    let bytes = layout.rest();
    if let (Some((ci, turned)), false) = (turned::turned(ci, bytes), told.stack == Stack::MbusDlms) {
        layout.field(usize::MAX, Structure, "octets in mode 2, most significant first");
        let usual: fn(&mut Layout<'_>, &mut Told<'_>) =
            if ci == 0x73 { fixed } else { |layout, told| user(layout, 0x72, told) };
        return told.layer("In the usual order", &turned, usual);
    }
    match ci {
        0x00..=0x1F if told.stack == Stack::MbusDlms && bytes.len() > 2 => segment(layout, ci, told),
        _ if told.stack == Stack::MbusDlms => layout.unknown(),
        0x73 => fixed(layout, told),
        _ => match Answer::of(ci, bytes) {
            None => {
                layout.doubt(ParseError::Unsupported(ci));
                layout.unknown();
            }
            Some(Err(error)) => {
                layout.unknown();
                layout.doubt(error);
            }
            Some(Ok(answer)) => answered(layout, &answer, told),
        },
    }
}

/// Lays out a segment of a DLMS payload, or a payload that is not segmented.
fn segment(layout: &mut Layout<'_>, ci: u8, told: &mut Told<'_>) {
    let is_last = ci & LAST != 0;
    layout.says(text(&(ci & NUMBER)) + if is_last { ", the last segment" } else { ", more segments follow" });
    if ci & NUMBER != told.next_segment {
        layout.doubt(FrameError::Malformed(Flaw::OutOfSequence));
    }
    layout.field(1, Structure, "STSAP");
    layout.field(1, Structure, "DTSAP");
    if is_last && ci & NUMBER == 0 {
        return dlms::payload(layout, told);
    }
    let segment = layout.field(usize::MAX, Structure, "segment");
    told.segments.extend_from_slice(segment);
    told.next_segment = (ci & NUMBER) + 1;
    if is_last {
        let joined = core::mem::take(&mut told.segments);
        told.next_segment = 0;
        told.layer("Joined from segments", &joined, dlms::payload);
    }
}

fn answered(layout: &mut Layout<'_>, answer: &Answer<'_>, told: &mut Told<'_>) {
    match answer {
        Answer::Records(header, records) => {
            address(layout, records.len(), header);
            let security = header.security();
            match security {
                Security::None => self::records(layout, told),
                Security::Unsupported(mode) => {
                    layout.doubt(CipherError::SuiteUnsupported(mode));
                    layout.field(usize::MAX, Stage::Cipher, "encrypted records");
                }
                Security::Mode5 { bytes } => {
                    layout.field(bytes, Stage::Cipher, "encrypted records");
                    let mut plain = Vec::new();
                    let opened = match header.initial_block() {
                        None => Err(CipherError::SuiteUnsupported(5)),
                        Some(block) => {
                            decipher_blocks(told.keys, &block, records, bytes, &mut plain).map(<[u8]>::to_vec)
                        }
                    };
                    match opened {
                        Ok(plain) => {
                            layout.field(usize::MAX, Structure, "records that are not encrypted");
                            told.layer("Deciphered", &plain, self::records);
                        }
                        Err(error) => layout.doubt(error),
                    }
                }
            }
            status(header.status, layout, told);
        }
        Answer::Alarm(header, _) => {
            address(layout, 1, header);
            layout.field(1, Stage::Value, "alarm");
            if let Some(alarm) = told.of(RegisterId::Record(0)) {
                layout.says(label(&alarm) + ": " + &value(&alarm));
            }
        }
        Answer::Refusal(code) => {
            // A header may precede the code.
            let behind = layout.rest().len().saturating_sub(1);
            layout.field(behind, Structure, "header");
            layout.field(1, Stage::Value, "application error");
            layout.says(text(code));
            layout.doubt(ParseError::Refused(*code));
        }
        Answer::Fixed(_) => layout.unknown(),
    }
}

/// Lays out the header before the last `behind` bytes: long, short or none.
fn address(layout: &mut Layout<'_>, behind: usize, header: &Header) {
    let length = layout.rest().len().saturating_sub(behind);
    if let Some(address) = header.address {
        layout.field(4, Stage::Value, "identification no.");
        layout.says(digits(&address.identification));
        layout.field(2, Stage::Value, "manufacturer");
        layout.says(maker(address.maker));
        layout.field(1, Stage::Value, "version");
        layout.says(text(&address.version));
        layout.field(1, Stage::Value, "medium");
        layout.says(text(&address.device_type));
    }
    if length >= 4 {
        layout.field(1, Structure, "access no.");
        layout.says(text(&header.access));
        layout.field(1, Stage::Value, STATUS);
        layout.field(2, Stage::Cipher, "configuration");
        layout.says(match header.security() {
            Security::None => "not encrypted".into(),
            Security::Mode5 { bytes } => String::from("mode 5, octets: ") + &text(&bytes),
            Security::Unsupported(mode) => String::from("mode ") + &text(&mode),
        });
    }
}

/// Sets the meaning of the status field. If the status is not 0, the decoder has made a value from it.
fn status(status: u8, layout: &mut Layout<'_>, told: &mut Told<'_>) {
    let says = match told.ahead() {
        Some(_) if status != 0 => told.next().map(|measured| value(&measured)),
        _ => None,
    };
    let field = layout.fields.iter_mut().rev().find(|field| field.name == STATUS);
    if let Some(field) = field {
        field.value = says.or_else(|| Some(hex::lower(&[status])));
    }
}

/// Lays out the fixed data structure (EN 13757-3:2004, annex on meters of the first generation).
fn fixed(layout: &mut Layout<'_>, told: &mut Told<'_>) {
    let cut = ParseError::Truncated;
    let identification = layout.whole(4, Stage::Value, "identification no.", cut);
    layout.says(digits(identification));
    layout.whole(1, Structure, "access no.", cut);
    let state = layout.whole(1, Stage::Value, STATUS, cut).first().copied().unwrap_or_default();
    let counters = [told.next(), told.next()];
    for (counter, name) in counters.iter().zip(["unit of counter 1", "unit of counter 2"]) {
        layout.whole(1, Stage::Name, name, cut);
        if let Some(measured) = counter {
            layout.says(label(measured));
        }
    }
    for (counter, name) in counters.iter().zip(["counter 1", "counter 2"]) {
        layout.whole(4, Stage::Value, name, cut);
        if let Some(measured) = counter {
            layout.says(value(measured));
        }
    }
    status(state & 0xFC, layout, told);
}

fn records(layout: &mut Layout<'_>, told: &mut Told<'_>) {
    while let Some(dif) = layout.rest().first().copied() {
        match dif {
            FILLER => {
                let fillers = layout.rest().iter().take_while(|byte| **byte == FILLER).count();
                layout.field(fillers, Structure, "idle filler");
            }
            MAKERS_OWN | MAKERS_OWN_AND_MORE => {
                layout.field(1, Structure, "DIF");
                layout.says(if dif == MAKERS_OWN_AND_MORE {
                    "more records follow"
                } else {
                    "manufacturer specific"
                });
                let own = layout.field(usize::MAX, Stage::Value, "manufacturer specific data");
                if let Some(measured) = if own.is_empty() { None } else { told.next() } {
                    layout.says(label(&measured) + ": " + &value(&measured));
                }
            }
            _ if dif & SPECIAL == SPECIAL => {
                layout.field(1, Structure, "DIF");
                layout.doubt(ParseError::Unsupported(dif));
                layout.unknown();
            }
            _ => record(layout, dif, told),
        }
    }
}

fn record(layout: &mut Layout<'_>, dif: u8, told: &mut Told<'_>) {
    let opened = layout.open(Structure, "record");
    layout.field(1, Structure, "DIF");
    layout.says(function(dif));
    chain(layout, dif, 0, "DIFE", Structure);
    let vif = layout.whole(1, Stage::Name, "VIF", ParseError::Truncated).first().copied();
    let measured = vif.and_then(|_| told.next());
    if let Some(measured) = &measured {
        layout.says(label(measured));
    }
    extensions(layout, vif.unwrap_or_default());
    let has_data = data(layout, dif);
    if let Some(measured) = measured {
        layout.says_of(&opened, label(&measured));
        if has_data {
            layout.says(value(&measured));
        }
    }
    layout.close(opened);
}

/// Lays out the letters of a plain-text VIF, then the VIFEs. After FD or FB, the first VIFE is the true VIF.
fn extensions(layout: &mut Layout<'_>, vif: u8) {
    let (mut last, mut count) = (vif, 0);
    if matches!(vif, MAIN_EXTENSION | ALTERNATE_EXTENSION) {
        count = 1;
        last =
            layout.whole(1, Stage::Name, "VIFE", ParseError::Truncated).first().copied().unwrap_or_default();
    }
    if vif & !EXTENDED == SPELLED {
        let length = layout.whole(1, Structure, "length of the VIF's text", ParseError::Truncated);
        let length = length.first().copied().unwrap_or_default().into();
        let letters = layout.whole(length, Stage::Name, "plain-text VIF", ParseError::Truncated);
        layout.says(backwards(letters));
    }
    chain(layout, last, count, "VIFE", Stage::Name);
}

/// Lays out extension bytes. Each byte announces whether another one follows.
fn chain(layout: &mut Layout<'_>, mut last: u8, mut count: usize, name: &'static str, stage: Stage) {
    while last & EXTENDED != 0 {
        let byte = layout.whole(1, stage, name, ParseError::Truncated);
        count += 1;
        if count > MOST_EXTENSIONS {
            layout.doubt(ParseError::TooMany { limit: MOST_EXTENSIONS });
        }
        let Some(byte) = byte.first() else { return layout.doubt(ParseError::Truncated) };
        last = *byte;
    }
}

/// Lays out the data, and returns whether there are any. The DIF or a length byte states their length (EN 13757-3,
/// 6.3.3 and 6.3.4).
fn data(layout: &mut Layout<'_>, dif: u8) -> bool {
    let length = match dif & DATA_FIELD {
        0x5 => 4,
        0x0 | 0x8 => 0,
        length @ (0x1..=0x4 | 0x6) => length.into(),
        0x7 => 8,
        0xE => 6,
        0xD => {
            let byte = layout.whole(1, Structure, "LVAR", ParseError::Truncated).first().copied();
            match byte.unwrap_or_default() {
                length @ 0x00..=0xBF => length.into(),
                length @ (0xC0..=0xC9 | 0xD0..=0xD9 | 0xE0..=0xEF) => usize::from(length & 0x0F),
                length @ 0xF0..=0xF4 => 4 * usize::from(length - 0xEC),
                0xF5 => 48,
                0xF6 => 64,
                reserved => {
                    layout.doubt(ParseError::Unsupported(reserved));
                    usize::MAX
                }
            }
        }
        digits => usize::from(digits & 7),
    };
    let is_there = layout.rest().len() >= length;
    let bytes = layout.field(length, Stage::Value, "data");
    if !is_there {
        layout.doubt(ParseError::Truncated);
    }
    !bytes.is_empty()
}

/// Which value of a period a record holds (EN 13757-3, table 5).
fn function(dif: u8) -> &'static str {
    match dif >> 4 & 3 {
        0 => "instantaneous value",
        1 => "maximum value",
        2 => "minimum value",
        _ => "value during error state",
    }
}

/// Decimal digits, two per byte; the last ones are sent first.
fn digits(bytes: &[u8]) -> String {
    let mut bytes = bytes.to_vec();
    bytes.reverse();
    hex::lower(&bytes)
}

fn backwards(bytes: &[u8]) -> String {
    let mut bytes = bytes.to_vec();
    bytes.reverse();
    printed(&bytes)
}

/// A FLAG code: three letters of five bits each.
fn maker(bytes: [u8; 2]) -> String {
    let number = u16::from_le_bytes(bytes);
    let letter = |shift: u16| u8::try_from(number >> shift & 0x1F).unwrap_or_default() + b'@';
    [10, 5, 0].into_iter().map(|shift| char::from(letter(shift))).collect()
}

const STATUS: &str = "status";
