//! [`Tabs`]: what the tabs of this site tell each other. One writes the log and reads the meters; the others watch.
//!
//! The writer says aloud what concerns every window, and whoever watches passes it on to its own. A wish that only the
//! writer can fulfil goes the other way. Nobody sends readings for the log: a watcher that wants to draw or to save them
//! reads the same disk.

use std::future::Future;
use std::pin::pin;
use std::rc::Rc;

use futures_channel::mpsc::{UnboundedReceiver, unbounded};
use futures_channel::oneshot;
use futures_util::future::{Either, LocalBoxFuture, Shared, select};
use futures_util::{FutureExt, StreamExt};
use js_sys::Array;
use serde::de::DeserializeOwned;
use serde_wasm_bindgen::from_value;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;

use super::window::js;
use crate::browser::broadcast::Broadcast;
use crate::browser::clock::sleep;
use crate::browser::lock_keeper::{LockKeeper, Queued};
use crate::browser::random;
use crate::browser::web_lock::{self, Held, LockError};
use crate::protocol::{Command, Event, VERSION};

/// The way to the other tabs.
#[derive(Debug)]
pub(crate) struct Tabs {
    channel: Option<Broadcast>,
}

/// What comes from the other tabs.
#[derive(Debug)]
pub(crate) struct Words {
    messages: UnboundedReceiver<JsValue>,
}

/// A word from another tab.
#[derive(Debug)]
pub(crate) enum Word {
    /// What the writer tells all windows.
    Told(Box<Event>),
    /// What the window of a watcher wants, and what was sent beside it.
    Wish(Command, JsValue),
}

impl Tabs {
    /// Hears the other tabs from now on. Tabs of other builds speak on another channel, so that nobody is misunderstood.
    pub(crate) fn listen() -> (Self, Words) {
        let (hear, messages) = unbounded();
        let channel = Broadcast::listen(&format!("metertap-{VERSION}"), move |message| {
            // Words are heard as long as the worker lives.
            let _ = hear.unbounded_send(message);
        });
        (Self { channel }, Words { messages })
    }

    /// Tells all windows what concerns them; an answer that only one has asked for is not for them.
    pub(crate) fn tell(&self, event: &Event) {
        let concerns_all = matches!(
            event,
            Event::Ready { .. }
                | Event::Meter { .. }
                | Event::Removed { .. }
                | Event::Reading { .. }
                | Event::Refused { .. }
                | Event::Broker { .. }
                | Event::Forward { .. }
                | Event::Notice { .. }
                | Event::Room { .. }
                | Event::Recomputed { .. }
                | Event::Clock { .. }
                | Event::Imports { .. }
                | Event::Daily { .. }
                // They carry a number that one window alone waits for.
                | Event::Restore { .. }
                | Event::Import { .. }
        );
        if concerns_all {
            self.say(TOLD, event, &JsValue::UNDEFINED);
        }
    }

    /// Asks the writer to carry this out.
    pub(crate) fn wish(&self, command: &Command, beside: &JsValue) {
        self.say(WISH, command, beside);
    }

    fn say(&self, kind: &str, what: &impl serde::Serialize, beside: &JsValue) {
        // Nothing in commands and events is without a form in JavaScript.
        if let (Some(channel), Ok(what)) = (&self.channel, js(what)) {
            channel.say(&Array::of3(&kind.into(), &what, beside));
        }
    }
}

impl Words {
    /// The next word. What is none is passed over.
    pub(crate) async fn next(&mut self) -> Word {
        while let Some(message) = self.messages.next().await {
            let message = Array::from(&message);
            let word = match message.get(0).as_string().as_deref() {
                Some(TOLD) => parsed(message.get(1)).map(|event| Word::Told(Box::new(event))),
                Some(WISH) => parsed(message.get(1)).map(|command| Word::Wish(command, message.get(2))),
                _ => None,
            };
            if let Some(word) = word {
                return word;
            }
        }
        std::future::pending().await
    }
}

