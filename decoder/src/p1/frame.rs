//! Stage 1 of P1: bytes → telegrams with a correct CRC, or of a version without one.
//!
//! Meters write the CRC as four hex digits in either case; some drop leading zeros. A port set to 8N1 receives the
//! parity bit of 7E1 as the top bit. Some meters encrypt their telegrams after the identification line. Guarantee for
//! the next stage: the frame begins with `/`, ends with `!` unless it is cut or encrypted, has no parity bits, and is
//! not longer than [`LONGEST`].

use alloc::vec::Vec;

use memchr::{memchr, memchr_iter, memchr2, memchr2_iter, memrchr};

use super::checksum::{checksum, crc, holds_with_line_ends};
use super::sealed::{Sealed, sealed};
use crate::crc::crc16_arc;
use crate::error::{Flaw, FrameError};
use crate::frame::{Backlog, Deframe, Found, Heard};
use crate::register::Obis;

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Frame<'a> {
    /// From `/` to `!`, or to the last byte if the telegram is cut or encrypted.
    pub(crate) bytes: &'a [u8],
    /// Whether a CRC was present and correct.
    pub(crate) checked: bool,
    /// Whether the line fell silent before the `!`.
    pub(crate) cut: bool,
    /// Whether the telegram is encrypted after its identification line.
    pub(crate) sealed: bool,
}

/// The telegram in a deciphered text, and the error of its CRC. `None` for any other text: nothing may come before the
/// telegram, and only its CRC, line ends and filling after it.
pub(crate) fn whole(text: &[u8]) -> Option<(Frame<'_>, Option<FrameError>)> {
    let end = memrchr(END, text)?;
    let bytes = text.get(..=end).filter(|bytes| bytes.first() == Some(&START))?;
    let behind = text.get(end + 1..).unwrap_or_default();
    let digits = behind.iter().take(4).take_while(|byte| byte.is_ascii_hexdigit()).count();
    let (digits, filling) = behind.split_at_checked(digits)?;
    if !filling.iter().all(|byte| matches!(byte, b'\r' | b'\n' | b' ' | 0)) {
        return None;
    }
    let fault = match checksum(digits) {
        Some(found) if found != crc(bytes) => Some(FrameError::Checksum { found, computed: crc(bytes) }),
        Some(_) => return Some((Frame { bytes, checked: true, cut: false, sealed: false }, None)),
        None => None,
    };
    Some((Frame { bytes, checked: false, cut: false, sealed: false }, fault))
}

/// Whether the first telegram has parity bits.
pub(crate) fn has_parity(bytes: &[u8]) -> bool {
    bytes.get(start(bytes)) == Some(&EVEN_START)
}

#[derive(Debug, Default)]
pub(crate) struct Deframer {
    backlog: Backlog,
    /// How many bytes of the backlog were searched for the end of the telegram without finding it.
    searched: usize,
    /// The CRC of the identification line of the last telegram that had a CRC.
    checked_identification: Option<u16>,
    /// The backlog without its parity bits, if it has them, and how many bytes of it were converted.
    plain: Vec<u8>,
    stripped: usize,
}

impl Deframe for Deframer {
    type Frame<'a> = Frame<'a>;

    /// Milliseconds. Old meters at 9600 baud make pauses between their lines.
    const LONGEST_PAUSE: u64 = 5000;

    const LONGEST: usize = LONGEST;

    const MEMORY: usize = Backlog::memory(LONGEST) + 2 * LONGEST;

    fn backlog(&self) -> &Backlog {
        &self.backlog
    }

    fn backlog_mut(&mut self) -> &mut Backlog {
        &mut self.backlog
    }

    fn next(&mut self) -> Option<Heard<Frame<'_>>> {
        let start = start(self.backlog.bytes());
        let has_parity = start == 0 && self.backlog.bytes().first() == Some(&EVEN_START);
        if has_parity {
            self.strip();
        }
        let bytes = if has_parity { &self.plain } else { self.backlog.bytes() };
        let (found, count) = match self.find(start, bytes) {
            Ok(found) => found,
            Err(searched) => {
                self.searched = searched;
                return None;
            }
        };
        (self.searched, self.stripped) = (0, 0);
        let span = self.backlog.judge(count);
        let heard = self.backlog.judged(span);
        Some(found.heard(span, |Telegram { length, checked, cut, sealed }| {
            let bytes = if has_parity { &self.plain } else { heard };
            if has_parity && !heard.iter().all(|byte| byte.count_ones().is_multiple_of(2)) {
                return Err(FrameError::Malformed(Flaw::Parity));
            }
            let bytes = bytes.get(..length).unwrap_or_default();
            if checked {
                self.checked_identification = Some(crc16_arc(identification(bytes)));
            }
            Ok(Frame { bytes, checked, cut, sealed })
        }))
    }

    fn patience(&self) -> Option<u64> {
        let bytes = self.backlog.bytes();
        let ended = memchr(END, bytes).is_some();
        (!bytes.is_empty()).then_some(if ended { LATEST_CHECKSUM } else { Self::LONGEST_PAUSE })
    }

    fn held(&self) -> usize {
        self.backlog.held() + self.plain.capacity()
    }
}

