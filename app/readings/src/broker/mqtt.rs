//! [`Client`]: a publish-only MQTT client without I/O, built on `mqtt-protocol-core`.
//!
//! A WebSocket's bytes and the time go in; bytes and acknowledgements come out. The client promises: a token is
//! acknowledged only when the broker's PUBACK for it came on the same connection; no more messages are in flight than
//! [`WINDOW`] or the broker's Receive Maximum allows. Everything is published with QoS 1, and no session outlives its
//! connection: the caller keeps what was not acknowledged, and publishes it again.
//!
//! The client respects the limits in the broker's CONNACK (`Limits`). A broker that retains nothing gets no retained
//! messages. A broker that acknowledges nothing is refused, since a reading counts as sent only once its PUBACK has
//! come. The client disconnects from a broker that falls silent or does not acknowledge.
//!
//! MQTT 5 is tried first (OASIS MQTT Version 5.0), and 3.1.1 if the broker does not support it (OASIS MQTT Version
//! 3.1.1).
//!
//! After every `handle_…` and [`Client::publish`], call [`Client::poll`] until it returns [`Output::Wait`], and carry
//! out each output before asking for the next.

mod limits;
mod packet;
mod refusal;

use std::collections::{HashMap, VecDeque};
use std::mem;

use metertap_decoder::time::Instant;
use mqtt_protocol_core::mqtt::common::Cursor;
use mqtt_protocol_core::mqtt::connection::{ConnectionOptions, role};
use mqtt_protocol_core::mqtt::packet::{GenericPacketTrait, Packet};
use mqtt_protocol_core::mqtt::prelude::{Event, TimerKind};
use mqtt_protocol_core::mqtt::result_code::MqttError;
use mqtt_protocol_core::mqtt::{self, Connection};

use limits::Limits;
pub use refusal::Refusal;
use refusal::{refusal_5, refusal_311, refusal_of_goodbye};

/// How the client introduces itself to a broker.
#[derive(Clone, Eq, PartialEq)]
pub struct Settings {
    /// Must be unique: two clients with one id disconnect each other.
    pub client_id: String,
    /// The user name; empty for none.
    pub user: String,
    /// The password; empty for none. Without a user, it is not sent, because MQTT 3.1.1 forbids that (MQTT-3.1.2-22).
    pub password: String,
    /// Seconds without traffic after which a ping is due; 0 for none.
    pub keep_alive: u16,
    /// What the broker publishes when the connection ends without DISCONNECT.
    pub will: Option<Message>,
}

/// Something to publish.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Message {
    /// The topic.
    pub topic: String,
    /// The payload.
    pub payload: String,
    /// Whether the broker keeps it for later subscribers.
    pub retain: bool,
}

/// What the caller has to do, or to know.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Output {
    /// Send these bytes.
    Transmit(Vec<u8>),
    /// Close the socket once everything has been sent. Do not pass in anything that it still receives.
    Close,
    /// The broker has accepted the connection.
    Connected(Version),
    /// The broker has acknowledged what was published under this token.
    Acknowledged(Token),
    /// The connection failed or ended. What has not been acknowledged by now never will be.
    Refused(Refusal),
    /// There is no more output. Call [`Client::handle_timeout`] at that moment, unless something happens before.
    Wait(Option<Instant>),
}

/// A version of MQTT.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Version {
    /// MQTT 5.
    V5,
    /// MQTT 3.1.1.
    V311,
}

/// Identifies a published message in its acknowledgement.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Token(pub u64);

/// A client of one broker, for one connection after another.
pub struct Client {
    settings: Settings,
    /// The version of this connection, or the one to try next.
    version: Version,
    /// Whether the broker has accepted `version` before.
    proven: bool,
    /// Whether the broker keeps messages for later subscribers; true until it says otherwise.
    retains: bool,
    link: Option<Link>,
    tokens: u64,
    outputs: VecDeque<Output>,
}

