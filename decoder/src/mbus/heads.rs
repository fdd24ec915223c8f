//! The head of an M-Bus record, DIB and VIB: which value it is, and what its data mean.
//!
//! [`Heads`] remembers the heads of the last answer. A meter sends the same records in the same order, and comparing a
//! head is five times as fast as parsing it.

use alloc::vec::Vec;

use super::answer::{Address, Header};
use super::vib::Vib;
use super::{EXTENDED, MOST_EXTENSIONS};
use crate::cursor::Cursor;
use crate::error::ParseError;
use crate::vif::{Function, MakersOwn, RecordHeader};

#[derive(Clone, Copy, Debug)]
pub(super) struct Head {
    /// Its `meaning` is not set yet, because it depends on the data too.
    pub(super) header: RecordHeader,
    pub(super) vib: Vib,
    /// Whether the value counts up from 0.
    pub(super) is_counted: bool,
}

impl Head {
    /// Parses a head after its DIF.
    fn read(dif: u8, cursor: &mut Cursor<'_>, maker: Option<&MakersOwn>) -> Result<Self, ParseError> {
        let mut header = dib(dif, cursor)?;
        let mut vib = Vib::read(cursor, maker)?;
        if let Some(maker) = maker {
            maker
                .places(&mut header, vib.meaning.means)
                .into_iter()
                .for_each(|effects| vib.apply_all(effects));
        }
        Ok(Self { header, vib, is_counted: vib.meaning.means.is_counted() })
    }
}

/// The heads of a meter's records, each at the place of its register.
#[derive(Debug, Default)]
pub(crate) struct Heads {
    meter: Option<Address>,
    /// The meanings that the standard leaves to the meter's maker.
    maker: Option<&'static MakersOwn>,
    /// Whether the previous answer came from this meter too. Heads are remembered only then: remembering costs time.
    repeats: bool,
    known: Vec<KnownHead>,
}

/// A head as it was sent.
#[derive(Debug)]
struct KnownHead {
    dif: u8,
    /// The bytes after the DIF, the first one in the low byte.
    bytes: u64,
    /// Masks all bits of those bytes.
    mask: u64,
    length: usize,
    head: Head,
}

impl Heads {
    /// The most bytes of memory held: a `Vec` grows to up to twice what it needs.
    pub(crate) const MEMORY: usize = 2 * MOST * size_of::<KnownHead>();

    /// Prepares for the records of an answer with this header.
    pub(crate) fn expect(&mut self, header: &Header) {
        self.repeats = self.meter == header.address;
        if !self.repeats {
            (self.meter, self.maker) = (header.address, header.makers_own());
            self.known.clear();
        }
    }

    pub(super) fn maker(&self) -> Option<&'static MakersOwn> {
        self.maker
    }

    /// Reads a head after its DIF. `place` is the index of the record's register.
    ///
    /// # Errors
    /// [`ParseError`] if the head ends too early, or has too many extensions.
    #[inline]
    pub(super) fn read(
        &mut self,
        place: usize,
        dif: u8,
        cursor: &mut Cursor<'_>,
    ) -> Result<Head, ParseError> {
        if let (Some(known), Some(bytes)) = (self.known.get(place), cursor.rest().first_chunk())
            && known.dif == dif
            && u64::from_le_bytes(*bytes) & known.mask == known.bytes
        {
            cursor.take(known.length);
            return Ok(known.head);
        }
        let behind = cursor.rest();
        let head = Head::read(dif, cursor, self.maker)?;
        if self.repeats {
            self.remember(place, dif, behind, behind.len() - cursor.rest().len(), head);
        }
        Ok(head)
    }

    /// Remembers a head, unless it is unusually long.
    #[inline(never)]
    fn remember(&mut self, place: usize, dif: u8, behind: &[u8], length: usize, head: Head) {
        let (Some(bytes), 1..=8) = (behind.first_chunk(), length) else { return };
        let mask = u64::MAX >> (64 - 8 * length);
        let known = KnownHead { dif, bytes: u64::from_le_bytes(*bytes) & mask, mask, length, head };
        let count = self.known.len();
        match self.known.get_mut(place) {
            Some(entry) => *entry = known,
            None if place == count && place < MOST => self.known.push(known),
            None => {}
        }
    }

    /// Bytes of memory held.
    pub(crate) fn held(&self) -> usize {
        self.known.capacity() * size_of::<KnownHead>()
    }
}

