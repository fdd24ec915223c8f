//! Stage 1 of P1: octets → telegrams whose CRC holds, or which belong to a version without one.
//!
//! Meters write the CRC with four hex digits in either case; some drop leading zeros. Promise to the next stage: the
//! frame begins with `/`, ends with `!`, and is not longer than [`LONGEST`].

use alloc::vec::Vec;

use crate::crc::crc16_arc;
use crate::error::{Flaw, FrameError};
use crate::frame::{Backlog, Deframe, Heard};

/// A whole telegram.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Frame {
    /// From `/` to `!`.
    pub(crate) octets: Vec<u8>,
    /// Whether a CRC was there, and held.
    pub(crate) checked: bool,
}

/// Finds telegrams.
#[derive(Debug, Default)]
pub(crate) struct Deframer {
    backlog: Backlog,
    /// Octets of the backlog that hold no end of the telegram which they begin.
    searched: usize,
    silent: bool,
    /// The CRC of the identification line last seen in a telegram with a CRC.
    checked_identification: Option<u16>,
}

impl Deframe for Deframer {
    type Frame = Frame;

    fn push(&mut self, octets: &[u8]) {
        self.silent = false;
        self.backlog.push(octets);
    }

    fn next(&mut self) -> Option<Heard<Frame>> {
        let octets = self.backlog.octets();
        let start = octets.iter().position(|octet| *octet == START).unwrap_or(octets.len());
        if start > 0 {
            self.searched = 0;
            return Some(Heard::Noise(self.backlog.judge(start)));
        }
        let from = self.searched.max(1);
        let found = octets.iter().enumerate().skip(from).find(|(at, octet)| match **octet {
            END => true,
            START => octets.get(at - 1).is_some_and(is_line_end),
            _ => false,
        });
        match found {
            Some((at, &START)) => Some(self.refuse(FrameError::Truncated, at)),
            Some((end, _)) => self.close(end),
            None if self.silent && !octets.is_empty() => {
                Some(self.refuse(FrameError::Truncated, octets.len()))
            }
            None if octets.len() > LONGEST => {
                // Half at least goes, so that a flood of `/` is not searched over and over.
                let next = octets.iter().skip(LONGEST / 2).position(|octet| *octet == START);
                let count = next.map_or(octets.len(), |behind| LONGEST / 2 + behind);
                Some(self.refuse(FrameError::TooLong { limit: LONGEST }, count))
            }
            None => {
                self.searched = octets.len();
                None
            }
        }
    }

    fn silence(&mut self) {
        self.silent = true;
    }

    fn patience(&self) -> Option<u64> {
        let octets = self.backlog.octets();
        let ended = octets.contains(&END);
        (!octets.is_empty()).then_some(if ended { LATEST_CHECKSUM } else { LONGEST_PAUSE })
    }

    fn held(&self) -> usize {
        self.backlog.held()
    }
}

impl Deframer {
    /// Judges the telegram whose `!` stands at `end`; `None` while its CRC is still coming.
    fn close(&mut self, end: usize) -> Option<Heard<Frame>> {
        let octets = self.backlog.octets();
        let behind = octets.get(end + 1..).unwrap_or_default();
        let digits = behind.iter().take(4).take_while(|octet| octet.is_ascii_hexdigit()).count();
        let line_end = behind.get(digits..).unwrap_or_default();
        let line_end = match line_end {
            [b'\r', b'\n', ..] => 2,
            [b'\r'] if !self.silent => return None,
            [b'\r' | b'\n', ..] => 1,
            [] if !self.silent => return None,
            [] => 0,
            // Four digits are a whole CRC, whatever follows; fewer must be seen to end.
            _ if digits == 4 => 0,
            _ => return Some(self.refuse(FrameError::Malformed(Flaw::End), end + 1 + digits)),
        };
        let whole = end + 1 + digits + line_end;
        let printed = behind.get(..digits).and_then(|digits| core::str::from_utf8(digits).ok());
        match printed.and_then(|digits| u16::from_str_radix(digits, 16).ok()) {
            Some(found) => Some(self.verify(found, end, whole)),
            None => Some(self.accept_unchecked(end, whole)),
        }
    }

    /// A `/` inside a line begins a telegram only where a CRC proves it: IEC 62056-21 forbids it in identifications,
    /// and noise in front of a telegram may end in one.
    fn verify(&mut self, found: u16, end: usize, whole: usize) -> Heard<Frame> {
        let octets = self.backlog.octets().get(..=end).unwrap_or_default();
        let starts = octets.iter().enumerate().filter(|(_, octet)| **octet == START).map(|(at, _)| at);
        let mut candidates = starts.take(MOST_STARTS);
        let holds = candidates.find(|at| crc16_arc(octets.get(*at..).unwrap_or_default()) == found);
        match holds {
            Some(0) => {
                let octets = octets.to_vec();
                self.checked_identification = Some(crc16_arc(identification(&octets)));
                self.accept(Frame { octets, checked: true }, whole)
            }
            Some(start) => self.refuse(FrameError::Truncated, start),
            None => self.refuse(FrameError::Checksum { found, computed: crc16_arc(octets) }, whole),
        }
    }

    /// A bare `!` ends a telegram only at the start of a line and behind at least one data line: a flipped bit makes a
    /// `!` of a `1`. A meter that has sent a CRC before has lost it now.
    fn accept_unchecked(&mut self, end: usize, whole: usize) -> Heard<Frame> {
        let octets = self.backlog.octets().get(..=end).unwrap_or_default();
        let first_line = identification(octets);
        if let Some(start) = first_line.iter().rposition(|octet| *octet == START).filter(|start| *start > 0) {
            return self.refuse(FrameError::Truncated, start);
        }
        let at_line_start = end.checked_sub(1).and_then(|before| octets.get(before)).is_some_and(is_line_end);
        if !at_line_start || !octets.contains(&b'(') {
            return self.refuse(FrameError::Malformed(Flaw::End), whole);
        }
        if self.checked_identification == Some(crc16_arc(first_line)) {
            return self.refuse(FrameError::ChecksumMissing, whole);
        }
        let octets = octets.to_vec();
        self.accept(Frame { octets, checked: false }, whole)
    }

