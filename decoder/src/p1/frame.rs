//! Stage 1 of P1: octets → telegrams whose CRC holds, or which belong to a version without one.
//!
//! Meters write the CRC with four hex digits in either case; some drop leading zeros. Promise to the next stage: the
//! frame begins with `/`, ends with `!`, and is not longer than [`LONGEST`].

use memchr::{memchr, memchr_iter, memchr2, memchr2_iter, memrchr};

use super::checksum::{checksum, crc};
use crate::crc::crc16_arc;
use crate::error::{Flaw, FrameError};
use crate::frame::{Backlog, Deframe, Found, Heard};
use crate::register::Obis;

/// A whole telegram.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Frame<'a> {
    /// From `/` to `!`.
    pub(crate) octets: &'a [u8],
    /// Whether a CRC was there, and held.
    pub(crate) checked: bool,
    /// Whether the line fell silent before the `!`.
    pub(crate) cut: bool,
}

/// The telegram that a deciphered text is, and what is wrong with its CRC. `None` for a text that is none: before the
/// telegram nothing may stand, and behind it only line ends and filling.
pub(crate) fn whole(text: &[u8]) -> Option<(Frame<'_>, Option<FrameError>)> {
    let end = memrchr(END, text)?;
    let octets = text.get(..=end).filter(|octets| octets.first() == Some(&START))?;
    let behind = text.get(end + 1..).unwrap_or_default();
    let digits = behind.iter().take(4).take_while(|octet| octet.is_ascii_hexdigit()).count();
    let (digits, filling) = behind.split_at_checked(digits)?;
    if !filling.iter().all(|octet| matches!(octet, b'\r' | b'\n' | b' ' | 0)) {
        return None;
    }
    let fault = match checksum(digits) {
        Some(found) if found != crc(octets) => Some(FrameError::Checksum { found, computed: crc(octets) }),
        Some(_) => return Some((Frame { octets, checked: true, cut: false }, None)),
        None => None,
    };
    Some((Frame { octets, checked: false, cut: false }, fault))
}

/// Finds telegrams.
#[derive(Debug, Default)]
pub(crate) struct Deframer {
    backlog: Backlog,
    /// Octets of the backlog that hold no end of the telegram which they begin.
    searched: usize,
    /// The CRC of the identification line last seen in a telegram with a CRC.
    checked_identification: Option<u16>,
}

impl Deframe for Deframer {
    type Frame<'a> = Frame<'a>;

    /// Milliseconds between two lines of a telegram; old meters at 9600 baud take their time.
    const LONGEST_PAUSE: u64 = 5000;

    const LONGEST: usize = LONGEST;

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
        Some(found.heard(span, |Telegram { length, checked, cut }| {
            let octets = self.backlog.judged(span).get(..length).unwrap_or_default();
            if checked {
                self.checked_identification = Some(crc16_arc(identification(octets)));
            }
            Ok(Frame { octets, checked, cut })
        }))
    }

    fn patience(&self) -> Option<u64> {
        let octets = self.backlog.octets();
        let ended = memchr(END, octets).is_some();
        (!octets.is_empty()).then_some(if ended { LATEST_CHECKSUM } else { Self::LONGEST_PAUSE })
    }
}

/// A telegram at the head of the backlog.
struct Telegram {
    /// Octets up to its `!`, or, if it was cut, all of them.
    length: usize,
    checked: bool,
    cut: bool,
}

