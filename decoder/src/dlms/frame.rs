//! Stage 1 of DLMS without a link layer: bytes → packets, delimited by their own content.
//!
//! ```text
//! DB | 08 53 41 47 … | 82 03 A1 | 30 | 00 00 12 34 | …
//!  │    │               │          │     │            ciphertext and tag
//!  │    │               │          │     invocation counter
//!  │    │               │          security control: bits 4 and 5 the protection, low bits the suite
//!  │    │               length of all that follows: one byte; or 81 and one byte, or 82 and two
//!  │    system title, 8 bytes or none
//!  general-glo-ciphering; DC is general-ded-ciphering
//! ```
//!
//! IEC 62056-5-3, 8.2 and 8.5. A block of a general block transfer also states its length. A plain notification ends
//! with its values. If the values cannot be parsed, silence ends the notification.
//!
//! Guarantee for the next stage: a ciphered packet or a block is as long as it states, and the header of each packet is
//! one that meters send. There is no checksum: only the tag of a ciphered packet reveals damage. A ciphered packet that
//! contains the start of another one with the same system title was cut off there. Content of HDLC or M-Bus frames is
//! not a packet. An unciphered packet begins after silence or after another packet, because nothing else marks its
//! beginning.

use crate::cursor::Cursor;
use crate::dlms::ciphering::{AUTHENTICATED, ENCRYPTED, GENERAL_DED, GENERAL_GLO, SUITE, TITLE};
use crate::dlms::{apdu, axdr, block};
use crate::error::{FrameError, ParseError};
use crate::frame::{Backlog, Deframe, Found, Heard};
use crate::time::Zone;

/// A packet; its first byte is the tag of its service.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Frame<'a> {
    pub(crate) bytes: &'a [u8],
}

#[derive(Debug, Default)]
pub(crate) struct Deframer {
    backlog: Backlog,
    /// Whether bytes that are not a packet precede the backlog, without a silence in between.
    amid: bool,
    /// The bytes before the backlog, which may be the header of a link protocol.
    before: [u8; LINK_HEADER],
}

impl Deframe for Deframer {
    type Frame<'a> = Frame<'a>;

    /// Meters send a packet without a pause, but adapters and browsers add pauses.
    const LONGEST_PAUSE: u64 = 1000;

    const LONGEST: usize = LONGEST;

    fn backlog(&self) -> &Backlog {
        &self.backlog
    }

    fn backlog_mut(&mut self) -> &mut Backlog {
        &mut self.backlog
    }

    fn push(&mut self, bytes: &[u8]) {
        if self.backlog.is_silent() {
            self.amid = false;
        }
        self.backlog.push(bytes);
    }

    /// May be `Some` even if all bytes are judged: a session that begins in the middle of a packet needs a silence to
    /// find the start of the next packet.
    fn patience(&self) -> Option<u64> {
        let is_amid = self.amid && !self.backlog.is_silent();
        (is_amid || !self.backlog.bytes().is_empty()).then_some(Self::LONGEST_PAUSE)
    }

    fn next(&mut self) -> Option<Heard<Frame<'_>>> {
        let bytes = self.backlog.bytes();
        let is_out_of_place = is_link_header(&self.before) || self.amid && !is_ciphered(bytes);
        let verdict = if is_out_of_place { Verdict::NoPacket } else { judge(bytes) };
        let (found, count) = match verdict {
            _ if bytes.is_empty() => return None,
            Verdict::Wait | Verdict::Open | Verdict::Doubt if !self.backlog.is_silent() => return None,
            Verdict::Wait => (Found::Fault(FrameError::Truncated), before_next_start(bytes)),
            Verdict::Open => (Found::Frame(()), before_next_start(bytes)),
            Verdict::NoPacket | Verdict::Doubt => (Found::Noise, before_next_tag(bytes)),
            Verdict::Damaged(error, count) => (Found::Fault(error), count),
            Verdict::Packet(count) => (Found::Frame(()), count),
        };
        self.amid = !matches!(found, Found::Frame(()));
        remember(&mut self.before, bytes.get(..count).unwrap_or(bytes));
        let span = self.backlog.judge(count);
        Some(found.heard(span, |()| Ok(Frame { bytes: self.backlog.judged(span) })))
    }
}

