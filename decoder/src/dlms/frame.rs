//! Stage 1 of DLMS without a link layer: octets → packets, delimited by what stands in them.
//!
//! ```text
//! DB | 08 53 41 47 … | 82 03 A1 | 30 | 00 00 12 34 | …
//!  │    │               │          │     │            ciphertext and tag
//!  │    │               │          │     invocation counter
//!  │    │               │          security control: bits 4 and 5 protected how, low bits the suite
//!  │    │               length of all that follows, in one octet or behind 81 or 82
//!  │    system title, 8 octets or none
//!  general-glo-ciphering; DC is general-ded-ciphering
//! ```
//!
//! IEC 62056-5-3, 8.2 and 8.5. Promise to the next stage: the packet is as long as it says and its header is one that
//! meters send. There is no checksum: only the tag of a ciphered packet shows damage. A packet in which the same system
//! title opens another one was cut off there.

use crate::dlms::axdr;
use crate::error::FrameError;
use crate::frame::{Backlog, Deframe, Heard};
use crate::octets::Cursor;

/// A packet, its first octet the tag of its service.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Frame<'a> {
    pub(crate) octets: &'a [u8],
}

/// Finds packets.
#[derive(Debug, Default)]
pub(crate) struct Deframer {
    backlog: Backlog,
    silent: bool,
}

impl Deframe for Deframer {
    type Frame<'a> = Frame<'a>;

    fn push(&mut self, octets: &[u8]) {
        self.silent = false;
        self.backlog.push(octets);
    }

    fn next(&mut self) -> Option<Heard<Frame<'_>>> {
        let octets = self.backlog.octets();
        let (found, count) = match judge(octets) {
            Verdict::Wait if octets.is_empty() || !self.silent => return None,
            Verdict::Wait => (Found::Fault(FrameError::Truncated), before_next_start(octets)),
            Verdict::NoPacket => (Found::Noise, before_next_tag(octets)),
            Verdict::Damaged(error, count) => (Found::Fault(error), count),
            Verdict::Packet(count) => (Found::Packet, count),
        };
        let span = self.backlog.judge(count);
        Some(match found {
            Found::Noise => Heard::Noise(span),
            Found::Fault(error) => Heard::Fault(error, span),
            Found::Packet => Heard::Frame(Frame { octets: self.backlog.judged(span) }, span),
        })
    }

    /// A packet that has begun and does not go on is cut off.
    fn silence(&mut self) {
        self.silent = true;
    }

    fn patience(&self) -> Option<u64> {
        (!self.backlog.octets().is_empty()).then_some(LONGEST_PAUSE)
    }

    fn held(&self) -> usize {
        self.backlog.held()
    }
}

/// What stands at the head of the backlog.
enum Found {
    Noise,
    Fault(FrameError),
    Packet,
}

/// What octets begin with.
enum Verdict {
    /// A packet of so many octets.
    Packet(usize),
    /// A packet with a fault, so many octets before the next possible start.
    Damaged(FrameError, usize),
    /// Nothing that could begin a packet.
    NoPacket,
    /// Perhaps a packet: more octets must come.
    Wait,
}

fn judge(octets: &[u8]) -> Verdict {
    match octets.first() {
        None => Verdict::Wait,
        Some(&(GENERAL_GLO | GENERAL_DED)) => ciphered(octets),
        Some(_) => Verdict::NoPacket,
    }
}

fn ciphered(octets: &[u8]) -> Verdict {
    let mut header = Cursor::new(octets);
    header.u8();
    match header.u8() {
        None => return Verdict::Wait,
        Some(title @ (0 | TITLE)) if header.take(title.into()).is_none() => return Verdict::Wait,
        Some(0 | TITLE) => {}
        Some(_) => return Verdict::NoPacket,
    }
    let title = octets.get(..header.position()).unwrap_or_default();
    match header.rest().first() {
        Some(0..=0x7F | 0x81 | 0x82) | None => {}
        Some(_) => return Verdict::NoPacket,
    }
    let Some(length) = axdr::length(&mut header) else { return Verdict::Wait };
    let count = header.position() + length;
    match header.u8() {
        None => return Verdict::Wait,
        Some(security) if security & PROTECTED == 0 || security & SUITE > LAST_SUITE => {
            return Verdict::NoPacket;
        }
        Some(_) if length < SHORTEST_BODY => return Verdict::NoPacket,
        Some(_) if count > LONGEST => {
            let header = octets.get(..header.position()).unwrap_or(octets);
            return Verdict::Damaged(FrameError::TooLong { limit: LONGEST }, before_next_start(header));
        }
        Some(_) => {}
    }
    match octets.get(..count) {
        None => Verdict::Wait,
        Some(packet) => match again(title, packet) {
            Some(at) => Verdict::Damaged(FrameError::Truncated, at),
            None => Verdict::Packet(count),
        },
    }
}

/// Where a packet begins anew with the tag and system title that it began with.
fn again(title: &[u8], packet: &[u8]) -> Option<usize> {
    let mut places = (1..packet.len()).filter(|at| packet.get(*at) == title.first());
    places.find(|at| {
        title.len() > usize::from(TITLE) && packet.get(*at..).is_some_and(|rest| rest.starts_with(title))
    })
}

