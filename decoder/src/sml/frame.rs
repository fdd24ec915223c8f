//! Stage 1 of SML: bytes → files with a correct checksum.
//!
//! Guarantee for the next stage: the file lies between a start and an end, escaped bytes are restored, and the checksum
//! was correct. A start sequence inside a file means that the end of that file was lost.

use alloc::vec::Vec;

use memchr::memchr;

use crate::crc::{crc16_kermit, crc16_x25};
use crate::error::{Flaw, FrameError};
use crate::frame::{Backlog, Deframe, Found, Heard};

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Frame<'a> {
    /// Its messages, and up to three fill bytes.
    pub(crate) messages: &'a [u8],
    pub(crate) check: Check,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Check {
    /// SML 1.04, clause 8.4.
    X25,
    /// Holley DTZ541.
    Kermit,
}

impl Check {
    /// Returns the kind of checksum by which `sent` is correct for these bytes.
    pub(crate) fn of(bytes: &[u8], sent: [u8; 2]) -> Result<Self, FrameError> {
        let kermit = |error| Self::Kermit.verify(bytes, sent).map_err(|_| error);
        Self::X25.verify(bytes, sent).or_else(kermit)
    }

    /// The checksum of the bytes, as sent.
    pub(crate) fn checksum(self, bytes: &[u8]) -> [u8; 2] {
        match self {
            Self::X25 => crc16_x25(bytes).to_le_bytes(),
            Self::Kermit => crc16_kermit(bytes).to_be_bytes(),
        }
    }

    /// Returns this kind if `sent` is its checksum of the bytes.
    pub(crate) fn verify(self, bytes: &[u8], sent: [u8; 2]) -> Result<Self, FrameError> {
        let computed = self.checksum(bytes);
        if computed == sent {
            return Ok(self);
        }
        Err(FrameError::Checksum { found: u16::from_be_bytes(sent), computed: u16::from_be_bytes(computed) })
    }
}

#[derive(Debug, Default)]
pub(crate) struct Deframer {
    backlog: Backlog,
    /// How many bytes of the backlog were searched for the end of the file without finding it.
    searched: usize,
    /// Whether escaped bytes occur before `searched`.
    escaped: bool,
    /// The last file that had escaped bytes, without the escapes.
    plain: Vec<u8>,
}

impl Deframe for Deframer {
    type Frame<'a> = Frame<'a>;

    const LONGEST_PAUSE: u64 = 1000;

    const LONGEST: usize = LONGEST;

    const MEMORY: usize = Backlog::memory(LONGEST) + 2 * LONGEST;

    fn backlog(&self) -> &Backlog {
        &self.backlog
    }

    fn backlog_mut(&mut self) -> &mut Backlog {
        &mut self.backlog
    }

    fn next(&mut self) -> Option<Heard<Frame<'_>>> {
        let (found, count) = self.find()?;
        self.searched = 0;
        let escaped = core::mem::take(&mut self.escaped);
        let span = self.backlog.judge(count);
        Some(found.heard(span, |File { end, check }| {
            let mut messages = self.backlog.judged(span).get(SEQUENCE..end).unwrap_or_default();
            if escaped {
                unescape(messages, &mut self.plain);
                messages = &self.plain;
            }
            Ok(Frame { messages, check })
        }))
    }

    fn held(&self) -> usize {
        self.backlog.held() + self.plain.capacity()
    }
}

/// A file at the head of the backlog, with its end sequence at `end`.
struct File {
    end: usize,
    check: Check,
}

