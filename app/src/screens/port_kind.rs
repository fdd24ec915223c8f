//! The kinds of port that a meter is read through, as data.

use metertap_decoder::line::Line;
use metertap_decoder::reading::Protocol;

/// A kind of port with what the person should know before picking one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PortKind {
    /// A stable word for it.
    pub name: &'static str,
    /// What it is called.
    pub title: &'static str,
    /// Who has one.
    pub whose: &'static str,
    /// What plugs in.
    pub adapter: &'static str,
    /// Speed and parity.
    pub line: Line,
    /// What is spoken.
    pub protocol: Protocol,
}

/// All of them, the likeliest first.
pub const PORT_KINDS: &[PortKind] = &[
    PortKind {
        name: "han",
        title: "HAN port with M-Bus adapter",
        whose: "Norway, and Swedish meters with a HAN port: Kaifa, Aidon, Kamstrup",
        adapter: "An RJ45 or RJ12 plug into an M-Bus to USB adapter",
        line: Line::HAN,
        protocol: Protocol::DlmsHdlc,
    },
    PortKind {
        name: "p1",
        title: "P1 port",
        whose: "Netherlands, Belgium, Luxembourg, Sweden, Denmark: DSMR 4 and later",
        adapter: "A P1 cable: RJ12 plug into USB, with an inverter inside",
        line: Line::P1,
        protocol: Protocol::P1,
    },
    PortKind {
        name: "p1-old",
        title: "Older P1 port",
        whose: "Dutch meters of before 2014: DSMR 2.2 and 3",
        adapter: "The same P1 cable",
        line: Line::P1_OLD,
        protocol: Protocol::P1,
    },
];

/// USB vendors of serial adapters: FTDI, Silicon Labs, WCH, Prolific.
pub const ADAPTER_VENDORS: &[u16] = &[0x0403, 0x10C4, 0x1A86, 0x067B];