/// An open socket.
struct Link {
    connection: Connection<role::Client>,
    /// The deadline for the CONNACK; `None` once it has come.
    answer_by: Option<Instant>,
    ping_at: Option<Instant>,
    pong_by: Option<Instant>,
    /// Whether a ping was sent and not answered yet.
    pinged: bool,
    /// The deadline for the next PUBACK; `None` while nothing is in flight.
    acknowledge_by: Option<Instant>,
    in_flight: HashMap<u16, Token>,
}

impl Client {
    /// Creates a client that is not connected.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        Self {
            settings,
            version: Version::V5,
            proven: false,
            retains: true,
            link: None,
            tokens: 0,
            outputs: VecDeque::new(),
        }
    }

    /// Tells the client that the socket is open. Sends CONNECT.
    pub fn handle_open(&mut self, now: Instant) {
        let version = match self.version {
            Version::V5 => mqtt::Version::V5_0,
            Version::V311 => mqtt::Version::V3_1_1,
        };
        let options = ConnectionOptions::new().maximum_packet_size_recv(LONGEST_PACKET);
        let mut connection = Connection::with_options(version, options);
        connection.set_pingresp_recv_timeout(PATIENCE);
        let connect = packet::connect(self.version, &self.settings, self.retains);
        let sent = connect.map(|connect| connection.send(connect));
        self.link = Some(Link {
            connection,
            answer_by: Some(now.after(PATIENCE)),
            ping_at: None,
            pong_by: None,
            pinged: false,
            acknowledge_by: None,
            in_flight: HashMap::new(),
        });
        match sent {
            Ok(events) => self.carry_out(now, events),
            // Encoding fails only if a text is longer than 65,535 bytes.
            Err(_) => self.end(Refusal::Credentials),
        }
    }

    /// Takes bytes as they came from the socket, in pieces of any size.
    pub fn handle_bytes(&mut self, now: Instant, bytes: &[u8]) {
        let mut cursor = Cursor::new(bytes);
        while let Some(link) = &mut self.link
            && !cursor.remaining_slice().is_empty()
        {
            let events = link.connection.recv(&mut cursor);
            self.carry_out(now, events);
        }
    }

    /// Tells the client that the socket has closed, or did not open.
    pub fn handle_closed(&mut self) {
        let refusal = match &self.link {
            None => Refusal::Unreachable,
            Some(Link { answer_by: Some(_), .. }) => Refusal::Dropped,
            Some(_) => Refusal::Lost,
        };
        self.refuse(refusal);
    }

    /// Tells the client that the moment in [`Output::Wait`] has come.
    pub fn handle_timeout(&mut self, now: Instant) {
        let Some(link) = &mut self.link else { return };
        let due = |deadline: Option<Instant>| deadline.is_some_and(|deadline| deadline <= now);
        if due(link.answer_by) {
            self.end(Refusal::NoAnswer);
        } else if due(link.pong_by) {
            self.end(Refusal::Silent);
        } else if due(link.acknowledge_by) {
            self.end(Refusal::Unacknowledged);
        } else if due(link.ping_at) {
            link.ping_at = None;
            let events = link.connection.notify_timer_fired(TimerKind::PingreqSend);
            self.carry_out(now, events);
        }
    }

    /// Publishes with QoS 1. Returns `None` while not connected, or if [`Client::vacancy`] is zero.
    pub fn publish(&mut self, now: Instant, message: &Message) -> Option<Token> {
        if self.vacancy() == 0 {
            return None;
        }
        let link = self.link.as_mut()?;
        let packet_id = link.connection.acquire_packet_id().ok()?;
        let publish = packet::publish(self.version, message, self.retains, packet_id);
        self.tokens += 1;
        let token = Token(self.tokens);
        link.in_flight.insert(packet_id, token);
        link.acknowledge_by.get_or_insert(now.after(ACKNOWLEDGED));
        match publish {
            Ok(publish) => {
                let events = link.connection.send(publish);
                self.carry_out(now, events);
            }
            Err(_) => self.end(Refusal::Publish),
        }
        Some(token)
    }

    /// How many more messages may be published before an acknowledgement must come.
    #[must_use]
    pub fn vacancy(&self) -> usize {
        let Some(link) = &self.link else { return 0 };
        if link.answer_by.is_some() {
            return 0;
        }
        let brokers = link.connection.get_receive_maximum_vacancy_for_send().map_or(WINDOW, usize::from);
        brokers.min(WINDOW.saturating_sub(link.in_flight.len()))
    }

    /// Sends DISCONNECT, so that the will is not published, and closes. Before the CONNACK, the client only closes.
    pub fn handle_stop(&mut self, now: Instant) {
        let Some(link) = &mut self.link else { return };
        if let Ok(goodbye) = packet::disconnect(self.version)
            && link.answer_by.is_none()
        {
            let events = link.connection.send(goodbye);
            self.carry_out(now, events);
        } else {
            self.end(Refusal::Lost);
        }
    }

    /// The next output to carry out.
    pub fn poll(&mut self) -> Output {
        self.outputs.pop_front().unwrap_or_else(|| {
            let deadlines = |link: &Link| [link.answer_by, link.pong_by, link.acknowledge_by, link.ping_at];
            Output::Wait(self.link.iter().flat_map(deadlines).flatten().min())
        })
    }

    fn carry_out(&mut self, now: Instant, events: Vec<Event>) {
        let mut end = None;
        let mut close = false;
        for event in events {
            let Some(link) = &mut self.link else { return };
            match event {
                Event::RequestSendPacket { packet, .. } => {
                    self.outputs.push_back(Output::Transmit(packet.to_continuous_buffer()));
                }
                Event::RequestTimerReset { kind: TimerKind::PingreqSend, duration_ms } => {
                    link.ping_at = Some(now.after(duration_ms));
                }
                Event::RequestTimerReset { kind: TimerKind::PingrespRecv, duration_ms } => {
                    (link.pong_by, link.pinged) = (Some(now.after(duration_ms)), true);
                }
                Event::RequestTimerCancel(TimerKind::PingreqSend) => link.ping_at = None,
                Event::RequestTimerCancel(TimerKind::PingrespRecv) => link.pong_by = None,
                // Only a server has this timer, and `connection` itself keeps track of its packet identifiers.
                Event::RequestTimerReset { kind: TimerKind::PingreqRecv, .. }
                | Event::RequestTimerCancel(TimerKind::PingreqRecv)
                | Event::NotifyPacketIdReleased(_) => {}
                Event::NotifyPacketReceived(packet) => end = end.or(self.receive(now, &packet)),
                Event::NotifyError(error) => end = end.or(Some(self.judge(error))),
                Event::RequestClose => close = true,
            }
        }
        // The reason for closing comes before or after the request to close.
        if let Some(refusal) = end.or(close.then_some(Refusal::Lost)) {
            self.end(refusal);
        }
    }

    /// Handles a packet. Returns the reason to end the connection, if there is one.
    fn receive(&mut self, now: Instant, packet: &Packet) -> Option<Refusal> {
        let is_answered = self.link.as_ref()?.answer_by.is_none();
        match packet {
            // A broker answers once (MQTT 5, 3.2; MQTT 3.1.1, 3.2).
            Packet::V5_0Connack(_) | Packet::V3_1_1Connack(_) if is_answered => Some(Refusal::Protocol),
            Packet::V5_0Connack(connack) => match refusal_5(connack.reason_code()) {
                None => self.answer(Limits::of(connack)),
                refusal => refusal,
            },
            Packet::V3_1_1Connack(connack) => match refusal_311(connack.return_code()) {
                None => self.answer(Limits::default()),
                refusal => refusal,
            },
            Packet::V5_0Puback(puback) if puback.reason_code().is_some_and(|code| code.is_failure()) => {
                Some(Refusal::Publish)
            }
            Packet::V5_0Puback(puback) => self.acknowledge(now, puback.packet_id()),
            Packet::V3_1_1Puback(puback) => self.acknowledge(now, puback.packet_id()),
            Packet::V5_0Disconnect(goodbye) => Some(refusal_of_goodbye(goodbye.reason_code())),
            Packet::V5_0Pingresp(_) | Packet::V3_1_1Pingresp(_)
                if mem::take(&mut self.link.as_mut()?.pinged) =>
            {
                None
            }
            // A client without subscriptions is sent nothing else.
            _ => Some(Refusal::Protocol),
        }
    }

    /// Handles the CONNACK of a broker that has accepted the connection, with its limits.
    fn answer(&mut self, limits: Limits) -> Option<Refusal> {
        if !limits.acknowledges {
            return Some(Refusal::Qos);
        }
        self.link.as_mut()?.answer_by = None;
        self.retains &= limits.retains;
        self.proven = true;
        self.outputs.push_back(Output::Connected(self.version));
        None
    }

    fn acknowledge(&mut self, now: Instant, packet_id: u16) -> Option<Refusal> {
        let link = self.link.as_mut()?;
        let token = link.in_flight.remove(&packet_id)?;
        link.acknowledge_by = (!link.in_flight.is_empty()).then(|| now.after(ACKNOWLEDGED));
        self.outputs.push_back(Output::Acknowledged(token));
        None
    }

    fn judge(&self, error: MqttError) -> Refusal {
        let unanswered = self.link.as_ref().is_some_and(|link| link.answer_by.is_some());
        match error {
            // A broker of MQTT 3.1.1 refuses in its own format, which is malformed in MQTT 5 (MQTT-3.1.2-2).
            _ if unanswered && self.version == Version::V5 => Refusal::Version,
            MqttError::PacketTooLarge => Refusal::Publish,
            _ => Refusal::Protocol,
        }
    }

    /// Ends the connection from this side.
    fn end(&mut self, refusal: Refusal) {
        self.outputs.push_back(Output::Close);
        self.refuse(refusal);
    }

    /// Reports how the connection ended, and decides how the next one is made.
    fn refuse(&mut self, refusal: Refusal) {
        self.link = None;
        match refusal {
            // The next broker at this address may be another one.
            Refusal::Unreachable => (self.version, self.proven, self.retains) = (Version::V5, false, true),
            Refusal::Retain => self.retains = false,
            Refusal::Version => (self.version, self.proven) = (self.version.other(), false),
            // Some brokers answer an unknown version by closing the socket, or not at all.
            Refusal::Dropped | Refusal::NoAnswer if !self.proven => self.version = self.version.other(),
            _ => {}
        }
        self.outputs.push_back(Output::Refused(refusal));
    }
}

impl Version {
    /// The protocol level in CONNECT: 5 or 4.
    #[must_use]
    pub const fn level(self) -> u8 {
        match self {
            Self::V5 => 5,
            Self::V311 => 4,
        }
    }

    const fn other(self) -> Self {
        match self {
            Self::V5 => Self::V311,
            Self::V311 => Self::V5,
        }
    }
}

/// The most messages in flight: enough to keep a connection busy, and few enough to repeat after a crash.
pub const WINDOW: usize = 20;
/// Milliseconds that a broker has for its CONNACK. Mosquitto accepts a WebSocket without the subprotocol and then sends
/// nothing.
pub const PATIENCE: u64 = 10_000;
/// Milliseconds that a broker has for the next acknowledgement. A broker that answers pings may still have stopped
/// accepting messages.
const ACKNOWLEDGED: u64 = 30_000;
/// The most bytes in a packet from the broker. A publisher receives only acknowledgements, which are short.
const LONGEST_PACKET: u32 = 64 * 1024;

#[cfg(test)]
mod tests;
