//! Seven-bit characters, with or without their parity bit (IEC 62056-21, 6.2).

/// Whether this byte may come before the `!` that ends the data.
pub(super) fn ends_data(byte: u8) -> bool {
    is_line_end(byte) || byte == b')'
}

pub(super) fn is_line_end(byte: u8) -> bool {
    matches!(byte, b'\r' | b'\n')
}

/// The byte without its top bit, which is not part of the character (6.2).
pub(super) fn seven(byte: u8) -> u8 {
    byte & 0x7F
}

/// The use of the bytes' top bits.
pub(super) enum Parity {
    /// Never set.
    None,
    /// Even parity.
    Even,
    /// Neither: the bytes are damaged.
    Broken,
}

pub(super) fn parity(bytes: &[u8]) -> Parity {
    if bytes.is_ascii() {
        Parity::None
    } else if bytes.iter().all(|byte| byte.count_ones().is_multiple_of(2)) {
        Parity::Even
    } else {
        Parity::Broken
    }
}

pub(crate) const STX: u8 = 0x02;
pub(crate) const ETX: u8 = 0x03;
pub(crate) const ACK: u8 = 0x06;
