//! [`Forwarder`]: carries one meter's log to a broker, without I/O.
//!
//! The log is the outbox: a forwarder holds a position in it and at most [`WINDOW`] entries, however long the outage.
//! The socket's bytes, entries of the log and the time go in; bytes, requests for entries and the moving cursor come
//! out. The forwarder promises: every entry is published, in order; the cursor passes an entry only when the broker has
//! acknowledged it and all before it. So a crash skips no entries, but may repeat some. Subscribers recognise repeated
//! entries by their `seq`.
//!
//! One connection per meter, as in Homie: a connection has one will, and the will says that this meter is `offline`.
//!
//! After connecting, the forwarder publishes `status`, `info`, the newest `state`, and then the entries that waited. If
//! several entries waited, they are published on `history`. All other entries are published on `reading`.
//!
//! After every `handle_…`, call [`Forwarder::poll`] until it returns [`Output::Wait`], and carry out each output before
//! asking for the next.

mod back_off;
mod outbox;

use std::collections::VecDeque;
use std::mem;

use metertap_decoder::time::Instant;

use self::back_off::BackOff;
use self::outbox::Outbox;
use crate::broker::leaving::{Cleared, Leaving};
use crate::broker::mqtt::{self, Client, Message, PATIENCE, Refusal, Version, WINDOW};
use crate::broker::profile::Profile;
use crate::entry::Entry;
use crate::names::hash;
use crate::view::newest::Newest;

/// The settings of one meter's forwarder.
#[derive(Clone, Eq, PartialEq)]
pub struct Settings {
    /// The meter's topics.
    pub profile: Profile,
    /// The meter's identification, if it was ever received; readings need not repeat it.
    pub identification: Option<String>,
    /// A random text for each installation: two computers that forward one meter need different client ids.
    pub installation: String,
    /// The user name for the broker; empty for none.
    pub user: String,
    /// The password for the broker; empty for none.
    pub password: String,
    /// The application's version, for `info`.
    pub app: String,
}

/// What the caller has to do, or to know.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Output {
    /// Open a WebSocket (subprotocol `mqtt`) to the broker; then call [`Forwarder::handle_open`], or
    /// [`Forwarder::handle_closed`] if it does not open.
    Connect,
    /// Send these bytes.
    Transmit(Vec<u8>),
    /// Close the socket, open or opening, once everything has been sent. Do not pass in anything it still receives.
    Close,
    /// Read at most `most` entries of the log, starting with number `from`; then call [`Forwarder::handle_entries`].
    Fetch {
        /// The first number.
        from: u64,
        /// The largest number of entries.
        most: usize,
    },
    /// Every entry up to this number is acknowledged. Store the number as the cursor.
    Cursor(u64),
    /// The state of the connection changed.
    State(State),
    /// There is no more output. Call [`Forwarder::handle_timeout`] at that moment, unless something happens before.
    Wait(Option<Instant>),
}

/// The state of the connection.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum State {
    /// Opening the socket, or waiting for the broker's answer.
    Connecting,
    /// The broker has accepted the connection.
    Connected(Version),
    /// The broker has accepted the connection, but did not accept what was published on the previous one. Whether it
    /// accepts messages now is not known yet.
    Doubtful,
    /// Not connected, for this reason; the next attempt comes after a while.
    Waiting(Refusal),
}

/// Carries one meter's log to a broker.
pub struct Forwarder {
    profile: Profile,
    /// Everything that the meter has sent passes through this filter.
    leaving: Leaving,
    app: String,
    client: Client,
    phase: Phase,
    now: Instant,
    newest: Newest,
    /// The last number of the log.
    last: u64,
    outbox: Outbox,
    /// What must be published before the next entry.
    due: Due,
    /// Entries up to this number belong on `history`.
    history: u64,
    /// Set when the broker did not accept what was published, until an acknowledgement shows that it does again.
    doubted: bool,
    /// The version of the connection, and since when it has lasted.
    connected: Option<(Version, Instant)>,
    back_off: BackOff,
    outputs: VecDeque<Output>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Phase {
    Resting {
        until: Instant,
    },
    Opening {
        until: Instant,
    },
    /// The socket is open, and the broker has not answered yet.
    Asking,
    Connected,
    Stopped,
}

/// Messages where only the newest of each kind matters.
#[derive(Default)]
struct Due {
    status: bool,
    info: Option<Message>,
    state: bool,
    /// The last `info` that was published.
    told: Option<Message>,
}

impl Forwarder {
    /// Creates a forwarder that starts after `cursor`, the last acknowledged number, and connects at once.
    ///
    /// `newest` are the newest entries of the log, the oldest first: enough of them to show every register. `seed`
    /// feeds the jitter of the back-off.
    #[must_use]
    pub fn new(settings: Settings, cursor: u64, newest: &[Entry], seed: u64, now: Instant) -> Self {
        let Settings { profile, identification, installation, user, password, app } = settings;
        let place = format!("{installation}/{}/{}", profile.base, profile.topic);
        let client = Client::new(mqtt::Settings {
            // Twenty letters and digits, which every broker must accept (MQTT-3.1.3-5).
            client_id: format!("metertap{}", hash(&place, 6)),
            user,
            password,
            keep_alive: KEEP_ALIVE,
            will: Some(profile.status(false)),
        });
        let mut known = Newest::default();
        let mut leaving = profile.leaving(identification.as_deref());
        for entry in newest {
            known.take(entry);
            leaving.learn(&entry.reading);
        }
        let mut forwarder = Self {
            profile,
            leaving,
            app,
            client,
            phase: Phase::Resting { until: now },
            now,
            last: known.seq.max(cursor),
            newest: known,
            outbox: Outbox::new(cursor),
            due: Due::default(),
            history: 0,
            doubted: false,
            connected: None,
            back_off: BackOff::new(seed),
            outputs: VecDeque::new(),
        };
        forwarder.connect();
        forwarder
    }

