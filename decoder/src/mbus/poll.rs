//! The conversation with a meter on a wired M-Bus, in the role of its master.
//!
//! ```text
//! > 10 40 01 41 16                                    SND_NKE: start again with the first telegram
//! < E5                                                acknowledged
//! > 68 0B 0B 68 53 FD 52 78 56 34 12 FF FF FF FF …    with a secondary address: CI 52 gives the meter address 253
//! < E5
//! > 10 7B 01 7C 16                                    REQ_UD2, frame count bit set
//! < 68 … 68 08 01 72 …                                RSP_UD
//! > 10 5B 01 5C 16                                    only if more records follow: the bit is toggled
//! ```
//!
//! EN 13757-2, 5.5 to 5.7, and EN 13757-7, 8.4. A repeated question keeps its frame count bit, so that the meter
//! answers with the same telegram.

use alloc::collections::VecDeque;
use alloc::vec::Vec;

use super::answer::Answer;
use super::frame::{Deframer, Frame, long, short};
use super::turned::turned;
use crate::dialogue::{ADAPTER, Dialogue, Step, TRIES, Verdict, Word};
use crate::error::DialogueError;
use crate::question::{Address, Baud, Secondary};

#[derive(Debug)]
pub(crate) struct Poll {
    address: Address,
    baud: Baud,
    awaited: Awaited,
    steps: VecDeque<Step>,
    tries: u8,
    /// The number of telegrams read in this round.
    telegrams: u16,
    /// The content of the last of them, without its header.
    last: Vec<u8>,
    /// How many more answers to the question for it may come, because that question was repeated.
    owed: u8,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Awaited {
    Nothing,
    /// The acknowledgement of SND_NKE; a meter that does not send it may still answer.
    Reset,
    /// The acknowledgement of the selection.
    Selected,
    Response,
}

impl Poll {
    pub(crate) fn new(address: Address, baud: Baud) -> Self {
        let (steps, last) = (VecDeque::new(), Vec::new());
        Self { address, baud, awaited: Awaited::Nothing, steps, tries: 0, telegrams: 0, last, owed: 0 }
    }

    fn await_next(&mut self, awaited: Awaited) {
        (self.awaited, self.tries) = (awaited, 0);
        self.say();
    }

    fn say(&mut self) {
        self.tries += 1;
        let bytes = match (self.awaited, self.address) {
            (Awaited::Nothing, _) => return,
            (Awaited::Reset, _) => reset(self.link_address()),
            (Awaited::Selected, Address::Secondary(secondary)) => select(secondary),
            (Awaited::Selected | Awaited::Response, _) => {
                request(self.link_address(), self.telegrams.is_multiple_of(2))
            }
        };
        self.steps.extend([Step::Say(bytes), Step::Hear(patience(self.baud))]);
    }

    fn link_address(&self) -> u8 {
        match self.address {
            Address::Primary(address) => address,
            Address::Secondary(_) => SELECTED,
        }
    }

    fn acknowledged(&mut self) {
        match (self.awaited, self.address) {
            (Awaited::Reset, Address::Secondary(_)) => self.await_next(Awaited::Selected),
            _ => self.await_next(Awaited::Response),
        }
    }

    /// Whether a telegram has the content of the previous one. A meter that repeats its telegram ignores the frame
    /// count bit: it would send the telegram again and again, and each copy would become a reading.
    fn repeats(&mut self, frame: &Frame<'_>) -> bool {
        let content = match Answer::of(frame.ci, frame.user) {
            // The access number in the header counts repeats too.
            Some(Ok(Answer::Records(_, records))) => records,
            _ => frame.user,
        };
        let repeats = self.telegrams > 0 && self.last == content;
        self.last.clear();
        self.last.extend_from_slice(content);
        repeats
    }
}

impl Dialogue for Poll {
    type Deframer = Deframer;

    fn begin(&mut self) {
        (self.telegrams, self.owed) = (0, 0);
        self.steps = [Step::Line(self.baud.line())].into();
        self.await_next(Awaited::Reset);
    }

    fn next(&mut self) -> Step {
        self.steps.pop_front().unwrap_or(Step::Rest)
    }

