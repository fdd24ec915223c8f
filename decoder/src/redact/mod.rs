//! Removes the identifications of meters from the bytes of a line, so that the bytes can be published.
//!
//! Input is the bytes received and sent, with the setup that decodes them. Output is the same telegrams with every
//! identification replaced by another one of the same length and form, and with correct checksums. Ciphered telegrams
//! are deciphered, changed, and enciphered with [`SUBSTITUTE`], which is not secret.
//!
//! ```text
//! bytes ──► session ─► readings ─► identities ─► what to look for, and what to put in its place
//!    │                                               │
//!    └────► frames ─► texts (joined, deciphered) ────┴─► texts ─► frames, checks redone ─► bytes
//! ```
//!
//! Bytes outside valid frames may contain a damaged number. A run of such bytes becomes zeros if it contains half of a
//! number, or if any telegram is ciphered.
//!
//! Guarantee: no identification in any reading remains as text, as the hex digits of the text, as BCD digits or as an
//! integer. Except for identifications and messages, the redacted bytes decode to the same readings. A valid frame
//! becomes zeros only if it cannot be deciphered, or if its new checksum needs more room than the old one.

mod link;
mod text;

use alloc::vec::Vec;
use core::ops::Range;

use crate::cipher::Keys;
use crate::hdlc::stuffing::FLAG;
use crate::identity::Identities;
use crate::notice::Notice;
use crate::output::Output;
use crate::session::Session;
use crate::setup::Setup;
use crate::stack::Stack;
use crate::tic::frame::is_border;
use crate::time::Instant;

use link::{Link, LinkFrame};
use text::Opened;

/// The keys with which telegrams are enciphered again: they are public.
pub const SUBSTITUTE: Keys =
    Keys { encryption: Some(*b"metertap-capture"), authentication: Some(*b"metertap-redacts") };

/// Bytes without identifications.
#[derive(Debug)]
pub struct Redaction {
    heard: Vec<Cell>,
    said: Vec<Cell>,
    /// The keys of the redacted telegrams, if they are ciphered.
    pub keys: Keys,
    /// How many identifications these bytes contain, not counting those known from elsewhere. If 0, nothing proves that
    /// all were found.
    pub identities: usize,
    /// How many telegrams became zeros because they are ciphered and could not be deciphered and enciphered again.
    pub left_out: usize,
}

/// What became of a byte: changed bytes may need an escape, or no longer need one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Cell {
    Gone,
    One(u8),
    Two(u8, u8),
}

impl Redaction {
    /// Redacts the bytes that a session with this setup received, in pieces with their times, and the bytes sent to the
    /// meter. `known` lists identifications of the meter from elsewhere, even ones that no reading of these bytes
    /// contains.
    #[must_use]
    pub fn of(setup: &Setup, heard: &[(Instant, &[u8])], said: &[u8], known: &[&str]) -> Self {
        let link = Link::of(setup.stack);
        let bytes: Vec<u8> = heard.iter().flat_map(|(_, piece)| *piece).copied().collect();
        let mut line = Line::new(link, bytes, link.frames(heard.iter().copied()));
        let mut meter = Line::new(link, said.to_vec(), link.frames([(Instant(0), said)]));
        let keys = text::keys(setup);
        let (mut identities, mut told) = (Identities::default(), None);
        // The first pass counts the identifications that these bytes contain. The second one also recognises those
        // known from elsewhere, for example in an identification line in place of the model.
        for names in [&[], known] {
            if told.is_none() || !names.is_empty() {
                names.iter().for_each(|name| identities.add_name(name));
                collect(setup, heard, &mut identities);
                identities.said(said);
                for text in line.texts().iter().chain(&meter.texts()) {
                    text::collect(setup.stack, &keys, &text.bytes, &mut identities);
                }
            }
            told.get_or_insert(identities.count());
        }
        identities.settle();
        let is_ciphered = line.redact(setup.stack, &keys, &identities);
        meter.redact(setup.stack, &keys, &identities);
        Self {
            keys: if is_ciphered { substitute(setup) } else { Keys::default() },
            identities: told.unwrap_or_default(),
            left_out: line.left_out,
            heard: line.cells(&identities, is_ciphered),
            said: meter.cells_said(&identities),
        }
    }

    /// The redacted form of this range of the bytes received; empty if the range lies outside them.
    #[must_use]
    pub fn heard(&self, stretch: Range<usize>) -> Vec<u8> {
        written(self.heard.get(stretch).unwrap_or_default())
    }

    /// The redacted form of this range of the bytes sent; empty if the range lies outside them.
    #[must_use]
    pub fn said(&self, stretch: Range<usize>) -> Vec<u8> {
        written(self.said.get(stretch).unwrap_or_default())
    }
}

/// A substitute for each key that the meter has: tags that were not verified before are not verified afterwards.
fn substitute(setup: &Setup) -> Keys {
    Keys {
        encryption: setup.keys.encryption.and(SUBSTITUTE.encryption),
        authentication: setup.keys.authentication.and(SUBSTITUTE.authentication),
    }
}

