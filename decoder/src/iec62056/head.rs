//! What a readout begins with: an identification line, STX, or a data set whose beginning was stripped.

use super::character::{STX, is_line_end, seven};

/// What a readout begins with.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Head {
    /// An identification line of so many octets, without its line end.
    Identification(usize),
    /// STX.
    Block,
    /// A data set.
    Data,
    /// More octets must come.
    Unknown,
}

/// Where the first readout begins or may begin, and with what; the end where there is none.
pub(super) fn start(octets: &[u8], before: Option<u8>, silent: bool) -> (usize, Option<Head>) {
    let mut at_line_start = before.is_none_or(is_line_end);
    for (at, octet) in octets.iter().copied().map(seven).enumerate() {
        let rest = octets.get(at..).unwrap_or_default();
        let head = match octet {
            b'/' => identify(rest, silent),
            STX => Some(Head::Block),
            _ if at_line_start => data_set(rest, silent),
            _ => None,
        };
        if head.is_some() {
            return (at, head);
        }
        at_line_start = is_line_end(octet);
    }
    (octets.len(), None)
}

/// A `/`, three letters of the maker, a baud rate character and a model, up to the line's end (IEC 62056-21, 6.3.2).
/// Parentheses and `!` are not allowed in it; `/` should not be, and is met.
pub(super) fn identify(octets: &[u8], silent: bool) -> Option<Head> {
    for (at, octet) in octets.iter().copied().map(seven).enumerate().skip(1) {
        match octet {
            _ if at > LONGEST_IDENTIFICATION => return None,
            _ if at <= 3 && !octet.is_ascii_alphabetic() => return None,
            b'\r' | b'\n' => return (at > 4).then_some(Head::Identification(at)),
            b'(' | b')' | b'!' => return None,
            b' '..=b'~' => {}
            _ => return None,
        }
    }
    (!silent).then_some(Head::Unknown)
}

/// The baud rate character of an identification line that is there to its end.
pub(super) fn identification(octets: &[u8]) -> Option<u8> {
    let Head::Identification(length) = identify(octets, false)? else { return None };
    let ends = octets.get(length..)?.iter().copied().map(seven).take(2).eq(*b"\r\n");
    ends.then_some(seven(*octets.get(4)?))
}

/// Whether more than an identification is there.
pub(super) fn has_begun(octets: &[u8]) -> bool {
    octets.iter().copied().map(seven).any(|octet| octet == STX || octet == b'(')
}

/// A code and a parenthesis.
fn data_set(octets: &[u8], silent: bool) -> Option<Head> {
    for (at, octet) in octets.iter().copied().map(seven).enumerate() {
        match octet {
            b'(' => return (at > 0).then_some(Head::Data),
            b'0'..=b'9' | b'A'..=b'Z' | b'.' | b':' | b'-' | b'*' | b'&' if at < LONGEST_CODE => {}
            _ => return None,
        }
    }
    (!silent).then_some(Head::Unknown)
}

/// Sixteen characters by the standard; some makers take more.
pub(crate) const LONGEST_IDENTIFICATION: usize = 48;
/// `0-0:C.51.2*255`, and some room.
const LONGEST_CODE: usize = 16;
