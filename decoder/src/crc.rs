//! The checksums of the link protocols, each with its standard's check value as a test.
//!
//! All are 16-bit CRCs, computed through tables that the compiler fills in.

/// CRC-16/ARC: polynomial 0x8005 reflected, start 0, no final inversion.
///
/// The P1 telegram's (DSMR 5.0.2 P1 companion standard, 5.2.1): over everything from `/` to `!`, both included.
#[must_use]
pub fn crc16_arc(octets: &[u8]) -> u16 {
    run(&ARC, 0, octets)
}

/// CRC-16/MODBUS: polynomial 0x8005 reflected, start 0xFFFF, no final inversion.
///
/// Modbus over Serial Line 1.02, 6.2.2; sent low octet first.
#[must_use]
pub fn crc16_modbus(octets: &[u8]) -> u16 {
    run(&ARC, 0xFFFF, octets)
}

/// CRC-16/X-25: polynomial 0x1021 reflected, start and final inversion 0xFFFF.
///
/// HDLC's header and frame check sequence (ISO/IEC 13239, 4.2.5.2); sent low octet first.
#[must_use]
pub fn crc16_x25(octets: &[u8]) -> u16 {
    run(&X25, 0xFFFF, octets) ^ 0xFFFF
}

/// CRC-16/KERMIT: polynomial 0x1021 reflected, start 0, no final inversion.
///
/// What Holley's SML meters send where the standard wants X-25; high octet first.
#[must_use]
pub fn crc16_kermit(octets: &[u8]) -> u16 {
    run(&X25, 0, octets)
}

/// CRC-16/XMODEM: polynomial 0x1021, start 0, no final inversion, the highest bit first.
///
/// KMP's (Kamstrup's protocol description, 3.2); sent high octet first. Its lines are slow and its answers short, so that
/// an octet a step will do.
#[must_use]
pub fn crc16_xmodem(octets: &[u8]) -> u16 {
    octets.iter().fold(0, |crc: u16, octet| {
        let [high, _] = crc.to_be_bytes();
        (crc << 8) ^ at(&XMODEM, high ^ octet)
    })
}

/// Sixteen octets a step: the entries for the halves of an octet in table `n` are what they do to the checksum when `n`
/// more octets follow, so that look-ups that do not wait for each other stand for ones that do. By halves, because all
/// tables are then one kilobyte and not eight, which the page would fetch, and no tables can be packed.
fn run(tables: &Tables, start: u16, octets: &[u8]) -> u16 {
    let (steps, rest) = octets.as_chunks::<STEP>();
    let [before @ .., t14, t15] = tables;
    let crc = steps.iter().fold(start, |crc, [first, second, others @ ..]| {
        let [low, high] = crc.to_le_bytes();
        let others =
            others.iter().zip(before.iter().rev()).fold(0, |crc, (octet, table)| crc ^ at(table, *octet));
        others ^ at(t15, first ^ low) ^ at(t14, second ^ high)
    });
    let [table, ..] = tables;
    rest.iter().fold(crc, |crc, octet| {
        let [low, _] = crc.to_le_bytes();
        (crc >> 8) ^ at(table, low ^ octet)
    })
}

fn at([low, high]: &Table, octet: u8) -> u16 {
    // Never out of range, and the compiler knows it.
    let half = |table: &[u16; 16], half: u8| table.get(usize::from(half)).copied().unwrap_or_default();
    half(low, octet & 0xF) ^ half(high, octet >> 4)
}

const STEP: usize = 16;

/// By the lower and by the upper half of an octet.
type Table = [[u16; 16]; 2];
type Tables = [Table; STEP];

#[allow(clippy::indexing_slicing, reason = "runs in the compiler only")]
const fn tables(reflected_polynomial: u16) -> Tables {
    let mut tables = [[[0; 16]; 2]; STEP];
    let mut index = 0;
    while index < 32 {
        let mut crc = octet(index);
        let mut behind = 0;
        while behind < STEP {
            let mut bit = 0;
            while bit < 8 {
                crc = if crc & 1 == 1 { (crc >> 1) ^ reflected_polynomial } else { crc >> 1 };
                bit += 1;
            }
            tables[behind][(index >> 4) as usize][(index & 0xF) as usize] = crc;
            behind += 1;
        }
        index += 1;
    }
    tables
}

#[allow(clippy::indexing_slicing, reason = "runs in the compiler only")]
const fn highest_first(polynomial: u16) -> Table {
    let mut table = [[0; 16]; 2];
    let mut index = 0;
    while index < 32 {
        let mut crc = octet(index) << 8;
        let mut bit = 0;
        while bit < 8 {
            crc = if crc >> 15 == 1 { (crc << 1) ^ polynomial } else { crc << 1 };
            bit += 1;
        }
        table[(index >> 4) as usize][(index & 0xF) as usize] = crc;
        index += 1;
    }
    table
}

/// The octet whose lower half is one of the first sixteen, or whose upper half is one of the others.
const fn octet(index: u16) -> u16 {
    if index < 16 { index } else { (index - 16) << 4 }
}

static ARC: Tables = tables(0xA001);
static X25: Tables = tables(0x8408);
static XMODEM: Table = highest_first(0x1021);

#[cfg(test)]
mod tests {
    use super::*;

    /// The check values of the CRC catalogue: the nine octets `123456789`.
    #[test]
    fn give_the_check_values() {
        assert_eq!(crc16_arc(b"123456789"), 0xBB3D);
        assert_eq!(crc16_x25(b"123456789"), 0x906E);
        assert_eq!(crc16_kermit(b"123456789"), 0x2189);
        assert_eq!(crc16_xmodem(b"123456789"), 0x31C3);
    }

    /// HDLC and P1 messages are cut at any length; the definition, bit by bit, is the judge.
    #[test]
    fn agree_with_the_definition_at_every_length() {
        let octets: [u8; 64] = core::array::from_fn(|at| u8::try_from(at * 37 % 251).unwrap());
        for length in 0..octets.len() {
            let bits = octets[..length].iter().fold(0xFFFF_u16, |crc, octet| {
                (0..8).fold(crc ^ u16::from(*octet), |crc, _| {
                    if crc & 1 == 1 { (crc >> 1) ^ 0x8408 } else { crc >> 1 }
                })
            });
            assert_eq!(crc16_x25(&octets[..length]), bits ^ 0xFFFF, "{length}");
        }
    }
}