    fn hear(&mut self, word: Word<'_, Frame<'_>>) -> Verdict {
        match (word, self.awaited) {
            (Word::Frame(frame), _) if frame.control & PRIMARY != 0 => Verdict::Echo,
            (Word::Frame(frame), Awaited::Response) if answers(frame, self.link_address()) => {
                let repeats = self.repeats(frame);
                if repeats && self.owed > 0 {
                    self.owed -= 1;
                    return Verdict::OutOfTurn;
                }
                self.owed = self.tries.saturating_sub(1);
                self.awaited = Awaited::Nothing;
                if repeats { Verdict::Understood } else { Verdict::Reading }
            }
            (Word::Frame(_), _) => Verdict::OutOfTurn,
            (Word::Noise(bytes), Awaited::Reset | Awaited::Selected) if bytes.contains(&ACKNOWLEDGEMENT) => {
                self.acknowledged();
                Verdict::Understood
            }
            (Word::Damaged, Awaited::Response) => Verdict::Damaged,
            (Word::Begun(_), Awaited::Response) => Verdict::Begun,
            _ => Verdict::Aside,
        }
    }

    fn read(&mut self, more: bool) {
        self.telegrams += 1;
        if more && self.telegrams < MOST_TELEGRAMS {
            self.await_next(Awaited::Response);
        }
    }

    fn late(&mut self, damaged: bool) {
        let tries = self.tries;
        if self.awaited == Awaited::Reset {
            return self.acknowledged();
        }
        if tries < TRIES {
            return self.say();
        }
        self.awaited = Awaited::Nothing;
        let silent = DialogueError::Silent { tries };
        self.steps.push_back(Step::Fail(if damaged { DialogueError::Damaged { tries } } else { silent }));
    }
}

/// Whether a frame may be the answer to a request to address `asked`. A meter answers with its own address, even if the
/// request was to [`SELECTED`].
pub(super) fn answers(frame: &Frame<'_>, asked: u8) -> bool {
    asked > LAST_PRIMARY || frame.address == asked
}

/// The identity of the meter that answers, if the answer states it.
pub(super) fn who(frame: &Frame<'_>) -> Option<Secondary> {
    if let Some((ci, user)) = turned(frame.ci, frame.user) {
        return who(&Frame { ci, user: &user, ..*frame });
    }
    let header = match Answer::of(frame.ci, frame.user)?.ok()? {
        Answer::Records(header, _) | Answer::Alarm(header, _) => header,
        // A meter of the first generation states only its number.
        Answer::Fixed(user) => {
            let identification = u32::from_le_bytes(*user.first_chunk()?);
            return Some(Secondary { identification, ..Secondary::ANY });
        }
        Answer::Refusal(_) => return None,
    };
    let address = header.address?;
    Some(Secondary {
        identification: u32::from_le_bytes(address.identification),
        maker: u16::from_le_bytes(address.maker),
        version: address.version,
        device_type: address.device_type,
    })
}

/// SND_NKE, which resets the meter's link layer.
pub(super) fn reset(address: u8) -> Vec<u8> {
    short(0x40, address)
}

/// REQ_UD2, which requests a telegram, with or without the frame count bit.
pub(super) fn request(address: u8, count: bool) -> Vec<u8> {
    short(if count { 0x7B } else { 0x5B }, address)
}

/// SND_UD, which selects all meters that match `secondary`.
pub(super) fn select(secondary: Secondary) -> Vec<u8> {
    let (number, maker) = (secondary.identification.to_le_bytes(), secondary.maker.to_le_bytes());
    let rest = [secondary.version, secondary.device_type];
    long(0x53, SELECTED, 0x52, &[&number[..], &maker, &rest].concat())
}

/// How many milliseconds to wait until a meter begins to answer: 330 bit times plus 50 milliseconds (EN 13757-2,
/// 5.7.1), and the adapter's delay.
pub(super) fn patience(baud: Baud) -> u64 {
    (330_000_u64).div_ceil(u64::from(baud.line().baud)) + 50 + ADAPTER
}

pub(crate) const ACKNOWLEDGEMENT: u8 = 0xE5;
/// The bit of the control field that the master sets (EN 13757-2, 5.4).
pub(crate) const PRIMARY: u8 = 0x40;
/// The last primary address of a meter; higher addresses have special meanings.
pub(super) const LAST_PRIMARY: u8 = 250;
/// The address of the selected meter.
pub(super) const SELECTED: u8 = 253;
/// The maximum number of telegrams in one readout, in case a meter announces more without end.
const MOST_TELEGRAMS: u16 = 32;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialogue::said;