    /// Tells the forwarder that the socket is open.
    pub fn handle_open(&mut self, now: Instant) {
        self.now = now;
        if matches!(self.phase, Phase::Opening { .. }) {
            self.phase = Phase::Asking;
            self.client.handle_open(now);
            self.advance();
        }
    }

    /// Takes bytes as they came from the socket, in pieces of any size.
    pub fn handle_bytes(&mut self, now: Instant, bytes: &[u8]) {
        self.now = now;
        self.client.handle_bytes(now, bytes);
        self.advance();
    }

    /// Tells the forwarder that the socket has closed, or did not open.
    pub fn handle_closed(&mut self, now: Instant) {
        self.now = now;
        if matches!(self.phase, Phase::Opening { .. } | Phase::Asking | Phase::Connected) {
            self.client.handle_closed();
            self.advance();
        }
    }

    /// Tells the forwarder that the moment in [`Output::Wait`] has come.
    pub fn handle_timeout(&mut self, now: Instant) {
        self.now = now;
        match self.phase {
            Phase::Resting { until } if until <= now => self.connect(),
            Phase::Opening { until } if until <= now => {
                self.outputs.push_back(Output::Close);
                self.client.handle_closed();
            }
            Phase::Asking | Phase::Connected => self.client.handle_timeout(now),
            Phase::Resting { .. } | Phase::Opening { .. } | Phase::Stopped => {}
        }
        self.advance();
    }

    /// Tells the forwarder that an entry was appended to the log.
    pub fn handle_appended(&mut self, now: Instant, entry: &Entry) {
        self.now = now;
        self.newest.take(entry);
        self.leaving.learn(&entry.reading);
        self.last = self.last.max(entry.seq);
        self.due.state = true;
        let info = self.profile.info(&self.cleared(), &self.app);
        if self.due.told.as_ref() != Some(&info) {
            self.due.info = Some(info);
        }
        if self.phase == Phase::Connected {
            self.outbox.offer(entry);
        }
        self.advance();
    }

    /// Takes the answer to [`Output::Fetch`]. It is empty if the log has none of the entries, or could not be read.
    pub fn handle_entries(&mut self, now: Instant, entries: Vec<Entry>) {
        self.now = now;
        if self.outbox.take(entries, self.phase == Phase::Connected) {
            // There is nothing more to fetch until the next entry is appended.
            self.last = self.outbox.taken;
        }
        self.advance();
    }

    /// Publishes `offline`, if it can, and disconnects. The last outputs are bytes, the cursor and [`Output::Close`].
    pub fn handle_stop(&mut self, now: Instant) {
        self.now = now;
        let offline = self.profile.status(false);
        let said = self.phase == Phase::Connected && self.client.publish(now, &offline).is_some();
        if said {
            self.client.handle_stop(now);
        }
        self.advance();
        self.outputs.extend(self.outbox.news(0).map(Output::Cursor));
        // If `offline` could not be published, closing without DISCONNECT makes the broker publish it as the will.
        if !said && !matches!(self.phase, Phase::Resting { .. } | Phase::Stopped) {
            self.outputs.push_back(Output::Close);
        }
        self.outputs
            .retain(|output| matches!(output, Output::Transmit(_) | Output::Close | Output::Cursor(_)));
        self.phase = Phase::Stopped;
    }

