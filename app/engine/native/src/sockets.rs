//! [`Brokers`]: scripted brokers and the connections to them.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeSet, HashMap, VecDeque};
use std::iter::Peekable;
use std::rc::Rc;

use futures_channel::mpsc::{UnboundedReceiver, UnboundedSender, unbounded};
use futures_util::StreamExt;
use futures_util::future::{Either, select};
use metertap_decoder::time::Instant;
use metertap_engine::platform::{Socket, SocketNews};
use metertap_readings::broker::mqtt::Message;
use metertap_readings::broker::scripted::{Broker, Habits};
use metertap_simulator::{Meter, Model};

use crate::timers::Timers;

/// The brokers of a house, by address. Clones share them.
#[derive(Clone, Debug)]
pub struct Brokers(Rc<Inner>);

struct Inner {
    habits: RefCell<HashMap<String, Habits>>,
    reachable: Cell<bool>,
    published: RefCell<Vec<Message>>,
    called: RefCell<BTreeSet<String>>,
    goodbyes: Cell<usize>,
    connections: RefCell<Vec<UnboundedSender<SocketNews>>>,
    /// Meters behind bridges, by address.
    bridges: RefCell<HashMap<String, (Model, u64)>>,
    /// Servers that send as fast as the client reads, by address: the message, and the number of messages left.
    floods: RefCell<HashMap<String, (Vec<u8>, u64)>>,
    /// Additional messages of servers, by address. One is sent each time the server receives something.
    asides: RefCell<HashMap<String, VecDeque<Vec<u8>>>>,
    timers: Timers,
}

impl std::fmt::Debug for Inner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Brokers").finish_non_exhaustive()
    }
}

impl Brokers {
    pub(crate) fn new(timers: Timers) -> Self {
        Self(Rc::new(Inner {
            habits: RefCell::default(),
            reachable: Cell::new(true),
            published: RefCell::default(),
            called: RefCell::default(),
            goodbyes: Cell::default(),
            connections: RefCell::default(),
            bridges: RefCell::default(),
            floods: RefCell::default(),
            asides: RefCell::default(),
            timers,
        }))
    }

    /// Adds a broker at that address.
    pub fn add(&self, url: &str, habits: Habits) {
        self.0.habits.borrow_mut().insert(url.to_owned(), habits);
    }

    /// Adds a bridge at that address, with a meter of that model.
    pub fn add_bridge(&self, url: &str, model: Model, seed: u64) {
        self.0.bridges.borrow_mut().insert(url.to_owned(), (model, seed));
    }

    /// Adds a server at that address that sends this message `times` times, as fast as the client reads. Each message
    /// takes a millisecond.
    pub fn add_flood(&self, url: &str, message: &[u8], times: u64) {
        self.0.floods.borrow_mut().insert(url.to_owned(), (message.to_vec(), times));
    }

    /// Makes the server at that address also send these messages: one each time it receives something. If there is no
    /// server, adds one that sends only these messages.
    pub fn add_asides(&self, url: &str, messages: impl IntoIterator<Item = Vec<u8>>) {
        self.0.asides.borrow_mut().entry(url.to_owned()).or_default().extend(messages);
    }

    /// The number of messages of a flood that were not read yet.
    #[must_use]
    pub fn left_of_flood(&self, url: &str) -> u64 {
        self.0.floods.borrow().get(url).map_or(0, |(_, left)| *left)
    }

    /// Sets whether servers can be reached from now on. If not, all connections end.
    pub fn reach(&self, reachable: bool) {
        self.0.reachable.set(reachable);
        if !reachable {
            for connection in self.0.connections.take() {
                // A connection that its client has closed receives nothing.
                let _ = connection.unbounded_send(SocketNews::Closed);
            }
        }
    }

    /// The published messages, oldest first.
    #[must_use]
    pub fn published(&self) -> Vec<Message> {
        self.0.published.borrow().clone()
    }

    /// The addresses that clients have tried to connect to.
    #[must_use]
    pub fn called(&self) -> BTreeSet<String> {
        self.0.called.borrow().clone()
    }