/// Reads the data information block: DIF and up to ten DIFEs (6.3.3). Each DIFE adds four bits of the storage number,
/// two of the tariff and one of the subunit.
pub(super) fn dib(dif: u8, cursor: &mut Cursor<'_>) -> Result<RecordHeader, ParseError> {
    let mut header = RecordHeader {
        function: match dif >> 4 & 3 {
            0 => Function::Instantaneous,
            1 => Function::Maximum,
            2 => Function::Minimum,
            _ => Function::Error,
        },
        storage: (dif >> 6 & 1).into(),
        ..RecordHeader::PLAIN
    };
    let mut more = dif & EXTENDED != 0;
    let mut count = 0;
    while more {
        if count == MOST_EXTENSIONS {
            return Err(ParseError::TooMany { limit: MOST_EXTENSIONS });
        }
        let dife = cursor.u8().ok_or(ParseError::Truncated)?;
        header.storage |= u64::from(dife & 0x0F) << (1 + 4 * count);
        header.tariff |= u32::from(dife >> 4 & 3) << (2 * count);
        header.subunit |= u16::from(dife >> 6 & 1) << count;
        more = dife & EXTENDED != 0;
        count += 1;
    }
    Ok(header)
}

/// More records than an answer holds: the shortest record has two bytes.
const MOST: usize = 128;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vif::Means;

    /// The header of an answer of the meter with this number.
    fn header(number: u8) -> Header {
        let address =
            Address { identification: [number, 0, 0, 0], maker: [0x24, 0x40], version: 1, device_type: 4 };
        Header { address: Some(address), ..Header::default() }
    }

    /// The heads of the records in the M-Bus documentation 4.8, 6.5, with `vif` as the VIF of the first record.
    fn told(heads: &mut Heads, vif: u8) -> [(Means, u64, u32, u16); 3] {
        let records = [
            &[0x03, vif, 0, 0, 0, 0, 0, 0, 0][..],
            &[0xDA, 0x02, 0x3B, 0, 0, 0, 0, 0, 0],
            &[0x8B, 0x60, 0x04, 0, 0, 0, 0, 0, 0],
        ];
        let mut places = 0..;
        records.map(|record| {
            let mut cursor = Cursor::new(record);
            let dif = cursor.u8().unwrap();
            let Head { header, vib, .. } = heads.read(places.next().unwrap(), dif, &mut cursor).unwrap();
            assert!(cursor.rest().iter().all(|byte| *byte == 0), "{:02X?}", cursor.rest());
            (vib.meaning.means, header.storage, header.tariff, header.subunit)
        })
    }

    #[test]
    fn heads_are_remembered_and_changes_noticed() {
        let volume = Means::Volume;
        let flow = Means::Quantity(crate::reading::Quantity::VolumeFlow);
        let wanted = |first| [(first, 0, 0, 0), (flow, 5, 0, 0), (Means::Energy, 0, 2, 1)];
        let mut heads = Heads::default();
        for (meter, vif, first) in [
            (1, 0x13, volume),
            (1, 0x13, volume),
            (1, 0x13, volume),
            (1, 0x03, Means::Energy),
            (1, 0x13, volume),
            (2, 0x13, volume),
        ] {
            heads.expect(&header(meter));
            assert_eq!(told(&mut heads, vif), wanted(first));
        }
        assert!(heads.known.is_empty());
        heads.expect(&header(2));
        told(&mut heads, 0x13);
        assert_eq!((heads.known.len(), heads.held() <= Heads::MEMORY), (3, true));
    }

    #[test]
    fn memory_is_bounded() {
        let mut heads = Heads::default();
        heads.expect(&Header::default());
        for place in 0..1000 {
            heads.read(place, 0x03, &mut Cursor::new(&[0x13; 12])).unwrap();
        }
        assert_eq!((heads.known.len(), heads.held() <= Heads::MEMORY), (MOST, true));
    }
}
