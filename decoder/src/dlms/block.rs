//! Stage 2 of DLMS: blocks of a general block transfer → the payload that was split into them.
//!
//! ```text
//! E0 | 40 | 00 01 | 00 00 | 77 | DB 08 4C …
//!  │    │     │       │      │    the block's part of the payload
//!  │    │     │       │      its length
//!  │    │     │       the number that is acknowledged: none in a push
//!  │    │     the block's number, from 1
//!  │    bit 7 the last block, bit 6 streaming, bits 0 to 5 the window
//!  general-block-transfer (IEC 62056-5-3, 8.6)
//! ```
//!
//! Nothing in a push is repeated on request, so a transfer with a lost or repeated block is abandoned. Blocks of two
//! transfers from the same address are mixed if the first transfer ends early, and the second lacks exactly the blocks
//! that the first delivered. Only an authentication tag over the payload reveals the mixture.

use alloc::vec::Vec;
use core::ops::Range;

use crate::cursor::Cursor;
use crate::dlms::axdr;
use crate::error::{Flaw, FrameError};

#[derive(Debug, Default)]
pub(crate) struct Joiner {
    payload: Vec<u8>,
    /// The number of the next block; 0 while no transfer is in progress.
    next: u16,
}

impl Joiner {
    /// The maximum memory held, in bytes.
    pub(crate) const MEMORY: usize = 2 * LONGEST_PAYLOAD;

    /// Whether this payload cuts an unfinished transfer short. If so, call [`Joiner::drop_transfer`] before
    /// [`Joiner::join`].
    pub(crate) fn is_cut_by(&self, payload: &[u8]) -> bool {
        self.is_unfinished()
            && !matches!(payload, [TAG, _, high, low, ..] if [*high, *low] != FIRST.to_be_bytes())
    }

    /// Takes the next block. Returns the payload when it is complete, `None` while blocks are missing.
    ///
    /// # Errors
    /// [`Flaw::OutOfSequence`] for a block that is not the next one, [`FrameError::Truncated`] for an incomplete block,
    /// [`FrameError::TooLong`] above [`LONGEST_PAYLOAD`]. Each error drops the transfer.
    pub(crate) fn join(&mut self, block: &[u8]) -> Result<Option<&[u8]>, FrameError> {
        let joined = self.add(block);
        if joined != Ok(false) {
            self.next = 0;
        }
        joined.map(|is_complete| is_complete.then_some(&*self.payload))
    }

    /// Abandons an unfinished transfer.
    pub(crate) fn drop_transfer(&mut self) {
        self.next = 0;
    }

    pub(crate) fn is_unfinished(&self) -> bool {
        self.next != 0
    }

    pub(crate) fn held(&self) -> usize {
        self.payload.capacity()
    }

    /// Appends a block; returns whether the payload is now complete.
    fn add(&mut self, bytes: &[u8]) -> Result<bool, FrameError> {
        let block = Block::of(bytes).ok_or(FrameError::Truncated)?;
        if block.number != self.next.max(FIRST) {
            return Err(FrameError::Malformed(Flaw::OutOfSequence));
        }
        if block.number == FIRST {
            self.payload.clear();
        }
        if self.payload.len() + block.part.len() > LONGEST_PAYLOAD {
            return Err(FrameError::TooLong { limit: LONGEST_PAYLOAD });
        }
        self.payload.extend_from_slice(block.part);
        self.next = block.number.checked_add(1).ok_or(FrameError::TooLong { limit: LONGEST_PAYLOAD })?;
        Ok(block.is_last)
    }
}

pub(crate) fn is_block(payload: &[u8]) -> bool {
    payload.first() == Some(&TAG)
}

/// The length of a block in bytes, from its header. `None` if the header is incomplete, or states an invalid length.
pub(crate) fn length(bytes: &[u8]) -> Option<usize> {
    let mut header = Cursor::new(bytes);
    header.take(HEADER)?;
    let length = axdr::length(&mut header)?;
    Some(header.position() + length)
}

/// Whether a block is the last, and the position of its part of the payload; `None` for an incomplete block.
pub(crate) fn part(bytes: &[u8]) -> Option<(bool, Range<usize>)> {
    let block = Block::of(bytes)?;
    let end = length(bytes)?;
    Some((block.is_last, end - block.part.len()..end))
}

struct Block<'a> {
    is_last: bool,
    number: u16,
    part: &'a [u8],
}

