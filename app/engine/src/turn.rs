//! Turns to write: one tab has a turn at a time.

use std::pin::pin;

use futures_channel::oneshot;
use futures_util::FutureExt;
use futures_util::future::{Either, LocalBoxFuture, select};

use crate::claim::Claim;
use crate::platform::{Keeper, LockError, Platform, Queued};

/// A place in the queue. Dropping it leaves the queue.
pub(crate) struct Waiting<P: Platform> {
    pub(crate) witness: Witness,
    /// Completes when the turn has come.
    pub(crate) comes: LocalBoxFuture<'static, Hold<P>>,
}

/// A lock of our own that shows whether the browser still knows of our locks.
pub(crate) struct Witness {
    pub(crate) name: String,
    /// Dropping it releases the lock. `None` if a [`Keeper`] holds the lock.
    _held: Option<oneshot::Sender<()>>,
}

/// What keeps a turn, until it is dropped.
pub(crate) enum Hold<P: Platform> {
    /// An agreement between tabs, in a browser without locks.
    Claim(Claim),
    Lock {
        _held: P::Held,
    },
    Keeper {
        _keeper: P::Keeper,
    },
}

/// The result of joining the queue again.
pub(crate) enum Anew<P: Platform> {
    /// The browser still knows of our locks, so our old place is valid.
    NeedNot,
    /// A new place in the queue.
    Queued(Waiting<P>),
    /// It is unknown whether the browser knows of our locks: it did not start the worker that asks, or gave no answer.
    NoAnswer,
}

impl<P: Platform> Waiting<P> {
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
            // If this lock is refused, we cannot tell what the browser has forgotten.
            if let Ok(_held) = locks.lock(&name).await {
                let _ = dropped.await;
            }
        };
        platform.spawn(witnessing.boxed_local());
        Self { witness, comes: comes.boxed_local() }
    }

    /// Joins the queue that newly opened tabs join too, even if the browser has forgotten this worker's locks.
    pub(crate) async fn afresh(platform: &P) -> Self {
        match Self::anew(platform, "").await {
            Anew::Queued(waiting) => waiting,
            Anew::NeedNot | Anew::NoAnswer => Self::queue(platform),
        }
    }

    /// Joins the queue again if the browser has forgotten the lock named `seen`. Without this, a newly opened tab would
    /// get a turn beside ours.
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

    /// Waits for the turn, for at most this many milliseconds. Returns the hold on the turn, if it has come.
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
/// Milliseconds before a refused lock is requested again.
const REFUSED: u64 = 1000;