struct Telegram {
    /// Bytes up to its `!`; all bytes if it was cut or is encrypted.
    length: usize,
    checked: bool,
    cut: bool,
    sealed: bool,
}

impl Telegram {
    /// A complete telegram without a CRC.
    fn whole(length: usize) -> Self {
        Self { length, checked: false, cut: false, sealed: false }
    }
}

impl Deframer {
    /// Removes the parity bits of the backlog's bytes.
    fn strip(&mut self) {
        self.plain.truncate(self.stripped);
        let bytes = self.backlog.bytes().get(self.stripped..LONGEST.min(self.backlog.bytes().len()));
        self.plain.extend(bytes.unwrap_or_default().iter().map(|byte| byte & 0x7F));
        self.stripped = self.plain.len();
    }

    /// Determines what comes next, and how many bytes it takes: noise up to the start, or what begins there. `Err`
    /// means that more bytes are needed, and holds the number of bytes that need not be searched again.
    fn find(&self, start: usize, bytes: &[u8]) -> Result<(Found<Telegram>, usize), usize> {
        // A maker's three letters follow the `/` (IEC 62056-21, 6.3.2). Any other byte shows that this is noise.
        let is_other = bytes.iter().skip(1).take(3).any(|letter| !letter.is_ascii_alphabetic());
        if start > 0 || is_other {
            return Ok((Found::Noise, start.max(1)));
        }
        let searched = self.searched.max(1);
        let window = bytes.get(..LONGEST).unwrap_or(bytes);
        match sealed(window) {
            Sealed::No => {}
            Sealed::Perhaps | Sealed::Cut if !self.backlog.is_silent() => return Err(self.searched),
            Sealed::Perhaps => {}
            Sealed::Cut => return Ok((Found::Fault(FrameError::Truncated), bytes.len())),
            Sealed::Whole(length) => {
                return Ok((Found::Frame(Telegram { sealed: true, ..Telegram::whole(length) }), length));
            }
        }
        let candidates = memchr2_iter(END, START, window.get(searched..).unwrap_or_default());
        let found = candidates
            .map(|at| at + searched)
            .filter_map(|at| Some((at, bytes.get(at)?)))
            .find(|(at, byte)| **byte == END || bytes.get(at - 1).is_some_and(is_line_end));
        match found {
            Some((at, &START)) => Ok((Found::Fault(FrameError::Truncated), at)),
            Some((end, _)) => self.close(bytes, end).ok_or(end),
            None if window.len() == LONGEST => {
                // Drop at least half, so that a flood of `/` is not searched over and over.
                let next = window.iter().skip(LONGEST / 2).position(|byte| *byte == START);
                let count = next.map_or(LONGEST, |behind| LONGEST / 2 + behind);
                Ok((Found::Fault(FrameError::TooLong { limit: LONGEST }), count))
            }
            None if self.backlog.is_silent() && !bytes.is_empty() => {
                let found = if self.is_whole_without_end(bytes) {
                    Found::Frame(Telegram { cut: true, ..Telegram::whole(bytes.len()) })
                } else {
                    Found::Fault(FrameError::Truncated)
                };
                Ok((found, bytes.len()))
            }
            None => Err(bytes.len()),
        }
    }

    /// Whether these are complete lines of a version that never had a CRC: DSMR 4 introduced the CRC together with the
    /// clock. Each line that such a meter prints is valid on its own, so the lines received before the silence are
    /// kept.
    fn is_whole_without_end(&self, bytes: &[u8]) -> bool {
        let has_clock = bytes.windows(CLOCK.len()).any(|window| window == CLOCK);
        let ends_a_line = bytes.ends_with(b")\r\n") || bytes.ends_with(b")\n");
        let first_line = identification(bytes);
        let is_one = restart(bytes).is_none();
        ends_a_line && is_one && !has_clock && self.checked_identification != Some(crc16_arc(first_line))
    }

    /// Judges the telegram with its `!` at `end`; `None` while its CRC is incomplete.
    fn close(&self, bytes: &[u8], end: usize) -> Option<(Found<Telegram>, usize)> {
        let (telegram, behind) = bytes.split_at_checked(end + 1)?;
        let digits = behind.iter().take(4).take_while(|byte| byte.is_ascii_hexdigit()).count();
        let (digits, line_end) = behind.split_at_checked(digits)?;
        let line_end = match line_end {
            [b'\r', b'\n', ..] => 2,
            [b'\r'] if !self.backlog.is_silent() => return None,
            [b'\r' | b'\n', ..] => 1,
            [] if !self.backlog.is_silent() => return None,
            [] => 0,
            // Four digits are a complete CRC, whatever follows. Fewer digits need a line end after them.
            _ if digits.len() == 4 => 0,
            _ => return Some((Found::Fault(FrameError::Malformed(Flaw::End)), end + 1 + digits.len())),
        };
        let whole = telegram.len() + digits.len() + line_end;
        Some(match checksum(digits) {
            Some(found) => verify(telegram, found, whole),
            // `!` and CR may be the `1-` of an OBIS code with one flipped bit in each. A meter that ends its other
            // lines in CR LF also ends the last one in CR LF.
            None if line_end == 1 && behind != b"\r" && telegram.ends_with(b"\r\n!") => {
                (Found::Fault(FrameError::Malformed(Flaw::End)), whole)
            }
            None => self.without_checksum(telegram, whole),
        })
    }

