//! Seven-bit characters, with or without their parity bit (Enedis-NOI-CPT_54E, 5.3.5).

use alloc::vec::Vec;

/// Begins a frame.
pub(crate) const STX: u8 = 0x02;
/// STX with its parity bit.
pub(super) const EVEN_STX: u8 = 0x82;
/// Ends a frame; its parity bit is 0.
pub(crate) const ETX: u8 = 0x03;
/// Aborts a frame.
pub(crate) const EOT: u8 = 0x04;
/// EOT with its parity bit.
pub(super) const EVEN_EOT: u8 = 0x84;

/// The mark of a character that was damaged on the line.
const DAMAGED: u8 = 0x80;

pub(crate) fn is_damaged(character: u8) -> bool {
    character & DAMAGED != 0
}

/// The seven bits of a character, damaged or not.
pub(crate) fn seven(character: u8) -> u8 {
    character & !DAMAGED
}

/// Puts the characters of a frame into `plain`, each at the position of its byte.
///
/// With even parity, bit 7 is 1 exactly if the other seven bits have an odd number of ones. If bit 7 is 1 in most
/// characters of that kind, the bytes have parity bits.
pub(crate) fn strip(bytes: &[u8], plain: &mut Vec<u8>) {
    let wants_a_bit = |byte: &&u8| !seven(**byte).count_ones().is_multiple_of(2);
    let set = bytes.iter().filter(wants_a_bit).filter(|byte| is_damaged(**byte)).count();
    let clear = bytes.iter().filter(wants_a_bit).count() - set;
    let has_parity = set > clear;
    let character = |byte: &u8| match byte.count_ones().is_multiple_of(2) {
        _ if !has_parity => *byte,
        true => seven(*byte),
        false => byte | DAMAGED,
    };
    plain.clear();
    plain.extend(bytes.iter().map(character));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn even(text: &[u8]) -> Vec<u8> {
        let with_parity = |byte: &u8| byte | if byte.count_ones() % 2 == 1 { 0x80 } else { 0 };
        text.iter().map(with_parity).collect()
    }

    #[test]
    fn parity_bits_are_checked_and_removed() {
        let mut plain = Vec::new();
        let mut bytes = even(b"\x02\nPAPP 00760 .\r\x03");
        strip(&bytes, &mut plain);
        assert_eq!(plain, b"\x02\nPAPP 00760 .\r\x03");
        bytes[8] ^= 0x01;
        strip(&bytes, &mut plain);
        let damaged: Vec<usize> = (0..plain.len()).filter(|at| is_damaged(plain[*at])).collect();
        assert_eq!(damaged, [8]);
    }

    #[test]
    fn characters_without_parity_bits_stay_unchanged() {
        let mut plain = Vec::new();
        strip(b"\x02\nPAPP 0\xB0760 .\r\x03", &mut plain);
        assert_eq!(plain, b"\x02\nPAPP 0\xB0760 .\r\x03");
    }
}
