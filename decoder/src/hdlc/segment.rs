//! Stage 2 of HDLC: segments → one payload without its LLC header.
//!
//! A payload longer than a frame is cut; every frame but the last has the segmentation bit (IEC 62056-46, 6.4.2.2).
//! Pushed frames carry no sequence numbers, so a transfer that loses a segment is given up as a whole.

use alloc::vec::Vec;

use super::frame::Frame;
use crate::error::{Flaw, FrameError};

/// Joins segments.
#[derive(Debug, Default)]
pub(crate) struct Joiner {
    addresses: Vec<u8>,
    payload: Vec<u8>,
}

impl Joiner {
    /// Whether this frame cuts an unfinished transfer short: then [`Joiner::drop_transfer`] comes first.
    pub(crate) fn is_cut_by(&self, frame: &Frame) -> bool {
        !self.payload.is_empty() && (begins(frame) || frame.addresses != self.addresses)
    }

    /// Takes the next frame: a payload when it is complete, `None` while segments are missing.
    ///
    /// # Errors
    /// [`Flaw::Llc`] for a payload without LLC header, or a segment that continues nothing; [`FrameError::TooLong`]
    /// above [`LONGEST_PAYLOAD`]. The transfer is dropped.
    pub(crate) fn join(&mut self, frame: Frame) -> Option<Result<Vec<u8>, FrameError>> {
        if self.payload.is_empty() && !begins(&frame) {
            return (!frame.information.is_empty()).then_some(Err(FrameError::Malformed(Flaw::Llc)));
        }
        if self.payload.len() + frame.information.len() > LONGEST_PAYLOAD {
            self.drop_transfer();
            return Some(Err(FrameError::TooLong { limit: LONGEST_PAYLOAD }));
        }
        self.addresses = frame.addresses;
        self.payload.extend_from_slice(&frame.information);
        if frame.segmented {
            return None;
        }
        let mut payload = core::mem::take(&mut self.payload);
        payload.drain(..LLC_RESPONSE.len());
        Some(Ok(payload))
    }

    /// Gives an unfinished transfer up; answers whether there was one.
    pub(crate) fn drop_transfer(&mut self) -> bool {
        let unfinished = !self.payload.is_empty();
        self.payload = Vec::new();
        unfinished
    }

    pub(crate) fn held(&self) -> usize {
        self.payload.capacity() + self.addresses.capacity()
    }
}

fn begins(frame: &Frame) -> bool {
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
    use alloc::vec;

    fn frame(segmented: bool, source: u8, information: &[u8]) -> Frame {
        Frame { segmented, addresses: vec![0x41, source], information: information.to_vec() }
    }

    #[test]
    fn joins_segments_and_drops_the_llc_header() {
        let mut joiner = Joiner::default();
        assert_eq!(joiner.join(frame(true, 3, &[0xE6, 0xE7, 0, 1])), None);
        assert_eq!(joiner.join(frame(true, 3, &[2])), None);
        assert_eq!(joiner.join(frame(false, 3, &[3])), Some(Ok(vec![1, 2, 3])));
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
        assert_eq!(joiner.join(frame(false, 3, &[8])), Some(Ok(vec![9, 8])));
    }

    #[test]
    fn a_transfer_has_a_longest_length() {
        let mut joiner = Joiner::default();
        assert_eq!(joiner.join(frame(true, 3, &[0xE6, 0xE7, 0])), None);
        let error = (0..9).find_map(|_| joiner.join(frame(true, 3, &[0; 1024])));
        assert_eq!(error, Some(Err(FrameError::TooLong { limit: LONGEST_PAYLOAD })));
        assert_eq!(joiner.held(), 2);
    }
}
