//! [`LinkFrame`]: a valid frame taken apart, so that its content can be changed and its checks recomputed.

use alloc::borrow::Cow;
use alloc::vec::Vec;
use core::ops::Range;

use super::Cell;
use crate::crc::{crc16_modbus, crc16_x25, crc16_xmodem};
use crate::frame::{Deframe, Heard, PIECE};
use crate::hex;
use crate::iec62056::character::{ETX, STX};
use crate::iec62056::checksum::block_check;
use crate::sml::field::Fields;
use crate::sml::frame::{Check, SEQUENCE};
use crate::stack::Stack;
use crate::tic::frame::groups;
use crate::tic::group;
use crate::time::Instant;
use crate::{dlms, hdlc, iec62056, kmp, mbus, modbus, p1, sml, tic};

/// The link layer that delimits the telegrams of a stack.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Link {
    P1,
    Bare,
    Mbus,
    Hdlc,
    Sml,
    Iec62056,
    Kmp,
    Tic,
    Modbus,
}

impl Link {
    pub(super) fn of(stack: Stack) -> Self {
        match stack {
            Stack::P1 => Self::P1,
            Stack::P1Encrypted | Stack::RawDlms => Self::Bare,
            Stack::MbusDlms | Stack::Mbus => Self::Mbus,
            Stack::HdlcDlms => Self::Hdlc,
            Stack::Sml => Self::Sml,
            Stack::Iec62056 => Self::Iec62056,
            Stack::Kmp => Self::Kmp,
            Stack::Tic => Self::Tic,
            Stack::Emi | Stack::Modbus => Self::Modbus,
        }
    }

    /// The positions of the valid frames.
    pub(super) fn frames<'a>(
        self,
        pieces: impl IntoIterator<Item = (Instant, &'a [u8])>,
    ) -> Vec<Range<usize>> {
        match self {
            Self::P1 => found::<p1::frame::Deframer>(pieces),
            Self::Bare => found::<dlms::frame::Deframer>(pieces),
            Self::Mbus => found::<mbus::frame::Deframer>(pieces),
            Self::Hdlc => found::<hdlc::frame::Deframer>(pieces),
            Self::Sml => found::<sml::frame::Deframer>(pieces),
            Self::Iec62056 => found::<iec62056::frame::Deframer>(pieces),
            Self::Kmp => found::<kmp::frame::Deframer>(pieces),
            Self::Tic => tic_groups(pieces),
            Self::Modbus => found::<modbus::frame::Deframer>(pieces),
        }
    }

    /// The bytes as characters: without parity bits in TIC, unchanged in all other protocols.
    pub(super) fn characters(self, bytes: &[u8]) -> Cow<'_, [u8]> {
        match self {
            Self::Tic => bytes.iter().map(|byte| byte & 0x7F).collect(),
            _ => bytes.into(),
        }
    }

    /// The position of the payload in an unescaped frame.
    fn payload(self, bytes: &[u8]) -> Range<usize> {
        let length = bytes.len();
        match self {
            Self::P1 | Self::Bare | Self::Sml | Self::Iec62056 | Self::Tic => 0..length,
            Self::Mbus => {
                let start = mbus::frame::PREFIX;
                start..length.saturating_sub(mbus::frame::END).max(start)
            }
            Self::Hdlc => {
                let start =
                    hdlc::frame::header_length(bytes).map_or(length, |header| header + hdlc::frame::CHECK);
                start..length.saturating_sub(2).max(start)
            }
            Self::Kmp | Self::Modbus => 0..length.saturating_sub(2),
        }
    }

    /// Recomputes the checks of a frame; `before` is the original. `false` if the new checks do not fit into their
    /// places.
    fn check(self, bytes: &mut [u8], before: &[u8]) -> bool {
        match self {
            Self::Bare => Some(()),
            Self::P1 => p1_check(bytes),
            Self::Mbus => mbus_check(bytes),
            Self::Hdlc => hdlc_check(bytes),
            Self::Sml => sml_check(bytes, before),
            Self::Iec62056 => iec62056_check(bytes, before),
            Self::Kmp => kmp_check(bytes),
            Self::Tic => group::close(bytes, before),
            Self::Modbus => modbus_check(bytes),
        }
        .is_some()
    }
}

