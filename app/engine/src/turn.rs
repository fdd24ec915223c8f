//! Turns to write: one of all tabs has one at a time. A [`Waiting`] is a place in the queue, a [`Hold`] what a turn lasts
//! by once it has come.

use std::pin::pin;

use futures_channel::oneshot;
use futures_util::FutureExt;
use futures_util::future::{Either, LocalBoxFuture, select};

use crate::claim::Claim;
use crate::platform::{Keeper, LockError, Platform, Queued};

/// A place in the queue. Whoever drops it leaves the queue.
pub(crate) struct Waiting<P: Platform> {
    pub(crate) witness: Witness,
    /// Comes when no other tab has the turn.
    pub(crate) comes: LocalBoxFuture<'static, Hold<P>>,
}

/// A lock of our own, by which it is seen whether the browser still knows of our locks. Held until this is dropped.
pub(crate) struct Witness {
    pub(crate) name: String,
    /// Ends whoever holds it; none where the lock keeper does.
    _held: Option<oneshot::Sender<()>>,
}

/// What a turn lasts by, until it is dropped.
pub(crate) enum Hold<P: Platform> {
    /// What the tabs of a browser without locks have agreed on.
    Claim(Claim),
    Lock {
        _held: P::Held,
    },
    Keeper {
        _keeper: P::Keeper,
    },
}

/// What became of queueing up anew.
pub(crate) enum Anew<P: Platform> {
    /// The browser still knows of our locks.
    NeedNot,
    /// A new place in the queue.
    Queued(Waiting<P>),
    /// The browser started no worker for it, or does not say what it knows.
    NoAnswer,
}

impl<P: Platform> Waiting<P> {
    /// Queues up.
    pub(crate) fn queue(platform: &P) -> Self {
        let locks = platform.clone();
        let comes = async move {
            loop {
                match locks.lock(LOCK).await {
                    Ok(held) => return Hold::Lock { _held: held },
                    Err(LockError::Unsupported) => return Hold::Claim(Claim::wait(&locks).await),
                    Err(LockError::Refused) => locks.sleep(REFUSED).await,
                }
            }
        };
        let (keep, dropped) = oneshot::channel();
        let witness = Witness { name: new_witness(platform), _held: Some(keep) };
        let (locks, name) = (platform.clone(), witness.name.clone());
        let witnessing = async move {
            // Where it is refused, it is not known what is forgotten.
            if let Ok(_held) = locks.lock(&name).await {
                let _ = dropped.await;
            }
        };
        platform.spawn(witnessing.boxed_local());
        Self { witness, comes: comes.boxed_local() }
    }

    /// Queues up among all who come from now on, whatever the browser has forgotten of this worker's locks.
    pub(crate) async fn afresh(platform: &P) -> Self {
        match Self::anew(platform, "").await {
            Anew::Queued(waiting) => waiting,
            Anew::NeedNot | Anew::NoAnswer => Self::queue(platform),
        }
    }

    /// Queues up anew, if the browser has forgotten the lock of this name: whoever opens a tab now would have a turn beside
    /// us.
    pub(crate) async fn anew(platform: &P, seen: &str) -> Anew<P> {
        let witness = Witness { name: new_witness(platform), _held: None };
        let mut keeper = match platform.queue(LOCK, seen, &witness.name).await {
            Queued::Anew(keeper) => keeper,
            Queued::Seen => return Anew::NeedNot,
            Queued::NoAnswer => return Anew::NoAnswer,
        };
        let comes = async move {
            keeper.comes().await;
            Hold::Keeper { _keeper: keeper }
        };
        Anew::Queued(Self { witness, comes: comes.boxed_local() })
    }

    /// What the turn lasts by, if it comes within so many milliseconds.
    pub(crate) async fn comes_within(&mut self, platform: &P, milliseconds: u64) -> Option<Hold<P>> {
        match select(&mut self.comes, pin!(platform.sleep(milliseconds))).await {
            Either::Left((hold, _)) => Some(hold),
            Either::Right(_) => None,
        }
    }
}

fn new_witness(platform: &impl Platform) -> String {
    format!("{LOCK}-{:016x}", platform.random())
}

const LOCK: &str = "metertap-engine";
/// Milliseconds before a browser that refused the lock is asked again.
const REFUSED: u64 = 1000;