impl Deframer {
    /// What comes next, and how many octets it takes.
    fn find(&mut self) -> Option<(Found<Telegram>, usize)> {
        let octets = self.backlog.octets();
        let start = memchr(START, octets).unwrap_or(octets.len());
        // A maker's three letters follow (IEC 62056-21, 6.3.2).
        let is_other = octets.get(1..4).is_some_and(|maker| !maker.iter().all(u8::is_ascii_alphabetic));
        if start > 0 || is_other {
            return Some((Found::Noise, start.max(1)));
        }
        let searched = self.searched.max(1);
        let window = octets.get(..LONGEST).unwrap_or(octets);
        let candidates = memchr2_iter(END, START, window.get(searched..).unwrap_or_default());
        let found = candidates
            .map(|at| at + searched)
            .filter_map(|at| Some((at, octets.get(at)?)))
            .find(|(at, octet)| **octet == END || octets.get(at - 1).is_some_and(is_line_end));
        match found {
            Some((at, &START)) => Some((Found::Fault(FrameError::Truncated), at)),
            Some((end, _)) => self.close(end),
            None if window.len() == LONGEST => {
                // Half at least goes, so that a flood of `/` is not searched over and over.
                let next = window.iter().skip(LONGEST / 2).position(|octet| *octet == START);
                let count = next.map_or(LONGEST, |behind| LONGEST / 2 + behind);
                Some((Found::Fault(FrameError::TooLong { limit: LONGEST }), count))
            }
            None if self.backlog.is_silent() && !octets.is_empty() => {
                let found = if self.is_whole_without_end(octets) {
                    Found::Frame(Telegram { length: octets.len(), checked: false, cut: true })
                } else {
                    Found::Fault(FrameError::Truncated)
                };
                Some((found, octets.len()))
            }
            None => {
                self.searched = octets.len();
                None
            }
        }
    }

    /// Whether these are whole lines of a version that never had a CRC: DSMR 4 brought it together with the clock. From
    /// such a meter each line stands for itself, and so do those before the line fell silent.
    fn is_whole_without_end(&self, octets: &[u8]) -> bool {
        let has_clock = octets.windows(CLOCK.len()).any(|window| window == CLOCK);
        let ends_a_line = octets.ends_with(b")\r\n") || octets.ends_with(b")\n");
        let first_line = identification(octets);
        let is_one = restart(octets).is_none();
        ends_a_line && is_one && !has_clock && self.checked_identification != Some(crc16_arc(first_line))
    }

    /// Judges the telegram whose `!` stands at `end`; `None` while its CRC is still coming.
    fn close(&self, end: usize) -> Option<(Found<Telegram>, usize)> {
        let (telegram, behind) = self.backlog.octets().split_at_checked(end + 1)?;
        let digits = behind.iter().take(4).take_while(|octet| octet.is_ascii_hexdigit()).count();
        let (digits, line_end) = behind.split_at_checked(digits)?;
        let line_end = match line_end {
            [b'\r', b'\n', ..] => 2,
            [b'\r'] if !self.backlog.is_silent() => return None,
            [b'\r' | b'\n', ..] => 1,
            [] if !self.backlog.is_silent() => return None,
            [] => 0,
            // Four digits are a whole CRC, whatever follows; fewer must be seen to end.
            _ if digits.len() == 4 => 0,
            _ => return Some((Found::Fault(FrameError::Malformed(Flaw::End)), end + 1 + digits.len())),
        };
        let whole = telegram.len() + digits.len() + line_end;
        Some(match checksum(digits) {
            Some(found) => verify(telegram, found, whole),
            // A flipped bit makes CR of the `-` in an OBIS code; where lines end in CR LF, the last one does as well.
            None if line_end == 1 && behind != b"\r" && telegram.ends_with(b"\r\n!") => {
                (Found::Fault(FrameError::Malformed(Flaw::End)), whole)
            }
            None => self.without_checksum(telegram, whole),
        })
    }

    /// A bare `!` ends a telegram only at the start of a line and behind at least one data line: a flipped bit makes a
    /// `!` of a `1`. A `/` inside begins the telegram that it ends: data lines have none (IEC 62056-21, 6.5), and that of an
    /// identification, which should have none either, is followed by another model's letters. A meter that has sent a CRC
    /// before has lost it now.
    fn without_checksum(&self, telegram: &[u8], whole: usize) -> (Found<Telegram>, usize) {
        let first_line = identification(telegram);
        if let Some(start) = restart(telegram) {
            return (Found::Fault(FrameError::Truncated), start);
        }
        let at_line_start = telegram.iter().rev().nth(1).is_some_and(is_line_end);
        let Some(parenthesis) = memchr(b'(', telegram).filter(|_| at_line_start) else {
            return (Found::Fault(FrameError::Malformed(Flaw::End)), whole);
        };
        if !is_code(telegram.get(..parenthesis).unwrap_or_default()) {
            return (Found::Fault(FrameError::Malformed(Flaw::Codes)), whole);
        }
        if self.checked_identification == Some(crc16_arc(first_line)) {
            return (Found::Fault(FrameError::ChecksumMissing), whole);
        }
        (Found::Frame(Telegram { length: telegram.len(), checked: false, cut: false }), whole)
    }
}

