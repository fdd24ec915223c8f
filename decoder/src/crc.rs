//! The checksums of the link protocols, all of them 16-bit CRCs.

/// CRC-16/ARC: polynomial 0x8005 reflected, start 0, no final inversion.
///
/// The CRC of P1 telegrams (DSMR 5.0.2 P1 companion standard, 5.2.1): over all bytes from `/` to `!`, both included.
#[must_use]
pub fn crc16_arc(bytes: &[u8]) -> u16 {
    run::<15, 2>(&ARC, 0, bytes)
}

/// CRC-16/MODBUS: polynomial 0x8005 reflected, start 0xFFFF, no final inversion.
///
/// Modbus over Serial Line 1.02, 6.2.2; sent low byte first.
#[must_use]
pub fn crc16_modbus(bytes: &[u8]) -> u16 {
    run::<15, 2>(&ARC, 0xFFFF, bytes)
}

/// CRC-16/X-25: polynomial 0x1021 reflected, start and final inversion 0xFFFF.
///
/// HDLC's header and frame check sequences (ISO/IEC 13239, 4.2.5.2); sent low byte first.
#[must_use]
pub fn crc16_x25(bytes: &[u8]) -> u16 {
    run::<12, 5>(&X25, 0xFFFF, bytes) ^ 0xFFFF
}

/// Like [`crc16_x25`], bit by bit. Only one maker's P1 telegrams need this CRC, and its tables would add four kilobytes
/// to a program that reads only P1.
pub(crate) fn crc16_x25_without_table(bytes: &[u8]) -> u16 {
    let step = |crc: u16| if crc & 1 == 1 { (crc >> 1) ^ 0x8408 } else { crc >> 1 };
    bytes.iter().fold(0xFFFF, |crc: u16, byte| (0..8).fold(crc ^ u16::from(*byte), |crc, _| step(crc)))
        ^ 0xFFFF
}

/// CRC-16/KERMIT: polynomial 0x1021 reflected, start 0, no final inversion.
///
/// Holley's SML meters send it where the standard requires X-25; high byte first.
#[must_use]
pub fn crc16_kermit(bytes: &[u8]) -> u16 {
    run::<12, 5>(&X25, 0, bytes)
}

/// CRC-16/XMODEM: polynomial 0x1021, start 0, no final inversion, the highest bit first.
///
/// The CRC of KMP (Kamstrup's protocol description, 3.2); sent high byte first. KMP's lines are slow and its
/// answers short, so one byte per step is fast enough.
#[must_use]
pub fn crc16_xmodem(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0, |crc: u16, byte| {
        let [high, _] = crc.to_be_bytes();
        (crc << 8) ^ at(&XMODEM, high ^ byte)
    })
}

/// The CRC with the polynomial x^16 + x^A + x^B + 1. Each block is folded onto the block after it; the tables handle
/// the last block and the bytes after it.
fn run<const A: usize, const B: usize>(tables: &Tables, start: u16, bytes: &[u8]) -> u16 {
    let (blocks, rest) = bytes.as_chunks();
    let Some((first, others)) = blocks.split_first() else { return look_up(tables, start, bytes) };
    let mut words = words(first);
    let [first, ..] = &mut words;
    *first ^= u64::from(start);
    for block in others {
        words = fold::<A, B>(words, self::words(block));
    }
    look_up(tables, look_up(tables, 0, words.map(u64::to_le_bytes).as_flattened()), rest)
}

/// Divides word by word, as the definition of a CRC divides bit by bit. Squaring a polynomial over bits squares its
/// terms: since x^16 is x^A + x^B + 1, x^(16·64) is x^(A·64) + x^(B·64) + 1.
fn fold<const A: usize, const B: usize>(front: [u64; WORDS], behind: [u64; WORDS]) -> [u64; WORDS] {
    let mut both = [front, behind];
    let all = both.as_flattened_mut();
    for at in 0..WORDS {
        let word = all.get(at).copied().unwrap_or_default();
        for power in [A, B, 0] {
            if let Some(place) = all.get_mut(at + WORDS - power) {
                *place ^= word;
            }
        }
    }
    let [_, behind] = both;
    behind
}

fn words(block: &[u8; 8 * WORDS]) -> [u64; WORDS] {
    let (words, _) = block.as_chunks();
    let mut words = words.iter().copied().map(u64::from_le_bytes);
    [(); WORDS].map(|()| words.next().unwrap_or_default())
}

