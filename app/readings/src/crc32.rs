//! CRC-32: polynomial 0x04C11DB7 reflected, start and final inversion 0xFFFFFFFF (CRC catalogue, CRC-32/ISO-HDLC).
//!
//! Implemented here because the page fetches the tables with the program. These tables take one kilobyte, and those of
//! a fast library take sixteen. Such tables do not compress.

/// The checksum of these bytes, one part after the other.
#[must_use]
pub(crate) fn crc32(parts: &[&[u8]]) -> u32 {
    !parts.iter().fold(!0, |crc, bytes| run(crc, bytes))
}

/// Processes eight bytes a step, with lookups that do not depend on each other.
fn run(start: u32, bytes: &[u8]) -> u32 {
    let (steps, rest) = bytes.as_chunks::<STEP>();
    let crc = steps.iter().fold(start, |crc, step| {
        let bytes = (u64::from_le_bytes(*step) ^ u64::from(crc)).to_le_bytes();
        bytes.iter().zip(TABLES.iter().rev()).fold(0, |crc, (byte, table)| crc ^ at(table, *byte))
    });
    let [table, ..] = &TABLES;
    rest.iter().fold(crc, |crc, byte| {
        let [low, ..] = crc.to_le_bytes();
        (crc >> 8) ^ at(table, low ^ byte)
    })
}

/// The effect of a byte is that of its two halves together.
fn at([low, high]: &Table, byte: u8) -> u32 {
    // The index is never out of range, and the compiler knows it.
    let half = |table: &[u32; 16], half: u8| table.get(usize::from(half)).copied().unwrap_or_default();
    half(low, byte & 0xF) ^ half(high, byte >> 4)
}

/// A table for the lower and one for the upper half of a byte.
type Table = [[u32; 16]; 2];

const STEP: usize = 8;

/// The effect of a byte on the checksum, by how many bytes follow it in the step.
static TABLES: [Table; STEP] = tables();

#[allow(clippy::indexing_slicing, reason = "runs in the compiler only")]
const fn tables() -> [Table; STEP] {
    let mut tables = [[[0; 16]; 2]; STEP];
    let mut index = 0;
    while index < 32 {
        let mut crc = if index < 16 { index } else { (index - 16) << 4 };
        let mut behind = 0;
        while behind < STEP {
            let mut bit = 0;
            while bit < 8 {
                crc = if crc & 1 == 1 { (crc >> 1) ^ 0xEDB8_8320 } else { crc >> 1 };
                bit += 1;
            }
            tables[behind][(index >> 4) as usize][(index & 0xF) as usize] = crc;
            behind += 1;
        }
        index += 1;
    }
    tables
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn gives_the_check_value() {
        assert_eq!(crc32(&[b"123456789"]), 0xCBF4_3926);
        assert_eq!(crc32(&[]), 0);
    }

    proptest! {
        #[test]
        fn equals_another_implementation(bytes in prop::collection::vec(any::<u8>(), 0..100), cut in 0_usize..100) {
            let (one, other) = bytes.split_at(cut.min(bytes.len()));
            prop_assert_eq!(crc32(&[one, other]), crc32fast::hash(&bytes));
        }
    }
}