/// What the bytes begin with.
enum Verdict {
    /// A packet of this many bytes.
    Packet(usize),
    /// A damaged packet, and the number of bytes before the next possible start.
    Damaged(FrameError, usize),
    /// No packet can begin here.
    NoPacket,
    /// Perhaps a packet: more bytes are needed to decide.
    Wait,
    /// A packet whose end only silence shows.
    Open,
    /// No packet, unless the next bytes change the meaning of the earlier bytes.
    Doubt,
}

fn judge(bytes: &[u8]) -> Verdict {
    match bytes.first() {
        None => Verdict::Wait,
        Some(_) if is_ciphered(bytes) => ciphered(bytes),
        Some(&block::TAG) => part(bytes),
        Some(&(apdu::DATA_NOTIFICATION | apdu::EVENT_NOTIFICATION)) => notification(bytes),
        Some(_) => Verdict::NoPacket,
    }
}

/// Judges a block. A push acknowledges nothing, and its block numbers begin at 1.
fn part(bytes: &[u8]) -> Verdict {
    match bytes {
        [_, _, 0, 1..=0xFF, 0, 0, 1..=0x82, ..] => match block::length(bytes) {
            Some(length) if length > LONGEST => Verdict::NoPacket,
            Some(length) if length <= bytes.len() => Verdict::Packet(length),
            _ => Verdict::Wait,
        },
        [_, _, 0, 1..=0xFF, 0, 0]
        | [_, _, 0, 1..=0xFF, 0]
        | [_, _, 0, 1..=0xFF]
        | [_, _, 0]
        | [_, _]
        | [_] => Verdict::Wait,
        _ => Verdict::NoPacket,
    }
}

/// Judges a notification. Bytes that only look like a notification soon contain an invalid value.
fn notification(bytes: &[u8]) -> Verdict {
    if !apdu::could_begin(bytes) {
        return Verdict::NoPacket;
    }
    // If there are more bytes than a packet may have, only the allowed length is judged. Therefore, the result does not
    // depend on the pieces in which the bytes arrived.
    let (within, is_longer) = match bytes.split_at_checked(LONGEST) {
        Some((within, more)) => (within, !more.is_empty()),
        None => (bytes, false),
    };
    let Ok(notification) = apdu::parse(within, Zone::default()) else { return Verdict::Wait };
    let mut body = notification.body.going_on();
    match (body.pass(), body.fault()) {
        (Some(()), _) => Verdict::Packet(notification.header + body.position()),
        (None, Some(ParseError::Truncated)) | (None, None) if !is_longer => Verdict::Open,
        (None, Some(error)) if error != ParseError::Truncated && body.position() < SHORTEST_LIST => {
            if is_longer {
                Verdict::NoPacket
            } else {
                Verdict::Doubt
            }
        }
        (None, _) if is_longer => {
            Verdict::Damaged(FrameError::TooLong { limit: LONGEST }, before_next_start(within))
        }
        (None, _) => Verdict::Open,
    }
}

fn is_ciphered(bytes: &[u8]) -> bool {
    matches!(bytes.first(), Some(&(GENERAL_GLO | GENERAL_DED)))
}

fn ciphered(bytes: &[u8]) -> Verdict {
    let mut header = Cursor::new(bytes);
    header.u8();
    match header.u8() {
        None => return Verdict::Wait,
        Some(title) if !matches!(title.into(), 0 | TITLE) => return Verdict::NoPacket,
        Some(title) if header.take(title.into()).is_none() => return Verdict::Wait,
        Some(_) => {}
    }
    let title = bytes.get(..header.position()).unwrap_or_default();
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
            let header = bytes.get(..header.position()).unwrap_or(bytes);
            return Verdict::Damaged(FrameError::TooLong { limit: LONGEST }, before_next_start(header));
        }
        Some(_) => {}
    }
    match bytes.get(..count) {
        None => Verdict::Wait,
        Some(packet) => match again(title, packet) {
            Some(at) => Verdict::Damaged(FrameError::Truncated, at),
            None => Verdict::Packet(count),
        },
    }
}

