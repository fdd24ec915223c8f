//! A sans-IO MQTT client.

use metertap_decoder::time::Instant;

/// How to introduce oneself to a broker.
#[derive(Clone, Eq, PartialEq)]
pub struct Settings {
    /// Two clients of one name throw each other out.
    pub client_id: String,
    /// Empty for none.
    pub user: String,
    /// Empty for none.
    pub password: String,
    /// Seconds of silence after which a ping is due; 0 for none.
    pub keep_alive: u16,
    /// What the broker publishes, retained, when the connection ends without a goodbye: topic and payload.
    pub will: Option<(String, String)>,
}

/// The version of MQTT that is spoken.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Version {
    /// MQTT 5.
    V5,
    /// MQTT 3.1.1, level 4.
    V311,
}

impl Version {
    /// The protocol level of CONNECT: 5 or 4.
    #[must_use]
    pub const fn level(self) -> u8 {
        match self {
            Self::V5 => 5,
            Self::V311 => 4,
        }
    }
}

/// Why a connection came to nothing, or to an end.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Refusal {
    /// The socket did not open.
    Unreachable,
    /// No CONNACK came in time: something listens there, but is it MQTT?
    NoAnswer,
    /// The socket was closed instead of a CONNACK.
    Dropped,
    /// The broker speaks neither version.
    Version,
    /// User name or password are wrong, or this user may not connect.
    Credentials,
    /// The broker does not take this client's name.
    ClientId,
    /// The broker is busy, shutting down, or has had enough of us.
    Busy,
    /// The broker does not take what was published: not allowed there, or over a quota.
    Publish,
    /// The broker ended the connection, or the network did.
    Lost,
    /// The broker fell silent: no answer to a ping.
    Silent,
    /// What came is no MQTT.
    Protocol,
}

impl Refusal {
    /// Every one of them.
    pub const ALL: &'static [Self] = &[
        Self::Unreachable,
        Self::NoAnswer,
        Self::Dropped,
        Self::Version,
        Self::Credentials,
        Self::ClientId,
        Self::Busy,
        Self::Publish,
        Self::Lost,
        Self::Silent,
        Self::Protocol,
    ];

    /// A stable dotted word, for [`crate::fault::words`].
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Unreachable => "broker.unreachable",
            Self::NoAnswer => "broker.no-answer",
            Self::Dropped => "broker.dropped",
            Self::Version => "broker.version",
            Self::Credentials => "broker.credentials",
            Self::ClientId => "broker.client-id",
            Self::Busy => "broker.busy",
            Self::Publish => "broker.publish",
            Self::Lost => "broker.lost",
            Self::Silent => "broker.silent",
            Self::Protocol => "broker.protocol",
        }
    }
}

/// Something to send, as the forwarder hands it over.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Token(pub u64);

#[allow(dead_code, reason = "the client comes next")]
fn _unused(_: Instant) {}
