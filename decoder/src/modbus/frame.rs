//! Stage 1 of Modbus: bytes → questions and answers with a correct CRC.
//!
//! Both directions share two wires, so a recording contains both in sequence. The function and the byte count of a
//! frame give its length. If several lengths are possible, the shortest with a correct CRC is chosen. The CRC alone
//! does not give the length: a frame with its CRC and a zero byte after them also ends in a correct CRC.

use crate::crc::crc16_modbus;
use crate::error::FrameError;
use crate::frame::{Backlog, Deframe, Found, Heard};

use super::question::{ENTRIES, HOLDING, IDENTIFICATION, INPUT, LAST_ENTRIES};

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Frame<'a> {
    /// All bytes except the CRC: at least address and function.
    pub(crate) bytes: &'a [u8],
    /// Whether it may be a question. The answer to a write of one register repeats the question, so both look like
    /// questions.
    pub(crate) is_question: bool,
}

#[derive(Debug, Default)]
pub(crate) struct Deframer {
    backlog: Backlog,
    /// Address and function of the question that has no answer yet.
    asked: Option<[u8; 2]>,
}

/// A possible length of the frame that bytes begin with.
#[derive(Clone, Copy, Debug)]
struct Length {
    bytes: usize,
    is_question: bool,
}

impl Deframe for Deframer {
    type Frame<'a> = Frame<'a>;

    /// Milliseconds. In the standard, a pause of three and a half characters ends a frame, but browsers deliver bytes
    /// in pieces.
    const LONGEST_PAUSE: u64 = 300;

    const LONGEST: usize = LONGEST;

    fn backlog(&self) -> &Backlog {
        &self.backlog
    }

    fn backlog_mut(&mut self) -> &mut Backlog {
        &mut self.backlog
    }

    fn next(&mut self) -> Option<Heard<Frame<'_>>> {
        let (found, count) = self.find()?;
        let span = self.backlog.judge(count);
        let bytes = self.backlog.judged(span);
        if let Found::Frame(is_question) = found {
            let asked = bytes.first_chunk().copied().filter(|_| is_question);
            self.asked = asked;
        }
        Some(found.heard(span, |is_question| {
            let bytes = bytes.split_last_chunk::<2>().ok_or(FrameError::Truncated)?.0;
            Ok(Frame { bytes, is_question })
        }))
    }
}

impl Deframer {
    /// Determines what comes next, and how many bytes it takes; `None` while more bytes are needed.
    fn find(&self) -> Option<(Found<bool>, usize)> {
        let bytes = self.backlog.bytes();
        if bytes.is_empty() {
            return None;
        }
        let is_silent = self.backlog.is_silent();
        if bytes.len() < 3 && !is_silent {
            return None;
        }
        let mut lengths = lengths(bytes).map(|length| length.filter(|length| length.bytes <= LONGEST));
        lengths.sort_by_key(|length| length.map_or(usize::MAX, |length| length.bytes));
        for Length { bytes: length, is_question } in lengths.into_iter().flatten() {
            match bytes.get(..length) {
                Some(frame) if checks(frame).is_ok() => return Some((Found::Frame(is_question), length)),
                None if !is_silent => return None,
                _ => {}
            }
        }
        Some(self.broken(bytes, lengths))
    }

    /// Bytes that begin like the expected answer, or like a question if no answer is expected, are damaged. All other
    /// bytes are noise.
    fn broken(&self, bytes: &[u8], lengths: [Option<Length>; 2]) -> (Found<bool>, usize) {
        let is_answer = |asked: [u8; 2]| match bytes {
            [address, function, ..] => [*address, function & !REFUSED] == asked,
            _ => false,
        };
        let expected = match self.asked {
            Some(asked) if is_answer(asked) => {
                lengths.into_iter().flatten().find(|length| !length.is_question)
            }
            None if matches!(bytes, [1..=247, HOLDING | INPUT | LAST_ENTRIES | ENTRIES, ..]) => {
                lengths.into_iter().flatten().find(|length| length.is_question)
            }
            _ => None,
        };
        match expected {
            Some(Length { bytes: length, .. }) => match bytes.get(..length).map(checks) {
                Some(Err(error)) => (Found::Fault(error), length),
                Some(Ok(())) => (Found::Noise, 1),
                None => (Found::Fault(FrameError::Truncated), bytes.len()),
            },
            None => (Found::Noise, 1),
        }
    }
}

