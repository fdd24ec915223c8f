//! [`Carrier`]: forwards one meter's log to the broker.
//!
//! [`metertap_readings::broker::forward`] decides what to send and when. This file connects it with socket, clock and
//! log.

use std::pin::pin;

use futures_channel::mpsc::UnboundedReceiver;
use futures_util::{FutureExt, StreamExt, select_biased};
use metertap_decoder::time::Instant;
use metertap_protocol::ForwardState;
use metertap_readings::archive::Archive;
use metertap_readings::broker::forward::{Forwarder, Output, Settings, State};
use metertap_readings::broker::mqtt::Version;
use metertap_readings::entry::{Entry, Moment};
use metertap_readings::store::MeterKey;

use super::Beginning;
use crate::clock::{Slices, earlier};
use crate::fact::{BrokerNews, Fact, Facts};
use crate::platform::{Platform, Socket, SocketNews};
use crate::task::Stop;
use crate::trouble::{not_fetched, trouble};

pub(super) struct Carrier<P: Platform> {
    platform: P,
    log: Archive<P::Disk>,
    facts: Facts<P>,
    meter: MeterKey,
    line: u32,
    /// The name of the cursor.
    reader: String,
    url: String,
    forwarder: Forwarder,
    socket: Option<P::Socket>,
    appended: UnboundedReceiver<u64>,
    /// The number of the newest entry in the log.
    newest: u64,
    /// The number of the newest entry that the forwarder was given.
    heard: u64,
    state: ForwardState,
    /// When the state was last reported.
    told: Instant,
    /// Whether the state has changed since the last report.
    untold: bool,
    slices: Slices,
    stop: Stop,
}

pub(super) struct Origin {
    pub(super) meter: MeterKey,
    pub(super) line: u32,
    pub(super) url: String,
    pub(super) settings: Settings,
    pub(super) newest: Vec<Entry>,
}

impl Origin {
    /// The news that the carrier's code could not be fetched.
    pub(super) fn without_code(&self, at: Moment) -> BrokerNews {
        let state = ForwardState { trouble: Some(not_fetched(at)), ..ForwardState::default() };
        BrokerNews { meter: self.meter.clone(), line: self.line, state: Some(state) }
    }
}

enum News {
    Heard(SocketNews),
    Appended(u64),
    Late,
    Stop,
}

impl<P: Platform> Carrier<P> {
    /// A carrier that continues at the cursor; `None` if the cursor cannot be read.
    pub(super) async fn find(beginning: Beginning<P>) -> Option<Self> {
        let Beginning { platform, log, facts, origin, appended, stop } = beginning;
        let Origin { meter, line, url, settings, newest } = origin;
        let reader = format!("mqtt {url}");
        let Ok(cursor) = log.cursor(&reader, &meter).await else {
            facts.tell(Fact::Broker(BrokerNews { meter, line, state: None }));
            return None;
        };
        let forwarder = Forwarder::new(settings, cursor, &newest, platform.random(), platform.now());
        let newest = newest.last().map_or(0, |entry| entry.seq);
        Some(Self {
            platform,
            log,
            facts,
            meter,
            line,
            reader,
            url,
            forwarder,
            socket: None,
            appended,
            newest,
            heard: newest,
            state: ForwardState::default(),
            told: Instant::default(),
            untold: true,
            slices: Slices::default(),
            stop,
        })
    }

    pub(super) async fn run(mut self) {
        loop {
            self.take_appended().await;
            let deadline = self.drain().await;
            self.tell_if_due();
            let due = earlier(deadline, self.next_report());
            let news = {
                let mut stop = pin!(self.stop.asked().fuse());
                let mut heard = pin!(hear(&mut self.socket).fuse());
                let mut late = pin!(self.platform.until(due).fuse());
                select_biased! {
                    () = stop => News::Stop,
                    heard = heard => News::Heard(heard),
                    () = late => News::Late,
                    // A dropped sender means the same as a request to stop.
                    seq = self.appended.next() => seq.map_or(News::Stop, News::Appended),
                }
            };
            let now = self.platform.now();
            match news {
                News::Heard(SocketNews::Open) => self.forwarder.handle_open(now),
                News::Heard(SocketNews::Octets(bytes)) => {
                    self.forwarder.handle_bytes(now, &bytes);
                    self.slices.piece_is_done(&self.platform).await;
                }
                News::Heard(SocketNews::Closed) => {
                    self.socket = None;
                    self.forwarder.handle_closed(now);
                }
                News::Late if deadline.is_some_and(|deadline| deadline <= now) => {
                    self.forwarder.handle_timeout(now);
                }
                News::Late => {}
                News::Appended(seq) => self.newest = seq,
                News::Stop => {
                    self.forwarder.handle_stop(now);
                    self.drain().await;
                    return;
                }
            }
        }
    }

