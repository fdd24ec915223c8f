//! [`Spelling`]: one spelling of an identification, with its substitute; [`Spellings`]: many of them.
//!
//! A substitute has the length and the format of the original. In a number, letters of makers and types stay, and so
//! does the first digit, which may state a generation. The other digits become the identification's number in the
//! capture, with leading zeros, so that meters remain distinct.

use alloc::vec::Vec;
use core::cmp::Ordering;
use core::ops::Range;

use super::{FEWEST_DIGITS, Identity, IdentityKind, MOST};
use crate::hex;

/// Spellings that are all searched for at once.
#[derive(Clone, Debug, Default)]
pub(super) struct Spellings {
    /// The longest first, so that part of a number is never taken for the whole.
    pub(super) all: Vec<Spelling>,
    /// Two bytes, the index of a spelling that may begin with them, and the width of each of its bytes in that case.
    /// Sorted, so that the search quickly skips bytes that begin no spelling.
    begins: Vec<([u8; 2], usize, usize)>,
}

/// The position of a spelling that was found, the width of each of its bytes there, and its total length.
pub(super) struct Found<'f> {
    pub(super) spelling: &'f Spelling,
    pub(super) at: usize,
    pub(super) width: usize,
    pub(super) length: usize,
}

impl Spellings {
    pub(super) fn new(mut all: Vec<Spelling>) -> Self {
        all.sort_by(Spelling::by_length);
        all.dedup_by(|one, other| one.was == other.was);
        let mut begins = Vec::new();
        for (place, spelling) in all.iter().enumerate() {
            spelling.beginnings(|two, width| begins.push((two, place, width)));
        }
        begins.sort_unstable();
        begins.dedup();
        Self { all, begins }
    }

    pub(super) fn first(&self, bytes: &[u8], from: usize) -> Option<Found<'_>> {
        (from..bytes.len()).find_map(|at| self.at(bytes, at))
    }

    /// The longest spelling found at a position.
    pub(super) fn at(&self, bytes: &[u8], at: usize) -> Option<Found<'_>> {
        let bytes = bytes.get(at..)?;
        let two = bytes.first_chunk::<2>()?;
        let start = self.begins.partition_point(|(beginning, ..)| beginning < two);
        let mut candidates = self.begins.iter().skip(start).take_while(|(beginning, ..)| beginning == two);
        candidates.find_map(|(_, place, width)| {
            let spelling = self.all.get(*place)?;
            Some(Found { spelling, at, width: *width, length: spelling.walk(bytes, *width, |_, _| ())? })
        })
    }
}

/// One spelling of an identification. A search finds it as it is, and as hex digits.
#[derive(Clone, Debug)]
pub(super) struct Spelling {
    was: Vec<u8>,
    becomes: Vec<u8>,
    /// Whether it is a text: letters in either case, possibly with gaps between them.
    is_text: bool,
}

impl Spelling {
    /// Overwrites the place where it was found with the substitute.
    pub(super) fn replace(&self, stretch: &mut [u8], width: usize) {
        let is_lower = stretch.iter().any(u8::is_ascii_lowercase);
        let mut places = Vec::with_capacity(self.was.len());
        self.walk(stretch, width, |place, nth| places.push((place, nth)));
        for (place, nth) in places {
            let (Some(was), Some(becomes)) = (self.was.get(nth), self.becomes.get(nth)) else { return };
            match stretch.get_mut(place..place + width) {
                Some(_) if was == becomes => {}
                Some([byte]) => *byte = *becomes,
                Some([high, low]) => [*high, *low] = digits(*becomes, is_lower),
                _ => {}
            }
        }
    }

