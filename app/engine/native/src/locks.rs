//! [`Locks`]: named locks. One task at a time holds a lock, in the order of the requests.

use std::cell::{Cell, RefCell};
use std::collections::{HashMap, VecDeque};
use std::rc::Rc;

use futures_channel::oneshot::{Sender, channel};
use metertap_engine::platform::{Keeper, LockError, Queued};

/// The locks of a browser. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct Locks(Rc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    unsupported: Cell<bool>,
    refusals: Cell<u32>,
    locks: RefCell<HashMap<String, Lock>>,
}

#[derive(Debug, Default)]
struct Lock {
    is_held: bool,
    waiting: VecDeque<Sender<Held>>,
}

/// A lock that is held until this is dropped.
#[derive(Debug)]
pub struct Held {
    locks: Locks,
    name: String,
}

/// A place in the queue for a lock.
#[derive(Debug)]
pub struct Turn {
    locks: Locks,
    lock: String,
    held: Option<Held>,
    _mark: Held,
}

impl Locks {
    /// Sets whether there are locks. Over plain HTTP there are none.
    pub fn support(&self, supported: bool) {
        self.0.unsupported.set(!supported);
    }

    /// Refuses the next `next` requests.
    pub fn refuse(&self, next: u32) {
        self.0.refusals.set(next);
    }

    /// Whether a task holds the lock.
    #[must_use]
    pub fn is_held(&self, name: &str) -> bool {
        self.0.locks.borrow().get(name).is_some_and(|lock| lock.is_held)
    }

    pub(crate) async fn hold(&self, name: &str) -> Result<Held, LockError> {
        if self.0.unsupported.get() {
            return Err(LockError::Unsupported);
        }
        if let Some(left) = self.0.refusals.get().checked_sub(1) {
            self.0.refusals.set(left);
            return Err(LockError::Refused);
        }
        let (ours, held) = channel();
        self.0.locks.borrow_mut().entry(name.to_owned()).or_default().waiting.push_back(ours);
        self.pass_on(name);
        held.await.map_err(|_| LockError::Refused)
    }

    /// See [`metertap_engine::platform::Platform::queue`].
    pub(crate) async fn queue(&self, lock: &str, seen: &str, mark: &str) -> Queued<Turn> {
        if self.0.unsupported.get() {
            return Queued::NoAnswer;
        }
        if self.is_held(seen) {
            return Queued::Seen;
        }
        match self.hold(mark).await {
            Ok(mark) => {
                let (locks, lock) = (self.clone(), lock.to_owned());
                Queued::Anew(Turn { locks, lock, held: None, _mark: mark })
            }
            Err(_) => Queued::NoAnswer,
        }
    }

    /// Gives a free lock to the first waiting task. If that task no longer waits, its [`Held`] is dropped, which passes
    /// the lock on to the next task.
    fn pass_on(&self, name: &str) {
        let next = {
            let mut locks = self.0.locks.borrow_mut();
            let Some(lock) = locks.get_mut(name).filter(|lock| !lock.is_held) else { return };
            let Some(next) = lock.waiting.pop_front() else { return };
            lock.is_held = true;
            next
        };
        drop(next.send(Held { locks: self.clone(), name: name.to_owned() }));
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if let Some(lock) = self.locks.0.locks.borrow_mut().get_mut(&self.name) {
            lock.is_held = false;
        }
        self.locks.pass_on(&self.name);
    }
}

impl Keeper for Turn {
    async fn comes(&mut self) {
        if self.held.is_none() {
            self.held = self.locks.hold(&self.lock).await.ok();
        }
    }
}
