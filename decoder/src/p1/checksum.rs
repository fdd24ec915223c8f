//! The CRC behind a telegram's `!`.

use crate::crc::{crc16_arc, crc16_x25};
use crate::hex;

/// The CRC of a telegram. A Holley DTSD545 (Sweden) computes HDLC's instead of the standard's; taking either from
/// everybody would let twice as much damage through.
pub(crate) fn crc(telegram: &[u8]) -> u16 {
    if telegram.starts_with(HOLLEY) { crc16_x25(telegram) } else { crc16_arc(telegram) }
}

/// Up to four hex digits in either case; leading zeros may be missing.
pub(crate) fn checksum(digits: &[u8]) -> Option<u16> {
    hex::number(digits).and_then(|found| found.try_into().ok())
}

const HOLLEY: &[u8] = b"/HLY";
