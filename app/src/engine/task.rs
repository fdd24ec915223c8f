//! [`Task`]: something that goes on beside the desk until it is asked to stop.

use std::future::Future;

use futures_channel::oneshot::{Receiver, Sender, channel};
use futures_util::FutureExt;
use futures_util::future::Shared;
use wasm_bindgen_futures::spawn_local;

/// A task that was begun. Dropping it asks the task to stop and does not wait.
#[derive(Debug)]
pub(crate) struct Task {
    stop: Sender<()>,
    ended: Receiver<()>,
}

/// The task's end of it: tells whether it was asked to stop.
#[derive(Clone, Debug)]
pub(crate) struct Stop {
    asked: Shared<Receiver<()>>,
}

impl Task {
    /// Begins a task.
    pub(crate) fn begin<F: Future<Output = ()> + 'static>(task: impl FnOnce(Stop) -> F) -> Self {
        let (stop, asked) = channel();
        let (end, ended) = channel::<()>();
        let task = task(Stop { asked: asked.shared() });
        spawn_local(async move {
            task.await;
            drop(end);
        });
        Self { stop, ended }
    }

    /// Whether it still goes on.
    pub(crate) fn goes_on(&mut self) -> bool {
        matches!(self.ended.try_recv(), Ok(None))
    }

    /// Asks it to stop, and waits until it has put its things away.
    pub(crate) async fn stop(self) {
        drop(self.stop);
        // The task says nothing at its end: that the line is cut is the message.
        let _ = self.ended.await;
    }
}

impl Stop {
    /// Waits until the task is asked to stop.
    pub(crate) async fn asked(&self) {
        let _ = self.asked.clone().await;
    }

    /// Whether it was.
    pub(crate) fn is_asked(&self) -> bool {
        self.asked.clone().now_or_never().is_some()
    }
}
