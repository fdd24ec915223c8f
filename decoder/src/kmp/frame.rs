//! Stage 1 of KMP: bytes → answers with a correct CRC.
//!
//! The start and stop bytes occur nowhere else, so every start byte begins an answer: damage loses only the answer that
//! it hits. Guarantee for the next stage: the CRC was correct, escapes are removed, and the answer has a command.

use alloc::vec::Vec;

use crate::crc::crc16_xmodem;
use crate::error::{Flaw, FrameError};
use crate::frame::{Backlog, Deframe, Found, Heard};

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Frame<'a> {
    /// The command that the meter answers.
    pub(crate) command: u8,
    pub(crate) answer: &'a [u8],
}

#[derive(Debug, Default)]
pub(crate) struct Deframer {
    backlog: Backlog,
    /// How many bytes of the backlog were searched for the end of the answer without finding it.
    searched: usize,
    /// The last answer that had escaped bytes, without the escapes.
    plain: Vec<u8>,
}

impl Deframe for Deframer {
    type Frame<'a> = Frame<'a>;

    /// Meters send an answer without a pause, but adapters and browsers add pauses.
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
        let span = self.backlog.judge(count);
        Some(found.heard(span, |form| {
            let bytes = match form {
                Escaping::Plain => between(self.backlog.judged(span)),
                Escaping::Escaped => &self.plain,
            };
            match body(bytes)? {
                [_address, command, answer @ ..] => Ok(Frame { command: *command, answer }),
                _ => Err(FrameError::Truncated),
            }
        }))
    }

    fn held(&self) -> usize {
        self.backlog.held() + self.plain.capacity()
    }
}

enum Escaping {
    Plain,
    Escaped,
}

impl Deframer {
    /// Determines what comes next, and how many bytes it takes.
    fn find(&mut self) -> Option<(Found<Escaping>, usize)> {
        let bytes = self.backlog.bytes();
        let start = bytes.iter().position(|byte| *byte == START).unwrap_or(bytes.len());
        // Of several starts in a row, the last one begins the answer.
        let starts = bytes.iter().skip(start).take_while(|byte| **byte == START).count();
        let noise = start + starts.saturating_sub(1);
        if noise > 0 {
            return Some((Found::Noise, noise));
        }
        let ends = |byte: &u8| matches!(*byte, START | REQUEST | STOP);
        let from = self.searched.max(1);
        let end = bytes.iter().take(LONGEST).skip(from).position(ends).map(|behind| from + behind);
        match end.map(|end| (end, bytes.get(end))) {
            Some((stop, Some(&STOP))) => {
                let inside = bytes.get(1..stop).unwrap_or_default();
                let found = if !inside.contains(&ESCAPE) {
                    Found::Frame(Escaping::Plain)
                } else if unescape(inside, &mut self.plain) {
                    Found::Frame(Escaping::Escaped)
                } else {
                    Found::Fault(FrameError::Malformed(Flaw::Escape))
                };
                Some((found, stop + 1))
            }
            Some((next, _)) => Some((Found::Fault(FrameError::Truncated), next)),
            None if bytes.len() >= LONGEST => {
                Some((Found::Fault(FrameError::TooLong { limit: LONGEST }), LONGEST))
            }
            None if self.backlog.is_silent() && !bytes.is_empty() => {
                Some((Found::Fault(FrameError::Truncated), bytes.len()))
            }
            None => {
                self.searched = bytes.len();
                None
            }
        }
    }
}

fn between(bytes: &[u8]) -> &[u8] {
    bytes.get(1..bytes.len().saturating_sub(1)).unwrap_or_default()
}

/// Address, command and answer, if the CRC after them is correct.
fn body(bytes: &[u8]) -> Result<&[u8], FrameError> {
    let (body, check) = bytes.split_last_chunk::<2>().ok_or(FrameError::Truncated)?;
    let (found, computed) = (u16::from_be_bytes(*check), crc16_xmodem(body));
    if found == computed { Ok(body) } else { Err(FrameError::Checksum { found, computed }) }
}

/// Removes the escapes; `false` if an escape is incomplete or not needed.
pub(crate) fn unescape(bytes: &[u8], plain: &mut Vec<u8>) -> bool {
    plain.clear();
    let mut bytes = bytes.iter();
    while let Some(byte) = bytes.next() {
        if *byte != ESCAPE {
            plain.push(*byte);
            continue;
        }
        match bytes.next().map(|complement| !complement) {
            Some(byte) if is_escaped(byte) => plain.push(byte),
            _ => return false,
        }
    }
    true
}

pub(crate) fn is_escaped(byte: u8) -> bool {
    matches!(byte, ACKNOWLEDGEMENT | STOP | ESCAPE | START | REQUEST)
}

/// Builds a request to the meter itself, with its escapes.
pub(super) fn request(command: u8, what: &[u8]) -> Vec<u8> {
    let body = [&[METER, command], what].concat();
    let check = crc16_xmodem(&body).to_be_bytes();
    let mut bytes = Vec::with_capacity(2 * body.len() + 6);
    bytes.push(REQUEST);
    for byte in body.into_iter().chain(check) {
        match byte {
            byte if is_escaped(byte) => bytes.extend([ESCAPE, !byte]),
            other => bytes.push(other),
        }
    }
    bytes.push(STOP);
    bytes
}

