//! Properties that must hold for any bytes, each checked by a function.
//!
//! `cargo xtask fuzz` lets libFuzzer search for bytes that make one of these functions fail. The tests run the
//! functions over the corpus and over random changes to it. This module is compiled only for fuzzing and for tests.

mod frames;
mod lists;
mod modbus;
mod neighbours;
mod questions;
mod texts;

use alloc::vec::Vec;

use aes::Aes128;
use aes_gcm::aead::AeadInOut;
use aes_gcm::aead::consts::U12;
use aes_gcm::{AesGcm, KeyInit};

use crate::anatomy::Anatomy;
use crate::cipher::{Keys, decipher};
use crate::cursor::Cursor;
use crate::dlms::{apdu, list};
use crate::error::CipherError;
use crate::harmonise::{Known, Origin, harmonise};
use crate::kmp::response;
use crate::mbus::answer::Answer;
use crate::mbus::heads::Heads;
use crate::mbus::turned::turned;
use crate::mbus::{fixed, record};
use crate::meter::{Meter, usual_schedule};
use crate::question::Ask;
use crate::reading::{Integrity, Protocol, Reading};
use crate::redact::Redaction;
use crate::register::{RawTime, Register};

use crate::dlms::ciphering;
use crate::notice::Notice;
use crate::output::Output;
use crate::session::Session;
use crate::setup::Setup;
use crate::shape::Announced;
use crate::sml::{self, message};
use crate::span::Span;
use crate::stack::Stack;
use crate::time::{Instant, Zone};

pub use self::frames::{
    dlms_frame, hdlc_frame, iec62056_frame, kmp_frame, mbus_frame, modbus_frame, p1_frame, sml_frame,
    tic_frame,
};
pub use self::modbus::modbus_answer;
pub use self::neighbours::neighbours;
use self::questions::questions;
pub use self::texts::{iec62056_readout, p1_telegram, tic_telegram};

