//! [`Brokers`]: brokers that are scripted, and the connections to them.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use futures_channel::mpsc::{UnboundedReceiver, UnboundedSender, unbounded};
use futures_util::StreamExt;
use metertap_engine::platform::{Socket, SocketNews};
use metertap_readings::broker::mqtt::Message;
use metertap_readings::broker::scripted::{Broker, Habits};

/// The brokers of a house, by their addresses. Clones are views of one and the same.
#[derive(Clone, Debug)]
pub struct Brokers(Rc<Inner>);

struct Inner {
    habits: RefCell<HashMap<String, Habits>>,
    reachable: Cell<bool>,
    published: RefCell<Vec<Message>>,
    goodbyes: Cell<usize>,
    connections: RefCell<Vec<UnboundedSender<SocketNews>>>,
}

impl std::fmt::Debug for Inner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Brokers").finish_non_exhaustive()
    }
}

impl Brokers {
    pub(crate) fn new() -> Self {
        Self(Rc::new(Inner {
            habits: RefCell::default(),
            reachable: Cell::new(true),
            published: RefCell::default(),
            goodbyes: Cell::default(),
            connections: RefCell::default(),
        }))
    }

    /// There is one at that address.
    pub fn add(&self, url: &str, habits: Habits) {
        self.0.habits.borrow_mut().insert(url.to_owned(), habits);
    }

    /// Whether they are reached from now on. Where they are not, connections end.
    pub fn reach(&self, reachable: bool) {
        self.0.reachable.set(reachable);
        if !reachable {
            for connection in self.0.connections.take() {
                // One that its client has closed hears nothing.
                let _ = connection.unbounded_send(SocketNews::Closed);
            }
        }
    }

    /// What was published, the oldest first.
    #[must_use]
    pub fn published(&self) -> Vec<Message> {
        self.0.published.borrow().clone()
    }

    /// How often a client has said goodbye.
    #[must_use]
    pub fn goodbyes(&self) -> usize {
        self.0.goodbyes.get()
    }

    pub(crate) fn connect(&self, url: &str) -> Connection {
        let (news, heard) = unbounded();
        let habits = self.0.habits.borrow().get(url).cloned().filter(|_| self.0.reachable.get());
        let first = if habits.is_some() { SocketNews::Open } else { SocketNews::Closed };
        // Its end is held.
        let _ = news.unbounded_send(first);
        self.0.connections.borrow_mut().push(news.clone());
        let broker = habits.map(|habits| RefCell::new(Broker::new(habits)));
        Connection { brokers: self.clone(), broker, news, heard }
    }
}

/// A connection to a broker.
pub struct Connection {
    brokers: Brokers,
    broker: Option<RefCell<Broker>>,
    news: UnboundedSender<SocketNews>,
    heard: UnboundedReceiver<SocketNews>,
}

impl Socket for Connection {
    fn say(&self, octets: &[u8]) {
        let Some(broker) = &self.broker else { return };
        let mut broker = broker.borrow_mut();
        let (said_goodbye, had) = (broker.goodbye, broker.published.len());
        let answer = broker.hear(octets);
        let inner = &self.brokers.0;
        inner.published.borrow_mut().extend(broker.published.iter().skip(had).cloned());
        if broker.goodbye && !said_goodbye {
            inner.goodbyes.set(inner.goodbyes.get() + 1);
        }
        // Whoever has closed the connection hears nothing.
        if !answer.is_empty() {
            let _ = self.news.unbounded_send(SocketNews::Octets(answer));
        }
        if broker.closed {
            let _ = self.news.unbounded_send(SocketNews::Closed);
        }
    }

    async fn hear(&mut self) -> SocketNews {
        self.heard.next().await.unwrap_or(SocketNews::Closed)
    }
}