fn written(cells: &[Cell]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(cells.len());
    for cell in cells {
        match *cell {
            Cell::Gone => {}
            Cell::One(byte) => bytes.push(byte),
            Cell::Two(first, second) => bytes.extend([first, second]),
        }
    }
    bytes
}

/// Adds the identifications in the readings of these bytes.
fn collect(setup: &Setup, heard: &[(Instant, &[u8])], identities: &mut Identities) {
    let mut session = Session::new(Setup { ask: None, ..setup.clone() }, Instant(0));
    let mut drain = |session: &mut Session| loop {
        match session.poll() {
            Output::Wait(deadline) => return deadline,
            Output::Reading(reading, _) | Output::Remembered(reading, _) => {
                identities.take(&reading);
                identities.take_messages(&reading);
            }
            Output::Notice(Notice::Fault(..) | Notice::Noise(_) | Notice::Talk(_)) => {}
            Output::Notice(_) | Output::Transmit(_) | Output::Line(_) => {}
        }
    };
    let mut deadline = None;
    for (at, piece) in heard {
        if let Some(due) = deadline.filter(|due: &Instant| due <= at) {
            session.handle_timeout(due);
            drain(&mut session);
        }
        session.handle_bytes(*at, piece);
        deadline = drain(&mut session);
    }
    while let Some(due) = deadline {
        session.handle_timeout(due);
        deadline = drain(&mut session).filter(|next| *next > due);
    }
}

/// One direction of the line.
struct Line {
    link: Link,
    bytes: Vec<u8>,
    frames: Vec<LinkFrame>,
    left_out: usize,
}

impl Line {
    fn new(link: Link, bytes: Vec<u8>, spans: Vec<Range<usize>>) -> Self {
        let frame =
            |span: Range<usize>| LinkFrame::of(link, bytes.get(span.clone()).unwrap_or_default(), span.start);
        let frames = spans.into_iter().map(frame).collect();
        Self { link, bytes, frames, left_out: 0 }
    }

    fn texts(&self) -> Vec<Opened> {
        text::join(self.link, &self.frames)
    }

    /// Replaces identifications in valid frames; returns whether any of the frames is ciphered.
    fn redact(&mut self, stack: Stack, keys: &text::KeyPair, identities: &Identities) -> bool {
        let mut is_ciphered = false;
        for text in self.texts() {
            is_ciphered |= text::is_ciphered(stack, &text.bytes);
            match text::redacted(stack, keys, identities, &text.bytes) {
                Some(bytes) => text.write(&bytes, &mut self.frames),
                None => {
                    self.left_out += 1;
                    text.frames().for_each(|frame| self.leave_out(frame));
                }
            }
        }
        is_ciphered
    }

    fn leave_out(&mut self, frame: usize) {
        if let Some(frame) = self.frames.get_mut(frame) {
            frame.left_out = true;
        }
    }

    /// The bytes of the line, with zeros in place of those that must not be shown.
    fn cells(mut self, identities: &Identities, is_ciphered: bool) -> Vec<Cell> {
        let mut cells: Vec<Cell> = self.bytes.iter().map(|byte| Cell::One(*byte)).collect();
        let mut end = 0;
        let frames = core::mem::take(&mut self.frames);
        let behind = self.bytes.len()..self.bytes.len();
        for span in frames.iter().map(|frame| frame.span.clone()).chain(Some(behind)) {
            let run = end..span.start;
            let bytes = self.link.characters(self.bytes.get(run.clone()).unwrap_or_default());
            if is_ciphered || identities.may_hide_in(&bytes) {
                blank(self.link, cells.get_mut(run).unwrap_or_default());
            }
            end = span.end;
        }
        for frame in frames {
            frame.write(&mut cells);
        }
        cells
    }

    /// Like [`cells`](Self::cells), for the bytes sent: none of them is damaged.
    fn cells_said(self, identities: &Identities) -> Vec<Cell> {
        let mut bytes = self.bytes;
        identities.replace(&mut bytes);
        let mut cells: Vec<Cell> = bytes.iter().map(|byte| Cell::One(*byte)).collect();
        for frame in self.frames {
            frame.write(&mut cells);
        }
        cells
    }
}

/// Replaces bytes by zeros. HDLC's flags stay, and so do line ends and the marks of frames in TIC: one of them may open
/// the valid frame that follows.
pub(crate) fn blank(link: Link, cells: &mut [Cell]) {
    let stays = |cell: Cell| match (link, cell) {
        (Link::Hdlc, Cell::One(byte)) => byte == FLAG,
        (Link::Tic, Cell::One(byte)) => is_border(byte),
        _ => false,
    };
    cells.iter_mut().filter(|cell| !stays(**cell)).for_each(|cell| *cell = Cell::One(0));
}

#[cfg(test)]
mod tests;
