//! Stage 2 of M-Bus that carries DLMS: segments → one payload.
//!
//! ```text
//! 68 FA FA 68 | 53 FF | 00 | 01 | 67 | DB 08 4B 46 4D … | sum 16      the first of two segments
//! 68 72 72 68 | 53 FF | 11 | 01 | 67 | …                | sum 16      the last
//!                  │     │    │    │
//!                  │     │    │    DTSAP: 67, the consumer's information
//!                  │     │    STSAP: 01, the management logical device
//!                  │     CI: bit 4 the last segment, bits 0 to 3 the number, from 0
//!                  address FF: to all
//! ```
//!
//! EN 13757-1, transport layer with CI 00 to 1F. A push is not repeated, so a transfer that loses a segment is
//! abandoned as a whole.

use alloc::vec::Vec;

use super::frame::{Deframer, Frame};
use crate::error::{Flaw, FrameError};
use crate::join::Join;

#[derive(Debug, Default)]
pub(crate) struct Joiner {
    payload: Vec<u8>,
    /// The endpoints of the transfer: address and both access points.
    between: [u8; 3],
    /// The number of the next segment; `None` while no transfer is in progress.
    next: Option<u8>,
}

/// Whether a frame carries a segment; other frames belong to M-Bus's own protocol.
pub(crate) fn is_segment(frame: &Frame<'_>) -> bool {
    frame.ci & !(LAST | NUMBER) == 0 && frame.user.len() > ACCESS_POINTS
}

impl Join for Joiner {
    type Deframer = Deframer;

    const MEMORY: usize = 2 * LONGEST_PAYLOAD;

    fn is_cut_by(&self, frame: &Frame<'_>) -> bool {
        self.is_unfinished() && (frame.ci & NUMBER == 0 || ends(frame) != Some(self.between))
    }

    /// Takes the next segment. Returns a payload when it is complete, and `None` while segments are missing.
    ///
    /// # Errors
    /// [`Flaw::OutOfSequence`] for a segment that is not the next one, [`FrameError::TooLong`] above
    /// [`LONGEST_PAYLOAD`]. The transfer is dropped.
    fn join<'a, 'f: 'a>(&'a mut self, frame: Frame<'f>) -> Result<Option<&'a [u8]>, FrameError> {
        let expected = self.next.take().unwrap_or(0);
        let part = frame.user.get(ACCESS_POINTS..).unwrap_or_default();
        let (number, is_last) = (frame.ci & NUMBER, frame.ci & LAST != 0);
        if number != expected {
            return Err(FrameError::Malformed(Flaw::OutOfSequence));
        }
        if number == 0 && is_last {
            return Ok(Some(part));
        }
        if number == 0 {
            self.payload.clear();
            self.between = ends(&frame).unwrap_or_default();
        }
        if self.payload.len() + part.len() > LONGEST_PAYLOAD {
            return Err(FrameError::TooLong { limit: LONGEST_PAYLOAD });
        }
        self.payload.extend_from_slice(part);
        if is_last {
            return Ok(Some(&self.payload));
        }
        // The number has four bits, so no segment can follow the sixteenth.
        self.next = Some(number + 1);
        Ok(None)
    }

    fn drop_transfer(&mut self) {
        self.next = None;
    }

    fn is_unfinished(&self) -> bool {
        self.next.is_some()
    }

    fn held(&self) -> usize {
        self.payload.capacity()
    }
}

fn ends(frame: &Frame<'_>) -> Option<[u8; 3]> {
    let [from, to] = *frame.user.first_chunk::<ACCESS_POINTS>()?;
    Some([frame.address, from, to])
}

/// CI field: this is the last segment.
pub(crate) const LAST: u8 = 0x10;
/// CI field: the segment's number.
pub(crate) const NUMBER: u8 = 0x0F;
/// Length of STSAP and DTSAP in bytes.
const ACCESS_POINTS: usize = 2;

/// The length of the longest payload joined, in bytes: sixteen segments of one frame each.
pub(crate) const LONGEST_PAYLOAD: usize = 16 * 250;

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    fn frame(ci: u8, user: &[u8]) -> Frame<'_> {
        Frame { control: 0x53, address: 0xFF, ci, user }
    }

    const LOST: Result<Option<&[u8]>, FrameError> = Err(FrameError::Malformed(Flaw::OutOfSequence));

    #[test]
    fn joins_segments_in_their_order() {
        let mut joiner = Joiner::default();
        assert_eq!(joiner.join(frame(0x00, &[1, 0x67, 7])), Ok(None));
        assert_eq!(joiner.join(frame(0x01, &[1, 0x67, 8])), Ok(None));
        assert!(joiner.is_unfinished());
        assert_eq!(joiner.join(frame(0x12, &[1, 0x67, 9])), Ok(Some(&[7, 8, 9][..])));
        assert_eq!(joiner.join(frame(0x10, &[1, 0x67, 5])), Ok(Some(&[5][..])));
        assert!(!joiner.is_unfinished());
    }

    #[test]
    fn a_lost_or_repeated_segment_ends_the_transfer() {
        for wrong in [0x11, 0x13, 0x01] {
            let mut joiner = Joiner::default();
            assert_eq!(joiner.join(frame(0x00, &[1, 0x67, 7])), Ok(None));
            assert_eq!(joiner.join(frame(0x01, &[1, 0x67, 8])), Ok(None));
            assert_eq!(joiner.join(frame(wrong, &[1, 0x67, 8])), LOST);
            assert_eq!(joiner.join(frame(0x12, &[1, 0x67, 9])), LOST);
        }
    }

    #[test]
    fn a_segment_of_another_transfer_cuts_an_unfinished_one_short() {
        let mut joiner = Joiner::default();
        assert_eq!(joiner.join(frame(0x00, &[1, 0x67, 7])), Ok(None));
        assert!(joiner.is_cut_by(&frame(0x00, &[1, 0x67, 7])));
        assert!(joiner.is_cut_by(&frame(0x11, &[2, 0x67, 7])));
        assert!(!joiner.is_cut_by(&frame(0x11, &[1, 0x67, 7])));
        joiner.drop_transfer();
        assert!(!joiner.is_unfinished());
    }

    #[test]
    fn ordinary_m_bus_frames_are_not_segments() {
        for ci in [0x72, 0x76, 0x7A, 0x51, 0x20] {
            assert!(!is_segment(&frame(ci, &[1, 0x67, 7])));
        }
        assert!(is_segment(&frame(0x1F, &[1, 0x67, 7])) && !is_segment(&frame(0x10, &[1, 0x67])));
    }

    #[test]
    fn sixteen_full_segments_are_joined_within_the_memory_limit() {
        let user = vec![0; 252];
        let mut joiner = Joiner::default();
        for number in 0..0x0F {
            assert_eq!(joiner.join(frame(number, &user)), Ok(None));
        }
        assert_eq!(
            joiner.join(frame(0x1F, &user)).map(|joined| joined.map(<[u8]>::len)),
            Ok(Some(LONGEST_PAYLOAD))
        );
        assert!(joiner.held() <= Joiner::MEMORY);
    }
}
