//! Wired M-Bus: the link layer that heat, water, gas and electricity meters share, and the application data on it.
//!
//! ```text
//! 68 | 1F | 1F | 68 | 08 | 01 | 72 | 45 23 01 00 … | 8E | 16
//!  │    │    │    │    │    │    │   │               │    stop
//!  │    │    │    │    │    │    │   │               sum of everything from control to here, modulo 256
//!  │    │    │    │    │    │    │   user bytes, as CI states
//!  │    │    │    │    │    │    CI: what the user bytes are
//!  │    │    │    │    │    address of the meter on its bus
//!  │    │    │    │    control: 08 a meter's answer
//!  │    │    │    start again
//!  │    length from control to the last user byte, twice
//!  start
//!
//! 10 | 5B | 01 | 5C | 16      short frame: the master asks
//! E5                          acknowledgement
//! ```
//!
//! For the layout of the user bytes, see `answer` (header), `record`, `heads` and `vib` (records), `fixed` (first
//! generation), `moment` (dates) and `turned` (mode 2).
//!
//! EN 13757-2, which takes frame format FT1.2 from IEC 60870-5-2. A frame without user bytes is called a control frame.
//!
//! The sum finds every error of one bit. It misses two bits of the same weight that flip in opposite directions, and
//! bytes that change places. A reading is `checked`, but less reliably than with a CRC.

pub(crate) mod answer;
pub(crate) mod fixed;
pub(crate) mod frame;
pub(crate) mod heads;
mod moment;
pub(crate) mod poll;
pub(crate) mod record;
pub(crate) mod search;
pub(crate) mod segment;
pub(crate) mod turned;
pub(crate) mod value;
pub(crate) mod vib;

/// The bit of a DIF or VIF that announces another byte of its block.
pub(crate) const EXTENDED: u8 = 0x80;
/// The maximum number of DIFEs in a record, and also of VIFEs.
pub(crate) const MOST_EXTENSIONS: usize = 10;
