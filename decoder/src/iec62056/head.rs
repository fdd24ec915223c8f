//! The beginnings of a readout: an identification line, STX, or a data set after a stripped beginning.

use super::character::{STX, is_line_end, seven};

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Head {
    /// An identification line of this many bytes, without its line end.
    Identification(usize),
    /// STX.
    Block,
    /// A data set.
    Data,
    /// More bytes are needed to decide.
    Unknown,
}

/// Finds where the first readout begins or may begin, and what it begins with. If there is none, returns the end of the
/// bytes.
pub(super) fn start(bytes: &[u8], before: Option<u8>, silent: bool) -> (usize, Option<Head>) {
    let mut at_line_start = before.is_none_or(is_line_end);
    for (at, byte) in bytes.iter().copied().map(seven).enumerate() {
        let rest = bytes.get(at..).unwrap_or_default();
        let head = match byte {
            b'/' => identify(rest, silent),
            STX => Some(Head::Block),
            _ if at_line_start => data_set(rest, silent),
            _ => None,
        };
        if head.is_some() {
            return (at, head);
        }
        at_line_start = is_line_end(byte);
    }
    (bytes.len(), None)
}

/// Judges a possible identification line: a `/`, the maker's three letters, a baud rate character and a model, up to
/// the end of the line (IEC 62056-21, 6.3.2). The standard allows neither `!` nor `/` in a model, but some models
/// contain `/`. A line with a parenthesis is a data set.
pub(super) fn identify(bytes: &[u8], silent: bool) -> Option<Head> {
    for (at, byte) in bytes.iter().copied().map(seven).enumerate().skip(1) {
        match byte {
            _ if at > LONGEST_IDENTIFICATION => return None,
            _ if at <= 3 && !byte.is_ascii_alphabetic() => return None,
            b'\r' | b'\n' => return (at > 4).then_some(Head::Identification(at)),
            b'(' | b')' | b'!' => return None,
            b' '..=b'~' => {}
            _ => return None,
        }
    }
    (!silent).then_some(Head::Unknown)
}

/// The baud rate character of a complete identification line.
pub(super) fn identification(bytes: &[u8]) -> Option<u8> {
    let Head::Identification(length) = identify(bytes, false)? else { return None };
    let ends = bytes.get(length..)?.iter().copied().map(seven).take(2).eq(*b"\r\n");
    ends.then_some(seven(*bytes.get(4)?))
}

/// Whether the bytes contain more than an identification.
pub(super) fn has_begun(bytes: &[u8]) -> bool {
    bytes.iter().copied().map(seven).any(|byte| byte == STX || byte == b'(')
}

/// Judges a possible data set: a code and a parenthesis.
fn data_set(bytes: &[u8], silent: bool) -> Option<Head> {
    for (at, byte) in bytes.iter().copied().map(seven).enumerate() {
        match byte {
            b'(' => return (at > 0).then_some(Head::Data),
            b'0'..=b'9' | b'A'..=b'Z' | b'.' | b':' | b'-' | b'*' | b'&' if at < LONGEST_CODE => {}
            _ => return None,
        }
    }
    (!silent).then_some(Head::Unknown)
}

/// The standard allows sixteen characters; some makers use more.
pub(crate) const LONGEST_IDENTIFICATION: usize = 48;
/// The length of `0-0:C.51.2*255`, with some room.
const LONGEST_CODE: usize = 16;