/// Our turn to write, which comes when no other tab has it. It lasts until this is dropped, or this worker ends.
#[derive(Clone)]
pub(crate) struct Turn {
    held: Shared<LocalBoxFuture<'static, Rc<Hold>>>,
    mark: Rc<Mark>,
}

/// A lock of our own, by which it is seen whether the browser still knows of our locks. Held until this is dropped.
struct Mark {
    name: String,
    /// Ends whoever holds it; none where the lock keeper does.
    _held: Option<oneshot::Sender<()>>,
}

/// What became of queueing up anew.
pub(crate) enum Anew {
    /// The browser still knows of our locks.
    NeedNot,
    /// A new place in the queue.
    Queued(Turn),
    /// The browser started no worker for it, or does not say what it knows.
    NoAnswer,
}

/// What a turn lasts by.
enum Hold {
    /// A browser without locks has no Web Serial either, and the number of an entry is drawn in a transaction.
    Nothing,
    Lock {
        _held: Held,
    },
    Keeper {
        _keeper: LockKeeper,
    },
}

impl Turn {
    /// Queues up.
    pub(crate) fn wait() -> Self {
        let held = async {
            loop {
                match web_lock::hold(LOCK).await {
                    Ok(held) => return Rc::new(Hold::Lock { _held: held }),
                    Err(LockError::Unsupported) => return Rc::new(Hold::Nothing),
                    Err(LockError::Refused) => sleep(REFUSED).await,
                }
            }
        };
        let (keep, dropped) = oneshot::channel();
        let mark = Rc::new(Mark { name: new_mark(), _held: Some(keep) });
        let name = mark.name.clone();
        spawn_local(async move {
            // Where it is refused, it is not known what is forgotten.
            if let Ok(_held) = web_lock::hold(&name).await {
                let _ = dropped.await;
            }
        });
        Self { held: held.boxed_local().shared(), mark }
    }

    /// Queues up among all who come from now on, whatever the browser has forgotten of this worker's locks.
    pub(crate) async fn wait_afresh() -> Self {
        match Self::queue("").await {
            Anew::Queued(turn) => turn,
            Anew::NeedNot | Anew::NoAnswer => Self::wait(),
        }
    }

    /// Queues up anew, if the browser has forgotten this one: whoever opens a tab now would have a turn beside us.
    pub(crate) async fn wait_anew(&self) -> Anew {
        Self::queue(&self.mark.name).await
    }

    async fn queue(seen: &str) -> Anew {
        let mark = Mark { name: new_mark(), _held: None };
        let mut keeper = match LockKeeper::queue(LOCK, seen, &mark.name).await {
            Queued::Anew(keeper) => keeper,
            Queued::Seen => return Anew::NeedNot,
            Queued::NoAnswer => return Anew::NoAnswer,
        };
        let held = async move {
            keeper.comes().await;
            Rc::new(Hold::Keeper { _keeper: keeper })
        };
        Anew::Queued(Self { held: held.boxed_local().shared(), mark: Rc::new(mark) })
    }

    /// Whether both are the same place in the queue.
    pub(crate) fn is(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.mark, &other.mark)
    }

    /// Waits for it.
    pub(crate) fn comes(&self) -> impl Future<Output = ()> + use<> {
        self.held.clone().map(drop)
    }

    /// Whether it comes within so many milliseconds.
    pub(crate) async fn comes_within(&self, milliseconds: u64) -> bool {
        let patience = pin!(sleep(milliseconds));
        matches!(select(self.held.clone(), patience).await, Either::Left(_))
    }
}

fn parsed<T: DeserializeOwned>(value: JsValue) -> Option<T> {
    from_value(value).ok()
}

fn new_mark() -> String {
    format!("{LOCK}-{:016x}", u64::from_le_bytes(random::octets()))
}

const LOCK: &str = "metertap-engine";
/// Milliseconds before a browser that refused the lock is asked again.
const REFUSED: u64 = 1000;
const TOLD: &str = "told";
const WISH: &str = "wish";
