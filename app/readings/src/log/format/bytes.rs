//! Reads and writes whole numbers and stretches of bytes one after the other, for chunks and roll-ups.
//!
//! A whole number takes seven bits a byte, the lowest first; the high bit says that more bytes follow (LEB128). A
//! signed number is folded first, so that small numbers stay short on both sides of zero. Everything read from the disk
//! may be damaged: a reader returns `None` if the bytes end early or hold an impossible value, and never allocates
//! memory only because the bytes claim a length.

use crate::crc32::crc32;
use crate::fault::Code;

pub(in crate::log) trait Write {
    fn number(&mut self, number: u128);

    fn signed(&mut self, number: i128);

    /// Appends the length of the bytes, then the bytes.
    fn stretch(&mut self, bytes: &[u8]);

    /// Appends zero for `None`, or the number plus one.
    fn optional(&mut self, number: Option<u64>) {
        self.number(number.map_or(0, |number| u128::from(number) + 1));
    }

    fn count(&mut self, count: usize) {
        self.number(count as u128);
    }
}

impl Write for Vec<u8> {
    fn number(&mut self, mut number: u128) {
        loop {
            let [low, ..] = number.to_le_bytes();
            number >>= 7;
            if number == 0 {
                return self.push(low);
            }
            self.push(low | MORE);
        }
    }

    fn signed(&mut self, number: i128) {
        self.number(folded(number));
    }

    fn stretch(&mut self, bytes: &[u8]) {
        self.count(bytes.len());
        self.extend_from_slice(bytes);
    }
}

/// The bytes that are left to be read.
#[derive(Clone, Copy, Debug)]
pub(in crate::log) struct Bytes<'a>(pub(in crate::log) &'a [u8]);

impl<'a> Bytes<'a> {
    pub(in crate::log) fn byte(&mut self) -> Option<u8> {
        let (byte, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*byte)
    }

    pub(in crate::log) fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    pub(in crate::log) fn number(&mut self) -> Option<u128> {
        let mut number = 0;
        for shift in (0..u128::BITS).step_by(7) {
            let byte = self.byte()?;
            let bits = u128::from(byte & !MORE);
            if bits.checked_shl(shift)? >> shift != bits {
                return None;
            }
            number |= bits << shift;
            if byte & MORE == 0 {
                return Some(number);
            }
        }
        None
    }

    pub(in crate::log) fn signed(&mut self) -> Option<i128> {
        self.number().map(unfolded)
    }

    /// Reads a whole number of a narrower type.
    pub(in crate::log) fn narrow<T: TryFrom<u128>>(&mut self) -> Option<T> {
        T::try_from(self.number()?).ok()
    }

    /// Reads what [`Write::optional`] wrote. The outer `None` means damage.
    pub(in crate::log) fn optional<T: TryFrom<u128>>(&mut self) -> Option<Option<T>> {
        match self.number()? {
            0 => Some(None),
            number => T::try_from(number - 1).ok().map(Some),
        }
    }

    /// Reads how many items follow; `None` if that is more than `most`.
    pub(in crate::log) fn count(&mut self, most: usize) -> Option<usize> {
        self.narrow().filter(|count| *count <= most)
    }

    pub(in crate::log) fn stretch(&mut self) -> Option<&'a [u8]> {
        let length = self.narrow()?;
        self.take(length)
    }

    /// `Some` if nothing is left.
    pub(in crate::log) fn end(self) -> Option<()> {
        self.0.is_empty().then_some(())
    }
}

/// Puts a header before a body: the magic, the version and a checksum.
///
/// The checksum of version 1 does not cover the version; the checksum of every later version does. So a row whose
/// checksum holds by the rule of version 1 was written by version 1, and a flipped bit in its version does no harm.
pub(in crate::log) fn sealed(magic: &[u8], version: u8, body: &[u8]) -> Vec<u8> {
    [magic, &[version], &checksum(version, body).to_le_bytes(), body].concat()
}

