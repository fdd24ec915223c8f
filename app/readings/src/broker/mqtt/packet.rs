//! The packets that [`super::Client`] builds, in either version: CONNECT, PUBLISH and DISCONNECT.
//!
//! Building them fails only if a text is longer than 65,535 bytes, or if the topic of a PUBLISH contains `+` or `#`.

use mqtt_protocol_core::mqtt::packet::{Packet, Qos, v3_1_1, v5_0};
use mqtt_protocol_core::mqtt::result_code::MqttError;

use super::{Message, Settings, Version};

/// CONNECT with a clean session. If the broker retains nothing, the will is not to be retained.
pub(super) fn connect(version: Version, settings: &Settings, retains: bool) -> Result<Packet, MqttError> {
    match version {
        Version::V5 => connect_5(settings, retains).map(Packet::from),
        Version::V311 => connect_311(settings, retains).map(Packet::from),
    }
}

pub(super) fn publish(
    version: Version,
    message: &Message,
    retains: bool,
    packet_id: u16,
) -> Result<Packet, MqttError> {
    match version {
        Version::V5 => publish_5(message, retains, packet_id).map(Packet::from),
        Version::V311 => publish_311(message, retains, packet_id).map(Packet::from),
    }
}

pub(super) fn disconnect(version: Version) -> Result<Packet, MqttError> {
    match version {
        Version::V5 => v5_0::Disconnect::builder().build().map(Packet::from),
        Version::V311 => v3_1_1::Disconnect::builder().build().map(Packet::from),
    }
}

/// Writes the function for one version's CONNECT. The versions differ only in the types.
macro_rules! connect {
    ($name:ident, $version:ident) => {
        fn $name(settings: &Settings, retains: bool) -> Result<$version::Connect, MqttError> {
            let mut connect = $version::Connect::builder()
                .client_id(settings.client_id.as_str())?
                .clean_start(true)
                .keep_alive(settings.keep_alive);
            if !settings.user.is_empty() {
                connect = connect.user_name(settings.user.as_str())?;
                if !settings.password.is_empty() {
                    connect = connect.password(settings.password.as_str())?;
                }
            }
            if let Some(will) = &settings.will {
                let (payload, retain) = (will.payload.as_str(), will.retain && retains);
                connect = connect.will_message(will.topic.as_str(), payload, Qos::AtLeastOnce, retain)?;
            }
            connect.build()
        }
    };
}

macro_rules! publish {
    ($name:ident, $version:ident) => {
        fn $name(message: &Message, retains: bool, packet_id: u16) -> Result<$version::Publish, MqttError> {
            $version::Publish::builder()
                .topic_name(message.topic.as_str())?
                .qos(Qos::AtLeastOnce)
                .retain(message.retain && retains)
                .packet_id(packet_id)
                .payload(message.payload.as_str())
                .build()
        }
    };
}

connect!(connect_5, v5_0);
connect!(connect_311, v3_1_1);
publish!(publish_5, v5_0);
publish!(publish_311, v3_1_1);
