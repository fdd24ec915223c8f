//! Which protocol carries which: the one table of compositions.

use crate::reading::Protocol;

/// The protocols on a line, one inside the other.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Stack {
    /// DSMR / P1 telegrams.
    #[default]
    P1,
    /// DLMS in HDLC frames, as on the Nordic HAN port.
    HdlcDlms,
}

impl Stack {
    /// All of them, the likeliest first.
    pub const ALL: &'static [Self] = &[Self::P1, Self::HdlcDlms];

    /// The name that its readings carry.
    #[must_use]
    pub const fn protocol(self) -> Protocol {
        match self {
            Self::P1 => Protocol::P1,
            Self::HdlcDlms => Protocol::DlmsHdlc,
        }
    }
}
