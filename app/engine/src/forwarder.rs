//! Carries readings to a broker: for each meter a cursor in the log, a connection, and the back-off in between.
//!
//! What to say and when is decided by [`metertap_readings::broker::forward`]; here it meets socket, clock and log.

use std::collections::BTreeMap;
use std::pin::pin;
use std::rc::Rc;

use futures_util::{FutureExt, select_biased};
use metertap_decoder::time::Instant;
use metertap_protocol::{Broker, Event, ForwardState, Trouble};
use metertap_readings::broker::forward::{Forwarder, Output, Settings, State};
use metertap_readings::broker::mqtt::Version;
use metertap_readings::broker::profile::Profile;
use metertap_readings::entry::{Entry, Moment};
use metertap_readings::files::backup::Setting;
use metertap_readings::store::{Internal, MeterKey, SourceRecord};

use super::desk::Desk;
use super::task::{Stop, Task};
use super::trouble::trouble;
use crate::clock::earlier;
use crate::platform::{Platform, Socket, SocketNews};

/// The broker, and what goes on towards it.
#[derive(Default)]
pub(crate) struct Forwarding {
    broker: Option<Broker>,
    lines: BTreeMap<MeterKey, Line>,
    /// The name of this installation, once it was asked for.
    installation: Option<String>,
}

/// One meter's way to the broker.
struct Line {
    task: Task,
    state: LineState,
}

#[derive(Clone, Default)]
struct LineState {
    connected: Option<Version>,
    waiting: u64,
    acknowledged: Option<Moment>,
    trouble: Option<Trouble>,
}

impl<P: Platform> Desk<P> {
    /// Forwards to this broker from now on, after a restart too; `None` stops. A person who names one has it switched on.
    pub(crate) async fn forward_to(self: &Rc<Self>, broker: Option<Broker>) {
        self.stop_all_forwarding().await;
        let known = self.forwarding.borrow_mut().broker.take();
        let broker = broker.map(|broker| broker.switched_on(known));
        let setting = broker.as_ref().and_then(|broker| serde_json::to_string(broker).ok());
        // A setting that cannot be kept is lost at the next restart; until then it works.
        let _ = self.log.set_setting(Setting::BROKER, setting.as_deref()).await;
        self.forwarding.borrow_mut().broker = broker;
        self.forward_all().await;
        let broker = self.find_broker().await;
        self.tell(&Event::Broker { broker });
        self.tell_forwarding();
    }

    /// The broker that readings go to, found from before the restart; without its password.
    pub(crate) async fn find_broker(&self) -> Option<Broker> {
        if self.forwarding.borrow().broker.is_none() {
            let setting = self.log.setting(Setting::BROKER).await.ok().flatten();
            let broker = setting.and_then(|setting| serde_json::from_str(&setting).ok());
            self.forwarding.borrow_mut().broker = broker;
        }
        let broker = self.forwarding.borrow().broker.clone();
        broker.map(|broker| Broker { password: String::new(), ..broker })
    }

    /// The broker is to be found anew: another one may have been restored.
    pub(crate) fn forget_broker(&self) {
        self.forwarding.borrow_mut().broker = None;
    }

    /// Begins to forward meters that should be and are not, because there was no log to begin with.
    pub(super) async fn forward_more(self: &Rc<Self>) {
        let is_idle = |key: &&MeterKey| !self.forwarding.borrow().lines.contains_key(key);
        let idle: Vec<MeterKey> = self.meters.borrow().keys().filter(is_idle).cloned().collect();
        for key in idle {
            self.forward_anew(&key).await;
        }
    }

    /// Begins to forward all meters, where there is a broker to forward to.
    pub(crate) async fn forward_all(self: &Rc<Self>) {
        let keys: Vec<MeterKey> = self.meters.borrow().keys().cloned().collect();
        for key in keys {
            self.forward_anew(&key).await;
        }
    }

