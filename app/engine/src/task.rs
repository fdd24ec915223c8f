//! [`Task`]: work that runs beside other work until it is asked to stop.

use std::pin::pin;

use futures_channel::oneshot::{Receiver, Sender, channel};
use futures_util::FutureExt;
use futures_util::future::{Either, LocalBoxFuture, Shared, select};

/// A running task. Dropping it asks the task to stop, and does not wait for the end.
#[derive(Debug)]
pub struct Task {
    stop: Sender<()>,
    ended: Receiver<()>,
}

/// The request to stop, as the task sees it.
#[derive(Clone, Debug)]
pub struct Stop {
    asked: Shared<Receiver<()>>,
}

impl Task {
    /// Makes a task and its future, which the caller spawns.
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

    /// Whether the task is still running.
    pub fn goes_on(&mut self) -> bool {
        matches!(self.ended.try_recv(), Ok(None))
    }

    /// Asks the task to stop, and waits until it has cleaned up.
    pub async fn stop(self) {
        drop(self.stop);
        // The task sends nothing when it ends: the dropped sender is the message.
        let _ = self.ended.await;
    }
}

impl Stop {
    /// Waits until the task is asked to stop.
    pub async fn asked(&self) {
        let _ = self.asked.clone().await;
    }

    /// Waits for `other`, or until the task is asked to stop, whichever comes first. Returns whether the stop came
    /// first.
    pub async fn comes_before(&self, other: impl Future<Output = ()>) -> bool {
        matches!(select(pin!(self.asked()), pin!(other)).await, Either::Left(_))
    }

    /// Whether the task was asked to stop.
    pub fn is_asked(&self) -> bool {
        self.asked.clone().now_or_never().is_some()
    }
}
