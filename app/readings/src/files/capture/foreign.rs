//! Files that are no captures → the octets that they stand for.
//!
//! Hex as people send it: in one run or in pairs, with `0x`, commas, braces or backslashes, or as a dump with offsets in
//! front and text behind. Whatever holds anything else is taken for the octets themselves, as P1 text is.

use std::str::from_utf8;

use metertap_decoder::hex;

/// What a file stands for.
pub(super) fn octets(file: &[u8]) -> Vec<u8> {
    from_utf8(file).ok().and_then(listed).unwrap_or_else(|| file.to_vec())
}

/// `None` for a text that is no hex, or none with an octet in it.
fn listed(text: &str) -> Option<Vec<u8>> {
    let mut octets = Vec::new();
    let mut half = None;
    for line in text.lines() {
        let (digits, is_dump) = match dumped(line) {
            Some(digits) => (digits, true),
            None => (line, false),
        };
        for token in digits.split(|letter: char| letter.is_whitespace() || BETWEEN.contains(&letter)) {
            let token = token.strip_prefix("0x").or_else(|| token.strip_prefix("0X")).unwrap_or(token);
            let token = token.strip_prefix('x').unwrap_or(token);
            for letter in token.chars() {
                let digit = hex::digit(u8::try_from(letter).ok()?)?;
                match half.take() {
                    Some(high) => octets.push(high << 4 | digit),
                    None => half = Some(digit),
                }
            }
        }
        if is_dump && half.is_some() {
            return None;
        }
    }
    (half.is_none() && !octets.is_empty()).then_some(octets)
}

/// The digits of a line of a dump, `00000010: 0A 0B … |..|` or `00000010  0A 0B …`: without its offset and its text.
fn dumped(line: &str) -> Option<&str> {
    let (offset, rest) = line.split_once([':', ' '])?;
    let is_offset = (4..=16).contains(&offset.len()) && offset.bytes().all(|digit| digit.is_ascii_hexdigit());
    let colon = line.as_bytes().get(offset.len()) == Some(&b':');
    // Without a colon only two spaces tell an offset from an octet.
    if !is_offset || !colon && !rest.starts_with(' ') {
        return None;
    }
    let rest = rest.split('|').next()?.trim_start();
    // Between digits and text there are two spaces, and between the halves of a line in some dumps as well.
    let end = rest.match_indices("  ").map(|(at, _)| at);
    let mut end = end.filter(|at| rest.get(at + 2..).is_some_and(|behind| !begins_with_octets(behind)));
    Some(rest.get(..end.next().unwrap_or(rest.len())).unwrap_or(rest))
}

fn begins_with_octets(text: &str) -> bool {
    let mut words = text.split_whitespace().take(2).peekable();
    words.peek().is_some()
        && words.all(|word| word.as_bytes().try_into().is_ok_and(|two| hex::pair(two).is_some()))
}

/// What stands between octets in sources and logs.
const BETWEEN: [char; 9] = [',', ';', '{', '}', '[', ']', '-', '\\', ':'];