/// Where another telegram begins in this one, which has no CRC: at a `/` behind the identification line, or at one in it
/// that a maker's three letters and the digit of a speed follow.
fn restart(telegram: &[u8]) -> Option<usize> {
    let first_line = identification(telegram).len();
    let introduces = |behind: &[u8]| matches!(behind, [maker @ .., b'0'..=b'9'] if maker.iter().all(u8::is_ascii_alphabetic));
    let begins = |at: &usize| *at > first_line || telegram.get(*at + 1..*at + 5).is_some_and(introduces);
    memchr_iter(START, telegram).skip(1).filter(begins).last()
}

/// Whether a line ends in a code as P1 has them, whole and without group F (DSMR 2.2, 5.2.3). Meters with an IEC 62056-21
/// readout of the same form shorten theirs, or print group F.
fn is_code(text: &[u8]) -> bool {
    let begin = text.iter().rposition(is_line_end).map_or(0, |at| at + 1);
    let code = text.get(begin..).unwrap_or_default();
    Obis::from_ascii(code).is_some() && !code.contains(&b'*')
}

/// A `/` inside a line begins a telegram only where a CRC proves it: IEC 62056-21 forbids it in identifications, and
/// noise in front of a telegram may end in one.
fn verify(telegram: &[u8], found: u16, whole: usize) -> (Found<Telegram>, usize) {
    let mut candidates = memchr_iter(START, telegram).take(MOST_STARTS);
    let holds = candidates.find(|at| crc(telegram.get(*at..).unwrap_or_default()) == found);
    match holds {
        Some(0) => (Found::Frame(Telegram { length: telegram.len(), checked: true, cut: false }), whole),
        Some(start) => (Found::Fault(FrameError::Truncated), start),
        None => (Found::Fault(FrameError::Checksum { found, computed: crc(telegram) }), whole),
    }
}

fn identification(octets: &[u8]) -> &[u8] {
    let length = memchr2(b'\r', b'\n', octets).unwrap_or(octets.len());
    octets.get(..length).unwrap_or_default()
}

fn is_line_end(octet: &u8) -> bool {
    matches!(octet, b'\r' | b'\n')
}

const START: u8 = b'/';
const END: u8 = b'!';
const CLOCK: &[u8] = b"0-0:1.0.0(";

/// The longest telegram kept. DSMR 5 allows text messages of 1024 characters (2048 digits); a Belgian telegram with
/// thirteen monthly peaks and four sub-meters stays under 3 kB.
pub(crate) const LONGEST: usize = 8192;