    fn accept(&mut self, frame: Frame, count: usize) -> Heard<Frame> {
        self.searched = 0;
        Heard::Frame(frame, self.backlog.judge(count))
    }

    fn refuse(&mut self, error: FrameError, count: usize) -> Heard<Frame> {
        self.searched = 0;
        Heard::Fault(error, self.backlog.judge(count))
    }
}

fn identification(octets: &[u8]) -> &[u8] {
    let length = octets.iter().position(is_line_end).unwrap_or(octets.len());
    octets.get(..length).unwrap_or_default()
}

fn is_line_end(octet: &u8) -> bool {
    matches!(octet, b'\r' | b'\n')
}

const START: u8 = b'/';
const END: u8 = b'!';

/// The longest telegram kept. DSMR 5 allows text messages of 1024 characters (2048 digits); a Belgian telegram with
/// thirteen monthly peaks and four sub-meters stays under 3 kB.
pub(crate) const LONGEST: usize = 8192;

/// Milliseconds that a checksum may lag behind its `!`.
const LATEST_CHECKSUM: u64 = 500;
/// Milliseconds between two lines of a telegram; old meters at 9600 baud take their time.
const LONGEST_PAUSE: u64 = 5000;

/// How many `/` of one telegram are tried as its start: more are noise of ill will.
const MOST_STARTS: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;
    use alloc::string::String;
    use alloc::vec;

    /// Built by hand after DSMR 5.0.2; the CRC is computed by the checksum whose check value the standard gives.
    fn telegram(body: &str) -> String {
        let text = format!("/MTP5\\2TEST\r\n\r\n{body}!");
        format!("{text}{:04X}\r\n", crc16_arc(text.as_bytes()))
    }

    fn outcomes(deframer: &mut Deframer) -> Vec<String> {
        let heard = core::iter::from_fn(|| deframer.next());
        heard
            .map(|heard| match heard {
                Heard::Frame(frame, span) => {
                    format!("{} {}", if frame.checked { "checked" } else { "bare" }, span.length)
                }
                Heard::Fault(error, span) => {
                    format!("{} {}", crate::error::Error::from(error).code(), span.length)
                }
                Heard::Noise(span) => format!("noise {}", span.length),
            })
            .collect()
    }

    fn hear(octets: &str) -> Vec<String> {
        let mut deframer = Deframer::default();
        deframer.push(octets.as_bytes());
        let mut all = outcomes(&mut deframer);
        deframer.silence();
        all.extend(outcomes(&mut deframer));
        all
    }

    #[test]
    fn accepts_the_crc_in_every_way_that_meters_write_it() {
        let good = telegram("1-0:1.7.0(01.193*kW)\r\n");
        let length = good.len();
        assert_eq!(hear(&good), vec![format!("checked {length}")]);
        assert_eq!(hear(good.trim_end()), vec![format!("checked {}", length - 2)]);
        let (text, crc) = good.split_at(length - 6);
        assert_eq!(hear(&format!("{text}{}", crc.to_lowercase())), vec![format!("checked {length}")]);
        let short = (0..2000)
            .map(|n| telegram(&format!("1-0:1.7.0({n:05}*W)\r\n")))
            .find(|text| text.contains("!0") && !text.contains("!00"))
            .unwrap();
        let unpadded = short.replace("!0", "!");
        assert_eq!(hear(&unpadded), vec![format!("checked {}", short.len() - 1)]);
    }

    #[test]
    fn versions_without_a_crc_are_unchecked_but_a_lost_crc_is_a_fault() {
        let good = telegram("1-0:1.7.0(01.193*kW)\r\n");
        let bare = format!("{}!\r\n", good.split('!').next().unwrap());
        assert_eq!(hear(&bare), vec![format!("bare {}", bare.len())]);
        assert_eq!(hear(bare.trim_end()), vec![format!("bare {}", bare.len() - 2)]);
        let lost = vec![format!("checked {}", good.len()), format!("frame.checksum-missing {}", bare.len())];
        assert_eq!(hear(&format!("{good}{bare}")), lost);
    }

    #[test]
    fn damage_costs_the_telegram_that_it_touches() {
        let good = telegram("1-0:1.7.0(01.193*kW)\r\n");
        let (half, whole) = (good.len() / 2, format!("checked {}", good.len()));
        let cut = format!("{}{good}", &good[..half]);
        assert_eq!(hear(&cut), vec![format!("frame.truncated {half}"), whole.clone()]);
        let flipped = format!("{}{good}", good.replace("1.193", "1.194"));
        assert_eq!(hear(&flipped), vec![format!("frame.checksum {}", good.len()), whole.clone()]);
        assert_eq!(hear(&format!("no/ise{good}")), vec!["noise 2".into(), "frame.truncated 4".into(), whole]);
    }

    #[test]
    fn a_one_that_became_an_end_is_none() {
        let text = telegram("1-0:1.7.0(01.193*kW)\r\n").replace("TEST\r\n", "TES!\r\n");
        assert_eq!(hear(&text).first().map(String::as_str), Some("frame.malformed 13"));
    }

    #[test]
    fn a_telegram_without_end_is_dropped_at_the_limit() {
        let endless = format!("/MTP5\r\n{}", "1".repeat(LONGEST));
        assert_eq!(hear(&endless), vec![format!("frame.too-long {}", endless.len())]);
    }
}