/// The address of the meter itself, as opposed to its modules (protocol description, 3.2).
const METER: u8 = 0x3F;
pub(crate) const START: u8 = 0x40;
pub(crate) const REQUEST: u8 = 0x80;
pub(crate) const STOP: u8 = 0x0D;
pub(crate) const ESCAPE: u8 = 0x1B;
pub(crate) const ACKNOWLEDGEMENT: u8 = 0x06;

/// The length of the longest answer kept, in bytes, including escapes. Eight registers, the most that one question may
/// ask for, take some 120 bytes; pages of a logger take up to twice that.
pub(crate) const LONGEST: usize = 512;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::testing::in_words;
    use alloc::format;
    use alloc::string::String;
    use alloc::vec;

    fn hear(bytes: &[u8]) -> Vec<String> {
        in_words::<Deframer>([bytes], |frame| format!("{:02x} {:02x?}", frame.command, frame.answer))
    }

    /// Kamstrup's protocol description, 6.2.2 and 6.2.4, as printed.
    const SERIAL: &[u8] = &[0x40, 0x3F, 0x02, 0x01, 0x23, 0x45, 0x67, 0xE9, 0x56, 0x0D];
    const REGISTER: &[u8] =
        &[0x40, 0x3F, 0x10, 0x00, 0x1B, 0x7F, 0x16, 0x04, 0x11, 0x01, 0x2A, 0xF0, 0x24, 0x63, 0x03, 0x0D];
    const REQUEST_OF_SERIAL: &[u8] = &[0x80, 0x3F, 0x02, 0x35, 0xE9, 0x0D];

    #[test]
    fn reads_the_examples_of_the_description() {
        assert_eq!(hear(SERIAL), ["02 [01, 23, 45, 67] 10"]);
        assert_eq!(hear(REGISTER), ["10 [00, 80, 16, 04, 11, 01, 2a, f0, 24] 16"]);
    }

    /// The optical head's echo of a request, then the acknowledgement with which a meter answers some commands.
    #[test]
    fn requests_and_acknowledgements_are_noise() {
        let talk = [REQUEST_OF_SERIAL, SERIAL, &[ACKNOWLEDGEMENT], SERIAL].concat();
        let serial = "02 [01, 23, 45, 67] 10";
        assert_eq!(hear(&talk), ["noise 6", serial, "noise 1", serial]);
    }

    /// Kamstrup's protocol description, 6.2.2 and 6.2.4: the serial number, and register 128, which is escaped.
    #[test]
    fn writes_the_examples_of_the_description() {
        assert_eq!(request(0x02, &[]), REQUEST_OF_SERIAL);
        assert_eq!(
            request(0x10, &[1, 0x00, 0x80]),
            [0x80, 0x3F, 0x10, 0x01, 0x00, 0x1B, 0x7F, 0xD4, 0x08, 0x0D]
        );
    }

    #[test]
    fn damage_loses_only_the_answer_that_it_touches() {
        let mut flipped = SERIAL.to_vec();
        flipped[5] ^= 0x20;
        let good = "02 [01, 23, 45, 67] 10";
        assert_eq!(hear(&[&flipped[..], SERIAL].concat()), ["frame.checksum 10", good]);
        assert_eq!(hear(&[&SERIAL[..6], SERIAL].concat()), ["frame.truncated 6", good]);
        assert_eq!(hear(&[&SERIAL[..6], REQUEST_OF_SERIAL].concat()), ["frame.truncated 6", "noise 6"]);
        assert_eq!(hear(&[SERIAL, &SERIAL[..6]].concat()), [good, "frame.truncated 6"]);
        assert_eq!(hear(&[&[START, START], SERIAL].concat()), ["noise 2", good]);
        assert_eq!(hear(&[START, STOP]), ["frame.truncated 2"]);
    }

    #[test]
    fn an_unneeded_escape_is_refused() {
        let escaped = [&SERIAL[..3], &[ESCAPE, !0x01], &SERIAL[4..]].concat();
        assert_eq!(hear(&escaped), ["frame.malformed 11"]);
        assert_eq!(hear(&[START, 0x3F, ESCAPE, STOP]), ["frame.malformed 4"]);
    }

    #[test]
    fn an_answer_without_end_is_dropped_at_the_limit() {
        let endless = [&[START][..], &vec![0x3F; LONGEST]].concat();
        assert_eq!(hear(&endless), [format!("frame.too-long {LONGEST}"), "noise 1".into()]);
    }

    /// All pairs of flips, which is feasible for answers this short. The answer with an escaped byte is the critical
    /// case.
    #[test]
    fn no_two_bit_flips_make_another_answer() {
        for answer in [SERIAL, REGISTER] {
            let whole = hear(answer);
            let bits = answer.len() * 8;
            for first in 0..bits {
                for second in first + 1..bits {
                    let mut damaged = answer.to_vec();
                    damaged[first / 8] ^= 1 << (first % 8);
                    damaged[second / 8] ^= 1 << (second % 8);
                    let frames =
                        hear(&damaged).into_iter().filter(|heard| heard.starts_with(['0', '1'])).count();
                    assert_eq!(frames, 0, "{first} {second} of {whole:?}");
                }
            }
        }
    }
}
