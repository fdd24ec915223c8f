//! [`Limits`]: what a broker says in its CONNACK that it takes (MQTT 5, clause 3.2.2.3).
//!
//! Receive Maximum, Maximum Packet Size and Server Keep Alive are kept to by `mqtt-protocol-core`. Topic aliases are never
//! used, so that no Topic Alias Maximum is exceeded.

use mqtt_protocol_core::mqtt::packet::{Property, v5_0};

/// What a broker takes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Limits {
    /// It takes QoS 1, which it acknowledges (Maximum QoS, 3.2.2.3.4).
    pub(super) acknowledges: bool,
    /// It keeps messages for those who subscribe later (Retain Available, 3.2.2.3.5).
    pub(super) retains: bool,
}

impl Limits {
    /// As the CONNACK says; everything is taken of which it says nothing.
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