/// The position inside a packet where another one begins with the same tag and system title.
fn again(title: &[u8], packet: &[u8]) -> Option<usize> {
    let mut places = (1..packet.len()).filter(|at| packet.get(*at) == title.first());
    places.find(|at| title.len() > TITLE && packet.get(*at..).is_some_and(|rest| rest.starts_with(title)))
}

/// The number of bytes before the next tag with which a packet can begin.
fn before_next_tag(bytes: &[u8]) -> usize {
    let tags = |at: &usize| bytes.get(*at).is_some_and(|tag| TAGS.contains(tag));
    (1..bytes.len()).find(tags).unwrap_or(bytes.len())
}

/// The number of damaged bytes before the next position where a packet could begin.
fn before_next_start(bytes: &[u8]) -> usize {
    let begins = |at: &usize| bytes.get(*at..).is_some_and(|rest| !matches!(judge(rest), Verdict::NoPacket));
    (1..bytes.len()).find(begins).unwrap_or(bytes.len())
}

/// Whether the payload of a frame comes next: the bytes end in the LLC header of HDLC (IEC 62056-46, 5.3.2), or in an
/// M-Bus frame's header up to its access points (EN 13757-1).
fn is_link_header(before: &[u8; LINK_HEADER]) -> bool {
    match before {
        [.., 0xE6, 0xE6 | 0xE7, 0] => true,
        [0x68, length, again, 0x68, ..] => length == again,
        _ => false,
    }
}

fn remember(before: &mut [u8; LINK_HEADER], judged: &[u8]) {
    let kept = judged.len().min(LINK_HEADER);
    before.rotate_left(kept);
    let last = judged.iter().rev();
    before.iter_mut().rev().zip(last).for_each(|(place, byte)| *place = *byte);
}

const TAGS: [u8; 5] =
    [GENERAL_GLO, GENERAL_DED, block::TAG, apdu::DATA_NOTIFICATION, apdu::EVENT_NOTIFICATION];
/// Bytes of an M-Bus frame before its payload; an LLC header is shorter.
const LINK_HEADER: usize = 9;
/// The number of bytes that must be valid values before they are accepted as a list.
const SHORTEST_LIST: usize = 16;
/// Security control: authenticated, encrypted, or both.
const PROTECTED: u8 = AUTHENTICATED | ENCRYPTED;
/// There are three suites, 0 to 2.
const LAST_SUITE: u8 = 2;
/// Security control, invocation counter and one byte of text.
const SHORTEST_BODY: usize = 6;