/// A function of this module, with the name of its file in `fuzz/fuzz_targets/`.
pub type Target = (&'static str, fn(&[u8]));

/// All targets.
pub const TARGETS: &[Target] = &[
    ("anatomy", anatomy),
    ("asking", asking),
    ("cipher", cipher),
    ("dlms_apdu", dlms_apdu),
    ("dlms_frame", dlms_frame),
    ("hdlc_frame", hdlc_frame),
    ("iec62056_frame", iec62056_frame),
    ("iec62056_readout", iec62056_readout),
    ("kmp_frame", kmp_frame),
    ("kmp_response", kmp_response),
    ("mbus_frame", mbus_frame),
    ("mbus_records", mbus_records),
    ("modbus_answer", modbus_answer),
    ("modbus_frame", modbus_frame),
    ("neighbours", neighbours),
    ("p1_frame", p1_frame),
    ("p1_telegram", p1_telegram),
    ("redact", redact),
    ("session", session),
    ("sml_frame", sml_frame),
    ("sml_message", sml_message),
    ("tic_frame", tic_frame),
    ("tic_telegram", tic_telegram),
];

/// Checks that the fields of any bytes lie side by side and cover all bytes. The first two bytes choose the stack and
/// whether keys follow.
pub fn anatomy(bytes: &[u8]) {
    let mut cursor = Cursor::new(bytes);
    let Some([stack, choice]) = cursor.array() else { return };
    let mut key = |bit| if choice & bit == 0 { None } else { cursor.array() };
    let keys = Keys { encryption: key(1), authentication: key(2) };
    let stack = Stack::ALL.get(usize::from(stack) % Stack::ALL.len()).copied().unwrap_or_default();
    let (setup, bytes) = (Setup { stack, keys, ..Setup::default() }, cursor.rest());
    let anatomy = Anatomy::of(&setup, &[], bytes);
    assert_eq!(anatomy.layers.first().map(|line| line.octets.as_slice()), Some(bytes));
    for layer in &anatomy.layers {
        let mut at = 0;
        for field in layer.leaves() {
            assert_eq!(field.at, at, "{field:?} in {}", layer.title);
            at += field.length;
        }
        assert_eq!(at, layer.octets.len(), "{}", layer.title);
        let hollow = layer.fields.iter().find(|field| field.length == 0);
        assert_eq!(hollow, None, "a field without bytes in {}", layer.title);
    }
}

/// Checks for every stack that redaction keeps the number of bytes, except where escapes change it.
pub fn redact(bytes: &[u8]) {
    for stack in Stack::ALL {
        let keys = Keys { encryption: Some([7; 16]), authentication: None };
        let setup = Setup { stack: *stack, keys, ..Setup::default() };
        let redaction = Redaction::of(&setup, &[(Instant(0), bytes)], bytes, &[]);
        for redacted in [redaction.heard(0..bytes.len()), redaction.said(0..bytes.len())] {
            let is_escaped = matches!(stack, Stack::Kmp | Stack::HdlcDlms);
            assert!(is_escaped || redacted.len() == bytes.len(), "{stack:?}");
        }
    }
}

/// Runs stages 4 and 5 of DLMS.
pub fn dlms_apdu(bytes: &[u8]) {
    let mut registers = Vec::new();
    if let Ok(notification) = apdu::parse(bytes, Zone::default()) {
        let time = notification.time;
        let found = list::registers(notification, Zone::default(), &mut registers);
        let length = found.announced.unwrap_or(registers.len());
        let announced = Some(Announced { length, shape: found.shape });
        let nameless: Vec<bool> = registers.iter().map(|register| register.id.is_position()).collect();
        let (protocol, integrity) = (Protocol::DlmsHdlc, Integrity::Checked);
        let origin = Origin { protocol, integrity, announced, time, zone: Zone::default() };
        let reading = read_from(Known::default(), origin, registers);
        let of_list = reading.values.iter().zip(nameless).filter(|(_, is_nameless)| *is_nameless);
        of_list.for_each(|(value, _)| lists::means_what_it_can(value, &reading.values));
    }
}

/// Runs stages 2, 4 and 5 of M-Bus; the first byte is the CI field.
pub fn mbus_records(bytes: &[u8]) {
    let Some((ci, user)) = bytes.split_first() else { return };
    let turned = turned(*ci, user);
    let (ci, user) = turned.as_ref().map_or((*ci, user), |(ci, user)| (*ci, user));
    let mut registers = Vec::new();
    let whole = match Answer::of(ci, user) {
        Some(Ok(Answer::Records(header, records))) => {
            let mut heads = Heads::default();
            heads.expect(&header);
            record::parse(records, &mut heads, Zone::default(), &mut registers).map(drop)
        }
        Some(Ok(Answer::Fixed(user))) => fixed::parse(user, &mut registers).map(drop),
        _ => return,
    };
    if whole.is_ok() {
        read(Known::default(), Protocol::Mbus, None, registers);
    }
}

/// Runs stages 4 and 5 of SML; the first byte chooses the kind of checksum.
pub fn sml_message(bytes: &[u8]) {
    let Some((kind, bytes)) = bytes.split_first() else { return };
    let check = if kind & 1 == 0 { sml::frame::Check::X25 } else { sml::frame::Check::Kermit };
    let mut registers = Vec::new();
    if let Ok(file) = message::parse(bytes, check, Meter::drops_bytes, &mut registers) {
        read(Known::default(), Protocol::Sml, file.time, registers);
    }
}

/// Runs stages 4 and 5 of KMP; the first byte is the command.
pub fn kmp_response(bytes: &[u8]) {
    let Some((command, bytes)) = bytes.split_first() else { return };
    let mut registers = Vec::new();
    let response = response::parse(*command, bytes, Zone::default(), &mut registers);
    read(Known::default(), Protocol::Kmp, response.time, registers);
}

/// Runs stage 3 over any payload with each combination of keys, and over any text that was enciphered correctly.
pub fn cipher(bytes: &[u8]) {
    let mut plain = Vec::new();
    for keys in 0..4 {
        if let Ok(plain) = decipher(&some_keys(keys), bytes, &mut plain) {
            assert!(plain.payload.len() <= bytes.len());
        }
    }
    let bytes = bytes.get(..LONGEST_TEXT).unwrap_or(bytes);
    let mut sealed = seal(bytes);
    let open = decipher(&some_keys(3), &sealed, &mut plain).expect("the packet is sealed with these keys");
    assert_eq!((open.payload, open.integrity), (bytes, Integrity::Authenticated));
    let damaged = bytes.first().map_or(0, |place| usize::from(*place) % (bytes.len() + ciphering::TAG));
    if let Some(byte) = sealed.iter_mut().rev().nth(damaged) {
        *byte ^= 0x10;
    }
    let refused = decipher(&some_keys(3), &sealed, &mut plain).err();
    assert!(matches!(refused, Some(CipherError::TagMismatch | CipherError::KeyWrong)), "{refused:?}");
}

/// Runs a session that listens. The first byte chooses the stack. The second chooses whether keys follow, and whether
/// the line falls silent after each piece. The third chooses the length of the pieces into which the rest is cut.
pub fn session(bytes: &[u8]) {
    let mut cursor = Cursor::new(bytes);
    let Some([stack, choice, length]) = cursor.array() else { return };
    let mut key = |bit| if choice & bit == 0 { None } else { cursor.array() };
    let keys = Keys { encryption: key(1), authentication: key(2) };
    let stack = Stack::ALL.get(usize::from(stack) % Stack::ALL.len()).copied().unwrap_or_default();
    let setup = Setup { stack, keys, ..Setup::default() };
    let bytes = cursor.rest();
    let (pieces, silences) = (bytes.chunks(piece(length)), choice & 4 != 0);
    let said = listen(&setup, pieces, silences);
    account(said.iter().filter_map(span), bytes);
    if !silences {
        assert_eq!(said, listen(&setup, [bytes].into_iter(), false), "the cut makes a difference");
    }
    for output in &said {
        if let Output::Reading(reading, _) = output {
            assert_eq!(Stack::of_protocol(reading.protocol), Some(stack));
            round_trips(reading);
        }
    }
}

/// Runs a session that asks. The first two bytes choose the question and the length of the pieces into which the other
/// bytes are cut. After each piece the line is silent until up to three deadlines have passed; the piece's first byte
/// says how many.
pub fn asking(bytes: &[u8]) {
    let Some(([question, length], bytes)) = bytes.split_first_chunk() else { return };
    let questions = questions();
    let chosen = questions.get(usize::from(*question) % questions.len()).cloned();
    let Some((stack, question)) = chosen else { return };
    let setup = Setup { stack, ask: Some(Ask::new(question, usual_schedule(stack))), ..Setup::default() };
    let mut now = Instant(0);
    let mut session = Session::new(setup, now);
    let mut said = Vec::new();
    let mut deadline = say(&mut session, &mut said);
    for piece in bytes.chunks(piece(*length)) {
        session.handle_bytes(now, piece);
        deadline = say(&mut session, &mut said);
        for _ in 0..piece.first().map_or(0, |byte| byte % 4) {
            let Some(due) = deadline else { break };
            assert!(due > now, "the deadline has passed already");
            now = due;
            session.handle_timeout(now);
            deadline = say(&mut session, &mut said);
        }
    }
    // After this many timeouts, the session has finished a round, and unfinished input has ended.
    for _ in 0..MOST_STEPS {
        let Some(due) = deadline else { break };
        session.handle_timeout(due);
        deadline = say(&mut session, &mut said);
    }
    account(said.iter().filter_map(span), bytes);
}

/// A session's outputs for bytes in these pieces, followed by silence.
fn listen<'o>(setup: &Setup, pieces: impl Iterator<Item = &'o [u8]>, silences: bool) -> Vec<Output> {
    let mut now = Instant(0);
    let mut session = Session::new(setup.clone(), now);
    let mut said = Vec::new();
    for piece in pieces {
        session.handle_bytes(now, piece);
        let Some(deadline) = say(&mut session, &mut said) else { continue };
        assert!(deadline > now);
        session.handle_timeout(now);
        assert_eq!(session.poll(), Output::Wait(Some(deadline)), "the session acted before its deadline");
        if silences {
            now = deadline;
            session.handle_timeout(now);
            say(&mut session, &mut said);
        }
    }
    for _ in 0..MOST_SILENCES {
        match say(&mut session, &mut said) {
            Some(deadline) => session.handle_timeout(deadline),
            None => return said,
        }
    }
    unreachable!("the session waits forever")
}