    /// Carries out the forwarder's outputs until it waits for news or a deadline. Returns the deadline.
    async fn drain(&mut self) -> Option<Instant> {
        loop {
            match self.forwarder.poll() {
                Output::Wait(deadline) => return deadline,
                Output::Connect => match self.platform.connect(&self.url, Some(SUBPROTOCOL)) {
                    Ok(socket) => self.socket = Some(socket),
                    Err(_) => self.forwarder.handle_closed(self.platform.now()),
                },
                Output::Transmit(bytes) => {
                    if let Some(socket) = &self.socket {
                        socket.say(&bytes);
                    }
                }
                // A browser sends all queued bytes before it closes the connection.
                Output::Close => self.socket = None,
                Output::Fetch { from, most } => {
                    let entries = self.entries(from, most).await;
                    self.forwarder.handle_entries(self.platform.now(), entries);
                }
                Output::Cursor(seq) => {
                    // If the cursor cannot be kept, some readings are sent twice after a restart, and none is lost.
                    let _ = self.log.set_cursor(&self.reader, &self.meter, seq).await;
                    self.state.acknowledged = Some(self.platform.moment());
                    self.untold = true;
                }
                Output::State(state) => {
                    self.take_state(state);
                    self.tell();
                }
            }
        }
    }

    /// Gives the forwarder the entries that were appended since the last call.
    async fn take_appended(&mut self) {
        while self.heard < self.newest {
            let entries = self.entries(self.heard + 1, PAGE).await;
            let Some(last) = entries.last() else { return };
            self.heard = last.seq;
            let now = self.platform.now();
            entries.iter().for_each(|entry| self.forwarder.handle_appended(now, entry));
            self.untold = true;
        }
    }

    async fn entries(&self, from: u64, most: usize) -> Vec<Entry> {
        self.log.range(&self.meter, from..=u64::MAX, most).await.unwrap_or_default()
    }

    fn take_state(&mut self, state: State) {
        (self.state.connected, self.state.version) = (false, None);
        match state {
            State::Connecting => {}
            State::Connected(version) => {
                (self.state.connected, self.state.version) = (true, Some(Version::level(version)));
                self.state.trouble = None;
            }
            // The broker has accepted this connection, but did not accept what was published over the last one. The
            // error stays until the broker accepts something.
            State::Doubtful => {}
            State::Waiting(refusal) => {
                let at = self.platform.moment();
                self.state.trouble = Some(trouble(refusal.code(), self.url.clone(), at));
            }
        }
    }

    fn next_report(&self) -> Option<Instant> {
        self.untold.then(|| self.told.after(TOLD))
    }

    fn tell_if_due(&mut self) {
        if self.next_report().is_some_and(|due| self.platform.now() >= due) {
            self.tell();
        }
    }

    fn tell(&mut self) {
        self.told = self.platform.now();
        self.untold = false;
        self.state.waiting = self.forwarder.waiting();
        let (meter, line, state) = (self.meter.clone(), self.line, Some(self.state.clone()));
        self.facts.tell(Fact::Broker(BrokerNews { meter, line, state }));
    }
}

async fn hear<S: Socket>(socket: &mut Option<S>) -> SocketNews {
    match socket {
        Some(socket) => socket.hear().await,
        None => std::future::pending().await,
    }
}

const SUBPROTOCOL: &str = "mqtt";
const PAGE: usize = 256;

/// Milliseconds between reports in which only numbers differ. A new state is reported at once.
const TOLD: u64 = 500;
