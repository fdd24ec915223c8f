//! [`frames`]: writes HDLC frames of type 3 (ISO/IEC 13239; IEC 62056-46, 6.4).
//!
//! ```text
//! 7E │ A0 27 │ 01 │ 02 01 │ 10 │ 5A 87 │ information │ FCS │ 7E
//!    │ format│dest│source │ctrl│  HCS  │
//! ```
//! The format field holds the type (1010), the segmentation bit and the number of bytes between the flags. Because
//! frames carry their length, they need no stuffing: a 7E inside a frame stays as it is.

use metertap_decoder::crc::crc16_x25;

/// The header fields that all frames of a meter share.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Header {
    /// One, two or four bytes. The last one is odd.
    pub(crate) destination: &'static [u8],
    /// As for the destination.
    pub(crate) source: &'static [u8],
    /// The control field: 0x13 for UI with the final bit.
    pub(crate) control: u8,
}

/// The most bytes of information in one frame with the longest addresses.
pub(crate) const LONGEST_INFORMATION: usize = 0x7FF - 2 - 8 - 1 - 2 - 2;

/// One frame, or several if a frame may hold only `longest` bytes of information. All but the last announce that more
/// follows.
pub(crate) fn frames(header: &Header, information: &[u8], longest: usize) -> Vec<u8> {
    let longest = longest.clamp(1, LONGEST_INFORMATION);
    let last = information.len().div_ceil(longest).saturating_sub(1);
    let segments = information.chunks(longest).enumerate();
    segments.flat_map(|(place, segment)| frame(header, segment, place < last)).collect()
}

fn frame(header: &Header, information: &[u8], more: bool) -> Vec<u8> {
    let addresses = header.destination.len() + header.source.len();
    let length = u16::try_from(2 + addresses + 1 + 2 + information.len() + 2).unwrap_or_default();
    let format = FORMAT_TYPE_3 | if more { SEGMENTED } else { 0 } | length;
    let mut bytes = format.to_be_bytes().to_vec();
    bytes.extend(header.destination);
    bytes.extend(header.source);
    bytes.push(header.control);
    bytes.extend(crc16_x25(&bytes).to_le_bytes());
    bytes.extend(information);
    bytes.extend(crc16_x25(&bytes).to_le_bytes());
    bytes.insert(0, FLAG);
    bytes.push(FLAG);
    bytes
}

const FLAG: u8 = 0x7E;
const FORMAT_TYPE_3: u16 = 0xA000;
const SEGMENTED: u16 = 0x0800;

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: Header = Header { destination: &[0x01], source: &[0x02, 0x01], control: 0x10 };

    /// A thesis prints this header of a Kaifa meter (NTNU 2018).
    #[test]
    fn writes_the_header_of_a_real_meter() {
        let bytes = frames(&HEADER, &[0; 29], LONGEST_INFORMATION);
        assert_eq!(bytes[..9], [0x7E, 0xA0, 0x27, 0x01, 0x02, 0x01, 0x10, 0x5A, 0x87]);
        assert_eq!(bytes.len(), 0x27 + 2);
    }

    /// X.25 over a frame with its own check leaves 0x0F47 (ISO/IEC 13239: the residue, inverted).
    #[test]
    fn every_segment_has_a_valid_checksum_and_only_the_last_is_marked_last() {
        let information: Vec<u8> = (0..100).collect();
        let mut rest = &frames(&HEADER, &information, 40)[..];
        let (mut heard, mut more) = (Vec::new(), Vec::new());
        while let [0x7E, high, low, ..] = rest {
            let length = usize::from(u16::from_be_bytes([*high, *low]) & 0x7FF);
            let frame = &rest[1..=length];
            assert_eq!((crc16_x25(&frame[..8]), crc16_x25(frame)), (0x0F47, 0x0F47));
            assert_eq!(rest[length + 1], 0x7E);
            more.push(high & 0x08 != 0);
            heard.extend_from_slice(&frame[8..length - 2]);
            rest = &rest[length + 2..];
        }
        assert_eq!(more, [true, true, false]);
        assert_eq!(heard, information);
    }
}
