//! Stage 1 of HDLC: bytes → frames with correct header and frame check sequences.
//!
//! Every flag may be the start of a frame: taking a closing flag for an opening one does no harm. After damage, the
//! search continues at the next flag, even inside the damaged frame. Guarantee for the next stage: the check sequences
//! were correct.

use alloc::vec::Vec;
use core::ops::Range;

use super::stuffing::{FLAG, unstuff};
use crate::crc::crc16_x25;
use crate::cursor::Cursor;
use crate::error::{Flaw, FrameError};
use crate::frame::{Backlog, Deframe, Found, Heard};

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Frame<'a> {
    /// Whether more segments of the same payload follow.
    pub(crate) segmented: bool,
    /// Whether only flags lie between this frame and the previous frame.
    pub(crate) follows: bool,
    pub(crate) addresses: Addresses,
    /// The payload, or a segment of it; empty if the frame has none.
    pub(crate) information: &'a [u8],
}

/// Destination and source as sent, two fields of one, two or four bytes.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Addresses([u8; 2 * LONGEST_ADDRESS]);

impl Addresses {
    /// The low bit of each field's last byte marks its end, so the zeros after the second field are unambiguous.
    pub(crate) fn of(bytes: &[u8]) -> Self {
        let mut addresses = [0; 2 * LONGEST_ADDRESS];
        for (place, byte) in addresses.iter_mut().zip(bytes) {
            *place = *byte;
        }
        Self(addresses)
    }
}

#[derive(Debug, Default)]
pub(crate) struct Deframer {
    backlog: Backlog,
    /// Whether the byte before the backlog was a flag. That flag opens the next frame if the frame has no opening flag
    /// of its own.
    behind_flag: bool,
    /// Whether anything but flags arrived since the last frame.
    interrupted: bool,
    /// The last byte-stuffed frame, with the stuffing removed.
    plain: Vec<u8>,
}

impl Deframe for Deframer {
    type Frame<'a> = Frame<'a>;

    /// Meters send a frame without a pause, but adapters and browsers add pauses.
    const LONGEST_PAUSE: u64 = 1000;

    /// Stuffing at most doubles the length of a frame, and a flag precedes it.
    const LONGEST: usize = 2 * LONGEST + 1;

    const MEMORY: usize = Backlog::memory(Self::LONGEST) + 2 * Self::LONGEST;

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
        self.behind_flag = bytes.last() == Some(&FLAG);
        let follows = !self.interrupted;
        self.interrupted = match found {
            Found::Frame(_) => false,
            Found::Fault(_) => true,
            Found::Noise => self.interrupted || bytes.iter().any(|byte| *byte != FLAG),
        };
        Some(found.heard(span, |(layout, form)| {
            let bytes = match form {
                Stuffing::Plain { flags } => bytes.get(flags..).unwrap_or_default(),
                Stuffing::Stuffed => &self.plain,
            };
            Ok(layout.frame(bytes, follows))
        }))
    }

    fn held(&self) -> usize {
        self.backlog.held() + self.plain.capacity()
    }
}

enum Stuffing {
    /// Without stuffing, and with this many flags in front.
    Plain {
        flags: usize,
    },
    Stuffed,
}

impl Deframer {
    /// Determines what comes next, and how many bytes it takes.
    fn find(&mut self) -> Option<(Found<(Layout, Stuffing)>, usize)> {
        let bytes = self.backlog.bytes();
        let first = *bytes.first()?;
        if self.behind_flag && first != FLAG {
            match judge(bytes) {
                Verdict::Frame(layout, count) => {
                    return Some((Found::Frame((layout, Stuffing::Plain { flags: 0 })), count));
                }
                Verdict::Wait if !self.backlog.is_silent() => return None,
                Verdict::Wait | Verdict::NoFrame | Verdict::Damaged(_) => {}
            }
        }
        let start = bytes.iter().position(|byte| *byte == FLAG).unwrap_or(bytes.len());
        // Of several flags in a row, the last one opens the frame.
        let flags = bytes.iter().skip(start).take_while(|byte| **byte == FLAG).count();
        let skipped = start + flags.saturating_sub(1);
        if skipped > 0 {
            return Some((Found::Noise, skipped));
        }
        let between = bytes.get(1..).unwrap_or_default();
        // Stuffing at most doubles the length of a frame; later bytes must not influence the result.
        let window = between.get(..2 * LONGEST).unwrap_or(between);
        let to_next_flag = || next_flag(between).map_or(bytes.len(), |at| at + 1);
        match judge(between) {
            Verdict::Frame(layout, count) => {
                Some((Found::Frame((layout, Stuffing::Plain { flags: 1 })), 1 + count))
            }
            Verdict::Wait if !self.backlog.is_silent() => None,
            Verdict::Wait => Some((Found::Fault(FrameError::Truncated), to_next_flag())),
            Verdict::NoFrame => Some((Found::Noise, to_next_flag())),
            Verdict::Damaged(error) => match next_flag(window) {
                // The flag is where the stated length puts it, so it closes the damaged frame.
                Some(at) if Some(at) == length(between) => Some((Found::Fault(error), at + 2)),
                Some(at) => {
                    let layout = between.get(..at).and_then(|stuffed| unstuffed(stuffed, &mut self.plain));
                    Some(match layout {
                        Some(layout) => (Found::Frame((layout, Stuffing::Stuffed)), at + 2),
                        None => (Found::Fault(error), at + 1),
                    })
                }
                None if self.backlog.is_silent() || window.len() == 2 * LONGEST => {
                    Some((Found::Fault(error), 1 + window.len()))
                }
                None => None,
            },
        }
    }
}

