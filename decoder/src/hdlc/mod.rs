//! HDLC as DLMS meters use it on the customer port: they push frames of format type 3 with unnumbered information.
//!
//! ```text
//! 7E | A0 27 | 01 | 02 01 | 10 | 5A 87 | E6 E7 00 … | 51 6B | 7E
//!  │     │     │     │       │     │         │          │     closing flag; may open the next frame as well
//!  │     │     │     │       │     │         │          FCS: CRC-16/X-25 of the bytes between opening flag and FCS
//!  │     │     │     │       │     │         information; begins with the LLC header in the first segment
//!  │     │     │     │       │     HCS: the same CRC of the bytes between opening flag and HCS
//!  │     │     │     │       control
//!  │     │     │     source address, 1, 2 or 4 bytes: the last has its low bit set
//!  │     │     destination address, likewise
//!  │     1010 S LLL LLLL LLLL: type 3, S = more segments follow, L = bytes between the flags
//!  opening flag
//! ```
//!
//! ISO/IEC 13239, 4.9.3 (frame format type 3) and IEC 62056-46. The length delimits frames, so they may contain 7E and
//! 7D unescaped. The octet-stuffed form of ISO/IEC 13239, 4.3.2.2 is supported as well.
//!
//! The 16-bit CRC finds every error of one or two bits within a frame.

pub(crate) mod frame;
pub(crate) mod segment;
pub(crate) mod stuffing;
