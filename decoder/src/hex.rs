//! Bytes as hexadecimal digits, and back.

use alloc::string::String;
use alloc::vec::Vec;

/// The value of a hex digit in either case; `None` for any other character.
#[must_use]
pub const fn digit(letter: u8) -> Option<u8> {
    match letter {
        b'0'..=b'9' => Some(letter - b'0'),
        b'a'..=b'f' => Some(letter - b'a' + 10),
        b'A'..=b'F' => Some(letter - b'A' + 10),
        _ => None,
    }
}

/// The byte that two hex digits spell; `None` if either is not a hex digit.
#[must_use]
pub fn pair([high, low]: [u8; 2]) -> Option<u8> {
    Some(digit(high)? << 4 | digit(low)?)
}

/// The bytes that pairs of hex digits spell. An item is `None` if either of its characters is not a hex digit, and for
/// a single character at the end.
pub fn pairs(digits: &[u8]) -> impl Iterator<Item = Option<u8>> {
    digits.chunks(2).map(|two| two.try_into().ok().and_then(pair))
}

/// The bytes of a text of hex digits; white space is allowed anywhere. `None` for any other text.
#[must_use]
pub fn read(text: impl AsRef<[u8]>) -> Option<Vec<u8>> {
    let digits: Vec<u8> = text.as_ref().iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
    pairs(&digits).collect()
}

/// A key of 16 bytes from its 32 hex digits, as a grid operator writes it: spaces, hyphens and colons are ignored.
/// `None` for any other text.
#[must_use]
pub fn key(text: &str) -> Option<[u8; 16]> {
    let digits: String =
        text.chars().filter(|letter| !letter.is_whitespace() && !matches!(letter, '-' | ':')).collect();
    read(digits)?.try_into().ok()
}

/// The number that hex digits spell, the highest digit first. `None` without digits, for any other text, and for more
/// than 64 bits.
#[must_use]
pub fn number(digits: &[u8]) -> Option<u64> {
    let (first, rest) = digits.split_first()?;
    rest.iter().try_fold(digit(*first)?.into(), |number: u64, letter| {
        Some(number.checked_mul(16)? | u64::from(digit(*letter)?))
    })
}

/// The two lower-case hex digits of a byte.
#[must_use]
pub fn digits(byte: u8) -> [u8; 2] {
    [byte >> 4, byte & 0x0F].map(|digit| if digit < 10 { b'0' + digit } else { b'a' + digit - 10 })
}

/// Bytes as lower-case hex digits.
#[must_use]
pub fn lower(bytes: &[u8]) -> String {
    bytes.iter().copied().flat_map(digits).map(char::from).collect()
}

/// Bytes as upper-case hex digits.
#[must_use]
pub fn upper(bytes: &[u8]) -> String {
    let mut text = lower(bytes);
    text.make_ascii_uppercase();
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 4648, 10: the last test vector of base 16.
    #[test]
    fn bytes_become_digits_and_digits_become_bytes() {
        assert_eq!(upper(b"foobar"), "666F6F626172");
        assert_eq!(lower(b"foobar"), "666f6f626172");
        assert_eq!(read("666F6f62 61\r\n72").unwrap(), b"foobar");
        for byte in 0..=u8::MAX {
            assert_eq!(lower(&[byte]), std::format!("{byte:02x}"));
            assert_eq!(pair(digits(byte)), Some(byte));
        }
    }

    #[test]
    fn a_key_has_32_digits_with_any_spacing() {
        let key = Some(*b"\x00\x11\x22\x33\x44\x55\x66\x77\x88\x99\xAA\xBB\xCC\xDD\xEE\xFF");
        for text in ["00112233445566778899AABBCCDDEEFF", "00:11:22:33-44556677 8899aabb\nccddeeff"] {
            assert_eq!(super::key(text), key, "{text}");
        }
        for text in ["", "00112233445566778899AABBCCDDEE", "00112233445566778899AABBCCDDEEFG"] {
            assert_eq!(super::key(text), None, "{text}");
        }
    }

    #[test]
    fn only_a_pair_of_digits_is_a_byte() {
        for text in ["6", "666", "6g", "+6", "-6", "0x66", "6.6f"] {
            assert_eq!(read(text), None, "{text}");
        }
        assert_eq!(read(" \n").as_deref(), Some(&[][..]));
    }

    #[test]
    fn a_number_has_at_most_64_bits() {
        assert_eq!(number(b"522b"), Some(0x522B));
        assert_eq!(number(b"0"), Some(0));
        assert_eq!(number(b"0000FFFFFFFFFFFFFFFF"), Some(u64::MAX));
        for digits in [&b""[..], b"+1", b"1_0", b"10000000000000000"] {
            assert_eq!(number(digits), None);
        }
    }
}