    /// Begins to forward a meter, or begins again under its new name.
    pub(crate) async fn forward_anew(self: &Rc<Self>, key: &MeterKey) {
        self.stop_forwarding(key).await;
        // One whose address came out of a file is off until a person has switched it on.
        let Some(broker) = self.forwarding.borrow().broker.clone().filter(|broker| broker.on) else { return };
        let meter = self.change(key, |meter| (meter.state.record.clone(), meter.state.newest.clone()));
        let Some((record, newest)) = meter else { return };
        // A file that somebody looks into is not news to anyone.
        let (Some(topic), false) = (record.topic, matches!(record.source, SourceRecord::File { .. })) else {
            return;
        };
        let reader = format!("mqtt {}", broker.url);
        let Ok(cursor) = self.log.cursor(&reader, key).await else { return };
        let settings = Settings {
            profile: Profile { base: broker.base, topic, identified: false },
            identification: record.identification,
            installation: self.installation().await,
            user: broker.user,
            password: broker.password,
            app: env!("CARGO_PKG_VERSION").to_owned(),
        };
        let seed = self.platform.random();
        let forwarder = Forwarder::new(settings, cursor, &newest, seed, self.platform.now());
        let task = self.platform.begin(|stop| {
            let carrier = Carrier {
                desk: Rc::clone(self),
                key: key.clone(),
                reader,
                url: broker.url,
                forwarder,
                socket: None,
                seen: newest.last().map_or(0, |entry| entry.seq),
                told: Instant::default(),
                untold: true,
                stop,
            };
            carrier.run()
        });
        let line = Line { task, state: LineState::default() };
        self.forwarding.borrow_mut().lines.insert(key.clone(), line);
    }

    /// Says goodbye to the broker for one meter.
    pub(crate) async fn stop_forwarding(&self, key: &MeterKey) {
        let line = self.forwarding.borrow_mut().lines.remove(key);
        if let Some(line) = line {
            line.task.stop().await;
        }
    }

    /// Says goodbye to the broker for all meters.
    pub(crate) async fn stop_all_forwarding(&self) {
        let lines = std::mem::take(&mut self.forwarding.borrow_mut().lines);
        // All of them at once: a broker that does not answer is waited for once.
        futures_util::future::join_all(lines.into_values().map(|line| line.task.stop())).await;
    }

    /// The name of this installation, drawn once.
    pub(super) async fn installation(&self) -> String {
        let known = self.forwarding.borrow().installation.clone();
        if let Some(name) = known {
            return name;
        }
        let name = self.find_installation().await;
        self.forwarding.borrow_mut().installation = Some(name.clone());
        name
    }

    async fn find_installation(&self) -> String {
        if let Ok(Some(name)) = self.log.internal(Internal::Installation).await {
            return name;
        }
        let name = format!("{:016x}", self.platform.random());
        // A name that cannot be kept is as good as another until the next restart.
        let _ = self.log.set_internal(Internal::Installation, Some(&name)).await;
        name
    }

    /// Tells how all lines together are doing: connected if all are, and the trouble of the first that has one.
    fn tell_forwarding(&self) {
        let forwarding = self.forwarding.borrow();
        let states = || forwarding.lines.values().map(|line| &line.state);
        let connected = !forwarding.lines.is_empty() && states().all(|state| state.connected.is_some());
        let state = ForwardState {
            connected,
            version: states().find_map(|state| state.connected).map(Version::level),
            waiting: states().map(|state| state.waiting).sum(),
            acknowledged: states().filter_map(|state| state.acknowledged).max(),
            trouble: states().find_map(|state| state.trouble.clone()),
        };
        self.tell(&Event::Forward { state });
    }
}

/// Carries one meter's log.
struct Carrier<P: Platform> {
    desk: Rc<Desk<P>>,
    key: MeterKey,
    /// The name of the cursor.
    reader: String,
    url: String,
    forwarder: Forwarder,
    socket: Option<P::Socket>,
    /// The newest entry that the forwarder has heard of.
    seen: u64,
    told: Instant,
    untold: bool,
    stop: Stop,
}

/// What a carrier waits for.
enum News {
    Heard(SocketNews),
    Grown,
    Late,
    Stop,
}

