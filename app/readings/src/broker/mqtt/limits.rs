//! [`Limits`]: what a broker announces in its CONNACK (MQTT 5, clause 3.2.2.3).
//!
//! `mqtt-protocol-core` respects Receive Maximum, Maximum Packet Size and Server Keep Alive. Topic aliases are never
//! used, so no Topic Alias Maximum is exceeded.

use mqtt_protocol_core::mqtt::packet::{Property, v5_0};

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Limits {
    /// Whether the broker supports QoS 1, which has acknowledgements (Maximum QoS, 3.2.2.3.4).
    pub(super) acknowledges: bool,
    /// Whether the broker keeps messages for later subscribers (Retain Available, 3.2.2.3.5).
    pub(super) retains: bool,
}

impl Limits {
    /// Reads the CONNACK; whatever it does not mention is supported.
    pub(super) fn of(connack: &v5_0::Connack) -> Self {
        let mut limits = Self::default();
        for property in connack.props() {
            match property {
                Property::MaximumQos(most) => limits.acknowledges = most.val() > 0,
                Property::RetainAvailable(available) => limits.retains = available.val() > 0,
                _ => {}
            }
        }
        limits
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self { acknowledges: true, retains: true }
    }
}