/// Removes byte stuffing and judges the result. A stuffed frame ends at the next flag, and its length field counts the
/// bytes before stuffing.
fn unstuffed(stuffed: &[u8], plain: &mut Vec<u8>) -> Option<Layout> {
    unstuff(stuffed, plain)?;
    plain.push(FLAG);
    match judge(plain) {
        Verdict::Frame(layout, count) if count == plain.len() => Some(layout),
        _ => None,
    }
}

/// The positions of a frame's parts, counted from the byte after its opening flag.
struct Layout {
    segmented: bool,
    addresses: Addresses,
    information: Range<usize>,
}

impl Layout {
    fn frame(self, bytes: &[u8], follows: bool) -> Frame<'_> {
        let information = bytes.get(self.information).unwrap_or_default();
        Frame { segmented: self.segmented, follows, addresses: self.addresses, information }
    }
}

enum Verdict {
    /// A frame of this many bytes, its closing flag included.
    Frame(Layout, usize),
    /// Perhaps a frame: more bytes are needed to decide.
    Wait,
    /// No frame can begin here.
    NoFrame,
    Damaged(FrameError),
}

fn judge(between: &[u8]) -> Verdict {
    let mut header = Cursor::new(between);
    let Some(format) = header.u8() else { return Verdict::Wait };
    if format & 0xF0 != FORMAT_TYPE_3 {
        return Verdict::NoFrame;
    }
    let Some(low) = header.u8() else { return Verdict::Wait };
    let length = stated([format, low]);
    for _ in 0..2 {
        match address(&mut header) {
            Address::Complete => {}
            Address::Wait => return Verdict::Wait,
            Address::Endless => return Verdict::Damaged(FrameError::Malformed(Flaw::Address)),
        }
    }
    let addresses = Addresses::of(between.get(2..header.position()).unwrap_or_default());
    if header.u8().is_none() {
        return Verdict::Wait;
    }
    let header_length = header.position();
    let bare = length == header_length + CHECK;
    if !bare {
        if length < header_length + 2 * CHECK {
            return Verdict::Damaged(FrameError::Malformed(Flaw::NoClosingFlag));
        }
        match check(between, header_length) {
            None => return Verdict::Wait,
            Some(Err(error)) => return Verdict::Damaged(error),
            Some(Ok(())) => {}
        }
    }
    match between.get(length) {
        None => return Verdict::Wait,
        Some(&FLAG) => {}
        Some(_) => return Verdict::Damaged(FrameError::Malformed(Flaw::NoClosingFlag)),
    }
    if let Some(Err(error)) = check(between, length - CHECK) {
        return Verdict::Damaged(error);
    }
    let information = if bare { 0..0 } else { header_length + CHECK..length - CHECK };
    Verdict::Frame(Layout { segmented: format & SEGMENTED != 0, addresses, information }, length + 1)
}

enum Address {
    Complete,
    Wait,
    Endless,
}

fn address(header: &mut Cursor<'_>) -> Address {
    for _ in 0..LONGEST_ADDRESS {
        match header.u8() {
            None => return Address::Wait,
            Some(byte) if byte & 1 == 1 => return Address::Complete,
            Some(_) => {}
        }
    }
    Address::Endless
}

/// Compares the check sequence after the first `covered` bytes with the CRC of those bytes.
fn check(between: &[u8], covered: usize) -> Option<Result<(), FrameError>> {
    let (body, behind) = between.split_at_checked(covered)?;
    let found = u16::from_le_bytes(*behind.first_chunk::<CHECK>()?);
    let computed = crc16_x25(body);
    Some(if found == computed { Ok(()) } else { Err(FrameError::Checksum { found, computed }) })
}

/// The number of bytes between the two flags, as the frame states it.
pub(crate) fn length(between: &[u8]) -> Option<usize> {
    between.first_chunk().copied().map(stated)
}

fn stated(format: [u8; 2]) -> usize {
    usize::from(u16::from_be_bytes(format)) & LONGEST
}

/// The number of bytes before the header check sequence: format, two addresses, control.
pub(crate) fn header_length(between: &[u8]) -> Option<usize> {
    let mut header = Cursor::new(between);
    header.take(2)?;
    for _ in 0..2 {
        matches!(address(&mut header), Address::Complete).then_some(())?;
    }
    header.u8()?;
    Some(header.position())
}

fn next_flag(bytes: &[u8]) -> Option<usize> {
    bytes.iter().position(|byte| *byte == FLAG)
}

