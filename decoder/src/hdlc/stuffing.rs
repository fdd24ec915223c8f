//! Byte stuffing: a flag or an escape inside a frame is sent as two bytes (ISO/IEC 13239, 4.3.2).

use alloc::vec::Vec;

/// Writes the bytes without their stuffing to `plain`. `None` if nothing is stuffed, or if the last escape is
/// incomplete.
pub(crate) fn unstuff(stuffed: &[u8], plain: &mut Vec<u8>) -> Option<()> {
    if !stuffed.contains(&ESCAPE) {
        return None;
    }
    plain.clear();
    let mut bytes = stuffed.iter();
    while let Some(byte) = bytes.next() {
        plain.push(if *byte == ESCAPE { bytes.next()? ^ STUFFED } else { *byte });
    }
    Some(())
}

/// Whether a byte is sent as two when stuffing is used.
pub(crate) fn is_stuffed(byte: u8) -> bool {
    matches!(byte, FLAG | ESCAPE)
}

pub(crate) const FLAG: u8 = 0x7E;
pub(crate) const ESCAPE: u8 = 0x7D;
/// The bit in which a stuffed byte differs from the original.
pub(crate) const STUFFED: u8 = 0x20;
