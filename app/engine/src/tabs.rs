//! [`Tabs`]: what the tabs of this site tell each other. One writes the log and reads the meters; the others watch.
//!
//! The writer says aloud what concerns every window, and whoever watches passes it on to its own. A wish that only the
//! writer can fulfil goes the other way. Nobody sends readings for the log: a watcher that wants to draw or to save them
//! reads the same disk.

use std::pin::pin;
use std::rc::Rc;

use futures_channel::mpsc::UnboundedReceiver;
use futures_channel::oneshot;
use futures_util::future::{Either, LocalBoxFuture, Shared, select};
use futures_util::{FutureExt, StreamExt};
use metertap_protocol::{Command, Event, VERSION};

use crate::claim::Claim;
use crate::platform::{Keeper, LockError, Platform, Queued, Say, Saying, Word};

/// The way to the other tabs.
pub(crate) struct Tabs<P: Platform> {
    say: Say<P::Handle>,
}

/// What comes from the other tabs.
pub(crate) struct Words<P: Platform> {
    heard: UnboundedReceiver<Word<P::Handle>>,
}

/// Where commands come from, in the order in which they were given, each with what was sent beside it.
pub(crate) struct Commands<P: Platform> {
    given: UnboundedReceiver<(Command, Option<P::Handle>)>,
    /// The first one, while nobody has taken it.
    first: Option<(Command, Option<P::Handle>)>,
}

impl<P: Platform> Commands<P> {
    pub(crate) const fn new(given: UnboundedReceiver<(Command, Option<P::Handle>)>) -> Self {
        Self { given, first: None }
    }

    /// Waits until there is one.
    pub(crate) async fn wait(&mut self) {
        self.first = self.given.next().await;
    }

    /// The next command; none once there is no window any more.
    pub(crate) async fn next(&mut self) -> Option<(Command, Option<P::Handle>)> {
        match self.first.take() {
            Some(first) => Some(first),
            None => self.given.next().await,
        }
    }
}

impl<P: Platform> Tabs<P> {
    /// Hears the other tabs from now on. Tabs of other builds speak on another channel, so that nobody is misunderstood.
    pub(crate) fn listen(platform: &P) -> (Self, Words<P>) {
        let channel = platform.channel(&format!("metertap-{VERSION}"));
        (Self { say: channel.say }, Words { heard: channel.heard })
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
            (self.say)(Saying::Told(event));
        }
    }

    /// Asks the writer to carry this out.
    pub(crate) fn wish(&self, command: &Command, beside: Option<&P::Handle>) {
        (self.say)(Saying::Wish(command, beside));
    }
}

impl<P: Platform> Words<P> {
    /// The next word.
    pub(crate) async fn next(&mut self) -> Word<P::Handle> {
        match self.heard.next().await {
            Some(word) => word,
            None => std::future::pending().await,
        }
    }
}

/// Our turn to write, which comes when no other tab has it. It lasts until this is dropped, or this worker ends.
pub(crate) struct Turn<P: Platform> {
    held: Shared<LocalBoxFuture<'static, Rc<Hold<P>>>>,
    mark: Rc<Mark>,
}

/// A lock of our own, by which it is seen whether the browser still knows of our locks. Held until this is dropped.
struct Mark {
    name: String,
    /// Ends whoever holds it; none where the lock keeper does.
    _held: Option<oneshot::Sender<()>>,
}

/// What became of queueing up anew.
pub(crate) enum Anew<P: Platform> {
    /// The browser still knows of our locks.
    NeedNot,
    /// A new place in the queue.
    Queued(Turn<P>),
    /// The browser started no worker for it, or does not say what it knows.
    NoAnswer,
}

/// What a turn lasts by.
enum Hold<P: Platform> {
    /// What the tabs of a browser without locks have agreed on.
    Claim(Claim),
    Lock {
        _held: P::Held,
    },
    Keeper {
        _keeper: P::Keeper,
    },
}

impl<P: Platform> Clone for Turn<P> {
    fn clone(&self) -> Self {
        Self { held: self.held.clone(), mark: Rc::clone(&self.mark) }
    }
}

impl<P: Platform> Turn<P> {
    /// Queues up.
    pub(crate) fn wait(platform: &P) -> Self {
        let locks = platform.clone();
        let held = async move {
            loop {
                match locks.lock(LOCK).await {
                    Ok(held) => return Rc::new(Hold::Lock { _held: held }),
                    Err(LockError::Unsupported) => return Rc::new(Hold::Claim(Claim::wait(&locks).await)),
                    Err(LockError::Refused) => locks.sleep(REFUSED).await,
                }
            }
        };
        let (keep, dropped) = oneshot::channel();
        let mark = Rc::new(Mark { name: new_mark(platform), _held: Some(keep) });
        let (locks, name) = (platform.clone(), mark.name.clone());
        let marking = async move {
            // Where it is refused, it is not known what is forgotten.
            if let Ok(_held) = locks.lock(&name).await {
                let _ = dropped.await;
            }
        };
        platform.spawn(marking.boxed_local());
        Self { held: held.boxed_local().shared(), mark }
    }

    /// Queues up among all who come from now on, whatever the browser has forgotten of this worker's locks.
    pub(crate) async fn wait_afresh(platform: &P) -> Self {
        match Self::queue(platform, "").await {
            Anew::Queued(turn) => turn,
            Anew::NeedNot | Anew::NoAnswer => Self::wait(platform),
        }
    }

    /// Queues up anew, if the browser has forgotten this one: whoever opens a tab now would have a turn beside us.
    pub(crate) async fn wait_anew(&self, platform: &P) -> Anew<P> {
        if let Some(Hold::Claim(claim)) = self.held.clone().now_or_never().as_deref() {
            let another = claim.is_lost().then(|| Anew::Queued(Self::wait(platform)));
            return another.unwrap_or(Anew::NeedNot);
        }
        Self::queue(platform, &self.mark.name).await
    }

    async fn queue(platform: &P, seen: &str) -> Anew<P> {
        let mark = Mark { name: new_mark(platform), _held: None };
        let mut keeper = match platform.queue(LOCK, seen, &mark.name).await {
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
    pub(crate) fn comes(&self) -> impl Future<Output = ()> + use<P> {
        self.held.clone().map(drop)
    }

    /// Whether it comes within so many milliseconds.
    pub(crate) async fn comes_within(&self, platform: &P, milliseconds: u64) -> bool {
        let patience = pin!(platform.sleep(milliseconds));
        matches!(select(self.held.clone(), patience).await, Either::Left(_))
    }
}

fn new_mark(platform: &impl Platform) -> String {
    format!("{LOCK}-{:016x}", platform.random())
}

const LOCK: &str = "metertap-engine";
/// Milliseconds before a browser that refused the lock is asked again.
const REFUSED: u64 = 1000;