/// A valid frame, without escapes and parity.
#[derive(Debug)]
pub(crate) struct LinkFrame {
    link: Link,
    /// Its position on the line.
    pub(super) span: Range<usize>,
    /// Its unescaped bytes, and for each byte the position on the line where it begins.
    pub(super) bytes: Vec<u8>,
    places: Vec<usize>,
    before: Vec<u8>,
    coding: Coding,
    pub(super) payload: Range<usize>,
    /// Whether zeros replace the frame.
    pub(super) left_out: bool,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Coding {
    Plain,
    /// Seven bits and an even parity bit.
    Parity,
    /// HDLC's byte stuffing.
    Stuffed,
    /// KMP's escapes.
    Complement,
}

impl LinkFrame {
    pub(super) fn of(link: Link, raw: &[u8], at: usize) -> Self {
        let mut frame = Self {
            link,
            span: at..at + raw.len(),
            bytes: Vec::new(),
            places: Vec::new(),
            before: Vec::new(),
            coding: Coding::Plain,
            payload: 0..0,
            left_out: false,
        };
        match link {
            Link::Hdlc => frame.open_hdlc(raw),
            Link::Kmp => {
                frame.coding = Coding::Complement;
                let starts = raw.iter().take_while(|byte| **byte == kmp::frame::START).count();
                frame.take(raw, starts..raw.len().saturating_sub(1), Some(kmp::frame::ESCAPE), |byte| !byte);
            }
            Link::Iec62056 | Link::Tic if !raw.is_ascii() => {
                frame.coding = Coding::Parity;
                frame.take(raw, 0..raw.len(), None, |byte| byte);
                frame.bytes.iter_mut().for_each(|byte| *byte &= 0x7F);
            }
            _ => frame.take(raw, 0..raw.len(), None, |byte| byte),
        }
        frame.payload = link.payload(&frame.bytes);
        frame.before.clone_from(&frame.bytes);
        if link == Link::Tic {
            group::blank(&mut frame.bytes);
        }
        frame
    }

    fn open_hdlc(&mut self, raw: &[u8]) {
        let start = raw.iter().take_while(|byte| **byte == hdlc::stuffing::FLAG).count();
        let end = raw.len().saturating_sub(usize::from(raw.last() == Some(&hdlc::stuffing::FLAG)));
        self.take(raw, start..end, None, |byte| byte);
        if hdlc::frame::length(&self.bytes) != Some(self.bytes.len()) {
            self.bytes.clear();
            self.places.clear();
            self.coding = Coding::Stuffed;
            self.take(raw, start..end, Some(hdlc::stuffing::ESCAPE), |byte| byte ^ hdlc::stuffing::STUFFED);
        }
    }

    fn take(&mut self, raw: &[u8], range: Range<usize>, escape: Option<u8>, plain: fn(u8) -> u8) {
        let at = self.span.start;
        let mut bytes = raw.iter().copied().enumerate().take(range.end).skip(range.start);
        while let Some((place, byte)) = bytes.next() {
            let byte = match escape {
                Some(escape) if escape == byte => bytes.next().map(|(_, escaped)| plain(escaped)),
                _ => Some(byte),
            };
            self.bytes.extend(byte);
            self.places.extend(byte.map(|_| at + place));
        }
    }

    pub(super) fn write(mut self, cells: &mut [Cell]) {
        if self.bytes == self.before && !self.left_out {
            return;
        }
        let fits = self.link.check(&mut self.bytes, &self.before);
        let Some(line) = cells.get_mut(self.span.clone()) else { return };
        if self.left_out || !fits {
            return super::blank(self.link, line);
        }
        for (byte, place) in self.bytes.iter().zip(&self.places) {
            let at = place - self.span.start;
            let was_escaped =
                self.coding.escape().is_some_and(|escape| line.get(at) == Some(&Cell::One(escape)));
            if let Some(cell) = line.get_mut(at) {
                *cell = self.coding.cell(*byte);
            }
            if was_escaped && let Some(cell) = line.get_mut(at + 1) {
                *cell = Cell::Gone;
            }
        }
    }
}

impl Coding {
    fn escape(self) -> Option<u8> {
        match self {
            Self::Plain | Self::Parity => None,
            Self::Stuffed => Some(hdlc::stuffing::ESCAPE),
            Self::Complement => Some(kmp::frame::ESCAPE),
        }
    }

    fn cell(self, byte: u8) -> Cell {
        match self {
            Self::Plain => Cell::One(byte),
            Self::Parity => Cell::One(byte | u8::from(!byte.count_ones().is_multiple_of(2)) << 7),
            Self::Stuffed if hdlc::stuffing::is_stuffed(byte) => {
                Cell::Two(hdlc::stuffing::ESCAPE, byte ^ hdlc::stuffing::STUFFED)
            }
            Self::Complement if kmp::frame::is_escaped(byte) => Cell::Two(kmp::frame::ESCAPE, !byte),
            Self::Stuffed | Self::Complement => Cell::One(byte),
        }
    }
}

/// The positions of the frames that a deframer finds.
fn found<'a, D: Deframe>(pieces: impl IntoIterator<Item = (Instant, &'a [u8])>) -> Vec<Range<usize>> {
    let (mut deframer, mut spans, mut quiet) = (D::default(), Vec::new(), None);
    let mut drain = |deframer: &mut D| {
        while let Some(heard) = deframer.next() {
            if let Heard::Frame(_, span) = heard {
                let place = |at: u64| usize::try_from(at).unwrap_or(usize::MAX);
                spans.push(place(span.at)..place(span.at + span.length));
            }
        }
    };
    for (at, piece) in pieces {
        if quiet.is_some_and(|quiet| at >= quiet) {
            deframer.silence();
            drain(&mut deframer);
        }
        for part in piece.chunks(PIECE) {
            deframer.push(part);
            drain(&mut deframer);
        }
        quiet = deframer.patience().map(|patience| at.after(patience));
    }
    deframer.silence();
    drain(&mut deframer);
    spans
}

