//! The bytes at the start of a ciphered service (IEC 62056-5-3, 8.2 and 8.5; DLMS Green Book 9.2.7).

/// General-glo-ciphering: with a system title, under the key for all services of a meter.
pub(crate) const GENERAL_GLO: u8 = 0xDB;
/// General-ded-ciphering: the same, under the key of one association.
pub(crate) const GENERAL_DED: u8 = 0xDC;
/// Glo-event-notification, without a system title.
pub(crate) const GLO_EVENT_NOTIFICATION: u8 = 0xCA;
/// Ded-event-notification, also without a system title.
pub(crate) const DED_EVENT_NOTIFICATION: u8 = 0xD2;

/// Length of a system title in bytes.
pub(crate) const TITLE: usize = 8;

// Bits of the security control byte.
pub(crate) const AUTHENTICATED: u8 = 0x10;
pub(crate) const ENCRYPTED: u8 = 0x20;
pub(crate) const COMPRESSED: u8 = 0x80;
/// The number of the suite. Bit 6 selects the broadcast key or the unicast key; the decoder tries the given key in
/// either case.
pub(crate) const SUITE: u8 = 0x0F;
/// Length of the tag in bytes, in suites 0 and 1.
pub(crate) const TAG: usize = 12;