    /// The next output to carry out.
    pub fn poll(&mut self) -> Output {
        if let Some(output) = self.outputs.pop_front() {
            return output;
        }
        match (self.phase, self.client.poll()) {
            (Phase::Resting { until } | Phase::Opening { until }, _) => Output::Wait(Some(until)),
            (Phase::Asking | Phase::Connected, mqtt::Output::Wait(until)) => Output::Wait(until),
            _ => Output::Wait(None),
        }
    }

    /// How many readings in the log the broker has not acknowledged.
    #[must_use]
    pub fn waiting(&self) -> u64 {
        self.last.saturating_sub(self.outbox.cursor)
    }

    fn connect(&mut self) {
        self.phase = Phase::Opening { until: self.now.after(PATIENCE) };
        self.outputs.extend([Output::State(State::Connecting), Output::Connect]);
    }

    /// Carries out the client's outputs, and publishes what there is room for.
    fn advance(&mut self) {
        loop {
            match self.client.poll() {
                mqtt::Output::Transmit(bytes) => self.outputs.push_back(Output::Transmit(bytes)),
                mqtt::Output::Close => self.outputs.push_back(Output::Close),
                mqtt::Output::Connected(version) => self.begin(version),
                mqtt::Output::Acknowledged(token) => {
                    let is_reading = self.outbox.acknowledge(token);
                    self.outputs.extend(self.outbox.news(WINDOW).map(Output::Cursor));
                    self.is_taken(is_reading);
                }
                mqtt::Output::Refused(refusal) => self.rest(refusal),
                mqtt::Output::Wait(_) if self.publish() => {}
                mqtt::Output::Wait(_) => return,
            }
        }
    }

    fn begin(&mut self, version: Version) {
        self.phase = Phase::Connected;
        self.connected = Some((version, self.now));
        let state = if self.doubted { State::Doubtful } else { State::Connected(version) };
        self.outputs.push_back(Output::State(state));
        self.due = Due {
            status: true,
            info: Some(self.profile.info(&self.cleared(), &self.app)),
            state: self.newest.seq > 0,
            told: None,
        };
        self.history = if self.waiting() > 1 { self.last } else { 0 };
    }

    /// Notes that the broker has acknowledged a message. If no reading waits, any acknowledgement ends the doubt.
    fn is_taken(&mut self, is_reading: bool) {
        if is_reading {
            self.back_off.reset();
        }
        if let Some((version, _)) = self.connected
            && (is_reading || self.waiting() == 0)
            && mem::take(&mut self.doubted)
        {
            self.outputs.push_back(Output::State(State::Connected(version)));
        }
    }

    /// Ends a connection and decides when to connect again. What was in flight is fetched from the log again.
    fn rest(&mut self, refusal: Refusal) {
        self.outputs.extend(self.outbox.news(0).map(Output::Cursor));
        self.outbox.rewind();
        if self.connected.take().is_some_and(|(_, since)| self.now >= since.after(LASTING)) {
            self.back_off.reset();
        }
        if self.back_off.is_skipped(refusal) {
            return self.connect();
        }
        self.outputs.push_back(Output::State(State::Waiting(refusal)));
        self.doubted |= refusal.is_of_messages();
        self.phase = Phase::Resting { until: self.now.after(self.back_off.after(refusal)) };
    }

    /// Publishes the most urgent message, if there is one and room for it. Returns whether it did.
    fn publish(&mut self) -> bool {
        if self.phase != Phase::Connected {
            return false;
        }
        if self.client.vacancy() == 0 {
            return false;
        }
        if mem::take(&mut self.due.status) {
            self.client.publish(self.now, &self.profile.status(true));
        } else if let Some(info) = self.due.info.take() {
            self.client.publish(self.now, &info);
            self.due.told = Some(info);
        } else if mem::take(&mut self.due.state) {
            self.client.publish(self.now, &self.profile.state(&self.cleared()));
        } else if let Some(entry) = self.outbox.next() {
            let (seq, entry) = (entry.seq, self.leaving.entry(&entry));
            let waited = seq <= self.history;
            let message = if waited { self.profile.history(&entry) } else { self.profile.reading(&entry) };
            if let Some(token) = self.client.publish(self.now, &message) {
                self.outbox.sent(token, seq);
            }
        } else {
            self.outputs.extend(self.outbox.fetch(self.last));
            return false;
        }
        true
    }

    fn cleared(&self) -> Cleared<Newest> {
        self.leaving.newest(&self.newest)
    }
}

/// If a connection lasted this many milliseconds, its end is a new outage, and the pauses are short again.
const LASTING: u64 = 60_000;
/// Seconds without traffic after which a ping is due.
const KEEP_ALIVE: u16 = 30;

#[cfg(test)]
mod tests;
