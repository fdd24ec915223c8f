//! [`Channels`]: the messages between the tabs of a browser.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::fmt::Debug;
use std::rc::Rc;

use futures_channel::mpsc::{UnboundedSender, unbounded};
use metertap_engine::platform::{Channel, Incoming, Outgoing};
use metertap_protocol::bytes;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::files::Handle;

/// All channels of a browser. Clones share them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Channels(Rc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    listeners: RefCell<HashMap<String, Vec<Listener>>>,
    messages: Cell<usize>,
}

/// The number of a tab, and the sender of its messages.
type Listener = (usize, UnboundedSender<Incoming<Handle>>);

impl Channels {
    pub(crate) fn listen(&self, tab: usize, name: &str) -> Channel<Handle> {
        let (hear, heard) = unbounded();
        self.0.listeners.borrow_mut().entry(name.to_owned()).or_default().push((tab, hear));
        let (channels, name) = (self.clone(), name.to_owned());
        Channel { say: Rc::new(move |message| channels.say(tab, &name, &message)), heard }
    }

    pub(crate) fn forget(&self, tab: usize) {
        self.0.listeners.borrow_mut().values_mut().for_each(|all| all.retain(|(other, _)| *other != tab));
    }

    pub(crate) fn messages(&self) -> usize {
        self.0.messages.get()
    }

    fn say(&self, tab: usize, name: &str, message: &Outgoing<'_, Handle>) {
        self.0.messages.set(self.0.messages.get() + 1);
        let listeners = self.0.listeners.borrow();
        for (_, hear) in listeners.get(name).into_iter().flatten().filter(|(other, _)| *other != tab) {
            let incoming = match message {
                Outgoing::Event(event) => Incoming::Event(Box::new(carried(*event))),
                Outgoing::Command(command, beside) => Incoming::Command(carried(*command), beside.cloned()),
                Outgoing::Claims(claims) => Incoming::Claims(*claims),
            };
            // Sending fails if the tab was closed, which is fine.
            let _ = hear.unbounded_send(incoming);
        }
    }
}

/// Encodes and decodes the message: in a browser, messages travel as bytes.
pub(crate) fn carried<T: DeserializeOwned + PartialEq + Debug + Serialize>(message: &T) -> T {
    let arrived = bytes::read(&bytes::write(message)).expect("a message can be encoded");
    assert_eq!(*message, arrived);
    arrived
}
