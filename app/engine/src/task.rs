//! [`Task`]: something that goes on beside others until it is asked to stop.

use std::pin::pin;

use futures_channel::oneshot::{Receiver, Sender, channel};
use futures_util::FutureExt;
use futures_util::future::{Either, LocalBoxFuture, Shared, select};

/// A task that was begun. Dropping it asks the task to stop and does not wait.
#[derive(Debug)]
pub struct Task {
    stop: Sender<()>,
    ended: Receiver<()>,
}

/// The task's end of it: tells whether it was asked to stop.
#[derive(Clone, Debug)]
pub struct Stop {
    asked: Shared<Receiver<()>>,
}

impl Task {
    /// A task, and its work, which is to be spawned.
    pub fn new<F: Future<Output = ()> + 'static>(
        task: impl FnOnce(Stop) -> F,
    ) -> (Self, LocalBoxFuture<'static, ()>) {
        let (stop, asked) = channel();
        let (end, ended) = channel::<()>();
        let task = task(Stop { asked: asked.shared() });
        let work = async move {
            task.await;
            drop(end);
        };
        (Self { stop, ended }, work.boxed_local())
    }

    /// Whether it still goes on.
    pub fn goes_on(&mut self) -> bool {
        matches!(self.ended.try_recv(), Ok(None))
    }

    /// Asks it to stop, and waits until it has put its things away.
    pub async fn stop(self) {
        drop(self.stop);
        // The task says nothing at its end: that the line is cut is the message.
        let _ = self.ended.await;
    }
}

impl Stop {
    /// Waits until the task is asked to stop.
    pub async fn asked(&self) {
        let _ = self.asked.clone().await;
    }

    /// Waits for something, at most until the task is asked to stop; whether it was.
    pub async fn comes_before(&self, other: impl Future<Output = ()>) -> bool {
        matches!(select(pin!(self.asked()), pin!(other)).await, Either::Left(_))
    }

    /// Whether it was.
    pub fn is_asked(&self) -> bool {
        self.asked.clone().now_or_never().is_some()
    }
}