    /// Calls `found` with the position and the index of each of its bytes; returns the end of the last one if all are
    /// there.
    fn walk(&self, bytes: &[u8], width: usize, mut found: impl FnMut(usize, usize)) -> Option<usize> {
        let (mut at, mut gaps) = (0, 0);
        for (nth, wanted) in self.was.iter().enumerate() {
            loop {
                let byte = read(bytes, at, width);
                if byte.is_some_and(|byte| self.is_one(byte, *wanted)) {
                    break;
                }
                let is_gap_of_text = self.has_gaps() && byte.is_some_and(is_gap);
                // Hex digits are text and may have gaps, even if they spell bytes that are not text.
                let is_gap_of_digits = width == HEX && bytes.get(at).copied().is_some_and(is_gap);
                if nth == 0 || gaps == MOST_GAPS || !(is_gap_of_text || is_gap_of_digits) {
                    return None;
                }
                at += if is_gap_of_digits { PLAIN } else { width };
                gaps += 1;
            }
            found(at, nth);
            (at, gaps) = (at + width, 0);
        }
        Some(at)
    }

    /// Whether it may contain gaps. A short one may not, because the digits of an OBIS code have gaps too.
    fn has_gaps(&self) -> bool {
        self.is_text && self.was.len() >= FEWEST_DIGITS
    }

    fn is_one(&self, byte: u8, wanted: u8) -> bool {
        byte == wanted || self.is_text && byte.eq_ignore_ascii_case(&wanted)
    }

    pub(super) fn is_binary(&self) -> bool {
        !self.is_text
    }

    /// Calls `tell` with every pair of bytes that it may begin with, and the width of each of its bytes in that case.
    fn beginnings(&self, mut tell: impl FnMut([u8; 2], usize)) {
        let &[first, second, ..] = self.was.as_slice() else { return };
        let cases = |byte: u8| {
            let [lower, upper] = [byte.to_ascii_lowercase(), byte.to_ascii_uppercase()];
            if self.is_text { [lower, upper] } else { [byte; 2] }
        };
        let gaps: &[u8] = if self.has_gaps() { GAPS } else { &[] };
        for first in cases(first) {
            cases(second).iter().chain(gaps).for_each(|second| tell([first, *second], PLAIN));
            let [[high, low], [upper_high, upper_low]] =
                [true, false].map(|is_lower| digits(first, is_lower));
            for high in [high, upper_high] {
                [low, upper_low].into_iter().for_each(|low| tell([high, low], HEX));
            }
        }
    }

    /// Its halves, except those that are nearly all zeros: they could occur anywhere.
    pub(super) fn halves(&self) -> impl Iterator<Item = Self> {
        let middle = self.was.len() / 2;
        let halves = [0..middle, middle..self.was.len()].into_iter().map(|half| self.part(half));
        halves.filter(|half| count_significant(&half.was) >= 2)
    }

    fn part(&self, range: Range<usize>) -> Self {
        let part = |bytes: &[u8]| bytes.get(range.clone()).unwrap_or_default().to_vec();
        Self { was: part(&self.was), becomes: part(&self.becomes), is_text: self.is_text }
    }

    /// The spelling as the text of its hex digits.
    fn spelled(&self) -> Self {
        let digits = |bytes: &[u8]| hex::upper(bytes).into_bytes();
        Self { was: digits(&self.was), becomes: digits(&self.becomes), is_text: true }
    }

    fn backwards(mut self) -> Self {
        self.was.reverse();
        self.becomes.reverse();
        self
    }

    /// The longest first; of two with the same bytes, the text first, because it matches more.
    fn by_length(&self, other: &Self) -> Ordering {
        let longest = other.was.len().cmp(&self.was.len());
        longest.then(self.was.cmp(&other.was)).then(other.is_text.cmp(&self.is_text))
    }
}

/// Adds all spellings of an identification; `number` is its number in the capture.
pub(super) fn add_spellings(spellings: &mut Vec<Spelling>, identity: &Identity, number: u64) {
    let (was, kind) = (identity.bytes.clone(), identity.kind);
    let is_text = kind != IdentityKind::Octets;
    let others = [number, number + OTHERS].map(|number| substitute(&was, kind, number));
    let becomes = others.into_iter().find(|becomes| *becomes != was).unwrap_or_default();
    let whole = Spelling { was, becomes, is_text };
    let mut parts = Vec::from([whole.clone().backwards()]);
    if is_text {
        for run in runs(&whole.was) {
            let digits = whole.was.get(run.clone()).unwrap_or_default();
            let zeros = digits.iter().take_while(|digit| **digit == b'0').count();
            // A number of more than eight digits begins with digits that many meters share. Titles and addresses
            // contain only its last eight digits.
            for start in [run.start, run.start + zeros, run.end.saturating_sub(8).max(run.start)] {
                add_numbers(&mut parts, whole.part(start..run.end));
            }
        }
    }
    parts.retain(|spelling| tells(&spelling.was));
    parts.push(whole);
    // P1 sends texts as hex digits, and such a text may itself contain hex digits.
    let texts = parts.iter().filter(|spelling| spelling.is_text).map(Spelling::spelled).collect::<Vec<_>>();
    spellings.extend(parts.into_iter().chain(texts));
}

