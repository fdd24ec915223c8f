//! An IEC 62056-21 meter at its optical head: request, identification, acknowledgement, readout (6.1, modes A, B and
//! C).

use metertap_decoder::line::Line;

use super::{Rate, Said};
use crate::household::Household;
use crate::optical;
use crate::truth::Truth;

#[derive(Clone, Debug)]
pub(super) struct Eye {
    pub(super) rate: Rate,
    pub(super) sleeps: bool,
    household: Household,
    /// The line's present settings, and the moment until which it is busy.
    line: Line,
    busy: u64,
    heard: Vec<u8>,
    /// The number of NUL characters received in a row, and the moment of the last wake-up.
    nuls: usize,
    awake: u64,
    /// The last readout, while a reader can still ask for it again.
    readout: Option<(Vec<u8>, Truth)>,
}

impl Eye {
    /// A meter that identifies itself as Siemens' 2WR5 does, with `C`: mode B, 2400 baud.
    pub(super) fn new(household: Household) -> Self {
        Self {
            rate: Rate(b'C'),
            sleeps: false,
            household,
            line: Line::SIGN_ON,
            busy: 0,
            heard: Vec::new(),
            nuls: 0,
            awake: 0,
            readout: None,
        }
    }

    pub(super) fn hear(&mut self, now: u64, moment: i64, line: Line, bytes: &[u8]) -> Vec<Said> {
        if now > self.busy + LATEST_REACTION {
            self.line = Line::SIGN_ON;
            self.readout = None;
            self.heard.clear();
        }
        let bytes = crate::heard(bytes, line, self.line);
        if now < self.busy || (self.sleeps && self.is_asleep(now, &bytes)) {
            return Vec::new();
        }
        self.heard.extend(bytes);
        if self.heard.ends_with(&[NAK]) {
            self.heard.clear();
            let Some((bytes, truth)) = self.readout.clone() else { return Vec::new() };
            return vec![self.say(now + REACTION, self.line, bytes, Some(truth))];
        }
        if !self.heard.ends_with(b"\r\n") {
            return Vec::new();
        }
        let heard = std::mem::take(&mut self.heard);
        match heard.as_slice() {
            [.., b'/', b'?', b'!', b'\r', b'\n'] => self.identify(now, moment),
            [.., ACK, b'0', rate, b'0', b'\r', b'\n'] if self.readout.is_some() => {
                let Some((bytes, truth)) = self.readout.clone() else { return Vec::new() };
                let line = Line { baud: Rate(*rate).baud(), ..Line::SIGN_ON };
                vec![self.say(now + REACTION, line, bytes, Some(truth))]
            }
            _ => Vec::new(),
        }
    }

    /// The identification. In modes A and B, the readout follows.
    fn identify(&mut self, now: u64, moment: i64) -> Vec<Said> {
        let (bytes, truth) = optical::answer(&self.household, moment);
        let behind = bytes.iter().position(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        let (identification, readout) = bytes.split_at(behind);
        let mut identification = identification.to_vec();
        identification[4] = self.rate.0;
        let rate = self.rate;
        let readout = (readout.to_vec(), truth);
        self.readout = Some(readout.clone());
        let mut said = vec![self.say(now + REACTION, Line::SIGN_ON, identification, None)];
        if !rate.0.is_ascii_digit() {
            let line = Line { baud: rate.baud(), ..Line::SIGN_ON };
            said.push(self.say(self.busy + REACTION, line, readout.0, Some(readout.1)));
        }
        said
    }

    fn say(&mut self, at: u64, line: Line, bytes: Vec<u8>, truth: Option<Truth>) -> Said {
        self.line = line;
        self.busy = at + line.milliseconds(bytes.len());
        Said { at, line, bytes, truth }
    }

    /// Whether the meter is asleep. It wakes 1.5 seconds after [`WAKE_UP`] NUL characters, and stays awake until a
    /// minute after them.
    fn is_asleep(&mut self, now: u64, bytes: &[u8]) -> bool {
        if bytes.iter().all(|byte| *byte == 0) {
            self.nuls += bytes.len();
        } else {
            self.nuls = 0;
        }
        if self.nuls >= WAKE_UP {
            self.awake = now;
            self.nuls = 0;
        }
        self.awake == 0 || now < self.awake + 1500 || now > self.awake + 60_000
    }
}

impl Rate {
    /// The baud rate that the character stands for (6.3.14, item 13).
    fn baud(self) -> u32 {
        match self.0 {
            digit @ b'0'..=b'6' => [300, 600, 1200, 2400, 4800, 9600, 19_200][usize::from(digit - b'0')],
            letter @ b'A'..=b'F' => [600, 1200, 2400, 4800, 9600, 19_200][usize::from(letter - b'A')],
            _ => 300,
        }
    }
}

const ACK: u8 = 0x06;
const NAK: u8 = 0x15;
/// Milliseconds that the meter takes to answer. The standard demands at least 200.
const REACTION: u64 = 220;
/// Milliseconds that the meter waits for an answer.
const LATEST_REACTION: u64 = 1500;
/// The number of NUL characters in 2.1 seconds at 300 baud.
const WAKE_UP: usize = 63;

#[cfg(test)]
mod tests {
    use super::*;

    fn eye(rate: u8) -> Eye {
        Eye { rate: Rate(rate), ..Eye::new(Household::new(1, 1)) }
    }

    #[test]
    fn mode_c_waits_for_the_acknowledgement_and_mode_b_does_not() {
        let mut eye_of_c = eye(b'5');
        let said = eye_of_c.hear(200, 0, Line::SIGN_ON, b"/?!\r\n");
        assert_eq!((said.len(), said[0].bytes.as_slice()), (1, &b"/SIE52WR5\r\n"[..]));
        let heard_by = eye_of_c.busy + 400;
        let said = eye_of_c.hear(heard_by, 0, Line::SIGN_ON, b"\x06050\r\n");
        assert_eq!((said.len(), said[0].line.baud, said[0].bytes[0]), (1, 9600, 0x02));
        let said = eye(b'C').hear(200, 0, Line::SIGN_ON, b"/?!\r\n");
        assert_eq!((said.len(), said[1].line.baud), (2, 2400));
        let said = eye(b' ').hear(200, 0, Line::SIGN_ON, b"/?!\r\n");
        assert_eq!((said.len(), said[1].line.baud), (2, 300));
    }

    #[test]
    fn wrong_line_settings_wrong_addresses_and_late_acknowledgements_get_no_answer() {
        assert!(eye(b'5').hear(200, 0, Line::HAN, b"/?!\r\n").is_empty());
        assert!(eye(b'5').hear(200, 0, Line::SIGN_ON, b"/?1!\r\n").is_empty());
        let mut late = eye(b'5');
        late.hear(200, 0, Line::SIGN_ON, b"/?!\r\n");
        assert!(late.hear(late.busy + 1600, 0, Line::SIGN_ON, b"\x06050\r\n").is_empty());
    }

    #[test]
    fn a_sleeper_must_be_woken() {
        let mut sleeper = Eye { sleeps: true, ..eye(b'C') };
        assert!(sleeper.hear(200, 0, Line::SIGN_ON, b"/?!\r\n").is_empty());
        assert!(sleeper.hear(5000, 0, Line::SIGN_ON, &[0; 66]).is_empty());
        assert!(!sleeper.hear(6700, 0, Line::SIGN_ON, b"/?!\r\n").is_empty());
    }
}