    const RESPONSE: Frame<'static> = Frame { control: 8, address: 1, ci: 0x78, user: &[] };

    /// The example of the M-Bus documentation 4.8, 6.2.2, for address 1.
    #[test]
    fn a_telegram_toggles_the_frame_count_bit_and_a_retry_does_not() {
        let mut poll = Poll::new(Address::Primary(1), Baud::B2400);
        poll.begin();
        assert_eq!(said(&mut poll), [0x10, 0x40, 0x01, 0x41, 0x16]);
        assert_eq!(poll.hear(Word::Noise(&[0xE5])), Verdict::Understood);
        assert_eq!(said(&mut poll), [0x10, 0x7B, 0x01, 0x7C, 0x16]);
        poll.late(false);
        assert_eq!(said(&mut poll), [0x10, 0x7B, 0x01, 0x7C, 0x16]);
        assert_eq!(poll.hear(Word::Frame(&RESPONSE)), Verdict::Reading);
        poll.read(true);
        assert_eq!(said(&mut poll), [0x10, 0x5B, 0x01, 0x5C, 0x16]);
    }

    #[test]
    fn an_answer_from_another_address_is_out_of_turn() {
        let mut poll = Poll::new(Address::Primary(2), Baud::B2400);
        poll.begin();
        assert_eq!(poll.hear(Word::Frame(&RESPONSE)), Verdict::OutOfTurn);
        poll.hear(Word::Noise(&[0xE5]));
        assert_eq!(poll.hear(Word::Frame(&RESPONSE)), Verdict::OutOfTurn);
        assert_eq!(poll.hear(Word::Frame(&Frame { address: 2, ..RESPONSE })), Verdict::Reading);
        assert_eq!(poll.hear(Word::Frame(&Frame { control: 0x53, ..RESPONSE })), Verdict::Echo);
    }

    #[test]
    fn a_readout_of_a_meter_that_always_announces_more_is_ended() {
        let mut poll = Poll::new(Address::Primary(1), Baud::B2400);
        poll.begin();
        poll.hear(Word::Noise(&[0xE5]));
        let mut telegrams = 0_u16;
        while poll.hear(Word::Frame(&Frame { user: &telegrams.to_le_bytes(), ..RESPONSE }))
            == Verdict::Reading
        {
            telegrams += 1;
            poll.read(true);
        }
        assert_eq!(telegrams, MOST_TELEGRAMS);
    }

    /// The meter answers both the question and its repeat, each too late.
    #[test]
    fn a_late_second_answer_does_not_end_a_round() {
        let mut poll = Poll::new(Address::Primary(1), Baud::B2400);
        poll.begin();
        poll.hear(Word::Noise(&[0xE5]));
        poll.late(false);
        let first = Frame { user: &[1], ..RESPONSE };
        assert_eq!(poll.hear(Word::Frame(&first)), Verdict::Reading);
        poll.read(true);
        assert_eq!(poll.hear(Word::Frame(&first)), Verdict::OutOfTurn);
        assert_eq!(poll.hear(Word::Frame(&Frame { user: &[2], ..RESPONSE })), Verdict::Reading);
    }

    /// Only the access number differs, the ninth byte of the header.
    #[test]
    fn a_meter_that_ignores_the_frame_count_bit_is_read_once_a_round() {
        let telegram =
            |access: u8| [&[0x78, 0x56, 0x34, 0x12, 0x24, 0x40, 1, 7, access, 0, 0, 0][..], &[0x1F]].concat();
        let mut poll = Poll::new(Address::Primary(1), Baud::B2400);
        for access in [5, 7] {
            poll.begin();
            poll.hear(Word::Noise(&[0xE5]));
            let frame = Frame { ci: 0x72, user: &telegram(access), ..RESPONSE };
            assert_eq!(poll.hear(Word::Frame(&frame)), Verdict::Reading);
            poll.read(true);
            let again = Frame { ci: 0x72, user: &telegram(access + 1), ..RESPONSE };
            assert_eq!(poll.hear(Word::Frame(&again)), Verdict::Understood);
            while poll.next() != Step::Rest {}
        }
    }
}
