//! A broker for tests: the server's side of `mqtt-protocol-core`, which checks what it receives, with configurable
//! behaviour.

#![allow(
    clippy::expect_used,
    clippy::missing_panics_doc,
    clippy::panic,
    clippy::unwrap_used,
    reason = "it is for tests, and panics where the client breaks the protocol"
)]

use mqtt_protocol_core::mqtt::common::Cursor;
use mqtt_protocol_core::mqtt::connection::role;
use mqtt_protocol_core::mqtt::packet::{
    GenericPacketTrait, MaximumPacketSize, MaximumQos, Packet, Property, ReceiveMaximum, RetainAvailable,
    v3_1_1, v5_0,
};
use mqtt_protocol_core::mqtt::prelude::Event;
use mqtt_protocol_core::mqtt::result_code::{
    ConnectReasonCode, ConnectReturnCode, DisconnectReasonCode, PubackReasonCode,
};
use mqtt_protocol_core::mqtt::{Connection, Version};

use crate::broker::mqtt::Message;

/// How this broker behaves.
#[derive(Clone, Debug)]
pub struct Habits {
    /// Supports MQTT 5; if not, it says so in the format of 3.1.1.
    pub five: bool,
    /// Answers CONNECT at all.
    pub answers: bool,
    /// Closes instead of answering a CONNECT of MQTT 5.
    pub drops_five: bool,
    /// The only password that it accepts; `None` if it accepts any.
    pub password: Option<&'static str>,
    /// Acknowledges at once; if not, [`Broker::acknowledge`] does.
    pub acknowledges: bool,
    /// Refuses everything that is published.
    pub forbids: bool,
    /// Refuses readings, and accepts everything else.
    pub forbids_readings: bool,
    /// Accepts only QoS 0, and says so in its CONNACK.
    pub acknowledges_nothing: bool,
    /// Keeps messages for later subscribers; if not, it refuses a retained will and says so.
    pub retains: bool,
    /// Accepts each connection, and then says that it keeps no messages.
    pub refuses_to_retain: bool,
    /// The maximum packet size in bytes that it accepts.
    pub maximum_packet: Option<u32>,
    /// How many messages may be in flight to it.
    pub receive_maximum: Option<u16>,
}

impl Default for Habits {
    fn default() -> Self {
        Self {
            five: true,
            answers: true,
            drops_five: false,
            password: None,
            acknowledges: true,
            forbids: false,
            forbids_readings: false,
            acknowledges_nothing: false,
            retains: true,
            refuses_to_retain: false,
            maximum_packet: None,
            receive_maximum: None,
        }
    }
}

/// One connection of a broker.
pub struct Broker {
    habits: Habits,
    connection: Connection<role::Server>,
    /// What was published, oldest first.
    pub published: Vec<Message>,
    /// Packets whose acknowledgement is held back.
    pub held: Vec<u16>,
    /// The client's id, and its will if it uses MQTT 5, once it has sent CONNECT.
    pub client: Option<(String, Option<Message>)>,
    /// The version that the client uses.
    pub version: Option<Version>,
    /// How many pings it has received.
    pub pings: usize,
    /// Whether the client sent DISCONNECT, which discards its will.
    pub goodbye: bool,
    /// Whether the connection is over.
    pub closed: bool,
    replies: Vec<u8>,
}

impl Broker {
    /// A connection on which nothing has been sent yet.
    #[must_use]
    pub fn new(habits: Habits) -> Self {
        Self {
            habits,
            connection: Connection::new(Version::Undetermined),
            published: Vec::new(),
            held: Vec::new(),
            client: None,
            version: None,
            pings: 0,
            goodbye: false,
            closed: false,
            replies: Vec::new(),
        }
    }

    /// Takes what the client sent, and returns what the broker sends back.
    pub fn hear(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut cursor = Cursor::new(bytes);
        while !self.closed && !cursor.remaining_slice().is_empty() {
            for event in self.connection.recv(&mut cursor) {
                match event {
                    Event::NotifyPacketReceived(packet) => self.receive(packet),
                    Event::NotifyError(error) => panic!("the client broke the protocol: {error:?}"),
                    _ => {}
                }
            }
        }
        std::mem::take(&mut self.replies)
    }

    /// Acknowledges a packet that was held.
    pub fn acknowledge(&mut self, packet_id: u16) -> Vec<u8> {
        self.held.retain(|held| *held != packet_id);
        self.puback(packet_id, false);
        std::mem::take(&mut self.replies)
    }

