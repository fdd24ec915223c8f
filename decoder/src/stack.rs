//! [`Stack`]: the protocols on a line, one inside the other.

#[cfg(doc)]
use crate::line::Line;
use crate::question::{Address, Baud, LoadProfile, Question, Rail, SignOn};
use crate::reading::Protocol;

/// The protocols on a line, one inside the other.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum Stack {
    /// DSMR / P1 telegrams, at [`Line::P1`] or [`Line::P1_OLD`]. The meter sends them by itself.
    #[default]
    P1,
    /// DSMR / P1 telegrams in ciphered packets, as in Luxembourg and Austria, at [`Line::P1`].
    P1Encrypted,
    /// DLMS without a link layer, at 9600 8N1. EG.D's meters in Czechia send it by themselves.
    RawDlms,
    /// DLMS in wired M-Bus frames, at [`Line::HAN`]. Austria's Kaifa and Sagemcom meters send them by themselves.
    MbusDlms,
    /// DLMS in HDLC frames, as on the Nordic HAN port, at [`Line::HAN`]. The meter sends them by itself.
    HdlcDlms,
    /// SML files, as from the infrared port of German meters, at [`Line::INFRARED`]. Nearly all meters send them by
    /// themselves; a few wait for [`Question::Sml`].
    Sml,
    /// IEC 62056-21 readouts, at [`Line::MODE_D`] if the meter sends them by itself. Other meters answer
    /// [`Question::Iec62056`].
    Iec62056,
    /// Kamstrup's KMP, as at the optical port of its heat and water meters. They answer [`Question::Kmp`].
    Kmp,
    /// Wired M-Bus: heat, water, gas and electricity meters on a bus. They answer [`Question::Mbus`].
    Mbus,
    /// France's TIC, in either mode, at [`Line::TIC_STANDARD`] or [`Line::TIC_HISTORIC`]. The meter sends it by itself.
    Tic,
    /// Modbus of Portugal's EMI meters. They answer [`Question::Emi`].
    Emi,
    /// Modbus of meters on a DIN rail, read by [`Setup::profile`](crate::session::Setup::profile). They answer
    /// [`Question::Rail`].
    Modbus,
}

impl Stack {
    /// All stacks, the likeliest first.
    #[rustfmt::skip]
    pub const ALL: &'static [Self] = &[
        Self::P1,
        Self::P1Encrypted,
        Self::RawDlms,
        Self::MbusDlms,
        Self::HdlcDlms,
        Self::Mbus,
        Self::Sml,
        Self::Iec62056,
        Self::Kmp,
        Self::Tic,
        Self::Emi,
        Self::Modbus,
    ];

    /// Whether this stack's family of protocols is built in: the crate has a feature for each family.
    #[must_use]
    pub const fn is_built(self) -> bool {
        match self {
            Self::P1 | Self::P1Encrypted => cfg!(feature = "p1"),
            Self::RawDlms | Self::MbusDlms | Self::HdlcDlms => cfg!(feature = "dlms"),
            Self::Sml => cfg!(feature = "sml"),
            Self::Iec62056 => cfg!(feature = "iec62056"),
            Self::Kmp => cfg!(feature = "kmp"),
            Self::Mbus => cfg!(feature = "mbus"),
            Self::Tic => cfg!(feature = "tic"),
            Self::Emi | Self::Modbus => cfg!(feature = "modbus"),
        }
    }

    /// The protocol that readings of this stack state. For TIC, this is [`Protocol::TicStandard`], although readings in
    /// historic mode state [`Protocol::TicHistoric`].
    #[must_use]
    pub const fn protocol(self) -> Protocol {
        match self {
            Self::P1 => Protocol::P1,
            Self::P1Encrypted => Protocol::P1Encrypted,
            Self::RawDlms => Protocol::DlmsRaw,
            Self::MbusDlms => Protocol::DlmsMbus,
            Self::HdlcDlms => Protocol::DlmsHdlc,
            Self::Sml => Protocol::Sml,
            Self::Iec62056 => Protocol::Iec62056,
            Self::Kmp => Protocol::Kmp,
            Self::Mbus => Protocol::Mbus,
            Self::Tic => Protocol::TicStandard,
            Self::Emi => Protocol::ModbusEmi,
            Self::Modbus => Protocol::Modbus,
        }
    }

    /// Whether the grid operator may switch a meter to another speed while it is read, as Enedis does with Linky.
    #[must_use]
    pub const fn is_switched(self) -> bool {
        matches!(self, Self::Tic)
    }

    /// The question for the only meter on a line. No address is needed, but with Modbus, the meter must have address 1.
    /// `None` if meters of this stack only push.
    #[must_use]
    pub fn question(self) -> Option<Question> {
        match self {
            Self::Kmp => Some(Question::Kmp),
            Self::Sml => Some(Question::Sml),
            Self::Emi => Some(Question::Emi(LoadProfile::Fetch)),
            Self::Modbus => Some(Question::Rail(Rail::default())),
            Self::Iec62056 => Some(Question::Iec62056(SignOn::default())),
            Self::Mbus => Some(Question::Mbus(Address::ANY, Baud::default())),
            Self::P1 | Self::P1Encrypted | Self::RawDlms | Self::MbusDlms | Self::HdlcDlms | Self::Tic => {
                None
            }
        }
    }

    /// The stack whose readings state this protocol; `None` for [`Protocol::Table`].
    #[must_use]
    pub fn of_protocol(protocol: Protocol) -> Option<Self> {
        let stack = Self::ALL.iter().copied().find(|stack| stack.protocol() == protocol);
        stack.or((protocol == Protocol::TicHistoric).then_some(Self::Tic))
    }
}
