//! Stage 1 of M-Bus: bytes → long frames with a correct sum.
//!
//! Short frames and acknowledgements belong to the conversation and carry no payload: they are noise. After damage, the
//! search continues at the next possible start, even inside the damaged frame. Guarantee for the next stage: both
//! lengths agree, the sum is correct, and the stop byte is where the length puts it.

use alloc::vec::Vec;

use crate::error::{Flaw, FrameError};
use crate::frame::{Backlog, Deframe, Found, Heard};

/// A long or control frame with a correct sum (EN 13757-2, 5.2).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Frame<'a> {
    /// The C field: the sender and the purpose.
    pub(crate) control: u8,
    /// The meter's address on its bus.
    pub(crate) address: u8,
    /// The CI field: what the user bytes are.
    pub(crate) ci: u8,
    /// The bytes after the CI field; empty in a control frame.
    pub(crate) user: &'a [u8],
}

#[derive(Debug, Default)]
pub(crate) struct Deframer {
    backlog: Backlog,
}

impl Deframe for Deframer {
    type Frame<'a> = Frame<'a>;

    /// EN 13757-2 allows no pause within a frame, but adapters and browsers add pauses.
    const LONGEST_PAUSE: u64 = 1000;

    const LONGEST: usize = LONGEST;

    fn backlog(&self) -> &Backlog {
        &self.backlog
    }

    fn backlog_mut(&mut self) -> &mut Backlog {
        &mut self.backlog
    }

    fn next(&mut self) -> Option<Heard<Frame<'_>>> {
        let bytes = self.backlog.bytes();
        let (found, count) = match judge(bytes) {
            Verdict::Wait if bytes.is_empty() || !self.backlog.is_silent() => return None,
            Verdict::Wait if bytes.len() >= PREFIX && could_be_long(bytes) => {
                (Found::Fault(FrameError::Truncated), before_next_start(bytes))
            }
            Verdict::Wait => (Found::Noise, 1),
            Verdict::Noise(count) => (Found::Noise, count),
            Verdict::Damaged(error, count) => {
                let damaged = bytes.get(..count).unwrap_or(bytes);
                (Found::Fault(error), before_next_start(damaged))
            }
            Verdict::Frame(count) => (Found::Frame(()), count),
        };
        let span = self.backlog.judge(count);
        Some(found.heard(span, |()| match self.backlog.judged(span) {
            [_, _, _, _, control, address, ci, user @ .., _, _] => {
                Ok(Frame { control: *control, address: *address, ci: *ci, user })
            }
            _ => Err(FrameError::Truncated),
        }))
    }
}

enum Verdict {
    /// A long frame of this many bytes.
    Frame(usize),
    /// A damaged long frame of this many bytes.
    Damaged(FrameError, usize),
    /// This many bytes of anything else.
    Noise(usize),
    /// Perhaps a frame: more bytes are needed to decide.
    Wait,
}

fn judge(bytes: &[u8]) -> Verdict {
    match bytes {
        [START, length, again, START, ..] if length == again => {
            let count = PREFIX + body_length(*length) + END;
            let Some([body @ .., sum, stop]) = bytes.get(PREFIX..count) else { return Verdict::Wait };
            let computed = self::sum(body);
            if *stop != STOP {
                Verdict::Damaged(FrameError::Malformed(Flaw::Stop), count)
            } else if *sum != computed {
                let (found, computed) = ((*sum).into(), computed.into());
                Verdict::Damaged(FrameError::Checksum { found, computed }, count)
            } else {
                Verdict::Frame(count)
            }
        }
        [START, length, again, START, ..] if length != again => {
            Verdict::Damaged(FrameError::Malformed(Flaw::Lengths), PREFIX)
        }
        [START, ..] if bytes.len() < PREFIX => Verdict::Wait,
        [SHORT_START, control, address, sum, STOP, ..] if *sum == control.wrapping_add(*address) => {
            Verdict::Noise(SHORT)
        }
        [SHORT_START, ..] if bytes.len() < SHORT => Verdict::Wait,
        [] => Verdict::Wait,
        [_, rest @ ..] => {
            let starts = |byte: &u8| matches!(*byte, START | SHORT_START);
            Verdict::Noise(1 + rest.iter().position(starts).unwrap_or(rest.len()))
        }
    }
}