impl<P: Platform> Carrier<P> {
    async fn run(mut self) {
        loop {
            let desk = Rc::clone(&self.desk);
            let grown = desk.grown.next();
            self.take_appended().await;
            let deadline = self.drain().await;
            self.tell_if_due();
            let due = earlier(deadline, self.next_telling());
            let news = {
                let mut stop = pin!(self.stop.asked().fuse());
                let mut heard = pin!(hear(&mut self.socket).fuse());
                let mut grown = pin!(grown.fuse());
                let mut late = pin!(desk.platform.until(due).fuse());
                select_biased! {
                    () = stop => News::Stop,
                    heard = heard => News::Heard(heard),
                    () = late => News::Late,
                    () = grown => News::Grown,
                }
            };
            let now = desk.platform.now();
            match news {
                News::Heard(SocketNews::Open) => self.forwarder.handle_open(now),
                News::Heard(SocketNews::Octets(octets)) => self.forwarder.handle_octets(now, &octets),
                News::Heard(SocketNews::Closed) => {
                    self.socket = None;
                    self.forwarder.handle_closed(now);
                }
                News::Late if deadline.is_some_and(|deadline| deadline <= now) => {
                    self.forwarder.handle_timeout(now);
                }
                News::Late | News::Grown => {}
                News::Stop => {
                    self.forwarder.handle_stop(now);
                    self.drain().await;
                    return;
                }
            }
        }
    }

    /// Carries out what the forwarder wants, until it wants nothing but news or its deadline.
    async fn drain(&mut self) -> Option<Instant> {
        loop {
            match self.forwarder.poll() {
                Output::Wait(deadline) => return deadline,
                Output::Connect => match self.desk.platform.connect(&self.url, Some(SUBPROTOCOL)) {
                    Ok(socket) => self.socket = Some(socket),
                    Err(_) => self.forwarder.handle_closed(self.now()),
                },
                Output::Transmit(octets) => {
                    if let Some(socket) = &self.socket {
                        socket.say(&octets);
                    }
                }
                // A browser sends what was said before it closes.
                Output::Close => self.socket = None,
                Output::Fetch { from, most } => {
                    let entries = self.entries(from, most).await;
                    self.forwarder.handle_entries(self.now(), entries);
                }
                Output::Cursor(seq) => {
                    // A cursor that could not be kept is behind after a restart: some readings go out twice, none is
                    // lost.
                    let _ = self.desk.log.set_cursor(&self.reader, &self.key, seq).await;
                    self.change(|state| state.acknowledged = Some(self.desk.platform.moment()));
                    self.untold = true;
                }
                Output::State(state) => {
                    let at = self.desk.platform.moment();
                    self.change(|line| line.take(state, &self.url, at));
                    self.tell();
                }
            }
        }
    }

    /// Hands over what was appended to the log since.
    async fn take_appended(&mut self) {
        let newest = self.desk.change(&self.key, |meter| meter.state.newest.last().map(|entry| entry.seq));
        let newest = newest.flatten().unwrap_or(0);
        while self.seen < newest {
            let entries = self.entries(self.seen + 1, PAGE).await;
            let Some(last) = entries.last() else { return };
            self.seen = last.seq;
            let now = self.now();
            entries.iter().for_each(|entry| self.forwarder.handle_appended(now, entry));
            self.untold = true;
        }
    }

    async fn entries(&self, from: u64, most: usize) -> Vec<Entry> {
        self.desk.log.range(&self.key, from..=u64::MAX, most).await.unwrap_or_default()
    }

    fn now(&self) -> Instant {
        self.desk.platform.now()
    }

    fn change(&self, change: impl FnOnce(&mut LineState)) {
        if let Some(line) = self.desk.forwarding.borrow_mut().lines.get_mut(&self.key) {
            line.state.waiting = self.forwarder.waiting();
            change(&mut line.state);
        }
    }

    fn next_telling(&self) -> Option<Instant> {
        self.untold.then(|| self.told.after(TOLD))
    }

    fn tell_if_due(&mut self) {
        if self.next_telling().is_some_and(|due| self.now() >= due) {
            self.tell();
        }
    }

    fn tell(&mut self) {
        self.told = self.now();
        self.untold = false;
        self.change(|_| {});
        self.desk.tell_forwarding();
    }
}

impl LineState {
    fn take(&mut self, state: State, url: &str, at: Moment) {
        self.connected = None;
        match state {
            State::Connecting => {}
            State::Connected(version) => {
                self.connected = Some(version);
                self.trouble = None;
            }
            State::Waiting(refusal) => {
                self.trouble = Some(trouble(refusal.code(), url, at));
            }
        }
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

/// Milliseconds between two tellings of how many readings wait.
const TOLD: u64 = 500;
