//! Octet stuffing, where a flag in a frame goes over the line as two octets (ISO/IEC 13239, 4.3.2).

use alloc::vec::Vec;

/// Takes octets out of their stuffing; nothing where there is none.
pub(crate) fn unstuff(stuffed: &[u8], plain: &mut Vec<u8>) -> Option<()> {
    if !stuffed.contains(&ESCAPE) {
        return None;
    }
    plain.clear();
    let mut octets = stuffed.iter();
    while let Some(octet) = octets.next() {
        plain.push(if *octet == ESCAPE { octets.next()? ^ STUFFED } else { *octet });
    }
    Some(())
}

/// Whether an octet goes over the line as two, where they are stuffed.
pub(crate) fn is_stuffed(octet: u8) -> bool {
    matches!(octet, FLAG | ESCAPE)
}

/// Opens and closes a frame.
pub(crate) const FLAG: u8 = 0x7E;
pub(crate) const ESCAPE: u8 = 0x7D;
/// The bit in which a stuffed octet differs from what it stands for.
pub(crate) const STUFFED: u8 = 0x20;
