//! Stage 2 of HDLC: segments → one payload without its LLC header.
//!
//! A payload longer than a frame is split; every frame but the last has the segmentation bit (IEC 62056-46, 6.4.2.2).
//! Pushed frames carry no sequence numbers. Bytes other than flags between two frames may have been a segment, so they
//! end the transfer, and the whole payload is dropped.

use alloc::vec::Vec;

use super::frame::{Addresses, Deframer, Frame};
use crate::error::{Flaw, FrameError};
use crate::join::Join;

#[derive(Debug, Default)]
pub(crate) struct Joiner {
    addresses: Addresses,
    payload: Vec<u8>,
    complete: bool,
}

impl Join for Joiner {
    type Deframer = Deframer;

    const MEMORY: usize = 2 * LONGEST_PAYLOAD;

    fn is_cut_by(&self, frame: &Frame<'_>) -> bool {
        self.is_unfinished() && (begins(frame) || !frame.follows || frame.addresses != self.addresses)
    }

    /// Takes the next frame. Returns a payload when it is complete, and `None` while segments are missing or if the
    /// frame has no information.
    ///
    /// # Errors
    /// [`Flaw::Llc`] for a payload without LLC header, and for a later segment without a transfer in progress;
    /// [`FrameError::TooLong`] above [`LONGEST_PAYLOAD`]. The transfer is dropped.
    fn join<'a, 'f: 'a>(&'a mut self, frame: Frame<'f>) -> Result<Option<&'a [u8]>, FrameError> {
        if !self.is_unfinished() {
            self.payload.clear();
            self.complete = false;
            if frame.information.is_empty() {
                return Ok(None);
            }
            let payload = without_llc(frame.information).ok_or(FrameError::Malformed(Flaw::Llc))?;
            if !frame.segmented {
                return Ok(Some(payload));
            }
        }
        if self.payload.len() + frame.information.len() > LONGEST_PAYLOAD {
            self.drop_transfer();
            return Err(FrameError::TooLong { limit: LONGEST_PAYLOAD });
        }
        self.addresses = frame.addresses;
        self.payload.extend_from_slice(frame.information);
        if frame.segmented {
            return Ok(None);
        }
        self.complete = true;
        Ok(without_llc(&self.payload))
    }

    fn drop_transfer(&mut self) {
        self.payload.clear();
    }

    fn is_unfinished(&self) -> bool {
        !self.payload.is_empty() && !self.complete
    }

    fn held(&self) -> usize {
        self.payload.capacity()
    }
}

/// The payload after destination LSAP, source LSAP and quality (IEC 62056-46, 5.3.2). Landis+Gyr's meters omit these
/// before every block of a general block transfer except the first.
fn without_llc(information: &[u8]) -> Option<&[u8]> {
    match information {
        [0xE6, 0xE6 | 0xE7, 0, payload @ ..] => Some(payload),
        [GENERAL_BLOCK_TRANSFER, ..] => Some(information),
        _ => None,
    }
}

fn begins(frame: &Frame<'_>) -> bool {
    matches!(frame.information, [0xE6, 0xE6 | 0xE7, 0, ..])
}

/// Repeated here so that HDLC does not depend on DLMS.
const GENERAL_BLOCK_TRANSFER: u8 = 0xE0;

/// The length of the longest payload joined, in bytes. The longest list seen in the field is shorter than 1 kB.
pub(crate) const LONGEST_PAYLOAD: usize = 8192;

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(segmented: bool, source: u8, information: &[u8]) -> Frame<'_> {
        Frame { segmented, follows: true, addresses: Addresses::of(&[0x41, source]), information }
    }

    #[test]
    fn joins_segments_and_drops_the_llc_header() {
        let mut joiner = Joiner::default();
        assert_eq!(joiner.join(frame(true, 3, &[0xE6, 0xE7, 0, 1])), Ok(None));
        assert_eq!(joiner.join(frame(true, 3, &[2])), Ok(None));
        assert_eq!(joiner.join(frame(false, 3, &[3])), Ok(Some(&[1, 2, 3][..])));
        assert_eq!(joiner.join(frame(false, 3, &[3])), Err(FrameError::Malformed(Flaw::Llc)));
        assert_eq!(joiner.join(frame(false, 3, &[])), Ok(None));
        assert_eq!(joiner.join(frame(false, 3, &[0xE0, 0x40])), Ok(Some(&[0xE0, 0x40][..])));
    }

    #[test]
    fn interleaved_transfers_never_mix() {
        let mut joiner = Joiner::default();
        assert_eq!(joiner.join(frame(true, 3, &[0xE6, 0xE7, 0, 1])), Ok(None));
        assert!(!joiner.is_cut_by(&frame(true, 3, &[2])));
        assert!(joiner.is_cut_by(&frame(true, 5, &[2])));
        assert!(joiner.is_cut_by(&Frame { follows: false, ..frame(true, 3, &[2]) }));
        let other = frame(true, 3, &[0xE6, 0xE7, 0, 9]);
        assert!(joiner.is_cut_by(&other));
        joiner.drop_transfer();
        assert_eq!(joiner.join(other), Ok(None));
        assert_eq!(joiner.join(frame(false, 3, &[8])), Ok(Some(&[9, 8][..])));
    }

    #[test]
    fn a_transfer_longer_than_the_limit_is_dropped() {
        let mut joiner = Joiner::default();
        assert_eq!(joiner.join(frame(true, 3, &[0xE6, 0xE7, 0])), Ok(None));
        let error = (0..9).find_map(|_| joiner.join(frame(true, 3, &[0; 1024])).err());
        assert_eq!(error, Some(FrameError::TooLong { limit: LONGEST_PAYLOAD }));
        assert!(!joiner.is_unfinished());
        assert!(joiner.held() <= Joiner::MEMORY);
    }
}