/// Drains the session, and returns the deadline.
fn say(session: &mut Session, said: &mut Vec<Output>) -> Option<Instant> {
    loop {
        match (said.last_mut(), session.poll()) {
            (_, Output::Wait(deadline)) => {
                assert!(session.memory() <= Session::MEMORY, "{} bytes are held", session.memory());
                return deadline;
            }
            (Some(Output::Notice(Notice::Noise(before))), Output::Notice(Notice::Noise(more))) => {
                before.length += more.length;
            }
            (_, output) => said.push(output),
        }
    }
}

fn span(output: &Output) -> Option<Span> {
    match output {
        Output::Reading(_, span)
        | Output::Remembered(_, span)
        | Output::Notice(Notice::Fault(_, span) | Notice::Noise(span) | Notice::Talk(span)) => Some(*span),
        Output::Notice(
            Notice::Recognised { .. }
            | Notice::Unrecognised { .. }
            | Notice::Found(..)
            | Notice::Crowded(_)
            | Notice::Searched { .. }
            | Notice::Fetched { .. },
        )
        | Output::Transmit(_)
        | Output::Line(_)
        | Output::Wait(_) => None,
    }
}

/// Checks that every byte is in one span. A span inside the previous span is a remark about that span, and adds no
/// bytes.
fn account(spans: impl Iterator<Item = Span>, bytes: &[u8]) {
    let mut last = Span::default();
    for span in spans.filter(|span| span.length > 0) {
        if !last.has(span) {
            assert_eq!(span.at, last.at + last.length, "{span:?} behind {last:?}");
            last = span;
        }
    }
    assert_eq!(last.at + last.length, bytes.len() as u64, "bytes are missing at the end");
}

