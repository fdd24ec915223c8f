//! Stage 1 of TIC: bytes → frames, from STX to ETX, as characters without their parity bits.
//!
//! A frame that EOT aborts is neither a frame nor an error (Enedis-NOI-CPT_02E): its bytes are noise. A terminal in its
//! default mode turns CR into LF and removes ETX: if no line of a frame ends in CR, the frame ends where the next one
//! begins. Guarantee for the next stage: the frame contains a group with a known label, or at least two groups
//! with correct checksums. Each character is at the position of its byte, and damaged characters are marked.

use alloc::vec::Vec;

use super::character::{self, EOT, ETX, EVEN_EOT, EVEN_STX, STX};
use super::group;
use crate::error::FrameError;
use crate::frame::{Backlog, Deframe, Found, Heard};

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Frame<'a> {
    /// Its characters, beginning with STX.
    pub(crate) characters: &'a [u8],
}

#[derive(Debug, Default)]
pub(crate) struct Deframer {
    backlog: Backlog,
    /// How many bytes of the backlog were searched for the end of the frame without finding it.
    searched: usize,
    characters: Vec<u8>,
}

impl Deframe for Deframer {
    type Frame<'a> = Frame<'a>;

    /// Groups follow each other within 33 ms (Enedis-NOI-CPT_54E, 5.3.6), but browsers deliver bytes with delays.
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
        let bytes = self.backlog.bytes();
        let start = bytes.iter().position(|byte| matches!(*byte, STX | EVEN_STX)).unwrap_or(bytes.len());
        let (found, count) = match (start, bytes) {
            (_, []) => return None,
            (0, bytes) => match self.find(bytes) {
                Some(found) => found,
                None => {
                    self.searched = bytes.len();
                    return None;
                }
            },
            (noise, _) => (Found::Noise, noise),
        };
        self.searched = 0;
        let span = self.backlog.judge(count);
        character::strip(self.backlog.judged(span), &mut self.characters);
        // Other protocols use STX and ETX as well.
        let is_frame = is_begun(&self.characters);
        let found = if is_frame { found } else { Found::Noise };
        Some(found.heard(span, |()| Ok(Frame { characters: &self.characters })))
    }

    fn held(&self) -> usize {
        self.backlog.held() + self.characters.capacity()
    }
}

impl Deframer {
    /// Determines what begins at the head of the backlog, and how many bytes it takes; `None` while more bytes are
    /// needed.
    fn find(&self, bytes: &[u8]) -> Option<(Found<()>, usize)> {
        let window = bytes.get(..LONGEST).unwrap_or(bytes);
        let (start, broken_off) = match window.first() {
            Some(&EVEN_STX) => (EVEN_STX, EVEN_EOT),
            _ => (STX, EOT),
        };
        let behind = window.iter().enumerate().skip(self.searched.max(1));
        let mut ends = behind.filter(|(_, byte)| [ETX, broken_off, start].contains(byte));
        match ends.next() {
            Some((at, &ETX)) => Some((Found::Frame(()), at + 1)),
            Some((at, byte)) if *byte == broken_off => Some((Found::Noise, at + 1)),
            Some((at, _)) => Some((without_end(window.get(..at).unwrap_or_default()), at)),
            None if window.len() == LONGEST => {
                Some((Found::Fault(FrameError::TooLong { limit: LONGEST }), LONGEST))
            }
            None if self.backlog.is_silent() => Some((Found::Fault(FrameError::Truncated), bytes.len())),
            None => None,
        }
    }
}

/// The verdict on bytes that end where another frame begins.
fn without_end(bytes: &[u8]) -> Found<()> {
    let is_as_sent = bytes.windows(2).any(|two| matches!(two, [b'\r' | EVEN_CR, b'\n']));
    if is_as_sent { Found::Fault(FrameError::Truncated) } else { Found::Frame(()) }
}