    fn receive(&mut self, packet: Packet) {
        match packet {
            Packet::V5_0Connect(connect) => {
                let will = connect.will_topic().map(|topic| Message {
                    topic: topic.into(),
                    payload: String::from_utf8(connect.will_payload().unwrap().to_vec()).unwrap(),
                    retain: connect.will_retain(),
                });
                self.client = Some((connect.client_id().into(), will));
                self.version = Some(Version::V5_0);
                let password = connect.password().map(<[u8]>::to_vec);
                self.connack_5(password.as_deref(), connect.will_retain());
            }
            Packet::V3_1_1Connect(connect) => {
                self.client = Some((connect.client_id().into(), None));
                self.version = Some(Version::V3_1_1);
                let code = match self.trusts(connect.password()) {
                    true => ConnectReturnCode::Accepted,
                    false => ConnectReturnCode::BadUserNameOrPassword,
                };
                if self.habits.answers {
                    let connack = v3_1_1::Connack::builder().session_present(false).return_code(code);
                    self.send(connack.build().unwrap().into());
                }
            }
            Packet::V5_0Publish(publish) => {
                let payload = publish.payload().as_slice().to_vec();
                self.note(publish.topic_name(), payload, publish.retain(), publish.packet_id());
            }
            Packet::V3_1_1Publish(publish) => {
                let payload = publish.payload().as_slice().to_vec();
                self.note(publish.topic_name(), payload, publish.retain(), publish.packet_id());
            }
            Packet::V5_0Pingreq(_) => {
                self.pings += 1;
                self.send(v5_0::Pingresp::builder().build().unwrap().into());
            }
            Packet::V3_1_1Pingreq(_) => {
                self.pings += 1;
                self.send(v3_1_1::Pingresp::builder().build().unwrap().into());
            }
            Packet::V5_0Disconnect(_) | Packet::V3_1_1Disconnect(_) => self.goodbye = true,
            other => panic!("a publisher sends no {other:?}"),
        }
    }

    fn connack_5(&mut self, password: Option<&[u8]>, will_is_kept: bool) {
        if self.habits.drops_five {
            self.closed = true;
        } else if !self.habits.five {
            // MQTT 3.1.1, 3.2: CONNACK with return code 1, as mosquitto 1.4 sends it.
            self.replies.extend([0x20, 0x02, 0x00, 0x01]);
            self.closed = true;
        } else if self.habits.answers {
            let code = match self.trusts(password) {
                // MQTT 5, 3.2.2.2: what mosquitto answers if `retain_available` is false.
                true if will_is_kept && !self.habits.retains => ConnectReasonCode::RetainNotSupported,
                true => ConnectReasonCode::Success,
                false => ConnectReasonCode::BadUserNameOrPassword,
            };
            let connack = v5_0::Connack::builder().session_present(false).reason_code(code);
            self.send(connack.props(self.limits()).build().unwrap().into());
            if self.habits.refuses_to_retain {
                let goodbye =
                    v5_0::Disconnect::builder().reason_code(DisconnectReasonCode::RetainNotSupported);
                self.send(goodbye.build().unwrap().into());
            }
        }
    }

    fn limits(&self) -> Vec<Property> {
        let Habits { receive_maximum, acknowledges_nothing, retains, maximum_packet, .. } = self.habits;
        let mut limits = Vec::new();
        limits.extend(receive_maximum.map(|most| ReceiveMaximum::new(most).unwrap().into()));
        limits.extend(acknowledges_nothing.then(|| MaximumQos::new(0).unwrap().into()));
        limits.extend((!retains).then(|| RetainAvailable::new(0).unwrap().into()));
        limits.extend(maximum_packet.map(|most| MaximumPacketSize::new(most).unwrap().into()));
        limits
    }

    fn trusts(&self, password: Option<&[u8]>) -> bool {
        self.habits.password.is_none_or(|right| Some(right.as_bytes()) == password)
    }

    fn note(&mut self, topic: &str, payload: Vec<u8>, retain: bool, packet_id: Option<u16>) {
        let payload = String::from_utf8(payload).unwrap();
        assert!(!retain || self.habits.retains, "MQTT-3.2.2-14: nothing is to be kept");
        assert!(!self.habits.acknowledges_nothing, "MQTT-3.2.2-11: QoS 1 exceeds the maximum");
        let most = self.habits.maximum_packet.unwrap_or(u32::MAX);
        assert!(payload.len() < usize::try_from(most).unwrap(), "MQTT-3.2.2-15: the packet is too large");
        let is_forbidden = self.habits.forbids || self.habits.forbids_readings && is_reading(topic);
        self.published.push(Message { topic: topic.into(), payload, retain });
        let packet_id = packet_id.expect("everything is published with QoS 1");
        if self.habits.acknowledges {
            self.puback(packet_id, is_forbidden);
        } else {
            self.held.push(packet_id);
        }
    }

    fn puback(&mut self, packet_id: u16, is_forbidden: bool) {
        if self.version == Some(Version::V3_1_1) {
            self.send(v3_1_1::Puback::builder().packet_id(packet_id).build().unwrap().into());
            return;
        }
        let mut puback = v5_0::Puback::builder().packet_id(packet_id);
        if is_forbidden {
            puback = puback.reason_code(PubackReasonCode::NotAuthorized);
        }
        self.send(puback.build().unwrap().into());
    }

    fn send(&mut self, packet: Packet) {
        for event in self.connection.send(packet) {
            match event {
                Event::RequestSendPacket { packet, .. } => self.replies.extend(packet.to_continuous_buffer()),
                Event::RequestClose => self.closed = true,
                Event::NotifyError(error) => panic!("the broker broke the protocol: {error:?}"),
                _ => {}
            }
        }
    }
}

fn is_reading(topic: &str) -> bool {
    topic.ends_with("/reading") || topic.ends_with("/history")
}
