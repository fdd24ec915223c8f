//! The conversation with an IEC 62056-21 meter: sign-on, identification, changeover, readout.
//!
//! ```text
//! 300 7E1    > /?!                      request, to any meter under the head (6.3.1)
//!            < /ISk5MT174-0001          identification: the baud rate character 5 (6.3.2)
//!            > 06 0 5 0                 acknowledgement: readout, at that speed (6.3.3)
//! 9600 7E1   < 02 … ! 03 check          readout
//!            > 15                       only if the check failed: repeat (6.3.6)
//! ```
//!
//! The baud rate character gives the mode (6.3.14, item 13). With 0 to 6, mode C, the meter changes to that speed after
//! the acknowledgement. With A to F, mode B, the meter changes by itself. With any other character, mode A, the meter
//! keeps its speed.
//!
//! If nothing is received after a changeover, the optical head may not support the speed. The next acknowledgement asks
//! for speed 0, and the meter stays at 300 baud. After two such rounds in a row, all later rounds stay at 300 baud.
//!
//! Annex B: a battery-powered meter sleeps until it has received NUL characters for two seconds.

use alloc::collections::VecDeque;
use alloc::vec;
use alloc::vec::Vec;

use super::character::ACK;
use super::frame::{Deframer, Frame};
use super::head::{has_begun, identification};
use crate::dialogue::{ADAPTER, Dialogue, Step, TRIES, Verdict, Word};
use crate::error::DialogueError;
use crate::line::Line;
use crate::question::SignOn;

#[derive(Debug)]
pub(crate) struct Poll {
    sign_on: SignOn,
    awaited: Awaited,
    steps: VecDeque<Step>,
    /// How many times this round has signed on.
    tries: u8,
    /// Whether the meter has answered a sign-on of this round.
    was_heard: bool,
    /// Whether the optical head failed at the last changeover: the rest of the round is at 300 baud.
    stays: bool,
    /// Failed changeovers in a row.
    failed: u8,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Awaited {
    Nothing,
    Identification,
    /// Whether the meter changed its speed for the readout, and whether a repeat was already requested.
    Readout {
        faster: bool,
        again: bool,
    },
}

impl Poll {
    pub(crate) fn new(sign_on: SignOn) -> Self {
        let steps = VecDeque::new();
        let awaited = Awaited::Nothing;
        Self { sign_on, awaited, steps, tries: 0, was_heard: false, stays: false, failed: 0 }
    }

    /// Signs on at 300 baud, after a wake-up if the meter needs one.
    fn sign_on(&mut self) {
        self.tries += 1;
        self.awaited = Awaited::Identification;
        self.steps.push_back(Step::Line(Line::SIGN_ON));
        if self.sign_on.wake {
            self.steps.extend([Step::Say(vec![0; WAKE_UP]), Step::Pause(WAKING)]);
        }
        let known = self.sign_on.address.bytes().filter(u8::is_ascii_alphanumeric).take(LONGEST_ADDRESS);
        let request = b"/?".iter().copied().chain(known).chain(*b"!\r\n").collect();
        self.steps.extend([Step::Say(request), Step::Hear(LATEST_REACTION + ADAPTER)]);
    }

    fn answer(&mut self, rate: u8) {
        self.was_heard = true;
        let (bytes, line) = match Mode::of(rate) {
            Mode::A => (None, None),
            Mode::B(baud) => (None, Some(baud)),
            Mode::C(_) if self.stays => (Some(acknowledgement(b'0')), None),
            Mode::C(baud) => (Some(acknowledgement(rate)), Some(baud)),
        };
        let line = line.map(|baud| Line { baud, ..Line::SIGN_ON }).filter(|line| *line != Line::SIGN_ON);
        self.awaited = Awaited::Readout { faster: line.is_some(), again: false };
        if let Some(bytes) = bytes {
            // The meter needs the first pause. During the second one, the last byte leaves the line.
            self.steps.extend([Step::Pause(EARLIEST_REACTION), Step::Say(bytes), Step::Pause(LEAVING)]);
        }
        self.steps.extend(line.map(Step::Line));
        self.steps.push_back(Step::Hear(LATEST_REACTION + ADAPTER));
    }

