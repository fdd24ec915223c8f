//! [`Opened`]: the payload of frames, joined over segments and blocks, with the positions of its bytes in the frames.
//!
//! Ciphered texts are deciphered, changed, and enciphered again. M-Bus ciphering depends on the meter's number in the
//! header, so the header is changed before the records are enciphered again.

use alloc::vec::Vec;

use super::SUBSTITUTE;
use super::link::{Link, LinkFrame, p1_check};
use crate::cipher::{self, Keys};
use crate::dlms::block;
use crate::dlms::ciphering::TITLE;
use crate::hdlc::frame::SEGMENTED;
use crate::identity::Identities;
use crate::mbus::answer::{Answer, Security};
use crate::mbus::segment::LAST;
use crate::pipeline::SMARTY_AUTHENTICATION_KEY;
use crate::setup::Setup;
use crate::stack::Stack;

#[derive(Debug, Default)]
pub(super) struct Opened {
    pub(super) bytes: Vec<u8>,
    /// For each byte its frame, and its position in that frame.
    places: Vec<(usize, usize)>,
}

impl Opened {
    /// The index of each byte's frame: a frame occurs once for each of its bytes.
    pub(super) fn frames(&self) -> impl Iterator<Item = usize> {
        self.places.iter().map(|(frame, _)| *frame)
    }

    pub(super) fn write(&self, bytes: &[u8], frames: &mut [LinkFrame]) {
        for ((frame, place), byte) in self.places.iter().zip(bytes) {
            if let Some(at) = frames.get_mut(*frame).and_then(|frame| frame.bytes.get_mut(*place)) {
                *at = *byte;
            }
        }
    }

    fn of(number: usize, frame: &LinkFrame, skipped: usize) -> Self {
        let range = frame.payload.clone().skip(skipped);
        let bytes = frame.bytes.get(frame.payload.clone()).unwrap_or_default();
        let bytes = bytes.get(skipped..).unwrap_or_default().to_vec();
        Self { bytes, places: range.map(|place| (number, place)).collect() }
    }

    fn append(&mut self, other: Self) {
        self.bytes.extend(other.bytes);
        self.places.extend(other.places);
    }

    fn cut(mut self, range: core::ops::Range<usize>) -> Self {
        self.bytes = self.bytes.get(range.clone()).unwrap_or_default().to_vec();
        self.places = self.places.get(range).unwrap_or_default().to_vec();
        self
    }
}

pub(super) fn join(link: Link, frames: &[LinkFrame]) -> Vec<Opened> {
    let mut payloads = Vec::new();
    let mut open: Option<Opened> = None;
    for (number, frame) in frames.iter().enumerate() {
        let (goes_on, skipped) = segment(link, frame);
        let text = Opened::of(number, frame, skipped);
        if link == Link::Hdlc && is_llc(&text.bytes) {
            payloads.extend(open.take());
        }
        let mut whole = open.take().unwrap_or_default();
        whole.append(text);
        if goes_on { open = Some(whole) } else { payloads.push(whole) }
    }
    payloads.extend(open);
    blocks(payloads)
}

/// Whether a frame's payload continues in the next one, and how many of its bytes do not belong to the payload.
fn segment(link: Link, frame: &LinkFrame) -> (bool, usize) {
    match (link, frame.bytes.as_slice()) {
        (Link::Hdlc, [format, ..]) => (format & SEGMENTED != 0, 0),
        // A transport layer's segment: C, A and CI fields, and two access points.
        (Link::Mbus, [_, _, _, _, _, _, ci @ 0..=0x1F, ..]) => (ci & LAST == 0, 5),
        _ => (false, 0),
    }
}

/// The content of the blocks of a general block transfer, and all other payloads unchanged.
fn blocks(payloads: Vec<Opened>) -> Vec<Opened> {
    let mut texts = Vec::new();
    let mut open: Option<Opened> = None;
    for payload in payloads {
        let start = if is_llc(&payload.bytes) { 3 } else { 0 };
        let end = payload.bytes.len();
        let payload = payload.cut(start..end);
        let Some((is_last, part)) = block::part(&payload.bytes).filter(|_| block::is_block(&payload.bytes))
        else {
            texts.extend(open.take());
            texts.push(payload);
            continue;
        };
        let mut whole = open.take().unwrap_or_default();
        whole.append(payload.cut(part));
        if is_last { texts.push(whole) } else { open = Some(whole) }
    }
    texts.extend(open);
    texts
}

fn is_llc(bytes: &[u8]) -> bool {
    matches!(bytes, [0xE6, 0xE6 | 0xE7, 0, ..])
}

/// Pairs of keys to decipher and to encipher with, the likeliest first.
pub(super) struct KeyPair {
    pairs: Vec<(Keys, Keys)>,
}

impl KeyPair {
    /// The content of a ciphered text, and the keys to encipher it with.
    fn open(&self, text: &[u8]) -> Option<(Vec<u8>, &Keys)> {
        let mut plain = Vec::new();
        let opens = |(from, _): &&(Keys, Keys)| cipher::decipher(from, text, &mut plain).is_ok();
        let (_, to) = self.pairs.iter().find(opens)?;
        Some((plain, to))
    }
}

