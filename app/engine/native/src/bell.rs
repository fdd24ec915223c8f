//! [`Bell`]: notifies many tasks that something changed. It does not say what, so each task has to check.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

#[derive(Debug, Default)]
pub(crate) struct Bell {
    rings: Cell<u64>,
    waiting: RefCell<Vec<Waker>>,
}

impl Bell {
    pub(crate) fn ring(&self) {
        self.rings.set(self.rings.get() + 1);
        self.waiting.take().into_iter().for_each(Waker::wake);
    }

    /// A future for the next ring. Call this before checking what has changed: otherwise a ring during the check is
    /// missed.
    pub(crate) fn next(&self) -> Ring<'_> {
        Ring { bell: self, heard: self.rings.get() }
    }
}

#[derive(Debug)]
pub(crate) struct Ring<'a> {
    bell: &'a Bell,
    heard: u64,
}

impl Future for Ring<'_> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if self.bell.rings.get() != self.heard {
            return Poll::Ready(());
        }
        let mut waiting = self.bell.waiting.borrow_mut();
        if !waiting.iter().any(|waker| waker.will_wake(context.waker())) {
            waiting.push(context.waker().clone());
        }
        Poll::Pending
    }
}