/// The length of the longest packet accepted, in bytes. The longest packet seen, a ciphered P1 telegram, is shorter
/// than 2 kB.
pub(crate) const LONGEST: usize = 8192;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::testing::{in_words, packet};
    use alloc::format;
    use alloc::string::String;
    use alloc::vec::Vec;

    fn hear(bytes: &[u8]) -> Vec<String> {
        hear_pieces([bytes])
    }

    fn hear_pieces<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Vec<String> {
        let heard = in_words::<Deframer>(pieces, |frame| format!("packet {}", frame.bytes.len()));
        // A packet covers its whole span.
        let plain = |heard: String| match heard.strip_prefix("packet ").and_then(|both| both.split_once(' '))
        {
            Some((bytes, span)) => {
                assert_eq!(bytes, span);
                format!("packet {span}")
            }
            None => heard,
        };
        heard.into_iter().map(plain).collect()
    }

    /// Found by fuzzing: eight more bytes decide whether tag and length of a name are swapped.
    #[test]
    fn a_list_is_judged_the_same_in_any_pieces() {
        let bytes = [
            &[0x0F, 0x40, 0, 0, 0, 0, 2, 27, 2, 1, 6, 9, 0, 0, 1, 0, 0x80, 255, 9, 12, 3, 0xEA, 11, 0x15][..],
            &[6, 0x51, 0x3B, 9, 6, 1, 0, 0, 3, 0, 0x16, 7, 0, 255, 6, 0, 0, 0, 0, 2, 2, 15, 0, 0x3E, 0x1B],
        ]
        .concat();
        assert_eq!(hear_pieces(bytes.chunks(1)), hear(&bytes));
        assert!(hear(&bytes)[0].starts_with("packet"));
    }

    const SHORT: &[u8] = &[25];

    #[test]
    fn reads_lengths_of_one_two_and_three_bytes() {
        assert_eq!(hear(&packet(b"SAG12345", SHORT, 20)), ["packet 36"]);
        assert_eq!(hear(&packet(b"SAG12345", &[0x81, 205], 200)), ["packet 217"]);
        assert_eq!(hear(&packet(b"SAG12345", &[0x82, 3, 0xED], 1000)), ["packet 1018"]);
        assert_eq!(hear(&packet(b"", SHORT, 20)), ["packet 28"]);
        assert_eq!(hear(&packet(b"SAG12345", SHORT, 20).repeat(2)), ["packet 36", "packet 36"]);
    }

    #[test]
    fn bytes_that_are_not_a_header_are_noise() {
        let good = packet(b"SAG12345", SHORT, 20);
        for noise in
            [&[0, 1, 2][..], &[0xDB, 7, 0xDB], &[0xDB, 0, 0x83], &[0xDB, 0, 9, 0], &[0xDB, 0, 5, 0x30]]
        {
            let heard = hear(&[noise, &good].concat());
            assert_eq!(heard.last().map(String::as_str), Some("packet 36"), "{noise:x?}");
            assert!(heard.iter().rev().skip(1).all(|heard| heard.starts_with("noise")), "{noise:x?}");
        }
    }

    /// Two values after a notification's header, by hand according to IEC 62056-5-3, 8.3.
    const NOTIFICATION: &[u8] =
        &[0x0F, 0, 0, 0, 9, 0, 2, 2, 9, 6, 1, 0, 1, 7, 0, 0xFF, 2, 2, 6, 0, 0, 0, 1, 0x12, 0, 2];

    #[test]
    fn a_plain_notification_ends_with_its_values() {
        assert_eq!(hear(NOTIFICATION), ["packet 26"]);
        assert_eq!(hear(&NOTIFICATION.repeat(2)), ["packet 26", "packet 26"]);
        assert_eq!(hear(&[NOTIFICATION, &[0x0F]].concat()), ["packet 26", "frame.truncated 1"]);
        assert!(hear(&[&[7], NOTIFICATION].concat()).iter().all(|heard| heard.starts_with("noise")));
        // A truncated packet is still delivered; stage 4 reports the error.
        assert_eq!(hear(&NOTIFICATION[..24]), ["packet 24"]);
        let block = [&[0xE0, 0x40, 0, 1, 0, 0, 3][..], &[1, 2, 3]].concat();
        assert_eq!(hear(&block.repeat(2)), ["packet 10", "packet 10"]);
    }

    #[test]
    fn the_contents_of_a_frame_are_not_a_packet() {
        let packet = packet(b"SAG12345", SHORT, 20);
        let llc = [0x7E, 0xA0, 0x30, 0x41, 3, 0x13, 1, 2, 0xE6, 0xE7, 0];
        let mbus = [0x68, 0xFA, 0xFA, 0x68, 0x53, 0xFF, 0, 1, 0x67];
        for header in [&llc[..], &mbus] {
            for payload in [&packet[..], NOTIFICATION] {
                let heard = hear(&[header, payload].concat());
                assert!(heard.iter().all(|heard| heard.starts_with("noise")), "{heard:?}");
            }
        }
    }

    #[test]
    fn a_cut_packet_loses_only_itself() {
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
    fn memory_stays_bounded_for_many_starts_without_an_end() {
        let mut deframer = Deframer::default();
        for _ in 0..10 {
            deframer.push(&packet(b"", &[0x82, 0x10, 0], 0).repeat(200));
            while deframer.next().is_some() {}
        }
        assert!(deframer.backlog.bytes().len() <= LONGEST);
    }
}
