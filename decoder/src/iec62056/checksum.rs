//! The block check after ETX (IEC 62056-21, 6.4.6).

use alloc::vec::Vec;

use super::character::seven;

/// Computes the block check of `block`, which begins after STX and includes ETX. `identification` selects the method.
pub(crate) fn block_check(identification: &[u8], block: &[u8]) -> u8 {
    let adds = identification.iter().copied().map(seven).take(ADDER.len()).eq(ADDER.iter().copied());
    let join = if adds { u8::wrapping_add } else { |sum, byte| sum ^ byte };
    seven(block.iter().copied().map(seven).fold(0, join))
}

/// Computes the block check with CR LF in place of each LF. The meter sent CR LF, but an editor or a repository may
/// have removed all CRs since. `None` if the block contains a CR, or no LF.
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

/// The start of the identification of Kamstrup's MULTICAL 66. This meter adds the bytes instead of combining them with
/// XOR.
const ADDER: &[u8] = b"KAM MC";