/// The keys that a session with this setup uses.
pub(super) fn keys(setup: &Setup) -> KeyPair {
    let mut pairs = Vec::new();
    if setup.stack == Stack::P1Encrypted && setup.keys.authentication.is_none() {
        let authentication = Some(SMARTY_AUTHENTICATION_KEY);
        let from = Keys { authentication, ..setup.keys.clone() };
        pairs.push((from, Keys { authentication, ..SUBSTITUTE }));
    }
    pairs.push((setup.keys.clone(), SUBSTITUTE));
    KeyPair { pairs }
}

pub(super) fn is_ciphered(stack: Stack, bytes: &[u8]) -> bool {
    match stack {
        Stack::Mbus => match answer(bytes) {
            Some(Answer::Records(header, _)) => header.security() != Security::None,
            _ => false,
        },
        Stack::P1Encrypted | Stack::RawDlms | Stack::MbusDlms | Stack::HdlcDlms => cipher::is_ciphered(bytes),
        Stack::P1 | Stack::Sml | Stack::Iec62056 | Stack::Kmp | Stack::Tic | Stack::Emi | Stack::Modbus => {
            false
        }
    }
}

/// Adds the sender of a text, if the text states it outside its registers.
pub(super) fn collect(stack: Stack, keys: &KeyPair, bytes: &[u8], identities: &mut Identities) {
    match stack {
        Stack::P1 | Stack::Iec62056 => introduce(bytes, identities),
        Stack::Sml => {
            let strings =
                bytes.windows(1 + SERVER_ID).filter_map(|field| field.strip_prefix(&[OCTET_STRING]));
            strings.for_each(|id| identities.add_server_id(id));
        }
        Stack::Mbus => {
            let asked = match bytes {
                [_, _, 0x52 | 0x56, a, b, c, d, ..] => Some([*a, *b, *c, *d]),
                _ => None,
            };
            let told = match answer(bytes) {
                Some(Answer::Records(header, _) | Answer::Alarm(header, _)) => header.address,
                _ => None,
            };
            let told = told.map(|address| address.identification);
            asked.into_iter().chain(told).for_each(|digits| identities.add_digits(digits));
        }
        _ if is_ciphered(stack, bytes) => {
            bytes.get(TITLE_PLACE).into_iter().for_each(|title| identities.add_bytes(title));
            if stack == Stack::P1Encrypted
                && let Some((plain, _)) = keys.open(bytes)
            {
                introduce(&plain, identities);
            }
        }
        _ => {}
    }
}

/// Adds the number in the identification line, if it contains one: not every telegram repeats it in a register.
fn introduce(telegram: &[u8], identities: &mut Identities) {
    let line = telegram.split(|byte| matches!(byte, b'\r' | b'\n')).next();
    if let Some(line) = line.and_then(|line| line.strip_prefix(b"/")) {
        identities.heard(line);
    }
}

/// The text without identifications; `None` if it cannot be deciphered.
pub(super) fn redacted(
    stack: Stack,
    keys: &KeyPair,
    identities: &Identities,
    text: &[u8],
) -> Option<Vec<u8>> {
    let mut bytes = text.to_vec();
    if !is_ciphered(stack, text) {
        let start = if stack == Stack::Mbus { MBUS_START.min(bytes.len()) } else { 0 };
        identities.replace(bytes.get_mut(start..)?);
        return Some(bytes);
    }
    if stack == Stack::Mbus {
        return mbus(keys, identities, bytes);
    }
    let (mut plain, to) = keys.open(text)?;
    identities.replace(&mut plain);
    if plain.first() == Some(&b'/') {
        p1_check(&mut plain)?;
    }
    identities.replace(bytes.get_mut(TITLE_PLACE)?);
    cipher::encipher(to, &mut bytes, &plain)?;
    Some(bytes)
}

/// Redacts an answer in security mode 5: header, ciphered records, plain records.
fn mbus(keys: &KeyPair, identities: &Identities, mut bytes: Vec<u8>) -> Option<Vec<u8>> {
    let Some(Answer::Records(header, records)) = answer(&bytes) else { return None };
    let Security::Mode5 { bytes: count } = header.security() else { return None };
    let (start, initial) = (bytes.len() - records.len(), header.initial_block()?);
    let (from, to) = keys.pairs.first()?;
    let mut plain = Vec::new();
    cipher::decipher_blocks(from, &initial, records, count, &mut plain).ok()?;
    identities.replace(&mut plain);
    identities.replace(bytes.get_mut(MBUS_START..start)?);
    let Some(Answer::Records(header, _)) = answer(&bytes) else { return None };
    cipher::encipher_blocks(to, &header.initial_block()?, plain.get_mut(..count)?)?;
    bytes.get_mut(start..)?.copy_from_slice(&plain);
    Some(bytes)
}

/// The answer in an M-Bus frame, from its C field on. No meter sends encrypted records in mode 2, which has other CI
/// fields.
fn answer(bytes: &[u8]) -> Option<Answer<'_>> {
    let [_, _, ci, user @ ..] = bytes else { return None };
    Answer::of(*ci, user)?.ok()
}

/// The C, A and CI fields of an M-Bus frame identify no meter, but may look like the beginning of a number.
const MBUS_START: usize = 3;
/// The length of a server id, and the SML tag of a string with that length.
const SERVER_ID: usize = 10;
const OCTET_STRING: u8 = 0x0B;
/// The position of the system title in general-glo-ciphering.
const TITLE_PLACE: core::ops::Range<usize> = 2..2 + TITLE;