/// The length of the frame at the start of the bytes, and whether it may be a question.
pub(crate) fn whole(bytes: &[u8]) -> Option<(usize, bool)> {
    let mut lengths = lengths(bytes);
    lengths.sort_by_key(|length| length.map_or(usize::MAX, |length| length.bytes));
    let holds = |length: &Length| bytes.get(..length.bytes).is_some_and(|frame| checks(frame).is_ok());
    lengths.into_iter().flatten().find(holds).map(|length| (length.bytes, length.is_question))
}

fn checks(frame: &[u8]) -> Result<(), FrameError> {
    let (body, check) = frame.split_last_chunk::<2>().ok_or(FrameError::Truncated)?;
    let (found, computed) = (u16::from_le_bytes(*check), crc16_modbus(body));
    if found == computed { Ok(()) } else { Err(FrameError::Checksum { found, computed }) }
}

/// The lengths of a question and of an answer that begin with these bytes.
fn lengths(bytes: &[u8]) -> [Option<Length>; 2] {
    let [_, function, count, ..] = *bytes else { return [None; 2] };
    let question = |bytes| Some(Length { bytes, is_question: true });
    let answer = |bytes| Some(Length { bytes, is_question: false });
    let counted = answer(usize::from(count) + 5);
    // Bytes that have not arrived yet give the length.
    let more = answer(bytes.len() + 1);
    match function {
        1..=INPUT => [question(8), counted],
        // Writes of another master, and the answers to them.
        5 | 6 => [question(8), None],
        15 | 16 => [bytes.get(6).map_or(more, |count| question(usize::from(*count) + 9)), answer(8)],
        IDENTIFICATION => [question(7), identification(bytes).map_or(more, answer)],
        LAST_ENTRIES => [question(6), counted],
        ENTRIES => [question(10), counted],
        _ if function & REFUSED != 0 => [answer(5), None],
        _ => [None; 2],
    }
}

/// The length of an answer with the meter's identification: objects, each with its number and length.
fn identification(bytes: &[u8]) -> Option<usize> {
    let mut at = 8;
    let objects = *bytes.get(7)?;
    for _ in 0..objects {
        at += 2 + usize::from(*bytes.get(at + 1)?);
    }
    Some(at + 2)
}

/// The bit that is set in the function of a refusal.
pub(crate) const REFUSED: u8 = 0x80;

/// The longest frame, with its CRC (Modbus over Serial Line 1.02, 2.5.1).
const LONGEST: usize = 256;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::testing::in_words;
    use crate::hex;
    use alloc::string::String;
    use alloc::vec::Vec;
    use std::format;

    fn heard(bytes: &str) -> Vec<String> {
        let bytes = hex::read(bytes).unwrap();
        in_words::<Deframer>([bytes.as_slice()], |frame| {
            format!("{} {}", if frame.is_question { "asks" } else { "answers" }, hex::lower(frame.bytes))
        })
    }

    /// Pairs from published captures.
    #[test]
    fn questions_and_answers_follow_each_other() {
        let words = heard("01040000000271CB 01040443 6BD73D01FD 0104000C0002B1C8 0184 02C2C1");
        assert_eq!(
            words,
            ["asks 010400000002 8", "answers 010404436bd73d 9", "asks 0104000c0002 8", "answers 018402 5"]
        );
    }

    #[test]
    fn damaged_and_cut_answers_are_faults() {
        assert_eq!(heard("01040000000271CB 010404436680006FDE")[1..], ["frame.checksum 9"]);
        assert_eq!(heard("01040000000271CB 0104044366")[1..], ["frame.truncated 5"]);
    }

    /// Modbus over Serial Line 1.02, 2.5.1: a frame has at most 256 bytes.
    #[test]
    fn no_answer_has_more_than_256_bytes() {
        for (count, is_answer) in [(251, true), (252, false)] {
            let mut answer = [&[1, 4, count][..], &[1].repeat(count.into())].concat();
            answer.extend(crc16_modbus(&answer).to_le_bytes());
            let words = heard(&format!("01040000007E702A {}", hex::lower(&answer)));
            assert_eq!(words.iter().any(|word| word.starts_with("answers")), is_answer, "{words:?}");
        }
    }

    /// A switched line driver leaves zeros on the line.
    #[test]
    fn zeros_around_an_answer_are_noise() {
        let words = heard("01040000000271CB 00 010404436680006FDF 00");
        assert_eq!(words[1..], ["noise 1", "answers 01040443668000 9", "noise 1"]);
    }

    #[test]
    fn a_write_of_another_master_is_an_ordinary_frame() {
        assert_eq!(heard("01060012000369CE 01060012000369CE").len(), 2);
    }
}