/// The positions of the groups with correct checksums: each is changed separately.
fn tic_groups<'a>(pieces: impl IntoIterator<Item = (Instant, &'a [u8])>) -> Vec<Range<usize>> {
    let pieces: Vec<(Instant, &[u8])> = pieces.into_iter().collect();
    let bytes: Vec<u8> = pieces.iter().flat_map(|(_, piece)| *piece).copied().collect();
    let mut characters = Vec::new();
    let mut spans = Vec::new();
    for frame in found::<tic::frame::Deframer>(pieces) {
        tic::character::strip(bytes.get(frame.clone()).unwrap_or_default(), &mut characters);
        let good = groups(&characters).filter(|(_, text)| group::rule_of(text).is_some());
        spans.extend(good.map(|(at, text)| frame.start + at..frame.start + at + text.len()));
    }
    spans
}

/// Recomputes the CRC after the `!`, with the same number of digits in the same case.
pub(super) fn p1_check(bytes: &mut [u8]) -> Option<()> {
    let end = bytes.iter().rposition(|byte| *byte == b'!')? + 1;
    let crc = p1::checksum::crc(bytes.get(..end)?);
    let behind = bytes.get_mut(end..)?;
    let digits = behind.iter().take(4).take_while(|byte| byte.is_ascii_hexdigit()).count();
    let digits = behind.get_mut(..digits)?;
    let is_lower = digits.iter().any(u8::is_ascii_lowercase);
    if digits.is_empty() {
        return Some(());
    }
    if u32::from(crc) >= 1 << (4 * digits.len()) {
        return None;
    }
    let letters = crc.to_be_bytes().map(hex::digits);
    for (digit, letter) in digits.iter_mut().rev().zip(letters.as_flattened().iter().rev()) {
        *digit = if is_lower { *letter } else { letter.to_ascii_uppercase() };
    }
    Some(())
}

fn mbus_check(bytes: &mut [u8]) -> Option<()> {
    let [_, _, _, _, body @ .., sum, _] = bytes else { return None };
    *sum = mbus::frame::sum(body);
    Some(())
}

/// Recomputes the header and frame check sequences; a frame without information has a single one.
fn hdlc_check(bytes: &mut [u8]) -> Option<()> {
    let header = hdlc::frame::header_length(bytes)?;
    let ends = [header, bytes.len().checked_sub(2)?];
    for end in ends {
        let check = crc16_x25(bytes.get(..end)?).to_le_bytes();
        bytes.get_mut(end..end + 2)?.copy_from_slice(&check);
    }
    Some(())
}

/// Recomputes the checksum of each message, and that of the file.
fn sml_check(bytes: &mut [u8], before: &[u8]) -> Option<()> {
    let length = bytes.len();
    let kind = check_of(before, length)?;
    let end = length.checked_sub(SEQUENCE)?;
    let mut at = SEQUENCE;
    while bytes.get(at..end)?.iter().any(|byte| *byte != 0) {
        let mut fields = Fields::new(bytes.get(at..end)?);
        fields.list(6).ok()?;
        fields.skip(4).ok()?;
        let body = end - at - fields.rest().len();
        let message = bytes.get(at..at + body)?;
        let sent = before.get(at..at + body)?;
        // A meter may send a checksum below 256 in one byte; the new checksum may be too large for that.
        let &[0x63, first, second, 0] = before.get(at + body..at + body + 4)? else { return None };
        let check = Check::of(sent, [first, second]).ok()?.checksum(message);
        bytes.get_mut(at + body + 1..at + body + 3)?.copy_from_slice(&check);
        at += body + 4;
    }
    let check = kind.checksum(bytes.get(..length - 2)?);
    bytes.get_mut(length - 2..)?.copy_from_slice(&check);
    Some(())
}

fn check_of(file: &[u8], length: usize) -> Option<Check> {
    let (covered, sent) = file.get(..length)?.split_last_chunk::<2>()?;
    Check::of(covered, *sent).ok()
}

/// Recomputes the block check after ETX, if there is one.
fn iec62056_check(bytes: &mut [u8], before: &[u8]) -> Option<()> {
    let Some(start) = before.iter().position(|byte| *byte == STX) else { return Some(()) };
    if before.iter().rev().nth(1) != Some(&ETX) {
        return Some(());
    }
    let (last, covered) = bytes.split_last_mut()?;
    // The identification, without the `/` before it.
    let identification = covered.get(1..start).unwrap_or_default();
    *last = block_check(identification, covered.get(start + 1..)?);
    Some(())
}

fn modbus_check(bytes: &mut [u8]) -> Option<()> {
    let (body, check) = bytes.split_last_chunk_mut::<2>()?;
    *check = crc16_modbus(body).to_le_bytes();
    Some(())
}

fn kmp_check(bytes: &mut [u8]) -> Option<()> {
    let (body, check) = bytes.split_last_chunk_mut::<2>()?;
    *check = crc16_xmodem(body).to_be_bytes();
    Some(())
}