    fn give_up(&mut self, error: DialogueError) {
        self.awaited = Awaited::Nothing;
        if self.was_heard {
            self.steps.push_back(Step::Say(BREAK.into()));
        }
        self.steps.push_back(Step::Fail(error));
    }
}

impl Dialogue for Poll {
    type Deframer = Deframer;

    fn begin(&mut self) {
        self.steps.clear();
        (self.tries, self.was_heard) = (0, false);
        self.stays = self.failed >= MOST_CHANGEOVERS;
        self.sign_on();
    }

    fn next(&mut self) -> Step {
        self.steps.pop_front().unwrap_or(Step::Rest)
    }

    fn hear(&mut self, word: Word<'_, Frame<'_>>) -> Verdict {
        match (word, self.awaited) {
            // A requested readout has a block check (6.3.4); without one, its beginning is missing.
            (Word::Frame(Frame { checked: false, .. }), Awaited::Readout { .. }) => Verdict::Damaged,
            // Requested or not: a meter in mode D prints a readout by itself.
            (Word::Frame(_), awaited) => {
                if matches!(awaited, Awaited::Readout { faster: true, .. }) {
                    self.failed = 0;
                }
                self.awaited = Awaited::Nothing;
                self.steps = [Step::Rest].into();
                Verdict::Reading
            }
            // An identification that comes before the request is sent answers an earlier request.
            (Word::Begun(bytes), Awaited::Identification) if self.steps.is_empty() => {
                let Some(rate) = identification(bytes) else { return Verdict::Begun };
                self.answer(rate);
                Verdict::Understood
            }
            (Word::Begun(bytes), Awaited::Readout { .. }) if has_begun(bytes) => Verdict::Begun,
            (Word::Noise(bytes), Awaited::Readout { .. }) if bytes.contains(&NAK) => {
                self.awaited = Awaited::Nothing;
                self.steps = [Step::Fail(DialogueError::Refused)].into();
                Verdict::Understood
            }
            (Word::Damaged, Awaited::Identification | Awaited::Readout { .. }) => Verdict::Damaged,
            _ => Verdict::Aside,
        }
    }

    fn late(&mut self, damaged: bool) {
        let tries = self.tries;
        let was_damaged = damaged || matches!(self.awaited, Awaited::Readout { again: true, .. });
        match self.awaited {
            Awaited::Readout { faster, again: false } if damaged => {
                self.awaited = Awaited::Readout { faster, again: true };
                return self.steps.extend([Step::Say([NAK].into()), Step::Hear(LATEST_REACTION + ADAPTER)]);
            }
            Awaited::Readout { faster: true, again: false } => {
                self.stays = true;
                self.failed = self.failed.saturating_add(1);
                self.steps.push_back(Step::Warn(DialogueError::Changeover));
                // The meter does not answer for a while; then it is back at 300 baud.
                self.steps.push_back(Step::Pause(GIVEN_UP_BY_METER));
            }
            _ => {}
        }
        if tries < TRIES {
            self.sign_on();
        } else {
            let silent = DialogueError::Silent { tries };
            self.give_up(if was_damaged { DialogueError::Damaged { tries } } else { silent });
        }
    }
}

/// The meaning of a baud rate character.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Mode {
    /// The meter stays at 300 baud.
    A,
    /// The meter changes to this speed by itself.
    B(u32),
    /// The meter changes to this speed after the acknowledgement.
    C(u32),
}

impl Mode {
    fn of(rate: u8) -> Self {
        let speed = |step: u8| 300 << step;
        match rate {
            b'0'..=b'5' => Self::C(speed(rate - b'0')),
            b'6' => Self::C(19_200),
            b'A'..=b'F' => Self::B(speed(rate - b'A' + 1)),
            _ => Self::A,
        }
    }
}

