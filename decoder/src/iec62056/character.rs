//! Characters of seven bits, with or without their parity bit (IEC 62056-21, 6.2).

/// What may stand before the `!`.
pub(super) fn ends_data(octet: u8) -> bool {
    is_line_end(octet) || octet == b')'
}

/// CR or LF.
pub(super) fn is_line_end(octet: u8) -> bool {
    matches!(octet, b'\r' | b'\n')
}

/// The octet without its top bit, which is no part of a character (6.2).
pub(super) fn seven(octet: u8) -> u8 {
    octet & 0x7F
}

/// What the top bits of octets are.
pub(super) enum Parity {
    /// They are never set.
    None,
    /// They make the number of ones even.
    Even,
    /// Neither: noise.
    Broken,
}

/// What these octets' top bits are.
pub(super) fn parity(octets: &[u8]) -> Parity {
    if octets.is_ascii() {
        Parity::None
    } else if octets.iter().all(|octet| octet.count_ones().is_multiple_of(2)) {
        Parity::Even
    } else {
        Parity::Broken
    }
}

/// Begins a block.
pub(crate) const STX: u8 = 0x02;
/// Ends a block.
pub(crate) const ETX: u8 = 0x03;
/// Whoever answers has understood.
pub(crate) const ACK: u8 = 0x06;
