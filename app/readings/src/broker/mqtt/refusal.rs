//! [`Refusal`]: why a connection to a broker failed or ended, from the codes of both versions of MQTT.

use mqtt_protocol_core::mqtt::result_code::{ConnectReasonCode, ConnectReturnCode, DisconnectReasonCode};

use crate::fault::Code;

/// Why a connection failed or ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Refusal {
    /// The socket did not open.
    Unreachable,
    /// No CONNACK came in time. Something listens at the address, but perhaps not MQTT.
    NoAnswer,
    /// The broker closed the socket before it sent a CONNACK.
    Dropped,
    /// The broker supports neither version, or not the one that was tried.
    Version,
    /// User name or password are wrong, or this user may not connect.
    Credentials,
    /// The broker does not accept this client's id, or gave it to another client.
    ClientId,
    /// The broker is busy, shutting down, has reached a limit, or has moved.
    Busy,
    /// The broker does not accept what was published: it is not allowed there, too large, or over a quota.
    Publish,
    /// The broker supports only QoS 0, which has no acknowledgements.
    Qos,
    /// The broker keeps no messages for later subscribers. The next connection asks for none to be kept.
    Retain,
    /// The broker acknowledges nothing that was published.
    Unacknowledged,
    /// The broker ended the connection, or the network failed.
    Lost,
    /// The broker does not answer a ping.
    Silent,
    /// What the broker sent is not MQTT, or it refused CONNECT as malformed or without a reason.
    Protocol,
}

impl Refusal {
    /// All of them.
    pub const ALL: &'static [Self] = &[
        Self::Unreachable,
        Self::NoAnswer,
        Self::Dropped,
        Self::Version,
        Self::Credentials,
        Self::ClientId,
        Self::Busy,
        Self::Publish,
        Self::Qos,
        Self::Retain,
        Self::Unacknowledged,
        Self::Lost,
        Self::Silent,
        Self::Protocol,
    ];

    /// The fault code that users see.
    #[must_use]
    pub const fn code(self) -> Code {
        match self {
            Self::Unreachable => Code::BrokerUnreachable,
            Self::NoAnswer => Code::BrokerNoAnswer,
            Self::Dropped => Code::BrokerDropped,
            Self::Version => Code::BrokerVersion,
            Self::Credentials => Code::BrokerCredentials,
            Self::ClientId => Code::BrokerClientId,
            Self::Busy => Code::BrokerBusy,
            Self::Publish => Code::BrokerPublish,
            Self::Qos => Code::BrokerQos,
            Self::Retain => Code::BrokerRetain,
            Self::Unacknowledged => Code::BrokerUnacknowledged,
            Self::Lost => Code::BrokerLost,
            Self::Silent => Code::BrokerSilent,
            Self::Protocol => Code::BrokerProtocol,
        }
    }

    /// Whether the broker accepts the connection but not what is published. After that, a new connection does not show
    /// that the trouble is over.
    #[must_use]
    pub const fn is_of_messages(self) -> bool {
        matches!(self, Self::Publish | Self::Qos | Self::Unacknowledged)
    }
}

/// What a CONNACK's reason code means (MQTT 5, table 3-1); `None` if the broker accepts the connection.
pub(super) fn refusal_5(code: ConnectReasonCode) -> Option<Refusal> {
    Some(match code {
        ConnectReasonCode::Success => return None,
        ConnectReasonCode::UnsupportedProtocolVersion => Refusal::Version,
        ConnectReasonCode::BadUserNameOrPassword
        | ConnectReasonCode::NotAuthorized
        | ConnectReasonCode::BadAuthenticationMethod
        | ConnectReasonCode::Banned => Refusal::Credentials,
        ConnectReasonCode::ClientIdentifierNotValid => Refusal::ClientId,
        ConnectReasonCode::ServerUnavailable
        | ConnectReasonCode::ServerBusy
        | ConnectReasonCode::QuotaExceeded
        | ConnectReasonCode::UseAnotherServer
        | ConnectReasonCode::ServerMoved
        | ConnectReasonCode::ConnectionRateExceeded => Refusal::Busy,
        ConnectReasonCode::TopicNameInvalid
        | ConnectReasonCode::PacketTooLarge
        | ConnectReasonCode::PayloadFormatInvalid => Refusal::Publish,
        // The message that cannot be retained is the will.
        ConnectReasonCode::RetainNotSupported => Refusal::Retain,
        ConnectReasonCode::QosNotSupported => Refusal::Qos,
        ConnectReasonCode::UnspecifiedError
        | ConnectReasonCode::MalformedPacket
        | ConnectReasonCode::ProtocolError
        | ConnectReasonCode::ImplementationSpecificError => Refusal::Protocol,
    })
}

/// What a CONNACK's return code means (MQTT 3.1.1, table 3.1); `None` if the broker accepts the connection.
pub(super) fn refusal_311(code: ConnectReturnCode) -> Option<Refusal> {
    Some(match code {
        ConnectReturnCode::Accepted => return None,
        ConnectReturnCode::UnacceptableProtocolVersion => Refusal::Version,
        ConnectReturnCode::IdentifierRejected => Refusal::ClientId,
        ConnectReturnCode::ServerUnavailable => Refusal::Busy,
        ConnectReturnCode::BadUserNameOrPassword | ConnectReturnCode::NotAuthorized => Refusal::Credentials,
    })
}

/// What a DISCONNECT's reason code means (MQTT 5, 3.14.2.1), as far as it concerns a publisher. Without a code, the
/// connection ended normally.
pub(super) fn refusal_of_goodbye(code: Option<DisconnectReasonCode>) -> Refusal {
    match code {
        Some(DisconnectReasonCode::NotAuthorized) => Refusal::Credentials,
        Some(DisconnectReasonCode::SessionTakenOver) => Refusal::ClientId,
        Some(
            DisconnectReasonCode::ServerBusy
            | DisconnectReasonCode::ServerShuttingDown
            | DisconnectReasonCode::MessageRateTooHigh
            | DisconnectReasonCode::UseAnotherServer
            | DisconnectReasonCode::ServerMoved
            | DisconnectReasonCode::ConnectionRateExceeded,
        ) => Refusal::Busy,
        Some(
            DisconnectReasonCode::TopicNameInvalid
            | DisconnectReasonCode::PacketTooLarge
            | DisconnectReasonCode::QuotaExceeded
            | DisconnectReasonCode::PayloadFormatInvalid,
        ) => Refusal::Publish,
        Some(DisconnectReasonCode::RetainNotSupported) => Refusal::Retain,
        Some(DisconnectReasonCode::QosNotSupported) => Refusal::Qos,
        _ => Refusal::Lost,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The text of `broker.busy` in `app/locales` names both reasons.
    #[test]
    fn a_broker_that_has_moved_has_the_code_of_one_that_is_busy() {
        for refusal in [
            refusal_5(ConnectReasonCode::UseAnotherServer),
            refusal_5(ConnectReasonCode::ServerMoved),
            Some(refusal_of_goodbye(Some(DisconnectReasonCode::UseAnotherServer))),
            Some(refusal_of_goodbye(Some(DisconnectReasonCode::ServerMoved))),
        ] {
            assert_eq!(refusal.unwrap().code(), Code::BrokerBusy);
        }
    }
}