/// Milliseconds that a checksum may lag behind its `!`.
const LATEST_CHECKSUM: u64 = 500;
/// How many `/` of one telegram are tried as its start: more are noise of ill will.
const MOST_STARTS: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crc::crc16_x25;
    use crate::frame::testing::{in_words, with_crc};
    use alloc::format;
    use alloc::string::String;
    use alloc::vec;
    use alloc::vec::Vec;

    fn telegram(body: &str) -> String {
        with_crc(&format!("/MTP5\\2TEST\r\n\r\n{body}!"))
    }

    fn hear(octets: &str) -> Vec<String> {
        in_words::<Deframer>([octets.as_bytes()], |frame| {
            let check = if frame.checked { "checked" } else { "bare" };
            format!("{check}{}", if frame.cut { " cut" } else { "" })
        })
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

    /// IEC 62056-21, 6.3.2, forbids it, and makers print it.
    #[test]
    fn a_slash_inside_an_identification_begins_nothing() {
        let text = "/ISK5\\2M550T/1012\r\n\r\n1-0:1.7.0(01.193*kW)\r\n!";
        let good = with_crc(text);
        assert_eq!(hear(&good.repeat(2)), vec![format!("checked {}", good.len()); 2]);
        let bare = format!("{text}\r\n");
        assert_eq!(hear(&bare.repeat(2)), vec![format!("bare {}", bare.len()); 2]);
        // The rest of one telegram, and the whole of another.
        let cut = format!("/ISK5\\2M5{bare}");
        assert_eq!(hear(&cut), vec!["frame.truncated 9".into(), format!("bare {}", bare.len())]);
        let checked = format!("/ISK5\\2M5{good}");
        assert_eq!(hear(&checked), vec!["frame.truncated 9".into(), format!("checked {}", good.len())]);
    }

    #[test]
    fn whole_lines_without_an_end_stand_if_no_crc_can_be_missing() {
        let old = "/MTP5TEST\r\n\r\n1-0:1.7.0(01.193*kW)\r\n";
        assert_eq!(hear(old), vec![format!("bare cut {}", old.len())]);
        let within = format!("{old}1-0:2.7.0(00.0");
        assert_eq!(hear(&within), vec![format!("frame.truncated {}", within.len())]);
        let newer = format!("{old}0-0:1.0.0(101209113020W)\r\n");
        assert_eq!(hear(&newer), vec![format!("frame.truncated {}", newer.len())]);
        let good = telegram("1-0:1.7.0(01.193*kW)\r\n");
        let cut = good.split('!').next().unwrap();
        assert_eq!(hear(&format!("{good}{cut}")).last(), Some(&format!("frame.truncated {}", cut.len())));
    }

    #[test]
    fn holley_meters_compute_another_crc() {
        let text = "/HLY5TEST\r\n\r\n1-0:1.7.0(01.193*kW)\r\n!";
        let with = |crc: u16| format!("{text}{crc:04X}\r\n");
        assert_eq!(hear(&with(crc16_x25(text.as_bytes()))), vec![format!("checked {}", text.len() + 6)]);
        assert_eq!(
            hear(&with(crc16_arc(text.as_bytes()))),
            vec![format!("frame.checksum {}", text.len() + 6)]
        );
    }

    #[test]
    fn a_deciphered_text_holds_one_telegram() {
        let good = telegram("1-0:1.7.0(01.193*kW)\r\n");
        let padded = format!("{good}\0\0");
        let (frame, fault) = whole(padded.as_bytes()).unwrap();
        assert_eq!((frame.octets.len(), frame.checked, fault), (good.len() - 6, true, None));
        let (frame, fault) = whole(&good.as_bytes()[..good.len() - 6]).unwrap();
        assert_eq!((frame.checked, fault), (false, None));
        let damaged = good.replace("1.193", "1.194");
        assert!(matches!(whole(damaged.as_bytes()), Some((_, Some(FrameError::Checksum { .. })))));
        assert_eq!(whole(b"no telegram"), None);
        assert_eq!(whole(format!("{good}and more").as_bytes()), None);
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

    /// Found by libFuzzer: whether something follows must not matter.
    #[test]
    fn a_bare_end_has_the_line_ends_of_its_telegram() {
        let bare = "/MTP5\\2TEST\r\n\r\n1-0:1.7.0(01.193*kW)\r\n!\n";
        let refused = format!("frame.malformed {}", bare.len());
        assert_eq!(hear(bare), core::slice::from_ref(&refused));
        assert_eq!(hear(&format!("{bare}x")), [refused, "noise 1".into()]);
    }

    #[test]
    fn a_one_that_became_an_end_is_none() {
        let text = telegram("1-0:1.7.0(01.193*kW)\r\n").replace("TEST\r\n", "TES!\r\n");
        assert_eq!(hear(&text).first().map(String::as_str), Some("frame.malformed 13"));
        let two = telegram("1-0:1.7.0(01.193*kW)\r\n1-0:2.7.0(00.000*kW)\r\n").replace("1-0:2", "!\r0:2");
        assert_eq!(hear(&two).first().map(String::as_str), Some("frame.malformed 39"));
        let feed = "/MTP5\r\n1-0:1.7.0(1*kW)\r\n!\n";
        assert_eq!(hear(feed), ["frame.malformed 26"]);
        assert_eq!(hear(&format!("{feed}more")), ["frame.malformed 26", "noise 4"]);
    }

    #[test]
    fn a_telegram_without_end_is_dropped_at_the_limit() {
        let endless = format!("/MTP5\r\n{}", "1".repeat(LONGEST));
        assert_eq!(hear(&endless), [format!("frame.too-long {LONGEST}"), "noise 7".into()]);
    }
}
