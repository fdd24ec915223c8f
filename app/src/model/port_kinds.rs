//! The kinds of ports through which meters are read, as data.

use metertap_decoder::line::Line;
use metertap_decoder::question::Search;
use metertap_decoder::reading::Protocol;
use metertap_readings::store::LineSettings;

/// A kind of port, with what the user should know before picking one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PortKind {
    /// A stable word for it.
    pub name: &'static str,
    /// Its title.
    pub title: &'static str,
    /// Which users have one.
    pub whose: &'static str,
    /// What plugs in.
    pub adapter: &'static str,
    /// The settings of the line; found out if they are not given.
    pub setting: Option<Setting>,
    /// Whether there are several meters, and how to search for them.
    pub search: Option<Search>,
}

/// The settings of a line.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Setting {
    /// Baud rate and parity.
    pub line: Line,
    /// The protocol.
    pub protocol: Protocol,
    /// Whether the meter sends only when it is asked.
    pub asked: bool,
}

impl PortKind {
    /// How to talk to the meter, as far as the user has said.
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

/// All of them, the likeliest first: one for any meter, then those for users who know what they have.
pub const PORT_KINDS: &[PortKind] = &[
    PortKind {
        name: "any",
        title: "Any meter",
        whose: "Speed and kind are found out by trying: first by listening, then by asking",
        adapter: "The adapter in the meter's port, or the optical head on its eye",
        setting: None,
        search: None,
    },
    PortKind {
        name: "han",
        title: "HAN port with M-Bus adapter",
        whose: "Norway, and Swedish meters with a HAN port: Kaifa, Aidon, Kamstrup",
        adapter: "An RJ45 or RJ12 plug into an M-Bus to USB adapter",
        setting: pushed(Line::HAN, Protocol::DlmsHdlc),
        search: None,
    },
    PortKind {
        name: "p1",
        title: "P1 port",
        whose: "Netherlands, Belgium, Luxembourg, Sweden, Denmark: DSMR 4 and later",
        adapter: "A P1 cable: RJ12 plug into USB, with an inverter inside",
        setting: pushed(Line::P1, Protocol::P1),
        search: None,
    },
    PortKind {
        name: "p1-old",
        title: "Older P1 port",
        whose: "Dutch meters of before 2014: DSMR 2.2 and 3",
        adapter: "The same P1 cable",
        setting: pushed(Line::P1_OLD, Protocol::P1),
        search: None,
    },
    PortKind {
        name: "p1-encrypted",
        title: "Encrypted P1 port",
        whose: "Luxembourg (Smarty), Austria (Sagemcom T210-D-r)",
        adapter: "A P1 cable; the grid operator gives you the key",
        setting: pushed(Line::P1, Protocol::P1Encrypted),
        search: None,
    },
    PortKind {
        name: "cii-mbus",
        title: "Austrian customer interface",
        whose: "Kaifa MA309M and relatives, with M-Bus framing",
        adapter: "An M-Bus to USB adapter; the grid operator gives you the key",
        setting: pushed(Line::HAN, Protocol::DlmsMbus),
        search: None,
    },
    PortKind {
        name: "infrared",
        title: "Infrared eye, SML",
        whose: "German electricity meters of the last years",
        adapter: "An optical head with a magnet",
        setting: pushed(Line::INFRARED, Protocol::Sml),
        search: None,
    },
    PortKind {
        name: "optical",
        title: "Optical eye that is asked (D0)",
        whose: "Electricity and heat meters of IEC 62056-21",
        adapter: "An optical head with a magnet",
        setting: asked(Line::SIGN_ON, Protocol::Iec62056),
        search: None,
    },
    PortKind {
        name: "kmp",
        title: "Kamstrup heat or water meter",
        whose: "MULTICAL and flowIQ",
        adapter: "An optical head, held to the eye",
        setting: asked(Line::KMP, Protocol::Kmp),
        search: None,
    },
    PortKind {
        name: "mbus",
        title: "Wired M-Bus, one meter",
        whose: "Heat, water, gas and electricity meters with two M-Bus wires",
        adapter: "An M-Bus master to USB",
        setting: asked(Line::HAN, Protocol::Mbus),
        search: None,
    },
    PortKind {
        name: "mbus-several",
        title: "Wired M-Bus, several meters",
        whose: "All meters on the bus are looked for first, by their secondary addresses",
        adapter: "An M-Bus master to USB, strong enough for so many",
        setting: asked(Line::HAN, Protocol::Mbus),
        search: Some(Search::Secondary),
    },
    PortKind {
        name: "rail",
        title: "Modbus meters on a rail",
        whose: "Eastron, Carlo Gavazzi, ABB, Schneider, Orno, PZEM and others with two RS-485 wires",
        adapter: "An RS-485 adapter to USB",
        setting: asked(Line::INFRARED, Protocol::Modbus),
        search: None,
    },
    PortKind {
        name: "rail-several",
        title: "Modbus, several meters",
        whose: "All addresses from 1 to 247 are asked first, at 9600 baud without parity",
        adapter: "An RS-485 adapter to USB",
        setting: asked(Line::INFRARED, Protocol::Modbus),
        search: Some(Search::Primary),
    },
];

/// USB vendors of serial adapters: FTDI, Silicon Labs, WCH, Prolific.
pub const ADAPTER_VENDORS: &[u16] = &[0x0403, 0x10C4, 0x1A86, 0x067B];
