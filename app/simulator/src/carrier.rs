//! Carriers of a DLMS payload other than a single HDLC frame: the [`blocks`] of a general block transfer, and
//! [`segments`] in wired M-Bus frames.

/// Splits the payload into blocks of at most `longest` bytes (IEC 62056-5-3, general-block-transfer). The blocks are
/// streamed without acknowledgement, and the last one is marked.
pub(crate) fn blocks(payload: &[u8], longest: usize) -> Vec<Vec<u8>> {
    let parts = payload.chunks(longest.clamp(1, 0x7F));
    let last = parts.len();
    let block = |(number, part): (usize, &[u8])| {
        let control = if number == last { 0xC0 } else { 0x40 };
        let [.., high, low] = number.to_be_bytes();
        let length = u8::try_from(part.len()).unwrap_or_default();
        [&[0xE0, control, high, low, 0, 0, length], part].concat()
    };
    (1..).zip(parts).map(block).collect()
}

/// Splits the payload into M-Bus broadcast frames (EN 13757-1, transport layer with CI 00 to 1F). They go from the
/// management logical device to the client for consumer information.
pub(crate) fn segments(payload: &[u8]) -> Vec<u8> {
    let parts = payload.chunks(LONGEST_SEGMENT);
    let last = parts.len().saturating_sub(1);
    let frame = |(number, part): (usize, &[u8])| {
        let ci = u8::try_from(number & 0x0F).unwrap_or_default() | if number == last { 0x10 } else { 0 };
        let body = [&[0x53, 0xFF, ci, 0x01, 0x67], part].concat();
        let length = u8::try_from(body.len()).unwrap_or_default();
        let sum = body.iter().fold(0, |sum: u8, byte| sum.wrapping_add(*byte));
        [&[0x68, length, length, 0x68], &body[..], &[sum, 0x16]].concat()
    };
    parts.enumerate().flat_map(frame).collect()
}

/// Removes the three bytes of LLC header from the payload. Only HDLC has them (IEC 62056-46).
pub(crate) fn without_llc(information: &[u8]) -> &[u8] {
    &information[3..]
}

/// The most bytes of payload in a segment. The frames of Austrian meters have a length field of at most FA.
const LONGEST_SEGMENT: usize = 0xFA - 5;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_count_from_one_and_only_the_last_is_marked_last() {
        let blocks = blocks(&[1, 2, 3, 4, 5], 2);
        assert_eq!(blocks[0], [0xE0, 0x40, 0, 1, 0, 0, 2, 1, 2]);
        assert_eq!(blocks[2], [0xE0, 0xC0, 0, 3, 0, 0, 1, 5]);
    }

    /// The first bytes of the frames are those printed in Netz Niederösterreich's specification.
    #[test]
    fn segments_count_from_zero_in_frames_of_published_length() {
        let bytes = segments(&[0xDB; 260]);
        assert_eq!(bytes[..10], [0x68, 0xFA, 0xFA, 0x68, 0x53, 0xFF, 0x00, 0x01, 0x67, 0xDB]);
        assert_eq!(bytes[256..265], [0x68, 0x14, 0x14, 0x68, 0x53, 0xFF, 0x11, 0x01, 0x67]);
    }
}
