//! Changes a row of the log in a backup, and computes its CRC-32 again.

use metertap_native::Chance;

use crate::bytes;

/// Changes the content of a row in place.
pub(crate) fn spoil(row: &mut Vec<u8>, chance: &mut Chance) {
    let mut body = row.split_off(HEAD.min(row.len()));
    if chance.is_one_in(4) {
        bytes::damage(&mut body, chance);
    } else {
        bytes::substitute(&mut body, chance);
    }
    seal(row, &body);
}

/// Writes the checksum of this body into the head, and appends the body. In version 1, the checksum does not cover the
/// version.
fn seal(head: &mut Vec<u8>, body: &[u8]) {
    if let [_, _, _, version, stated @ ..] = head.as_mut_slice()
        && stated.len() == CHECKSUM
    {
        let mut hasher = crc32fast::Hasher::new();
        if *version > 1 {
            hasher.update(&[*version]);
        }
        hasher.update(body);
        stated.copy_from_slice(&hasher.finalize().to_le_bytes());
    }
    head.extend_from_slice(body);
}

/// The number of bytes of a CRC-32, and of the head before the body: three letters, the version, and the CRC-32.
const CHECKSUM: usize = 4;
const HEAD: usize = 4 + CHECKSUM;

#[cfg(test)]
mod tests {
    use metertap_readings::log::format::chunk::{Chunk, Damage};

    use super::*;

    #[test]
    fn a_changed_row_has_a_valid_checksum() {
        let mut chance = Chance::new(1);
        for _ in 0..200 {
            let mut row = Chunk::write(&[]).unwrap();
            spoil(&mut row, &mut chance);
            let opened = Chunk::open(&row).map(|_| ()).err();
            assert!(matches!(opened, None | Some(Damage::Malformed)), "{opened:?}");
        }
    }
}