/// How many octets lie before the next one that a packet can begin with.
fn before_next_tag(octets: &[u8]) -> usize {
    let tags = |at: &usize| matches!(octets.get(*at), Some(&(GENERAL_GLO | GENERAL_DED)));
    (1..octets.len()).find(tags).unwrap_or(octets.len())
}

/// How many octets of a damaged stretch lie before the next place where a packet could begin.
fn before_next_start(octets: &[u8]) -> usize {
    let begins = |at: &usize| octets.get(*at..).is_some_and(|rest| !matches!(judge(rest), Verdict::NoPacket));
    (1..octets.len()).find(begins).unwrap_or(octets.len())
}

const GENERAL_GLO: u8 = 0xDB;
const GENERAL_DED: u8 = 0xDC;
/// Octets of a system title.
const TITLE: u8 = 8;
/// Security control: authenticated, encrypted, or both.
const PROTECTED: u8 = 0x30;
/// Security control: the suite's number, of which there are three.
const SUITE: u8 = 0x0F;
const LAST_SUITE: u8 = 2;
/// Security control, invocation counter and an octet of text.
const SHORTEST_BODY: usize = 6;

/// Milliseconds between two octets of a packet. It is sent without a pause; adapters and browsers add theirs.
const LONGEST_PAUSE: u64 = 1000;

/// The most octets of a packet. The longest met, a P1 telegram in a ciphered packet, has under 2 kB.
pub(crate) const LONGEST: usize = 8192;

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;
    use alloc::string::String;
    use alloc::vec;
    use alloc::vec::Vec;

    /// Built by hand after IEC 62056-5-3, 8.5.
    fn packet(title: &[u8], length: &[u8], text: usize) -> Vec<u8> {
        let title_length = u8::try_from(title.len()).unwrap();
        [&[GENERAL_GLO, title_length][..], title, length, &[0x30, 0, 0, 0, 9], &vec![7; text]].concat()
    }

    fn hear(octets: &[u8]) -> Vec<String> {
        let mut deframer = Deframer::default();
        deframer.push(octets);
        let name = |heard: Heard<Frame<'_>>| match heard {
            Heard::Frame(frame, span) => {
                assert_eq!(frame.octets.len() as u64, span.length);
                format!("packet {}", span.length)
            }
            Heard::Fault(error, span) => {
                format!("{} {}", crate::error::Error::from(error).code(), span.length)
            }
            Heard::Noise(span) => format!("noise {}", span.length),
        };
        let mut heard: Vec<_> = core::iter::from_fn(|| deframer.next().map(name)).collect();
        deframer.silence();
        heard.extend(core::iter::from_fn(|| deframer.next().map(name)));
        heard
    }

    const SHORT: &[u8] = &[25];

    #[test]
    fn reads_lengths_of_one_two_and_three_octets() {
        assert_eq!(hear(&packet(b"SAG12345", SHORT, 20)), ["packet 36"]);
        assert_eq!(hear(&packet(b"SAG12345", &[0x81, 205], 200)), ["packet 217"]);
        assert_eq!(hear(&packet(b"SAG12345", &[0x82, 3, 0xED], 1000)), ["packet 1018"]);
        assert_eq!(hear(&packet(b"", SHORT, 20)), ["packet 28"]);
        assert_eq!(hear(&packet(b"SAG12345", SHORT, 20).repeat(2)), ["packet 36", "packet 36"]);
    }

    #[test]
    fn what_is_no_header_is_noise() {
        let good = packet(b"SAG12345", SHORT, 20);
        for noise in
            [&[0, 1, 2][..], &[0xDB, 7, 0xDB], &[0xDB, 0, 0x83], &[0xDB, 0, 9, 0], &[0xDB, 0, 5, 0x30]]
        {
            let heard = hear(&[noise, &good].concat());
            assert_eq!(heard.last().map(String::as_str), Some("packet 36"), "{noise:x?}");
            assert!(heard.iter().rev().skip(1).all(|heard| heard.starts_with("noise")), "{noise:x?}");
        }
    }

    #[test]
    fn a_packet_cut_off_costs_itself_only() {
        let good = packet(b"SAG12345", SHORT, 20);
        assert_eq!(hear(&[&good[..25], &good].concat()), ["frame.truncated 25", "packet 36"]);
        assert_eq!(hear(&[&good[..], &good[..25]].concat()), ["packet 36", "frame.truncated 25"]);
        let greedy = packet(b"KFM12345", &[0x82, 0x10, 0], 0);
        assert_eq!(hear(&[&greedy[..], &good].concat()), ["frame.truncated 18", "packet 36"]);
    }

    #[test]
    fn a_length_that_no_meter_sends_is_refused_at_once() {
        let endless = packet(b"SAG12345", &[0x82, 0xFF, 0xFF], 3);
        assert_eq!(hear(&endless), ["frame.too-long 14", "noise 7"]);
    }

    #[test]
    fn starts_without_end_are_judged_in_passing() {
        let mut deframer = Deframer::default();
        for _ in 0..10 {
            deframer.push(&packet(b"", &[0x82, 0x10, 0], 0).repeat(200));
            while deframer.next().is_some() {}
        }
        assert!(deframer.backlog.octets().len() <= LONGEST);
    }
}