/// The length of the body in bytes, from its length byte. Sagemcom's T210-D in Austria sends bodies of 257 bytes. That
/// length does not fit in a byte, so the meter sends 1. No body is that short, so the value is unambiguous.
pub(crate) fn body_length(length: u8) -> usize {
    if length < HEADER { usize::from(length) + 256 } else { length.into() }
}

/// Whether `bytes` may be the beginning of a long frame. They may be incomplete.
fn could_be_long(bytes: &[u8]) -> bool {
    match bytes {
        [START, length, again, START, ..] | [START, length, again] => length == again,
        [START, _] | [START] => true,
        _ => false,
    }
}

/// Builds a short frame from a master (EN 13757-2, 5.2).
pub(super) fn short(control: u8, address: u8) -> Vec<u8> {
    [SHORT_START, control, address, control.wrapping_add(address), STOP].into()
}

/// Builds a long frame from a master (EN 13757-2, 5.2).
pub(crate) fn long(control: u8, address: u8, ci: u8, user: &[u8]) -> Vec<u8> {
    let body = [&[control, address, ci], user].concat();
    let length = u8::try_from(body.len()).unwrap_or(u8::MAX);
    [&[START, length, length, START], &body[..], &[sum(&body), STOP]].concat()
}

/// The sum of all bytes from the control field to the last user byte.
pub(crate) fn sum(body: &[u8]) -> u8 {
    body.iter().fold(0, |sum, byte| sum.wrapping_add(*byte))
}

/// The number of damaged bytes before the next position where a frame could begin.
fn before_next_start(bytes: &[u8]) -> usize {
    let starts = (1..bytes.len()).find(|at| bytes.get(*at..).is_some_and(could_be_long));
    starts.unwrap_or(bytes.len())
}

pub(crate) const START: u8 = 0x68;
pub(crate) const SHORT_START: u8 = 0x10;
pub(crate) const STOP: u8 = 0x16;
/// Bytes before the control field: start, length twice, start.
pub(crate) const PREFIX: usize = 4;
/// Control, address and CI, which every long frame has.
const HEADER: u8 = 3;
/// Sum and stop.
pub(crate) const END: usize = 2;
const SHORT: usize = 5;

