//! Stage 1 of IEC 62056-21: bytes → readouts with a correct block check, or without one.
//!
//! A readout begins with an identification line, with STX, or, if its beginning was stripped, with a data set at the
//! start of a line. Guarantee for the next stage: the data are 7-bit, and they are complete if the meter marks their
//! end. A telegram with a CRC after its `!` belongs to P1 and is not a readout.

use alloc::vec::Vec;
use core::ops::Range;

use super::character::{ETX, Parity, STX, ends_data, is_line_end, parity, seven};
use super::checksum::{block_check, block_check_with_line_ends};
use super::head::{Head, identify, start};
use crate::error::{Flaw, FrameError};
use crate::frame::{Backlog, Deframe, Found, Heard};

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Frame<'a> {
    /// The line after `/`; empty if there was none.
    pub(crate) identification: &'a [u8],
    pub(crate) data: &'a [u8],
    /// Whether a block check was present and correct.
    pub(crate) checked: bool,
    /// Whether the first data set may have lost its beginning, because nothing was received before it.
    pub(crate) headless: bool,
}

#[derive(Debug, Default)]
pub(crate) struct Deframer {
    backlog: Backlog,
    /// The byte before the backlog, if there was one.
    before: Option<u8>,
    /// How many bytes of the backlog were searched for the end of the readout without finding it.
    searched: usize,
    /// The position of STX.
    opened: Option<usize>,
    /// The position of the `!`, if only line ends follow it so far.
    ended: Option<usize>,
    /// The last readout that had parity bits, without them.
    plain: Vec<u8>,
}

impl Deframe for Deframer {
    type Frame<'a> = Frame<'a>;

    /// Milliseconds between two characters. The standard allows at most 1500 (6.4.3.3).
    const LONGEST_PAUSE: u64 = 2000;

    const LONGEST: usize = LONGEST;

    const MEMORY: usize = Backlog::memory(LONGEST) + 2 * LONGEST;

    fn backlog(&self) -> &Backlog {
        &self.backlog
    }

    fn backlog_mut(&mut self) -> &mut Backlog {
        &mut self.backlog
    }

    fn next(&mut self) -> Option<Heard<Frame<'_>>> {
        let (found, count) = self.find()?;
        (self.searched, self.opened, self.ended) = (0, None, None);
        let headless = self.before.is_none();
        let span = self.backlog.judge(count);
        let bytes = self.backlog.judged(span);
        self.before = bytes.last().copied().map(seven);
        Some(found.heard(span, |layout| {
            self.before = Some(b'\n');
            // Line ends after an unchecked readout may be noise.
            let bytes = if layout.checked { bytes } else { bytes.get(..layout.data.end).unwrap_or_default() };
            let bytes = match parity(bytes) {
                Parity::None => bytes,
                Parity::Even => {
                    self.plain.clear();
                    self.plain.extend(bytes.iter().copied().map(seven));
                    &self.plain
                }
                Parity::Broken => return Err(FrameError::Malformed(Flaw::Parity)),
            };
            let part = |range: Range<usize>| bytes.get(range).unwrap_or_default();
            let headless = headless && layout.is_bare();
            let (identification, data) = (part(layout.identification), part(layout.data));
            Ok(Frame { identification, data, checked: layout.checked, headless })
        }))
    }

    fn patience(&self) -> Option<u64> {
        let pause = if self.ended.is_some() { LATEST_BLOCK_CHECK } else { Self::LONGEST_PAUSE };
        (!self.backlog.bytes().is_empty()).then_some(pause)
    }

    fn held(&self) -> usize {
        self.backlog.held() + self.plain.capacity()
    }
}

#[derive(Clone, Debug)]
struct Layout {
    identification: Range<usize>,
    data: Range<usize>,
    checked: bool,
}

impl Layout {
    /// Whether neither an identification nor STX precedes the data.
    fn is_bare(&self) -> bool {
        self.data.start == 0
    }
}