/// Adds digits as text, as BCD digits and as an integer, each in both orders.
fn add_numbers(spellings: &mut Vec<Spelling>, digits: Spelling) {
    if digits.was.len() < FEWEST_DIGITS {
        return;
    }
    let mut both = |was: Vec<u8>, becomes: Vec<u8>, is_text| {
        let spelling = Spelling { was, becomes, is_text };
        spellings.extend([spelling.clone(), spelling.backwards()]);
    };
    let Spelling { was, becomes, .. } = digits;
    both(packed(&was), packed(&becomes), false);
    let value = |digits: &[u8]| str::from_utf8(digits).ok().and_then(|digits| digits.parse::<u64>().ok());
    if let (Some(was), Some(becomes)) = (value(&was), value(&becomes)) {
        let width = if u32::try_from(was.max(becomes)).is_ok() { 4 } else { 8 };
        let end = |value: u64| value.to_be_bytes().into_iter().skip(8 - width).collect();
        both(end(was), end(becomes), false);
    }
    both(was, becomes, true);
}

/// The positions of runs of digits long enough to be a number.
pub(super) fn runs(bytes: &[u8]) -> impl Iterator<Item = Range<usize>> {
    let runs = bytes.chunk_by(|one, next| one.is_ascii_digit() == next.is_ascii_digit());
    let mut start = 0;
    let ranges = runs.map(move |run| {
        start += run.len();
        (run.first().is_some_and(u8::is_ascii_digit), start - run.len()..start)
    });
    ranges.filter(|(are_digits, run)| *are_digits && run.len() >= FEWEST_DIGITS).map(|(_, run)| run)
}

fn substitute(bytes: &[u8], kind: IdentityKind, number: u64) -> Vec<u8> {
    let mut becomes = bytes.to_vec();
    if let Some(server_id) = server_id(bytes, number) {
        return server_id;
    }
    if kind == IdentityKind::Octets {
        let kept =
            bytes.windows(3).take(LONGEST_HEAD).position(|maker| maker.iter().all(u8::is_ascii_uppercase));
        let mut left = number;
        for byte in becomes.iter_mut().skip(kept.map_or(0, |at| at + 3)).rev() {
            // From 130 to 193: no protocol escapes these bytes.
            *byte = 130 + u8::try_from(left % 64).unwrap_or_default();
            left /= 64;
        }
        return becomes;
    }
    let digits = bytes.iter().filter(|byte| byte.is_ascii_digit()).count();
    let keeps_letters = kind == IdentityKind::Number && digits >= FEWEST_DIGITS;
    let (mut left, mut digits_left) = (number, digits);
    for byte in becomes.iter_mut().rev() {
        if byte.is_ascii_digit() {
            digits_left -= 1;
            let digit = u8::try_from(left % 10).unwrap_or_default();
            if digits_left > 0 || !keeps_letters {
                *byte = b'0' + digit;
            }
            left /= 10;
        } else if !keeps_letters && (byte.is_ascii_alphabetic() || !byte.is_ascii()) {
            *byte = b'A' + u8::try_from(left % 26).unwrap_or_default();
            left /= 26;
        }
    }
    becomes
}

/// The substitute for the server id of a German meter. It keeps the first digit of the number.
fn server_id(bytes: &[u8], number: u64) -> Option<Vec<u8>> {
    let first = number_of_server(bytes)? / EIGHTH_DIGIT;
    let number = (first * EIGHTH_DIGIT).checked_add(u32::try_from(number).ok()?)?;
    let head = bytes.get(..bytes.len() - 4)?;
    Some([head, &number.to_be_bytes()].concat())
}