/// Checks that each register becomes a value of a reading, and that parsing the reading's JSON loses nothing.
fn read(known: Known, protocol: Protocol, time: Option<RawTime>, registers: Vec<Register>) {
    let origin =
        Origin { protocol, integrity: Integrity::Checked, announced: None, time, zone: Zone::default() };
    read_from(known, origin, registers);
}

fn read_from(mut known: Known, origin: Origin, mut registers: Vec<Register>) -> Reading {
    let count = registers.len();
    let (reading, _) = harmonise(&mut known, &mut registers, origin);
    assert_eq!((reading.values.len(), registers.len()), (count, 0), "a register is lost");
    round_trips(&reading);
    reading
}

fn round_trips(reading: &Reading) {
    let json = serde_json::to_string(reading).expect("a reading is JSON");
    let back: Reading = serde_json::from_str(&json).expect(&json);
    assert_eq!(serde_json::to_string(&back).expect("a reading is JSON"), json);
}

/// A packet of general-glo-ciphering with this text (DLMS Green Book 9.2.7).
fn seal(text: &[u8]) -> Vec<u8> {
    const SECURITY: u8 = ciphering::AUTHENTICATED | ciphering::ENCRYPTED;
    let title_and_counter = *b"MTP\0\0\0\0\x01\0\0\0\x01";
    let (title, counter) = title_and_counter.split_at(8);
    let mut body = text.to_vec();
    let additional = [&[SECURITY][..], &AUTHENTICATION].concat();
    let gcm = AesGcm::<Aes128, U12, U12>::new(&ENCRYPTION.into());
    let tag = gcm.encrypt_inout_detached(&title_and_counter.into(), &additional, body.as_mut_slice().into());
    let length = u16::try_from(1 + counter.len() + body.len() + ciphering::TAG).unwrap_or_default();
    let header =
        [&[ciphering::GENERAL_GLO, 8], title, &[0x82], &length.to_be_bytes(), &[SECURITY], counter].concat();
    [&header[..], &body, &tag.expect("no text is too long")].concat()
}

/// An encryption key if bit 0 is set, and an authentication key if bit 1 is set.
fn some_keys(choice: u8) -> Keys {
    Keys {
        encryption: (choice & 1 != 0).then_some(ENCRYPTION),
        authentication: (choice & 2 != 0).then_some(AUTHENTICATION),
    }
}

/// Pieces of 1 to 61 bytes.
fn piece(length: u8) -> usize {
    usize::from(length) % 61 + 1
}

const ENCRYPTION: [u8; 16] = *b"metertap fuzzing";
const AUTHENTICATION: [u8; 16] = *b"authentic or not";
/// Bytes of the longest text to encipher: with header and tag, its length still fits into two bytes.
const LONGEST_TEXT: usize = 0xFF00;
/// The number of timeouts after which an asking session has no unfinished input: enough for the retries of one round.
const MOST_STEPS: usize = 40;
/// The most timeouts before a session that does not ask has no deadline left.
const MOST_SILENCES: usize = 4;

#[cfg(test)]
mod tests;
