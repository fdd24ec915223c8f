//! The tags of A-XDR types (IEC 61334-6, IEC 62056-6-2, 4.1.5).

pub(crate) const ARRAY: u8 = 0x01;
pub(crate) const STRUCTURE: u8 = 0x02;
pub(super) const DOUBLE_LONG: u8 = 0x05;
pub(super) const DOUBLE_LONG_UNSIGNED: u8 = 0x06;
pub(crate) const OCTET_STRING: u8 = 0x09;
pub(super) const INTEGER: u8 = 0x0F;
pub(super) const LONG: u8 = 0x10;
pub(super) const LONG_UNSIGNED: u8 = 0x12;
pub(super) const COMPACT_ARRAY: u8 = 0x13;
pub(super) const ENUM: u8 = 0x16;