/// The last eight digits of the number on a German meter's front, from its server id (DIN 43863-5): length, medium, the
/// maker's three letters, block, number.
pub(super) fn number_of_server(bytes: &[u8]) -> Option<u32> {
    let &[9 | 10, _, m, a, k, _, n1, n2, n3, n4] = bytes else { return None };
    let is_maker = [m, a, k].iter().all(u8::is_ascii_uppercase);
    is_maker.then_some(u32::from_be_bytes([n1, n2, n3, n4]))
}

/// Two digits per byte, with a leading zero if there is an odd number of digits.
fn packed(digits: &[u8]) -> Vec<u8> {
    let digits = digits.iter().map(|digit| digit & 0x0F);
    let padding = digits.len() % 2;
    let digits: Vec<u8> = core::iter::repeat_n(0, padding).chain(digits).collect();
    digits.as_chunks::<2>().0.iter().map(|[high, low]| high << 4 | low).collect()
}

/// Only the letters and digits, in upper case.
pub(super) fn letters(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().filter(|byte| byte.is_ascii_alphanumeric()).map(u8::to_ascii_uppercase).collect()
}

/// The bytes that hex digits spell; empty if the text is not pairs of hex digits.
pub(super) fn decoded(digits: &[u8]) -> Vec<u8> {
    hex::pairs(digits).collect::<Option<Vec<u8>>>().unwrap_or_default()
}

pub(super) fn without_gaps(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().copied().filter(|byte| !is_gap(*byte)).collect()
}

pub(super) fn is_digits(bytes: &[u8]) -> bool {
    bytes.iter().all(u8::is_ascii_digit)
}

/// Whether bytes are text, possibly padded.
pub(super) fn is_printed(bytes: &[u8]) -> bool {
    bytes.iter().all(|byte| byte.is_ascii_graphic() || is_gap(*byte))
}

/// Whether bytes suffice to recognise anything. Zeros are everywhere, so at least three bytes must not be zero, or two
/// of exactly four. Anything longer than the longest identification is refused.
pub(super) fn tells(bytes: &[u8]) -> bool {
    let fewest = if bytes.len() == 4 { 2 } else { 3 };
    bytes.len() <= LONGEST && count_significant(bytes) >= fewest
}

/// The number of bytes that are not zero; for four or more digits, the number of digits that are not `0`.
fn count_significant(bytes: &[u8]) -> usize {
    let are_digits = bytes.len() >= 4 && is_digits(bytes);
    bytes.iter().filter(|byte| **byte != if are_digits { b'0' } else { 0 }).count()
}

/// Whether a byte only separates groups of digits, or pads a text.
fn is_gap(byte: u8) -> bool {
    GAPS.contains(&byte)
}

/// The byte at a position, plain or as two hex digits.
fn read(bytes: &[u8], at: usize, width: usize) -> Option<u8> {
    match bytes.get(at..at + width)? {
        [byte] => Some(*byte),
        digits => hex::pair(digits.try_into().ok()?),
    }
}

fn digits(byte: u8, is_lower: bool) -> [u8; HEX] {
    let digits = hex::digits(byte);
    if is_lower { digits } else { digits.map(|digit| digit.to_ascii_uppercase()) }
}

/// The width of a byte that is sent as it is, and of one that is sent as hex digits.
const PLAIN: usize = 1;
const HEX: usize = 2;
const GAPS: &[u8] = b" -_/:\t\0";
/// The most gaps in a row.
const MOST_GAPS: usize = 3;
/// Added to an identification's number if the substitute would equal the original. No identification of the capture
/// has the sum as its number.
const OTHERS: u64 = MOST as u64;
/// The most bytes of an identification: several times a public key of 48 bytes.
const LONGEST: usize = 512;
/// The place value of the first of eight digits.
const EIGHTH_DIGIT: u32 = 10_000_000;
/// The maker's letters begin within this many bytes.
const LONGEST_HEAD: usize = 4;