pub(crate) const FORMAT_TYPE_3: u8 = 0xA0;
pub(crate) const SEGMENTED: u8 = 0x08;
/// Length of a check sequence in bytes.
pub(crate) const CHECK: usize = 2;
/// The longest address in bytes; an address has one, two or four (IEC 62056-46, 6.4.2.3).
pub(crate) const LONGEST_ADDRESS: usize = 4;

/// The maximum number of bytes between two flags that the 11-bit length can express.
pub(crate) const LONGEST: usize = 0x7FF;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::testing::in_words;
    use crate::hdlc::stuffing::{ESCAPE, STUFFED};
    use crate::hex;
    use alloc::format;
    use alloc::string::String;
    use alloc::vec;

    /// Built by hand according to ISO/IEC 13239. The function for the CRC is tested with known check values.
    fn frame(format: u8, addresses: &[u8], information: &[u8]) -> Vec<u8> {
        let length = 2 + addresses.len() + 1 + CHECK + information.len() + CHECK;
        let mut bytes = vec![FORMAT_TYPE_3 | format, u8::try_from(length).unwrap()];
        bytes.extend_from_slice(addresses);
        bytes.push(0x13);
        bytes.extend_from_slice(&crc16_x25(&bytes).to_le_bytes());
        bytes.extend_from_slice(information);
        bytes.extend_from_slice(&crc16_x25(&bytes).to_le_bytes());
        bytes.insert(0, FLAG);
        bytes.push(FLAG);
        bytes
    }

    fn hear(bytes: &[u8]) -> Vec<String> {
        in_words::<Deframer>([bytes], |frame| format!("{:x?}", frame.information))
    }

    const ADDRESSES: &[u8] = &[0x41, 0x08, 0x83];

    #[test]
    fn reads_frames_with_addresses_of_any_length() {
        for addresses in [&[0x01, 0x03][..], ADDRESSES, &[0x00, 0x02, 0x00, 0x23, 0x21]] {
            let bytes = frame(0, addresses, &[0x7E, 0x7D, 1]);
            assert_eq!(hear(&bytes), [format!("[7e, 7d, 1] {}", bytes.len())]);
        }
    }

    /// The message printed in "Data gathering from several HAN ports" (NTNU, 2018).
    #[test]
    fn refuses_the_message_that_a_thesis_prints_with_a_wrong_checksum() {
        let printed = "7EA0270102011 05A87E6E7000F40000000090C07E20510031213 2BFF8000000201060000052 8B80C7E";
        let bytes = hex::read(printed).unwrap();
        assert_eq!(bytes.len(), 41);
        assert_eq!(hear(&bytes), ["frame.checksum 41"]);
        let mut corrected = bytes.clone();
        corrected.splice(38..40, [0x6B, 0x51]);
        assert_eq!(hear(&corrected).len(), 1);
        assert!(hear(&corrected)[0].starts_with("[e6, e7"));
    }

    #[test]
    fn a_closing_flag_taken_for_an_opening_one_loses_nothing() {
        let bytes = frame(0, ADDRESSES, &[1]);
        let good = format!("[1] {}", bytes.len());
        let behind = [&bytes[5..], &bytes].concat();
        assert_eq!(hear(&behind), ["noise 8".into(), good.clone()]);
        let shared = [&bytes[..], &bytes[1..]].concat();
        assert_eq!(hear(&shared), [good, format!("[1] {}", bytes.len() - 1)]);
    }

    #[test]
    fn damage_loses_only_the_frame_that_it_touches() {
        let bytes = frame(0, ADDRESSES, &[1, 2, 3]);
        let good = format!("[1, 2, 3] {}", bytes.len());
        let mut flipped = bytes.clone();
        flipped[9] ^= 0x40;
        assert_eq!(
            hear(&[&flipped[..], &bytes].concat()),
            [format!("frame.checksum {}", bytes.len()), good.clone()]
        );
        let cut = &bytes[..9];
        assert_eq!(hear(&[cut, &bytes].concat()), ["frame.malformed 9".into(), good.clone()]);
        assert_eq!(hear(&[&bytes[..], cut].concat()), [good, "frame.truncated 9".into()]);
    }

    #[test]
    fn reads_frames_with_byte_stuffing() {
        let bytes = frame(0, ADDRESSES, &[0x7E, 0x7D]);
        let inner = &bytes[1..bytes.len() - 1];
        let stuffed = inner.iter().flat_map(|byte| match *byte {
            FLAG | ESCAPE => vec![ESCAPE, byte ^ STUFFED],
            other => vec![other],
        });
        let stuffed: Vec<u8> = [FLAG].into_iter().chain(stuffed).chain([FLAG]).collect();
        assert_eq!(hear(&stuffed), [format!("[7e, 7d] {}", bytes.len() + 2)]);
    }

    #[test]
    fn a_frame_shorter_than_its_stated_length_ends_with_silence() {
        assert_eq!(hear(&[FLAG, 0xA7, 0xFF, 0x03, 0x05]), ["frame.truncated 5"]);
        assert_eq!(
            hear(&[FLAG, 0xA7, 0xFF, 0, 0, 0, 0, 0, FLAG]),
            ["frame.malformed 8", "frame.truncated 1"]
        );
    }
}
