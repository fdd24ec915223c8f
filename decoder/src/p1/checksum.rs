//! The CRC behind a telegram's `!`.

use crate::crc::{crc16_arc, crc16_x25};

/// The CRC of a telegram. A Holley DTSD545 (Sweden) computes HDLC's instead of the standard's; taking either from
/// everybody would let twice as much damage through.
pub(crate) fn crc(telegram: &[u8]) -> u16 {
    if telegram.starts_with(HOLLEY) { crc16_x25(telegram) } else { crc16_arc(telegram) }
}

/// Up to four hex digits in either case; leading zeros may be missing.
pub(super) fn checksum(digits: &[u8]) -> Option<u16> {
    str::from_utf8(digits).ok().and_then(|digits| u16::from_str_radix(digits, 16).ok())
}

const HOLLEY: &[u8] = b"/HLY";