pub(crate) const LONGEST: usize = PREFIX + u8::MAX as usize + HEADER as usize + END;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::testing::in_words;
    use alloc::format;
    use alloc::string::String;
    use alloc::vec;

    fn frame(user: &[u8]) -> Vec<u8> {
        long(0x08, 0x01, 0x72, user)
    }

    fn hear(bytes: &[u8]) -> Vec<String> {
        in_words::<Deframer>([bytes], |frame| {
            format!("{:02x} {:02x} {:02x} {:x?}", frame.control, frame.address, frame.ci, frame.user)
        })
    }

    const GOOD: &str = "08 01 72 [1, 2] 11";

    /// The example of the M-Bus documentation 4.8, 6.2.2: the sum of a short frame to address 1 is 5C.
    const REQUEST: &[u8] = &[0x10, 0x5B, 0x01, 0x5C, 0x16];

    #[test]
    fn reads_long_and_control_frames() {
        assert_eq!(hear(&frame(&[1, 2])), [GOOD]);
        assert_eq!(hear(&frame(&[])), ["08 01 72 [] 9"]);
        assert_eq!(hear(&[frame(&[1, 2]), frame(&[])].concat()), [GOOD, "08 01 72 [] 9"]);
    }

    /// A firmware project once refused frames of this length with "invalid stop byte".
    #[test]
    fn reads_the_longest_frames() {
        for length in [0xFA, 0xFF_usize] {
            let bytes = frame(&vec![0x68; length - 3]);
            assert_eq!(hear(&bytes).len(), 1);
            assert!(hear(&bytes)[0].ends_with(&format!(" {}", length + 6)));
        }
        assert_eq!(LONGEST, 0xFF + 3 + 6);
    }

    #[test]
    fn reads_a_length_that_does_not_fit_its_byte() {
        let body = vec![0x53; 257];
        let sum = body.iter().fold(0, |sum: u8, byte| sum.wrapping_add(*byte));
        let bytes = [&[START, 1, 1, START][..], &body, &[sum, STOP]].concat();
        assert_eq!(hear(&bytes).len(), 1);
        assert!(hear(&bytes)[0].ends_with(" 263"));
    }

    #[test]
    fn short_frames_and_acknowledgements_are_noise() {
        let bytes = [REQUEST, &frame(&[1, 2]), &[0xE5], &frame(&[1, 2])].concat();
        assert_eq!(hear(&bytes), ["noise 5", GOOD, "noise 1", GOOD]);
        // Address 68 in a short frame is not the start of a long frame.
        let bytes = [&[0x10, 0x5B, 0x68, 0xC3, 0x16][..], &frame(&[1, 2])].concat();
        assert_eq!(hear(&bytes), ["noise 5", GOOD]);
        assert_eq!(hear(&[0x10, 0x5B]), ["noise 1", "noise 1"]);
    }

    #[test]
    fn damage_loses_only_the_frame_that_it_touches() {
        let bytes = frame(&[1, 2]);
        let mut flipped = bytes.clone();
        flipped[8] ^= 0x40;
        assert_eq!(hear(&[&flipped[..], &bytes].concat()), ["frame.checksum 11", GOOD]);
        assert_eq!(hear(&[&bytes[..7], &bytes].concat()), ["frame.malformed 7", GOOD]);
        assert_eq!(hear(&[&bytes[..], &bytes[..7]].concat()), [GOOD, "frame.truncated 7"]);
        assert_eq!(hear(&[&bytes[5..], &bytes].concat()), ["noise 6", GOOD]);
        // A damaged length that extends beyond the whole next frame.
        let greedy = [&[START, 0xFA, 0xFA, START, 8][..], &bytes].concat();
        assert_eq!(hear(&greedy), ["frame.truncated 5", GOOD]);
    }

    /// M-Bus documentation 4.8: a short frame of 5.4, and the selection of a meter in 7.1.
    #[test]
    fn writes_the_frames_of_a_master() {
        assert_eq!(short(0x5B, 0x01), REQUEST);
        let selection = [0x78, 0x56, 0x34, 0x12, 0xFF, 0xFF, 0xFF, 0xFF];
        let written = long(0x53, 0xFD, 0x52, &selection);
        assert_eq!(written[..7], [0x68, 0x0B, 0x0B, 0x68, 0x53, 0xFD, 0x52]);
        assert_eq!(written[7..], [0x78, 0x56, 0x34, 0x12, 0xFF, 0xFF, 0xFF, 0xFF, 0xB2, 0x16]);
    }

    #[test]
    fn both_lengths_must_agree() {
        let bytes = frame(&[1, 2]);
        let mut flipped = bytes.clone();
        flipped[1] ^= 0x40;
        assert_eq!(hear(&[&flipped[..], &bytes].concat()), ["frame.malformed 3", "noise 8", GOOD]);
        // Shorter than control, address and CI.
        assert_eq!(hear(&[START, 2, 2, START, 8, 1, 9, STOP]), ["frame.truncated 8"]);
    }

    #[test]
    fn no_flipped_bit_produces_another_frame() {
        let bytes = [frame(&[1, 2]), frame(&[0x68, 3, 3, 0x68])].concat();
        let whole = hear(&bytes);
        for bit in 0..bytes.len() * 8 {
            let mut flipped = bytes.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            let frames = hear(&flipped).into_iter().filter(|heard| heard.starts_with("08"));
            assert_eq!(frames.filter(|frame| !whole.contains(frame)).count(), 0, "bit {bit}");
        }
    }

    #[test]
    fn memory_stays_bounded_for_many_starts_without_an_end() {
        let mut deframer = Deframer::default();
        deframer.push(&[START; 10_000]);
        let mut heard = 0;
        while deframer.next().is_some() {
            heard += 1;
        }
        assert!(heard > 9000 && deframer.backlog.bytes().len() < LONGEST);
    }
}
