//! The kinds of ports through which meters are read, as data.

use metertap_decoder::line::Line;
use metertap_decoder::question::Search;
use metertap_decoder::reading::Protocol;
use metertap_readings::store::LineSettings;

use crate::texts::ports;

/// A kind of port, with what the user should know before picking one.
#[derive(Clone, Copy, Debug)]
pub struct PortKind {
    /// A stable word for it.
    pub name: &'static str,
    /// Its title.
    pub title: fn() -> &'static str,
    /// Which users have one.
    pub whose: fn() -> &'static str,
    /// The adapter that plugs in.
    pub adapter: fn() -> &'static str,
    /// The settings of the line. `None` lets detection find them.
    pub setting: Option<Setting>,
    /// How to search the bus for several meters; `None` for a single meter.
    pub search: Option<Search>,
}

/// The settings of a line.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Setting {
    /// Baud rate, data bits, parity and stop bits.
    pub line: Line,
    /// The protocol.
    pub protocol: Protocol,
    /// Whether the meter must be polled.
    pub asked: bool,
}

impl PortKind {
    /// The settings for reading a meter at such a port; the default leaves all of them to detection.
    #[must_use]
    pub fn spoken(&self) -> LineSettings {
        self.setting.map_or_else(LineSettings::default, |Setting { line, protocol, asked }| LineSettings {
            line: Some(line),
            protocol: Some(protocol),
            asked,
            ..LineSettings::default()
        })
    }
}

const fn pushed(line: Line, protocol: Protocol) -> Option<Setting> {
    Some(Setting { line, protocol, asked: false })
}

const fn asked(line: Line, protocol: Protocol) -> Option<Setting> {
    Some(Setting { line, protocol, asked: true })
}

/// All kinds of ports, the likeliest first: one for any meter, then those for users who know their port.
pub const PORT_KINDS: &[PortKind] = &[
    PortKind {
        name: "any",
        title: ports::any,
        whose: ports::any_whose,
        adapter: ports::any_adapter,
        setting: None,
        search: None,
    },
    PortKind {
        name: "han",
        title: ports::han,
        whose: ports::han_whose,
        adapter: ports::han_adapter,
        setting: pushed(Line::HAN, Protocol::DlmsHdlc),
        search: None,
    },
    PortKind {
        name: "p1",
        title: ports::p1,
        whose: ports::p1_whose,
        adapter: ports::p1_adapter,
        setting: pushed(Line::P1, Protocol::P1),
        search: None,
    },
    PortKind {
        name: "p1-old",
        title: ports::p1_old,
        whose: ports::p1_old_whose,
        adapter: ports::p1_old_adapter,
        setting: pushed(Line::P1_OLD, Protocol::P1),
        search: None,
    },
    PortKind {
        name: "p1-encrypted",
        title: ports::p1_encrypted,
        whose: ports::p1_encrypted_whose,
        adapter: ports::p1_encrypted_adapter,
        setting: pushed(Line::P1, Protocol::P1Encrypted),
        search: None,
    },
    PortKind {
        name: "cii-mbus",
        title: ports::cii_mbus,
        whose: ports::cii_mbus_whose,
        adapter: ports::cii_mbus_adapter,
        setting: pushed(Line::HAN, Protocol::DlmsMbus),
        search: None,
    },
    PortKind {
        name: "infrared",
        title: ports::infrared,
        whose: ports::infrared_whose,
        adapter: ports::infrared_adapter,
        setting: pushed(Line::INFRARED, Protocol::Sml),
        search: None,
    },
    PortKind {
        name: "optical",
        title: ports::optical,
        whose: ports::optical_whose,
        adapter: ports::infrared_adapter,
        setting: asked(Line::SIGN_ON, Protocol::Iec62056),
        search: None,
    },
    PortKind {
        name: "kmp",
        title: ports::kmp,
        whose: ports::kmp_whose,
        adapter: ports::kmp_adapter,
        setting: asked(Line::KMP, Protocol::Kmp),
        search: None,
    },
    PortKind {
        name: "mbus",
        title: ports::mbus,
        whose: ports::mbus_whose,
        adapter: ports::mbus_adapter,
        setting: asked(Line::HAN, Protocol::Mbus),
        search: None,
    },
    PortKind {
        name: "mbus-several",
        title: ports::mbus_several,
        whose: ports::mbus_several_whose,
        adapter: ports::mbus_several_adapter,
        setting: asked(Line::HAN, Protocol::Mbus),
        search: Some(Search::Secondary),
    },
    PortKind {
        name: "rail",
        title: ports::rail,
        whose: ports::rail_whose,
        adapter: ports::rail_adapter,
        setting: asked(Line::INFRARED, Protocol::Modbus),
        search: None,
    },
    PortKind {
        name: "rail-several",
        title: ports::rail_several,
        whose: ports::rail_several_whose,
        adapter: ports::rail_adapter,
        setting: asked(Line::INFRARED, Protocol::Modbus),
        search: Some(Search::Primary),
    },
];

/// USB vendors of serial adapters: FTDI, Silicon Labs, WCH, Prolific.
pub const ADAPTER_VENDORS: &[u16] = &[0x0403, 0x10C4, 0x1A86, 0x067B];
