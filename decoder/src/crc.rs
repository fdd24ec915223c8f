//! The checksums of the link protocols, each with its standard's check value as a test.
//!
//! Both are reflected 16-bit CRCs, computed through a table that the compiler fills in.

/// CRC-16/ARC: polynomial 0x8005 reflected, start 0, no final inversion.
///
/// The P1 telegram's (DSMR 5.0.2 P1 companion standard, 5.2.1): over everything from `/` to `!`, both included.
#[must_use]
pub fn crc16_arc(octets: &[u8]) -> u16 {
    run(&ARC, 0, octets)
}

/// CRC-16/X-25: polynomial 0x1021 reflected, start and final inversion 0xFFFF.
///
/// HDLC's header and frame check sequence (ISO/IEC 13239, 4.2.5.2); sent low octet first.
#[must_use]
pub fn crc16_x25(octets: &[u8]) -> u16 {
    run(&X25, 0xFFFF, octets) ^ 0xFFFF
}

fn run(table: &[u16; 256], start: u16, octets: &[u8]) -> u16 {
    octets.iter().fold(start, |crc, octet| {
        let [low, _] = crc.to_le_bytes();
        let step = table.get(usize::from(low ^ octet)).copied().unwrap_or_default();
        (crc >> 8) ^ step
    })
}

#[allow(clippy::indexing_slicing, clippy::cast_possible_truncation, reason = "runs in the compiler only")]
const fn table(reflected_polynomial: u16) -> [u16; 256] {
    let mut table = [0; 256];
    let mut index = 0;
    while index < 256 {
        let mut crc = index as u16;
        let mut bit = 0;
        while bit < 8 {
            crc = if crc & 1 == 1 { (crc >> 1) ^ reflected_polynomial } else { crc >> 1 };
            bit += 1;
        }
        table[index] = crc;
        index += 1;
    }
    table
}

static ARC: [u16; 256] = table(0xA001);
static X25: [u16; 256] = table(0x8408);

#[cfg(test)]
mod tests {
    use super::*;

    /// The check values of the CRC catalogue: the nine octets `123456789`.
    #[test]
    fn give_the_check_values() {
        assert_eq!(crc16_arc(b"123456789"), 0xBB3D);
        assert_eq!(crc16_x25(b"123456789"), 0x906E);
    }
}