/// The groups of a frame, valid or not, each with its position. A group is the text between two line ends.
pub(crate) fn groups(characters: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    let ends = |byte: &u8| matches!(*byte, b'\r' | b'\n' | STX | ETX);
    let mut at = 0;
    characters.split(ends).filter_map(move |text| {
        let place = at;
        at += text.len() + 1;
        (!text.is_empty()).then_some((place, text))
    })
}

/// Whether the byte, with or without its parity bit, delimits groups or frames.
pub(crate) fn is_border(byte: u8) -> bool {
    matches!(byte, STX | EVEN_STX | ETX | EOT | EVEN_EOT | b'\n' | b'\r' | EVEN_CR)
}

/// Whether any group begins with a known label, or at least two groups are valid: larger meters have labels of their
/// own.
fn is_begun(characters: &[u8]) -> bool {
    let holds = |text: &[u8]| group::rule_of(text).is_some();
    groups(characters).any(|(_, text)| group::is_begun(text))
        || groups(characters).filter(|(_, text)| holds(text)).nth(1).is_some()
}

/// CR with its parity bit.
const EVEN_CR: u8 = 0x8D;

/// The length of the longest frame accepted, in bytes. The longest frame seen has 1442: a producer with three phases.
const LONGEST: usize = 4096;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::testing::in_words;
    use alloc::string::String;
    use std::format;

    const FRAME: &[u8] = b"\x02\nADCO 031776034842 D\r\nPAPP 00760 .\r\x03";

    fn heard(bytes: &[u8]) -> Vec<String> {
        in_words::<Deframer>([bytes], |frame| format!("frame of {}", groups(frame.characters).count()))
    }

    fn even(text: &[u8]) -> Vec<u8> {
        text.iter().map(|byte| byte | if byte.count_ones() % 2 == 1 { 0x80 } else { 0 }).collect()
    }

    #[test]
    fn a_frame_ends_with_etx() {
        assert_eq!(heard(FRAME), [format!("frame of 2 {}", FRAME.len())]);
        assert_eq!(heard(&even(FRAME)), [format!("frame of 2 {}", FRAME.len())]);
        let cut = &FRAME[..FRAME.len() - 1];
        assert_eq!(heard(cut), [format!("frame.truncated {}", cut.len())]);
        assert_eq!(heard(&[cut, FRAME].concat()).len(), 2);
    }

    /// Enedis-NOI-CPT_02E: part of a frame is not a telegram.
    #[test]
    fn a_frame_that_is_broken_off_is_noise() {
        let part = &FRAME[..24];
        let bytes = [part, b"\x04", FRAME].concat();
        assert_eq!(heard(&bytes), ["noise 25".into(), format!("frame of 2 {}", FRAME.len())]);
        let bytes = even(&bytes);
        assert_eq!(heard(&bytes), ["noise 25".into(), format!("frame of 2 {}", FRAME.len())]);
    }

    #[test]
    fn a_frame_without_etx_from_a_terminal_ends_at_the_next_start() {
        let changed: Vec<u8> =
            FRAME.iter().filter(|byte| **byte != 3).map(|o| if *o == 13 { 10 } else { *o }).collect();
        let words = heard(&[&changed[..], &changed].concat());
        let length = changed.len();
        assert_eq!(words, [format!("frame of 2 {length}"), format!("frame.truncated {length}")]);
    }

    #[test]
    fn bytes_of_other_protocols_are_noise() {
        assert!(heard(b"\x021.8.0(1)\x03\x02\x02\x03xx").iter().all(|word| word.starts_with("noise")));
        assert!(heard(&[2; 9000]).iter().all(|word| word.starts_with("noise")));
    }

    #[test]
    fn a_frame_without_end_is_abandoned() {
        let long = [&b"\x02\nPAPP 00760 .\r"[..], &[b'x'; 5000]].concat();
        assert_eq!(heard(&long), ["frame.too-long 4096".into(), format!("noise {}", long.len() - 4096)]);
    }
}