impl Deframer {
    /// Determines what comes next, and how many bytes it takes.
    fn find(&mut self) -> Option<(Found<Layout>, usize)> {
        let bytes = self.backlog.bytes();
        let (begin, head) = start(bytes, self.before, self.backlog.is_silent());
        if begin > 0 {
            return Some((Found::Noise, begin));
        }
        let identification = match head? {
            Head::Unknown => return None,
            Head::Identification(length) => 1..length,
            Head::Block => {
                self.opened = Some(0);
                0..0
            }
            Head::Data => 0..0,
        };
        let from = self.searched.max(identification.end).max(self.opened.map_or(0, |opened| opened + 1));
        for (at, byte) in bytes.iter().copied().map(seven).enumerate().skip(from) {
            self.searched = at;
            if at >= LONGEST {
                return Some((Found::Fault(FrameError::TooLong { limit: LONGEST }), LONGEST));
            }
            if let Some(end) = self.ended {
                if is_line_end(byte) {
                    continue;
                }
                if byte != ETX {
                    return Some(match self.opened {
                        // The next byte begins neither the block check nor another readout.
                        Some(_) if byte != b'/' => (Found::Fault(FrameError::Malformed(Flaw::Block)), at),
                        _ => (self.readout(identification, end, false), at),
                    });
                }
            }
            match byte {
                STX => match self.opened {
                    None if !has_data(bytes, identification.end, at) => self.opened = Some(at),
                    _ if !has_data(bytes, identification.end, at) => return Some((Found::Noise, at)),
                    // Data contain no STX. This one does not begin a readout either: it may be a damaged line end, and
                    // the rest of the block might match the block check.
                    _ => return Some((Found::Fault(FrameError::Truncated), at + 1)),
                },
                ETX => {
                    let Some(opened) = self.opened else {
                        return Some(match self.ended {
                            Some(end) if !is_damaged_stx(bytes, identification.end) => {
                                (self.readout(identification, end, false), at)
                            }
                            _ => (Found::Fault(FrameError::Malformed(Flaw::Block)), at + 1),
                        });
                    };
                    let Some(check) = bytes.get(at + 1).copied().map(seven) else { break };
                    return Some((self.close(identification, opened, at, check), at + 2));
                }
                b'/' => match identify(bytes.get(at..).unwrap_or_default(), self.backlog.is_silent()) {
                    Some(Head::Unknown) => break,
                    Some(_) if has_data(bytes, identification.end, at) => {
                        return Some((Found::Fault(FrameError::Truncated), at));
                    }
                    Some(_) => return Some((Found::Noise, at)),
                    None => {}
                },
                b'!' if bytes.get(at.wrapping_sub(1)).is_some_and(|before| ends_data(seven(*before))) => {
                    match bytes.get(at + 1).copied().map(seven) {
                        None if !self.backlog.is_silent() => break,
                        None | Some(b'\r' | b'\n' | ETX) => self.ended = Some(at),
                        Some(_) if self.opened.is_none() => {
                            return Some((Found::Fault(FrameError::Malformed(Flaw::End)), at + 1));
                        }
                        Some(_) => {}
                    }
                }
                _ => {}
            }
            self.searched = at + 1;
        }
        self.backlog.is_silent().then(|| (self.silenced(identification), bytes.len()))
    }

    /// Judges an unfinished readout when the line falls silent. It is complete if its `!` was received. Data without
    /// identification and STX are complete if they end with a line end, because some programs strip `/` and `!`.
    fn silenced(&self, identification: Range<usize>) -> Found<Layout> {
        let bytes = self.backlog.bytes();
        match self.ended {
            Some(end) => self.readout(identification, end, false),
            None if identification.is_empty()
                && self.opened.is_none()
                && bytes.last().is_some_and(|last| is_line_end(seven(*last))) =>
            {
                self.readout(identification, bytes.len(), false)
            }
            None if has_data(bytes, identification.end, bytes.len()) => Found::Fault(FrameError::Truncated),
            None => Found::Noise,
        }
    }

    /// Judges the block between STX and ETX. After an identification, it must end with `!`: damage may have turned a
    /// data byte into an ETX. The answer to a single question ends with its last value, or with the line end after it,
    /// as in EMH's load profiles.
    fn close(&self, identification: Range<usize>, opened: usize, etx: usize, check: u8) -> Found<Layout> {
        let bytes = self.backlog.bytes();
        let block = bytes.get(opened + 1..=etx).unwrap_or_default();
        let mut backwards = block.iter().rev().skip(1).copied().map(seven);
        let last = backwards.find(|byte| !is_line_end(*byte));
        let is_answer = identification.is_empty() && last == Some(b')');
        let Some(end) = self.ended.or(is_answer.then_some(etx)) else {
            return Found::Fault(FrameError::Malformed(Flaw::Block));
        };
        let name = bytes.get(identification.clone()).unwrap_or_default();
        let computed = block_check(name, block);
        if computed == check || block_check_with_line_ends(name, block) == Some(check) {
            self.readout(identification, end, true)
        } else {
            Found::Fault(FrameError::Checksum { found: check.into(), computed: computed.into() })
        }
    }