impl<'a> Block<'a> {
    fn of(bytes: &'a [u8]) -> Option<Self> {
        let &[TAG, control, high, low, _, _, ..] = bytes else { return None };
        let part = bytes.get(..length(bytes)?)?;
        let part_length = axdr::length(&mut Cursor::new(part.get(HEADER..)?))?;
        let part = part.get(part.len() - part_length..)?;
        Some(Self { is_last: control & LAST != 0, number: u16::from_be_bytes([high, low]), part })
    }
}

pub(crate) const TAG: u8 = 0xE0;
/// Block control: this is the last block.
const LAST: u8 = 0x80;
/// Tag, block control, number and acknowledged number.
const HEADER: usize = 6;
const FIRST: u16 = 1;

/// The length of the longest payload joined, in bytes. The longest list seen in the field is shorter than 1 kB.
pub(crate) const LONGEST_PAYLOAD: usize = 8192;

#[cfg(test)]
mod tests {
    use super::*;

    fn block(number: u16, is_last: bool, part: &[u8]) -> Vec<u8> {
        let [high, low] = number.to_be_bytes();
        let control = if is_last { 0xC0 } else { 0x40 };
        [&[TAG, control, high, low, 0, 0, u8::try_from(part.len()).unwrap()][..], part].concat()
    }

    const LOST: Result<Option<&[u8]>, FrameError> = Err(FrameError::Malformed(Flaw::OutOfSequence));

    #[test]
    fn joins_blocks_in_their_order() {
        let mut joiner = Joiner::default();
        assert_eq!(joiner.join(&block(1, false, &[1, 2])), Ok(None));
        assert!(joiner.is_unfinished());
        assert_eq!(joiner.join(&block(2, false, &[3])), Ok(None));
        assert_eq!(joiner.join(&block(3, true, &[4])), Ok(Some(&[1, 2, 3, 4][..])));
        assert!(!joiner.is_unfinished());
        assert_eq!(joiner.join(&block(1, true, &[5])), Ok(Some(&[5][..])));
    }

    #[test]
    fn a_lost_repeated_or_early_block_ends_the_transfer() {
        for wrong in [1, 2, 4, 0, u16::MAX] {
            let mut joiner = Joiner::default();
            assert_eq!(joiner.join(&block(1, false, &[1])), Ok(None));
            assert_eq!(joiner.join(&block(2, false, &[2])), Ok(None));
            assert_eq!(joiner.join(&block(wrong, false, &[2])), LOST);
            assert_eq!(joiner.join(&block(3, true, &[3])), LOST, "{wrong}");
            assert_eq!(joiner.join(&block(1, true, &[7])), Ok(Some(&[7][..])));
        }
    }

    #[test]
    fn a_first_block_or_another_payload_cuts_a_transfer_short() {
        let mut joiner = Joiner::default();
        assert!(!joiner.is_cut_by(&block(1, false, &[1])));
        assert_eq!(joiner.join(&block(1, false, &[1])), Ok(None));
        assert!(joiner.is_cut_by(&block(1, false, &[9])) && joiner.is_cut_by(&[0x0F, 0]));
        assert!(!joiner.is_cut_by(&block(2, false, &[2])));
        joiner.drop_transfer();
        assert_eq!(joiner.join(&block(1, false, &[9])), Ok(None));
        assert_eq!(joiner.join(&block(2, true, &[8])), Ok(Some(&[9, 8][..])));
    }

    #[test]
    fn a_block_is_as_long_as_it_states() {
        let mut whole = block(1, true, &[1, 2, 3]);
        assert_eq!(length(&whole), Some(10));
        for cut in 0..whole.len() {
            assert_eq!(Joiner::default().join(&whole[..cut]), Err(FrameError::Truncated));
        }
        whole.push(0x55);
        assert_eq!(Joiner::default().join(&whole), Ok(Some(&[1, 2, 3][..])));
    }

    #[test]
    fn a_transfer_longer_than_the_limit_is_dropped() {
        let mut joiner = Joiner::default();
        let error = (1..200).find_map(|number| joiner.join(&block(number, false, &[0; 100])).err());
        assert_eq!(error, Some(FrameError::TooLong { limit: LONGEST_PAYLOAD }));
        assert!(!joiner.is_unfinished() && joiner.held() <= Joiner::MEMORY);
    }
}
