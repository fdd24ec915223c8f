//! Telegrams that are encrypted after their identification line, as Elgama's meters in Poland send them.
//!
//! ```text
//! /EGM5G35 CR LF CR LF | 00 | 82 02 30 | 30 | 00 00 00 00 | …
//!                        │    │          │    │             cipher text and tag
//!                        │    │          │    frame counter
//!                        │    │          security control: authenticated and encrypted
//!                        │    length of what follows
//!                        length of the system title: 0, because it is not sent
//! ```
//!
//! This is general-glo-ciphering (IEC 62056-5-3, 9.2.7), mostly without its first byte DB and without the system title.
//! Deciphering needs the title for the nonce.

use memchr::memchr3;

/// Whether a telegram is encrypted after its identification line.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Sealed {
    No,
    /// More bytes are needed to decide.
    Perhaps,
    /// Encrypted, and its end has not arrived.
    Cut,
    /// Encrypted, with this many bytes.
    Whole(usize),
}

/// Looks at what comes after the identification line and the blank line. An identification contains no `!` (IEC
/// 62056-21, 6.3.2): a `!` before the first line end ends the telegram, whatever arrives later.
pub(crate) fn sealed(telegram: &[u8]) -> Sealed {
    let Some(line) = memchr3(b'\r', b'\n', b'!', telegram) else { return Sealed::No };
    if telegram.get(line) == Some(&b'!') {
        return Sealed::No;
    }
    let is_line_end = |byte: &&u8| matches!(byte, b'\r' | b'\n');
    let behind = telegram.get(line..).unwrap_or_default();
    let begin = line + behind.iter().take_while(is_line_end).count();
    match header(telegram.get(begin..).unwrap_or_default()) {
        Header::None => Sealed::No,
        Header::Cut => Sealed::Perhaps,
        Header::Of(length) if begin + length <= telegram.len() => Sealed::Whole(begin + length),
        Header::Of(_) => Sealed::Cut,
    }
}

enum Header {
    None,
    Cut,
    /// This many bytes, ciphertext included.
    Of(usize),
}

/// Parses an optional tag, a system title or only its length 0, a length of one or two bytes, and a security control
/// that states encryption.
fn header(bytes: &[u8]) -> Header {
    let tag = usize::from(bytes.first() == Some(&GENERAL_GLO_CIPHERING));
    let Some(title) = bytes.get(tag).copied().map(usize::from) else {
        return if tag == 0 { Header::None } else { Header::Cut };
    };
    if title > TITLE {
        return Header::None;
    }
    match bytes.get(tag + 1 + title..).unwrap_or_default() {
        [TWO_BYTES, high, low, control, ..] if control & ENCRYPTED != 0 => {
            Header::Of(tag + 1 + title + 3 + usize::from(u16::from_be_bytes([*high, *low])))
        }
        [ONE_BYTE, length, control, ..] if control & ENCRYPTED != 0 => {
            Header::Of(tag + 1 + title + 2 + usize::from(*length))
        }
        [TWO_BYTES, _, _] | [ONE_BYTE | TWO_BYTES, _] | [ONE_BYTE | TWO_BYTES] | [] => Header::Cut,
        _ => Header::None,
    }
}

const GENERAL_GLO_CIPHERING: u8 = 0xDB;
const TITLE: usize = 8;
/// The length is in the next byte, or in the next two bytes (X.690, 8.1.3.5).
const ONE_BYTE: u8 = 0x81;
const TWO_BYTES: u8 = 0x82;
/// The encryption bit of the security control.
const ENCRYPTED: u8 = 0x20;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_without_a_title_is_distinguished_from_a_data_line() {
        let telegram = [&b"/EGM5G35\r\n\r\n"[..], &[0, 0x82, 0, 6, 0x30, 0, 0, 0, 0, 0xAB]].concat();
        assert_eq!(sealed(&telegram), Sealed::Whole(telegram.len()));
        assert_eq!(sealed(&telegram[..20]), Sealed::Cut);
        assert_eq!(sealed(&telegram[..14]), Sealed::Perhaps);
        assert_eq!(sealed(&telegram[..12]), Sealed::No);
        let short = [&b"/EGM5G35\r\n\r\n"[..], &[0, 0x81, 6, 0x31, 0, 0, 0, 0, 0xAB]].concat();
        assert_eq!(sealed(&short), Sealed::Whole(short.len()));
        assert_eq!(sealed(&short[..short.len() - 1]), Sealed::Cut);
        assert_eq!(sealed(b"/EGM5G35\r\n\r\n1-0:1.8.0(1*kWh)\r\n!"), Sealed::No);
        let titled =
            [&b"/EGM5G35\r\n\r\n\xDB\x08"[..], b"EGM12345", &[0x82, 0, 6, 0x30, 0, 0, 0, 0, 0xAB]].concat();
        assert_eq!(sealed(&titled), Sealed::Whole(titled.len()));
    }
}
