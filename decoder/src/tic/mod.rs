//! TIC, télé-information client: the customer port of French electricity meters, as printed text.
//!
//! ```text
//! STX                                   begins a frame
//! LF ADCO SP 031961395702 SP E CR       a group: label, data, one checksum character
//! LF SMAXSN HT E190501080000 HT 02000 HT … CR    in standard mode, with a time stamp
//! …
//! ETX                                   ends it; EOT aborts it
//! ```
//!
//! Enedis-NOI-CPT_54E v3 (2018) for Linky, Enedis-NOI-CPT_02E v6 (2017) for the meters before it. The line has seven
//! data bits and even parity. Fields are separated by a blank in historic mode and by a tab in standard mode.
//!
//! The checksum is a sum of six bits. It misses a flip of bit 6, two flips that cancel, and exchanged characters. So
//! the line is opened with eight bits and no parity, and this module checks the parity of each character. The data must
//! have the width and the characters that their label prescribes. A damaged group does not affect the rest of the
//! frame.

pub mod calendar;
pub(crate) mod character;
pub(crate) mod frame;
pub(crate) mod group;
pub(crate) mod moment;
pub mod status;
pub mod steps;
pub(crate) mod telegram;