/// Requests a data readout at the speed of this character; protocol control 0 is the normal procedure (6.3.3).
fn acknowledgement(rate: u8) -> Vec<u8> {
    [ACK, b'0', rate, b'0', b'\r', b'\n'].into()
}

const NAK: u8 = 0x15;
/// SOH B 0 ETX and its block check: command B of type 0 ends the session at once (6.3.14).
const BREAK: [u8; 5] = [0x01, b'B', b'0', 0x03, 0x71];
/// The maximum number of digits and letters in a device address (6.3.14, item 22).
const LONGEST_ADDRESS: usize = 32;

/// The shortest reaction time between a message and its answer in milliseconds, in either direction (6.4.3).
const EARLIEST_REACTION: u64 = 200;
/// The longest reaction time in milliseconds.
const LATEST_REACTION: u64 = 1500;
/// Milliseconds that an adapter may delay the last bytes. A browser needs the rest of the meter's 200 ms to change the
/// speed: it closes and reopens the port.
const LEAVING: u64 = 10;
/// After this many failed changeovers in a row, no more are tried. A single failure may happen by chance.
const MOST_CHANGEOVERS: u8 = 2;
/// NUL characters that wake a meter: 2.2 seconds at 300 baud; annex B requires 2.1 to 2.3.
const WAKE_UP: usize = 66;
/// Milliseconds until the meter is awake: 1.5 to 1.7 seconds after the last NUL.
const WAKING: u64 = 1600;
/// Milliseconds after a failed changeover until the meter is back at 300 baud. A readout of 3 kB at 9600 baud takes
/// 3.1 s; the meter began it at least [`ADAPTER`] ago.
const GIVEN_UP_BY_METER: u64 = 3000;

#[cfg(test)]
mod tests {
    use super::*;

    /// IEC 62056-21, 6.3.14, item 13: 0 to 6 in mode C, A to F in mode B.
    #[test]
    fn the_baud_rate_character_tells_mode_and_speed() {
        let modes = b"0123456".map(Mode::of);
        assert_eq!(modes, [300, 600, 1200, 2400, 4800, 9600, 19_200].map(Mode::C));
        assert_eq!(b"ABCDEF".map(Mode::of), [600, 1200, 2400, 4800, 9600, 19_200].map(Mode::B));
        assert_eq!(b" 79GZ\\".map(Mode::of), [Mode::A; 6]);
    }

    /// If the line's setting changes too late, STX is lost, and perhaps a register.
    #[test]
    fn a_requested_readout_has_a_block_check() {
        let mut poll = Poll::new(SignOn::default());
        poll.begin();
        while poll.next() != Step::Hear(LATEST_REACTION + ADAPTER) {}
        assert_eq!(poll.hear(Word::Begun(b"/LUGCUH50\r\n")), Verdict::Understood);
        let frame =
            Frame { identification: b"LUGCUH50", data: b"6.8(1*MWh)", checked: false, headless: false };
        assert_eq!(poll.hear(Word::Frame(&frame)), Verdict::Damaged);
        assert_eq!(poll.hear(Word::Frame(&Frame { checked: true, ..frame })), Verdict::Reading);
        assert_eq!(poll.hear(Word::Frame(&frame)), Verdict::Reading);
    }

    #[test]
    fn a_request_contains_only_allowed_characters_of_the_address() {
        let sign_on = SignOn { address: "00 1!2\r\n/3".into(), wake: false };
        let mut poll = Poll::new(sign_on);
        poll.begin();
        assert_eq!(poll.next(), Step::Line(Line::SIGN_ON));
        assert_eq!(poll.next(), Step::Say(b"/?00123!\r\n".into()));
    }

    /// The XOR of all bytes after SOH, ETX included (6.3.14, block check).
    #[test]
    fn the_break_ends_with_its_block_check() {
        let [_, body @ .., check] = BREAK;
        assert_eq!(body.iter().fold(0, |sum, byte| sum ^ byte), check);
    }
}
