//! The harmonised MQTT profile, version 1.

use metertap_decoder::time::Instant;

use crate::entry::Entry;
use crate::mqtt::{Refusal, Version};

/// What one meter's forwarder is told.
#[derive(Clone, Eq, PartialEq)]
pub struct Settings {
    /// The topic prefix: `meters` unless changed.
    pub base: String,
    /// The meter's name in topics: see [`topic`].
    pub topic: String,
    /// Random, drawn once per installation and kept: two computers that forward one meter must not be one client.
    pub installation: String,
    /// Empty for none.
    pub user: String,
    /// Empty for none.
    pub password: String,
    /// Whether the meter's own identification may leave the machine.
    pub identified: bool,
    /// The application's version, for `info`.
    pub app: String,
}

/// What a forwarder wants done.
#[derive(Clone, Debug, PartialEq)]
pub enum Output {
    /// Open a WebSocket (subprotocol `mqtt`) to the broker; then [`Forwarder::handle_open`], or
    /// [`Forwarder::handle_closed`] if it does not open.
    Connect,
    /// Send this.
    Transmit(Vec<u8>),
    /// Close the socket, after all that was to be sent has left. [`Forwarder::handle_closed`] need not be called.
    Close,
    /// Read these entries of the log, `from` and at most `most`, then [`Forwarder::handle_entries`].
    Fetch {
        /// The first number.
        from: u64,
        /// No more than these.
        most: usize,
    },
    /// Everything up to this number is acknowledged: keep that as the cursor.
    Cursor(u64),
    /// The connection's state changed.
    State(State),
    /// Drained. Call [`Forwarder::handle_timeout`] at that moment.
    Wait(Option<Instant>),
}

/// What the connection is doing.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum State {
    /// Opening the socket, or waiting for the broker's answer.
    Connecting,
    /// The broker has accepted us.
    Connected(Version),
    /// Not connected; it is tried again in a while.
    Waiting(Refusal),
}

/// Carries one meter's log to a broker.
pub struct Forwarder {
    _settings: Settings,
}

impl Forwarder {
    /// A forwarder that begins behind `cursor`, the last number that the broker has acknowledged.
    ///
    /// `newest` are the newest entries of the log, oldest first: enough of them to show every register. `seed` feeds
    /// the jitter of the back-off.
    #[must_use]
    pub fn new(settings: Settings, cursor: u64, newest: &[Entry], seed: u64, now: Instant) -> Self {
        let _ = (cursor, newest, seed, now);
        Self { _settings: settings }
    }

    /// The socket is open.
    pub fn handle_open(&mut self, _now: Instant) {}

    /// These octets came.
    pub fn handle_octets(&mut self, _now: Instant, _octets: &[u8]) {}

    /// The socket has closed, or did not open.
    pub fn handle_closed(&mut self, _now: Instant) {}

    /// The moment that [`Output::Wait`] named has come.
    pub fn handle_timeout(&mut self, _now: Instant) {}

    /// An entry is in the log.
    pub fn handle_appended(&mut self, _now: Instant, _entry: &Entry) {}

    /// The answer to [`Output::Fetch`].
    pub fn handle_entries(&mut self, _now: Instant, _entries: Vec<Entry>) {}

    /// Says `offline` and goodbye; [`Output::Close`] follows, and nothing after it.
    pub fn handle_stop(&mut self, _now: Instant) {}

    /// The next thing to carry out.
    pub fn poll(&mut self) -> Output {
        Output::Wait(None)
    }

    /// Readings in the log that the broker has not acknowledged.
    #[must_use]
    pub fn waiting(&self) -> u64 {
        0
    }
}

/// A meter's name in topics, `[a-z0-9-]`: the alias that the person gave, as a slug, else the maker's letters and a
/// short hash of the meter's identification. `None` while neither is known.
///
/// `taken` are the topics of the other meters. Once settled, the name is kept in [`crate::store::MeterRecord::topic`]
/// and changes only when the person renames the meter.
#[must_use]
pub fn topic(
    name: &str,
    maker: Option<&str>,
    identification: Option<&str>,
    taken: &[&str],
) -> Option<String> {
    let _ = (name, maker, identification, taken);
    None
}

/// Whether a broker's address can be used from this page: `Err` is a code for [`crate::fault::words`].
///
/// # Errors
///
/// `broker.url` for anything but `ws://host…` and `wss://host…`; `broker.mixed-content` for `ws://` to another
/// computer from a page that came by https, which browsers block.
pub fn check_url(url: &str, secure_page: bool) -> Result<(), &'static str> {
    let _ = (url, secure_page);
    Ok(())
}