impl Deframer {
    /// Determines what comes next, and how many bytes it takes.
    fn find(&mut self) -> Option<(Found<File>, usize)> {
        let bytes = self.backlog.bytes();
        let begin = start(bytes, 0);
        if begin > 0 {
            return Some((Found::Noise, begin));
        }
        if bytes.len() < SEQUENCE {
            return (self.backlog.is_silent() && !bytes.is_empty()).then_some((Found::Noise, bytes.len()));
        }
        self.searched = self.searched.max(SEQUENCE);
        loop {
            let (at, sequence) = match escape(bytes, self.searched) {
                Ok(at) => (at, bytes.get(at + ESCAPE.len()..).and_then(|behind| behind.first_chunk::<4>())),
                Err(at) => (at, None),
            };
            self.searched = at;
            if at + SEQUENCE > LONGEST {
                let damaged = bytes.get(..LONGEST)?;
                return Some((Found::Fault(FrameError::TooLong { limit: LONGEST }), resume(damaged)));
            }
            match sequence {
                None if self.backlog.is_silent() => {
                    return Some((Found::Fault(FrameError::Truncated), resume(bytes)));
                }
                None => return None,
                Some(&[0x1A, _fill, first, second]) => return Some(close(bytes, at, [first, second])),
                Some(&BEGIN) => return Some((Found::Fault(FrameError::Truncated), at)),
                Some(&ESCAPE) => self.escaped = true,
                Some(_) => return Some((Found::Fault(FrameError::Malformed(Flaw::Escape)), at)),
            }
            self.searched += SEQUENCE;
        }
    }
}

/// Judges the file whose end sequence is at `end`: escape, 1A, fill, checksum.
fn close(bytes: &[u8], end: usize, sent: [u8; 2]) -> (Found<File>, usize) {
    let whole = end + SEQUENCE;
    match Check::of(bytes.get(..whole - sent.len()).unwrap_or_default(), sent) {
        Ok(check) => (Found::Frame(File { end, check }), whole),
        Err(error) => (Found::Fault(error), resume(bytes.get(..whole).unwrap_or_default())),
    }
}

/// Where the search continues after a damaged file: at the last start inside the file, even if it is part of an escape,
/// or else after the file. A search from an earlier start would find the same damage.
fn resume(damaged: &[u8]) -> usize {
    let mut last = damaged.len();
    let mut at = start(damaged, 1);
    while at < damaged.len() {
        let is_whole = damaged.len() - at >= SEQUENCE;
        if is_whole || last == damaged.len() {
            last = at;
        }
        at = start(damaged, at + 1);
    }
    last
}

/// The position at or after `from` where the first start sequence begins, or may begin if more bytes arrive. If there
/// is none, the end of the bytes.
fn start(bytes: &[u8], from: usize) -> usize {
    let mut from = from;
    loop {
        match escape(bytes, from) {
            Ok(at) => {
                let behind = bytes.get(at + ESCAPE.len()..).unwrap_or_default();
                if behind.starts_with(&BEGIN) || BEGIN.starts_with(behind) {
                    return at;
                }
                from = at + 1;
            }
            Err(at) => {
                let tail = bytes.get(at..).unwrap_or_default();
                let begun = tail.iter().rev().take_while(|byte| **byte == 0x1B).count();
                return bytes.len() - begun;
            }
        }
    }
}

/// The position of the first escape sequence at or after `from`. `Err` is the position up to which no escape sequence
/// begins.
fn escape(bytes: &[u8], from: usize) -> Result<usize, usize> {
    let mut at = from;
    loop {
        let rest = bytes.get(at..).unwrap_or_default();
        at += memchr(0x1B, rest).unwrap_or(rest.len());
        match bytes.get(at..).and_then(|rest| rest.first_chunk::<4>()) {
            Some(&ESCAPE) => return Ok(at),
            Some(_) => at += 1,
            None => return Err(at),
        }
    }
}

/// Removes the escapes from the bytes between start and end.
pub(crate) fn unescape(escaped: &[u8], plain: &mut Vec<u8>) {
    plain.clear();
    let mut rest = escaped;
    while let Ok(at) = escape(rest, 0) {
        let (bytes, behind) = rest.split_at(at + ESCAPE.len());
        plain.extend_from_slice(bytes);
        rest = behind.get(ESCAPE.len()..).unwrap_or_default();
    }
    plain.extend_from_slice(rest);
}

/// Builds a file of these messages. They must not contain four bytes 1B in a row, which would need an escape.
pub(crate) fn file(messages: &[u8], check: Check) -> Vec<u8> {
    let fill = messages.len().wrapping_neg() % 4;
    let mut bytes = [&ESCAPE[..], &BEGIN, messages].concat();
    bytes.extend(core::iter::repeat_n(0, fill));
    bytes.extend(ESCAPE);
    bytes.extend([0x1A, u8::try_from(fill).unwrap_or_default()]);
    bytes.extend(check.checksum(&bytes));
    bytes
}

