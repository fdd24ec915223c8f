//! [`Timers`]: what waits for the time, and the time.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use metertap_decoder::time::Instant;

/// A clock that goes on when it is told to, and who waits for it. Clones are views of one and the same.
#[derive(Clone, Debug, Default)]
pub(crate) struct Timers(Rc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    now: Cell<u64>,
    last: Cell<u64>,
    /// By deadline, and in the order in which they were set.
    waiting: RefCell<BTreeMap<(u64, u64), Option<Waker>>>,
}

/// A timer. Dropping it forgets it.
#[derive(Debug)]
pub(crate) struct Timer {
    timers: Timers,
    key: (u64, u64),
}

impl Timers {
    pub(crate) fn now(&self) -> Instant {
        Instant(self.0.now.get())
    }

    /// Something takes a millisecond, and nothing else is done meanwhile.
    pub(crate) fn work(&self) {
        self.0.now.set(self.0.now.get() + 1);
    }

    /// One that rings at the deadline, and never before others had their turn.
    pub(crate) fn at(&self, deadline: Instant) -> Timer {
        let number = self.0.last.get() + 1;
        self.0.last.set(number);
        let key = (deadline.0.max(self.0.now.get()), number);
        self.0.waiting.borrow_mut().insert(key, None);
        Timer { timers: self.clone(), key }
    }

    /// How many are set.
    pub(crate) fn count(&self) -> usize {
        self.0.waiting.borrow().len()
    }

    /// Goes on to the next timer until that moment, and rings it; `false` where there is none, and the moment has come.
    pub(crate) fn go_on(&self, until: Instant) -> bool {
        let next = self.0.waiting.borrow().keys().next().copied().filter(|(at, _)| *at <= until.0);
        let Some(key) = next else {
            self.0.now.set(self.0.now.get().max(until.0));
            return false;
        };
        // What was done meanwhile may have taken longer.
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
