//! The block check after ETX (IEC 62056-21, 6.4.6).

use alloc::vec::Vec;

use super::character::seven;

/// The block check of a block, ETX included; the identification selects the method.
pub(crate) fn block_check(identification: &[u8], block: &[u8]) -> u8 {
    let adds = identification.iter().copied().map(seven).take(ADDER.len()).eq(ADDER.iter().copied());
    let join = if adds { u8::wrapping_add } else { |sum, byte| sum ^ byte };
    seven(block.iter().copied().map(seven).fold(0, join))
}

/// The block check of a block with CR LF in place of each LF, as the meter sent it: an editor or a repository has
/// removed all CRs since. `None` if the block contains a CR.
pub(crate) fn block_check_with_line_ends(identification: &[u8], block: &[u8]) -> Option<u8> {
    let mut sent = Vec::with_capacity(block.len() + block.len() / 8);
    for byte in block.iter().copied().map(seven) {
        match byte {
            b'\r' => return None,
            b'\n' => sent.extend_from_slice(b"\r\n"),
            byte => sent.push(byte),
        }
    }
    (sent.len() > block.len()).then(|| block_check(identification, &sent))
}

/// The start of the identification of Kamstrup's MULTICAL 66. This meter adds the bytes instead.
const ADDER: &[u8] = b"KAM MC";