/// Computes the CRC with eight bytes per step. Table `n` holds the effect of a byte on the CRC when `n` more bytes
/// follow, so eight look-ups do not wait for each other. Sixteen bytes per step would double the tables' four kilobytes
/// and save little time.
fn look_up(tables: &Tables, start: u16, bytes: &[u8]) -> u16 {
    let (steps, rest) = bytes.as_chunks();
    let [t0, t1, t2, t3, t4, t5, t6, t7] = tables;
    let crc = steps.iter().fold(start, |crc, [a, b, c, d, e, f, g, h]| {
        let [low, high] = crc.to_le_bytes();
        let others = at(t5, *c) ^ at(t4, *d) ^ at(t3, *e) ^ at(t2, *f) ^ at(t1, *g) ^ at(t0, *h);
        others ^ at(t7, a ^ low) ^ at(t6, b ^ high)
    });
    rest.iter().fold(crc, |crc, byte| {
        let [low, _] = crc.to_le_bytes();
        (crc >> 8) ^ at(t0, low ^ byte)
    })
}

/// Words per fold: one for each bit of the CRC.
const WORDS: usize = 16;

fn at(table: &Table, byte: u8) -> u16 {
    // Never out of range, which the compiler can prove.
    table.get(usize::from(byte)).copied().unwrap_or_default()
}

type Table = [u16; 256];
type Tables = [Table; 8];

#[allow(clippy::indexing_slicing, clippy::cast_possible_truncation, reason = "runs in the compiler only")]
const fn tables(reflected_polynomial: u16) -> Tables {
    let mut tables = [[0; 256]; 8];
    let mut index = 0;
    while index < 256 {
        let mut crc = index as u16;
        let mut bit = 0;
        while bit < 8 {
            crc = if crc & 1 == 1 { (crc >> 1) ^ reflected_polynomial } else { crc >> 1 };
            bit += 1;
        }
        tables[0][index] = crc;
        index += 1;
    }
    let mut behind = 1;
    while behind < tables.len() {
        let mut index = 0;
        while index < 256 {
            let crc = tables[behind - 1][index];
            tables[behind][index] = (crc >> 8) ^ tables[0][(crc & 0xFF) as usize];
            index += 1;
        }
        behind += 1;
    }
    tables
}

#[allow(clippy::indexing_slicing, clippy::cast_possible_truncation, reason = "runs in the compiler only")]
const fn highest_first(polynomial: u16) -> Table {
    let mut table = [0; 256];
    let mut index = 0;
    while index < 256 {
        let mut crc = (index as u16) << 8;
        let mut bit = 0;
        while bit < 8 {
            crc = if crc >> 15 == 1 { (crc << 1) ^ polynomial } else { crc << 1 };
            bit += 1;
        }
        table[index] = crc;
        index += 1;
    }
    table
}

static ARC: Tables = tables(0xA001);
static X25: Tables = tables(0x8408);
static XMODEM: Table = highest_first(0x1021);

#[cfg(test)]
mod tests {
    use super::*;

    /// The check values of the CRC catalogue, for the nine bytes `123456789`.
    #[test]
    fn every_crc_gives_its_check_value() {
        assert_eq!(crc16_arc(b"123456789"), 0xBB3D);
        assert_eq!(crc16_modbus(b"123456789"), 0x4B37);
        assert_eq!(crc16_x25(b"123456789"), 0x906E);
        assert_eq!(crc16_x25_without_table(b"123456789"), 0x906E);
        assert_eq!(crc16_kermit(b"123456789"), 0x2189);
        assert_eq!(crc16_xmodem(b"123456789"), 0x31C3);
    }

    /// HDLC and P1 messages have any length; the reference is the definition, bit by bit.
    #[test]
    fn crcs_by_eight_tables_agree_with_their_definitions_at_600_lengths() {
        let bytes: [u8; 600] = core::array::from_fn(|at| u8::try_from(at * at * 37 % 251).unwrap());
        for length in 0..bytes.len() {
            let bytes = &bytes[..length];
            let by_bits = |reflected_polynomial: u16, start: u16| {
                bytes.iter().fold(start, |crc, byte| {
                    (0..8).fold(crc ^ u16::from(*byte), |crc, _| {
                        if crc & 1 == 1 { (crc >> 1) ^ reflected_polynomial } else { crc >> 1 }
                    })
                })
            };
            assert_eq!(crc16_x25(bytes), by_bits(0x8408, 0xFFFF) ^ 0xFFFF, "{length}");
            assert_eq!(crc16_kermit(bytes), by_bits(0x8408, 0), "{length}");
            assert_eq!(crc16_arc(bytes), by_bits(0xA001, 0), "{length}");
            assert_eq!(crc16_modbus(bytes), by_bits(0xA001, 0xFFFF), "{length}");
        }
    }
}
