//! The conversation with an SML meter that is silent until it is asked.
//!
//! EasyMeter's Q3C is such a meter: its two-way information port sends one list per request (vzlogger, issue 209, which
//! shows the bytes of a request). A request is a file of three messages, 96 bytes long with the name `metertap`:
//!
//! ```text
//! 76 | 03 30 30 | 62 00 | 62 00 | 72 65 00 00 01 00 77 … | 63 crc | 00     Open.Req
//! 76 | 03 30 31 | 62 00 | 62 00 | 72 65 00 00 07 00 75 … | 63 crc | 00     GetList.Req, whichever list the meter has
//! 76 | 03 30 32 | 62 00 | 62 00 | 72 65 00 00 02 00 71 01 | 63 crc | 00    Close.Req
//! ```
//!
//! Optional fields are omitted: the meter needs no server id, user or password to answer.

use alloc::collections::VecDeque;
use alloc::vec;
use alloc::vec::Vec;

use super::frame::{Check, Deframer, Frame, file};
use crate::dialogue::{ADAPTER, Dialogue, Step, TRIES, Verdict, Word};
use crate::error::DialogueError;
use crate::line::Line;

#[derive(Debug)]
pub(crate) struct Poll {
    steps: VecDeque<Step>,
    tries: u8,
    is_asking: bool,
}

impl Poll {
    pub(crate) fn new() -> Self {
        Self { steps: VecDeque::new(), tries: 0, is_asking: false }
    }

    fn ask(&mut self) {
        self.tries += 1;
        self.is_asking = true;
        self.steps.extend([Step::Say(request(FILE_ID)), Step::Hear(REACTION + ADAPTER)]);
    }
}

impl Dialogue for Poll {
    type Deframer = Deframer;

    fn begin(&mut self) {
        self.tries = 0;
        self.steps = [Step::Line(Line::INFRARED)].into();
        self.ask();
    }

    fn next(&mut self) -> Step {
        self.steps.pop_front().unwrap_or(Step::Rest)
    }

    fn hear(&mut self, word: Word<'_, Frame<'_>>) -> Verdict {
        match word {
            // An optical head with an echo returns the request.
            Word::Frame(frame) if frame.messages.starts_with(&messages(FILE_ID)) => Verdict::Echo,
            Word::Frame(_) if self.is_asking => {
                self.is_asking = false;
                Verdict::Reading
            }
            Word::Frame(_) => Verdict::OutOfTurn,
            Word::Damaged if self.is_asking => Verdict::Damaged,
            Word::Begun(_) if self.is_asking => Verdict::Begun,
            _ => Verdict::Aside,
        }
    }

    fn late(&mut self, damaged: bool) {
        let tries = self.tries;
        if tries < TRIES {
            return self.ask();
        }
        self.is_asking = false;
        let silent = DialogueError::Silent { tries };
        self.steps.push_back(Step::Fail(if damaged { DialogueError::Damaged { tries } } else { silent }));
    }
}

fn request(file_id: &[u8]) -> Vec<u8> {
    file(&messages(file_id), Check::X25)
}

/// Builds the messages of the file: SML 1.04, clauses 5.1.2 (SML_PublicOpen.Req), 5.1.15 (SML_GetList.Req) and 5.1.4
/// (SML_PublicClose.Req).
fn messages(file_id: &[u8]) -> Vec<u8> {
    let length = u8::try_from(file_id.len() + 1).unwrap_or(SHORTEST);
    let open = [&[0x77, ABSENT, ABSENT, length][..], file_id, &[ABSENT; 4]].concat();
    let list = vec![0x75, ABSENT, ABSENT, ABSENT, ABSENT, ABSENT];
    let close = vec![0x71, ABSENT];
    let bodies = [(0x0100_u16, open), (0x0700, list), (0x0200, close)];
    (b'0'..).zip(bodies).flat_map(|(number, (choice, body))| message(number, choice, &body)).collect()
}

fn message(number: u8, choice: u16, body: &[u8]) -> Vec<u8> {
    let [high, low] = choice.to_be_bytes();
    let head = [0x76, 0x03, b'0', number, 0x62, 0, 0x62, 0, 0x72, 0x65, 0, 0, high, low];
    let content = [&head[..], body].concat();
    let checksum = Check::X25.checksum(&content);
    [&content[..], &[0x63], &checksum, &[0]].concat()
}

/// An omitted optional field (SML 1.04, clause 6.3.1).
const ABSENT: u8 = 0x01;
/// The head of an empty octet string.
const SHORTEST: u8 = 0x01;
/// The name of the request.
const FILE_ID: &[u8] = b"metertap";

/// How many milliseconds to wait until the meter begins to answer. The Lastenheft states no limit; an EasyMeter answers
/// within a second.
const REACTION: u64 = 1500;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialogue::said;
    use crate::hex;

    /// A request that an EasyMeter Q3C answers, as its owner published it (vzlogger, issue 209).
    #[test]
    fn a_request_equals_one_that_an_easymeter_answers() {
        let published = "1b1b1b1b010101017603303062006200726500000100770101093131333131383632010101016303360076033031\
                         62006200726500000700750101010101\
                         6314cb00760330326200620072650000020071016375 6d000000 1b1b1b1b1a027241";
        assert_eq!(hex::lower(&request(b"11311862")), published.replace(' ', ""));
    }

    #[test]
    fn an_answer_is_a_reading_and_an_echo_is_not() {
        let mut poll = Poll::new();
        poll.begin();
        let request = said(&mut poll);
        assert_eq!(poll.next(), Step::Hear(REACTION + ADAPTER));
        let echo = Frame { messages: &request[8..request.len() - 8], check: Check::X25 };
        assert_eq!(poll.hear(Word::Frame(&echo)), Verdict::Echo);
        let answer = Frame { messages: &[0x76], check: Check::X25 };
        assert_eq!(poll.hear(Word::Frame(&answer)), Verdict::Reading);
        assert_eq!(poll.next(), Step::Rest);
        assert_eq!(poll.hear(Word::Frame(&answer)), Verdict::OutOfTurn);
    }

    #[test]
    fn a_silent_meter_is_asked_three_times() {
        let mut poll = Poll::new();
        poll.begin();
        for _ in 0..TRIES {
            said(&mut poll);
            assert_eq!(poll.next(), Step::Hear(REACTION + ADAPTER));
            poll.late(false);
        }
        assert_eq!(poll.next(), Step::Fail(DialogueError::Silent { tries: TRIES }));
    }
}
