//! Stage 2 of HDLC: segments → one payload without its LLC header.
//!
//! A payload longer than a frame is cut; every frame but the last has the segmentation bit (IEC 62056-46, 6.4.2.2).
//! Pushed frames carry no sequence numbers, so a transfer that loses a segment is given up as a whole.

use alloc::vec::Vec;

use super::frame::{Addresses, Frame};
use crate::error::{Flaw, FrameError};

/// Joins segments.
#[derive(Debug, Default)]
pub(crate) struct Joiner {
    addresses: Addresses,
    payload: Vec<u8>,
    complete: bool,
}

impl Joiner {
    /// Whether this frame cuts an unfinished transfer short: then [`Joiner::drop_transfer`] comes first.
    pub(crate) fn is_cut_by(&self, frame: &Frame<'_>) -> bool {
        self.is_unfinished() && (begins(frame) || frame.addresses != self.addresses)
    }

    /// Takes the next frame: a payload when it is complete, `None` while segments are missing.
    ///
    /// # Errors
    /// [`Flaw::Llc`] for a payload without LLC header, or a segment that continues nothing; [`FrameError::TooLong`]
    /// above [`LONGEST_PAYLOAD`]. The transfer is dropped.
    pub(crate) fn join<'a>(&'a mut self, frame: Frame<'a>) -> Option<Result<&'a [u8], FrameError>> {
        if !self.is_unfinished() {
            self.payload.clear();
            self.complete = false;
            if !begins(&frame) {
                return (!frame.information.is_empty()).then_some(Err(FrameError::Malformed(Flaw::Llc)));
            }
            if !frame.segmented {
                return Some(Ok(without_llc(frame.information)));
            }
        }
        if self.payload.len() + frame.information.len() > LONGEST_PAYLOAD {
            self.drop_transfer();
            return Some(Err(FrameError::TooLong { limit: LONGEST_PAYLOAD }));
        }
        self.addresses = frame.addresses;
        self.payload.extend_from_slice(frame.information);
        if frame.segmented {
            return None;
        }
        self.complete = true;
        Some(Ok(without_llc(&self.payload)))
    }

    /// Gives an unfinished transfer up; answers whether there was one.
    pub(crate) fn drop_transfer(&mut self) -> bool {
        let unfinished = self.is_unfinished();
        self.payload.clear();
        unfinished
    }

    pub(crate) fn held(&self) -> usize {
        self.payload.capacity()
    }

    fn is_unfinished(&self) -> bool {
        !self.payload.is_empty() && !self.complete
    }
}

fn without_llc(payload: &[u8]) -> &[u8] {
    payload.get(LLC_RESPONSE.len()..).unwrap_or_default()
}

fn begins(frame: &Frame<'_>) -> bool {
    frame.information.starts_with(&LLC_RESPONSE) || frame.information.starts_with(&LLC_COMMAND)
}

/// IEC 62056-46, 5.3.2: destination and source LSAP, quality.
const LLC_RESPONSE: [u8; 3] = [0xE6, 0xE7, 0x00];
const LLC_COMMAND: [u8; 3] = [0xE6, 0xE6, 0x00];

/// The longest payload joined. The longest list met in the field has under 1 kB.
pub(crate) const LONGEST_PAYLOAD: usize = 8192;

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(segmented: bool, source: u8, information: &[u8]) -> Frame<'_> {
        Frame { segmented, addresses: Addresses::of(&[0x41, source]), information }
    }

    #[test]
    fn joins_segments_and_drops_the_llc_header() {
        let mut joiner = Joiner::default();
        assert_eq!(joiner.join(frame(true, 3, &[0xE6, 0xE7, 0, 1])), None);
        assert_eq!(joiner.join(frame(true, 3, &[2])), None);
        assert_eq!(joiner.join(frame(false, 3, &[3])), Some(Ok(&[1, 2, 3][..])));
        assert_eq!(joiner.join(frame(false, 3, &[3])), Some(Err(FrameError::Malformed(Flaw::Llc))));
    }

    #[test]
    fn interleaved_transfers_never_mix() {
        let mut joiner = Joiner::default();
        assert_eq!(joiner.join(frame(true, 3, &[0xE6, 0xE7, 0, 1])), None);
        assert!(!joiner.is_cut_by(&frame(true, 3, &[2])));
        assert!(joiner.is_cut_by(&frame(true, 5, &[2])));
        let other = frame(true, 3, &[0xE6, 0xE7, 0, 9]);
        assert!(joiner.is_cut_by(&other));
        assert!(joiner.drop_transfer());
        assert_eq!(joiner.join(other), None);
        assert_eq!(joiner.join(frame(false, 3, &[8])), Some(Ok(&[9, 8][..])));
    }

    #[test]
    fn a_transfer_has_a_longest_length() {
        let mut joiner = Joiner::default();
        assert_eq!(joiner.join(frame(true, 3, &[0xE6, 0xE7, 0])), None);
        let error =
            (0..9).find_map(|_| joiner.join(frame(true, 3, &[0; 1024])).map(|joined| joined.is_err()));
        assert_eq!(error, Some(true));
        assert!(!joiner.drop_transfer());
        assert!(joiner.held() <= 2 * LONGEST_PAYLOAD);
    }
}