    /// A bare `!` ends a telegram only at the start of a line and after at least one data line: a flipped bit turns a
    /// `1` into `!`. If the meter sent a CRC before, this telegram has lost its CRC.
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
        (Found::Frame(Telegram::whole(telegram.len())), whole)
    }
}

/// Where the last other telegram begins inside this one, which has no CRC. A `/` after the identification line begins
/// one: data lines contain no `/` (IEC 62056-21, 6.5). Some identifications do, so a `/` within that line counts only
/// if a maker's three letters and the digit of a speed follow.
fn restart(telegram: &[u8]) -> Option<usize> {
    let first_line = identification(telegram).len();
    let introduces = |behind: &[u8]| matches!(behind, [maker @ .., b'0'..=b'9'] if maker.iter().all(u8::is_ascii_alphabetic));
    let begins = |at: &usize| *at > first_line || telegram.get(*at + 1..*at + 5).is_some_and(introduces);
    memchr_iter(START, telegram).skip(1).filter(begins).last()
}

/// Whether a line ends in a code as P1 prints it, complete and without group F (DSMR 2.2, 5.2.3). Meters with an IEC
/// 62056-21 readout of the same form shorten their codes, or print group F.
fn is_code(text: &[u8]) -> bool {
    let begin = text.iter().rposition(is_line_end).map_or(0, |at| at + 1);
    let code = text.get(begin..).unwrap_or_default();
    Obis::from_ascii(code).is_some() && !code.contains(&b'*')
}

/// Judges a telegram with a CRC. The first `/` may be noise, and a later one the true start. But some identifications
/// contain a `/`, although IEC 62056-21 forbids it. So a later `/` begins a telegram only if a maker's three letters
/// follow and the CRC proves it.
fn verify(telegram: &[u8], found: u16, whole: usize) -> (Found<Telegram>, usize) {
    let introduces = |at: &usize| {
        *at == 0
            || telegram.get(*at + 1..*at + 4).is_some_and(|maker| maker.iter().all(u8::is_ascii_alphabetic))
    };
    let mut candidates = memchr_iter(START, telegram).filter(introduces).take(MOST_STARTS);
    let holds = candidates.find(|at| crc(telegram.get(*at..).unwrap_or_default()) == found);
    let read = || (Found::Frame(Telegram { checked: true, ..Telegram::whole(telegram.len()) }), whole);
    match holds {
        Some(0) => read(),
        None if holds_with_line_ends(telegram, found) => read(),
        Some(start) => (Found::Fault(FrameError::Truncated), start),
        None => (Found::Fault(FrameError::Checksum { found, computed: crc(telegram) }), whole),
    }
}

/// Where the first telegram begins or may begin: at a `/`. A `/` with its parity bit is accepted only if three letters
/// follow.
fn start(bytes: &[u8]) -> usize {
    let is_letter = |byte: &u8| byte.count_ones().is_multiple_of(2) && (byte & 0x7F).is_ascii_alphabetic();
    let begins = |at: &usize| match bytes.get(*at..) {
        Some([EVEN_START, behind @ ..]) => behind.iter().take(3).all(is_letter),
        _ => true,
    };
    memchr2_iter(START, EVEN_START, bytes).find(begins).unwrap_or(bytes.len())
}

fn identification(bytes: &[u8]) -> &[u8] {
    let length = memchr2(b'\r', b'\n', bytes).unwrap_or(bytes.len());
    bytes.get(..length).unwrap_or_default()
}

fn is_line_end(byte: &u8) -> bool {
    matches!(byte, b'\r' | b'\n')
}

const START: u8 = b'/';
/// `/` with its parity bit.
const EVEN_START: u8 = START | 0x80;
const END: u8 = b'!';
const CLOCK: &[u8] = b"0-0:1.0.0(";

/// The length of the longest telegram kept, in bytes. DSMR 5 allows text messages of 1024 characters (2048 digits). A
/// Belgian telegram with thirteen monthly peaks and four sub-meters stays below 3 kB.
pub(crate) const LONGEST: usize = 8192;

/// Milliseconds that a checksum may lag behind its `!`.
const LATEST_CHECKSUM: u64 = 500;
/// How many `/` of one telegram are tried as its start: only hostile noise has more.
const MOST_STARTS: usize = 8;

#[cfg(test)]
mod tests;