    fn readout(&self, identification: Range<usize>, end: usize, checked: bool) -> Found<Layout> {
        let begin = self.opened.map_or(identification.end, |opened| opened + 1);
        Found::Frame(Layout { identification, data: begin..end, checked })
    }
}

/// Whether a single flipped bit may have hidden an STX after the identification line. Otherwise the readout never had
/// an STX: it is complete without a block check, and an ETX after it is noise.
fn is_damaged_stx(bytes: &[u8], identification: usize) -> bool {
    match bytes.get(identification..) {
        Some([cr, lf, place, ..]) if [seven(*cr), seven(*lf)] == *b"\r\n" => {
            (seven(*place) ^ STX).is_power_of_two()
        }
        _ => true,
    }
}

fn has_data(bytes: &[u8], from: usize, to: usize) -> bool {
    bytes.get(from..to).is_some_and(|bytes| bytes.contains(&b'('))
}

/// The length of the longest readout kept, in bytes. A readout with all registers of fifteen months is shorter than 10
/// kB.
pub(crate) const LONGEST: usize = 16_384;

/// Milliseconds after the `!` within which ETX, or the first byte of the next readout, may still come.
const LATEST_BLOCK_CHECK: u64 = 500;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::testing::in_words;
    use alloc::format;
    use alloc::string::String;
    use alloc::vec;

    fn hear(bytes: impl AsRef<[u8]>) -> Vec<String> {
        in_words::<Deframer>([bytes.as_ref()], |frame| {
            let text = |bytes: &[u8]| String::from_utf8(bytes.into()).unwrap().replace("\r\n", " ");
            let kind = if frame.checked { "checked" } else { "bare" };
            let head = if frame.headless { " headless" } else { "" };
            format!("{kind}{head} [{}] [{}]", text(frame.identification), text(frame.data))
        })
    }

    /// IEC 62056-21, 6.4.6: the block check is the XOR of all bytes after STX, ETX included.
    fn block(data: &str) -> String {
        let check = data.bytes().fold(ETX, |check, byte| check ^ byte);
        format!("\u{2}{data}\u{3}{}", char::from(check))
    }

    #[test]
    fn a_block_is_checked_and_bytes_before_it_are_skipped() {
        let data = "6.8(0029.055*MWh)6.26(01589.28*m3)\r\n!\r\n";
        let readout = format!("/SIEC2WR5\r\n{}", block(data));
        let whole = format!("checked [SIEC2WR5] [6.8(0029.055*MWh)6.26(01589.28*m3) ] {}", readout.len());
        assert_eq!(hear(&readout), core::slice::from_ref(&whole));
        assert_eq!(hear(format!("/?!\r\n{readout}")), ["noise 5".into(), whole.clone()]);
        let asked = readout.replace("\r\n\u{2}", "\r\n\u{6}050\r\n\u{2}");
        assert_eq!(hear(&asked).len(), 1);
        assert_eq!(hear(format!("/SIEC2WR5\r\n{readout}")), ["noise 11".into(), whole]);
        assert_eq!(hear(readout.replace("29", "28")), [format!("frame.checksum {}", readout.len())]);
    }

    #[test]
    fn an_answer_has_neither_identification_nor_end() {
        assert_eq!(hear(block("3:171.0(0)")), ["checked [] [3:171.0(0)] 13"]);
        assert_eq!(hear(block("P.01(1)\r\n(2)\r\n")), ["checked [] [P.01(1) (2) ] 17"]);
        // After an identification, an ETX without a `!` before it is an error.
        let early = format!("/SIEC2WR5\r\n{}", block("6.8(1*MWh)"));
        assert_eq!(hear(&early), [format!("frame.malformed {}", early.len())]);
    }

    #[test]
    fn a_push_has_no_block() {
        let push = "/ESY5Q3DA1024 V3.03\r\n\r\n1-0:1.8.0*255(1.5*kWh)\r\n!\r\n";
        let whole = format!("bare [ESY5Q3DA1024 V3.03] [  1-0:1.8.0*255(1.5*kWh) ] {}", push.len());
        assert_eq!(hear(push.repeat(2)), [whole.clone(), whole.clone()]);
        let cut = format!("{}{push}", &push[..30]);
        assert_eq!(hear(&cut), ["noise 30".into(), whole.clone()]);
        let cut = format!("{}{push}", &push[..44]);
        assert_eq!(hear(&cut), ["frame.truncated 44".into(), whole]);
        assert_eq!(hear(&push[23..]), ["bare headless [] [1-0:1.8.0*255(1.5*kWh) ] 27"]);
        assert_eq!(hear(&push[23..47]), ["bare headless [] [1-0:1.8.0*255(1.5*kWh) ] 24"]);
    }

    /// An ETX, and a line end with a parity bit that the meter does not use.
    #[test]
    fn noise_after_a_push_loses_nothing() {
        let push = b"/ESY5Q3DA1024 V3.03\r\n\r\n1-0:1.8.0*255(1.5*kWh)\r\n!\r\n";
        for (noise, heard) in [(0x03, 3), (0x83, 3), (0x8D, 2)] {
            let all = hear([&push[..], &[noise], push].concat());
            assert_eq!(all.iter().filter(|heard| heard.starts_with("bare")).count(), 2, "{noise:x} {all:?}");
            assert_eq!(all.len(), heard);
        }
    }

    #[test]
    fn a_telegram_with_a_crc_is_not_a_readout() {
        let telegram = b"/ISk5\\2MT382\r\n\r\n1-0:1.7.0(01.193*kW)\r\n!A1B2\r\n";
        assert_eq!(hear(telegram), ["frame.malformed 39", "noise 6"]);
    }

    /// Three lines, so that the block check without their CRs differs.
    #[test]
    fn a_block_whose_line_ends_were_all_changed_passes_its_check() {
        let readout = format!("/SIEC2WR5\r\n{}", block("6.8(1*MWh)\r\n6.26(2*m3)\r\n!\r\n"));
        let changed = readout.replace("\r\n", "\n");
        assert!(hear(&changed)[0].starts_with("checked "), "{:?}", hear(&changed));
        assert!(hear(changed.replace("(1*", "(3*"))[0].starts_with("frame.checksum "));
        assert!(hear(readout.replacen("\r\n6", "\n6", 1))[0].starts_with("frame.checksum "));
    }

    /// STX, `!` and ETX are each lost in turn; the bytes after them reveal the loss.
    #[test]
    fn a_block_without_stx_end_or_etx_is_refused() {
        let readout = format!("/SIEC2WR5\r\n{}", block("6.8(1*MWh)\r\n!\r\n"));
        for (lost, length) in [("\u{2}", 28), ("!", 29), ("\u{3}", 27)] {
            let damaged = readout.replace(lost, "B");
            assert_eq!(hear(&damaged)[0], format!("frame.malformed {length}"), "{lost:?}");
        }
        // A program stripped the end, and nothing follows.
        assert_eq!(hear(&readout[..27]), ["bare [SIEC2WR5] [6.8(1*MWh) ] 27"]);
        assert_eq!(hear(&readout[..20]), ["frame.truncated 20"]);
    }

    #[test]
    fn valid_parity_bits_are_stripped() {
        let readout = format!("/SIEC2WR5\r\n{}", block("6.8(1*MWh)\r\n!\r\n"));
        let even = |byte: u8| byte | if byte.count_ones() % 2 == 1 { 0x80 } else { 0 };
        let mut bytes: Vec<u8> = readout.bytes().map(even).collect();
        assert_eq!(hear(&bytes), hear(&readout));
        bytes[14] ^= 0x80;
        assert_eq!(hear(&bytes), [format!("frame.malformed {}", bytes.len())]);
    }

    #[test]
    fn a_readout_without_end_is_dropped_at_the_limit() {
        let endless = [&b"/ABC5\r\n\r\n1.8.0("[..], &vec![b'1'; LONGEST]].concat();
        assert_eq!(hear(&endless), [format!("frame.too-long {LONGEST}"), "noise 15".into()]);
    }
}
