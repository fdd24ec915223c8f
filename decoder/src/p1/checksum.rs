//! The CRC after a telegram's `!`.

use alloc::vec::Vec;

use crate::crc::{crc16_arc, crc16_x25_without_table};
use crate::hex;

/// The CRC of a telegram. A Holley DTSD545 (Sweden) computes HDLC's CRC instead of the standard's. Accepting either
/// from every meter would let twice as much damage through.
pub(crate) fn crc(telegram: &[u8]) -> u16 {
    if telegram.starts_with(HOLLEY) { crc16_x25_without_table(telegram) } else { crc16_arc(telegram) }
}

/// Whether the CRC is correct once CR LF, which the meter sent, is back at the end of each line. An editor or a
/// repository turns CR LF into LF. A terminal turns it into LF LF (ICRNL), CR CR LF (ONLCR) or CR. All line ends must
/// have changed in the same way.
pub(crate) fn holds_with_line_ends(telegram: &[u8], found: u16) -> bool {
    let holds = |changed: &[u8]| restored(telegram, changed).is_some_and(|sent| crc(&sent) == found);
    [&b"\n"[..], b"\n\n", b"\r\r\n", b"\r"].into_iter().any(holds)
}

/// Replaces each line end, which must be `changed`, by CR LF; `None` if the telegram has any other line end.
fn restored(telegram: &[u8], changed: &[u8]) -> Option<Vec<u8>> {
    let mut sent = Vec::with_capacity(telegram.len() + telegram.len() / 8);
    let mut rest = telegram;
    while let Some((byte, behind)) = rest.split_first() {
        if !matches!(byte, b'\r' | b'\n') {
            sent.push(*byte);
            rest = behind;
            continue;
        }
        rest = rest.strip_prefix(changed)?;
        sent.extend_from_slice(b"\r\n");
    }
    Some(sent)
}

/// The CRC in hex digits of either case; leading zeros may be missing.
pub(crate) fn checksum(digits: &[u8]) -> Option<u16> {
    hex::number(digits).and_then(|found| found.try_into().ok())
}

const HOLLEY: &[u8] = b"/HLY";