    /// The number of times a client has disconnected properly.
    #[must_use]
    pub fn goodbyes(&self) -> usize {
        self.0.goodbyes.get()
    }

    pub(crate) fn connect(&self, url: &str) -> Connection {
        self.0.called.borrow_mut().insert(url.to_owned());
        let (news, heard) = unbounded();
        let habits = self.0.habits.borrow().get(url).cloned().filter(|_| self.0.reachable.get());
        let bridge = self.0.bridges.borrow().get(url).copied().filter(|_| self.0.reachable.get());
        let floods = self.0.reachable.get() && self.0.floods.borrow().contains_key(url);
        let asides = self.0.reachable.get() && self.0.asides.borrow().contains_key(url);
        let is_there = habits.is_some() || bridge.is_some() || floods || asides;
        let first = if is_there { SocketNews::Open } else { SocketNews::Closed };
        // Sending cannot fail, because the connection below holds the receiver.
        let _ = news.unbounded_send(first);
        self.0.connections.borrow_mut().push(news.clone());
        let broker = habits.map(|habits| RefCell::new(Broker::new(habits)));
        let now = i64::try_from(self.0.timers.now().0 / 1000).unwrap_or_default();
        let began = |(model, seed)| Meter::new(model, seed, 1_700_000_000 + now).peekable();
        let since = self.0.timers.now().0;
        let (brokers, url) = (self.clone(), url.to_owned());
        Connection { brokers, url, broker, bridge: bridge.map(began), floods, since, news, heard }
    }
}

/// A connection to a broker, a bridge or another server.
pub struct Connection {
    brokers: Brokers,
    url: String,
    broker: Option<RefCell<Broker>>,
    /// A meter behind a bridge, which begins to run with the connection.
    bridge: Option<Peekable<Meter>>,
    floods: bool,
    since: u64,
    news: UnboundedSender<SocketNews>,
    heard: UnboundedReceiver<SocketNews>,
}

impl Connection {
    fn answer(&self, broker: &mut Broker, bytes: &[u8]) {
        let (said_goodbye, had) = (broker.goodbye, broker.published.len());
        let answer = broker.hear(bytes);
        let inner = &self.brokers.0;
        inner.published.borrow_mut().extend(broker.published.iter().skip(had).cloned());
        if broker.goodbye && !said_goodbye {
            inner.goodbyes.set(inner.goodbyes.get() + 1);
        }
        // Sending fails if the client has closed the connection, which is fine.
        if !answer.is_empty() {
            let _ = self.news.unbounded_send(SocketNews::Octets(answer));
        }
        if broker.closed {
            let _ = self.news.unbounded_send(SocketNews::Closed);
        }
    }
}

impl Socket for Connection {
    fn say(&self, bytes: &[u8]) {
        if let Some(broker) = &self.broker {
            self.answer(&mut broker.borrow_mut(), bytes);
        }
        let asides = &self.brokers.0.asides;
        let aside = asides.borrow_mut().get_mut(&self.url).and_then(VecDeque::pop_front);
        if let Some(aside) = aside {
            let _ = self.news.unbounded_send(SocketNews::Octets(aside));
        }
    }

    async fn hear(&mut self) -> SocketNews {
        if let Ok(news) = self.heard.try_recv() {
            return news;
        }
        if self.floods
            && let Some((message, left)) = self.brokers.0.floods.borrow_mut().get_mut(&self.url)
            && *left > 0
        {
            *left -= 1;
            self.brokers.0.timers.work();
            return SocketNews::Octets(message.clone());
        }
        let (heard, timers) = (self.heard.next(), &self.brokers.0.timers);
        let Some(due) = self.bridge.as_mut().and_then(|bridge| bridge.peek()).map(|next| next.due) else {
            return heard.await.unwrap_or(SocketNews::Closed);
        };
        match select(heard, timers.at(Instant(self.since + due))).await {
            Either::Left((heard, _)) => heard.unwrap_or(SocketNews::Closed),
            Either::Right(_) => {
                let telegram = self.bridge.as_mut().and_then(Iterator::next);
                telegram.map_or(SocketNews::Closed, |telegram| SocketNews::Octets(telegram.bytes))
            }
        }
    }
}
