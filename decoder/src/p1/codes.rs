//! [`Codes`]: the OBIS codes of the last telegram, to know those of the next one by.

use alloc::vec::Vec;

use crate::register::Obis;

/// The codes of the last telegram, each at the place of its register. A meter prints the same codes in the same order, and
/// to compare a code takes a tenth of the time that reading it takes.
#[derive(Debug, Default)]
pub(crate) struct Codes(Vec<KnownCode>);

/// A code as it was printed.
#[derive(Debug)]
struct KnownCode {
    /// Its octets and the parenthesis behind them, the first in the low octet.
    octets: u128,
    /// All bits of those octets.
    mask: u128,
    length: usize,
    obis: Obis,
}

impl Codes {
    /// The most octets of memory held: a `Vec` grows to up to twice what it needs.
    pub(crate) const MEMORY: usize = 2 * MOST * size_of::<KnownCode>();

    /// The code that a line begins with, and its length, where the line has that place among the registers.
    #[inline]
    pub(super) fn read(&mut self, place: usize, line: &[u8]) -> Option<(Obis, usize)> {
        if let (Some(known), Some(octets)) = (self.0.get(place), line.first_chunk())
            && u128::from_le_bytes(*octets) & known.mask == known.octets
        {
            return Some((known.obis, known.length));
        }
        self.learn(place, line)
    }

    pub(crate) fn held(&self) -> usize {
        self.0.capacity() * size_of::<KnownCode>()
    }

    fn learn(&mut self, place: usize, line: &[u8]) -> Option<(Obis, usize)> {
        let (obis, length) = Obis::at_start(line)?;
        // Up to the parenthesis, so that no longer code begins alike.
        if let (Some(b'('), Some(octets)) = (line.get(length), line.first_chunk())
            && let Some(unused) =
                u32::try_from(length).ok().and_then(|length| 120_u32.checked_sub(8 * length))
            && place < MOST
        {
            let mask = u128::MAX >> unused;
            let known = KnownCode { octets: u128::from_le_bytes(*octets) & mask, mask, length, obis };
            match self.0.get_mut(place) {
                Some(before) => *before = known,
                None => {
                    self.0.resize_with(place, || NO_CODE);
                    self.0.push(known);
                }
            }
        }
        Some((obis, length))
    }
}

/// Stands where a line has no code. No octets are equal to it.
const NO_CODE: KnownCode = KnownCode { octets: 1, mask: 0, length: 0, obis: Obis([0; 6]) };

/// More registers than any telegram met has: the codes of those behind are read each time.
const MOST: usize = 256;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_code_is_the_code() {
        let mut codes = Codes::default();
        let lines =
            ["1-0:1.8.0(000001*kWh)", "1-0:1.8.0*255(00001*kWh)", "1-0:1.8.01(00001*kWh)", "1-0:1.8.0(1)"];
        for _ in 0..2 {
            for line in lines {
                // All at one place, so that each meets the one before it, and at one behind a gap.
                for place in [7, 2] {
                    assert_eq!(codes.read(place, line.as_bytes()), Obis::at_start(line.as_bytes()), "{line}");
                }
            }
        }
        assert_eq!(codes.read(2, b"no code at all, but long enough"), None);
        assert_eq!(codes.read(3, b"none either, where none has been"), None);
    }

    #[test]
    fn holds_no_more_than_it_says() {
        let mut codes = Codes::default();
        (0..1000).for_each(|place| assert!(codes.read(place, b"1-0:1.8.0(000001*kWh)").is_some()));
        assert!((1..=Codes::MEMORY).contains(&codes.held()));
    }
}
