//! Decodes files that are not captures into the bytes that they stand for.
//!
//! Hex is accepted as people send it: without spaces or in pairs, with `0x`, commas, braces or backslashes, or as a
//! dump with offsets before the bytes and text after them. Any other file is taken as the bytes themselves, for example
//! P1 text.

use std::str::from_utf8;

use metertap_decoder::hex;

pub(super) fn bytes(file: &[u8]) -> Vec<u8> {
    from_utf8(file).ok().and_then(listed).unwrap_or_else(|| file.to_vec())
}

/// Decodes a list of hex digits. Returns `None` if the text is not hex, or contains no byte.
fn listed(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
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
                    Some(high) => bytes.push(high << 4 | digit),
                    None => half = Some(digit),
                }
            }
        }
        if is_dump && half.is_some() {
            return None;
        }
    }
    (half.is_none() && !bytes.is_empty()).then_some(bytes)
}

/// The digits of a line of a dump, `00000010: 0A 0B … |..|` or `00000010  0A 0B …`, without its offset and its text.
fn dumped(line: &str) -> Option<&str> {
    let (offset, rest) = line.split_once([':', ' '])?;
    let is_offset = (4..=16).contains(&offset.len()) && offset.bytes().all(|digit| digit.is_ascii_hexdigit());
    let colon = line.as_bytes().get(offset.len()) == Some(&b':');
    // Without a colon, only two spaces distinguish an offset from a byte.
    if !is_offset || !colon && !rest.starts_with(' ') {
        return None;
    }
    let rest = rest.split('|').next()?.trim_start();
    // Two spaces separate digits and text; in some dumps they also separate the halves of a line.
    let end = rest.match_indices("  ").map(|(at, _)| at);
    let mut end = end.filter(|at| rest.get(at + 2..).is_some_and(|behind| !begins_with_bytes(behind)));
    Some(rest.get(..end.next().unwrap_or(rest.len())).unwrap_or(rest))
}

fn begins_with_bytes(text: &str) -> bool {
    let mut words = text.split_whitespace().take(2).peekable();
    words.peek().is_some()
        && words.all(|word| word.as_bytes().try_into().is_ok_and(|two| hex::pair(two).is_some()))
}

/// The characters between bytes in source code and logs.
const BETWEEN: [char; 9] = [',', ';', '{', '}', '[', ']', '-', '\\', ':'];
