//! [`Timers`]: the clock and the tasks that wait for it.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use metertap_decoder::time::Instant;

/// A clock that moves only on request, with its waiting tasks. Clones share it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Timers(Rc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    now: Cell<u64>,
    last: Cell<u64>,
    /// Ordered by deadline, then by the order in which the timers were set.
    waiting: RefCell<BTreeMap<(u64, u64), Option<Waker>>>,
}

/// A timer. Dropping it cancels it.
#[derive(Debug)]
pub(crate) struct Timer {
    timers: Timers,
    key: (u64, u64),
}

impl Timers {
    pub(crate) fn now(&self) -> Instant {
        Instant(self.0.now.get())
    }

    /// Advances the clock by a millisecond of work, during which nothing else runs.
    pub(crate) fn work(&self) {
        self.0.now.set(self.0.now.get() + 1);
    }

    /// A timer for that deadline. Other tasks have their turn before it completes, even if the deadline has passed.
    pub(crate) fn at(&self, deadline: Instant) -> Timer {
        let number = self.0.last.get() + 1;
        self.0.last.set(number);
        let key = (deadline.0.max(self.0.now.get()), number);
        self.0.waiting.borrow_mut().insert(key, None);
        Timer { timers: self.clone(), key }
    }

    pub(crate) fn count(&self) -> usize {
        self.0.waiting.borrow().len()
    }

    /// Advances to the next timer up to `until` and wakes its task. If there is none, advances to `until` and returns
    /// `false`.
    pub(crate) fn go_on(&self, until: Instant) -> bool {
        let next = self.0.waiting.borrow().keys().next().copied().filter(|(at, _)| *at <= until.0);
        let Some(key) = next else {
            self.0.now.set(self.0.now.get().max(until.0));
            return false;
        };
        // [`Timers::work`] may have advanced the clock beyond this timer.
        self.0.now.set(self.0.now.get().max(key.0));
        let waker = self.0.waiting.borrow_mut().remove(&key).flatten();
        if let Some(waker) = waker {
            waker.wake();
        }
        true
    }
}

impl Future for Timer {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        match self.timers.0.waiting.borrow_mut().get_mut(&self.key) {
            Some(waker) => {
                *waker = Some(context.waker().clone());
                Poll::Pending
            }
            None => Poll::Ready(()),
        }
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        self.timers.0.waiting.borrow_mut().remove(&self.key);
    }
}