/// Opens bytes that [`sealed`] made in this version or an earlier one. Returns the version found and the body.
pub(in crate::log) fn open<'a>(
    magic: &[u8],
    version: u8,
    bytes: &'a [u8],
) -> Result<(u8, Bytes<'a>), Damage> {
    let mut bytes = Bytes(bytes);
    if bytes.take(magic.len()) != Some(magic) {
        return Err(Damage::Foreign);
    }
    let found = bytes.byte();
    let stated = bytes.take(4).and_then(<[u8]>::first_chunk).copied().map(u32::from_le_bytes);
    // A fuzzer cannot guess checksums.
    let holds = |version| stated.is_some_and(|stated| cfg!(fuzzing) || stated == checksum(version, bytes.0));
    match found {
        Some(found) if (2..=version).contains(&found) && holds(found) => Ok((found, bytes)),
        _ if holds(1) => Ok((1, bytes)),
        Some(found) if !(1..=version).contains(&found) => Err(Damage::Version(found)),
        _ => Err(Damage::Checksum),
    }
}

fn checksum(version: u8, body: &[u8]) -> u32 {
    if version > 1 { crc32(&[&[version], body]) } else { crc32(&[body]) }
}

/// A row as a later version of this program could have written it.
#[cfg(test)]
pub(crate) fn later(row: &[u8]) -> Vec<u8> {
    let (magic, body) = (&row[..3], &row[8..]);
    [magic, &[9], &crc32(&[&[9], body]).to_le_bytes(), body].concat()
}

/// The bytes are not a readable part of the log.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Damage {
    /// They do not begin with the right magic.
    Foreign,
    /// They have a version that this build does not know.
    Version(u8),
    /// Their checksum does not hold: they are not what was written.
    Checksum,
    /// The checksum holds, but the contents are invalid.
    Malformed,
}

impl Damage {
    /// The fault code that users see.
    #[must_use]
    pub const fn code(self) -> Code {
        match self {
            Self::Foreign => Code::StoreForeign,
            Self::Version(_) => Code::StoreVersion,
            Self::Checksum => Code::StoreChecksum,
            Self::Malformed => Code::StoreMalformed,
        }
    }

    /// The version, if this build does not know it.
    pub(in crate::log) const fn newer(self) -> Option<u8> {
        match self {
            Self::Version(version) => Some(version),
            Self::Foreign | Self::Checksum | Self::Malformed => None,
        }
    }
}

/// Moves the sign into the lowest bit, so that small numbers of either sign become small unsigned ones.
pub(in crate::log) fn folded(number: i128) -> u128 {
    (number << 1 ^ number >> 127).cast_unsigned()
}

fn unfolded(number: u128) -> i128 {
    (number >> 1).cast_signed() ^ -(number & 1).cast_signed()
}

const MORE: u8 = 0x80;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_it_writes() {
        let numbers = [0, 1, 127, 128, 300, u128::from(u64::MAX), u128::MAX];
        let signed = [0, -1, 63, -64, 64, i128::MIN, i128::MAX];
        let mut bytes = Vec::new();
        numbers.iter().for_each(|number| bytes.number(*number));
        signed.iter().for_each(|number| bytes.signed(*number));
        bytes.optional(None);
        bytes.optional(Some(u64::MAX));
        bytes.stretch(b"abc");
        let mut reader = Bytes(&bytes);
        assert_eq!(numbers.map(|_| reader.number()), numbers.map(Some));
        assert_eq!(signed.map(|_| reader.signed()), signed.map(Some));
        assert_eq!((reader.optional::<u64>(), reader.optional()), (Some(None), Some(Some(u64::MAX))));
        assert_eq!(reader.stretch(), Some(b"abc".as_slice()));
        assert_eq!(reader.end(), Some(()));
    }

    /// Examples of unsigned LEB128 from DWARF 5, section 7.6.
    #[test]
    fn writes_seven_bits_per_byte_lowest_first() {
        for (number, expected) in [(2, [2].as_slice()), (128, &[0x80, 1]), (12_857, &[0xB9, 0x64])] {
            let mut bytes = Vec::new();
            bytes.number(number);
            assert_eq!(bytes, expected);
        }
    }

    #[test]
    fn damage_is_refused() {
        assert_eq!(Bytes(&[]).number(), None);
        assert_eq!(Bytes(&[0x80]).number(), None, "the end is missing");
        assert_eq!(Bytes(&[0xFF; 30]).number(), None, "more than 128 bits");
        assert_eq!(Bytes(&[5, 1]).stretch(), None);
        assert_eq!(Bytes(&[0xFF, 0xFF, 0xFF, 0xFF, 0x0F]).count(10), None);
        assert_eq!(Bytes(&[0x80, 2]).narrow::<u8>(), None, "256 is not a byte");
    }
}