/// Length in bytes of a start or end sequence, or of a doubled escape.
pub(crate) const SEQUENCE: usize = 8;
pub(crate) const ESCAPE: [u8; 4] = [0x1B; 4];
const BEGIN: [u8; 4] = [0x01; 4];

/// The length of the longest file kept, in bytes. A meter's list with all phases stays below 1 kB.
pub(crate) const LONGEST: usize = 8192;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::testing::{in_words, x25};
    use alloc::format;
    use alloc::string::String;
    use alloc::vec;

    /// SML 1.04, clause 8.2: start, messages, fill, end. The function for the CRC is tested with known check values.
    fn by_hand(messages: &[u8], checksum: fn(&[u8]) -> [u8; 2]) -> Vec<u8> {
        let fill = (4 - messages.len() % 4) % 4;
        let mut bytes = [&ESCAPE[..], &BEGIN, messages, &[0, 0, 0][..fill], &ESCAPE, &[0x1A]].concat();
        bytes.push(u8::try_from(fill).unwrap());
        bytes.extend(checksum(&bytes));
        bytes
    }

    #[test]
    fn writes_what_was_encoded_by_hand() {
        let messages = [0x76, 1, 2, 3, 4];
        assert_eq!(file(&messages, Check::X25), by_hand(&messages, x25));
    }

    fn hear(bytes: &[u8]) -> Vec<String> {
        in_words::<Deframer>([bytes], |frame| format!("{:?} {:x?}", frame.check, frame.messages))
    }

    #[test]
    fn accepts_a_file_with_either_checksum() {
        assert_eq!(hear(&by_hand(&[1, 2, 3, 4], x25)), ["X25 [1, 2, 3, 4] 20"]);
        let kermit = by_hand(&[1, 2, 3], |bytes| crc16_kermit(bytes).to_be_bytes());
        assert_eq!(hear(&kermit), ["Kermit [1, 2, 3, 0] 20"]);
        let mut broken = by_hand(&[1, 2, 3, 4], x25);
        broken[9] ^= 1;
        assert_eq!(hear(&broken), ["frame.checksum 20"]);
    }

    #[test]
    fn escaped_bytes_are_unescaped() {
        let escaped = [&[7][..], &ESCAPE, &ESCAPE, &[0x1B, 8, 9, 0]].concat();
        assert_eq!(hear(&by_hand(&escaped, x25)), ["X25 [7, 1b, 1b, 1b, 1b, 1b, 8, 9, 0, 0, 0, 0] 32"]);
    }

    #[test]
    fn a_start_inside_a_file_begins_the_next_one() {
        let whole = by_hand(&[1, 2, 3, 4], x25);
        let cut = [&whole[..11], &whole].concat();
        assert_eq!(hear(&cut), ["frame.truncated 11", "X25 [1, 2, 3, 4] 20"]);
        let shifted = [&whole[..9], &[0x1B], &whole[..]].concat();
        assert_eq!(hear(&shifted), ["frame.malformed 9", "noise 1", "X25 [1, 2, 3, 4] 20"]);
        // The first four bytes of the second file look like the second half of an escape.
        let hidden = [&whole[..9], &ESCAPE, &whole[..]].concat();
        assert_eq!(hear(&hidden), ["frame.checksum 13", "X25 [1, 2, 3, 4] 20"]);
        assert_eq!(hear(&[&[1, 0x1B, 2][..], &whole[..12]].concat()), ["noise 3", "frame.truncated 12"]);
        assert_eq!(hear(&whole[..7]), ["noise 7"]);
    }

    #[test]
    fn a_file_without_end_is_dropped_at_the_limit() {
        let endless = [&ESCAPE[..], &BEGIN, &vec![5; LONGEST]].concat();
        assert_eq!(hear(&endless), [format!("frame.too-long {LONGEST}"), "noise 8".into()]);
        // Many starts are hidden in escapes. Each of them is looked at only once.
        let flood = [&ESCAPE[..], &ESCAPE, &BEGIN].concat().repeat(LONGEST / 6);
        assert!(hear(&flood).len() < 8, "{:?}", hear(&flood));
    }
}
